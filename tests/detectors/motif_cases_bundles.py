"""The cases of motifs on sets of cards that come back, see :mod:`tests.detectors.motif_cases`."""

from typing import Any

from tests.detectors.motif_cases import DAY, EPOCH_NOON, MINUTE, Case, joined, swipes
from tests.detectors.motif_cases_places import HOUR, numbers, visits
from tests.world import NOON, Place, World


def bundle(name: str, count: int = 5, days: int = 3, **common: Any) -> World:
    """Return a stack of cards swiped at noon on so many days."""
    return visits(name, count, *(day * DAY for day in range(days)), **common)


def shared(name: str, same: int, rest: int) -> World:
    """Return a few who come every day, each day beside other regulars, who else come alone."""
    together = [
        {"person": f"{name}{who}", "at": NOON + day * DAY}
        for day in range(3)
        for who in (*(f"s{n}" for n in range(same)), *(f"o{day}{n}" for n in range(rest)))
    ]
    alone = [
        {"person": f"{name}o{day}{n}", "at": NOON + (10 + 2 * day + again) * DAY + n * HOUR}
        for day in range(3)
        for n in range(rest)
        for again in range(2)
    ]
    return swipes(name, *together, *alone)


RETURNING = Case(
    hit=joined(bundle("raa"), visits("rab", 2, 0 * DAY, place="P-raa", device="D-raa")),
    misses={
        "four people": bundle("rac", 4),
        "two days": bundle("rad", 5, 2),
        "half of them each time another": shared("rae", 4, 4),
        "apart": swipes(
            "raf",
            *(
                {"person": f"raf{who}", "at": NOON + day * DAY + who * 35 * MINUTE}
                for day in range(3)
                for who in range(5)
            ),
        ),
        "reversed": bundle("rag", refunded=True),
        "stays": bundle("rah", kind="inpatient"),
    },
    unknown={
        "times known only to the day": joined(
            bundle("rai"), World(places=(Place(place="P-rai", day_precision=True),))
        ),
        "no terminal and no clerk": bundle("raj", device=None),
    },
    rows=(
        (
            *("D-raa", "P-raa", EPOCH_NOON - 900, 3, 5, [f"P-raa{n}" for n in range(5)]),
            numbers("raa", 15),
        ),
        (
            *("proxy:P-raj:", "P-raj", EPOCH_NOON - 900, 3, 5, [f"P-raj{n}" for n in range(5)]),
            numbers("raj", 15),
        ),
    ),
)

CASES: dict[str, Case] = {"same_cards_return": RETURNING}
