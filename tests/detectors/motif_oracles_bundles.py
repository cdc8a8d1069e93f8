"""The motifs on sets of cards that come back, each answered in plain loops over a world."""

from collections import defaultdict

from tests.detectors.motif_oracles import Row, device, keys
from tests.detectors.motif_oracles_places import live
from tests.world import World

Sessions = dict[int, dict[str, set[str]]]


def same_cards_return(
    world: World,
    *,
    window_seconds: int = 1800,
    min_people: int = 5,
    min_days: int = 3,
    min_share: int = 60,
) -> list[Row]:
    vague = {place.place for place in world.places if place.day_precision}
    seen = defaultdict(list)
    for who, swipe in live(world):
        if swipe.place not in vague:
            seen[swipe.place, device(swipe)].append((who, swipe))
    rows = []
    for (place, terminal), swipes in seen.items():
        days = defaultdict(set)
        for who, swipe in swipes:
            days[who].add(swipe.day)
        sessions: Sessions = defaultdict(lambda: defaultdict(set))
        for who, swipe in swipes:
            if len(days[who]) >= min_days:
                for session in range(
                    swipe.epoch * 2 // window_seconds - 1, 1 + swipe.epoch * 2 // window_seconds
                ):
                    sessions[session][who].add(swipe.setl_id)
        full = {key: people for key, people in sessions.items() if len(people) >= min_people}
        found = groups(full, window_seconds, min_days, min_share)
        for session, alike in found.items():
            if any(other < session for other in alike if other in found):
                continue
            rows.append(
                {
                    "device_id": terminal,
                    "place_id": place,
                    "begins": session * window_seconds // 2,
                    "days": len({other * window_seconds // 2 // 86_400 for other in alike}),
                    "people": len(full[session]),
                    "person_ids": keys(full[session]),
                    "setl_ids": keys(
                        number
                        for other in alike
                        for who, numbers in full[other].items()
                        if who in full[session]
                        for number in numbers
                    ),
                }
            )
    return rows


def groups(
    full: Sessions, window_seconds: int, min_days: int, min_share: int
) -> dict[int, list[int]]:
    """Every session that comes back on enough days, and the sessions like it, itself included."""
    alike = {
        one: [
            other
            for other in full
            if len(full[one].keys() & full[other].keys()) * 100
            >= min_share * len(full[one].keys() | full[other].keys())
        ]
        for one in full
    }
    return {
        one: others
        for one, others in alike.items()
        if len({other * window_seconds // 2 // 86_400 for other in others}) >= min_days
    }
