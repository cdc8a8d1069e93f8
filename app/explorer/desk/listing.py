"""The tips an officer has to do with: what is due first; a click opens one."""

from collections import Counter
from typing import Any

import streamlit as st

from app.explorer import roles
from app.explorer.desk import extract, reading
from app.explorer.keeping import common
from app.explorer.words import name_of
from casework.ledger import Ledger
from casework.rights import Officer
from casework.tips_holding import Tip
from ingest.texts import Language, say

FIGURES = ("overdue", "due_soon", "registered", "accepted")
CHOICES = ("open", "all")


def shown(ledger: Ledger, officer: Officer, lang: Language) -> None:
    """Draw the tips of the extract that wait, the figures of the tips, and the list."""
    extract.offered(ledger, officer, lang)
    found = common.attempt(lambda: reading.tips(officer), lang)
    if found is None:
        return
    if not found:
        desk = roles.serves("tips.register_tip", officer.role)
        st.info(say("desk.none_desk" if desk else "desk.none", lang))
        return
    _figures(found, lang)
    choice = st.segmented_control(
        say("desk.show", lang),
        CHOICES,
        format_func=lambda name: say(f"desk.show_{name}", lang),
        default="open",
        key="tips_show",
        required=True,
    )
    shown_ = [one for one in found if choice == "all" or one.state != "answered"]
    if not shown_:
        st.info(say("desk.all_answered", lang))
        return
    ordered = sorted(shown_, key=_urgency)
    reading.choose(
        "tips",
        [_row(one, lang) for one in ordered],
        {one.tip_id: one.tip_id for one in ordered},
        lang,
        alt=say("desk.tab.list", lang),
        most=14,
    )
    st.caption(say("desk.tick", lang))


def _figures(found: list[Tip], lang: Language) -> None:
    pressing = [reading.pressing(one) for one in found]
    counts: Counter[str] = Counter(one.status for one in pressing if one is not None)
    counts.update(one.state for one in found)
    for place, name in zip(st.columns(len(FIGURES)), FIGURES, strict=True):
        place.metric(say(f"desk.figure.{name}", lang), f"{counts[name]:,}")


def _urgency(one: Tip) -> tuple[int, str, str, str]:
    """Overdue first, then what cannot be worked out, then by day; what waits for nothing last."""
    step = reading.pressing(one)
    if step is None:
        return len(reading.LATE), "", one.received, one.tip_id
    return reading.LATE.index(step.status), str(step.due), one.received, one.tip_id


def _row(one: Tip, lang: Language) -> dict[str, Any]:
    step = reading.pressing(one)
    limit = name_of("tip_limit", step.limit.name, lang) if step else None
    marks = [say("desk.insider", lang)] if one.insider else []
    marks += [say("desk.real_name", lang)] if one.real_name else []
    return {
        "tip": one.tip_id,
        "state": name_of("tip_state", one.state, lang),
        "step": limit,
        "due": f"{step.due}" if step and step.due else None,
        "left": reading.left(step, lang) if step else None,
        "received": one.received,
        "channel": name_of("tip_channel", one.channel, lang),
        "unit": one.unit,
        "marks": " · ".join(marks) or None,
        "summary": one.summary,
    }
