"""Reads one motif file: the TOML header and the query below it, refused if they disagree."""

import hashlib
import re
import string
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from detectors import cypher
from graph.schema import NODES
from ingest.errors import RingfenceError

Value = int | float | str | tuple[str, ...]
ParamType = Literal["integer", "number", "text", "texts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """What can be set: ``least`` bounds a number from below, and the length of a text or list."""

    name: str
    type: ParamType
    default: Value
    least: int | float
    unit: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The node a row is about: the explorer opens the one whose key stands in ``column``."""

    label: str
    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Motif:
    """One question to the graph: its words, what it returns and what it takes.

    ``identity`` are the columns that make two rows the same hit, ``members`` tells for a label
    which column holds its keys (one, or a list of them), ``columns`` and ``params`` keep the order
    of the header. ``text`` is the whole file, header included, as it is sent; ``digest`` is the
    SHA-256 of its bytes, so that a hit can name the very question it answers.
    """

    name: str
    title: str
    question: str
    honest: str
    unknown: str
    subject: Subject
    identity: tuple[str, ...]
    sources: tuple[str, ...]
    members: Mapping[str, str]
    columns: Mapping[str, str]
    params: Mapping[str, Param]
    text: str
    digest: str


def read_motif(path: Path) -> Motif:
    """Read and check a motif file.

    Raises
    ------
    RingfenceError
        On the first thing that is wrong, with file and field: a header that is not TOML, lacks a
        field, has one too many or an empty one; a placeholder or ``$name`` that is not declared, a
        parameter that is not used, a default below its ``least``; a column or label that does not
        exist; a query that is more than one reading statement.
    """
    found, header, query = checked_motif(path)
    for fault in (*header, *query):
        raise RingfenceError(fault)
    assert found is not None  # noqa: S101 - without a fault there is a motif
    return found


def checked_motif(path: Path) -> tuple[Motif | None, list[str], list[str]]:
    """Return a motif file's content, the faults of its header and those of its query.

    All faults are told that can be: a header without its shape hides what stands in it, one that
    is not TOML everything but the words of the query. The motif is None where its header has not
    even the shape; with a fault it may be shown, never asked.
    """
    try:
        data = path.read_bytes()
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return None, [f"{path.name}: the file is not UTF-8: {error}."], []
    except OSError as error:
        return None, [f"{path.name}: the file cannot be read: {error.strerror}."], []
    match = re.match(r"/\*(.*?)\*/(.*)", text, re.DOTALL)
    if match is None:
        missing = f"{path.name}: the header is missing; begin the file with '/*', TOML, '*/'."
        return None, [missing], []
    spoken = _of(path, _query_faults(text, match[2]))
    try:
        header = tomllib.loads(match[1])
    except tomllib.TOMLDecodeError as error:
        return None, [f"{path.name}: the header is not TOML: {error}."], spoken
    if shape := _of(path, _shape_faults(path.stem, header)):
        return None, shape, spoken
    motif = _motif(path, header, text, hashlib.sha256(data).hexdigest())
    content = [*_prose_faults(motif), *_column_faults(motif), *_param_faults(motif)]
    return motif, _of(path, content), [*spoken, *_of(path, _use_faults(motif, match[2]))]


def type_of(value: object) -> ParamType | None:
    """Return the type of a parameter value, None if it can be none; a truth value is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return "integer" if -(2**63) <= value < 2**63 else None
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return "texts"
    return None


def size_of(value: Value) -> int | float:
    """Return what ``least`` bounds: a number itself, else the length."""
    return value if isinstance(value, int | float) else len(value)


TEXTS = ("title", "question", "honest", "unknown")
LISTS = ("identity", "sources")
TABLES = ("subject", "members", "columns", "params")
# What casework.hits.run takes itself.
RESERVED = ("motif", "graph", "limit", "timeout_seconds", "acts_as")
PARAM_FIELDS = ("default", "least", "unit", "meaning")


def _of(path: Path, faults: Iterable[str]) -> list[str]:
    return [f"{path.name}: {fault}." for fault in faults]


def _motif(path: Path, header: dict[str, Any], text: str, digest: str) -> Motif:
    return Motif(
        name=path.stem,
        title=header["title"],
        question=header["question"],
        honest=header["honest"],
        unknown=header["unknown"],
        subject=Subject(**header["subject"]),
        identity=tuple(header["identity"]),
        sources=tuple(header["sources"]),
        members=header["members"],
        columns=header["columns"],
        params={name: _param(name, entry) for name, entry in header["params"].items()},
        text=text,
        digest=digest,
    )


def _param(name: str, entry: dict[str, Any]) -> Param:
    default = entry["default"]
    kind = type_of(default)
    assert kind is not None  # noqa: S101 - the shape was checked
    return Param(
        name=name,
        type=kind,
        default=tuple(default) if isinstance(default, list) else default,
        least=entry["least"],
        unit=entry["unit"],
        meaning=entry["meaning"],
    )


def _shape_faults(name: str, header: dict[str, Any]) -> Iterator[str]:
    """Tell which field is missing, unknown, of another type or without content."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        yield "name the file in lower case letters and '_'"
    yield from _names("header", header, (*TEXTS, *LISTS, *TABLES))
    for field in TEXTS:
        if field in header:
            yield from _filled(field, header[field])
    for field in LISTS:
        held = header.get(field, ["absent"])
        if not isinstance(held, list) or not held:
            yield f"{field} must be a list with at least one text"
            continue
        for item in held:
            yield from _filled(field, item)
    for field in TABLES:
        if field in header:
            yield from _table_faults(field, header[field])


def _table_faults(field: str, table: object) -> Iterator[str]:
    if not isinstance(table, dict) or not table:
        yield f"{field} must be a table with at least one entry"
        return
    if field == "subject":
        yield from _names("subject", table, ("label", "column"))
    for name, entry in table.items():
        if field != "params":
            yield from _filled(f"{field}.{name}", entry)
        elif not isinstance(entry, dict):
            yield f"params.{name} must be a table"
        else:
            yield from _entry_faults(f"params.{name}", entry)


def _entry_faults(field: str, entry: dict[str, Any]) -> Iterator[str]:
    yield from _names(field, entry, PARAM_FIELDS)
    for part in ("unit", "meaning"):
        if part in entry:
            yield from _filled(f"{field}.{part}", entry[part])
    if "default" in entry and type_of(entry["default"]) is None:
        yield f"{field}.default must be a number, a text or a list of texts"
    if "least" in entry and type_of(entry["least"]) not in ("integer", "number"):
        yield f"{field}.least must be a number"


def _names(field: str, table: dict[str, Any], wanted: tuple[str, ...]) -> Iterator[str]:
    for name in wanted:
        if name not in table:
            yield f"{field} lacks '{name}'"
    for name in table:
        if name not in wanted:
            yield f"{field} has an unknown entry '{name}'; known are {', '.join(wanted)}"


def _filled(field: str, value: object) -> Iterator[str]:
    if not isinstance(value, str) or not value.strip():
        yield f"{field} must be a text that is not empty"


def _param_faults(motif: Motif) -> Iterator[str]:
    for name, param in motif.params.items():
        if name in RESERVED:
            yield f"params.{name} has the name of an option of asking; give it another"
        if not size_of(param.default) >= param.least:  # so that a number that is none is told too
            yield (f"params.{name}.default is {param.default!r}, below its least of {param.least}")


def _prose_faults(motif: Motif) -> Iterator[str]:
    if not motif.question.endswith("?"):
        yield "question must end with '?'"
    for field in TEXTS:
        try:
            parts = list(string.Formatter().parse(getattr(motif, field)))
        except ValueError as error:
            yield f"{field} has a stray brace ({error})"
            continue
        for name in sorted({name for _, name, _, _ in parts if name is not None}):
            if name not in motif.params:
                yield f"{field} names {{{name}}}, which [params] does not declare"
        if any(form or conversion for _, _, form, conversion in parts):
            yield f"{field} gives a placeholder a format; write {{name}} alone"


def _column_faults(motif: Motif) -> Iterator[str]:
    pointers = {"subject.column": motif.subject.column}
    pointers |= {f"members.{label}": column for label, column in motif.members.items()}
    pointers |= {f"identity[{place}]": column for place, column in enumerate(motif.identity)}
    for field, column in pointers.items():
        if column not in motif.columns:
            yield f"{field} points at '{column}', which [columns] does not declare"
    if "setl_ids" not in motif.columns:
        yield "columns lacks 'setl_ids', the settlements a row rests on"
    labels = {node.label for node in NODES}
    named = {"subject.label": motif.subject.label} | {f"members.{x}": x for x in motif.members}
    for field, label in named.items():
        if label not in labels:
            yield f"{field} names '{label}', which is no label of graph/schema.py"


def _query_faults(text: str, query: str) -> Iterator[str]:
    if "\\u" in text.lower():
        yield "query holds a \\u escape; write the character itself"
        return
    for fault in cypher.faults(query):
        yield f"query {fault}"


def _use_faults(motif: Motif, query: str) -> Iterator[str]:
    used = cypher.parameters(query)
    for name in sorted(used - set(motif.params)):
        yield f"query uses ${name}, which [params] does not declare"
    for name in sorted(set(motif.params) - used):
        yield f"params.{name} is declared but the query does not use it"
