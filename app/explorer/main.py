"""The entry script that Streamlit runs: language, who it is, what there is, and which page."""

from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from app.explorer import data, roles, session
from app.explorer.insider import views
from app.explorer.screens import sign_in
from casework.audit import Role
from ingest.texts import Language, say

SCREENS = Path(__file__).parent / "screens"
FRONT = ""
HIDDEN = ("ring", "report")
# Which page a deep link to the front door belongs to, the first of its words deciding.
LINKS = (("view", "explore"), ("case", "explore"), ("ring", "ring"), ("motif", "motifs"))


def show() -> None:
    """Draw the frame that every page shares, then the page."""
    st.set_page_config(page_title="Ringfence", layout="wide")
    lang, place = session.head()
    found = session.look()
    if found != "no_workspace" and not sign_in.entered(lang, place):
        # Every address there is stands for the door, so that a deep link is kept through it.
        st.navigation(list(_pages(lang, None).values()), position="hidden")
        return
    pages = _pages(lang, session.role())
    if found in ("no_workspace", "no_import"):
        st.navigation(list(pages.values()), position="hidden")
        session.empty(str(found), lang)
        return
    page = st.navigation(list(pages.values()), position="top")
    _arrive(page, pages)
    ring = st.query_params.get("ring", "")
    if ring and isinstance(found, data.Source) and not session.may_see(found, ring):
        st.subheader(say("explorer.ring.unknown", lang), anchor=False)
        st.write(say("explorer.ring.unknown_text", lang))
        return
    if isinstance(found, data.Source):
        views.note_view(found, ring)
    session.guarded(page.title, page.run, lang)


def _arrive(page: StreamlitPage, pages: dict[str, StreamlitPage]) -> None:
    """Bring who comes to the front door to the page that the address means, else to the first.

    A deep link counts once in a visit: the browser's way back brings along the address of the page
    that was left.
    """
    if page.url_path != "":
        st.session_state["arrived"] = True
        return
    query = st.query_params.to_dict()
    first = "arrived" not in st.session_state
    wanted = next((to for word, to in LINKS if first and word in query and to in pages), None)
    st.session_state["arrived"] = True
    if wanted is None:
        query = {name: value for name, value in query.items() if name == "lang"}
    st.switch_page(pages[wanted or next(iter(pages))], query_params=query)


def _pages(lang: Language, role: Role | None) -> dict[str, StreamlitPage]:
    """Return the pages of the role by name, in order; the front door, which leads on, is last."""
    names = [name for name in roles.pages(role) if (SCREENS / f"{name}.py").is_file()]
    pages = {
        name: st.Page(
            f"screens/{name}.py",
            title=_title(name, lang),
            url_path=name,
            visibility="hidden" if name in HIDDEN else "visible",
        )
        for name in names
    }
    pages |= {} if pages else {"nothing": _page_of_nobody(lang)}
    return {**pages, FRONT: st.Page(_nothing, title="Ringfence", default=True, visibility="hidden")}


def _page_of_nobody(lang: Language) -> StreamlitPage:
    return st.Page(_nothing, title=say("explorer.page.nothing", lang), url_path="nothing")


def _title(name: str, lang: Language) -> str:
    return say("canvas.page.title" if name == "explore" else f"explorer.page.{name}", lang)


def _nothing() -> None:
    """Draw what a role without a page of its own is told."""
    st.write(say("explorer.page.nothing_text", session.language()))


show()
