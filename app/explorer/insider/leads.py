"""The queue of insider leads: largest money × probability × waiting time first."""

import pandas as pd
import streamlit as st

from app.explorer import data, session
from app.explorer.cases import said
from app.explorer.insider.links import to_case
from app.explorer.lists.columns import unsure
from app.explorer.ring.common import chance
from app.explorer.supervision import common
from app.explorer.supervision.office import Office, said_of
from app.explorer.words import counted, money, name_of, plain
from casework.lead_history import LeadChange
from casework.leads import Lead, read_lead
from ingest.errors import RingfenceError
from ingest.texts import Language, say

OPENED = "insider_opened"


def shown(office: Office) -> None:
    """Draw the queue and the lead that is chosen."""
    lang, now = office.lang, office.ledger.clock()
    found = office.leads()
    waits = {one.lead_id: said.waits(one.changed_at, now) for one in found}
    found.sort(key=lambda one: (one.state == "judged", -said.weight(one, waits[one.lead_id])))
    if not found:
        st.write(say("insider.leads.none", lang))
        return
    st.caption(say("insider.leads.order", lang, count=len(found)))
    table = pd.DataFrame([_row(one, waits[one.lead_id], lang) for one in found])
    table["probability"] = unsure(table["probability"])
    config = {
        "probability": st.column_config.ProgressColumn(
            say("supervision.column.probability", lang),
            format="percent", min_value=0, max_value=1,
        ),
        "loss": st.column_config.NumberColumn(
            say("supervision.column.loss", lang), format="¥%,.0f"
        ),
    }  # fmt: skip
    by_id = {one.lead_id: one for one in found}
    chosen = common.choose(
        "insider_leads", table, by_id, lambda one: said_of(one, lang), lang, config=config
    )
    _lead(office, chosen)


def _row(lead: Lead, waits: int, lang: Language) -> dict[str, object]:
    return {
        "kind": name_of("kind", lead.facts["kind"], lang),
        "probability": float(lead.facts["probability"]),
        "loss": float(lead.facts["loss_mid"]),
        "waiting": waits,
        "state": name_of("lead_state", lead.state, lang),
        "outcome": name_of("lead_outcome", lead.outcome, lang) if lead.outcome else None,
        "officers": ", ".join(lead.officers) or None,
        "last_seen": lead.facts["last_seen"][:10],
        "in_case": lead.case_id,
        "ring_id": lead.ring_id,
    }


def _lead(office: Office, lead: Lead) -> None:
    """Draw one lead as the service gives it; opening it is a row of the audit log."""
    lang = office.lang
    opened = _opened(office, lead)
    if opened is None:
        return
    now, changes = opened
    facts = now.facts
    with st.container(border=True):
        kind = name_of("kind", facts["kind"], lang)
        st.markdown(f"##### {plain(say('explorer.ring.title', lang, kind=kind))}")
        st.markdown(
            plain(
                say(
                    "insider.leads.facts", lang,
                    people=counted("people", facts["people"], lang),
                    settlements=counted("settlements", facts["settlements"], lang),
                    first=facts["first_seen"][:10], last=facts["last_seen"][:10],
                    loss=money(float(facts["loss_mid"]), lang),
                    low=money(float(facts["loss_low"]), lang),
                    high=money(float(facts["loss_high"]), lang),
                    probability=chance(float(facts["probability"])),
                )
            )
        )  # fmt: skip
        number = say("insider.leads.number", lang, ring=now.ring_id, lead=now.lead_id)
        st.caption(plain(number))
        _ways(office, now)
        roles = [
            {"entity": name_of("explorer.entity", entity, lang), "member": key,
             "role": name_of("role", role, lang)}
            for entity, key, role in facts["members"]
            if entity != "person"
        ]  # fmt: skip
        if roles:
            st.markdown(f"**{say('insider.leads.members', lang)}**")
            common.listed(pd.DataFrame(roles), say("insider.leads.members", lang), lang)
        _history(changes, lang)


def _opened(office: Office, lead: Lead) -> tuple[Lead, list[LeadChange]] | None:
    """Return the lead and its history, read once for each of its revisions that is looked at."""
    held = st.session_state.get(OPENED)
    if held is None or held[0] != (lead.lead_id, lead.revision, office.officer):
        try:
            read = read_lead(office.ledger, office.officer, lead.lead_id)
        except RingfenceError as refusal:
            session.forget_leads()
            st.error(plain(refusal.told(office.lang)))
            return None
        held = ((lead.lead_id, lead.revision, office.officer), read)
        st.session_state[OPENED] = held
    opened: tuple[Lead, list[LeadChange]] = held[1]
    return opened


def _ways(office: Office, lead: Lead) -> None:
    """Draw the ways on: the ring, the canvas, the case."""
    lang, run = office.lang, session.found()
    ring, canvas, case = st.columns(3)
    if isinstance(run, data.Source) and lead.run == run.run and lead.present:
        ring.page_link(
            "screens/ring.py",
            label=say("insider.leads.ring", lang),
            icon=":material/arrow_forward:",
            query_params={"lang": lang, "ring": lead.ring_id},
        )
        canvas.page_link(
            "screens/explore.py",
            label=say("canvas.page.open", lang),
            icon=":material/hub:",
            query_params={"lang": lang, "ring": lead.ring_id},
        )
    else:
        ring.caption(say("insider.leads.gone", lang))
    with case:
        to_case(lead.case_id, lang, lead_id=lead.lead_id)


def _history(changes: list[LeadChange], lang: Language) -> None:
    st.markdown(f"**{say('insider.leads.history', lang)}**")
    for one in changes:
        told = {
            "day": common.day(one.at),
            "change": name_of("lead_change", one.change, lang),
            "run": one.run,
        }
        st.caption(plain(say("insider.leads.change", lang, **told)))
