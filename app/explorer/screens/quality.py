"""What came in and what it allowed: inputs, rejects, flags, missing tables, detectors off."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import PurePath
from typing import Any, Literal

import pandas as pd
import streamlit as st

from app.explorer import data, ring_data, session
from app.explorer.lists import measured
from app.explorer.words import count, name_of, plain
from detectors.motif import in_words, motifs
from ingest.manifest import FileCount, Flag, Manifest, Reject
from ingest.rules import CODE_REASONS
from ingest.texts import Language, say

OUTCOMES = ("confirmed", "look_alike", "rejected")
COUNTS = ("rows_in", "rejected", "void", "duplicates", "kept")


def show() -> None:
    """Draw the account of the import and, where there is one, of the run."""
    lang = session.language()
    account = data.manifest(*session.current_import())
    st.subheader(say("explorer.quality.title", lang))
    if account is None:
        st.write(say("explorer.quality.no_manifest", lang))
    else:
        _account(account, lang)
    found = session.found()
    if isinstance(found, data.Source):
        _run(data.run_facts(found), lang)
        _judged(found, lang)
    measured.shown(lang)


def _account(account: Manifest, lang: Language) -> None:
    totals = {name: sum(getattr(one, name) for one in account.inputs) for name in COUNTS}
    totals["flagged"] = sum(flag.rows for flag in account.flags)
    for column, (name, value) in zip(st.columns(len(totals)), totals.items(), strict=True):
        column.metric(say(f"explorer.column.{name}", lang), count(value))
    _inputs(account.inputs, lang)
    left, right = st.columns(2)
    with left:
        _counted(account.rejects, "reject", lang)
    with right:
        _counted(account.flags, "flag", lang)
    _missing(account, lang)
    if account.notes:
        st.markdown(f"##### {say('explorer.quality.import_notes', lang)}")
        _listed(plain(say(note.key, lang, **note.values)) for note in account.notes)


def _inputs(inputs: Sequence[FileCount], lang: Language) -> None:
    st.markdown(f"##### {say('explorer.quality.inputs', lang)}")
    frame = pd.DataFrame([asdict(one) for one in inputs])
    frame["file"] = [PurePath(file).name for file in frame["file"]]
    figures = {
        name: st.column_config.NumberColumn(say(f"explorer.column.{name}", lang), format="%,d")
        for name in COUNTS
    }
    words = {
        name: st.column_config.TextColumn(say(f"explorer.column.{name}", lang))
        for name in ("table", "file", "sha256")
    }
    st.dataframe(
        frame,
        column_order=("table", "file", *COUNTS, "sha256"),
        column_config={**words, **figures},
        hide_index=True,
        height=session.table_height(len(frame)),
        alt=say("explorer.quality.inputs", lang),
    )


def _counted(
    counts: Sequence[Reject] | Sequence[Flag], area: Literal["reject", "flag"], lang: Language
) -> None:
    """Show rows by table, field and reason; the values themselves may be clear identifiers."""
    title = say(f"explorer.quality.{area}", lang)
    st.markdown(f"##### {title}")
    if not counts:
        st.write(say(f"explorer.quality.no_{area}", lang))
        return
    table = pd.DataFrame(
        [
            {
                "table": one.table,
                "field": one.field,
                "import_reason": name_of(area, one.reason, lang),
                "rows": one.rows,
            }
            | ({"code": _code(one)} if any(map(_code, counts)) else {})
            for one in counts
        ]
    )
    st.dataframe(
        table,
        column_config={name: say(f"explorer.column.{name}", lang) for name in table.columns},
        hide_index=True,
        height=session.table_height(len(table)),
        placeholder="–",
        alt=title,
    )


def _code(counted: Reject | Flag) -> str | None:
    """Return the code a flag counts: of a coded column, so it names nobody."""
    if isinstance(counted, Flag) and counted.reason in CODE_REASONS:
        return counted.example
    return None


def _missing(account: Manifest, lang: Language) -> None:
    st.markdown(f"##### {say('explorer.quality.missing', lang)}")
    if not account.missing_tables:
        st.write(say("explorer.quality.none_missing", lang))
    lines = []
    for table in account.missing_tables:
        lost = [name_of("enables", one, lang) for one in account.switched_off.get(table, ())]
        lines.append(f"`{table}` – {plain(', '.join(lost))}" if lost else f"`{table}`")
    _listed(lines)


def _run(facts: dict[str, Any], lang: Language) -> None:
    st.markdown(f"##### {say('explorer.quality.off', lang)}")
    off = facts.get("off", [])
    if not off:
        st.write(say("explorer.quality.none_off", lang))
    _listed(
        say(
            "explorer.quality.off_line",
            lang,
            detector=plain(name_of("kind", one["detector"], lang)),
            tables=", ".join(f"`{table}`" for table in one.get("missing", [])),
        )
        for one in off
    )
    untested = _untested(facts, lang)
    if untested:
        st.markdown(f"##### {say('explorer.quality.notes', lang)}")
        _listed(untested)
    values = {name: facts.get(name, "–") for name in ("run", "seed")}
    st.caption(say("explorer.quality.run", lang, **values))


def _judged(run: data.Source, lang: Language) -> None:
    """Show what became of the leads that people decided; nothing if none was.

    By kind of ring, which is by detector, and by the motif that shows the ring.
    """
    _, leads = session.rings(run)
    judged = [one for one in leads if one.outcome]
    if not judged:
        return
    st.markdown(f"##### {say('explorer.quality.judged', lang)}")
    titles = {one.name: in_words(one, "title", language=lang) for one in motifs()}
    motif_of = ring_data.shown_by(run)
    outcomes = pd.DataFrame(
        {
            "kind": [name_of("kind", str(one.facts["kind"]), lang) for one in judged],
            "motif": [titles.get(motif_of.get(one.ring_id, "")) for one in judged],
            "outcome": [one.outcome for one in judged],
        }
    )
    for what in ("kind", "motif"):
        if outcomes[what].notna().any():
            _shares(outcomes, what, lang)


def _shares(outcomes: pd.DataFrame, what: str, lang: Language) -> None:
    told = pd.crosstab(outcomes[what], outcomes["outcome"]).reindex(columns=[*OUTCOMES])
    table = told.fillna(0).astype(int).reset_index()
    table["share"] = table["confirmed"] / table[[*OUTCOMES]].sum(axis=1)
    config: dict[str, Any] = {
        name: say(f"lead_outcome.{name}" if name in OUTCOMES else f"explorer.column.{name}", lang)
        for name in table.columns
    }
    config["share"] = st.column_config.NumberColumn(config["share"], format="percent")
    st.dataframe(table, column_config=config, hide_index=True, height="content", alt=config[what])


def _untested(facts: dict[str, Any], lang: Language) -> list[str]:
    """Say what ran without being able to measure anything."""
    lines = []
    if facts.get("measures_off"):
        named = dict.fromkeys(name_of("measure.name", one, lang) for one in facts["measures_off"])
        names = ", ".join(named)
        lines.append(say("explorer.quality.measures_off", lang, names=plain(names)))
    if facts.get("explanations_off"):
        names = ", ".join(name_of("honest.name", one, lang) for one in facts["explanations_off"])
        lines.append(say("explorer.quality.explanations_off", lang, names=plain(names)))
    if facts.get("places_skipped"):
        lines.append(say("explorer.quality.places_skipped", lang, count=facts["places_skipped"]))
    return lines + [plain(str(note)) for note in facts.get("notes", [])]


def _listed(lines: Iterable[str]) -> None:
    text = "\n".join(f"- {line}" for line in lines)
    if text:
        st.markdown(text)


if __name__ == "__main__":
    show()
