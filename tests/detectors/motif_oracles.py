"""Generated counties for the motifs, and each motif answered in plain loops over a world."""

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from typing import Any

from tests.world import (
    NOON,
    Line,
    ManualClaim,
    Person,
    Place,
    Registration,
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
    world = World(
        settlements=tuple(_signed(chance, row) for row in swipes + stays),
        persons=tuple(_person(chance, person) for person in people[:6]),
        places=(
            Place(place="P3", day_precision=True, division="310115"),
            Place(place="H1", account="A-1", division="310115"),
            Place(place="P1", division="320102"),
        ),
        staff=(
            StaffMember(staff="K1", account="A-2", org="P1", phone="T-1", address="L-1"),
            StaffMember(staff="K2", phone="T-2"),
            StaffMember(staff="K3", org="H1", address="L-2"),
        ),
        manual_claims=tuple(_claim(chance, people, number) for number in range(120)),
        lines=tuple(_line(chance, swipes) for _ in range(150)),
        resale_drugs=("X9",),
        registrations=(
            Registration(doctor="DR-1", place="H1"),
            Registration(doctor="DR-2", place="H3"),
        ),
    )
    return _completed(world, random.Random(f"more {seed}"))  # noqa: S311 - no secret


def _completed(world: World, chance: random.Random) -> World:
    """Return a county with deaths, positions, invoices, agents who are somebody, and baskets."""
    where = {"P1": (121.0, 31.0), "P2": (121.9, 31.0), "H1": (121.05, 31.0), "P3": (123.0, 31.0)}
    places = {row.place: row for row in world.places}
    live = [row for row in world.settlements if not row.is_refund]
    return replace(
        world,
        persons=tuple(
            replace(
                row,
                died=NOON.date() + timedelta(days=chance.randrange(5)) if number < 2 else None,
                certificate="G-1" if number == 2 else None,
            )
            for number, row in enumerate(world.persons)
        ),
        places=(
            *(
                replace(places.get(key, Place(place=key)), longitude=east, latitude=north)
                for key, (east, north) in where.items()
            ),
            Place(place="H2", division="310115"),
        ),
        manual_claims=tuple(
            replace(
                row,
                invoice=chance.choice([None, "A77", *(str(n) for n in range(100, 160))]),
                place=chance.choice(["H1", "H2"]),
                at=NOON + timedelta(days=chance.choice([0, 2, 380])),
                agent_phone=chance.choice([None, "T-1", "T-9"]) if row.agent else None,
            )
            for row in world.manual_claims or ()
        ),
        lines=(*(world.lines or ()), *(_basket(chance, live) for _ in range(500))),
        resale_drugs=("X8", "X9"),
    )


def _basket(chance: random.Random, rows: list[Settlement]) -> Line:
    return Line(
        setl_id=chance.choice(rows).setl_id,
        drug=chance.choice(["X7", "X8", "X9"]),
        trace=f"B{chance.randrange(400):03}",
        returned=chance.random() < 0.1,
    )


def _signed(chance: random.Random, row: Settlement) -> Settlement:
    clerk = chance.choice([None, "K1", "K2", "K3"])
    doctor = chance.choice([None, None, "DR-1", "DR-2", "DR-3", f"DR-{row.place}"])
    return replace(row, clerk=clerk, doctor=doctor)


def _person(chance: random.Random, person: str) -> Person:
    return Person(
        person=person,
        name=f"N-{person}",
        division=chance.choice(["310101", "320102", "330106", None]),
        phone=chance.choice(["T-1", "T-2", None]),
        address=chance.choice(["L-1", "L-2", "L-3", None]),
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
        agent=chance.choice([None, None, "G-1", "G-2"]),
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


def box_settled_twice(
    world: World, *, boxes: tuple[str, ...] = (), min_cards: int = 2, min_places: int = 2
) -> list[Row]:
    held = holders(world)
    settled = {row.setl_id: row for row in world.settlements if not row.is_refund}
    lines = [line for line in world.lines or () if line.trace and line.setl_id in settled]
    rows = []
    for box in {line.trace for line in lines if not boxes or line.trace in boxes}:
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


def admitted_together(
    world: World,
    *,
    person_ids: tuple[str, ...] = (),
    place_ids: tuple[str, ...] = (),
    most_days_apart: int = 1,
    min_stays: int = 2,
    from_day: int = 0,
    until_day: int = 99_999,
) -> list[Row]:
    stays = [
        (day(row.begins), f"P-{row.person}", day(row.ends) if row.ends else row.day, row)
        for row in settled(world)
        if row.kind == "inpatient"
        and row.begins
        and not row.refunded
        and row.place.startswith("H")
        and from_day <= day(row.begins) <= until_day
        and (not person_ids or f"P-{row.person}" in person_ids)
        and (not place_ids or row.place in place_ids)
    ]
    met = defaultdict(list)
    for one, two in combinations(sorted(stays, key=lambda stay: stay[:2]), 2):
        near = two[0] - one[0] <= most_days_apart and abs(two[2] - one[2]) <= most_days_apart
        if near and one[1] != two[1] and one[3].place == two[3].place:
            met[min(one[1], two[1]), max(one[1], two[1]), one[3].place].append((one, two))
    return [
        {
            "person_a": person_a,
            "person_b": person_b,
            "place_id": place,
            "stays": len({one[0] for one, _ in pairs}),
            "from_day": min(one[0] for one, _ in pairs),
            "until_day": max(one[0] for one, _ in pairs),
            "person_ids": [person_a, person_b],
            "setl_ids": keys(stay[3].setl_id for pair in pairs for stay in pair),
        }
        for (person_a, person_b, place), pairs in met.items()
        if len({one[0] for one, _ in pairs}) >= min_stays
    ]


def charged_back_again(
    world: World,
    *,
    person_ids: tuple[str, ...] = (),
    place_ids: tuple[str, ...] = (),
    min_cycles: int = 3,
    from_day: int = 0,
    until_day: int = 99_999,
) -> list[Row]:
    charges = defaultdict(list)
    for who, swipe in swiped(world):
        named = not person_ids or who in person_ids
        if named and swipe.kind != "inpatient" and (not place_ids or swipe.place in place_ids):
            charges[who, swipe.place].append(swipe)
    rows = []
    for (who, place), swipes in charges.items():
        rounds = [
            (first, then)
            for first in swipes
            for then in swipes
            if first.refunded
            and first.day == then.day
            and from_day <= first.day <= until_day
            and (first.epoch, first.setl_id) < (then.epoch, then.setl_id)
        ]
        cycles = {first.setl_id for first, _ in rounds}
        if len(cycles) >= min_cycles:
            both = [swipe for pair in rounds for swipe in pair]
            rows.append(
                {
                    "person_id": who,
                    "place_id": place,
                    "cycles": len(cycles),
                    "days": len({swipe.day for swipe in both}),
                    "card_ids": keys(swipe.card_id for swipe in both),
                    "device_ids": keys(device(swipe) for swipe in both),
                    "setl_ids": keys(swipe.setl_id for swipe in both),
                }
            )
    return rows


def claims_through_one_hand(
    world: World,
    *,
    staff_ids: tuple[str, ...] = (),
    account_ids: tuple[str, ...] = (),
    agent_ids: tuple[str, ...] = (),
    person_ids: tuple[str, ...] = (),
    min_patients: int = 3,
) -> list[Row]:
    brought = defaultdict(list)
    for claim in world.manual_claims or ():
        if person_ids and f"P-{claim.patient}" not in person_ids:
            continue
        for staff in {claim.creator, claim.reviewer} - {None}:
            for side, channel, wanted in (
                ("account_ids", claim.account, account_ids),
                ("agent_ids", claim.agent, agent_ids),
            ):
                asked = channel in wanted or not (account_ids or agent_ids)
                if channel and asked and (not staff_ids or staff in staff_ids):
                    brought[staff, channel, side].append(claim)
    return [
        {
            "staff_id": staff,
            "channel": channel,
            "patients": len({claim.patient for claim in found}),
            "claims": len(found),
            "account_ids": [channel] if side == "account_ids" else [],
            "agent_ids": [channel] if side == "agent_ids" else [],
            "person_ids": keys(f"P-{claim.patient}" for claim in found),
            "setl_ids": keys(claim.setl_id for claim in found),
        }
        for (staff, channel, side), found in brought.items()
        if len({claim.patient for claim in found}) >= min_patients
    ]


def far_credentials_one_place(
    world: World,
    *,
    person_ids: tuple[str, ...] = (),
    place_ids: tuple[str, ...] = (),
    min_people: int = 5,
    from_day: int = 0,
    until_day: int = 99_999,
) -> list[Row]:
    homes = {f"P-{row.person}": row.division for row in world.persons}
    towns = {row.place: row.division for row in world.places}
    days = defaultdict(list)
    for who, swipe in swiped(world):
        home, town = homes.get(who), towns.get(swipe.place)
        far = home[:4] != town[:4] if home and town else None
        asked = (not place_ids or swipe.place in place_ids) and (
            who in person_ids if person_ids else far is not None
        )
        live = swipe.kind != "inpatient" and not swipe.refunded
        if live and asked and far is not False and from_day <= swipe.day <= until_day:
            days[swipe.place, swipe.day].append((who, swipe, far))
    return [
        {
            "place_id": place,
            "day": when,
            "people": len({who for who, _, _ in found}),
            "first_person": min(who for who, _, _ in found),
            "seconds": max(s.epoch for _, s, _ in found) - min(s.epoch for _, s, _ in found),
            "divisions_known": all(far for _, _, far in found),
            "device_ids": keys(device(swipe) for _, swipe, _ in found),
            "person_ids": keys(who for who, _, _ in found),
            "setl_ids": keys(swipe.setl_id for _, swipe, _ in found),
        }
        for (place, when), found in days.items()
        if len({who for who, _, _ in found}) >= min_people
    ]


def doctor_sends_to_pharmacy(
    world: World,
    *,
    doctor_ids: tuple[str, ...] = (),
    place_ids: tuple[str, ...] = (),
    min_patients: int = 3,
) -> list[Row]:
    signed = [row for row in settled(world) if row.doctor and not row.refunded]
    visits = defaultdict(set)
    for row in signed:
        if row.place.startswith("H"):
            visits[f"P-{row.person}", row.day].add(row.doctor)
    found = defaultdict(list)
    for row in signed:
        if row.place.startswith("P"):
            found[row.doctor, row.place].append((f"P-{row.person}", row.setl_id, True))
    for who, swipe in swiped(world):
        if swipe.place.startswith("P") and not swipe.refunded:
            for doctor in visits[who, swipe.day]:
                found[doctor, swipe.place].append((who, swipe.setl_id, False))
    rows = []
    for (doctor, place), sent in found.items():
        asked = not doctor_ids or doctor in doctor_ids
        people = {who for who, _, _ in sent}
        if asked and (not place_ids or place in place_ids) and len(people) >= min_patients:
            named = {number for _, number, by_name in sent if by_name}
            numbers = {number for _, number, _ in sent}
            rows.append(
                {
                    "practitioner_id": doctor,
                    "place_id": place,
                    "patients": len(people),
                    "prescribed": len(named),
                    "followed": len(numbers - named),
                    "person_ids": keys(people),
                    "setl_ids": keys(numbers),
                }
            )
    return rows


def doctor_at_two_places(
    world: World,
    *,
    doctor_ids: tuple[str, ...] = (),
    place_ids: tuple[str, ...] = (),
    min_days: int = 3,
) -> list[Row]:
    register = defaultdict(set)
    for entry in world.registrations or ():
        register[entry.doctor].add(entry.place)
    sites = defaultdict(list)
    for row in settled(world):
        if row.doctor and not row.refunded and row.place.startswith("H"):
            sites[row.doctor, row.place].append(row)
    often = {
        key: found for key, found in sites.items() if len({row.day for row in found}) >= min_days
    }
    rows = []
    for (doctor, place), found in often.items():
        others = [
            every for (who, where), every in often.items() if who == doctor and where != place
        ]
        known = place in register[doctor] if register[doctor] else None
        asked = not doctor_ids or doctor in doctor_ids
        if not asked or (place_ids and place not in place_ids) or not (others or known is False):
            continue
        days = {row.day for row in found}
        rows.append(
            {
                "practitioner_id": doctor,
                "place_id": place,
                "days": len(days),
                "both_days": len(days & {row.day for every in others for row in every}),
                "elsewhere": len(others),
                "registered": known,
                "person_ids": keys(f"P-{row.person}" for row in found),
                "setl_ids": keys(row.setl_id for row in found),
            }
        )
    return rows


def people_under_one_number(
    world: World,
    *,
    staff_ids: tuple[str, ...] = (),
    person_ids: tuple[str, ...] = (),
    min_days: int = 3,
    from_day: int = 0,
    until_day: int = 99_999,
) -> list[Row]:
    under, terminals = defaultdict(list), defaultdict(set)
    for who, swipe in swiped(world):
        if swipe.clerk and not swipe.refunded and from_day <= swipe.day <= until_day:
            under[swipe.clerk, who].append(swipe)
            terminals[swipe.clerk, swipe.day].add(device(swipe))
    rows = []
    for (staff, who), swipes in under.items():
        days = {swipe.day for swipe in swipes}
        asked = (not staff_ids or staff in staff_ids) and (not person_ids or who in person_ids)
        if asked and len(days) >= min_days:
            rows.append(
                {
                    "staff_id": staff,
                    "person_id": who,
                    "days": len(days),
                    "two_days": sum(len(terminals[staff, when]) > 1 for when in days),
                    "device_ids": keys(device(swipe) for swipe in swipes),
                    "setl_ids": keys(swipe.setl_id for swipe in swipes),
                }
            )
    return rows


def owners_circle(
    world: World,
    *,
    place_ids: tuple[str, ...] = (),
    person_ids: tuple[str, ...] = (),
    min_days: int = 3,
    most_sharing: int = 8,
) -> list[Row]:
    shared = defaultdict(set)
    for person in world.persons:
        for key in {person.phone, person.address} - {None}:
            shared[key].add(f"P-{person.person}")
    ties = defaultdict(set)
    for staff in world.staff or ():
        for key in {staff.phone, staff.address} - {None}:
            for who in shared[key] if len(shared[key]) <= most_sharing else ():
                ties[staff.org, who].add(staff.staff)
    found = defaultdict(list)
    for who, swipe in swiped(world):
        asked = who in person_ids if person_ids else (swipe.place, who) in ties
        if asked and not swipe.refunded and (not place_ids or swipe.place in place_ids):
            found[swipe.place, who].append(swipe)
    return [
        {
            "place_id": place,
            "person_id": who,
            "staff_ids": keys(ties.get((place, who), ())),
            "days": len({swipe.day for swipe in swipes}),
            "device_ids": keys(device(swipe) for swipe in swipes),
            "setl_ids": keys(swipe.setl_id for swipe in swipes),
        }
        for (place, who), swipes in found.items()
        if len({swipe.day for swipe in swipes}) >= min_days
    ]


def settled(world: World) -> list[Settlement]:
    """What is not itself a refund."""
    return [row for row in world.settlements if not row.is_refund]


def swiped(world: World) -> list[tuple[str, Settlement]]:
    """Every swipe with each person who holds the card."""
    held = holders(world)
    return [(who, swipe) for swipe in online(world) for who in held[swipe.card_id]]


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
