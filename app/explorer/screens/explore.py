"""The network explorer: the canvas, what is selected on it, and a table that says the same."""

import os
from typing import cast

import streamlit as st

from app.explorer import data, session
from app.explorer.canvas import dialogs, panel, services
from app.explorer.canvas.asking import Asked
from app.explorer.canvas.picture import settings
from app.explorer.canvas.records import parties
from app.explorer.canvas.search import FOUND, SHORTEST, find
from app.explorer.canvas.state import HARD_LIMIT, SOFT_LIMIT, Group, Grouped, Selected
from app.explorer.canvas.visit import Visit
from app.explorer.words import plain
from casework.views import StaleView
from ingest.errors import RingfenceError
from ingest.texts import Language, say
from ringfence_canvas import canvas

CANVAS = "canvas"
HEIGHT = "clamp(430px, calc(100vh - 292px), 1000px)"
GROUPS: tuple[Group, ...] = ("none", "ring", "place")
# Under this environment variable a browser test may look into the picture.
TEST = "RINGFENCE_CANVAS_TEST"


def show() -> None:
    """Draw the explorer for the ring, case or view that the address names."""
    lang = session.language()
    run = session.source()
    if run is None:
        return
    try:
        with st.spinner(say("canvas.page.loading", lang)):
            visit = _visit(run, lang)
    except RingfenceError as error:
        _failed(error, lang)
        return
    if visit is not None:
        _explorer(run, visit, lang)


@st.fragment
def _explorer(run: data.Source, visit: Visit, lang: Language) -> None:
    """Draw everything that an event of the canvas can change."""
    try:
        visit.learn()
    except RingfenceError as error:
        _failed(error, lang)
        return
    _keep(run, visit, lang)
    _head(run, visit, lang)
    visit.draw(lang)
    left, right = st.columns([3.1, 1], gap="small")
    with left:
        if visit.state.scene.nodes:
            _canvas(run, visit, lang)
        else:
            st.subheader(say("canvas.page.empty", lang), anchor=False)
            st.write(say("canvas.page.empty_text", lang))
        panel.hints(visit, lang, soft=SOFT_LIMIT, hard=HARD_LIMIT)
    with right:
        panel.details(visit, lang)
    panel.settlements(run, visit, lang)
    panel.table(visit, lang)
    dialogs.asked(visit, lang)


def _canvas(run: data.Source, visit: Visit, lang: Language) -> None:
    drawn = visit.drawn
    if drawn is None:
        return
    more: dict[str, object] = {"fit": visit.fit, "dialog": bool(visit.ask_for)}
    if visit.png:
        more["png"] = dialogs.watermark(visit, lang)
    if os.environ.get(TEST):
        more["test"] = True
    canvas(
        drawn.nodes,
        drawn.edges,
        settings(visit.state, drawn, lang, height=HEIGHT, **more),
        key=CANVAS,
        on_event=lambda: _heard(run, visit, lang),
    )


def _heard(run: data.Source, visit: Visit, lang: Language) -> None:
    """Act on what the user did, before anything is drawn."""
    payload = st.session_state[CANVAS].event
    if not payload:
        return
    try:
        visit.hear(payload)
    except RingfenceError as error:
        visit.said.append(("canvas.page.failed_text", {"reason": error.sentence}))
        return
    if visit.ask_for and visit.ask_for[0] == "png":
        visit.ask_for = None
        _picture(run, visit, lang)


def _picture(run: data.Source, visit: Visit, lang: Language) -> None:
    """Note the export in the ledger, then let the browser make the picture."""
    try:
        views = services.Views(run.root, services.actor())
        if visit.view is None:
            visit.view = views.make(
                visit.document(), title=_title(visit, lang), about=visit.about,
                case_id=visit.case_id,
            )  # fmt: skip
            visit.saved = visit.state
        views.picture(visit.view, nodes=len(visit.state.scene.drawn))
    except RingfenceError as error:
        visit.said.append(("canvas.view.no_ledger", {"reason": error.sentence}))
        return
    visit.png += 1


def _keep(run: data.Source, visit: Visit, lang: Language) -> None:
    """Save what changed, so that a restart or another window loses nothing."""
    if not visit.unsaved() or visit.stale is not None:
        return
    try:
        views = services.Views(run.root, services.actor())
        document = visit.document()
        if visit.view is None:
            visit.view = views.make(
                document, title=_title(visit, lang), about=visit.about, case_id=visit.case_id
            )
        else:
            visit.view = views.save(visit.view, document)
        visit.saved = visit.state
        if st.query_params.get("view") != visit.view.view_id:
            st.query_params["view"] = visit.view.view_id
    except StaleView as stale:
        visit.stale = stale
    except RingfenceError as error:
        st.warning(say("canvas.view.no_ledger", lang, reason=error.told(lang)))


def _title(visit: Visit, lang: Language) -> str:
    if visit.title:
        return visit.title
    if visit.about:
        return say("canvas.page.ring", lang, ring=visit.about)
    return say("canvas.page.blank", lang)


def _visit(run: data.Source, lang: Language) -> Visit | None:
    """Return what this window works on; opened anew where the address names something else."""
    ask = services.graph(run.root)
    wanted = {name: st.query_params.get(name, "") for name in ("ring", "view", "case")}
    visit: Visit | None = st.session_state.get("visit")
    here = (run, wanted["ring"], wanted["view"], wanted["case"])
    if visit is not None:
        mine = visit.view.view_id if visit.view else ""
        same = st.session_state.get("visit_of", (None,))[0] == run
        if same and (
            st.session_state["visit_of"] == here
            or (mine and mine == wanted["view"])
            or not any(wanted.values())
        ):
            visit.ask = ask  # who is here may see other rings than a moment ago
            return visit
    visit = Visit(ask=ask, case_id=wanted["case"] or None)
    if wanted["view"]:
        try:
            visit.load(services.Views(run.root, services.actor()).load(wanted["view"]))
        except RingfenceError:
            st.warning(say("canvas.view.unknown", lang, view=plain(wanted["view"])))
    elif wanted["ring"]:
        ids = _members(run, ask, wanted["ring"])
        if ids:
            visit.open(ids, around=wanted["ring"])
        else:
            st.warning(say("canvas.page.unknown_ring", lang, ring=plain(wanted["ring"])))
    st.session_state["visit"], st.session_state["visit_of"] = visit, here
    return visit


def _members(run: data.Source, ask: Asked, ring_id: str) -> list[str]:
    """Return the members of a ring and the terminals of the settlements it rests on."""
    rows = ask(
        "MATCH (g:Ring {ring_id: $ring}) MATCH (n)-[m:MEMBER_OF]->(g) "
        "RETURN labels(n)[0] AS label, coalesce(n.person_id, n.card_id, n.place_id, n.device_id, "
        "n.practitioner_id, n.staff_id, n.account_id, n.agent_id) AS key, m.weight AS weight "
        "ORDER BY weight DESC, label, key",
        {"ring": ring_id},
    ).rows
    ids = [f"{label}:{key}" for label, key, _ in rows]
    if not ids:
        return []
    ties = data.ties(run, ring_id)
    devices = ties[(ties["right_type"] == "Device") & (ties["tie"] == "swiped_at")]
    busiest = devices.groupby("right")["times"].sum().sort_values(ascending=False, kind="stable")
    room = max(0, SOFT_LIMIT - len(ids))
    return [*ids, *(f"Device:{one}" for one in busiest.index[:room])]


def _head(run: data.Source, visit: Visit, lang: Language) -> None:
    """Draw the row above the canvas: search, grouping, the view and the others."""
    search, add, group, name, others = st.columns(
        [2.9, 1.2, 1.9, 2.3, 1.2], vertical_alignment="bottom", gap="small"
    )
    with search:
        st.text_input(
            say("canvas.search.label", lang),
            key="canvas_search",
            placeholder=say("canvas.search.hint", lang),
            help=say("canvas.search.hint", lang),
            on_change=lambda: _search(run, visit),
        )
    add.button(
        say("canvas.search.button", lang),
        key="canvas_search_go",
        width="stretch",
    )
    with group:
        st.segmented_control(
            say("canvas.group.label", lang),
            GROUPS,
            format_func=lambda one: say(f"canvas.group.{one}", lang),
            required=True,
            key=_says("canvas_group", visit.state.scene.group),
            on_change=lambda: visit.do(Grouped(by=cast(Group, st.session_state["canvas_group"]))),
        )
    with name:
        revision = visit.view.revision if visit.view else 0
        state = (
            say("canvas.view.saved", lang, revision=revision)
            if visit.view
            else say("canvas.view.unsaved", lang)
        )
        st.text_input(
            f"{say('canvas.view.name', lang)} · {state}",
            key=_says("canvas_title", _title(visit, lang)),
            max_chars=120,
            on_change=lambda: _rename(run, visit),
        )
    with others, st.popover(say("canvas.view.views", lang), width="stretch"):
        panel.views(run, visit, lang)
    if visit.stale is not None:
        _stale(run, visit, visit.stale, lang)


def _says(key: str, value: str) -> str:
    """Let a widget that keeps its key show a value, and return the key.

    A key that changed with the value would make a second widget, which stands beside the first
    until the run ends: the canvas below would jump, and a press on it miss its button.
    """
    if st.session_state.get(key) != value:
        st.session_state[key] = value
    return key


def _rename(run: data.Source, visit: Visit) -> None:
    visit.title = str(st.session_state["canvas_title"]).strip()
    if not visit.title:
        return
    try:
        views = services.Views(run.root, services.actor())
        if visit.view is None:
            visit.view = views.make(
                visit.document(), title=visit.title, about=visit.about, case_id=visit.case_id
            )
        else:
            visit.view = views.save(visit.view, visit.document(), title=visit.title)
        visit.saved = visit.state
    except StaleView as stale:
        visit.stale = stale
    except RingfenceError as error:
        visit.said.append(("canvas.view.no_ledger", {"reason": error.sentence}))


def _stale(run: data.Source, visit: Visit, stale: StaleView, lang: Language) -> None:
    """Say that somebody else saved the view, and let the user choose."""
    current = stale.current
    at = current.saved_at.astimezone().strftime("%H:%M")
    told, take, keep = st.columns([5, 1.3, 1.5], vertical_alignment="center")
    told.warning(
        say("canvas.view.stale", lang, who=current.saved_by, at=at, revision=current.revision)
    )
    if take.button(say("canvas.view.take_theirs", lang), key="canvas_theirs", width="stretch"):
        views = services.Views(run.root, services.actor())
        visit.load(views.load(current.view_id))
        st.rerun(scope="fragment")
    if keep.button(say("canvas.view.keep_mine", lang), key="canvas_mine", width="stretch"):
        visit.title = say("canvas.view.copy", lang, title=_title(visit, lang))[:120]
        visit.view, visit.stale, visit.saved = None, None, None
        st.rerun(scope="fragment")


def _search(run: data.Source, visit: Visit) -> None:
    text = str(st.session_state["canvas_search"]).strip()
    if not text:
        return
    if len(text) < SHORTEST:
        visit.said.append(("canvas.search.short", {"least": SHORTEST}))
        return
    try:
        found, more = find(visit.ask, text)
        found = found or parties(run, text)
        if found:
            visit.add(found)
    except RingfenceError as error:
        visit.said.append(("canvas.page.failed_text", {"reason": error.sentence}))
        return
    if not found:
        visit.said.append(("canvas.search.none", {"text": text}))
    elif more:
        visit.said.append(("canvas.search.more", {"count": FOUND}))
    else:
        visit.said.append(("canvas.search.found", {"count": len(found)}))
    if found:
        visit.do(Selected(ids=tuple(found), outside=True))
        st.session_state["canvas_search"] = ""


def _failed(error: RingfenceError, lang: Language) -> None:
    st.subheader(say("canvas.page.failed", lang), anchor=False)
    st.write(plain(say("canvas.page.failed_text", lang, reason=error.told(lang))))
    st.code("ringfence load", language=None)
    if st.button(say("canvas.page.retry", lang)):
        services.forget()
        st.rerun()


if __name__ == "__main__":
    show()
