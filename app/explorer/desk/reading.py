"""What the pages of tips read, asked of the services once a minute: each asking is an audit row."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from app.explorer.keeping import common
from app.explorer.words import name_of
from casework.rights import Officer
from casework.tips import Tied, leads_of_tip, list_tips, read_tip
from casework.tips_extract import count_waiting
from casework.tips_holding import Tip
from casework.tips_rewards import Reward, list_rewards
from casework.tips_rules import TipDeadline
from ingest.texts import Language, say

TIP = "tip"
"""The word of the address that names a tip; its key says nothing of anybody."""

LATE = ("overdue", "no_calendar", "due_soon", "running")
"""How deadlines stand that have not ended, what presses most first."""


def open_tip(tip_id: str | None) -> None:
    """Go to a tip from the next drawing on, or back to the list."""
    if tip_id is None:
        st.query_params.pop(TIP, None)
    else:
        st.query_params[TIP] = tip_id


def choose(
    name: str,
    rows: Sequence[Mapping[str, Any]],
    tips_of: Mapping[str, str],
    lang: Language,
    *,
    alt: str,
    most: int = 12,
) -> None:
    """Draw a table of which a row opens a tip: ``tips_of`` has its number by the key of the row."""
    chosen = common.picked(name, rows, list(tips_of), lang, alt=alt, most=most)
    if chosen is not None:
        del st.session_state[f"{name}_chosen"]
        open_tip(tips_of[chosen])
        st.rerun()


def forget() -> None:
    """Ask anew at the next look, since something changed."""
    for held in (tips, tip, tied, rewards, waiting):
        held.clear()


@st.cache_data(show_spinner=False, ttl=60)
def tips(officer: Officer) -> list[Tip]:
    """Return the tips of an officer: what is due first."""
    return list_tips(common.ledger(), officer)


@st.cache_data(show_spinner=False, ttl=60)
def tip(officer: Officer, tip_id: str) -> Tip:
    """Return one tip."""
    return read_tip(common.ledger(), officer, tip_id)


@st.cache_data(show_spinner=False, ttl=60)
def tied(officer: Officer, tip_id: str) -> list[Tied]:
    """Return the leads of an officer with an entity of the tip."""
    return leads_of_tip(common.ledger(), officer, tip_id)


@st.cache_data(show_spinner=False, ttl=60)
def waiting(officer: Officer) -> int:
    """Return how many tips of the extract were not taken in yet."""
    return count_waiting(common.ledger(), officer)


@st.cache_data(show_spinner=False, ttl=60)
def rewards(officer: Officer) -> list[Reward]:
    """Return the rewards of an officer's tips: open ones first."""
    return list_rewards(common.ledger(), officer)


def pressing(one: Tip) -> TipDeadline | None:
    """Return the deadline of a tip that presses most, None if none runs."""
    running = [step for step in one.deadlines if step.status in LATE]
    return min(
        running, key=lambda step: (LATE.index(step.status), str(step.due or "9")), default=None
    )


def left(step: TipDeadline, lang: Language) -> str:
    """Say how many days are left, or how many it is late, in the limit's own unit."""
    if step.left is None:
        return name_of("deadline_status", step.status, lang)
    days = say(f"limit_unit.{step.limit.unit}", lang, days=abs(step.left))
    return say("desk.late" if step.status == "overdue" else "desk.left", lang, days=days)


def unverified(steps: Sequence[TipDeadline]) -> list[str]:
    """Return the sources of the limits that nobody has compared with their rule yet."""
    return list(dict.fromkeys(one.limit.source for one in steps if not one.limit.verified))
