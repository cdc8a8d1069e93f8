"""Reads one motif file: the TOML header and the query below it, refused if they disagree."""

import hashlib
import re
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn

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
    data = path.read_bytes()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RingfenceError(f"{path.name}: the file is not UTF-8: {error}.") from error
    header, query = _parts(path, text)
    _shape(path, header)
    motif = Motif(
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
        params={name: _param(path, name, entry) for name, entry in header["params"].items()},
        text=text,
        digest=hashlib.sha256(data).hexdigest(),
    )
    _check_prose(path, motif)
    _check_columns(path, motif)
    _check_query(path, motif, query)
    return motif


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
PARAM_FIELDS = ("default", "least", "unit", "meaning")


def _parts(path: Path, text: str) -> tuple[dict[str, Any], str]:
    match = re.match(r"/\*(.*?)\*/(.*)", text, re.DOTALL)
    if match is None:
        raise RingfenceError(
            f"{path.name}: the header is missing; begin the file with '/*', TOML, '*/'."
        )
    try:
        return tomllib.loads(match[1]), match[2]
    except tomllib.TOMLDecodeError as error:
        raise RingfenceError(f"{path.name}: the header is not TOML: {error}.") from error


def _shape(path: Path, header: dict[str, Any]) -> None:
    """Check that every field is there, none is unknown, and each has its type and a content."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", path.stem):
        raise RingfenceError(f"{path.name}: name the file in lower case letters and '_'.")
    _names(path, "header", header, (*TEXTS, *LISTS, *TABLES))
    for field in TEXTS:
        _filled(path, field, header[field])
    for field in LISTS:
        if not isinstance(header[field], list) or not header[field]:
            _fault(path, field, "must be a list with at least one text")
        for item in header[field]:
            _filled(path, field, item)
    for field in TABLES:
        if not isinstance(header[field], dict) or not header[field]:
            _fault(path, field, "must be a table with at least one entry")
    _names(path, "subject", header["subject"], ("label", "column"))
    for field in ("subject", "members", "columns"):
        for name, entry in header[field].items():
            _filled(path, f"{field}.{name}", entry)
    for name, entry in header["params"].items():
        if not isinstance(entry, dict):
            _fault(path, f"params.{name}", "must be a table")
        _names(path, f"params.{name}", entry, PARAM_FIELDS)
        for field in ("unit", "meaning"):
            _filled(path, f"params.{name}.{field}", entry[field])


def _names(path: Path, field: str, table: dict[str, Any], wanted: tuple[str, ...]) -> None:
    for name in wanted:
        if name not in table:
            _fault(path, field, f"lacks '{name}'")
    for name in table:
        if name not in wanted:
            _fault(path, field, f"has an unknown entry '{name}'; known are {', '.join(wanted)}")


def _filled(path: Path, field: str, value: object) -> None:
    if not isinstance(value, str) or not value.strip():
        _fault(path, field, "must be a text that is not empty")


def _param(path: Path, name: str, entry: dict[str, Any]) -> Param:
    field = f"params.{name}"
    default, least = entry["default"], entry["least"]
    kind = type_of(default)
    if kind is None:
        _fault(path, f"{field}.default", "must be a number, a text or a list of texts")
    if type_of(least) not in ("integer", "number"):
        _fault(path, f"{field}.least", "must be a number")
    if isinstance(default, list):
        default = tuple(default)
    if size_of(default) < least:
        _fault(path, f"{field}.default", f"is {default!r}, below its least of {least}")
    return Param(
        name=name,
        type=kind,
        default=default,
        least=least,
        unit=entry["unit"],
        meaning=entry["meaning"],
    )


def _check_prose(path: Path, motif: Motif) -> None:
    if not motif.question.endswith("?"):
        _fault(path, "question", "must end with '?'")
    for field in TEXTS:
        try:
            parts = string.Formatter().parse(getattr(motif, field))
            names = sorted({name for _, name, _, _ in parts if name is not None})
        except ValueError as error:
            _fault(path, field, f"has a stray brace ({error})")
        for name in names:
            if name not in motif.params:
                _fault(path, field, f"names {{{name}}}, which [params] does not declare")


def _check_columns(path: Path, motif: Motif) -> None:
    pointers = {"subject.column": motif.subject.column}
    pointers |= {f"members.{label}": column for label, column in motif.members.items()}
    pointers |= {f"identity[{place}]": column for place, column in enumerate(motif.identity)}
    for field, column in pointers.items():
        if column not in motif.columns:
            _fault(path, field, f"points at '{column}', which [columns] does not declare")
    if "setl_ids" not in motif.columns:
        _fault(path, "columns", "lacks 'setl_ids', the settlements a row rests on")
    labels = {node.label for node in NODES}
    for field, label in [("subject.label", motif.subject.label), *_labelled(motif)]:
        if label not in labels:
            _fault(path, field, f"names '{label}', which is no label of graph/schema.py")


def _labelled(motif: Motif) -> list[tuple[str, str]]:
    return [(f"members.{label}", label) for label in motif.members]


def _check_query(path: Path, motif: Motif, query: str) -> None:
    if "\\u" in motif.text.lower():
        _fault(path, "query", "holds a \\u escape; write the character itself")
    for fault in cypher.faults(query):
        _fault(path, "query", fault)
    used = cypher.parameters(query)
    for name in sorted(used - set(motif.params)):
        _fault(path, "query", f"uses ${name}, which [params] does not declare")
    for name in sorted(set(motif.params) - used):
        _fault(path, f"params.{name}", "is declared but the query does not use it")


def _fault(path: Path, field: str, what: str) -> NoReturn:
    raise RingfenceError(f"{path.name}: {field} {what}.")
