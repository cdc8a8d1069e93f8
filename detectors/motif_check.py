"""Checks a motif file anywhere: what can be said of it without a server, and on a loaded graph."""

import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from detectors import motif_lint
from detectors.motif import Motif, sent, values
from detectors.motif_file import checked_motif
from graph.ask import Answer, ask
from graph.store import Store, reading
from ingest.errors import RingfenceError

State = Literal["passed", "failed", "not_checked"]
CHECKS = ("header", "query", "cypher_5", "cypher_25", "plan", "columns", "identity", "time")
ROWS = 5000
SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check: its name in :data:`CHECKS`, how it ended, and why; one sentence or several."""

    name: str
    state: State
    reason: str


def check(path: Path, *, store: Store | None = None) -> list[Check]:
    """Return every check of a motif file, in the order of :data:`CHECKS`; each is there once.

    ``header`` and ``query`` are the rules of the file, with every fault that can be told at once.
    ``cypher_5`` and ``cypher_25`` are what Neo4j's own parser says, where it is installed. With a
    store the question is planned (``plan``: no warning) and asked with its default values, read
    only, at most 5,000 rows and 60 seconds: the ``columns`` are those of the header, the
    ``identity`` names each row once, ``time`` tells how long it took. What could not be checked
    says why and what to do; it never counts as passed. A motif with a fault is not sent to a
    server.
    """
    motif, header, query = checked_motif(path)
    found = [_told("header", header, "every field is there and fits the others")]
    if motif is None and not query:
        found.append(_open("query", "the header must be right first"))
    else:
        found.append(_told("query", query, "it is one question, and reads only"))
    if motif is None or header or query:
        return [*found, *(_open(name, "the file must be right first") for name in CHECKS[2:])]
    return [*found, *_parsed(motif), *_asked(motif, store)]


def _parsed(motif: Motif) -> Iterator[Check]:
    names = [f"cypher_{version}" for version in motif_lint.VERSIONS]
    try:
        said = motif_lint.lint([motif_lint.question(motif)]) if motif_lint.installed() else None
    except (OSError, subprocess.CalledProcessError) as broken:
        yield from (_open(name, f"Neo4j's parser broke off: {broken}") for name in names)
        return
    for name, version in zip(names, motif_lint.VERSIONS, strict=True):
        if said is None:
            yield _open(name, f"Neo4j's parser is not installed: {motif_lint.REMEDY}")
            continue
        faults = [f"line {row.line}: {row.message}" for row in said if row.version == version]
        yield _told(name, faults, f"Neo4j's parser finds nothing to say, as Cypher {version}")


def _asked(motif: Motif, store: Store | None) -> Iterator[Check]:
    if store is None:
        yield from (_open(name, "no graph is open: name a workspace") for name in CHECKS[4:])
        return
    given = sent(values(motif, {}))
    try:
        with reading(store) as session:
            summary = session.run("EXPLAIN " + motif.text, given).consume()
        said = [status for status in summary.gql_status_objects if status.is_notification]
        yield _told("plan", [status.status_description for status in said], "no warning")
    except RingfenceError as refused:
        yield _told("plan", [str(refused)], "")
        yield from (_open(name, "the server must plan it first") for name in CHECKS[5:])
        return
    try:
        answer = ask(store, motif.text, given, limit=ROWS, timeout_seconds=SECONDS)
    except RingfenceError as refused:
        yield from (_open(name, "there is no answer") for name in ("columns", "identity"))
        yield _told("time", [str(refused)], "")
        return
    yield _columns(motif, answer)
    yield _identity(motif, answer)
    more = " and more" if answer.truncated else ""
    seconds = f"{answer.seconds:.2f} seconds, {len(answer.rows):,} rows{more}"
    yield Check(name="time", state="passed", reason=seconds)


def _columns(motif: Motif, answer: Answer) -> Check:
    if not answer.columns:  # the embedded server names none where there is no row
        return _open("columns", "no row came back: ask a graph in which the motif has a hit")
    wanted, found = ", ".join(motif.columns), ", ".join(answer.columns)
    faults = [] if wanted == found else [f"the query returns {found}; [columns] holds {wanted}"]
    return _told("columns", faults, "the query returns those of [columns], in order")


def _identity(motif: Motif, answer: Answer) -> Check:
    missing = [name for name in motif.identity if name not in answer.columns]
    if not answer.rows:
        return _open("identity", "no row came back: ask a graph in which the motif has a hit")
    if missing:
        return _told("identity", [f"no column {name} came back" for name in missing], "")
    places = [answer.columns.index(name) for name in motif.identity]
    keys = Counter(repr([row[place] for place in places]) for row in answer.rows)
    twice = [key for key, count in keys.items() if count > 1]
    named = ", ".join(motif.identity)
    faults = [f"{named} is {twice[0]} in several rows"] if twice else []
    return _told("identity", faults, f"{named} differs in each of {len(answer.rows):,} rows")


def _told(name: str, faults: list[str], fine: str) -> Check:
    if faults:
        return Check(name=name, state="failed", reason=" ".join(faults))
    return Check(name=name, state="passed", reason=fine)


def _open(name: str, why: str) -> Check:
    return Check(name=name, state="not_checked", reason=why)
