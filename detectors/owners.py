"""Owner circles: the people of a place, and their homes, as its heaviest patients.

Managers who were heavy patients of their own house, and owners' relatives who began the pooling of
cards (domain.md §5.2 and §5.3, signature 12; the Jiading clinic). A person is **tied** to a place
by the telephone or the address of a member of its staff, or by sharing a home (an address or
telephone of two to eight people) with such a person; equal names alone are too weak. An address of
more people ties them where most of those registered there are customers of the place.

What is ordinary is measured at the place itself: days and fund money of its other customers,
standardised by age and by whether the place is the one they use most (indirect standardisation:
county ratios by stratum, scaled to the place). So a regular of the right age is compared with
regulars, and a dear hospital with itself.

**Null**: the tied homes are drawn from the homes of the place's ordinary customers, each tied home
keeping its number of customers, so that heavy users and heavy households are as frequent as they
really are there. What is summed are exponential scores of ranks among ordinary customers (Savage
1956, doi:10.1214/aoms/1177728177): many heavy people count, not one who comes for dialysis. p is
twice the smaller of the tails of days and money (Bonferroni), over every place with two tied
customers. Needs settlements, persons and staff. Misses owners whose relatives
live elsewhere under other telephones, and circles spread over several places of one owner.
"""

import numpy as np

from detectors import owners_data as data
from detectors.candidates import HELD, OTHERS, Candidates, Context, Sign
from detectors.owners_data import Customers
from detectors.pairs import benjamini_hochberg
from detectors.tallies import assembled, nothing, share, summed
from detectors.world import Floats, Ints

PROPOSED = 0.01  # own p from which a place is proposed, as every detector of aggregates does
CHANCE = 0.1  # of a circle's members may be ordinary customers, at most about
LEAST = 2  # heavy tied people; fewer are no circle
DAYS = 3  # a member came on so many days (domain.md §5.3: three days make a habit)
STAGES = (200, 10_000, 400_000)  # draws; more where no more than ENOUGH reached the observed sum
ENOUGH = 10
AT_ONCE = 2_000_000  # numbers drawn at once

SIGNS: tuple[Sign, ...] = (
    Sign(name="own_visits", unit="share", score="log2_ratio"),
    Sign(name="own_fund", unit="share", score="log2_ratio"),
    Sign(name="own_each", unit="days", score="log2_ratio"),
    Sign(name="own_homes", unit="homes", score="observed"),
    Sign(name="own_fee", unit="yuan", score="log2_ratio"),
    Sign(name="own_resale", unit="share", score="difference"),
    Sign(name="own_clerk", unit="share", score="difference"),
    Sign(name="own_growth", unit="share", score="difference"),
)


def find(context: Context) -> Candidates:
    """Return the places whose own people are heavier patients than its customers."""
    customers = data.customers(context)
    if customers is None:
        return nothing(SIGNS, ("staff_care",))
    tests, chosen, p_value, statistic = _tested(customers, context.settings.seed)
    members = _heavy(customers, chosen)
    kept = np.bincount(members[0], minlength=len(chosen)) >= LEAST
    number = np.full(len(chosen), -1, np.int64)
    number[kept] = np.arange(int(kept.sum()))
    inside = kept[members[0]] if len(members[0]) else np.empty(0, np.bool_)
    gid, row = number[members[0][inside]], members[1][inside]
    chosen, p_value, statistic = chosen[kept], p_value[kept], statistic[kept]
    if not len(chosen):
        return nothing(SIGNS, ("staff_care",), tests=tests)
    facts = data.circles(context, customers, gid, row, chosen)
    return Candidates(
        gid=gid,
        person=customers.person[row],
        stability=np.ones(len(chosen)),
        statistic=statistic,
        p_value=p_value,
        tests=tests,
        others=assembled(OTHERS, facts.others),
        settlements=assembled(HELD, [facts.held]),
        signs=_signs(customers, gid, row, chosen) | facts.signs,
        honest={"staff_care": _care(customers, gid, row, len(chosen))},
    )


def _tested(c: Customers, seed: int) -> tuple[float, Ints, Floats, Floats]:
    """Return how many places were tested, and those proposed with p and statistic.

    The statistic is the log2 of the tied people's days and money over what is ordinary, the larger.
    """
    size = np.bincount(c.place[c.tied], minlength=c.places)
    able = np.flatnonzero(size >= LEAST)
    chosen, p_value, statistic = [], [], []
    for place in able:
        rows = slice(*np.searchsorted(c.place, [place, place + 1]))
        tied, home = c.tied[rows], c.home[rows]
        scores = np.stack([c.days[rows] / c.usual_days[rows], c.fund[rows] / c.usual_fund[rows]])
        if tied.all():
            continue
        ranked = np.stack([-np.log(_rank(s, s[~tied])) for s in scores])
        _, own = np.unique(home[tied], return_inverse=True)
        _, other = np.unique(home[~tied], return_inverse=True)
        weights = np.bincount(own).astype(np.float64)
        means = np.stack([np.bincount(other, s[~tied]) / np.bincount(other) for s in ranked])
        drawn = np.random.default_rng([seed, int(place)])
        tails = _tails(ranked[:, tied].sum(axis=1), weights, means, drawn)
        p = min(1.0, 2.0 * float(tails.min()))
        if p <= PROPOSED:
            chosen.append(int(place))
            p_value.append(p)
            usual = np.maximum(scores[:, ~tied].mean(axis=1) * tied.sum(), 1e-9)
            over = scores[:, tied].sum(axis=1) / usual
            statistic.append(float(np.log2(np.maximum(over, 1e-9)).max()))
    return (
        float(len(able)),
        np.array(chosen, np.int64),
        np.array(p_value, np.float64),
        np.array(statistic, np.float64),
    )


def _tails(sums: Floats, weights: Floats, means: Floats, draw: np.random.Generator) -> Floats:
    """Return P(as many ordinary homes reach the sum), for days and for money.

    Homes are drawn with replacement and weighted by the customers of the tied homes they stand for:
    means of small homes scatter more than those of large ones, which errs on the people's side.
    """
    tails = np.ones(2)
    for draws in STAGES:
        reached = np.zeros(2)
        for begin in range(0, draws, block := max(1, AT_ONCE // len(weights))):
            turns = min(block, draws - begin)
            pick = draw.integers(0, means.shape[1], (turns, len(weights)))
            for turn in range(2):
                reached[turn] += (means[turn][pick] @ weights >= sums[turn] - 1e-9).sum()
        tails = (1.0 + reached) / (1.0 + draws)
        if reached.min() > ENOUGH:
            break
    return np.asarray(tails)


def _heavy(c: Customers, chosen: Ints) -> tuple[Ints, Ints]:
    """Return (position in ``chosen``, row) of the tied people who are heavy at their place.

    By days or by money (Bonferroni), against its ordinary customers; the bar is such that about
    ``CHANCE`` of those above it are there by chance (Benjamini and Hochberg 1995).
    """
    gids, rows = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for gid, place in enumerate(chosen):
        begin, end = np.searchsorted(c.place, [place, place + 1])
        here = np.arange(begin, end)
        tied = c.tied[here]
        rare = np.minimum(
            *(
                _rank(score[tied], score[~tied])
                for score in (c.days[here] / c.usual_days[here], c.fund[here] / c.usual_fund[here])
            )
        )
        beyond = benjamini_hochberg(np.minimum(2.0 * rare, 1.0), float(len(rare))) <= CHANCE
        heavy = here[tied][beyond & (c.days[here][tied] >= DAYS)]
        gids.append(np.full(len(heavy), gid))
        rows.append(heavy)
    return np.concatenate(gids), np.concatenate(rows)


def _rank(score: Floats, ordinary: Floats) -> Floats:
    """Return the share of ordinary customers with at least each score, one more assumed."""
    other = np.sort(ordinary)
    above = len(other) - np.searchsorted(other, score - 1e-9, side="left")
    return np.asarray((1.0 + above) / (1.0 + len(other)))


def _signs(c: Customers, gid: Ints, row: Ints, chosen: Ints) -> dict[str, tuple[Floats, Floats]]:
    n = len(chosen)
    every_day = summed(c.place, c.days, c.places)[chosen]
    every_fund = summed(c.place, c.fund, c.places)[chosen]
    days, fund = (summed(gid, v[row], n) for v in (c.days, c.fund))
    usual_days, usual_fund = (summed(gid, v[row], n) for v in (c.usual_days, c.usual_fund))
    size = np.bincount(gid, minlength=n)
    homes = np.unique(np.stack([gid, c.home[row]]), axis=1)[0]
    return {
        "own_visits": (share(days, every_day), share(usual_days, every_day)),
        "own_fund": (share(fund, every_fund), share(usual_fund, every_fund)),
        "own_each": (days / size, usual_days / size),
        "own_homes": (np.bincount(homes, minlength=n).astype(np.float64), np.ones(n)),
    }


def _care(c: Customers, gid: Ints, row: Ints, count: int) -> Floats:
    """Return the share of the members' days within the range of nineteen customers in twenty."""
    within = np.empty(len(row))
    for place in np.unique(c.place[row]):
        here = slice(*np.searchsorted(c.place, [place, place + 1]))
        score = (c.days[here] / c.usual_days[here])[~c.tied[here]]
        mine = c.place[row] == place
        within[mine] = np.quantile(score, 0.95) * c.usual_days[row[mine]]
    days = summed(gid, c.days[row], count)
    covered = summed(gid, np.minimum(c.days[row], within), count)
    return share(covered, days)
