"""Joint admissions: a hit, near misses, honest look-alikes, missing tables, and chance alone."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from detectors import admissions
from detectors.admissions_stays import Stays, chances, joint, pairs_of
from detectors.candidates import Candidates, Context
from detectors.columns import columns
from detectors.settings import DetectSettings
from tests.world import Line, Place, Settlement, Visit, World, write_world

START = datetime(2025, 1, 6)
SETTINGS = DetectSettings(threads=1)


def stay(
    name: str, person: str, day: int, nights: int, *, doctor: str = "D0", fee: str = "3000"
) -> Settlement:
    begins = START + timedelta(days=day)
    ends = begins + timedelta(days=nights)
    return Settlement(
        setl_id=name,
        person=person,
        place="H1",
        at=ends + timedelta(hours=10),
        doctor=doctor,
        amount=Decimal(fee),
        fund=Decimal(fee),
        kind="inpatient",
        begins=begins.date(),
        ends=ends.date(),
    )


def background(seed: int, people: int = 120) -> list[Settlement]:
    draw = np.random.default_rng(seed)
    return [
        stay(
            f"B{person:03}-{turn}",
            f"b{person:03}",
            int(draw.integers(0, 330)),
            int(draw.integers(3, 12)),
            doctor=f"D{int(draw.integers(1, 6))}",
            fee=str(int(draw.integers(1500, 6000))),
        )
        for person in range(people)
        for turn in range(1 + person % 3)
    ]


def group(times: int, *, people: int = 6, every: int = 40, jitter: bool = True) -> list[Settlement]:
    return [
        stay(f"J{turn}-{m}", f"m{m}", every * turn + (m % 2 if jitter else 0), 7)
        for turn in range(times)
        for m in range(people)
    ]


def world(rows: list[Settlement]) -> World:
    return World(settlements=tuple(rows), places=(Place(place="H1", kind="hospital"),))


def found(county: World, folder: Path, diseases: dict[str, str] | None = None) -> Candidates:
    space = write_world(county, folder)
    if diseases is not None:
        table = pq.read_table(space.table("settlements"))
        codes = [diseases.get(name, "J18.900") for name in table["psn_no"].to_pylist()]
        at = table.schema.get_field_index("dise_no")
        pq.write_table(table.set_column(at, "dise_no", pa.array(codes)), space.table("settlements"))
    with columns(folder, SETTINGS) as backend:
        return admissions.find(
            Context(
                backend=backend,
                workspace=space,
                settings=SETTINGS,
                ground=None,  # type: ignore[arg-type] # stays are no visits
                pairs=None,  # type: ignore[arg-type]
                null_pairs=(),
            )
        )


def people(county: World, candidates: Candidates, gid: int = 0) -> list[str]:
    names = sorted({s.person for s in county.settlements})
    return [names[number] for number in candidates.person[candidates.gid == gid]]


def test_a_group_in_and_out_together(tmp_path: Path) -> None:
    county = world(background(1) + group(5))
    candidates = found(county, tmp_path)
    assert len(candidates) == 1
    assert people(county, candidates) == [f"m{m}" for m in range(6)]
    assert candidates.p_value[0] <= 0.01
    assert candidates.settlements is not None
    assert candidates.others is not None
    held = candidates.settlements.filter(candidates.settlements["certain"])
    assert sorted(held["setl_id"].to_pylist()) == sorted(s.setl_id for s in group(5))
    others = {(row["entity_type"], row["entity_id"]) for row in candidates.others.to_pylist()}
    assert others == {("place", "H1"), ("doctor", "D0")}
    observed, expected = candidates.signs["stay_pairs"]
    assert observed[0] == 5 * 15 > 5 * expected[0]
    assert candidates.signs["stay_one_doctor"][0][0] == 1.0
    assert candidates.signs["stay_people"][0][0] == 6
    assert np.isnan(candidates.honest["treatment_course"][0]), "no diagnosis was delivered"


def test_someone_who_came_to_most_of_it_joins_and_one_who_came_once_does_not(
    tmp_path: Path,
) -> None:
    late = [stay(f"L{turn}", "late", 40 * turn, 7) for turn in (1, 2, 3)]
    once = [stay("O0", "once", 80, 7), stay("O1", "once", 300, 4)]
    county = world(background(2) + group(5) + late + once)
    assert people(county, found(county, tmp_path)) == ["late"] + [f"m{m}" for m in range(6)]


def test_input_order_does_not_matter(tmp_path: Path) -> None:
    county = world(background(1) + group(4))
    there = found(county, tmp_path / "a")
    back = found(replace(county, settlements=county.settlements[::-1]), tmp_path / "b")
    assert np.array_equal(there.person, back.person)
    assert np.array_equal(there.p_value, back.p_value)
    assert there.signs["stay_fee"][0] == back.signs["stay_fee"][0]


@pytest.mark.parametrize(
    "rows",
    [
        group(1),  # together once only
        [replace(s, place=f"H{s.person[1]}") for s in group(5)],  # not in one institution
        [
            replace(s, ends=s.ends + timedelta(days=7 * int(s.person[1])))  # type: ignore[operator]
            for s in group(5)
        ],  # in together, out apart
        [replace(s, begins=None) for s in group(5)],  # day of admission unknown
        [replace(s, kind="outpatient") for s in group(5)],
    ],
)
def test_near_misses(tmp_path: Path, rows: list[Settlement]) -> None:
    assert len(found(world(background(3) + rows), tmp_path)) == 0


@pytest.mark.parametrize("seed", range(2))
def test_chance_alone(tmp_path: Path, seed: int) -> None:
    candidates = found(world(background(seed, people=300)), tmp_path)
    assert not (candidates.p_value <= 0.01).any()


def test_a_calendar_on_which_everybody_coincides_is_the_institution_s(tmp_path: Path) -> None:
    draw = np.random.default_rng(5)
    rows = [
        stay(f"B{person:03}-{turn}", f"b{person:03}", 28 * int(draw.integers(0, 12)), 5)
        for person in range(60)
        for turn in range(3)
    ]
    assert not (found(world(rows), tmp_path).p_value <= 0.01).any()


def test_a_course_of_treatment_explains_and_changing_diagnoses_do_not(tmp_path: Path) -> None:
    county = world(background(4) + group(5, every=21, jitter=False))
    course = found(county, tmp_path / "a", {f"m{m}": f"C{m}4.900" for m in range(6)})
    assert course.honest["treatment_course"].tolist() == [1.0]
    common = found(county, tmp_path / "b", {f"m{m}": "K29.500" for m in range(6)})
    assert common.honest["treatment_course"].tolist() == [0.0]
    lines = tuple(Line(setl_id=s.setl_id, drug=f"item {s.setl_id}") for s in county.settlements)
    other = found(
        replace(county, lines=lines), tmp_path / "c", {f"m{m}": f"C{m}4.900" for m in range(6)}
    )
    assert other.honest["treatment_course"].tolist() == [0.0], "never the same items"


def test_beds_are_measured_where_visits_were_delivered(tmp_path: Path) -> None:
    county = world(background(1) + group(4))
    assert np.isnan(found(county, tmp_path / "a").signs["stay_bed"][0][0])
    visits = tuple(
        Visit(
            visit=f"V{number}",
            person=s.person,
            place="H1",
            begins=datetime.combine(s.begins, datetime.min.time()),  # type: ignore[arg-type]
            ends=datetime.combine(s.ends, datetime.min.time()),  # type: ignore[arg-type]
            bed="7" if s.person[0] == "m" else f"bed {number}",
        )
        for number, s in enumerate(county.settlements)
    )
    observed, expected = found(replace(county, visits=visits), tmp_path / "b").signs["stay_bed"]
    assert (observed[0], expected[0]) == (1.0, 0.0)


def test_joint_stays_against_plain_loops() -> None:
    draw = np.random.default_rng(7)
    person = np.sort(draw.integers(0, 30, 200))
    place, begin = draw.integers(0, 2, 200), draw.integers(20_000, 20_030, 200)
    end = begin + draw.integers(0, 6, 200)
    stays = Stays(
        person=person,
        place=place,
        begin=begin,
        end=end,
        stratum=np.zeros(200, np.int64),
        weight=np.ones(200),
    )
    rates = chances(stays, SETTINGS)
    assert set(rates.slack.tolist()) == {0}, "hardly any day without a stay"
    slack = np.array([1, 2])
    a, b = joint(stays, slack, most_people=200)
    plain = {
        (i, j)
        for i in range(200)
        for j in range(200)
        if person[i] < person[j]
        and place[i] == place[j]
        and abs(begin[i] - begin[j]) <= slack[place[i]]
        and abs(end[i] - end[j]) <= slack[place[i]]
        and max(begin[i], begin[j]) <= min(end[i], end[j])
    }
    assert set(zip(a.tolist(), b.tolist(), strict=True)) == plain
    for where in (0, 1):
        rows = np.flatnonzero(place == where)
        n = len(rows)
        near = (begin[rows][:, None] == begin[rows]) & (end[rows][:, None] == end[rows])
        zero = np.zeros(1, np.int64)
        rate = rates.of(np.array([where]), zero, zero)[0]
        assert rate == pytest.approx((near.sum() - n) / (n * n - n))
    rates = replace(rates, slack=slack)
    pairs = pairs_of(stays, rates, SETTINGS)
    for lo, hi, count in zip(pairs.lo[:50], pairs.hi[:50], pairs.days[:50], strict=True):
        both = {(i, j) for i, j in plain if person[i] == lo and person[j] == hi}
        assert count == min(len({i for i, _ in both}), len({j for _, j in both}))


def test_people_brought_over_several_days_in_turn(tmp_path: Path) -> None:
    draw = np.random.default_rng(9)
    rows = [
        stay(
            f"T{turn}-{m}",
            f"m{m:02}",
            90 * turn + 20 + int(draw.integers(-2, 3)),
            8 + int(draw.integers(-1, 2)),
        )
        for turn in range(3)
        for m in range(18)
        if (m + turn) % 6
    ]
    county = world(background(6) + rows)
    candidates = found(county, tmp_path)
    best = int(np.argmin(candidates.p_value))
    assert people(county, candidates, best) == [f"m{m:02}" for m in range(18)]
    assert candidates.p_value[best] <= 0.01


def test_a_day_ward_is_a_course_whatever_its_diagnoses(tmp_path: Path) -> None:
    rows = [
        stay(f"W{turn}-{m}", f"m{m}", 30 + 21 * turn + m % 2, 1 + (turn + m) % 2)
        for turn in range(7)
        for m in range(6)
    ]
    candidates = found(world(background(7) + rows), tmp_path)
    best = int(np.argmin(candidates.p_value))
    assert candidates.honest["treatment_course"][best] >= 0.8
