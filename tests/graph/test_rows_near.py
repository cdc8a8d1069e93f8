"""What the graph holds of nearness and counts, against plain loops over generated counties."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import duckdb
import pytest

from graph.rows import prepared
from tests.detectors.motif_oracles import county, day, device, online, settled, swiped
from tests.detectors.motif_oracles_places import kilometres, live
from tests.world import World, write_world

SEEDS = range(3)


@pytest.fixture(scope="module", params=SEEDS)
def both(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[World, duckdb.DuckDBPyConnection]]:
    world = county(request.param)
    with prepared(write_world(world, tmp_path_factory.mktemp("near"))) as rows:
        yield world, rows


def asked(rows: duckdb.DuckDBPyConnection, query: str) -> dict[Any, Any]:
    """Return the last column by the others."""
    found = {row[:-1] if len(row) > 2 else row[0]: row[-1]
             for row in rows.execute(query).fetchall()}  # fmt: skip
    assert found
    return found


def least(gaps: Iterable[int]) -> int | None:
    return min(gaps, default=None)


def test_a_swipe_knows_the_nearest_of_another_person_there(both: Any) -> None:
    world, rows = both
    seen = live(world)
    expected = {
        swipe.setl_id: least(
            abs(swipe.epoch - other.epoch)
            for who, one in seen
            for person, other in seen
            if one == swipe and person != who and other.place == swipe.place
        )
        for swipe in online(world)
    }
    assert asked(rows, "SELECT setl_id, neighbour FROM rel_SWIPED_AT") == expected


def test_a_swipe_knows_the_other_terminals_of_its_clerk(both: Any) -> None:
    world, rows = both
    rung = [swipe for swipe in online(world) if swipe.clerk and not swipe.refunded]
    gaps, counts = {}, {}
    for swipe in online(world):
        same = [other for other in rung if other.clerk == swipe.clerk]
        gaps[swipe.setl_id] = least(
            abs(swipe.epoch - other.epoch)
            for other in same
            if swipe in rung and device(other) != device(swipe)
        )
        today = {device(other) for other in same if other.day == swipe.day}
        counts[swipe.setl_id] = len(today) or None
    assert asked(rows, "SELECT setl_id, clerk_gap FROM rel_SWIPED_AT") == gaps
    assert asked(rows, "SELECT setl_id, clerk_terminals FROM rel_SWIPED_AT") == counts
    shortest = defaultdict(list)
    for swipe in rung:
        if (gap := gaps[swipe.setl_id]) is not None:
            shortest[swipe.clerk].append(gap)
    found = asked(rows, "SELECT staff_id, least_gap FROM node_Staff WHERE least_gap IS NOT NULL")
    assert found == {clerk: min(each) for clerk, each in shortest.items()}


def test_a_signature_knows_the_one_before_and_the_pharmacies_of_its_day(both: Any) -> None:
    world, rows = both
    signed = [row for row in settled(world) if row.doctor]
    gaps, shops = {}, {}
    for row in signed:
        gaps[row.setl_id] = least(
            row.epoch - other.epoch
            for other in signed
            if not row.refunded and not other.refunded
            if other.doctor == row.doctor and other.person != row.person
            if (other.epoch, other.person, other.setl_id) < (row.epoch, row.person, row.setl_id)
        )
        shops[row.setl_id] = len(
            {
                swipe.place
                for who, swipe in swiped(world)
                if who == f"P-{row.person}" and swipe.day == row.day
                if swipe.place.startswith("P") and not swipe.refunded
            }
        )
    assert asked(rows, "SELECT setl_id, gap FROM rel_PRESCRIBED_FOR") == gaps
    assert asked(rows, "SELECT setl_id, shops FROM rel_PRESCRIBED_FOR") == shops


def test_people_know_the_days_at_each_terminal_and_place(both: Any) -> None:
    world, rows = both
    at_terminal, at_place, places = defaultdict(set), defaultdict(set), defaultdict(set)
    for who, swipe in live(world):
        at_terminal[who, device(swipe)].add(swipe.day)
        at_place[who, swipe.place].add(swipe.day)
        places[who, swipe.day].add(swipe.place)
    days = asked(rows, "SELECT start_key, end_key, days FROM rel_VISITED")
    assert days == {key: len(found) for key, found in at_terminal.items()}
    whole = asked(rows, "SELECT DISTINCT start_key, place_id, place_days FROM rel_VISITED")
    assert whole == {key: len(found) for key, found in at_place.items()}
    double = asked(rows, "SELECT person_id, double_days FROM node_Patient WHERE double_days > 0")
    people = {who for (who, _), found in places.items() if len(found) > 1}
    assert double == {
        who: sum(len(found) > 1 for (one, _), found in places.items() if one == who)
        for who in people
    }
    stands = {row.place: (row.longitude, row.latitude) for row in world.places if row.longitude}
    ways = asked(
        rows, "SELECT person_id, day_kilometres FROM node_Patient WHERE day_kilometres IS NOT NULL"
    )
    for who, way in ways.items():
        longest = max(
            kilometres(*(tuple(x * 3.141592653589793 / 180 for x in stands[p]) for p in (a, b)))
            for (one, _), found in places.items()
            for a in found
            for b in found
            if one == who and a in stands and b in stands
        )
        assert longest <= way < longest + 1 + 1e-9


def test_stays_cards_and_numbers_know_how_much_there_is_to_look_at(both: Any) -> None:
    world, rows = both
    inside = {
        row.setl_id: len(
            {
                swipe.day
                for who, swipe in live(world)
                if row.begins and row.ends and who == f"P-{row.person}"
                if day(row.begins) < swipe.day < day(row.ends)
            }
        )
        for row in settled(world)
        if row.kind == "inpatient"
    }
    assert asked(rows, "SELECT setl_id, swiped_days FROM node_Stay") == inside
    undone = defaultdict(int)
    for swipe in online(world):
        undone[swipe.card_id] += swipe.refunded
    cards = asked(rows, "SELECT card_id, reversed FROM node_Card")
    assert {card: count for card, count in cards.items() if count} == {
        card: count for card, count in undone.items() if count
    }
    days = defaultdict(set)
    for who, swipe in swiped(world):
        if swipe.clerk and not swipe.refunded:
            days[swipe.clerk, who].add(swipe.day)
    held = defaultdict(set)
    for who, swipe in swiped(world):
        held[swipe.card_id].add(who)
    most = asked(rows, "SELECT start_key, end_key, holder_days FROM rel_RANG_UP")
    for (clerk, card), count in most.items():
        assert count >= max((len(days[clerk, who]) for who in held[card]), default=0)
