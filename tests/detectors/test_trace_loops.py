"""Boxes settled again elsewhere: a hit, near misses, honest errors, and chance alone."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from detectors import trace_loops, trace_loops_graph
from tests.detectors.alone import found, members, parties
from tests.world import Line, Person, Place, Settlement, World

START = datetime(2025, 1, 6, 9)
PLACES = tuple(Place(place=f"P{number}", kind="pharmacy") for number in range(8))
DRUGS = [f"X{number:03}" for number in range(20)]


def sale(
    name: str,
    person: str,
    place: str,
    day: int,
    code: str,
    drug: str,
    *,
    hour: int = 0,
    split: bool = False,
    returned: bool = False,
) -> tuple[Settlement, Line]:
    at = START + timedelta(days=day, hours=hour, minutes=int(name[-3:]) % 50)
    row = Settlement(setl_id=name, person=person, place=place, at=at, clerk=f"K{day % 3}")
    line = Line(setl_id=name, drug=drug, trace=code, split=split, returned=returned)
    return row, line


def ordinary(seed: int, *, misread: float = 0.0) -> list[tuple[Settlement, Line]]:
    """Purchases of 200 people, each box with a code of its own, some misread as another."""
    draw = np.random.default_rng(seed)
    rows = []
    for number in range(1_600):
        code = number if draw.random() >= misread else int(draw.integers(0, 1_600))
        rows.append(
            sale(
                f"O{number:05}",
                f"o{draw.integers(0, 200):03}",
                f"P{draw.integers(0, 8)}",
                int(draw.integers(0, 300)),
                f"8{code:019}",
                DRUGS[int(draw.integers(0, 20))],
                hour=int(draw.integers(0, 9)),
            )
        )
    return rows


def trade(
    *,
    sellers: int = 5,
    boxes: int = 8,
    again: int = 6,
    split: bool = False,
    same_place: bool = False,
) -> list[tuple[Settlement, Line]]:
    """Sell boxes at P1 and P2; most are settled again at P5 four weeks later, by strangers."""
    rows = []
    for seller in range(sellers):
        for box in range(boxes):
            number = seller * boxes + box
            code, drug = f"89{number:018}", DRUGS[box % 3]
            day, first = (7 * box + 11 * seller) % 200, f"P{1 + box % 2}"
            rows.append(sale(f"F{number:05}", f"s{seller}", first, day, code, drug, split=split))
            if box < again:
                stranger = f"o{(number * 17) % 200:03}"
                later = first if same_place else "P5"
                rows.append(
                    sale(f"G{number:05}", stranger, later, day + 28, code, drug, split=split)
                )
    return rows


def rescanned(boxes: int, place: str) -> list[tuple[Settlement, Line]]:
    """One pharmacy scans the same boxes again and again, for whoever comes."""
    return [
        sale(f"L{n:05}", f"o{(n * 37) % 200:03}", place, n, f"88{n % boxes:018}", DRUGS[0])
        for n in range(8 * boxes)
    ]


def brought_by(second: Settlement) -> str:
    """Return who first bought the box of a second settlement of :func:`trade`."""
    return f"s{int(second.setl_id[1:]) // 8}"


def world(*rows: list[tuple[Settlement, Line]]) -> World:
    every = [row for part in rows for row in part]
    return World(
        settlements=tuple(s for s, _ in every),
        places=PLACES,
        persons=(Person(person="zz"),),
        resale_drugs=(DRUGS[0], DRUGS[1]),
        lines=tuple(line for _, line in every),
    )


SOLD = {f"s{number}" for number in range(5)}


def test_a_hit(tmp_path: Path) -> None:
    county = world(ordinary(1), trade())
    result = found(trace_loops, county, tmp_path)
    best = 0
    assert len(result) == 1
    assert members(county, result) == SOLD
    assert parties(result) == {("P1", "feeds"), ("P2", "feeds"), ("P5", "receives")}
    assert result.p_value[best] <= 0.01
    assert result.signs["loop_boxes"][0][best] == 30
    share, usual = (column[best] for column in result.signs["loop_back_share"])
    assert share == pytest.approx(30 / 40)
    assert usual < 0.05
    each, drawn = (column[best] for column in result.signs["loop_per_seller"])
    assert each == pytest.approx(6.0)
    assert drawn < 2.0
    assert result.honest["code_errors"][best] < 0.1
    assert result.settlements is not None
    rows = [row for row in result.settlements.to_pylist() if row["gid"] == best]
    assert sum(row["certain"] for row in rows) == 60
    assert {row["setl_id"][0] for row in rows if not row["certain"]} == {"F"}


def test_a_hit_amid_errors(tmp_path: Path) -> None:
    """Three codes in a hundred are misread; one may fall on the very edge of the trade."""
    county = world(ordinary(1, misread=0.03), trade())
    result = found(trace_loops, county, tmp_path)
    best = int(np.argmin(result.p_value))
    who = members(county, result, best)
    assert who >= SOLD
    assert len(who - SOLD) <= 1
    assert {place for place, _ in parties(result, best)} == {"P1", "P2", "P5"}
    assert result.p_value[best] <= 0.01


def test_a_place_that_bills_its_own_boxes_again(tmp_path: Path) -> None:
    """Strangers at the same pharmacy; a till elsewhere that scans one box for many is not news."""
    every = trade(boxes=16, again=12, same_place=True)
    own = [pair for pair in every if pair[0].place == "P1"]
    county = world(ordinary(1), own, rescanned(4, "P6"))
    result = found(trace_loops, county, tmp_path)
    assert len(result) == 1
    assert members(county, result) == SOLD
    assert parties(result) == {("P1", "place")}
    assert result.p_value[0] <= 0.01
    assert result.signs["loop_boxes"][0][0] == 30
    assert result.honest["code_errors"][0] < 0.1


@pytest.mark.parametrize(
    "rows",
    [
        trade(split=True),
        rescanned(30, "P1"),
        [
            (replace(s, person=brought_by(s)), line) if s.setl_id[0] == "G" else (s, line)
            for s, line in trade(same_place=True)
        ],
        trade(sellers=1, boxes=20, again=18),
        trade(again=0),
        [(s, replace(line, returned=s.setl_id[0] == "F")) for s, line in trade()],
        [(replace(s, refunded=s.setl_id[0] == "F"), line) for s, line in trade()],
    ],
    ids=[
        "split packs",
        "one box for many",
        "again for oneself",
        "one person",
        "none came back",
        "returned",
        "refunded",
    ],
)
def test_near_misses(tmp_path: Path, rows: list[tuple[Settlement, Line]]) -> None:
    assert not len(found(trace_loops, world(ordinary(2), rows), tmp_path))


def test_a_cloned_batch_is_explained(tmp_path: Path) -> None:
    """Ten codes printed on a whole batch: many customers, nobody brings them."""
    draw = np.random.default_rng(3)
    batch = [
        sale(
            f"C{number:05}",
            f"o{draw.integers(0, 200):03}",
            f"P{1 + number % 2}",
            int(draw.integers(0, 300)),
            f"89{draw.integers(0, 60):018}",
            DRUGS[0],
        )
        for number in range(150)
    ]
    result = found(trace_loops, world(ordinary(3), batch), tmp_path)
    assert np.all(result.honest["code_errors"] >= 0.5)


def test_two_trades_that_share_a_place_stay_two(tmp_path: Path) -> None:
    other = []
    for s, line in trade():
        moved = {"P1": "P5", "P2": "P7", "P5": "P4"}[s.place]
        person = s.person.replace("s", "t") if s.setl_id[0] == "F" else s.person
        drug = DRUGS[10 + DRUGS.index(line.drug)]
        other.append(
            (
                replace(s, setl_id=f"T{s.setl_id}", place=moved, person=person),
                replace(line, setl_id=f"T{s.setl_id}", drug=drug, trace=f"7{line.trace}"),
            )
        )
    county = world(ordinary(4), trade(), other)
    result = found(trace_loops, county, tmp_path)
    groups = {frozenset(members(county, result, gid)) for gid in range(len(result))}
    assert groups == {frozenset(SOLD), frozenset(name.replace("s", "t") for name in SOLD)}


@pytest.mark.parametrize(
    ("steps", "trades"),
    [
        ([(0, 1), (1, 0), (1, 2), (2, 1)], [0, 0, 1, 1]),
        ([(0, 1), (1, 2), (2, 0)], [0, 0, 0]),
        ([(0, 1), (1, 2), (2, 0), (2, 3), (3, 2), (0, 0)], [0, 0, 0, 1, 1, 2]),
    ],
    ids=["two to and fro", "one round", "a round, a to and fro, and a place onto itself"],
)
def test_circles_with_one_place_in_common_are_apart(
    steps: list[tuple[int, int]], trades: list[int]
) -> None:
    """Nobody's boxes travel on two edges and no drugs are the same: only circles tie them."""
    first, later = np.array(steps, np.int64).T
    edges = trace_loops_graph.Edges(
        first=first,
        later=later,
        boxes=np.full(len(steps), 9),
        expected=np.full(len(steps), 0.1),
        p_value=np.full(len(steps), 1e-9),
    )
    each = np.arange(len(steps))
    found = trace_loops_graph.trades(edges, each, each, each)
    assert np.unique(found, return_inverse=True)[1].tolist() == trades


def test_unknown(tmp_path: Path) -> None:
    county = world(ordinary(5), trade())
    assert not len(found(trace_loops, replace(county, lines=None), tmp_path / "a"))
    bare = tuple(replace(line, trace=None) for line in county.lines or ())
    assert not len(found(trace_loops, replace(county, lines=bare), tmp_path / "b"))


def test_input_order_does_not_matter(tmp_path: Path) -> None:
    county = world(ordinary(6, misread=0.02), trade())
    turned = replace(county, settlements=county.settlements[::-1], lines=(county.lines or ())[::-1])
    one, two = (found(trace_loops, w, tmp_path / str(n)) for n, w in enumerate((county, turned)))
    assert one.others == two.others
    assert one.settlements == two.settlements
    assert one.p_value.tolist() == two.p_value.tolist()
    assert one.signs.keys() == two.signs.keys()
    for name, (observed, expected) in one.signs.items():
        np.testing.assert_array_equal(observed, two.signs[name][0])
        np.testing.assert_array_equal(expected, two.signs[name][1])


def test_chance_alone_ties_few_places() -> None:
    """Errors that fall on places by volume, some places ten times as prone: edges stay rare."""
    draw = np.random.default_rng(7)
    share = draw.dirichlet(np.full(40, 2.0))
    prone = share * np.where(np.arange(40) % 10 == 0, 10.0, 1.0)
    prone /= prone.sum()
    linked = 0
    for _ in range(30):
        first, later = draw.choice(40, size=(2, 400), p=prone)
        apart = first != later
        edges = trace_loops_graph.edges(first[apart], later[apart], share)
        linked += len(trace_loops_graph.beyond(edges, 1e-4).first)
    assert linked <= 30
