"""The three full coverages (三个全覆盖): places visited, tips answered, places watched.

On-site checks: places of plans that were worked off, and places of inspection sheets that went out.
Tips: those received, by how their limits were kept. Monitoring: places whose settlements the newest
run counted, with and without rings. The ledger does not say which place belongs to which unit: the
places are all those of the import. Rings are those of leads that the unit may see, so that a place
in a ring of insiders alone stands here as one without.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import duckdb
from pyarrow import parquet
from sqlalchemy import Connection, Row, select

from casework.audit import append
from casework.canonical import stamp, unstamp
from casework.ledger import Ledger
from casework.limits import local_day, midnight
from casework.plans_places import places_of, ring_places
from casework.rights import Officer, Refused, serving
from casework.subjects import visible
from casework.tables import case_leads, cases, leads
from casework.tables_papers import issued_papers, plan_targets, plans
from casework.tips_finding import visible_tips
from casework.tips_holding import Tip, tips_of
from ingest.manifest import Manifest
from ingest.telling import to_say
from ingest.workspace import Workspace

Visit = Literal["checked", "sheet", "planned", "none"]
"""The best of: found written down, a sheet went out, stands in an approved plan, nothing."""
Standing = Literal["in_time", "late", "overdue", "running", "unknown"]
"""A tip: answered within its limits or not; not yet answered and over one or not; no calendar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRow:
    """A place in the period; ``day`` is that of its visit or sheet.

    ``known`` is whether it stands in the import, ``watched`` whether the newest run counted
    settlements of it; ``rings`` and ``tips`` how many have it among their members or keys.
    """

    place: str
    kind: str | None
    division: str | None
    settlements: int
    known: bool
    visit: Visit
    day: date | None
    tips: int
    rings: int
    watched: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TipRow:
    """A tip received in the period, and how it stands."""

    tip_id: str
    received: date
    channel: str
    state: str
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The board of a period; counts by name are those of :func:`counts`.

    ``run`` is the newest run, None before the first; ``current`` whether it rests on the current
    import, ``taken_in`` whether its leads were taken in: without either nothing counts as watched
    or as a ring. Settlements are those of the import, without duplicates and void ones.
    """

    first: date
    last: date
    places: tuple[PlaceRow, ...]
    tips: tuple[TipRow, ...]
    run: str | None
    current: bool
    taken_in: bool
    settlements: int
    settlements_watched: int


def board(ledger: Ledger, officer: Officer, *, first: date, last: date) -> Board:
    """Return the coverage of a period, both days included (China), places by code.

    Raises
    ------
    RingfenceError
        If nothing was imported yet.
    Refused
        If the last day lies before the first.
    """
    function = "coverage.board"
    with serving(ledger, officer, function, "coverage") as connection:
        if last < first:
            raise Refused(to_say("refused.paper.period", last=last, first=first))
        run, current = _newest(ledger.workspace)
        mine = [row for row, _ in visible(connection, officer, function, leads)]
        rings = Counter(
            place
            for row in mine
            if current and row.present and row.run == run
            for place in ring_places(json.loads(row.facts))
        )
        tips = _tips(connection, ledger, officer, first, last)
        named = Counter(key for tip in tips for kind, key in tip.entities if kind == "place")
        visits = _visits(connection, officer, mine, first, last)
        found = Board(
            first=first,
            last=last,
            places=_places(ledger.workspace, visits, rings, named, current=current),
            tips=tuple(_tip(one) for one in tips),
            run=run,
            current=current,
            taken_in=current and _taken_in(connection, ledger.workspace, run),
            **_settlements(ledger.workspace, current=current),
        )
        append(
            connection, officer, at=ledger.clock(), action="coverage.read",
            object_class="coverage", object=f"{first} {last}", count=len(found.places),
        )  # fmt: skip
        return found


def counts(board: Board) -> Mapping[str, Mapping[str, int]]:
    """Return the counts of a board by name for each of the three coverages; places of the import.

    ``visited`` are places checked or with a sheet.
    """
    known = [one for one in board.places if one.known]
    visits = Counter(one.visit for one in known)
    stands = Counter(one.standing for one in board.tips)
    watched = [one for one in known if one.watched]
    with_rings = sum(one.rings > 0 for one in watched)
    return {
        "on_site": {
            "places": len(known),
            "visited": visits["checked"] + visits["sheet"],
            "checked": visits["checked"],
            "sheet": visits["sheet"],
            "planned": visits["planned"],
            "not_visited": visits["planned"] + visits["none"],
        },
        "tips": {
            "received": len(board.tips),
            "in_time": stands["in_time"],
            "late": stands["late"],
            "overdue": stands["overdue"],
            "running": stands["running"],
            "unknown": stands["unknown"],
        },
        "monitoring": {
            "places": len(known),
            "watched": len(watched),
            "with_rings": with_rings,
            "without_rings": len(watched) - with_rings,
            "not_watched": len(known) - len(watched),
        },
    }


def _newest(workspace: Workspace) -> tuple[str | None, bool]:
    """Return the name of the newest run, and whether it rests on the current import."""
    workspace.require_import()
    if not (workspace.runs / "latest").exists():
        return None, False
    run = workspace.latest_run()
    return run.name, workspace.is_current(run)


def _taken_in(connection: Connection, workspace: Workspace, run: str | None) -> bool:
    raised = parquet.read_metadata(workspace.latest_run() / "rings.parquet").num_rows
    known = connection.execute(select(leads.c.lead_id).where(leads.c.run == run).limit(1))
    return not raised or known.one_or_none() is not None


def _settlements(workspace: Workspace, *, current: bool) -> dict[str, int]:
    """Return how many settlements the import was given, and how many of them a run counted."""
    if not workspace.manifest.exists():
        return {"settlements": 0, "settlements_watched": 0}
    told = Manifest.read(workspace.manifest).totals["settlements"]
    return {
        "settlements": told.kept + told.rejected,
        "settlements_watched": told.kept if current else 0,
    }


def _places(
    workspace: Workspace,
    visits: Mapping[str, tuple[Visit, date | None]],
    rings: Mapping[str, int],
    named: Mapping[str, int],
    *,
    current: bool,
) -> tuple[PlaceRow, ...]:
    known = {one.place: one for one in places_of(workspace)}
    settled_at, rows = _settled(workspace), []
    for place in sorted({*known, *visits, *rings, *named}):
        one, (visit, day) = known.get(place), visits.get(place, ("none", None))
        settled = settled_at.get(place, 0)
        rows.append(
            PlaceRow(
                place=place,
                kind=one.kind if one else None,
                division=one.division if one else None,
                settlements=settled,
                known=one is not None,
                visit=visit,
                day=day,
                tips=named.get(place, 0),
                rings=rings.get(place, 0),
                watched=current and settled > 0,
            )
        )
    return tuple(rows)


def _settled(workspace: Workspace) -> dict[str, int]:
    """Return how many settlements of the import each place has."""
    with duckdb.connect(":memory:", config={"autoinstall_known_extensions": False}) as engine:
        table = engine.read_parquet(str(workspace.table("settlements")))
        counted = table.filter("fixmedins_code IS NOT NULL").aggregate("fixmedins_code, count(*)")
        return {str(place): int(count) for place, count in counted.fetchall()}


def _visits(
    connection: Connection, officer: Officer, mine: Sequence[Row[Any]], first: date, last: date
) -> dict[str, tuple[Visit, date | None]]:
    """Return the best that was done about each place in the period, and the last day of it."""
    planned = connection.execute(
        select(plan_targets.c.place)
        .join(plans, plans.c.plan_id == plan_targets.c.plan_id)
        .where(
            plans.c.unit == officer.unit,
            plans.c.state == "approved",
            plans.c.first <= last.isoformat(),
            plans.c.last >= first.isoformat(),
        )
    )
    held: dict[str, tuple[Visit, date | None]] = {place: ("planned", None) for (place,) in planned}
    for place, at in _sheets(connection, officer, mine, first, last):
        held[place] = ("sheet", local_day(unstamp(at)))
    begin, end = _stamps(first, last)
    checked = connection.execute(
        select(plan_targets.c.place, plan_targets.c.changed_at)
        .join(plans, plans.c.plan_id == plan_targets.c.plan_id)
        .where(
            plans.c.unit == officer.unit,
            plan_targets.c.state == "checked",
            plan_targets.c.changed_at >= begin,
            plan_targets.c.changed_at < end,
        )
        .order_by(plan_targets.c.changed_at)
    )
    return held | {place: ("checked", local_day(unstamp(at))) for place, at in checked}


def _sheets(
    connection: Connection, officer: Officer, mine: Sequence[Row[Any]], first: date, last: date
) -> list[tuple[str, str]]:
    """Return the places of each inspection sheet that went out in the period, the oldest first."""
    of: dict[str, tuple[str, ...]] = {
        row.lead_id: ring_places(json.loads(row.facts)) for row in mine
    }
    seen = {row.case_id for row, _ in visible(connection, officer, "coverage.board", cases)}
    in_case: defaultdict[str, list[str]] = defaultdict(list)
    for row in connection.execute(select(case_leads)):
        if row.case_id in seen:
            in_case[row.case_id].append(row.lead_id)
    begin, end = _stamps(first, last)
    sheets = connection.execute(
        select(issued_papers.c.subject, issued_papers.c.at)
        .where(
            issued_papers.c.kind == "sheet", issued_papers.c.at >= begin, issued_papers.c.at < end
        )
        .order_by(issued_papers.c.at)
    )
    return [
        (place, at)
        for subject, at in sheets
        for lead_id in in_case.get(subject, [subject])
        for place in of.get(lead_id, ())
    ]


def _tips(
    connection: Connection, ledger: Ledger, officer: Officer, first: date, last: date
) -> list[Tip]:
    rows = [
        row
        for row in visible_tips(connection, officer, "coverage.board")
        if first.isoformat() <= row.received <= last.isoformat()
    ]
    rows.sort(key=lambda row: (row.received, row.tip_id))
    return tips_of(connection, ledger, officer, rows)


def _tip(tip: Tip) -> TipRow:
    states = {one.status for one in tip.deadlines}
    standing: Standing
    if "no_calendar" in states:
        standing = "unknown"
    elif tip.answered_on:
        standing = "late" if "done_late" in states else "in_time"
    else:
        standing = "overdue" if "overdue" in states else "running"
    return TipRow(
        tip_id=tip.tip_id,
        received=date.fromisoformat(tip.received),
        channel=tip.channel,
        state=tip.state,
        standing=standing,
    )


def _stamps(first: date, last: date) -> tuple[str, str]:
    """Return the first moment of a period and the first one after it, as the ledger has them."""
    return stamp(midnight(first)), stamp(midnight(last + timedelta(days=1)))
