"""Dense block: the densest core of people tied by weak pairs, however much else they do.

Pairs that seed nothing alone (p ≤ ``settings.weak_p``) are gathered into loose communities, and
each is peeled to its densest core: people are taken away as long as the mean weight for each one
left grows (Charikar 2000; FRAUDAR, Hooi et al. 2016, doi:10.1145/2939672.2939747). Edges carry
their real weight, log2((n + ½)/(λ + ½)): popular counters are discounted by λ, pair by pair, where
FRAUDAR divides by the logarithm of a column's degree. So visits of camouflage cannot hide a block:
they add to λ only where two members go to the same further place, and never lower n; what they take
from an edge is at most log2((λ' + ½)/(λ + ½)). Peeling is repeated on what is left.

Null: the same on null worlds (:mod:`detectors.lockstep`). Needs settlements only. Misses groups in
which most pairs met less often than the support of a pair.
"""

import numpy as np
from numpy.typing import NDArray

from detectors.candidates import Candidates, Context
from detectors.communities import Communities, communities
from detectors.lockstep import lockstep, weight
from detectors.settings import DetectSettings
from detectors.world import Floats, Ints, Pairs

ROUNDS = 4  # blocks taken from one community at most


def find(context: Context) -> Candidates:
    """Return the candidate groups."""
    return lockstep(context, links, blocks)


def links(pairs: Pairs, settings: DetectSettings) -> Pairs:
    """Return the pairs that may be part of a block."""
    return pairs.where(pairs.p_value <= settings.weak_p)


def blocks(pairs: Pairs, settings: DetectSettings) -> Communities:
    """Return the dense cores of the loose communities of pairs, with their stability."""
    bits = weight(pairs)
    loose = communities(
        pairs.lo,
        pairs.hi,
        bits,
        resolution=settings.resolution / 2,
        seeds=max(5, settings.leiden_seeds // 4),
        seed=settings.seed,
        least=settings.least_people,
    )
    if not len(loose.group):
        return loose
    order = np.argsort(loose.person)
    person, home = loose.person[order], loose.group[order]
    a, b = (_position(person, ends) for ends in (pairs.lo, pairs.hi))
    inside = (a >= 0) & (b >= 0)
    inside[inside] = home[a[inside]] == home[b[inside]]
    a, b, bits = a[inside], b[inside], np.maximum(bits[inside], 0.0)
    groups: list[Ints] = []
    members: list[Ints] = []
    homes: list[Ints] = []
    free = np.ones(len(person), np.bool_)
    for _ in range(ROUNDS):
        edge = free[a] & free[b]
        core = densest(a[edge], b[edge], bits[edge], home, free)
        size = np.bincount(home[core], minlength=home.max() + 1)
        fit = core & (size[home] >= settings.least_people) & (size[home] <= settings.most_people)
        if not fit.any():
            break
        found, label = np.unique(home[fit], return_inverse=True)
        groups.append(label + sum(len(h) for h in homes))
        members.append(person[fit])
        homes.append(found)
        free &= ~core
    if not groups:
        none = np.empty(0, np.int64)
        return Communities(group=none, person=none, stability=np.empty(0))
    return Communities(
        group=np.concatenate(groups).astype(np.int64),
        person=np.concatenate(members),
        stability=loose.stability[np.concatenate(homes)],
    )


def densest(
    a: Ints, b: Ints, bits: Floats, home: Ints, free: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Say who is in the densest part of each community, by mean weight for each person.

    ``a``, ``b`` are the ends of edges inside one community (``home``). All communities are peeled
    at once: whoever has less than the best density so far cannot be in the densest part and goes;
    where there is none, whoever has least.
    """
    count = int(home.max(initial=-1)) + 1
    alive, best, kept = free.copy(), np.zeros(count), np.zeros(len(home), np.bool_)
    while alive.any():
        on = alive[a] & alive[b]
        total = np.bincount(home[a[on]], bits[on], minlength=count)
        people = np.bincount(home[alive], minlength=count)
        density = total / np.maximum(people, 1)
        better = density > best + 1e-12
        best = np.where(better, density, best)
        kept = np.where(better[home], alive, kept)
        held = np.bincount(a[on], bits[on], minlength=len(home))
        held += np.bincount(b[on], bits[on], minlength=len(home))
        least = np.full(count, np.inf)
        np.minimum.at(least, home[alive], held[alive])
        bar = np.maximum(np.nextafter(best, 0), least)
        alive &= held > bar[home]
    return kept & (best[home] > 0)


def _position(people: Ints, wanted: Ints) -> Ints:
    """Return where each one stands among sorted people, −1 where not."""
    at = np.minimum(np.searchsorted(people, wanted), len(people) - 1)
    return np.where(people[at] == wanted, at, -1).astype(np.int64)
