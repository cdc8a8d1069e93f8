"""What is asked before something is done: which neighbours to bring, what to note."""

from datetime import date, datetime, time
from typing import Any

import streamlit as st

from app.explorer.canvas import services
from app.explorer.canvas.neighbours import (
    MANY,
    MOST,
    STRONGEST,
    Around,
    Choice,
    Direction,
    Order,
    around,
)
from app.explorer.canvas.picture import short_names
from app.explorer.canvas.state import NOTE_LENGTH
from app.explorer.canvas.ties import by_id, touching
from app.explorer.canvas.visit import Visit
from ingest.errors import RingfenceError
from ingest.texts import Language, say

DIRECTIONS: tuple[Direction, ...] = ("both", "out", "in")
ORDERS: tuple[Order, ...] = ("times", "fund", "latest")
START = datetime(1970, 1, 1)


def asked(visit: Visit, lang: Language) -> None:
    """Open the dialog that an event asked for, once."""
    if visit.ask_for is None:
        return
    what, one = visit.ask_for
    visit.ask_for = None
    node = named(one, lang)
    if what == "expand":
        st.dialog(say("canvas.expand.title", lang, node=node), width="medium")(_expand)(
            visit, one, lang
        )
    elif what == "note":
        st.dialog(f"{say('canvas.details.note', lang)} · {node}")(_note)(visit, one, lang)


def named(one: str, lang: Language) -> str:
    """Return a node by type and short name."""
    return f"{say('canvas.type.' + one.partition(':')[0], lang)} {short_names([one], lang)[one]}"


def watermark(visit: Visit, lang: Language) -> dict[str, Any]:
    """Return what the browser writes on a picture, and the number of the export."""
    user = services.actor().name
    view = visit.view.view_id if visit.view else ""
    at = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M")
    title = visit.view.title if visit.view else ""
    return {
        "token": visit.png,
        "name": say("canvas.png.name", lang, view=view),
        "watermark": [
            say("canvas.png.mark", lang, user=user),
            say("canvas.png.foot", lang, title=title, view=view, user=user, at=at),
        ],
    }


def note_form(visit: Visit, one: str, lang: Language, *, key: str) -> bool:
    """Draw the note of a node; returns whether it was just saved."""
    held = visit.state.scene.notes.get(one, "")
    with st.form(f"{key}_{one}_{len(visit.state.past)}", border=False):
        text = st.text_area(
            say("canvas.details.note", lang),
            held,
            max_chars=NOTE_LENGTH,
            height=90,
            help=say("canvas.details.note_help", lang),
            key=f"{key}_text_{one}_{len(visit.state.past)}",
        )
        if st.form_submit_button(say("canvas.details.note_save", lang)):
            visit.note(one, text)
            return True
    return False


def _note(visit: Visit, one: str, lang: Language) -> None:
    if note_form(visit, one, lang, key="canvas_note_dialog"):
        st.rerun()


def _expand(visit: Visit, one: str, lang: Language) -> None:
    label = one.partition(":")[0]
    ties = tuple(tie.id for tie, _ in touching(label))
    try:
        found: Around = around(visit.ask, one, Choice(ties=ties, limit=1))
        total = around(visit.ask, one, Choice(limit=1)).total
    except RingfenceError as error:
        st.error(say("canvas.page.failed_text", lang, reason=error.told(lang)))
        return
    default = [tie.id for tie, _ in touching(label) if tie.default(label)]
    if total > MANY:
        st.write(say("canvas.expand.hub", lang, total=f"{total:,}"))
    kinds = st.multiselect(
        say("canvas.expand.kinds", lang),
        list(found.counts),
        default=[one_ for one_ in found.counts if one_ in default],
        format_func=lambda id_: _kind(id_, label, found.counts[id_], lang),
        key=f"expand_kinds_{one}",
    )
    left, right = st.columns(2)
    direction = left.segmented_control(
        say("canvas.expand.direction", lang),
        DIRECTIONS,
        default="both",
        required=True,
        format_func=lambda each: say(f"canvas.expand.{each}", lang),
        key=f"expand_direction_{one}",
    )
    order = right.segmented_control(
        say("canvas.expand.order", lang),
        ORDERS,
        default="times",
        required=True,
        format_func=lambda each: say(f"canvas.expand.{each}", lang),
        key=f"expand_order_{one}",
    )
    since = left.date_input(
        say("canvas.expand.since", lang), value=None, format="YYYY-MM-DD", key=f"expand_since_{one}"
    )
    until = right.date_input(
        say("canvas.expand.until", lang), value=None, format="YYYY-MM-DD", key=f"expand_until_{one}"
    )
    st.caption(say("canvas.expand.window", lang))
    limit = st.slider(
        say("canvas.expand.limit", lang), 5, MOST, STRONGEST, step=5, key=f"expand_limit_{one}"
    )
    if st.button(say("canvas.expand.run", lang), type="primary", disabled=not kinds):
        choice = Choice(
            ties=tuple(kinds),
            direction=direction,
            since=_seconds(since, time.min),
            until=_seconds(until, time(23, 59, 59)),
            order=order,
            limit=limit,
        )
        visit.expand(one, choice)
        st.rerun()


def _kind(id_: str, label: str, count: int, lang: Language) -> str:
    tie = by_id(id_)
    return say(
        "canvas.expand.kind",
        lang,
        tie=say(f"canvas.tie.{tie.name}", lang),
        type=say(f"canvas.type.{tie.other(label)}", lang),
        count=f"{count:,}",
    )


def _seconds(day: date | None, at: time) -> int | None:
    """Return a local time as the graph keeps it: seconds since 1970-01-01 local."""
    return None if day is None else int((datetime.combine(day, at) - START).total_seconds())
