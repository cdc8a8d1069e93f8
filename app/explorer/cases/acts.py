"""How an act of a form is done: on what was read, with its result told, or why it was not done."""

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import streamlit as st

from app.explorer.cases import held
from app.explorer.words import plain
from casework.subjects import Stale
from ingest.errors import RingfenceError
from ingest.texts import Language, say

PAGE = "screens/cases.py"
SAID = "cases_said"
T = TypeVar("T")


def told() -> None:
    """Draw once what the last act did."""
    if said := st.session_state.pop(SAID, None):
        st.success(plain(said), icon=":material/check_circle:")


def name(form: str) -> str:
    """Return the key of a form: the same until an act of it is done, so that nothing is lost."""
    return f"{form}.{st.session_state.get(f'{form}.done', 0)}"


def sent(label: str, key: str, read: Any, *, icon: str = "check", disabled: bool = False) -> Any:
    """Draw the button of a form; once pressed, return what had been ``read`` when it was drawn.

    The page is drawn anew at the press and may by then hold a later revision: an officer decides
    on the one that was before their eyes. None if it was not pressed.
    """
    pressed = st.form_submit_button(
        label,
        key=key,
        icon=f":material/{icon}:",
        disabled=disabled,
        on_click=_keep,
        args=(key, read),
    )
    kept = st.session_state.pop(f"{key}.read", None)
    return kept if pressed else None


def do(act: Callable[[], T], lang: Language, *, form: str, said: Callable[[T], str] | str) -> None:
    """Do what a form asks for, then draw the page anew; else say why beside the form.

    Nothing that was typed is lost where the service refuses; a form whose act was done is empty.
    """
    try:
        result = act()
    except RingfenceError as error:
        refused(error, lang, key=form)
        return
    finish(said if isinstance(said, str) else said(result), form=form)


def finish(said: str, *, form: str) -> None:
    """Tell what was done, empty the form, and draw the page anew with what holds now."""
    done(said, form=form)
    st.rerun()


def done(said: str, *, form: str) -> None:
    """Keep what was done to be told by the next page, and empty the form."""
    st.session_state[SAID] = said
    st.session_state[f"{form}.done"] = st.session_state.get(f"{form}.done", 0) + 1
    held.forget()


def go(lang: Language, **where: str) -> NoReturn:
    """Lead on to a lead, a case or a part of the cases page."""
    st.switch_page(PAGE, query_params={"lang": lang, **where})


def refused(error: RingfenceError, lang: Language, *, key: str) -> None:
    """Say why something was not done; where somebody was quicker, with the way to look again."""
    if isinstance(error, Stale):
        st.warning(say("cases.act.stale", lang))
        st.caption(plain(error.told(lang)))
        st.button(say("cases.act.look", lang), key=f"{key}.again", on_click=held.forget)
        return
    st.error(plain(error.told(lang)))


def _keep(key: str, read: Any) -> None:
    st.session_state[f"{key}.read"] = read
