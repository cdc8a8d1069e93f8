"""Who of a pharmacy's remote buyers belongs to its excess: a mixture of two kinds of buyers."""

import numpy as np

from detectors.remote_excess import LEVELS
from detectors.world import Floats, Ints

ROUNDS = 50
HALF = 0.5
PURE = 0.9  # share of a member's purchases that hold a drug of the group, to begin with


def belonging(held: Ints, bought: Ints, level: Ints, *, chance: float, usual: Floats) -> Floats:
    """Return the probability that each buyer is of the second kind (expectation–maximisation).

    ``held`` of ``bought`` purchases hold a drug of the group; ``level`` says what the buyer's other
    settlements show. Buyers of the first kind are as at other places: they hold such a drug with
    ``chance`` and have the ``usual`` distribution of levels; that of the second kind, its share of
    purchases and its part of the buyers are fitted. Both begin with half of the buyers.
    """
    chance = min(max(chance, 1e-3), HALF)
    pure, part = PURE, HALF
    own = np.array([0.05, 0.2, 0.6, 0.15])
    first = _likelihood(held, bought, chance) + np.log(usual[level])
    belongs = np.full(len(held), HALF)
    for _ in range(ROUNDS):
        second = _likelihood(held, bought, pure) + np.log(own[level])
        odds = np.log(part / (1.0 - part)) + second - first
        belongs = 1.0 / (1.0 + np.exp(-np.clip(odds, -50.0, 50.0)))
        part = float(np.clip((belongs.sum() + 1.0) / (len(held) + 2.0), 0.01, 0.99))
        # A member buys the group's drugs more often than not, or there is no such kind.
        pure = (float((belongs * held).sum()) + PURE) / (float((belongs * bought).sum()) + 1.0)
        pure = float(np.clip(pure, HALF, 0.999))
        own = np.bincount(level, belongs, LEVELS) + 0.25
        own = own / own.sum()
    return np.asarray(belongs, np.float64)


def _likelihood(held: Ints, bought: Ints, share: float) -> Floats:
    return np.asarray(held * np.log(share) + (bought - held) * np.log(1.0 - share), np.float64)
