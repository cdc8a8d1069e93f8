"""Where a plan sends people: the places of rings and draws, and the hours a ring was seen there."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
from sqlalchemy import Connection, select

from casework.canonical import unstamp
from casework.ledger import Ledger
from casework.limits import local_day
from casework.plans_holding import Kind, Plan, Target
from casework.rights import NotFound, Officer
from casework.subjects import find
from casework.tables import draws, leads
from ingest.workspace import Workspace

BUSIEST = 3
"""Hours of a place that a plan names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place of the import: its kind (pharmacy or institution), division, and settlements."""

    place: str
    kind: str | None
    division: str | None
    settlements: int


def places_of(workspace: Workspace) -> list[Place]:
    """Return the places of the import by code; what the extract did not say is None.

    Raises
    ------
    RingfenceError
        If nothing was imported yet.
    """
    workspace.require_import()
    wanted = {"place_kind": "NULL", "fix_blng_admdvs": "NULL", "settlements": "0"}
    with duckdb.connect(":memory:", config={"autoinstall_known_extensions": False}) as engine:
        table = engine.read_parquet(str(workspace.table("providers")))
        columns = ", ".join(
            name if name in table.columns else other for name, other in wanted.items()
        )
        rows = table.project(f"fixmedins_code, {columns}").order("fixmedins_code").fetchall()
    return [
        Place(place=place, kind=kind, division=division, settlements=int(settled or 0))
        for place, kind, division, settled in rows
    ]


def last_visits(plans: Iterable[Plan]) -> dict[str, date]:
    """Return the last day on which each place of these plans was checked (China)."""
    held: dict[str, date] = {}
    for target in (one for plan in plans for one in plan.targets):
        if target.state == "checked" and target.noted_at:
            day = local_day(unstamp(target.noted_at))
            held[target.place] = max(day, held.get(target.place, day))
    return held


def from_leads(
    connection: Connection,
    ledger: Ledger,
    officer: Officer,
    function: str,
    kind: Kind,
    lead_ids: Sequence[str],
    due: date,
) -> dict[str, Target]:
    """Return the places of leads that the officer may see, each with its ring and busiest hours."""
    found: dict[str, Target] = {}
    for lead_id in sorted(set(lead_ids)):
        row = find(connection, officer, function, lead_id, of=leads)
        hours = ring_hours(ledger.workspace, row.run, row.ring_id)
        for place in ring_places(json.loads(row.facts)):
            found.setdefault(
                place,
                Target(
                    place=place,
                    origin="closed" if kind == "recheck" else "ring",
                    reason=f"{row.ring_id} ({json.loads(row.facts)['kind']})",
                    lead_id=lead_id,
                    hours=busiest(hours.get(place, {})),
                    due=due,
                ),
            )
    return found


def from_draw(
    connection: Connection, officer: Officer, draw_id: str, due: date
) -> dict[str, Target]:
    """Return the places of a draw of targets of the officer's unit.

    Raises
    ------
    NotFound
        If there is none.
    """
    row = connection.execute(select(draws).where(draws.c.draw_id == draw_id)).one_or_none()
    if row is None or row.unit != officer.unit or row.kind != "targets":
        raise NotFound(draw_id)
    return {
        place: Target(place=place, origin="draw", reason=draw_id, due=due)
        for place in json.loads(row.drawn)
    }


def ring_places(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the places among the members of a lead's facts, by code."""
    return tuple(sorted({key for kind, key, _ in facts["members"] if kind == "place"}))


def busiest(hours: Mapping[int, int]) -> tuple[int, ...]:
    """Return the hours with most settlements, :data:`BUSIEST` at most, in the order of the day.

    Examples
    --------
    >>> busiest({9: 4, 22: 7, 23: 1, 6: 5})
    (6, 9, 22)
    """
    return tuple(sorted(hour for hour, _ in Counter(hours).most_common(BUSIEST)))


def ring_hours(workspace: Workspace, run: str, ring_id: str) -> dict[str, dict[int, int]]:
    """Return how many of a ring's settlements fell into each hour of the day, by place.

    Night and dawn checks go by these hours. Places that record the day only have none. Empty where
    the run or the clean tables are not there any more.
    """
    found = workspace.runs / run / "ring_settlements.parquet"
    needed = (found, workspace.table("settlements"), workspace.table("providers"))
    if not all(path.exists() for path in needed):
        return {}
    with duckdb.connect(":memory:", config={"autoinstall_known_extensions": False}) as engine:
        rows = engine.execute(
            """
            SELECT s.fixmedins_code, hour(s.setl_time), count(DISTINCT s.setl_id)
            FROM read_parquet($settlements) s
            JOIN read_parquet($counted) c ON c.setl_id = s.setl_id AND c.ring_id = $ring
            LEFT JOIN read_parquet($providers) v USING (fixmedins_code)
            WHERE NOT coalesce(v.day_precision, false)
            GROUP BY ALL ORDER BY ALL
            """,
            {
                "settlements": str(needed[1]),
                "counted": str(found),
                "providers": str(needed[2]),
                "ring": ring_id,
            },
        ).fetchall()
    held: dict[str, dict[int, int]] = {}
    for place, hour, count in rows:
        held.setdefault(place, {})[int(hour)] = int(count)
    return held
