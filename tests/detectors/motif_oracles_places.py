"""The motifs on people at places and on boxes, each answered in plain loops over a world."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations, pairwise
from math import asin, ceil, cos, radians, sin, sqrt

from tests.detectors.motif_oracles import Row, device, holders, keys, settled, swiped
from tests.world import Settlement, World

Seen = tuple[str, Settlement]


def live(world: World) -> list[Seen]:
    """Every swipe with each holder of its card; neither stays nor what was reversed."""
    return [
        (who, swipe)
        for who, swipe in swiped(world)
        if swipe.kind != "inpatient" and not swipe.refunded
    ]


def one_phone_many_insured(world: World, *, min_people: int = 4, min_homes: int = 3) -> list[Row]:
    users = defaultdict(set)
    homes = defaultdict(set)
    for row in world.persons:
        if row.phone:
            users[row.phone].add(f"P-{row.person}")
            homes[row.phone].add(row.address or row.person)
    found = defaultdict(list)
    for who, swipe in live(world):
        for key, people in users.items():
            if who in people:
                found[key, swipe.place].append((who, swipe))
    return [
        {
            "phone_id": key,
            "place_id": place,
            "insured": len(users[key]),
            "homes": len(homes[key]),
            "people": len(persons(seen)),
            "days": len({swipe.day for _, swipe in seen}),
            "device_ids": keys(device(swipe) for _, swipe in seen),
            "person_ids": persons(seen),
            "setl_ids": numbers(seen),
        }
        for (key, place), seen in found.items()
        if len(persons(seen)) >= min_people
        and len(users[key]) >= min_people
        and len(homes[key]) >= min_homes
    ]


def one_operator_two_terminals(
    world: World, *, window_seconds: int = 60, min_days: int = 3
) -> list[Row]:
    used = defaultdict(list)
    for who, swipe in swiped(world):
        if swipe.clerk and not swipe.refunded:
            used[swipe.clerk].append((who, swipe))
    rows = []
    for staff, seen in used.items():
        near = [
            (who, one)
            for who, one in seen
            if any(
                device(one) != device(other) and abs(one.epoch - other.epoch) <= window_seconds
                for _, other in seen
            )
        ]
        days = {swipe.day for _, swipe in near}
        if len(days) >= min_days:
            rows.append(
                {
                    "staff_id": staff,
                    "days": len(days),
                    "places": len({swipe.place for _, swipe in near}),
                    "device_ids": keys(device(swipe) for _, swipe in near),
                    "person_ids": persons(near),
                    "setl_ids": numbers(near),
                }
            )
    return rows


def bills_a_minute_apart(
    world: World, *, window_seconds: int = 60, min_bills: int = 5, min_days: int = 2
) -> list[Row]:
    signed = defaultdict(list)
    for row in settled(world):
        if row.doctor and not row.refunded:
            signed[row.doctor].append(row)
    rows = []
    for doctor, found in signed.items():
        found.sort(key=lambda row: (row.epoch, row.person, row.setl_id))
        close = defaultdict(list)
        for place, row in enumerate(found):
            before = [other for other in found[:place] if other.person != row.person]
            if before and row.epoch - before[-1].epoch <= window_seconds:
                close[row.day].append(row)
        busy = {day: rows for day, rows in close.items() if len(rows) >= min_bills}
        if len(busy) >= min_days:
            quick = [row for rows in busy.values() for row in rows]
            rows.append(
                {
                    "practitioner_id": doctor,
                    "days": len(busy),
                    "bills": len(quick),
                    "busiest": max(map(len, busy.values())),
                    "place_ids": keys(row.place for row in quick),
                    "person_ids": keys(f"P-{row.person}" for row in quick),
                    "setl_ids": keys(row.setl_id for row in quick),
                }
            )
    return rows


def customers_of_the_edge_hours(
    world: World, *, min_days: int = 6, min_share: int = 80
) -> list[Row]:
    vague = {place.place for place in world.places if place.day_precision}
    clocks = defaultdict(list)
    for row in {swipe.setl_id: swipe for _, swipe in live(world)}.values():
        clocks[row.place].append(row.epoch % 86_400)
    hours = {place: (part(found, 0.01), part(found, 0.99)) for place, found in clocks.items()}
    here = defaultdict(dict)
    for who, swipe in live(world):
        if swipe.place not in vague:
            here[who, swipe.place][swipe.setl_id] = swipe
    rows = []
    for (who, place), swipes in here.items():
        opens, closes = hours[place]
        edge = [
            swipe
            for swipe in swipes.values()
            if swipe.epoch % 86_400 < opens + 3600 or swipe.epoch % 86_400 > closes - 3600
        ]
        days = {swipe.day for swipe in edge}
        if len(days) >= min_days and len(edge) * 100 >= len(swipes) * min_share:
            rows.append(
                {
                    "place_id": place,
                    "person_id": who,
                    "opens": opens,
                    "closes": closes,
                    "days": len(days),
                    "share": len(edge) * 100 // len(swipes),
                    "device_ids": keys(device(swipe) for swipe in edge),
                    "setl_ids": keys(swipe.setl_id for swipe in edge),
                }
            )
    return rows


def part(values: list[int], share: float) -> int:
    """The least value that so large a share of all does not exceed."""
    return sorted(values)[max(ceil(share * len(values)), 1) - 1]


def foreign_cards_one_terminal(
    world: World, *, min_people: int = 10, min_times: int = 3
) -> list[Row]:
    visits, strange = terminals(world)
    everyone = sum(map(len, visits.values()))
    foreign = sum(map(len, strange.values()))
    rows = []
    for key, people in visits.items():
        away = strange[key]
        often = len(away) * everyone >= min_times * len(people) * foreign
        if len(away) >= min_people and often:
            seen = [(who, s) for who, s in live(world) if device(s) == key and who in away]
            rows.append(
                {
                    "device_id": key,
                    "place_id": seen[0][1].place,
                    "people": len(people),
                    "strangers": len(away),
                    "share": len(away) * 100 // len(people),
                    "share_everywhere": foreign * 100 // everyone,
                    "person_ids": sorted(away),
                    "setl_ids": numbers(seen),
                }
            )
    return rows


def share_everywhere(world: World) -> int:
    """The share of strangers over all terminals, whole per cent."""
    visits, strange = terminals(world)
    return sum(map(len, strange.values())) * 100 // sum(map(len, visits.values()))


def terminals(world: World) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Who was swiped at each terminal, and who of them is a stranger."""
    homes = {f"P-{row.person}": row.division for row in world.persons}
    towns = {row.place: row.division for row in world.places}
    days = defaultdict(set)
    for who, swipe in live(world):
        days[who, swipe.place].add(swipe.day)
    usual: dict[str, str] = {}
    for who, place in sorted(days, key=lambda key: (key[0], -len(days[key]), key[1])):
        usual.setdefault(who, place)
    visits, strange = defaultdict(set), defaultdict(set)
    for who, swipe in live(world):
        visits[device(swipe)].add(who)
        home, town = homes.get(who), towns.get(swipe.place)
        if home and town and home[:4] != town[:4] and usual[who] != swipe.place:
            strange[device(swipe)].add(who)
    return visits, strange


def same_basket_one_session(
    world: World, *, window_seconds: int = 1800, min_people: int = 3
) -> list[Row]:
    rows_by_number = {row.setl_id: row for row in settled(world)}
    held = holders(world)
    loaded = boxes(world)
    baskets = defaultdict(set)
    for line in world.lines or ():
        if line.trace in loaded and line.setl_id in rows_by_number and not line.returned:
            baskets[line.setl_id].add(line.drug)
    sold = defaultdict(list)
    for number, drugs in baskets.items():
        row = rows_by_number[number]
        if len(drugs) > 1 and not row.refunded:
            for who in held[row.card_id]:
                sold[row.place, row.day, "+".join(sorted(drugs))].append((who, row))
    rows = []
    for (place, day, basket), seen in sold.items():
        near = [
            (who, one)
            for who, one in seen
            if any(
                who != other and one != two and abs(one.epoch - two.epoch) <= window_seconds
                for other, two in seen
            )
        ]
        if len(persons(near)) >= min_people:
            rows.append(
                {
                    "place_id": place,
                    "day": day,
                    "basket": basket,
                    "people": len(persons(near)),
                    "first_person": persons(near)[0],
                    "card_ids": keys(row.card_id for _, row in near),
                    "person_ids": persons(near),
                    "setl_ids": numbers(near),
                }
            )
    return rows


def boxes(world: World) -> set[str]:
    """The trace codes that the graph holds."""
    rows = {row.setl_id: row for row in settled(world)}
    sold, listed = defaultdict(set), set()
    for line in world.lines or ():
        if line.trace and line.setl_id in rows:
            if not (rows[line.setl_id].refunded or line.split or line.returned):
                sold[line.trace].add(line.setl_id)
            if line.drug in world.resale_drugs:
                listed.add(line.trace)
    return listed | {trace for trace, found in sold.items() if len(found) > 1}


def cards_move_between_pharmacies(
    world: World, *, min_people: int = 3, min_days: int = 2
) -> list[Row]:
    there = defaultdict(lambda: defaultdict(set))
    for who, swipe in live(world):
        if swipe.place.startswith("P"):
            there[who, swipe.day][swipe.place].add(swipe.setl_id)
    rounds = defaultdict(dict)
    for (who, day), shops in there.items():
        for a, b in combinations(sorted(shops), 2):
            rounds[who, a, b][day] = shops[a] | shops[b]
    gone = defaultdict(dict)
    for (who, a, b), days in rounds.items():
        for day, settlements in days.items() if len(days) >= min_days else ():
            gone[a, b, day][who] = settlements
    found = defaultdict(list)
    for (a, b, _), people in gone.items():
        if len(people) >= min_people:
            found[a, b].append(people)
    return [
        {
            "place_a": a,
            "place_b": b,
            "days": len(days),
            "people": len({who for people in days for who in people}),
            "place_ids": [a, b],
            "person_ids": keys(who for people in days for who in people),
            "setl_ids": keys(n for people in days for each in people.values() for n in each),
        }
        for (a, b), days in found.items()
        if len(days) >= min_days
    ]


def too_far_too_soon(
    world: World, *, least_kilometres: int = 30, most_speed: int = 120, min_times: int = 1
) -> list[Row]:
    stands = {
        place.place: (radians(place.longitude), radians(place.latitude))
        for place in world.places
        if place.longitude is not None and place.latitude is not None and not place.day_precision
    }
    days = defaultdict(list)
    for who, swipe in live(world):
        if swipe.place in stands:
            days[who, swipe.day].append(swipe)
    found = defaultdict(list)
    for (who, _), swipes in days.items():
        ordered = sorted(swipes, key=lambda swipe: (swipe.epoch, swipe.setl_id))
        for one, other in combinations(ordered, 2):
            way = kilometres(stands[one.place], stands[other.place])
            quick = way * 3600 > most_speed * (other.epoch - one.epoch)
            if one.place != other.place and way >= least_kilometres and quick:
                found[who].append((way, one, other))
    return [
        {
            "person_id": who,
            "times": len(pairs),
            "days": len({one.day for _, one, _ in pairs}),
            "farthest": int(max(way for way, _, _ in pairs)),
            "place_ids": keys(swipe.place for _, *both in pairs for swipe in both),
            "card_ids": keys(swipe.card_id for _, *both in pairs for swipe in both),
            "setl_ids": keys(swipe.setl_id for _, *both in pairs for swipe in both),
        }
        for who, pairs in found.items()
        if len(pairs) >= min_times
    ]


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great-circle distance of two places by the haversine formula."""
    x, y = (b - a for a, b in zip(one, other, strict=True))
    chord = sin(y / 2) ** 2 + cos(one[1]) * cos(other[1]) * sin(x / 2) ** 2
    return 2 * 6371.0 * asin(sqrt(chord))


def sales(world: World, box: str) -> list[Settlement]:
    """Settlements with that code that were not undone, one for each line."""
    rows = {row.setl_id: row for row in settled(world)}
    return [
        rows[line.setl_id]
        for line in world.lines or ()
        if line.trace == box and line.setl_id in rows and not (line.split or line.returned)
        if not rows[line.setl_id].refunded
    ]


def boxes_pass_from_place_to_place(world: World, *, min_boxes: int = 3) -> list[Row]:
    flows = defaultdict(lambda: defaultdict(list))
    places = {box: {row.place for row in sales(world, box)} for box in boxes(world)}
    for box in places:
        for early in sales(world, box):
            for late in sales(world, box):
                if early.place != late.place and early.epoch < late.epoch:
                    flows[early.place, late.place][box].append((early, late))
    return [
        {
            "from_place": one,
            "to_place": other,
            "boxes": len(found),
            "back": len(flows.get((other, one), ())),
            "further": sum(len(places[box]) > 2 for box in found),
            "least_days": min(
                (b.epoch - a.epoch) // 86_400 for pairs in found.values() for a, b in pairs
            ),
            "first_box": min(found),
            "box_ids": sorted(found),
            "card_ids": keys(
                row.card_id for pairs in found.values() for pair in pairs for row in pair
            ),
            "setl_ids": keys(
                row.setl_id for pairs in found.values() for pair in pairs for row in pair
            ),
        }
        for (one, other), found in list(flows.items())
        if len(found) >= min_boxes
    ]


def one_drug_many_places(world: World, *, window_days: int = 30, min_places: int = 4) -> list[Row]:
    held = holders(world)
    rows_by_number = {row.setl_id: row for row in settled(world)}
    loaded, drugs_of = boxes(world), defaultdict(set)
    for line in world.lines or ():
        if line.setl_id in rows_by_number and line.trace in loaded:
            drugs_of[line.trace].add(line.drug)
    bought = defaultdict(list)
    for line in world.lines or ():
        row = rows_by_number.get(line.setl_id)
        if row is None or row.refunded or line.returned:
            continue
        for drug in drugs_of[line.trace] & set(world.resale_drugs):
            for who in held[row.card_id]:
                bought[who, drug].append((row, line.trace))
    rows = []
    for (who, drug), found in bought.items():
        within = {}
        for first, _ in found:
            window = [
                (row, box)
                for row, box in found
                if 0 <= row.epoch - first.epoch <= window_days * 86_400
            ]
            if len({row.place for row, _ in window}) >= min_places:
                within |= {(row.setl_id, box): row for row, box in window}
        if within:
            rows.append(
                {
                    "person_id": who,
                    "drug": drug,
                    "places": len({row.place for row in within.values()}),
                    "boxes": len({box for _, box in within}),
                    "place_ids": keys(row.place for row in within.values()),
                    "card_ids": keys(row.card_id for row in within.values()),
                    "setl_ids": keys(row.setl_id for row in within.values()),
                }
            )
    return rows


def same_interval_one_place(
    world: World,
    *,
    min_people: int = 5,
    min_times: int = 5,
    least_interval: int = 5,
    most_interval: int = 26,
) -> list[Row]:
    visits = defaultdict(lambda: defaultdict(set))
    for who, swipe in live(world):
        visits[who, swipe.place][swipe.day].add(swipe.setl_id)
    kept = defaultdict(dict)
    for (who, place), days in visits.items():
        gaps = defaultdict(list)
        for one, other in pairwise(sorted(days)):
            gaps[other - one].append(days[one] | days[other])
        for gap, found in gaps.items():
            if len(found) >= min_times and least_interval <= gap <= most_interval:
                kept[place, gap][who] = found
    return [
        {
            "place_id": place,
            "interval": gap,
            "people": len(people),
            "first_person": min(people),
            "times": sum(map(len, people.values())),
            "person_ids": sorted(people),
            "setl_ids": keys(n for found in people.values() for both in found for n in both),
        }
        for (place, gap), people in kept.items()
        if len(people) >= min_people
    ]


def persons(seen: Iterable[Seen]) -> list[str]:
    return keys(who for who, _ in seen)


def numbers(seen: Iterable[Seen]) -> list[str]:
    return keys(swipe.setl_id for _, swipe in seen)
