"""Ask the graph a question: read-only, with a time limit and a row cap, in plain Python values."""

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from neo4j.graph import Node, Path, Relationship
from neo4j.spatial import Point
from neo4j.time import Date, DateTime, Duration, Time

from graph.question import barred
from graph.schema import IMPORT
from graph.store import Store, limited, reading, server_limit_seconds
from ingest.errors import RingfenceError
from ingest.telling import listed, to_say

GRACE_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Rows of a question in its own order; ``truncated`` says that there were more than fit."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    truncated: bool
    seconds: float


def ask(
    store: Store,
    text: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    columns: Sequence[str] | None = None,
    limit: int = 5000,
    timeout_seconds: float = 60.0,
) -> Answer:
    """Run a Cypher question and return at most ``limit`` rows.

    A list in a cell is sorted, since what a query collects has no order; so a list whose order
    carries meaning, such as the nodes of a path, must come back as a path. Nodes are maps of
    ``labels`` and ``properties``, relationships of ``type`` and ``properties``, paths of ``nodes``
    and ``relationships``; times are those of :mod:`datetime`, durations and points text.

    ``columns`` names the columns where a server names none for an empty result, and is checked
    where it does. A time limit longer than the embedded server's own is cut to that.

    Raises
    ------
    RingfenceError
        If the text is more than one reading question or calls a procedure, if it tries to write,
        is refused or takes too long, if its columns are not ``columns``, or if the graph is only
        half loaded.
    """
    for fault in barred(text):
        raise RingfenceError(to_say("refused.question.barred", fault=fault))
    began = time.monotonic()

    def work() -> Answer:
        return _asked(store, text, dict(parameters or {}), columns, limit, timeout_seconds, began)

    own = server_limit_seconds(store)
    if own is None:  # Neo4j keeps the limit, but not within one expression, such as a long reduce()
        return _within(timeout_seconds, work, grace_seconds=GRACE_SECONDS)
    return _within(timeout_seconds, work) if timeout_seconds < own else work()


def _asked(
    store: Store,
    text: str,
    parameters: dict[str, Any],
    columns: Sequence[str] | None,
    limit: int,
    timeout_seconds: float,
    began: float,
) -> Answer:
    with reading(store, hints=False) as session:
        if session.run(f"MATCH (i:{IMPORT.label} {{finished: false}}) RETURN i.digest").data():
            raise RingfenceError(to_say("refused.graph.loading"))
        result = session.run(limited(store, text, timeout_seconds), parameters)
        found = tuple(result.keys())
        records = result.fetch(limit + 1)
        if "w" in (result.consume().query_type or ""):
            raise RingfenceError(to_say("refused.question.writes"))
    named = _named(found, columns, bool(records))
    rows = tuple(tuple(plain(value) for value in record.values()) for record in records[:limit])
    return Answer(
        columns=named,
        rows=rows,
        truncated=len(records) > limit,
        seconds=time.monotonic() - began,
    )


def plain(value: Any) -> Any:
    """Return a value of the driver as plain Python, lists sorted."""
    if isinstance(value, list | tuple) and not isinstance(value, Point | Duration):
        return sorted((plain(item) for item in value), key=_order)
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, Node):
        return {"labels": sorted(value.labels), "properties": plain(_present(value))}
    if isinstance(value, Relationship):
        return {"type": value.type, "properties": plain(_present(value))}
    if isinstance(value, Path):
        return {
            "nodes": [plain(item) for item in value.nodes],
            "relationships": [plain(item) for item in value.relationships],
        }
    if isinstance(value, Date | DateTime | Time):
        return value.to_native()
    if isinstance(value, Duration):
        return value.iso_format()
    return str(value) if isinstance(value, Point) else value


def _present(entity: Node | Relationship) -> dict[str, Any]:
    return {name: value for name, value in sorted(entity.items()) if value is not None}


def _order(value: Any) -> tuple[str, Any]:
    """Sort numbers by size, texts by code point, and anything else by its JSON."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "0", value
    if isinstance(value, str):
        return "1", value
    return "2", json.dumps(value, sort_keys=True, default=str, ensure_ascii=False)


def _named(
    found: tuple[str, ...], columns: Sequence[str] | None, any_rows: bool
) -> tuple[str, ...]:
    if columns is None or tuple(columns) == found:
        return found
    if any_rows or found:
        raise RingfenceError(
            to_say("refused.question.columns", found=listed(found), columns=listed(columns))
        )
    return tuple(columns)


def _within(seconds: float, work: Callable[[], Answer], *, grace_seconds: float = 0.0) -> Answer:
    """Wait for an answer at most ``seconds``; the server ends what is left at its own limit.

    ``grace_seconds`` leave a server that keeps the limit itself the time to say so.
    """
    box: SimpleQueue[Answer | BaseException] = SimpleQueue()

    def run() -> None:
        try:
            box.put(work())
        except BaseException as error:  # noqa: BLE001 - raised again where the answer is waited for
            box.put(error)

    threading.Thread(target=run, daemon=True, name="question").start()
    try:
        answer = box.get(timeout=seconds + grace_seconds)
    except Empty:
        raise RingfenceError(to_say("refused.question.too_long", seconds=seconds)) from None
    if isinstance(answer, BaseException):
        raise answer
    return answer
