"""The cases of an officer: overdue first, then by their next last day."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from app.explorer import pieces
from app.explorer.canvas import services
from app.explorer.cases import acts, held, said
from casework.cases import Case, mark_passed
from casework.deadlines import Deadline
from casework.limits import local_day
from casework.rights import Officer
from casework.workflow import DONE
from ingest.texts import Language, say

MINE, OPEN, OVER = "mine", "open", "done"
SHOWN = ("title", "case_state", "next", "due", "left", "officers", "marks", "draft", "case")


def shown(root: str, officer: Officer, lang: Language) -> None:
    """Draw the cases that are chosen; choosing a cell opens the case."""
    every = held.cases(root, officer)
    if not every:
        st.subheader(say("cases.listing.none", lang), anchor=False)
        st.write(say("cases.listing.none_text", lang))
        return
    due, today = held.deadlines(root, officer), local_day(services.ledger(root).clock())
    which = _which(every, due, today, officer, lang)
    found = sorted(which, key=lambda one: _order(one, due, today))
    if not found:
        st.info(say("cases.queue.empty", lang))
        return
    st.caption(say("cases.listing.hint", lang, shown=len(found), total=len(every)))
    waiting = {one.subject for one in held.drafts(root, officer)}
    table = pd.DataFrame([_row(one, due, today, waiting, lang) for one in found])
    empty = {name for name in ("marks", "draft") if table[name].isna().all()}
    opened, _ = pieces.opening(
        "listing",
        table,
        config=_config(lang),
        alt=say("cases.part.cases", lang),
        order=[name for name in SHOWN if name not in empty],
        most=560,
    )
    if opened is not None:
        acts.go(lang, case=found[opened].case_id)


def _which(
    every: Sequence[Case],
    due: Mapping[str, tuple[Deadline, ...]],
    today: date,
    officer: Officer,
    lang: Language,
) -> list[Case]:
    """Draw the choice of own, open or finished cases, and return those."""
    parts = {
        MINE: [one for one in every if officer.name in one.officers and one.state not in DONE],
        OPEN: [one for one in every if one.state not in DONE],
        OVER: [one for one in every if one.state in DONE],
    }
    choice, late = st.columns([3, 1], vertical_alignment="bottom")
    wanted = choice.segmented_control(
        say("cases.listing.which", lang),
        list(parts),
        format_func=lambda one: f"{say(f'cases.listing.{one}', lang)} {len(parts[one]):,}",
        default=OPEN if not parts[MINE] else MINE,
        required=True,
        key="listing_which",
        persist_state="session",
    )
    only_late = late.toggle(
        say("cases.listing.late", lang), key="listing_late", persist_state="session"
    )
    found = parts[wanted or OPEN]
    return [one for one in found if not only_late or _late(one, due, today)]


def _late(one: Case, due: Mapping[str, tuple[Deadline, ...]], today: date) -> bool:
    over = any(limit.status == "overdue" for limit in due.get(one.case_id, ()))
    return over or mark_passed(one, today)


def _order(one: Case, due: Mapping[str, tuple[Deadline, ...]], today: date) -> tuple[Any, ...]:
    """Put what is overdue first, then what cannot be worked out, then by last day.

    A day of supervision that has passed is overdue as a deadline is.
    """
    nearest = said.urgent(due.get(one.case_id, ()))
    if one.supervised_until and mark_passed(one, today):
        last = date.fromisoformat(one.supervised_until)
        if nearest is None or nearest.status != "overdue" or (nearest.due or last) > last:
            return (said.RUNNING.index("overdue"), last, one.made_at, one.case_id)
    if nearest is None:
        return (len(said.RUNNING), date.max, one.made_at, one.case_id)
    rank = said.RUNNING.index(nearest.status)
    return (rank, nearest.due or date.max, one.made_at, one.case_id)


def _row(
    one: Case,
    due: Mapping[str, tuple[Deadline, ...]],
    today: date,
    waiting: set[str],
    lang: Language,
) -> dict[str, Any]:
    nearest = said.urgent(due.get(one.case_id, ()))
    marks = [say("cases.mark.insider", lang)] if one.insider else []
    marks += [say("cases.mark.grave", lang)] if one.grave else []
    marks += [said.supervised(one, today, lang)] if one.supervised_until else []
    return {
        "title": one.title,
        "case_state": say(f"case_state.{one.state}", lang),
        "next": say(f"limit.{nearest.limit.name}", lang) if nearest else None,
        "due": nearest.due if nearest else None,
        "left": said.left(nearest, lang) if nearest else None,
        "officers": ", ".join(one.officers) or None,
        "marks": ", ".join(marks) or None,
        "draft": say("cases.listing.draft", lang) if one.case_id in waiting else None,
        "case": one.case_id,
    }


def _config(lang: Language) -> dict[str, Any]:
    text = st.column_config.TextColumn
    return {
        **{
            name: text(say(f"cases.column.{name}", lang))
            for name in (
                "title", "case_state", "next", "left", "officers", "marks", "draft", "case",
            )
        },
        "due": st.column_config.DateColumn(
            say("cases.column.due", lang), format="YYYY-MM-DD"
        ),
    }  # fmt: skip
