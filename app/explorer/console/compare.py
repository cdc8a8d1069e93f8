"""Earlier runs of a motif, and two of them side by side by identity."""

from typing import Any

import pandas as pd
import streamlit as st

from app.explorer import session
from app.explorer.console.results import cell, identity_text
from app.explorer.words import local, plain
from casework.audit import Actor
from casework.ledger import Ledger, reading
from casework.runs import Comparison, Recorded
from casework.runs import compare as compared
from casework.runs import runs as recorded
from casework.sight import seen_comparison
from detectors.motif import Motif
from ingest.errors import RingfenceError
from ingest.texts import Language, say

LISTED = 100


def runs_of(ledger: Ledger, motif: str) -> list[Recorded]:
    """Return the newest recorded runs of a motif, the newest first."""
    with reading(ledger) as connection:
        return recorded(connection, motif=motif, limit=LISTED)


def table(runs: list[Recorded], motif: Motif, lang: Language) -> str | None:
    """Draw the recorded runs; return the id of the one that is chosen."""
    frame = pd.DataFrame(
        [
            {
                "at": local(run.at),
                "who": run.who,
                "outcome": say(f"outcome.{run.outcome}", lang),
                "rows": run.rows,
                "seconds": run.seconds,
                "parameters": changed(motif, run, lang),
                "text": say("console.runs.same_text", lang)
                if run.digest == motif.digest
                else say("console.runs.other_text", lang),
                "data": (run.import_digest or "–")[:8],
                "run": run.run_id,
            }
            for run in runs
        ]
    )
    names = {name: say(f"console.column.{name}", lang) for name in frame.columns}
    config: dict[str, Any] = {name: st.column_config.Column(text) for name, text in names.items()}
    config["rows"] = st.column_config.NumberColumn(names["rows"], format="%,d")
    config["seconds"] = st.column_config.NumberColumn(names["seconds"], format="%.1f")
    event = st.dataframe(
        frame,
        column_config=config,
        hide_index=True,
        height=session.table_height(len(frame), most=320),
        placeholder="–",
        on_select="rerun",
        selection_mode=["single-row", "single-cell"],
        key=f"runs_{motif.name}",
        alt=say("console.tab.runs", lang),
    )
    chosen = [*event.selection.rows, *(row for row, _ in event.selection.cells)]
    return str(frame["run"].iloc[chosen[0]]) if chosen else None


def changed(motif: Motif, run: Recorded, lang: Language) -> str:
    """Return the parameters of a run that were not the default, as a person reads them."""
    told = []
    for name, value in run.parameters.items():
        param = motif.params.get(name)
        default = param.default if param else None
        if value != (list(default) if isinstance(default, tuple) else default):
            told.append(f"{name} = {cell(value, '')}")
    return ", ".join(told) or say("console.runs.defaults", lang)


def side_by_side(
    ledger: Ledger, actor: Actor, runs: list[Recorded], motif: Motif, lang: Language
) -> None:
    """Draw the choice of two answered runs, and what the later has that the earlier has not."""
    answered = {run.run_id: run for run in runs if run.outcome == "answered"}
    if len(answered) < 2:
        st.caption(say("console.compare.too_few", lang))
        return
    left, right = st.columns(2)
    ids = list(answered)

    def named(run_id: str) -> str:
        run = answered[run_id]
        return f"{local(run.at):%Y-%m-%d %H:%M:%S} · {changed(motif, run, lang)}"

    now = left.selectbox(
        say("console.compare.now", lang), ids, format_func=named, key=f"now_{motif.name}"
    )
    earlier = [one for one in ids if one != now]
    before = right.selectbox(
        say("console.compare.before", lang), earlier, format_func=named, key=f"before_{motif.name}"
    )
    try:
        with reading(ledger) as connection:
            found = compared(connection, before, now)
    except RingfenceError as error:
        st.warning(plain(error.told(lang)))
        return
    _shown(seen_comparison(ledger, actor, found), lang)


def _shown(found: Comparison, lang: Language) -> None:
    counts = {
        "new": len(found.new),
        "gone": len(found.gone),
        "changed": len(found.changed),
        "same": found.same,
    }
    for column, (name, count) in zip(st.columns(4), counts.items(), strict=True):
        column.metric(say(f"console.compare.{name}", lang), f"{count:,}")
    for difference in found.differences:
        st.caption(say(f"difference.{difference}", lang))
    frame = rows(found, lang)
    if frame.empty:
        st.write(say("console.compare.equal", lang))
        return
    st.dataframe(
        frame,
        column_config={
            "verdict": say("console.column.verdict", lang),
            "identity": st.column_config.Column(
                say("console.column.identity", lang), width="large"
            ),
            "what": st.column_config.Column(say("console.column.what", lang), width="large"),
        },
        hide_index=True,
        height=session.table_height(len(frame), most=480),
        placeholder="–",
        alt=say("console.tab.compare", lang),
    )


def rows(found: Comparison, lang: Language) -> pd.DataFrame:
    """Return a row for each hit that is new, gone or changed: what, which hit, what changed."""
    new, gone, other = (say(f"console.compare.{name}", lang) for name in ("new", "gone", "changed"))
    told = [
        *((new, identity_text(hit), "") for hit in found.new),
        *((gone, identity_text(hit), "") for hit in found.gone),
        *(
            (
                other,
                identity_text(each.now),
                "; ".join(
                    f"{name}: {cell(each.before.row.get(name), '')}"
                    f" → {cell(each.now.row.get(name), '')}"
                    for name in each.columns
                ),
            )
            for each in found.changed
        ),
    ]
    return pd.DataFrame(told, columns=["verdict", "identity", "what"])
