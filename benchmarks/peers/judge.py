"""How groups of people compare with what was planted: one yardstick for all."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.evaluate import PEOPLE, Group, jaccards, matched, party
from ingest.simulate.truth import PlantedHonest, PlantedRing, Truth

LEVEL = 0.5
Floats = NDArray[np.float64]

# Planted rings whose members swipe at one counter: what a method that sees visits alone could find.
# Peers are tuned on these.
AT_THE_COUNTER = (
    "card_pool",
    "card_pool_rotating",
    "induced_cohort",
    "staff_number_misuse",
    "swipe_refund",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What groups found; recalls are over planted rings with people, all kinds or the counter's."""

    groups: int
    right: int
    planted: int
    at_counter: int
    planted_at_counter: int
    honest: int
    planted_honest: int

    @property
    def precision(self) -> float:
        """Return the share of groups that are a planted ring; 0 where there are none."""
        return self.right / self.groups if self.groups else 0.0

    @property
    def recall(self) -> float:
        """Return the share of planted rings with people that were found."""
        return self.right / self.planted if self.planted else 0.0

    @property
    def recall_at_counter(self) -> float:
        """Return the same over the kinds of ``AT_THE_COUNTER``."""
        return self.at_counter / self.planted_at_counter if self.planted_at_counter else 0.0

    @property
    def f1(self) -> float:
        """Return F1 of precision and the recall at the counter, what peers are tuned on."""
        both = self.precision + self.recall_at_counter
        return 2 * self.precision * self.recall_at_counter / both if both else 0.0


def judged(groups: Sequence[set[str]], planted: Truth) -> Verdict:
    """Judge groups of person identifiers.

    A group is right if it has a Jaccard index of ``LEVEL`` or more with a planted ring of any kind
    that has people; one to one, so a second group on a ring is a false alarm. An honest group is
    raised if one group holds half of it or more.
    """
    rings = _rings(planted)
    pairs = matched(_overlap(groups, planted), LEVEL)
    counter = [ring.kind in AT_THE_COUNTER for ring in rings]
    honest = [group for group in planted.honest if len(group.people) >= PEOPLE]
    return Verdict(
        groups=len(groups),
        right=len(pairs),
        planted=len(rings),
        at_counter=sum(counter[column] for column in pairs.values()),
        planted_at_counter=sum(counter),
        honest=sum(_raised(group, groups) for group in honest),
        planted_honest=len(honest),
    )


def at_precision(groups: Sequence[set[str]], planted: Truth, precision: float) -> tuple[int, float]:
    """Return how many of the first groups may be kept at that precision, and the recall there.

    Of all cuts of the ranked list whose precision is at least as high, the one with most rings.
    """
    overlap = _overlap(groups, planted)
    best = (0, 0)
    for kept in range(1, len(groups) + 1):
        right = len(matched(overlap[:kept], LEVEL))
        if right >= precision * kept and right > best[1]:
            best = (kept, right)
    rings = len(_rings(planted))
    return best[0], best[1] / rings if rings else 0.0


def _rings(planted: Truth) -> list[PlantedRing]:
    return [ring for ring in planted.rings if len(ring.people) >= PEOPLE]


def _overlap(groups: Sequence[set[str]], planted: Truth) -> Floats:
    found = [
        Group(
            ring_id=str(number),
            kind="",
            probability=0.0,
            loss=(0.0, 0.0, 0.0),
            people=frozenset(("person", name) for name in group),
            parties=frozenset(),
        )
        for number, group in enumerate(groups)
    ]
    return jaccards(found, [party(ring) for ring in _rings(planted)])


def _raised(honest: PlantedHonest, groups: Sequence[set[str]]) -> bool:
    people = set(honest.people)
    return any(2 * len(people & group) >= len(people) for group in groups)
