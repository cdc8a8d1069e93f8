"""Motif files of the workspace: written, checked and saved by its analysts."""

import secrets
import tempfile
from pathlib import Path

import pandas as pd
import streamlit as st

from app.explorer.words import plain
from casework.audit import Actor
from casework.ledger import Ledger
from casework.questions import record_check
from detectors.motif import broken_motifs, motifs
from detectors.motif_check import Check, check
from detectors.motif_template import template
from graph.store import open_store
from ingest.errors import RingfenceError
from ingest.telling import to_say
from ingest.texts import Language, say

EDITOR = "own_text"
NEW = ""


def editor(ledger: Ledger, actor: Actor, lang: Language) -> None:
    """Draw the editor: choose or name a file, change it, check it on the graph, save it."""
    st.caption(say("console.own.hint", lang))
    folder = ledger.workspace.motifs
    for broken in broken_motifs(folder):
        st.warning(
            plain(say("console.own.broken", lang, file=broken.path.name, reason=broken.reason))
        )
    names = [path.stem for path in sorted(folder.glob("*.cypher"))]
    which, called = st.columns(2, vertical_alignment="bottom")
    chosen = which.selectbox(
        say("console.own.which", lang),
        [NEW, *names],
        format_func=lambda one: one or say("console.own.new", lang),
        key="own_which",
    )
    name = chosen or called.text_input(
        say("console.own.name", lang), placeholder="cards_of_one_village", key="own_name"
    )
    if not name:
        st.info(say("console.own.name_first", lang))
        return
    try:
        begun = _text(folder, chosen, name)
    except RingfenceError as error:
        st.error(plain(error.told(lang)))
        return
    text = st.text_area(
        say("console.own.text", lang), value=begun, height=460, key=f"{EDITOR}_{name}"
    )
    looks, saves = st.columns(2)
    if looks.button(say("console.own.check", lang), key="own_check", width="stretch"):
        _show(_checked(ledger, actor, name, text, asked=True, lang=lang), lang)
    if saves.button(say("console.own.save", lang), key="own_save", type="primary", width="stretch"):
        _save(ledger, actor, name, text, lang)


def save(folder: Path, name: str, text: str) -> Path:
    """Write a motif file whole or not at all, replacing one of that name; return its path.

    Raises
    ------
    RingfenceError
        If the name is none, belongs to a motif that is shipped, or the file cannot be written.
    """
    template(name)  # refuses what cannot be a name
    if name in {one.name for one in motifs()}:
        raise RingfenceError(to_say("refused.motif.taken", name=name))
    path = folder / f"{name}.cypher"
    beside = folder / f".{name}.{secrets.token_hex(4)}.partial"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        beside.write_text(text, "utf-8", newline="")
        beside.replace(path)
    except OSError as error:
        raise RingfenceError(
            to_say("refused.page.motif_not_written", file=path.name, strerror=error.strerror)
        ) from error
    finally:
        beside.unlink(missing_ok=True)
    return path


def _text(folder: Path, chosen: str, name: str) -> str:
    if chosen:
        return (folder / f"{chosen}.cypher").read_text("utf-8")
    return template(name)


def _save(ledger: Ledger, actor: Actor, name: str, text: str, lang: Language) -> None:
    found = _checked(ledger, actor, name, text, asked=False, lang=lang)
    if any(one.state == "failed" for one in found):
        _show(found, lang)
        st.error(say("console.own.not_saved", lang))
        return
    try:
        save(ledger.workspace.motifs, name, text)
    except RingfenceError as error:
        st.error(plain(error.told(lang)))
        return
    st.success(plain(say("console.own.saved", lang, name=name)))


def _checked(
    ledger: Ledger, actor: Actor, name: str, text: str, *, asked: bool, lang: Language
) -> list[Check]:
    """Check a text, on the graph too if it is to be asked; the audit log has the text either way.

    What is saved is checked first, so that the log says whose text a file holds.
    """
    with tempfile.TemporaryDirectory(prefix="ringfence-") as folder:
        path = Path(folder) / f"{name}.cypher"
        path.write_bytes(text.encode())
        record_check(ledger, actor, path)
        if not asked:
            return check(path)
        try:
            with st.spinner(say("console.own.checking", lang)), open_store(ledger.workspace) as one:
                return check(path, store=one)
        except RingfenceError as error:
            st.warning(plain(error.told(lang)))
            return check(path)


def _show(found: list[Check], lang: Language) -> None:
    table = pd.DataFrame(
        [
            {
                "check": say(f"motif_check.name.{one.name}", lang),
                "state": say(f"motif_check.state.{one.state}", lang),
                "reason": one.reason,
            }
            for one in found
        ]
    )
    st.dataframe(
        table,
        column_config={
            "check": say("console.column.check", lang),
            "state": say("console.column.state", lang),
            "reason": st.column_config.Column(say("console.column.reason", lang), width="large"),
        },
        hide_index=True,
        height="content",
        alt=say("console.own.check", lang),
    )
