"""Features: each is high where its behaviour was planted, and near the expectation where not."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from detectors.columns import columns
from detectors.facts import gathered
from detectors.features import FEATURES
from detectors.features_rhythm import UNARRANGED
from detectors.world import ground
from ingest.texts import say
from tests.detectors.groups import MONDAY, SETTINGS
from tests.world import Line, Person, Place, Settlement, World, write_world

Seen = dict[str, tuple[float, float]]
Extras = dict[str, dict[str, Any]]
START = 100  # day on which the group first meets
DRUGS = [f"XA{n:02}AAA000A00000000000RS"[:23] for n in range(5)]
HOME, AWAY = "110101", "330202"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    """What is seen of six groups in one county, by the letter their members' names begin with."""
    parts = [clinic("H1", "m"), clinic("H2", "o"), ward("H3", "s"), ward("H4", "t"), shops()]
    world = World(
        settlements=sum((world.settlements for world, _ in parts), ()),
        persons=sum((world.persons for world, _ in parts), ()),
        places=sum((world.places for world, _ in parts), ()),
        lines=sum((world.lines or () for world, _ in parts), ()),
    )
    extras = {key: value for _, more in parts for key, value in more.items()}
    return seen(world, extras, tmp_path_factory.mktemp("county"), meet="mogf", rest="st")


@pytest.fixture
def planted(found: dict[str, Seen]) -> Seen:
    return found["m"]


@pytest.fixture
def ordinary(found: dict[str, Seen]) -> Seen:
    return found["o"]


STAYS = ("readmission_gap", "short_light_stays", "self_pay_shift")
RARE = ("double_presence", "travel", "refunds")
EVEN = ("gap_regularity", "interval_regularity")
LINES = ("trace_drug_mismatch", "split_prescriptions", "overbuying", "same_basket")
SHARES = (
    "double_presence",
    "travel",
    "account_drain",
    "chronic_without_history",
    "disease_mix_shift",
    "doctor_focus",
    "equal_totals",
    *LINES,
    "repeat_registration",
    "heavy_user",
    "assisted_share",
    "out_of_home",
    "newcomers",
    "refunds",
)


@pytest.mark.parametrize("name", SHARES)
def test_what_was_planted_stands_out(planted: Seen, name: str) -> None:
    observed, expected = planted[name]
    assert observed - expected > (0.05 if name in RARE else 0.2), planted[name]


@pytest.mark.parametrize("name", SHARES)
def test_people_like_the_others_do_not(ordinary: Seen, name: str) -> None:
    if name in ordinary:
        observed, expected = ordinary[name]
        assert observed - expected < 0.25, ordinary[name]


def test_answers_worked_out_by_hand(planted: Seen) -> None:
    assert planted["account_drain"] == pytest.approx((1.0, 0.05))
    assert planted["assisted_share"] == (1.0, 0.0)
    assert planted["out_of_home"] == (1.0, 0.0)
    assert planted["newcomers"] == (1.0, 0.0)
    assert planted["doctor_focus"][0] == 1.0
    assert planted["same_basket"][0] == 1.0
    assert planted["trace_drug_mismatch"] == (1.0, 0.0)
    assert planted["chronic_without_history"] == (1.0, 0.0)
    assert planted["double_presence"][0] == pytest.approx(10 / 120)  # five days, two visits each
    assert planted["refunds"] == (pytest.approx(24 / 144), 0.0)


def test_the_doctor_sees_five_at_once(planted: Seen, ordinary: Seen) -> None:
    assert planted["impossible_pace"][0] >= 5.0
    assert planted["impossible_pace"][1] < 2.0
    assert ordinary["impossible_pace"][0] < planted["impossible_pace"][0]


def test_a_stack_every_monday_is_even(planted: Seen, ordinary: Seen) -> None:
    assert planted["interval_regularity"] == (0.0, pytest.approx(UNARRANGED))
    assert planted["gap_regularity"][0] == 0.0
    assert 0.9 < planted["gap_regularity"][1] <= UNARRANGED
    for name in EVEN:
        assert ordinary[name][0] > 0.25


@pytest.mark.parametrize("name", STAYS)
def test_stays(found: dict[str, Seen], name: str) -> None:
    observed, expected = found["s"][name]
    assert observed - expected > 0.3
    observed, expected = found["t"][name]
    assert abs(observed - expected) < 0.2


def test_stays_say_nothing_of_people_who_meet(planted: Seen) -> None:
    assert not set(STAYS) & set(planted)


def test_a_shop_that_grows(found: dict[str, Seen]) -> None:
    mean = (5 * 4 + 40) / 6
    assert found["g"]["place_growth"] == (pytest.approx((40 + mean) / (4 + mean)), 1.0)
    assert found["f"]["place_growth"] == (1.0, 1.0)


def test_settlements_alone(tmp_path: Path) -> None:
    """Without lines, register, coordinates, diagnoses and balances only the spending is known."""
    world, _ = clinic("H1", "m")
    names = (*LINES, "assisted_share", "travel", "heavy_user", "account_drain", "disease_mix_shift")
    bare = seen(replace(world, persons=(), places=(), lines=None), {}, tmp_path, names)
    assert set(bare["m"]) == {"heavy_user"}


def test_every_feature_has_words() -> None:
    for feature in FEATURES:
        for language in ("zh", "en"):
            text = say(f"measure.{feature.name}", language, observed=0.25, expected=0.75)
            assert "{" not in text
            assert say(f"measure.name.{feature.name}", language)


def clinic(place: str, who: str) -> tuple[World, Extras]:
    """A clinic of ninety patients where five meet on twelve days: ``m`` as hired, else as anyone.

    Hired hands come every Monday in one order, a minute apart, to one doctor, for one drug in tens
    with the trace code of another, empty their accounts, come again that day for the same drug, are
    in hospital meanwhile, somewhere far off ten minutes later, and give one in seven back.
    """
    planted = who == "m"
    draw = np.random.default_rng(7)
    rows: list[Settlement] = []
    extras: Extras = {}
    lines: list[Line] = []

    def visit(key: str, person: str, day: int, second: int, *, hired: bool, **more: Any) -> None:
        drug = 0 if hired else int(draw.integers(5))
        box = 1 if hired else drug
        drawn = Decimal(int(draw.integers(2000, 9000))) / 100
        rows.append(
            Settlement(
                setl_id=key,
                person=person,
                place=place,
                kind=more.get("kind", "outpatient"),
                at=MONDAY + timedelta(days=day, seconds=second),
                device=f"D-{place}",
                doctor="DR1" if hired else f"DR{draw.integers(4)}",
                amount=more.get("amount", drawn),
                insured_in=AWAY if hired else HOME,
                treated_in=HOME,
            )
        )
        lines.append(Line(setl_id=key, drug=DRUGS[drug], trace=f"800000{box}{len(lines):013}"))
        extras[key] = {
            "acct_pay": Decimal(50),
            "crov_old_balc": Decimal(50 if hired else 1000),
            "crov_new_balc": Decimal(0 if hired else 950),
            "dise_no": more.get("illness", "J06.900" if hired else f"I{draw.integers(10, 20)}.0"),
            "med_type": "12",
            "cnt": 30.0 if hired else 1.0,
        }

    hands = [f"{who}{place}-{n}" for n in range(5)]
    others = [f"b{place}-{n:02}" for n in range(90)]
    turns = 4 if planted else 14
    for number, person in enumerate(others if planted else others + hands):
        for turn in range(2 if person in hands else turns):
            visit(
                f"{person}-{turn:02}",
                person,
                (number * 7 + turn * 13) % 60 + (START if turn % 2 else 0),
                int(draw.integers(8 * 3600, 17 * 3600)),
                hired=False,
                illness=f"I{10 + number % 10}.0",
                kind="chronic" if turn == 3 else "outpatient",
            )
    day = START
    for session in range(12):
        day += 7 if planted else int(draw.integers(1, 14))
        second = 10 * 3600
        for member, person in enumerate(hands):
            second += 60 if planted else int(draw.exponential(400)) + 61
            chosen: dict[str, Any] = {"amount": Decimal(50)} if planted else {}
            if planted and session >= 6:
                chosen |= {"kind": "chronic", "illness": "E11.900"}
            key = f"J{place}-{session:02}{member}"
            visit(key, person, day, second, hired=planted, **chosen)
            if planted:
                visit(f"S{key}", person, day, (12 + member) * 3600, hired=True)
        if planted:
            rows += _elsewhere(hands, place, session, day)
    if planted:
        rows.append(_stay("H9", hands[0], "X1", begin=0, days=START + 41))
    persons = tuple(
        Person(person=p, birth_year=1970, assisted="1" if p in hands and planted else None)
        for p in sorted({row.person for row in rows})
    )
    places = (Place(place=place, kind="clinic", longitude=116.0, latitude=40.0),)
    if planted:
        places += (Place(place="P9", kind="pharmacy", longitude=118.0, latitude=40.0),)
    world = World(settlements=tuple(rows), persons=persons, places=places, lines=tuple(lines))
    return world, extras


def _elsewhere(hands: Sequence[str], place: str, session: int, day: int) -> list[Settlement]:
    """A far pharmacy ten minutes after the clinic, and two payments taken back."""
    at = MONDAY + timedelta(days=day, hours=10, minutes=15)
    far = Settlement(setl_id=f"F{session:02}", person=hands[1 + session % 4], place="P9", at=at)
    back = [
        replace(far, setl_id=f"R{session:02}{n}", place=place, kind="outpatient", refunded=True)
        for n in range(2)
    ]
    return [far, *back]


def ward(place: str, who: str) -> tuple[World, Extras]:
    """A hospital of sixty stays; five people (``s``) lie there for two light days, paid in cash.

    The five ``t`` lie there as long, as dear and as seldom as anyone. One other patient was
    admitted again soon, and lay two cheap days.
    """
    draw = np.random.default_rng(3)
    rows: list[Settlement] = []
    extras: Extras = {}

    def stay(person: str, turn: int, begin: int, days: int, fee: int, *, cash: int = 20) -> None:
        key = f"{who if person[0] == who else 'W'}{place}{person}-{turn}"
        rows.append(replace(_stay(place, person, key, begin, days), amount=Decimal(fee)))
        extras[key] = {"dise_no": "J18.9", "psn_cash_pay": Decimal(fee * cash) / 100}

    def anyone() -> tuple[int, int]:
        return int(draw.integers(3, 12)), int(draw.integers(3000, 9000))

    for number in range(60):
        stay(f"w{place}{number:02}", 0, int(draw.integers(150)), *anyone())
    for member in range(5):
        for turn in range(6 if who == "s" else 3):
            person = f"{who}{place}{member}"
            if who == "s":
                stay(person, turn, turn * 8 + member, 2, 1000, cash=80)
            else:
                stay(person, turn, turn * 40 + member, *anyone())
    stay(f"w{place}60", 0, 10, 2, 900)
    stay(f"w{place}60", 1, 20, 5, 5000)
    return World(settlements=tuple(rows)), extras


def shops() -> tuple[World, Extras]:
    """Six shops with ten visits a month; ``g`` shop where four in its first, ``f`` steady ones."""
    rows = []
    for shop in range(1, 7):
        for month in range(6):
            for turn in range(10 if shop > 1 else 40 if month == 5 else 4):
                who = {1: "g", 2: "f"}.get(shop, "b") if turn < 3 else "b"
                at = MONDAY + timedelta(days=month * 30, hours=9, minutes=turn)
                key = f"G{shop}{month}{turn:02}"
                person = f"{who}shop{turn:02}"
                rows.append(Settlement(setl_id=key, person=person, place=f"P{shop}", at=at))
    return World(settlements=tuple(rows)), {}


def _stay(place: str, person: str, key: str, begin: int, days: int) -> Settlement:
    begins = MONDAY.date() + timedelta(days=begin)
    return Settlement(
        setl_id=key,
        person=person,
        place=place,
        kind="inpatient",
        at=MONDAY + timedelta(days=begin + days - 1, hours=15),
        device=None,
        begins=begins,
        ends=begins + timedelta(days=days - 1),
    )


def seen(
    world: World,
    extras: Extras,
    folder: Path,
    names: tuple[str, ...] | None = None,
    *,
    meet: str = "m",
    rest: str = "",
) -> dict[str, Seen]:
    """Return what the features say of each group: all whose name begins with its letter.

    ``extras`` fills columns that :class:`Settlement` does not have. Groups of ``meet`` are shown by
    their sessions, those of ``rest`` by the settlements whose identifier begins with their letter.
    """
    space = write_world(world, folder)
    _fill(space.table("settlements"), extras)
    if world.lines is not None:
        _fill(space.table("fee_list"), extras)
    people = sorted({s.person for s in world.settlements} | {p.person for p in world.persons})
    letters = meet + rest
    group = [(letters.index(p[0]), n) for n, p in enumerate(people) if p[0] in letters]
    held = [
        (letters.index(s.setl_id[0]), s.setl_id, True)
        for s in world.settlements
        if s.setl_id[0] in rest
    ]
    found: dict[str, Seen] = {letter: {} for letter in letters}
    with columns(folder, SETTINGS) as backend:
        land = ground(backend, space, SETTINGS)
        facts = gathered(
            backend,
            space,
            backend.create_table("m", _rows(group, gid=pa.int64(), person=pa.int32())),
            backend.create_table("p", _rows([], lo=pa.int32(), hi=pa.int32())),
            land.scoped,
            meeting=backend.create_table(
                "g", _rows([(n,) for n in range(len(meet))], gid=pa.int64())
            ),
            held=backend.create_table(
                "h", _rows(held, gid=pa.int64(), setl_id=pa.string(), certain=pa.bool_())
            ),
        )
        for feature in FEATURES:
            table = feature.of(facts) if names is None or feature.name in names else None
            for row in [] if table is None else table.to_pyarrow().to_pylist():
                found[letters[row["gid"]]][feature.name] = (row["observed"], row["expected"])
    return found


def _rows(rows: Sequence[tuple[Any, ...]], **types: pa.DataType) -> pa.Table:
    return pa.table(
        {name: pa.array([row[n] for row in rows], of) for n, (name, of) in enumerate(types.items())}
    )


def _fill(path: Path, extras: Extras) -> None:
    table = pq.read_table(path)
    rows = table.to_pylist()
    for row in rows:
        given = extras.get(row["setl_id"], {})
        row.update({name: value for name, value in given.items() if name in row})
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
