"""What a visit remembers: its language, the run it looks at, and who acts."""

import logging
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Literal, cast

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.explorer import data
from app.explorer.canvas import services
from app.explorer.launch import LANGUAGE, WORKSPACE
from app.explorer.words import plain
from casework.audit import Actor, Role
from casework.leads import Lead, list_leads
from casework.rights import Officer
from casework.ring_facts import INSIDER_KINDS, read_rings
from ingest.errors import RingfenceError
from ingest.texts import Language, say
from ingest.workspace import Workspace

LOG = logging.getLogger(__name__)
OFFICER = services.OFFICER
FIRST_ACCOUNT = "ringfence accounts first NAME --workspace DIR"
FAILED = "failed"

# The accent of the dark theme is light, so that it reads as text; Streamlit writes white on it.
_LEGIBLE = """<style>
[data-testid="stBaseButton-primary"]:not(:disabled) *,
[data-testid="stBaseButton-primaryFormSubmit"]:not(:disabled) *,
[data-tag] * { color: light-dark(#ffffff, #0b1a24) !important; }
</style>"""

LANGUAGES: dict[Language, str] = {"zh": "中文", "en": "English"}


def head() -> tuple[Language, DeltaGenerator]:
    """Draw the line above every page; return the language in force and the place for who it is.

    The address decides on arrival (``?lang=``), then the setting of the deployment; from then on
    the switch does, and the address follows it.
    """
    if "lang" not in st.session_state:
        wanted = (st.query_params.get("lang"), os.environ.get(LANGUAGE), "zh")
        st.session_state["lang"] = next(one for one in wanted if one in LANGUAGES)
    st.html(_LEGIBLE)
    title, who, switch = st.columns([3.4, 2.6, 1], vertical_alignment="center")
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
    return lang, who


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


def table_height(rows: int, *, most: int = 680) -> int | Literal["content"]:
    """Return a height in pixels that shows a short table whole and lets a long one scroll."""
    return "content" if 36 * (rows + 1) <= most else most


def officer() -> Officer | None:
    """Return who is signed in; None where the explorer is open, since nobody has an account."""
    return services.officer()


def signed_in(why: str, lang: Language) -> Officer | None:
    """Return who is signed in; where nobody has an account say ``why`` one is needed, and how."""
    found = officer()
    if found is None:
        st.write(say(why, lang))
        st.code(FIRST_ACCOUNT, language=None)
    return found


def role() -> Role | None:
    """Return the role of who is signed in; None where the explorer is open."""
    held = officer()
    return held.role if held else None


def acting() -> Actor:
    """Return who acts: who is signed in, else who runs the explorer."""
    return services.actor()


def rings(run: data.Source) -> tuple[pd.DataFrame, list[Lead]]:
    """Return the rings this visit may see, by rank, and the leads that it has of them.

    An analyst sees all but those of insiders; everybody else who is signed in the leads that the
    service gives them; an explorer without accounts shows all.
    """
    every, held = data.rings(run), officer()
    if held is None:
        return every, []
    found = _leads(run.root, run.run, held)
    mine = {lead.ring_id for lead in found}
    inside = every["ring_id"].isin(_of_insiders(run))
    seen = every[~inside if held.role == "analyst" else every["ring_id"].isin(mine)]
    # A gap in the ranks would tell that there is something one may not see.
    return seen.assign(rank=range(1, len(seen) + 1)), found


def groups(run: data.Source) -> pd.DataFrame:
    """Return the groups not raised that this visit may see: those of insiders for the liaison."""
    every, held = data.not_raised(run), officer()
    if held is None:
        return every
    inside = every["kind"].isin(INSIDER_KINDS)
    return every[inside if held.role == "liaison" else ~inside]


def may_see(run: data.Source, ring_id: str) -> bool:
    """Whether this visit may open a ring; one that is not there reads the same."""
    return officer() is None or ring_id in set(rings(run)[0]["ring_id"])


def forget_leads() -> None:
    """Ask the service anew at the next look, since leads changed."""
    _leads.clear()


@st.cache_data(show_spinner=False, ttl=60)
def _leads(root: str, run: str, held: Officer) -> list[Lead]:  # noqa: ARG001 - run: part of the key
    """Ask for an officer's leads once a minute: every asking is a row of the audit log."""
    return list_leads(services.ledger(root), held)


@st.cache_data(show_spinner=False)
def _of_insiders(run: data.Source) -> frozenset[str]:
    found = read_rings(run.workspace)
    return frozenset(one.ring_id for one in found.rings.values() if one.insider)


def guarded(title: str, draw: Callable[[], None], lang: Language) -> None:
    """Draw a page; if that fails say what failed and what to do, with a number and no trace.

    What a user can mend is told in its own sentence. Anything else is a fault of ours: its kind and
    place, never its values, go to the server's log under the number that the page shows.
    """
    st.session_state.pop(FAILED, None)
    try:
        draw()
    except RingfenceError as error:
        _failed(title, error.told(lang), lang)
    except Exception as error:  # noqa: BLE001 - the outermost frame of a page: nothing is above it
        _failed(title, None, lang, error)


def _failed(title: str, reason: str | None, lang: Language, error: Exception | None = None) -> None:
    number = secrets.token_hex(4)
    st.session_state[FAILED] = number
    if error is not None:
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        where = f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace else "-"
        LOG.error("page failed, reference %s: %s in %s", number, type(error).__name__, where)
    else:
        LOG.warning("page failed, reference %s: a reason was told", number)
    st.subheader(say("explorer.failed.title", lang, page=title), anchor=False)
    st.error(plain(reason) if reason else say("explorer.failed.ours", lang))
    st.write(say("explorer.failed.not_shown", lang, page=title))
    st.caption(say("explorer.failed.reference", lang, number=number))
    if st.button(say("explorer.failed.retry", lang), key="retry"):
        services.forget()
        st.cache_data.clear()
        st.rerun()
