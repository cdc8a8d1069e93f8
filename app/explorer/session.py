"""What a visit remembers: its language, and the run it looks at."""

import os
from pathlib import Path
from typing import Literal, cast

import streamlit as st

from app.explorer import data
from app.explorer.launch import LANGUAGE, WORKSPACE
from ingest.texts import Language, say
from ingest.workspace import Workspace

LANGUAGES: dict[Language, str] = {"zh": "中文", "en": "English"}


def choose_language() -> Language:
    """Draw the switch of languages and return the one in force.

    The address decides on arrival (``?lang=``), then the setting of the deployment; from then on
    the switch does, and the address follows it.
    """
    if "lang" not in st.session_state:
        wanted = (st.query_params.get("lang"), os.environ.get(LANGUAGE), "zh")
        st.session_state["lang"] = next(one for one in wanted if one in LANGUAGES)
    title, switch = st.columns([6, 1], vertical_alignment="center")
    with switch:
        st.segmented_control(
            "语言 / Language",
            list(LANGUAGES),
            format_func=LANGUAGES.__getitem__,
            key="lang",
            label_visibility="collapsed",
            required=True,
        )
    lang = language()
    if st.query_params.get("lang") != lang:
        st.query_params["lang"] = lang
    title.caption(say("explorer.page.motto", lang))
    return lang


def language() -> Language:
    """Return the language in force."""
    return cast(Language, st.session_state["lang"])


def look() -> data.Source | data.Missing:
    """Look anew at what the workspace holds; a run that ended meanwhile is then the one shown."""
    seen = data.find(os.environ.get(WORKSPACE))
    st.session_state["found"] = seen
    return seen


def found() -> data.Source | data.Missing:
    """Return what the frame saw when this page was drawn."""
    return cast(data.Source | data.Missing, st.session_state["found"])


def source() -> data.Source | None:
    """Return the run to show; where there is none, say what to do and return None."""
    seen = found()
    if isinstance(seen, data.Source):
        return seen
    empty(seen, language())
    return None


def current_import() -> tuple[str, str]:
    """Return the workspace and the name of its current import."""
    root = os.environ[WORKSPACE]
    return root, data.current_import(Workspace(Path(root)))


def empty(what: str, lang: Language) -> None:
    """Say what is missing and which command makes it."""
    st.subheader(say(f"explorer.empty.{what}.title", lang))
    st.write(say(f"explorer.empty.{what}.text", lang))
    st.code(say(f"explorer.empty.{what}.command", lang), language=None)


def limits(run: data.Source, lang: Language) -> None:
    """Say on a page with rings what the run could not look for, and if its data were replaced."""
    facts = data.run_facts(run)
    off = facts.get("off", [])
    if off:
        missing = sorted({table for one in off for table in one.get("missing", [])})
        st.caption(
            say("explorer.off.warning", lang, detectors=len(off), tables=", ".join(missing) or "–")
        )
    import_id = facts.get("import_id")
    if import_id and import_id != run.import_id:
        st.warning(say("explorer.off.other_import", lang))


def table_height(rows: int) -> int | Literal["content"]:
    """Return a height that shows a short table whole and lets a long one scroll."""
    return "content" if rows <= 18 else 680
