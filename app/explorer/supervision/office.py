"""Who works on these pages and with what, and the lists that several parts of them read."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from app.explorer import data, roles, session
from app.explorer.canvas import services
from app.explorer.cases import held
from app.explorer.ring.common import chance
from app.explorer.words import money, name_of
from casework.cases import Case
from casework.leads import Lead
from casework.ledger import Ledger
from casework.plans import Plan, list_plans
from casework.plans_places import Place, places_of, ring_hours
from casework.registers_rules import Rules, read_rules
from casework.rights import Officer
from ingest.texts import Language
from ingest.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """An officer at work: ledger, workspace and language of the visit."""

    ledger: Ledger
    officer: Officer
    root: str
    lang: Language

    def may(self, service: str) -> bool:
        """Whether the officer's role may use a service at all."""
        return roles.serves(service, self.officer.role)

    def leads(self) -> list[Lead]:
        """Return the leads that the officer may see; none before anything was detected."""
        run = session.found()
        return session.rings(run)[1] if isinstance(run, data.Source) else []

    def plans(self) -> list[Plan]:
        """Return the plans of the officer's unit; none if the role has no right to them."""
        return list_plans(self.ledger, self.officer) if self.may("plans.list_plans") else []

    def cases(self) -> list[Case]:
        """Return the cases that the officer may see, asked for once a minute."""
        may = self.may("cases.list_cases")
        return held.cases(self.root, self.officer) if may else []

    def rules(self) -> Rules:
        """Return the rules that proposals follow in this workspace."""
        return read_rules(self.ledger.workspace)

    def places(self) -> list[Place]:
        """Return the places of the import."""
        root, import_id = session.current_import()
        return _places(root, import_id)


def at_work(lang: Language) -> Office | None:
    """Return who is signed in and what they work with; say so where nobody has an account."""
    officer = session.signed_in("supervision.no_accounts", lang)
    if officer is None:
        return None
    root, _ = session.current_import()
    return Office(ledger=services.ledger(root), officer=officer, root=root, lang=lang)


def said_of(lead: Lead, lang: Language) -> str:
    """Return a lead in a few words: kind, probability, money, number."""
    facts = lead.facts
    kind = name_of("kind", facts["kind"], lang)
    loss = money(float(facts["loss_mid"]), lang)
    return f"{kind} · {chance(float(facts['probability']))} · {loss} · {lead.ring_id}"


def hours_of(office: Office, lead: Lead) -> dict[str, dict[int, int]]:
    """Return how many settlements of a lead's ring fell into each hour, by place."""
    return _hours(office.root, session.current_import()[1], lead.run, lead.ring_id)


@st.cache_data(show_spinner=False)
def _places(root: str, import_id: str) -> list[Place]:  # noqa: ARG001 - part of the key
    return places_of(Workspace(Path(root)))


@st.cache_data(show_spinner=False, max_entries=500)
def _hours(
    root: str,
    import_id: str,  # noqa: ARG001 - part of the key
    run: str,
    ring_id: str,
) -> dict[str, dict[int, int]]:
    return ring_hours(Workspace(Path(root)), run, ring_id)
