"""The list of motifs: what each asks, where it comes from, when it was last asked here."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.explorer import session
from app.explorer.words import local
from casework.ledger import Ledger, reading
from casework.runs import Recorded
from casework.runs import runs as recorded
from detectors.motif import FOLDER, Motif, in_words
from ingest.texts import Language, say

RUNS = 1_000


def shown(ledger: Ledger, motifs: Sequence[Motif], lang: Language) -> str | None:
    """Draw the catalogue with a field to search it; return the name of the motif chosen."""
    words = st.text_input(
        say("console.catalogue.search", lang),
        placeholder=say("console.catalogue.search_hint", lang),
        key="catalogue_search",
    )
    with reading(ledger) as connection:
        last = newest(recorded(connection, limit=RUNS))
    found = [one for one in motifs if matches(one, words, lang)]
    st.caption(say("console.catalogue.hint", lang, shown=len(found), total=len(motifs)))
    if not found:
        st.info(say("console.catalogue.none", lang))
        return None
    frame = pd.DataFrame([_row(one, last.get(one.name), lang) for one in found])
    turn = st.session_state.setdefault("catalogue_turn", 0)
    event = st.dataframe(
        frame,
        column_config={
            "title": st.column_config.Column(say("console.column.title", lang), width="medium"),
            "question": st.column_config.Column(say("console.column.question", lang), width=560),
            "from": say("console.column.from", lang),
            "last_run": st.column_config.DatetimeColumn(
                say("console.column.last_run", lang), format="YYYY-MM-DD HH:mm", width=130
            ),
            "hits": st.column_config.NumberColumn(say("console.column.hits", lang), format="%,d"),
            "name": say("console.column.name", lang),
        },
        hide_index=True,
        height=session.table_height(len(frame)),
        placeholder="–",
        on_select="rerun",
        selection_mode="single-cell",
        key=f"catalogue_{turn}",
        alt=say("console.title", lang),
    )
    chosen = [row for row, _ in event.selection.cells]
    if not chosen:
        return None
    # The browser keeps a choice under its key: on the way back it must not open the motif again.
    st.session_state["catalogue_turn"] = turn + 1
    return found[chosen[0]].name


def matches(motif: Motif, words: str, lang: Language) -> bool:
    """Whether every word stands in the name, title or question, in either language."""
    texts = [
        motif.name,
        motif.title,
        motif.question,
        *(in_words(motif, field, language=lang) for field in ("title", "question", "honest")),
        *motif.sources,
    ]
    whole = "\n".join(texts).lower()
    return all(word in whole for word in words.lower().split())


def newest(runs: Sequence[Recorded]) -> dict[str, Recorded]:
    """Return the newest answered run of each motif; ``runs`` come newest first."""
    found: dict[str, Recorded] = {}
    for run in runs:
        if run.outcome == "answered":
            found.setdefault(run.motif, run)
    return found


def is_shipped(motif: Motif) -> bool:
    """Whether a motif comes with Ringfence, rather than from the workspace."""
    return (FOLDER / f"{motif.name}.cypher").is_file()


def _row(motif: Motif, last: Recorded | None, lang: Language) -> dict[str, object]:
    return {
        "title": in_words(motif, "title", language=lang),
        "question": in_words(motif, "question", language=lang),
        "from": say("cli.motif.shipped" if is_shipped(motif) else "cli.motif.own", lang),
        "last_run": local(last.at) if last else None,
        "hits": last.rows if last else None,
        "name": motif.name,
    }
