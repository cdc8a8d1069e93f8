"""Small counties around one group, and the facts about it."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
from ibis.backends.duckdb import Backend

from detectors.columns import columns
from detectors.facts import Facts, gathered
from detectors.honest import EXPLANATIONS
from detectors.measures import MEASURES
from detectors.settings import DetectSettings
from detectors.world import ground, pairs_beyond
from tests.world import Line, Person, Place, Settlement, World, write_world

MONDAY = datetime(2025, 3, 3)
RESALE = "XA01AAA000A0000000000RS"
PLAIN = "XB02BBB000B0000000000PL"
SETTINGS = DetectSettings(resamples=1)


def county(
    *,
    members: int = 5,
    sessions: int = 8,
    every_days: int = 7,
    place: str = "P1",
    gap_seconds: int = 60,
    hour: int = 10,
    drug: str = PLAIN,
    amount: str = "50.00",
    persons: tuple[Person, ...] | None = None,
    attend: frozenset[tuple[int, int]] | None = None,
    bystanders: int = 40,
) -> World:
    """Return a county where ``members`` people meet at one place, amid bystanders of their own.

    ``attend`` lists (session, member) that take part; None means all do.
    """
    joint = [
        Settlement(
            setl_id=f"J{session:03}-{member:02}",
            person=f"m{member:02}",
            place=place,
            at=MONDAY
            + timedelta(days=every_days * session, hours=hour, seconds=gap_seconds * member),
            device=f"D-{place}",
            clerk="K1",
            amount=Decimal(amount),
            fund=Decimal(amount),
        )
        for session in range(sessions)
        for member in range(members)
        if attend is None or (session, member) in attend
    ]
    others = [
        Settlement(
            setl_id=f"B{person:03}-{turn:02}",
            person=f"b{person:03}",
            place=place,
            at=MONDAY
            + timedelta(
                days=(person * 7 + turn * 13) % 60,
                hours=8 + (person * 3 + turn) % 9,
                minutes=person % 60,
            ),
            device=f"D-{place}",
            clerk=f"K{person % 3}",
            amount=Decimal("50.00"),
            fund=Decimal("50.00"),
        )
        for person in range(bystanders)
        for turn in range(4)
    ]
    lines = [
        Line(setl_id=s.setl_id, drug=drug if s.setl_id[0] == "J" else PLAIN) for s in joint + others
    ]
    kind = "pharmacy" if place.startswith("P") else "clinic"
    return World(
        settlements=tuple(joint + others),
        persons=persons
        if persons is not None
        else tuple(
            Person(person=f"m{m:02}", address=f"home {m}", phone=f"1{m:010}", birth_year=1980)
            for m in range(members)
        ),
        places=(Place(place=place, kind=kind),),
        resale_drugs=(RESALE,),
        lines=tuple(lines),
    )


def without(world: World, table: str) -> World:
    """Return the world as if a table had not been delivered."""
    return replace(world, **{table: () if table == "persons" else None})


@contextmanager
def facts_about(
    world: World, folder: Path, *, starts: Sequence[str] = ("m",)
) -> Iterator[tuple[Facts, Backend]]:
    """Yield facts on groups: of each of ``starts`` all persons whose name begins with it."""
    space = write_world(world, folder)
    names = sorted({s.person for s in world.settlements} | {p.person for p in world.persons})
    chosen = [
        (gid, number)
        for gid, start in enumerate(starts)
        for number, name in enumerate(names)
        if name.startswith(start)
    ]
    with columns(folder, SETTINGS) as backend:
        land = ground(backend, space, SETTINGS)
        pairs = pairs_beyond(backend, land, land.scoped, SETTINGS)
        members = backend.create_table(
            "m",
            pa.table(
                {
                    "gid": pa.array([gid for gid, _ in chosen], pa.int64()),
                    "person": pa.array([number for _, number in chosen], pa.int32()),
                }
            ),
        )
        linked = backend.create_table("l", pairs.table())
        yield gathered(backend, space, members, linked, land.scoped), backend


def apart(world: World, number: int) -> World:
    """Return the world with every name its own, so that several stand beside each other."""

    def own(name: str | None) -> str | None:
        return None if name is None else f"{name[0]}{number:02}{name[1:]}"

    return replace(
        world,
        settlements=tuple(
            replace(
                s,
                setl_id=own(s.setl_id),
                person=own(s.person),
                place=own(s.place),
                device=own(s.device),
                clerk=own(s.clerk),
            )
            for s in world.settlements
        ),
        persons=tuple(
            replace(
                p,
                person=own(p.person),
                address=own(p.address),
                phone=own(p.phone),
                employer=own(p.employer),
            )
            for p in world.persons
        ),
        places=tuple(replace(p, place=own(p.place)) for p in world.places),
        lines=None
        if world.lines is None
        else tuple(replace(line, setl_id=own(line.setl_id)) for line in world.lines),
    )


def shares(worlds: Sequence[World], folder: Path) -> list[dict[str, float]]:
    """Return what every honest explanation covers of each world's group; NaN: not testable.

    The worlds stand beside each other in one county, for its facts are gathered once. The tables
    that the first does not have are missing for all.
    """
    parts = [apart(world, number) for number, world in enumerate(worlds)]
    world = World(
        settlements=sum((part.settlements for part in parts), ()),
        persons=sum((part.persons for part in parts), ()),
        places=sum((part.places for part in parts), ()),
        resale_drugs=(RESALE,),
        lines=None if parts[0].lines is None else sum((part.lines or () for part in parts), ()),
    )
    found = [dict.fromkeys((e.name for e in EXPLANATIONS), math.nan) for _ in worlds]
    starts = [f"m{number:02}" for number in range(len(worlds))]
    with facts_about(world, folder, starts=starts) as (facts, backend):
        for explanation in EXPLANATIONS:
            table = None if explanation.of is None else explanation.of(facts)
            for row in [] if table is None else backend.to_pyarrow(table).to_pylist():
                found[row["gid"]][explanation.name] = float(row["share"])
    return found


def seen(facts: Facts, backend: Backend, name: str) -> tuple[float, float]:
    """Return what one measure observes of the group and expects; NaN where it cannot tell."""
    table = next(m.of for m in MEASURES if m.name == name)(facts)
    rows = [] if table is None else backend.to_pyarrow(table).to_pylist()
    return (float(rows[0]["observed"]), float(rows[0]["expected"])) if rows else (math.nan,) * 2
