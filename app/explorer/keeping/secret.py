"""A password or token that is shown once: until it was noted, and to whom it was told alone."""

import streamlit as st

from app.explorer.words import plain
from casework.rights import Officer
from ingest.texts import Language, say

_SHOWN = "admin_secret"


def keep(officer: Officer, sentence: str, value: str) -> None:
    """Show a value from the next drawing of the page on, until it was noted."""
    st.session_state[_SHOWN] = (officer.name, sentence, value)


def shown(officer: Officer, lang: Language) -> None:
    """Draw what is to be noted, if anything is, with the button that takes it away."""
    whose, sentence, value = st.session_state.get(_SHOWN, ("", "", ""))
    if not value:
        return
    if whose != officer.name:
        del st.session_state[_SHOWN]
        return
    with st.container(border=True):
        st.markdown(f"**{plain(sentence)}**")
        st.code(value, language=None)
        st.caption(say("keeping.secret.once", lang))
        st.button(
            say("keeping.secret.noted", lang),
            key="secret_noted",
            on_click=lambda: st.session_state.pop(_SHOWN, None),
        )
