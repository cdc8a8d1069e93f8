"""The hits of one recorded run: read from the ledger, so that they are there after a reload too."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from app.explorer import data, roles, session
from app.explorer.console import results
from app.explorer.console.compare import changed
from app.explorer.console.onto_canvas import open_nodes
from app.explorer.words import local, plain
from casework.audit import Actor
from casework.ledger import Ledger, reading
from casework.runs import Hit, Recorded, text_of
from casework.runs import hits as hits_of
from casework.sight import seen_hits
from detectors.motif import Motif, in_words
from ingest.errors import RingfenceError
from ingest.texts import Language, say

MIME = {"csv": "text/csv", "json": "application/json", "parquet": "application/octet-stream"}


def shown(
    ledger: Ledger,
    actor: Actor,
    motif: Motif,
    runs: Sequence[Recorded],
    source: data.Source | None,
    lang: Language,
) -> None:
    """Draw the hits of the run that was chosen, else of the newest that has an answer."""
    wanted = st.session_state.get(f"run_of_{motif.name}")
    answered = [one for one in runs if one.outcome == "answered"]
    run = next((one for one in answered if one.run_id == wanted), next(iter(answered), None))
    if run is None:
        st.caption(say("console.hits.none_yet", lang))
        return
    with reading(ledger) as connection:
        found = hits_of(connection, run.run_id)
        asked = motif
        if run.digest != motif.digest:
            asked = results.from_text(motif.name, text_of(connection, run.digest))
    found = seen_hits(ledger, actor, found)
    _account(run, asked, lang)
    if not found:
        st.info(say("console.hits.none", lang))
        return
    chosen = _table(asked, run, found, lang)
    _given_out(ledger, actor, asked, run, found, lang)
    if chosen:
        _hit(source, asked, [found[place] for place in chosen], lang)


def _account(run: Recorded, motif: Motif, lang: Language) -> None:
    st.caption(
        say(
            "console.hits.account", lang,
            run=run.run_id, at=f"{local(run.at):%Y-%m-%d %H:%M:%S}", who=run.who,
            rows=f"{run.rows or 0:,}", seconds=f"{run.seconds or 0:.1f}",
            parameters=changed(motif, run, lang),
            data=(run.import_digest or "–")[:8], digest=run.digest[:8],
        )
    )  # fmt: skip
    if run.truncated:
        st.warning(say("console.hits.cut", lang, limit=f"{run.row_limit:,}"))


def _table(motif: Motif, run: Recorded, found: Sequence[Hit], lang: Language) -> list[int]:
    frame = results.frame(motif, found, run.columns)
    event = st.dataframe(
        frame,
        column_config=results.columns_of(motif, run.columns, lang),
        hide_index=True,
        height=session.table_height(len(frame), most=460),
        placeholder="–",
        on_select="rerun",
        selection_mode="multi-row",
        key=f"hits_{run.run_id}",
        alt=in_words(motif, "title", language=lang),
    )
    st.caption(say("console.hits.hint", lang))
    return [int(place) for place in event.selection.rows]


def _given_out(
    ledger: Ledger,
    actor: Actor,
    motif: Motif,
    run: Recorded,
    found: Sequence[Hit],
    lang: Language,
) -> None:
    """Draw the only way by which hits leave: the audited export, made when it is asked for."""
    if not roles.may("export_hits", session.role()):
        return
    asked = results.asked_of(motif, run, found)
    places = st.columns([1.4, 1.4, 1.4, 5])
    formats: tuple[results.Format, ...] = ("csv", "json", "parquet")
    for place, shape in zip(places, formats, strict=False):
        place.download_button(
            say("console.hits.download", lang, format=shape.upper()),
            data=partial(results.exported, ledger, actor, asked, format=shape),
            file_name=results.file_name(asked, shape),
            mime=MIME[shape],
            on_click="ignore",
            key=f"export_{run.run_id}_{shape}",
            width="stretch",
        )
    places[3].caption(say("console.hits.audited", lang))


def _hit(source: data.Source | None, motif: Motif, chosen: Sequence[Hit], lang: Language) -> None:
    """Draw the chosen hits whole, with the way onto the canvas."""
    ids = list(dict.fromkeys(one for hit in chosen for one in results.nodes_of(motif, hit.row)))
    left, right = st.columns([1.4, 4], vertical_alignment="center")
    if left.button(
        say("console.hits.canvas", lang), key="hit_canvas", type="primary", disabled=source is None
    ):
        title = in_words(motif, "title", language=lang)
        try:
            assert source is not None  # noqa: S101 - the button is off without a run
            open_nodes(
                source, ids, lang=lang,
                title=f"{title} · {results.identity_text(chosen[0])}",
            )  # fmt: skip
        except RingfenceError as error:
            st.error(plain(error.told(lang)))
    right.caption(say("console.hits.parties", lang, count=f"{len(ids):,}"))
    for hit in chosen[:3]:
        with st.expander(plain(results.identity_text(hit)), expanded=len(chosen) == 1):
            for name, value in hit.row.items():
                whole = ", ".join(map(str, value)) if isinstance(value, list) else value
                told = results.cell(whole, motif.columns.get(name, ""))
                meaning = results.meaning_of(motif, name, lang)
                st.markdown(f"`{name}` :gray[{plain(meaning)}]  \n{plain(str(told))}")
