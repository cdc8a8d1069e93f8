"""Generated counties for the motifs, and each motif answered in plain loops over a world."""

import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import combinations
from typing import Any

from tests.world import (
    NOON,
    Line,
    ManualClaim,
    Person,
    Place,
    Settlement,
    StaffMember,
    World,
)

Row = dict[str, Any]
TERMINALS = {"P1": ("D1", "D2"), "P2": ("D3",), "H1": ("D4", "D5"), "P3": ("D6",), "H2": (None,)}


def county(seed: int) -> World:
    """Invent a dense little county: 8 people, few days, many swipes near each other.

    Cards meet the same terminal several times a day; some cards have two holders, some people two
    cards; P3 knows its times only to the day, H2 delivers neither terminal nor clerk.
    """
    chance = random.Random(f"motifs {seed}")  # noqa: S311 - no secret
    people = [f"p{number:02}" for number in range(8)]
    swipes = tuple(_swipe(chance, people, number) for number in range(500))
    stays = tuple(_stay(chance, people, number) for number in range(20))
    return World(
        settlements=swipes + stays,
        persons=tuple(Person(person=person, name=f"N-{person}") for person in people[:6]),
        places=(
            Place(place="P3", day_precision=True),
            Place(place="H1", account="A-1"),
        ),
        staff=(StaffMember(staff="K1", account="A-2"), StaffMember(staff="K2")),
        manual_claims=tuple(_claim(chance, people, number) for number in range(120)),
        lines=tuple(_line(chance, swipes) for _ in range(150)),
        resale_drugs=("X9",),
    )


def _swipe(chance: random.Random, people: list[str], number: int) -> Settlement:
    place = chance.choice(list(TERMINALS))
    person = chance.choice(people)
    at = NOON + timedelta(days=chance.randrange(8), seconds=30 * chance.randrange(120))
    fate = chance.random()
    return Settlement(
        setl_id=f"S{number:03}",
        person=person,
        place=place,
        device=chance.choice(TERMINALS[place]),
        at=at.replace(hour=0, minute=0) if place == "P3" else at,
        card=chance.choice([None, None, f"E-{person}", "C-p00" if person == "p01" else None]),
        kind=chance.choice(["pharmacy", "pharmacy", "outpatient", "inpatient"]),
        online=chance.random() < 0.95,
        refunded=fate < 0.4,
        is_refund=fate > 0.9,
    )


def _stay(chance: random.Random, people: list[str], number: int) -> Settlement:
    begins = NOON.date() + timedelta(days=chance.randrange(-2, 6))
    ends = begins + timedelta(days=chance.randrange(6))
    return Settlement(
        setl_id=f"Y{number:03}",
        person=chance.choice(people),
        place=chance.choice(["H1", "H2"]),
        device=None,
        at=NOON + timedelta(days=10),
        kind="inpatient",
        begins=begins if chance.random() < 0.9 else None,
        ends=ends if chance.random() < 0.9 else None,
        refunded=chance.random() < 0.1,
        online=chance.random() < 0.5,
    )


def _claim(chance: random.Random, people: list[str], number: int) -> ManualClaim:
    patient = chance.choice(people)
    return ManualClaim(
        setl_id=f"M{number:03}",
        patient=patient,
        account=chance.choice(["A-1", "A-2", "A-3", "A-4", None]),
        creator=chance.choice(["K1", "K2", "K3", None]),
        reviewer=chance.choice(["K1", "K2", "K3", None]),
        account_name=f"N-{chance.choice([patient, 'p00'])}",
    )


def _line(chance: random.Random, swipes: tuple[Settlement, ...]) -> Line:
    return Line(
        setl_id=chance.choice(swipes).setl_id,
        drug=chance.choice(["X1", "X9"]),
        trace=chance.choice([None, *(f"T{number:02}" for number in range(40))]),
        split=chance.random() < 0.1,
        returned=chance.random() < 0.1,
    )


def one_account_one_reviewer(world: World, *, min_patients: int = 3) -> list[Row]:
    owners = {account for _, account in world.owns}
    owners |= {row.account for row in (*world.places, *(world.staff or ())) if row.account}
    claims = defaultdict(list)
    for claim in world.manual_claims or ():
        strange = (claim.patient, claim.account) not in world.owns
        if claim.reviewer and claim.account and strange:
            claims[claim.account, claim.reviewer].append(claim)
    return [
        {
            "account": account,
            "staff_id": reviewer,
            "patients": len({claim.patient for claim in found}),
            "owner_known": account in owners,
            "person_ids": keys(f"P-{claim.patient}" for claim in found),
            "setl_ids": keys(claim.setl_id for claim in found),
        }
        for (account, reviewer), found in claims.items()
        if len({claim.patient for claim in found}) >= min_patients
    ]


def registrar_is_reviewer(world: World, *, min_claims: int = 3) -> list[Row]:
    rows = []
    for staff in {claim.creator for claim in world.manual_claims or () if claim.creator}:
        registered = [claim for claim in world.manual_claims or () if claim.creator == staff]
        own = [claim for claim in registered if claim.reviewer == staff]
        if len(own) >= min_claims:
            rows.append(
                {
                    "staff_id": staff,
                    "claims": len(own),
                    "registered": len(registered),
                    "patients": len({claim.patient for claim in own}),
                    "accounts": keys(claim.account for claim in own if claim.account),
                    "person_ids": keys(f"P-{claim.patient}" for claim in own),
                    "setl_ids": keys(claim.setl_id for claim in own),
                }
            )
    return rows


def swipe_refund_swipe(
    world: World, *, min_cycles: int = 3, window_seconds: int = 1800
) -> list[Row]:
    held = holders(world)
    counters = defaultdict(list)
    for swipe in online(world):
        counters[swipe.card_id, device(swipe)].append(swipe)
    rows = []
    for (card, terminal), swipes in counters.items():
        rounds = [
            (first, again)
            for first in swipes
            for again in swipes
            if first.refunded and 0 < again.epoch - first.epoch <= window_seconds
        ]
        reversed_ = {first.setl_id for first, _ in rounds}
        if len(reversed_) >= min_cycles:
            rows.append(
                {
                    "card_id": card,
                    "device_id": terminal,
                    "cycles": len(reversed_),
                    "days": len({first.day for first, _ in rounds}),
                    "person_ids": held[card],
                    "setl_ids": keys(swipe.setl_id for both in rounds for swipe in both),
                }
            )
    return rows


def card_used_in_stay(world: World, *, min_days: int = 1) -> list[Row]:
    held = holders(world)
    rows = []
    for stay in world.settlements:
        whole = stay.begins and stay.ends and not (stay.is_refund or stay.refunded)
        if stay.kind != "inpatient" or not whole:
            continue
        first, last = day(stay.begins), day(stay.ends)
        elsewhere = [
            swipe
            for swipe in online(world)
            if f"P-{stay.person}" in held[swipe.card_id]
            and first < swipe.day < last
            and swipe.place != stay.place
            and swipe.kind != "inpatient"
            and not swipe.refunded
        ]
        if len({swipe.day for swipe in elsewhere}) >= min_days:
            rows.append(
                {
                    "stay": stay.setl_id,
                    "person_id": f"P-{stay.person}",
                    "stayed_in": stay.place,
                    "from_day": first,
                    "until_day": last,
                    "days": len({swipe.day for swipe in elsewhere}),
                    "swipes": len(elsewhere),
                    "place_ids": keys(swipe.place for swipe in elsewhere),
                    "card_ids": keys(swipe.card_id for swipe in elsewhere),
                    "device_ids": keys(device(swipe) for swipe in elsewhere),
                    "setl_ids": keys([stay.setl_id, *(swipe.setl_id for swipe in elsewhere)]),
                }
            )
    return rows


def box_settled_twice(world: World, *, min_cards: int = 2, min_places: int = 2) -> list[Row]:
    held = holders(world)
    settled = {row.setl_id: row for row in world.settlements if not row.is_refund}
    lines = [line for line in world.lines or () if line.trace and line.setl_id in settled]
    rows = []
    for box in {line.trace for line in lines}:
        bought = [
            settled[line.setl_id]
            for line in lines
            if line.trace == box and not line.split and not line.returned
        ]
        bought = [row for row in bought if not row.refunded]
        cards, places = {row.card_id for row in bought}, {row.place for row in bought}
        if len(cards) >= min_cards and len(places) >= min_places:
            rows.append(
                {
                    "box": box,
                    "drugs": keys(line.drug for line in lines if line.trace == box),
                    "cards": len(cards),
                    "places": len(places),
                    "first": min(row.epoch for row in bought),
                    "last": max(row.epoch for row in bought),
                    "place_ids": keys(places),
                    "card_ids": keys(cards),
                    "person_ids": keys(who for card in cards for who in held[card]),
                    "setl_ids": keys(row.setl_id for row in bought),
                }
            )
    return rows


def cards_swiped_together(
    world: World,
    *,
    person_ids: tuple[str, ...] = (),
    device_id: str = "",
    whole_place: int = 0,
    window_seconds: int = 600,
    min_days: int = 3,
    from_day: int = 0,
    until_day: int = 99_999,
) -> list[Row]:
    held = holders(world)
    vague = {place.place for place in world.places if place.day_precision}
    spots = defaultdict(list)
    for swipe in online(world):
        if swipe.refunded or swipe.kind == "inpatient" or not from_day <= swipe.day <= until_day:
            continue
        if device_id not in ("", device(swipe)) or (swipe.place in vague and not person_ids):
            continue
        spot = swipe.place if whole_place else device(swipe)
        for who in held[swipe.card_id]:
            if not person_ids or who in person_ids:
                spots[spot, swipe.place].append((who, swipe))
    rows = []
    for (spot, place), swipes in spots.items():
        meetings = defaultdict(list)
        for (who, one), (other, two) in combinations(swipes, 2):
            apart = abs(one.day - two.day) * 86_400 if place in vague else one.epoch - two.epoch
            if who != other and abs(apart) <= window_seconds:
                meetings[min(who, other), max(who, other)].append((one, two))
        for (person_a, person_b), pairs in meetings.items():
            days = {min(one.day, two.day) for one, two in pairs}
            if len(days) >= min_days:
                rows.append(
                    {
                        "person_a": person_a,
                        "person_b": person_b,
                        "spot": spot,
                        "place_id": place,
                        "day_precision": place in vague,
                        "days": len(days),
                        "meetings": len(pairs),
                        "device_ids": keys(device(swipe) for pair in pairs for swipe in pair),
                        "person_ids": [person_a, person_b],
                        "setl_ids": keys(swipe.setl_id for pair in pairs for swipe in pair),
                    }
                )
    return rows


def online(world: World) -> list[Settlement]:
    """What the graph holds as SWIPED_AT."""
    return [row for row in world.settlements if row.online and not row.is_refund]


def device(row: Settlement) -> str:
    return row.device or f"proxy:{row.place}:"


def holders(world: World) -> dict[str, list[str]]:
    """Who holds each card, by everything settled with it."""
    held = defaultdict(set)
    for row in world.settlements:
        if not row.is_refund:
            held[row.card_id].add(f"P-{row.person}")
    for claim in world.manual_claims or ():
        held[f"C-{claim.patient}"].add(f"P-{claim.patient}")
    return {card: sorted(people) for card, people in held.items()}


def day(value: date | None) -> int:
    assert value is not None
    return (value - date(1970, 1, 1)).days


def keys(values: Iterable[str]) -> list[str]:
    return sorted(set(values))
