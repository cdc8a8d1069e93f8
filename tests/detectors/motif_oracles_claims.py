"""The motifs on manual claims, each answered in plain loops over a world."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from tests.detectors.motif_oracles import Row, day, holders, keys, settled, swiped
from tests.world import ManualClaim, World

Claims = list[ManualClaim]


def settled_after_death(
    world: World, *, grace_days: int = 3, claim_days: int = 365, min_settlements: int = 1
) -> list[Row]:
    rows = []
    for person in world.persons:
        if person.died is None:
            continue
        who, died = f"P-{person.person}", day(person.died)
        swipes = [
            swipe
            for holder, swipe in swiped(world)
            if holder == who and swipe.day > died + grace_days
            if swipe.kind != "inpatient" and not swipe.refunded
        ]
        by_hand = [row for row in settled(world) if not row.online and not row.refunded]
        claimed = [
            *((claim.patient, claim) for claim in world.manual_claims or ()),
            *((row.person, row) for row in by_hand),
        ]
        late = [
            claim
            for patient, claim in claimed
            if patient == person.person and day(claim.at.date()) > died + claim_days
        ]
        days = [swipe.day for swipe in swipes] + [day(claim.at.date()) for claim in late]
        if len(days) >= min_settlements:
            rows.append(
                {
                    "person_id": who,
                    "died": died,
                    "days_after": min(days) - died,
                    "until_day": max(days),
                    "swipes": len(swipes),
                    "claims": len(late),
                    "card_ids": keys(swipe.card_id for swipe in swipes),
                    "device_ids": keys(swipe.device or f"proxy:{swipe.place}:" for swipe in swipes),
                    "setl_ids": keys([row.setl_id for row in (*swipes, *late)]),
                }
            )
    return rows


def invoice_paid_twice(world: World, *, min_claims: int = 2) -> list[Row]:
    named = defaultdict(list)
    for claim in world.manual_claims or ():
        if claim.invoice:
            named[claim.invoice].append(claim)
    return [
        {
            "invoice": invoice,
            "claims": len(found),
            "patients": len(patients(found)),
            "places": len({claim.place for claim in found}),
            "first_claim": min(claim.setl_id for claim in found),
            "person_ids": patients(found),
            "staff_ids": hands(found),
            "account_ids": keys(claim.account for claim in found if claim.account),
            "setl_ids": keys(claim.setl_id for claim in found),
        }
        for invoice, found in named.items()
        if len(found) >= min_claims
    ]


def invoice_series_one_agent(
    world: World, *, most_apart: int = 1, min_patients: int = 3
) -> list[Row]:
    rows = []
    for channel, side, claims in channels(world):
        numbered = [claim for claim in claims if (claim.invoice or "").isdigit()]
        near = [
            one
            for one in numbered
            if any(
                other.patient != one.patient and abs(number(other) - number(one)) <= most_apart
                for other in numbered
            )
        ]
        if len(patients(near)) >= min_patients:
            rows.append(
                {
                    "channel": channel,
                    "patients": len(patients(near)),
                    "claims": len(near),
                    "from_number": min(map(number, near)),
                    "until_number": max(map(number, near)),
                    "first_claim": min(claim.setl_id for claim in near),
                    "account_ids": [channel] if side == "account" else [],
                    "agent_ids": [channel] if side == "agent" else [],
                    "person_ids": patients(near),
                    "setl_ids": keys(claim.setl_id for claim in near),
                }
            )
    return rows


def remote_manual_claims(world: World, *, min_patients: int = 3) -> list[Row]:
    homes = {person.person: person.division for person in world.persons}
    towns = {place.place: place.division for place in world.places}
    found = defaultdict(list)
    for claim in world.manual_claims or ():
        home, town = homes.get(claim.patient), towns.get(claim.place)
        known = any(
            who == f"P-{claim.patient}" and swipe.place == claim.place
            for who, swipe in swiped(world)
            if swipe.at < claim.at and not swipe.refunded
        )
        if not home or not town or home[:4] == town[:4] or known:
            continue
        for side, channel in (
            ("account_ids", claim.account),
            ("agent_ids", claim.agent),
            ("staff_ids", claim.creator),
        ):
            if channel:
                found[claim.place, channel, side].append(claim)
    return [
        {
            "place_id": place,
            "channel": channel,
            "patients": len(patients(claims)),
            "claims": len(claims),
            **{name: [channel] if side == name else [] for name in
               ("account_ids", "agent_ids", "staff_ids")},
            "person_ids": patients(claims),
            "setl_ids": keys(claim.setl_id for claim in claims),
        }
        for (place, channel, side), claims in found.items()
        if len(patients(claims)) >= min_patients
    ]  # fmt: skip


def staff_two_steps_from_payee(
    world: World, *, min_claims: int = 2, most_sharing: int = 8
) -> list[Row]:
    near = neighbours(world, most_sharing)
    owners = defaultdict(set)
    for member in world.staff or ():
        if member.account:
            owners[member.account].add(member.staff)
    for person, account in world.owns:
        owners[account].add(f"P-{person}")
    persons = {row.certificate: f"P-{row.person}" for row in world.persons if row.certificate}
    rows = []
    for channel, side, claims in channels(world):
        for hand in hands(claims):
            own = side == "account" and hand in owners[channel]
            ends = owners[channel] if side == "account" else {channel, persons.get(channel)}
            shared = {
                key
                for key, users in near.items()
                if hand in users and any(end in users for end in ends - {hand, None})
            }
            through = [claim for claim in claims if hand in (claim.creator, claim.reviewer)]
            if (own or shared) and len(through) >= min_claims:
                rows.append(
                    {
                        "staff_id": hand,
                        "channel": channel,
                        "own": own,
                        "shared": sorted(shared),
                        "claims": len(through),
                        "patients": len(patients(through)),
                        "account_ids": [channel] if side == "account" else [],
                        "agent_ids": [channel] if side == "agent" else [],
                        "person_ids": patients(through),
                        "setl_ids": keys(claim.setl_id for claim in through),
                    }
                )
    return rows


def reviewer_passed_kin_claim(
    world: World, *, min_claims: int = 1, most_sharing: int = 8
) -> list[Row]:
    near = neighbours(world, most_sharing)
    found = defaultdict(list)
    for claim in world.manual_claims or ():
        for hand in {claim.creator, claim.reviewer} - {None}:
            shared = {
                key
                for key, users in near.items()
                if hand in users and f"P-{claim.patient}" in users
            }
            if shared:
                found[hand, f"P-{claim.patient}", tuple(sorted(shared))].append(claim)
    return [
        {
            "staff_id": hand,
            "person_id": who,
            "claims": len(claims),
            "reviewed": sum(claim.reviewer == hand for claim in claims),
            "shared": list(shared),
            "account_ids": keys(claim.account for claim in claims if claim.account),
            "setl_ids": keys(claim.setl_id for claim in claims),
        }
        for (hand, who, shared), claims in found.items()
        if len(claims) >= min_claims
    ]


def one_agent_many_claimants(world: World, *, min_households: int = 5) -> list[Row]:
    persons = {row.person: row for row in world.persons}
    rows = []
    for agent, side, claims in channels(world):
        if side != "agent":
            continue
        phones = {c.agent_phone for c in world.manual_claims or () if c.agent == agent}
        own = [row for row in world.persons if row.certificate == agent]
        strange = [
            claim
            for claim in claims
            if not (
                claim.patient in persons
                and (
                    persons[claim.patient] in own
                    or persons[claim.patient].phone in phones - {None}
                    or persons[claim.patient].address in {row.address for row in own} - {None}
                )
            )
        ]
        if len(households(world, strange)) >= min_households:
            rows.append(
                {
                    "agent_id": agent,
                    "households": len(households(world, strange)),
                    "patients": len(patients(strange)),
                    "claims": len(strange),
                    "account_ids": keys(claim.account for claim in strange if claim.account),
                    "staff_ids": hands(strange),
                    "person_ids": patients(strange),
                    "setl_ids": keys(claim.setl_id for claim in strange),
                }
            )
    return rows


def payee_shared_by_strangers(world: World, *, min_households: int = 3) -> list[Row]:
    places = {row.account for row in world.places}
    owned = places | {row.account for row in world.staff or ()}
    owned |= {account for _, account in world.owns}
    rows = []
    for account, side, claims in channels(world):
        strange = [claim for claim in claims if (claim.patient, account) not in world.owns]
        if side == "account" and len(households(world, strange)) >= min_households:
            rows.append(
                {
                    "account": account,
                    "households": len(households(world, strange)),
                    "patients": len(patients(strange)),
                    "claims": len(strange),
                    "place_owned": account in places,
                    "owner_known": account in owned,
                    "staff_ids": hands(strange),
                    "person_ids": patients(strange),
                    "setl_ids": keys(claim.setl_id for claim in strange),
                }
            )
    return rows


def shortest_tie_to_payee(
    world: World, *, min_patients: int = 3, most_sharing: int = 8
) -> list[Row]:
    links = ties(world)
    people = defaultdict(set)
    for row in world.persons:
        for key in {row.phone, row.address} - {None}:
            people[key].add(row.person)
    rows = []
    for account, side, claims in channels(world):
        for hand in hands(claims) if side == "account" else []:
            through = [claim for claim in claims if hand in (claim.creator, claim.reviewer)]
            paths = shortest(links, hand, account, 4)
            paths = [p for p in paths if all(len(people[key]) <= most_sharing for key in p)]
            if paths and len(patients(through)) >= min_patients:
                rows.append(
                    {
                        "staff_id": hand,
                        "account": account,
                        "steps": len(paths[0]) - 1,
                        "ties": len(paths),
                        "through": keys(key for path in paths for key in path[1:-1]),
                        "patients": len(patients(through)),
                        "claims": len(through),
                        "person_ids": patients(through),
                        "setl_ids": keys(claim.setl_id for claim in through),
                    }
                )
    return rows


def ties(world: World) -> dict[str, set[str]]:
    """Everything owned, used, lived at or held, both ways; keys of a world do not collide."""
    pairs = {(f"P-{person}", account) for person, account in world.owns}
    pairs |= {(row.place, row.account) for row in world.places if row.account}
    for who, row in (
        *((f"P-{row.person}", row) for row in world.persons),
        *((row.staff, row) for row in world.staff or ()),
    ):
        pairs |= {(who, key) for key in (row.phone, row.address) if key}
    pairs |= {(row.staff, row.account) for row in world.staff or () if row.account}
    pairs |= {(claim.agent, claim.agent_phone) for claim in world.manual_claims or ()
              if claim.agent and claim.agent_phone}  # fmt: skip
    pairs |= {(who, card) for card, people in holders(world).items() for who in people}
    links = defaultdict(set)
    for one, other in pairs:
        links[one].add(other)
        links[other].add(one)
    return links


def shortest(links: dict[str, set[str]], start: str, end: str, most: int) -> list[tuple[str, ...]]:
    """Every shortest path of at most so many steps."""
    paths: list[tuple[str, ...]] = [(start,)]
    for _ in range(most):
        paths = [(*path, key) for path in paths for key in links.get(path[-1], ())
                 if key not in path]  # fmt: skip
        found = [path for path in paths if path[-1] == end]
        if found:
            return found
    return []


def neighbours(world: World, most_sharing: int) -> dict[str, set[str]]:
    """Who uses each telephone or address that few enough insured people share."""
    users: defaultdict[str, set[str]] = defaultdict(set)
    for row in world.persons:
        for key in {row.phone, row.address} - {None}:
            users[key].add(f"P-{row.person}")
    few = {key for key, found in users.items() if len(found) > most_sharing}
    for member in world.staff or ():
        for key in {member.phone, member.address} - {None}:
            users[key].add(member.staff)
    for claim in world.manual_claims or ():
        if claim.agent and claim.agent_phone:
            users[claim.agent_phone].add(claim.agent)
    return {key: found for key, found in users.items() if key not in few}


def channels(world: World) -> Iterator[tuple[str, str, Claims]]:
    """Every account and every agent with the claims that came that way."""
    for side in ("account", "agent"):
        found: defaultdict[str, Claims] = defaultdict(list)
        for claim in world.manual_claims or ():
            if channel := getattr(claim, side):
                found[channel].append(claim)
        for channel, claims in found.items():
            yield channel, side, claims


def households(world: World, claims: Iterable[ManualClaim]) -> set[str]:
    homes = {row.person: row.address for row in world.persons}
    return {homes.get(claim.patient) or claim.patient for claim in claims}


def patients(claims: Iterable[ManualClaim]) -> list[str]:
    return keys(f"P-{claim.patient}" for claim in claims)


def hands(claims: Iterable[ManualClaim]) -> list[str]:
    return keys(hand for claim in claims for hand in (claim.creator, claim.reviewer) if hand)


def number(claim: ManualClaim) -> int:
    return int(claim.invoice or "")
