"""The entry script that Streamlit runs: language, what there is to show, and which page."""

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from app.explorer import session
from ingest.texts import Language, say


def show() -> None:
    """Draw the frame that every page shares, then the page."""
    st.set_page_config(page_title="Ringfence", layout="wide")
    lang = session.choose_language()
    pages = _pages(lang)
    found = session.look()
    if found in ("no_workspace", "no_import"):
        st.navigation(pages, position="hidden")
        session.empty(str(found), lang)
        return
    page = st.navigation(pages, position="top")
    if page.url_path == "" and "ring" in st.query_params:
        if "arrived" not in st.session_state:
            st.session_state["arrived"] = True
            st.switch_page("screens/ring.py", query_params=st.query_params.to_dict())
        # The browser's way back to the list brings along the address of the ring it left.
        del st.query_params["ring"]
    st.session_state["arrived"] = True
    page.run()


def _pages(lang: Language) -> list[StreamlitPage]:
    rings, ring, quality = (
        say(f"explorer.page.{name}", lang) for name in ("rings", "ring", "quality")
    )
    return [
        st.Page("screens/rings.py", title=rings, default=True),
        st.Page("screens/ring.py", title=ring, url_path="ring", visibility="hidden"),
        st.Page("screens/explore.py", title=say("canvas.page.title", lang), url_path="explore"),
        st.Page("screens/quality.py", title=quality, url_path="quality"),
    ]


show()
