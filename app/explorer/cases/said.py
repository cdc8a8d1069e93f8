"""How the cases page says things: times, deadlines, changes of a run, members."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import streamlit as st

from app.explorer.ring.common import SUREST
from app.explorer.words import local, money, name_of, share
from casework import ring_facts
from casework.canonical import unstamp
from casework.cases import Case, mark_passed
from casework.deadlines import Deadline
from casework.lead_history import LeadChange
from casework.leads import Lead
from casework.limits import local_day
from ingest.texts import Language, say
from ingest.workspace import Workspace

RUNNING = ("overdue", "no_calendar", "due_soon", "running", "paused")
"""States of a deadline that still counts, the most urgent first."""
CHANGES = (
    "kind", "probability", "loss_low", "loss_mid", "loss_high", "first_seen", "last_seen",
    "people", "places", "settlements",
)  # fmt: skip
"""Facts of a ring whose change is told; its title is said by its kind."""

MONTH = 30
"""Days of waiting that double the weight of a lead in a queue."""
MONEY = ("loss_low", "loss_mid", "loss_high")


def at(stamp: str) -> str:
    """Return a time of the ledger by the clock of this machine, to the minute."""
    return f"{local(stamp):%Y-%m-%d %H:%M}"


def day(stamp: str) -> str:
    """Return the day of a time of the ledger in China, as the services count days."""
    return local_day(unstamp(stamp)).isoformat()


def waits(changed_at: str, now: datetime) -> int:
    """Return for how many whole days nobody has changed something."""
    return max(0, (now - unstamp(changed_at)).days)


def weight(lead: Lead, waits: int) -> float:
    """Return probability × mid loss × waiting, in yuan; a month of waiting counts double."""
    worth = float(lead.facts["probability"]) * float(lead.facts["loss_mid"])
    return worth * (1 + waits / MONTH)


def urgent(deadlines: Sequence[Deadline]) -> Deadline | None:
    """Return the most urgent deadline that still counts; None if none does."""
    open_ = [one for one in deadlines if one.status in RUNNING]
    return min(open_, key=lambda one: (RUNNING.index(one.status), str(one.due)), default=None)


def supervised(one: Case, today: date, lang: Language) -> str:
    """Say until when a case is supervised from above, and whether that day has passed."""
    word = "supervised_over" if mark_passed(one, today) else "supervised"
    return say(f"cases.mark.{word}", lang, day=one.supervised_until)


def deadline(one: Deadline, lang: Language) -> str:
    """Say in a line which limit it is, its last day, and how many days are left or over."""
    named, told = say(f"limit.{one.limit.name}", lang), left(one, lang)
    if one.due is None:
        return say("cases.deadline.bare", lang, limit=named, left=told)
    return say("cases.deadline.line", lang, limit=named, due=one.due, left=told)


def left(one: Deadline, lang: Language) -> str:
    """Say how many days of its own unit a deadline has left or is over, or else how it stands."""
    if one.due is None or one.left is None or one.ended is not None:
        return say(f"deadline_status.{one.status}", lang)
    days = say(f"limit_unit.{one.limit.unit}", lang, days=f"{abs(one.left):,}")
    return say(f"cases.deadline.{'over' if one.left < 0 else 'left'}", lang, days=days)


def change(one: LeadChange, lang: Language) -> str:
    """Say what a run changed of a lead: values before and after, how many joined or left."""
    parts = []
    for word in one.now:
        if word == "members":
            left, joined = len(one.was["members"]), len(one.now["members"])
            parts.append(say("cases.change.members", lang, joined=joined, left=left))
        elif word in CHANGES:
            was, now = _value(word, one.was[word], lang), _value(word, one.now[word], lang)
            named = say(f"explorer.column.{word}", lang)
            parts.append(say("cases.change.value", lang, name=named, was=was, now=now))
    return say("cases.change.joiner", lang).join(parts) or "–"


def facts(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a lead with the types that a run's tables have."""
    told = dict(kept)
    told |= {word: float(Decimal(told[word])) for word in MONEY}
    for word in ("first_seen", "last_seen"):
        told[word] = datetime.fromisoformat(told[word])
    return told


@st.cache_data(show_spinner=False)
def pseudonyms(root: str, import_id: str, people: tuple[str, ...]) -> dict[str, str]:  # noqa: ARG001 - import_id: part of the key
    """Return the pseudonym of each person by the key of the import; those not on file have none."""
    return ring_facts.pseudonyms(Workspace(Path(root)), people)


def _value(word: str, value: Any, lang: Language) -> str:
    """Say a fact of a ring as the list of rings does."""
    if word in MONEY:
        return money(value, lang)
    if word == "probability":
        return share(min(float(value), SUREST))
    if word in ("first_seen", "last_seen"):
        return str(value)[:10]
    return name_of("kind", value, lang) if word == "kind" else f"{value:,}"
