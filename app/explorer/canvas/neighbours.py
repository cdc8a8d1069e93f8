"""Questions to the graph: who hangs on a node, which lines join what is drawn, and what it is.

Statements are put together from :mod:`app.explorer.canvas.ties`; identifiers, times and limits
travel as parameters. Every question starts at the nodes that are asked about.
"""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

from app.explorer.canvas.asking import AGENCY, Asked, meant, sees, shown
from app.explorer.canvas.ties import COUNT, Tie, ties, touching
from graph import schema
from graph.ask import Answer
from ingest.errors import RingfenceError
from ingest.telling import to_say

Order = Literal["times", "fund", "latest"]
Direction = Literal["both", "out", "in"]

STRONGEST = 30
"""Neighbours that an expand brings, unless another limit is asked for."""
MANY = 200
"""More neighbours than this make a hub: it is expanded by choice only, and paths go round it."""
MOST = 500
"""Neighbours that one expand brings at most."""
SECONDS = 15.0
SIDE_BY_SIDE = 4
ROWS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What an expand is limited to; the defaults are those of a double click.

    ``ties`` names the kinds by id; none means all that are shown unasked. ``since`` and ``until``
    (seconds local, both included) drop settlements outside and ties that have no time.
    """

    ties: tuple[str, ...] = ()
    direction: Direction = "both"
    since: int | None = None
    until: int | None = None
    order: Order = "times"
    limit: int = STRONGEST

    @property
    def windowed(self) -> bool:
        """Whether only some time is asked for."""
        return self.since is not None or self.until is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """The neighbours of a node: the strongest, how many of each kind, and how many in all.

    ``total`` counts a neighbour once for each kind where a kind has more than ``MOST``.
    """

    ids: tuple[str, ...]
    counts: Mapping[str, int]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """All parallel relationships of one kind between two nodes."""

    tie: Tie
    start: str
    end: str
    times: int
    fund: int | None = None
    first: int | None = None
    last: int | None = None

    @property
    def id(self) -> str:
        """What tells it from every other line."""
        return f"{self.tie.name}|{self.start}|{self.end}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the graph holds of one node; ``rings`` are (ring_id, role, weight, probability)."""

    id: str
    properties: Mapping[str, Any]
    rings: tuple[tuple[str, str, float, float], ...] = ()

    @property
    def label(self) -> str:
        """Its type."""
        return parted(self.id)[0]

    @property
    def key(self) -> str:
        """Its identifier."""
        return parted(self.id)[1]

    @property
    def risk(self) -> float:
        """The highest probability of a ring × weight in it; 0 outside rings."""
        if self.label == "Ring":
            return float(self.properties.get("probability") or 0)
        return max((weight * probability for *_, weight, probability in self.rings), default=0.0)


def parted(id_: str) -> tuple[str, str]:
    """Return label and key of a node's name.

    Raises
    ------
    RingfenceError
        If it names no label of the graph.
    """
    label, _, key = id_.partition(":")
    try:
        schema.node(label)
    except KeyError:
        raise RingfenceError(to_say("refused.page.no_node", node=id_)) from None
    return label, key


def around(ask: Asked, id_: str, choice: Choice) -> Around:
    """Return the strongest neighbours of a node, the kinds of tie taking turns.

    Within a kind the order is the chosen one, largest first, then the key. Nothing leads on from
    the node that stands for the agency's staff.
    """
    label, key = parted(id_)
    if id_ == AGENCY:
        return Around(ids=(), counts={}, total=0)
    wanted = [
        (tie, side)
        for tie, side in touching(label)
        if (tie.id in choice.ties if choice.ties else tie.default(label))
        and (
            choice.direction == "both"
            or not tie.directed
            or (choice.direction == "out") == (side == "a")
        )
        and (tie.at or not choice.windowed)
    ]
    if not wanted:
        return Around(ids=(), counts={}, total=0)
    start = f"MATCH (n:{label} {{{schema.node(label).key}: $key}})\n"
    values = {"key": key, "most": MOST, "since": choice.since, "until": choice.until}
    asked = [(start + _branch(tie, side, choice), values) for tie, side in wanted]
    answers = all_of(ask, asked)
    counts: dict[str, int] = {}
    ranked: list[list[str]] = []
    whole: set[str] = set()
    beyond = 0
    for (tie, _), answer in zip(wanted, answers, strict=True):
        total, found = answer.rows[0] if answer.rows else (0, [])
        if not total:
            continue
        order = sorted(found, key=lambda one: (-(one["rank"] or 0), one["key"]))
        ids = shown(ask, (f"{tie.other(label)}:{one['key']}" for one in order))
        total -= len(found) - len(ids)
        if not total:
            continue
        counts[tie.id] = total
        ranked.append(list(ids))
        whole.update(ids)
        beyond += max(0, total - MOST)
    return Around(
        ids=tuple(_in_turn(ranked, min(choice.limit, MOST))),
        counts=counts,
        total=len(whole) + beyond,
    )


def lines(ask: Asked, ids: Iterable[str], new: Iterable[str] | None = None) -> list[Line]:
    """Return every line between the nodes, or only those with an end among ``new``.

    A line through a node that is itself among the nodes, and tied to both, is left out.
    """
    wanted = meant(ask, ids)
    by_label = _by_label(wanted)
    fresh = _by_label(meant(ask, new) if new is not None else wanted)
    asked: list[tuple[Tie, str, dict[str, Any]]] = []
    for tie in ties():
        if tie.start not in by_label or tie.end not in by_label:
            continue
        text = _joining(tie)
        everything = {"starts": by_label[tie.start], "ends": by_label[tie.end]}
        if new is None:
            asked.append((tie, text, everything))
            continue
        if tie.end in fresh:
            asked.append((tie, text, {**everything, "ends": fresh[tie.end]}))
        if tie.start in fresh and tie.start != tie.end:
            asked.append((tie, text, {**everything, "starts": fresh[tie.start]}))
    found: dict[str, Line] = {}
    answers = all_of(ask, [(text, values) for _, text, values in asked])
    for (tie, *_), answer in zip(asked, answers, strict=True):
        for start, end, times, fund, first, last in answer.rows:
            a, b = f"{tie.start}:{start}", f"{tie.end}:{end}"
            if not tie.directed and a > b:
                a, b = b, a
            if a != b:
                line = Line(tie=tie, start=a, end=b, times=times, fund=fund, first=first, last=last)
                found[line.id] = line
    return _together(ask, found.values())


def uncovered(every: Sequence[Line]) -> list[Line]:
    """Leave out the lines that lead through a node which is drawn and joined to both ends."""
    beside: dict[str, set[str]] = {}
    for line in every:
        beside.setdefault(line.start, set()).add(line.end)
        beside.setdefault(line.end, set()).add(line.start)
    return [
        line
        for line in every
        if not line.tie.via
        or not any(
            one.startswith(f"{line.tie.via}:") for one in beside[line.start] & beside[line.end]
        )
    ]


def facts(ask: Asked, ids: Iterable[str]) -> dict[str, Facts]:
    """Return what the graph holds of each node; one that it does not know is not returned."""
    members = set(schema.relationship("MEMBER_OF").starts)
    wanted = shown(ask, ids)
    by_label = _by_label(one for one in wanted if one != AGENCY)
    asked = []
    for label, keys in by_label.items():
        rings = (
            "COLLECT { MATCH (n)-[m:MEMBER_OF]->(g:Ring) RETURN {ring: g.ring_id, "
            "role: m.role, weight: m.weight, probability: g.probability} }"
            if label in members
            else "[]"
        )
        text = (
            f"UNWIND $keys AS one MATCH {_node('n', label, 'one')} "
            f"RETURN one AS key, properties(n) AS properties, {rings} AS rings ORDER BY key"
        )
        asked.append((text, {"keys": keys}))
    found = {AGENCY: Facts(id=AGENCY, properties={})} if AGENCY in wanted else {}
    rows = [
        (label, *row)
        for label, answer in zip(by_label, all_of(ask, asked), strict=True)
        for row in answer.rows
    ]
    for label, key, properties, rings in rows:
        known = {name: value for name, value in properties.items() if value is not None}
        found[f"{label}:{key}"] = Facts(
            id=f"{label}:{key}",
            properties=known,
            rings=tuple(
                (one["ring"], one["role"] or "", one["weight"] or 0.0, one["probability"] or 0.0)
                for one in rings
                if sees(ask, one["ring"])
            ),
        )
    return found


def all_of(ask: Asked, questions: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Answer]:
    """Return the answers of many small questions in their order, some asked side by side.

    One large question for all of them would be planned anew for each set of labels, which takes a
    Neo4j seconds; small ones are planned once.
    """

    def one(question: tuple[str, Mapping[str, Any]]) -> Answer:
        return ask(question[0], question[1], limit=ROWS, timeout_seconds=SECONDS)

    return list(_pool().map(one, questions))


def settlements_of(ask: Asked, line: Line, *, limit: int = 1_000) -> tuple[str, ...] | None:
    """Return the settlements a line stands for, newest first; None where it stands for none."""
    tie = line.tie
    setl = tie.setl or ("r.setl_id" if tie.records else "")
    if not setl:
        return None
    pattern = tie.records or tie.pattern
    at = tie.at or "r.at"
    text = (
        f"UNWIND $starts AS start MATCH {_node('a', tie.start, 'start')} "
        f"UNWIND $ends AS end MATCH {_node('b', tie.end, 'end')} "
        f"MATCH {pattern.format(a='(a)', b='(b)')} "
        f"WITH DISTINCT {setl} AS setl_id, {at} AS at "
        "RETURN setl_id, at ORDER BY at DESC, setl_id"
    )
    ends = {"starts": line.start, "ends": line.end}
    values = {name: [parted(one)[1] for one in meant(ask, [end])] for name, end in ends.items()}
    return tuple(row[0] for row in ask(text, values, limit=limit, timeout_seconds=SECONDS).rows)


def _together(ask: Asked, every: Iterable[Line]) -> list[Line]:
    """Return lines by id; those to several of the agency's staff are one."""
    found: dict[str, Line] = {}
    for line in every:
        ends = [shown(ask, [one]) for one in (line.start, line.end)]
        if not all(ends) or ends[0] == ends[1]:
            continue
        line = replace(line, start=ends[0][0], end=ends[1][0])
        held = found.get(line.id)
        found[line.id] = _added(held, line) if held else line
    return [found[one] for one in sorted(found)]


def _added(one: Line, other: Line) -> Line:
    fund = [each.fund for each in (one, other) if each.fund is not None]
    times = [at for each in (one, other) for at in (each.first, each.last) if at is not None]
    return replace(
        one,
        times=one.times + other.times,
        fund=sum(fund) if fund else None,
        first=min(times, default=None),
        last=max(times, default=None),
    )


def _branch(tie: Tie, side: Literal["a", "b"], choice: Choice) -> str:
    """Return the question for the neighbours by one kind of tie, after its start is matched."""
    other = tie.other(tie.start if side == "a" else tie.end)
    quick = tie.quick if not choice.windowed and choice.order == "times" else ""
    ends = {"a": "(n)", "b": f"(o:{other})"} if side == "a" else {"a": f"(o:{other})", "b": "(n)"}
    # An expression over an end of the pattern means that end, whichever side is asked from.
    names = {"a": "n", "b": "o"} if side == "a" else {"a": "o", "b": "n"}
    at = _renamed(tie.at, names)
    rank = {
        "times": tie.quick_times if quick else tie.times,
        "fund": f"sum({_renamed(tie.fund, names)})" if tie.fund else COUNT,
        "latest": f"max({at})" if at else COUNT,
    }[choice.order]
    window = " AND ".join(
        part
        for part, asked in ((f"{at} >= $since", choice.since), (f"{at} <= $until", choice.until))
        if asked is not None
    )
    return (
        f"MATCH {tie.seen_from(side, quick=bool(quick)).format(**ends)}"
        + (f"\nWHERE {window}" if window else "")
        + f"\nWITH o.{schema.node(other).key} AS key, {rank} AS rank ORDER BY rank DESC, key"
        "\nWITH collect({key: key, rank: rank}) AS found"
        "\nRETURN size(found) AS total, found[..$most] AS found ORDER BY total"
    )


def _joining(tie: Tie) -> str:
    """Return the question for the lines of one kind between ``$starts`` and ``$ends``."""
    anchor, label, some = ("a", tie.start, "$starts") if tie.few == "a" else ("b", tie.end, "$ends")
    far, other, among = ("b", tie.end, "$ends") if tie.few == "a" else ("a", tie.start, "$starts")
    nodes = {anchor: f"({anchor})", far: f"({far}:{other})"}
    fund = f"sum({tie.fund})" if tie.fund else "null"
    first, last = (f"min({tie.at})", f"max({tie.at})") if tie.at else ("null", "null")
    keys = {"a": f"a.{schema.node(tie.start).key}", "b": f"b.{schema.node(tie.end).key}"}
    return (
        f"UNWIND {some} AS one\n"
        f"MATCH {_node(anchor, label, 'one')}\n"
        f"MATCH {tie.seen_from(tie.few).format(**nodes)} WHERE {keys[far]} IN {among}\n"
        f"WITH {keys['a']} AS start, {keys['b']} AS end, {tie.times} AS times, {fund} AS fund, "
        f"{first} AS first, {last} AS last\n"
        "RETURN start, end, times, fund, first, last ORDER BY start, end"
    )


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="canvas")


def _renamed(expression: str, names: Mapping[str, str]) -> str:
    head, dot, rest = expression.partition(".")
    return f"{names.get(head, head)}{dot}{rest}"


def _node(name: str, label: str, value: str) -> str:
    return f"({name}:{label} {{{schema.node(label).key}: {value}}})"


def _by_label(ids: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}
    for one in ids:
        label, key = parted(one)
        found.setdefault(label, set()).add(key)
    return {label: sorted(found[label]) for label in sorted(found)}


def _in_turn(ranked: list[list[str]], limit: int) -> list[str]:
    taken: dict[str, None] = {}
    queues = [iter(ids) for ids in ranked]
    while queues and len(taken) < limit:
        for queue in list(queues):
            one = next((each for each in queue if each not in taken), None)
            if one is None:
                queues.remove(queue)
            elif len(taken) < limit:
                taken[one] = None
    return list(taken)
