"""Staff numbers: an operator number used again and again where, or when, its owner is not.

A hospital worker keeps patients' cards and settles them under a colleague's number (domain.md §5.2,
B02, signature 10). Such settlements show twice. The same people meet one number on every visit,
though that half-day's roster gave them others (**concentration**); and the number works at a
terminal that somebody else holds, or that its owner, at work elsewhere, does not hold (**off
post**). Both are measured at the place itself, half-day by half-day (a shift; the whole day where
times are known only to the day), leaving out the people under suspicion, so that a group cannot be
its own roster.

Concentration: the visits of a person under the number are compared with the share of ordinary
people it served at that terminal in that half-day, or on that weekday's half-days if larger; a
binomial tail with the mean chance, which never overstates (Hoeffding 1956), joined over people by
Simes's test (1986, doi:10.1093/biomet/73.3.751), valid where companions depend on each other.
Off post: the group's appearances, one for each terminal and half-day, against how often the
number's ordinary customers find it off post; binomial.

**Null**: the roster deals the people, and the number is off post for these as for anyone. p is the
larger of both tails, for both must fail; ``tests`` counts all numbers at all places of two numbers
or more. Needs settlements. A terminal built from its clerk is no terminal: without real terminals
only an absent owner shows. Misses numbers shared all day by habit, and people seen fewer than three
times. A clerk who settles pooled cards at his own post is co-swipe's, not this.
"""

import numpy as np

from detectors import staff_numbers_group as group
from detectors import staff_numbers_units as units
from detectors.candidates import HELD, OTHERS, Candidates, Context, Sign
from detectors.staff_numbers_units import Regulars
from detectors.tallies import Mask, assembled, nothing, upper_tail
from detectors.world import Floats, Ints

SUSPECT = 0.01  # tail from which a person is left out of the roster, and may be a member
OFF_POST = 0.05  # tail from which a person's own visits count as off post
PROPOSED = 0.01  # own p from which a number is proposed
THERE = 0.8  # of a group's visits are off post: an owner met oftener at the post is there himself
DAYS = 3  # days under the number (domain.md §5.3, signature 1: three days make a habit)

SIGNS: tuple[Sign, ...] = (
    Sign(name="number_off_post", unit="share", score="difference"),
    Sign(name="number_share", unit="share", score="difference"),
    Sign(name="number_overlap", unit="share", score="difference"),
    Sign(name="number_off_duty", unit="share", score="difference"),
    Sign(name="number_together", unit="people", score="log2_ratio"),
    Sign(name="number_fee", unit="yuan", score="log2_ratio"),
    Sign(name="number_resale", unit="share", score="difference"),
    Sign(name="number_doctor", unit="share", score="difference"),
)


def find(context: Context) -> Candidates:
    """Return the numbers under which the same people are settled while its owner is elsewhere."""
    units.laid(context)
    first = units.regulars(context, suspects=False)
    tests = units.numbers(context)
    guess = first.where(_concentrated(first) <= SUSPECT)
    if not len(guess.person):
        return nothing(SIGNS, ("relief",), tests=tests)
    units.set_apart(context, guess)
    again = units.regulars(context, suspects=True)
    tail = _concentrated(again)
    off = upper_tail(again.off, again.known, again.usual_off)
    member = (tail <= SUSPECT) & (off <= OFF_POST) & (again.days >= DAYS)
    chosen, p_value, statistic = _numbers(again, tail, member, context.settings.least_people)
    p_off, absent = group.off_post_tail(context, again, member, chosen)
    p_value = np.maximum(p_value, p_off)
    kept = (p_value <= PROPOSED) & (absent >= THERE)
    chosen, p_value, statistic = chosen[:, kept], p_value[kept], statistic[kept]
    if not chosen.shape[1]:
        return nothing(SIGNS, ("relief",), tests=tests)
    gid = _gid(again, chosen)
    inside = member & (gid >= 0)
    order = np.lexsort((again.person[inside], gid[inside]))
    found = again.where(inside)
    gid, found = gid[inside][order], found.where(order)
    facts = group.examined(context, gid, found, chosen.shape[1])
    return Candidates(
        gid=gid,
        person=found.person,
        stability=np.ones(chosen.shape[1]),
        statistic=statistic,
        p_value=p_value,
        tests=tests,
        others=assembled(OTHERS, facts.others),
        settlements=assembled(HELD, [facts.held]),
        signs=facts.signs,
        honest={"relief": facts.relief},
    )


def _concentrated(r: Regulars) -> Floats:
    """Return the tail of each person's visits under a number."""
    return upper_tail(r.hits, r.visits, r.chance)


def _numbers(r: Regulars, tail: Floats, member: Mask, least: int) -> tuple[Ints, Floats, Floats]:
    """Return (place, clerk) columns with enough members, Simes's p and log2 of hits over chance."""
    keys, cell = np.unique(np.stack([r.place, r.clerk]), axis=1, return_inverse=True)
    cell = cell.ravel()
    order = np.lexsort((tail, cell))
    start = np.searchsorted(cell[order], np.arange(keys.shape[1]))
    rank = np.arange(len(cell)) - start[cell[order]] + 1.0
    simes = np.ones(keys.shape[1])
    np.minimum.at(simes, cell[order], tail[order] * r.people[order] / rank)
    size = np.bincount(cell[member], minlength=keys.shape[1])
    hits = np.bincount(cell[member], r.hits[member], minlength=keys.shape[1])
    usual = np.bincount(cell[member], (r.visits * r.chance)[member], minlength=keys.shape[1])
    kept = size >= least
    ratio = np.log2((hits[kept] + 0.5) / (usual[kept] + 0.5))
    return keys[:, kept], np.minimum(simes[kept], 1.0), ratio


def _gid(r: Regulars, chosen: Ints) -> Ints:
    """Return the candidate of each row by its place and clerk, −1 for none."""
    number = {(int(place), int(clerk)): gid for gid, (place, clerk) in enumerate(chosen.T)}
    pairs = zip(r.place.tolist(), r.clerk.tolist(), strict=True)
    return np.array([number.get(pair, -1) for pair in pairs], np.int64)
