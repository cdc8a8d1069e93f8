"""Each knob bends the rings and these alone; without one nothing moves."""

import hashlib
from collections import Counter, defaultdict
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from ingest.errors import RingfenceError
from ingest.simulate import Mechanisms, PlantedRing, Truth, simulate

PERSONS, DAYS, SEED = 4_000, 150, 17
POOLS = ("card_pool", "card_pool_rotating")
Row = dict[str, Any]


class County:
    """A truth with its settlements."""

    def __init__(self, folder: Path, **knobs: Any) -> None:
        mechanisms = Mechanisms(**knobs)
        self.truth: Truth = simulate(
            folder,
            persons=PERSONS,
            days=DAYS,
            seed=SEED,
            format="parquet",
            mechanisms=mechanisms,
        )
        columns = ["setl_id", "psn_no", "fixmedins_code", "setl_time", "init_setl_id"]
        rows = pyarrow.parquet.read_table(folder / "settlements.parquet", columns=columns)
        self.rows: dict[str, Row] = {row["setl_id"]: row for row in rows.to_pylist()}

    def rings(self, *kinds: str) -> list[PlantedRing]:
        return [ring for ring in self.truth.rings if not kinds or ring.kind in kinds]

    def of(self, ring: PlantedRing) -> list[Row]:
        return [self.rows[setl_id] for setl_id in ring.settlements]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> County:
    return County(tmp_path_factory.mktemp("plain") / "x")


def test_the_first_generator_is_what_it_was(tmp_path: Path) -> None:
    """Factors are learnt on it; whoever means to change it changes this digest and learns again."""
    simulate(tmp_path / "x", persons=1_000, days=60, seed=5, messy=True)
    digest = hashlib.sha256((tmp_path / "x" / "truth.json").read_bytes()).hexdigest()
    assert digest[:16] == "b8865277b07788c6"


def test_lower_attendance_leaves_visits_out(plain: County, tmp_path: Path) -> None:
    bent = County(tmp_path / "x", attendance=0.5)
    for kind in (*POOLS, "induced_cohort", "fake_inpatient", "owner_circle"):
        before = sum(len(ring.settlements) for ring in plain.rings(kind))
        after = sum(len(ring.settlements) for ring in bent.rings(kind))
        assert 0.3 * before < after < 0.7 * before, kind
    claims = [
        len(ring.settlements)
        for county in (plain, bent)
        for ring in county.rings("insider_reimbursement")
    ]
    assert claims[0] == claims[1]


def test_higher_attendance_adds_absent_members(plain: County, tmp_path: Path) -> None:
    bent = County(tmp_path / "x", attendance=1.3)
    before = sum(len(ring.settlements) for ring in plain.rings(*POOLS))
    after = sum(len(ring.settlements) for ring in bent.rings(*POOLS))
    assert 1.05 * before < after < 1.4 * before
    for one, other in zip(plain.rings(*POOLS), bent.rings(*POOLS), strict=True):
        assert len(other.people) == len(one.people)


def test_camouflage_is_ordinary_life_and_not_the_rings(plain: County, tmp_path: Path) -> None:
    bent = County(tmp_path / "x", camouflage=1.0)
    for one, other in zip(plain.rings(*POOLS), bent.rings(*POOLS), strict=True):
        assert len(other.settlements) == len(one.settlements)
    more = len(bent.rows) - len(plain.rows)
    visits = sum(len(ring.settlements) for ring in plain.rings() if ring.people)
    assert 0.6 * visits < more < 1.2 * visits


def test_jitter_moves_sessions_whole(plain: County, tmp_path: Path) -> None:
    bent = County(tmp_path / "x", jitter=5)
    for one, other in zip(plain.rings("card_pool"), bent.rings("card_pool"), strict=True):
        assert len(other.settlements) == len(one.settlements)
        assert _days(plain, one) != _days(bent, other)
        assert abs(len(_days(bent, other)) - len(_days(plain, one))) <= 0.4 * len(_days(plain, one))


def _days(county: County, ring: PlantedRing) -> set[object]:
    return {row["setl_time"].date() for row in county.of(ring)}


def test_splitting_cuts_sessions_in_two(plain: County, tmp_path: Path) -> None:
    bent = County(tmp_path / "x", splitting=1.0)
    for one, other in zip(plain.rings("card_pool"), bent.rings("card_pool"), strict=True):
        assert len(other.settlements) == len(one.settlements)
        assert _sessions(bent.of(other)) > 1.5 * _sessions(plain.of(one))


def _sessions(rows: list[Row]) -> int:
    times: defaultdict[str, list[datetime]] = defaultdict(list)
    for row in rows:
        times[row["fixmedins_code"]].append(row["setl_time"])
    count = 0
    for own in times.values():
        own.sort()
        steps = pairwise(own)
        count += 1 + sum((b - a).total_seconds() > 3_600 for a, b in steps)
    return count


def test_hijacked_cards_belong_to_families_that_go_on_as_before(
    plain: County, tmp_path: Path
) -> None:
    bent = County(tmp_path / "x", hijacked=0.5)
    families = {
        person
        for group in bent.truth.honest
        if group.type in ("family", "one_buys_for_another")
        for person in group.people
    }
    for ring in bent.rings(*POOLS):
        hosts = families & set(ring.people)
        assert 0.3 * len(ring.people) <= len(hosts) <= 0.6 * len(ring.people) + 1
    rings = {s for county in (bent,) for ring in county.rings() for s in ring.settlements}
    own = Counter(row["psn_no"] for s, row in bent.rows.items() if s not in rings)
    hosts = families & {person for ring in bent.rings(*POOLS) for person in ring.people}
    assert min(own[person] for person in hosts) >= 3
    assert not families & {p for ring in plain.rings(*POOLS) for p in ring.people}


def test_size_recruits_more_people(plain: County, tmp_path: Path) -> None:
    bent = County(tmp_path / "x", size=2.0)
    before = sum(len(ring.people) for ring in plain.rings(*POOLS))
    after = sum(len(ring.people) for ring in bent.rings(*POOLS))
    assert 1.6 * before < after < 2.4 * before
    assert [g.people for g in plain.truth.honest] == [g.people for g in bent.truth.honest]


@pytest.mark.parametrize("style", ["first", "second"])
def test_brokers_are_named_in_both_pools(tmp_path: Path, style: str) -> None:
    bent = County(tmp_path / "x", brokers=2, style=style)
    named = Counter(person for ring in bent.rings(*POOLS) for person in ring.people)
    brokers = {person for person, count in named.items() if count == 2}
    assert len(brokers) == 2
    for ring in bent.rings(*POOLS):
        assert {row["psn_no"] for row in bent.of(ring)} >= brokers & set(ring.people)


def test_every_knob_bends_the_second_generator_too(tmp_path: Path) -> None:
    knobs: dict[str, Any] = {
        "attendance": 0.7,
        "camouflage": 0.5,
        "jitter": 2.0,
        "splitting": 0.5,
        "hijacked": 0.3,
        "size": 1.5,
        "brokers": 1,
    }
    bent = County(tmp_path / "x", style="second", **knobs)
    for ring in bent.rings():
        assert ring.settlements, ring.kind
        assert ring.loss > 0
        assert len(ring.people) >= 3 or not ring.people


@pytest.mark.parametrize(
    ("knob", "value"), [("attendance", 0.0), ("jitter", -1.0), ("size", 9.0), ("style", "third")]
)
def test_a_value_out_of_bounds_is_refused(knob: str, value: Any) -> None:
    with pytest.raises(RingfenceError, match=knob):
        Mechanisms(**{knob: value})
