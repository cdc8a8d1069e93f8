"""What an officer is not shown: rings that are not theirs, and who is in leads of insiders.

A lead with agency staff is absent from what everybody but its liaison sees. So a ring that an
officer may not know of, and a party of an insider lead who is in no ring that the officer sees, are
taken out of what a motif answers; agency staff outside such leads are one anonymous party. Nothing
says that something was taken out, since that would tell that there is something.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from pyarrow import compute, parquet
from sqlalchemy import Connection, select

from casework.audit import Actor
from casework.ledger import Ledger, reading
from casework.rights import Officer
from casework.ring_facts import RingFacts, is_of_agency, pseudonyms, read_rings
from casework.runs import Changed, Comparison, Hit
from casework.tables import leads
from casework.tool_rights import reach_of
from graph.ask import Answer
from ingest.workspace import Workspace

ANYBODY = "*"
"""Stands for a member of the agency's staff who may not be told apart."""

NO_PARTY = ("place", "device")
"""Members of a ring that are known to all, and tell nothing of a lead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What is kept from an officer: rings by id, parties as the graph names them, agency staff."""

    rings: frozenset[str]
    parties: frozenset[str]
    staff: frozenset[str]


def sight(ledger: Ledger, actor: Actor) -> Sight | None:
    """Return what is kept from somebody; None for the local user, from whom nothing is."""
    if not isinstance(actor, Officer):
        return None
    run = _rings_of_run(ledger.workspace)
    with reading(ledger) as connection:
        reached = reach_of(connection, actor).rings
        inside = {one.ring_id for one in run.values() if one.insider} | _insider_leads(connection)
        known = {*run, *connection.execute(select(leads.c.ring_id)).scalars()}
    # An analyst sees rings that nobody made a lead of yet, and those of every unit.
    seen = known - inside if actor.role == "analyst" else set(reached)
    hidden = inside - seen
    liaison = actor.role == "liaison"
    return Sight(
        rings=frozenset(known - seen),
        parties=frozenset() if liaison else _parties(ledger.workspace, run, hidden, seen),
        staff=frozenset() if liaison else agency_staff(ledger.workspace),
    )


def cut(kept: Sight | None, answer: Answer) -> Answer:
    """Return an answer without the rows that name what is kept from who asked.

    Out of a list only the one who is named goes: the row is about the others. Counts stay those of
    the question.
    """
    if kept is None:
        return answer
    rows = [row for row in answer.rows if _may(kept, row)]
    return replace(answer, rows=tuple(tuple(_cell(kept, cell) for cell in row) for row in rows))


def seen_hits(ledger: Ledger, actor: Actor, hits: Sequence[Hit]) -> list[Hit]:
    """Return recorded hits, whoever asked for them, as this officer may see them."""
    kept = sight(ledger, actor)
    return list(filter(None, (_seen(kept, hit) for hit in hits)))


def seen_comparison(ledger: Ledger, actor: Actor, found: Comparison) -> Comparison:
    """Return two runs side by side, whoever asked them, as this officer may see them.

    A hit that changed in nothing but what is kept from them is left out.
    """
    kept = sight(ledger, actor)
    return replace(
        found,
        new=tuple(filter(None, (_seen(kept, hit) for hit in found.new))),
        gone=tuple(filter(None, (_seen(kept, hit) for hit in found.gone))),
        changed=tuple(filter(None, (_changed(kept, each) for each in found.changed))),
    )


def _seen(kept: Sight | None, hit: Hit) -> Hit | None:
    if kept is None:
        return hit
    if not _may(kept, list(hit.row.values())):
        return None
    return replace(hit, identity=_named(kept, hit.identity), row=_named(kept, hit.row))


def _changed(kept: Sight | None, each: Changed) -> Changed | None:
    before, now = _seen(kept, each.before), _seen(kept, each.now)
    if before is None or now is None:
        return None
    columns = tuple(one for one in each.columns if before.row.get(one) != now.row.get(one))
    return Changed(before=before, now=now, columns=columns) if columns else None


def agency_staff(workspace: Workspace) -> frozenset[str]:
    """Return the numbers of the agency's staff.

    They are those whom the staff table says, or nobody says, to be the agency's, and those who
    register or review claims by hand and stand in no table.
    """
    return _agency_staff(str(workspace.tables.resolve()))


@lru_cache(maxsize=8)
def _agency_staff(tables: str) -> frozenset[str]:
    """Read an import, which never changes once it is there."""
    staff, claims = Path(tables) / "staff.parquet", Path(tables) / "manual_claims.parquet"
    employers: dict[str, str | None] = {}
    if staff.exists():
        table = parquet.read_table(staff, columns=["staff_id", "org"])
        employers = dict(zip(table["staff_id"].to_pylist(), table["org"].to_pylist(), strict=True))
    at_work: set[str] = set()
    if claims.exists():
        there = set(parquet.read_schema(claims).names) & {"crter_id", "rchker_id"}
        table = parquet.read_table(claims, columns=sorted(there))
        for name in there:
            at_work.update(filter(None, compute.unique(table[name]).to_pylist()))
    own = {key for key, employer in employers.items() if is_of_agency(employer)}
    return frozenset(own | (at_work - employers.keys()))


def _rings_of_run(workspace: Workspace) -> Mapping[str, RingFacts]:
    if not (workspace.runs / "latest").exists():
        return {}
    return read_rings(workspace).rings


def _insider_leads(connection: Connection) -> set[str]:
    return set(connection.execute(select(leads.c.ring_id).where(leads.c.insider)).scalars())


def _parties(
    workspace: Workspace, run: Mapping[str, RingFacts], hidden: set[str], seen: set[str]
) -> frozenset[str]:
    """Return the parties of hidden rings who are in none that is seen, as the graph names them."""

    def of(rings: set[str]) -> set[tuple[str, str]]:
        return {
            (kind, key)
            for ring in rings & run.keys()
            for kind, key, _ in run[ring].facts["members"]
            if kind not in NO_PARTY
        }

    kept = of(hidden) - of(seen)
    people = {key for kind, key in kept if kind == "person"}
    others = {key for kind, key in kept if kind != "person"}
    return frozenset(others | set(pseudonyms(workspace, people).values()))


def _may(kept: Sight, cells: Sequence[Any]) -> bool:
    """Whether no cell by itself names what is kept; a list may, and loses it."""
    return not any(_hidden(kept, cell) for cell in cells)


def _hidden(kept: Sight, cell: Any) -> bool:
    return isinstance(cell, str) and (cell in kept.rings or cell in kept.parties)


def _named(kept: Sight, row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _cell(kept, value) for name, value in row.items()}


def _cell(kept: Sight, cell: Any) -> Any:
    if isinstance(cell, str):
        return ANYBODY if cell in kept.staff else cell
    if isinstance(cell, list | tuple):
        left = [_cell(kept, each) for each in cell if not _hidden(kept, each)]
        anybody = left.index(ANYBODY) + 1 if ANYBODY in left else len(left)
        return type(cell)(one for n, one in enumerate(left) if n < anybody or one != ANYBODY)
    if isinstance(cell, Mapping):
        return _named(kept, cell)
    return cell
