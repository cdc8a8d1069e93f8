"""The motifs on rings of a run, each answered in plain loops over a world and that run."""

import random
from collections import defaultdict

from tests.detectors.motif_cases_rings import Run
from tests.detectors.motif_oracles import Row, device, holders, keys, settled
from tests.detectors.motif_oracles_places import live, numbers, persons
from tests.world import World


def run_of(world: World, seed: int) -> Run:
    """Invent a run on a county: four rings of people, some with a place, and pairs of cards."""
    chance = random.Random(f"run {seed}")  # noqa: S311 - no secret
    people = sorted({row.person for row in world.settlements})
    cards = sorted(holders(world))
    rings = {
        f"R-{number}": (
            *(("person", who) for who in sorted(chance.sample(people, 3))),
            *((("place", chance.choice(["P1", "P2", "H1"])),) if number % 2 else ()),
        )
        for number in range(4)
    }
    pairs = {tuple(sorted(chance.sample(cards, 2))) for _ in range(3)}
    return Run(rings=rings, pairs=tuple(sorted(pairs)))  # type: ignore[arg-type]


def members(run: Run) -> dict[str, set[str]]:
    return {
        ring: {f"P-{key}" for kind, key in found if kind == "person"}
        for ring, found in run.rings.items()
    }


def patients_inside_one_ring(
    world: World, run: Run, *, min_patients: int = 3, min_share: int = 30
) -> list[Row]:
    signed = defaultdict(list)
    for row in settled(world):
        if row.doctor and not row.refunded:
            signed[row.doctor].append((f"P-{row.person}", row))
    rows = []
    for ring, people in members(run).items():
        for doctor, found in signed.items():
            inside = [(who, row) for who, row in found if who in people]
            share = len(inside) * 100 // len(found)
            enough = len(inside) * 100 >= min_share * len(found)
            if len(persons(inside)) >= min_patients and enough:
                rows.append(
                    {
                        "practitioner_id": doctor,
                        "ring_id": ring,
                        "patients": len(persons(inside)),
                        "settlements": len(inside),
                        "share": share,
                        "person_ids": persons(inside),
                        "setl_ids": numbers(inside),
                    }
                )
    return rows


def people_between_two_rings(world: World, run: Run, *, min_rings: int = 2) -> list[Row]:
    held = holders(world)
    belongs, met = defaultdict(set), defaultdict(set)
    for ring, people in members(run).items():
        for who in people:
            belongs[who].add(ring)
        for a, b in (*run.pairs, *((b, a) for a, b in run.pairs)):
            for one in held[a]:
                for other in held[b]:
                    if one in people and other != one:
                        met[other].add((ring, one))
    rows = []
    for who in {*belongs, *met}:
        rings = belongs[who] | {ring for ring, _ in met[who]}
        if len(rings) >= min_rings:
            places = {key for ring in rings for kind, key in run.rings[ring] if kind == "place"}
            rows.append(
                {
                    "person_id": who,
                    "rings": len(rings),
                    "member_of": len(belongs[who]),
                    "met": len({one for _, one in met[who]}),
                    "ring_ids": sorted(rings),
                    "setl_ids": keys(
                        swipe.setl_id
                        for holder, swipe in live(world)
                        if holder == who and swipe.place in places
                    ),
                }
            )
    return rows


def pharmacy_lives_on_pairs(
    world: World, run: Run, *, min_people: int = 5, min_share: int = 25
) -> list[Row]:
    paired = {card for pair in run.pairs for card in pair}
    shops = defaultdict(list)
    for who, swipe in live(world):
        if swipe.place.startswith("P"):
            shops[swipe.place].append((who, swipe))
    rows = []
    for place, seen in shops.items():
        inside = [(who, swipe) for who, swipe in seen if swipe.card_id in paired]
        some, every = len(numbers(inside)), len(numbers(seen))
        if len(persons(inside)) >= min_people and some * 100 >= every * min_share:
            rows.append(
                {
                    "place_id": place,
                    "people": len(persons(inside)),
                    "paired": some,
                    "settlements": every,
                    "share": some * 100 // every,
                    "card_ids": keys(swipe.card_id for _, swipe in inside),
                    "person_ids": persons(inside),
                    "setl_ids": numbers(inside),
                }
            )
    return rows


def met_by_known_people(
    world: World,
    run: Run,
    *,
    person_ids: tuple[str, ...] = (),
    ring_rank: int = 1,
    window_seconds: int = 600,
    min_known: int = 2,
    min_days: int = 3,
) -> list[Row]:
    known = set(person_ids) or members(run)[list(run.rings)[ring_rank - 1]]
    found = defaultdict(list)
    swipes = live(world)
    for seed, one in swipes:
        for who, other in swipes if seed in known else ():
            near = abs(one.epoch - other.epoch) <= window_seconds
            if who not in known and device(one) == device(other) and near:
                found[who].append((seed, one, other))
    return [
        {
            "person_id": who,
            "known": len({seed for seed, _, _ in seen}),
            "days": len({other.day for _, _, other in seen}),
            "device_ids": keys(device(other) for _, _, other in seen),
            "known_ids": keys(seed for seed, _, _ in seen),
            "setl_ids": keys(swipe.setl_id for _, *both in seen for swipe in both),
        }
        for who, seen in found.items()
        if len({seed for seed, _, _ in seen}) >= min_known
        and len({other.day for _, _, other in seen}) >= min_days
    ]
