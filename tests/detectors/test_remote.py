"""Remote credentials: a hit, near misses, honest look-alikes, missing tables."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from detectors import remote
from detectors.candidates import Candidates, Context
from detectors.columns import columns
from detectors.settings import DetectSettings
from tests.world import Line, Place, Settlement, World, write_world

START = datetime(2025, 3, 3, 8)
HERE, FAR = "990101", ("910101", "920201", "930301", "940101")
SETTINGS = DetectSettings(threads=1)
PLACES = tuple(Place(place=f"P{n:02}", kind="pharmacy", division=HERE) for n in range(20))


def sale(name: str, person: str, place: str, at: datetime, home: str = HERE) -> Settlement:
    return Settlement(
        setl_id=name,
        person=person,
        place=place,
        at=at,
        device=f"D-{place}",
        clerk="K0",
        amount=Decimal("90.00"),
        fund=Decimal("40.00"),
        card_kind="e_credential" if home != HERE else "social_security",
        insured_in=home,
        treated_in=HERE,
    )


def ordinary(seed: int, *, remote_share: float = 0.02) -> list[Settlement]:
    """Sales of twenty pharmacies; now and then a traveller, sometimes with a companion."""
    draw = np.random.default_rng(seed)
    rows = []
    for number in range(6_000):
        at = START + timedelta(days=int(draw.integers(0, 200)), minutes=int(draw.integers(0, 600)))
        place = f"P{number % 20:02}"
        if draw.random() >= remote_share:
            rows.append(sale(f"B{number:05}", f"b{number % 900}", place, at))
            continue
        home = str(draw.choice(FAR))
        for turn in range(1 + int(draw.random() < 0.1)):
            after = at + timedelta(minutes=3 * turn)
            rows.append(sale(f"R{number:05}-{turn}", f"r{number}-{turn}", place, after, home))
    return rows


def group(
    bursts: int = 6, *, people: int = 12, apart: timedelta = timedelta(minutes=2), home: int = 4
) -> list[Settlement]:
    """Return ``bursts`` sessions at P03 of half of ``people`` in turn."""
    return [
        sale(
            f"J{burst}-{turn}",
            f"m{(burst * 5 + turn) % people:02}",
            "P03",
            START + timedelta(days=40 + 11 * burst) + turn * apart,
            FAR[(burst * 5 + turn) % people % home],
        )
        for burst in range(bursts)
        for turn in range(people // 2)
    ]


def seen() -> list[Settlement]:
    """Return purchases of the group's people elsewhere in the area, by the card itself."""
    return [
        replace(
            sale(
                f"S{m}", f"m{m:02}", f"P{m:02}", START + timedelta(days=5 * m, hours=3), FAR[m % 4]
            ),
            card_kind="social_security",
        )
        for m in range(12)
    ]


def found(rows: list[Settlement], folder: Path, **tables: object) -> tuple[Candidates, list[str]]:
    county = World(settlements=tuple(rows), places=PLACES, **tables)  # type: ignore[arg-type]
    space = write_world(county, folder)
    names = sorted({s.person for s in rows})
    with columns(folder, SETTINGS) as backend:
        candidates = remote.find(
            Context(
                backend=backend,
                workspace=space,
                settings=SETTINGS,
                ground=None,  # type: ignore[arg-type] # nobody has to meet twice
                pairs=None,  # type: ignore[arg-type]
                null_pairs=(),
            )
        )
    return candidates, [names[number] for number in candidates.person]


def test_far_away_buyers_who_are_never_seen_without_drugs(tmp_path: Path) -> None:
    rows = group()
    candidates, people = found(ordinary(1) + rows, tmp_path)
    assert len(candidates) == 1
    assert set(people) >= {f"m{m:02}" for m in range(12)}
    assert len(people) <= 13
    assert candidates.p_value[0] * candidates.tests <= 0.001
    assert candidates.tests == 20
    assert candidates.settlements is not None
    held = set(candidates.settlements["setl_id"].to_pylist())
    assert held >= {s.setl_id for s in rows}
    assert candidates.others is not None
    others = {(row["entity_type"], row["entity_id"]) for row in candidates.others.to_pylist()}
    assert others == {("place", "P03"), ("device", "D-P03"), ("staff", "K0")}
    assert candidates.signs["remote_unseen"][0][0] == 12
    assert candidates.signs["remote_homes"][0][0] == 4
    assert np.isnan(candidates.signs["remote_drugs"][0][0]), "no lines were delivered"
    assert candidates.honest["local_life"][0] == 0.0


def test_the_drug_of_the_group_brings_in_who_bought_it_alone(tmp_path: Path) -> None:
    alone = sale("A", "alone", "P03", START + timedelta(days=60, hours=5), FAR[0])
    other = sale("O", "other", "P03", START + timedelta(days=61, hours=5), FAR[0])
    rows = [*ordinary(1), *group(), alone, other]
    lines = tuple(
        Line(setl_id=s.setl_id, drug="RARE" if s.setl_id[0] in "JA" else "COMMON") for s in rows
    )
    candidates, people = found(rows, tmp_path, lines=lines, resale_drugs=("RARE",))
    assert sorted(people) == ["alone"] + [f"m{m:02}" for m in range(12)]
    assert candidates.signs["remote_drugs"][0][0] == 1.0
    assert candidates.signs["remote_drugs"][1][0] == 0.0
    assert candidates.signs["remote_resale"][0][0] == 1.0


def test_a_few_a_week_at_three_places_who_are_also_seen(tmp_path: Path) -> None:
    spread = group(12, people=24, apart=timedelta(days=1, hours=7))
    rows = [
        replace(s, setl_id=f"T{number}", place=f"P{number % 3:02}")
        for number, s in enumerate(spread)
    ]
    ordinary_rows = ordinary(8, remote_share=0.1)
    lines = tuple(
        Line(setl_id=s.setl_id, drug=f"RARE{number % 4}" if s in rows else f"D{number % 80}")
        for number, s in enumerate([*ordinary_rows, *rows, *seen()])
    )
    candidates, people = found([*ordinary_rows, *rows, *seen()], tmp_path, lines=lines)
    assert len(candidates) == 1
    assert set(people) == {f"m{m:02}" for m in range(24)}
    assert candidates.signs["remote_drugs"][0][0] == 1.0


def test_one_group_at_two_places_is_one(tmp_path: Path) -> None:
    moved = [
        replace(s, setl_id=f"K{s.setl_id}", place="P07", at=s.at + timedelta(days=3))
        for s in group()
    ]
    candidates, people = found(ordinary(2) + group() + moved, tmp_path)
    assert len(candidates) == 1
    assert set(people) >= {f"m{m:02}" for m in range(12)}


@pytest.mark.parametrize(
    "rows",
    [
        [*group(), *seen()],  # they show their cards in the area too
        [replace(s, insured_in=HERE) for s in group()],  # insured here
        [replace(s, card_kind="social_security") for s in group()],  # the cards themselves
        group(people=4, bursts=1),  # a couple of travellers
    ],
)
def test_near_misses(tmp_path: Path, rows: list[Settlement]) -> None:
    candidates, _ = found(ordinary(3, remote_share=0.005) + rows, tmp_path)
    assert not (candidates.p_value * candidates.tests <= 0.05).any()


def test_people_who_live_in_the_area_are_left_out(tmp_path: Path) -> None:
    life = [
        sale(
            f"L{m}-{turn}",
            f"m{m:02}",
            f"P{10 + turn}",
            START + timedelta(days=12 * turn + m),
            FAR[m % 4],
        )
        for m in range(12)
        for turn in range(8)
    ]
    candidates, people = found(ordinary(4, remote_share=0.0) + group() + life, tmp_path)
    assert people == []
    assert len(candidates) == 0


@pytest.mark.parametrize("share", [0.02, 0.6])
@pytest.mark.parametrize("seed", [5, 6])
def test_chance_alone_even_where_most_customers_come_from_afar(
    tmp_path: Path, share: float, seed: int
) -> None:
    candidates, _ = found(ordinary(seed, remote_share=share), tmp_path)
    assert not (candidates.p_value * candidates.tests <= 0.05).any()
