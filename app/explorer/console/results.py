"""Hits for reading: the declared columns with their meanings, times as times, long lists short."""

import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import streamlit as st

from app.explorer.console.form import worded
from casework.audit import Actor
from casework.exports import export_hits
from casework.ledger import Ledger
from casework.questions import Asked
from casework.runs import Hit, Recorded
from detectors.motif import Motif, read_motif
from graph.ask import Answer
from graph.schema import NODES
from ingest.texts import Language

BRIEF = 3
"""Members of a list that a table shows; the hit itself and files hold all."""
START = datetime(1970, 1, 1)
PLACES = ("Pharmacy", "Institution")
Format = Literal["csv", "parquet", "json"]


def frame(motif: Motif, hits: Sequence[Hit], columns: Sequence[str]) -> pd.DataFrame:
    """Return hits as a table of the columns, in their order, one row for each hit."""
    return pd.DataFrame(
        {
            name: [cell(hit.row.get(name), motif.columns.get(name, "")) for hit in hits]
            for name in columns
        }
    )


def cell(value: Any, meaning: str) -> Any:
    """Return a value for reading: a time where the meaning says that the number is one.

    Examples
    --------
    >>> cell(["a", "b", "c", "d"], ""), cell(20089, "the day (days since 1970-01-01)")
    ('a, b, c … (4)', '2025-01-01')
    """
    if isinstance(value, list | tuple):
        short = ", ".join(str(one) for one in value[:BRIEF])
        return f"{short} … ({len(value):,})" if len(value) > BRIEF else short
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    if isinstance(value, int) and not isinstance(value, bool):
        if "seconds since 1970-01-01" in meaning:
            return (START + timedelta(seconds=value)).strftime("%Y-%m-%d %H:%M:%S")
        if "days since 1970-01-01" in meaning:
            return (START + timedelta(days=value)).strftime("%Y-%m-%d")
    return value


def columns_of(motif: Motif, names: Iterable[str], lang: Language) -> dict[str, Any]:
    """Return how a table names its columns: the header's name, with its meaning as help."""
    return {
        name: st.column_config.Column(name, help=meaning_of(motif, name, lang)) for name in names
    }


def meaning_of(motif: Motif, column: str, lang: Language) -> str:
    """Return what a column means."""
    return worded(f"motif.{motif.name}.column.{column}", motif.columns.get(column, ""), lang)


def nodes_of(motif: Motif, row: Mapping[str, Any]) -> list[str]:
    """Return the nodes of a hit as the canvas names them: its subject first, then its members.

    A place is named both as a pharmacy and as an institution, since one label of a header may hold
    either; what the graph does not know is not drawn.
    """
    told = {motif.subject.label: motif.subject.column}
    pairs = [*told.items(), *motif.members.items(), *_by_key(motif)]
    found: dict[str, None] = {}
    for label, column in pairs:
        value = row.get(column)
        keys = value if isinstance(value, list | tuple) else [value]
        for key in keys:
            if key not in (None, ""):
                for name in PLACES if label in PLACES else (label,):
                    found.setdefault(f"{name}:{key}")
    return list(found)


def identity_text(hit: Hit) -> str:
    """Return what makes a hit itself, as a person reads it."""
    return ", ".join(f"{name} {cell(value, '')}" for name, value in hit.identity.items())


def asked_of(motif: Motif, run: Recorded, hits: Sequence[Hit]) -> Asked:
    """Return a recorded run as it was answered, to be written into a file."""
    rows = tuple(tuple(hit.row.get(name) for name in run.columns) for hit in hits)
    return Asked(
        run_id=run.run_id,
        motif=motif,
        parameters=dict(run.parameters),
        answer=Answer(
            columns=run.columns,
            rows=rows,
            truncated=bool(run.truncated),
            seconds=run.seconds or 0.0,
        ),
    )


def exported(ledger: Ledger, actor: Actor, asked: Asked, *, format: Format) -> bytes:
    """Return the file of a run's hits; the audit log holds its SHA-256 before it is handed out."""
    with tempfile.TemporaryDirectory(prefix="ringfence-") as folder:
        path = Path(folder) / file_name(asked, format)
        export_hits(ledger, actor, asked, path, format=format)
        return path.read_bytes()


def file_name(asked: Asked, format: Format) -> str:
    """Return what a file of hits is called."""
    return f"{asked.motif.name}-{asked.run_id}.{format}"


def from_text(name: str, text: str) -> Motif:
    """Read a motif that is kept as text, with every check of a file."""
    with tempfile.TemporaryDirectory(prefix="ringfence-") as folder:
        path = Path(folder) / f"{name}.cypher"
        path.write_bytes(text.encode())
        return read_motif(path)


def _by_key(motif: Motif) -> list[tuple[str, str]]:
    """Return columns that are named like the key of one label, though no member says so."""
    labels: dict[str, list[str]] = {}
    for node in NODES:
        labels.setdefault(node.key, []).append(node.label)
    named = {motif.subject.column, *motif.members.values()}
    return [
        (labels[name][0], name)
        for name in motif.columns
        if name not in named and (len(labels.get(name, ())) == 1 or name == "place_id")
    ]
