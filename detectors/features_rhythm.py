"""Features of rhythm: how even the waits between cards and the days between sessions are.

Evenness is the interquartile range over the median, which a few late cards or one holiday do not
move; waits in which nothing is arranged are exponential, for which it is ln 3 / ln 2.
"""

import math

import ibis
from ibis.expr.types import FloatingValue, Table

from detectors.facts import Facts

FEWEST = 8  # waits or intervals, two to a quarter: fewer have no quartiles
UNARRANGED = math.log(3) / math.log(2)


def gap_regularity(facts: Facts) -> Table:
    """Return how even the seconds between members' cards within sessions are.

    Against a counter where people arrive in no order, at the place's own median wait, cut off at
    the window within which a session lasts. A small value is one hand swiping a stack. Misses a
    stack that is spread over the day; says nothing at places known only to the day.
    """
    s = facts.swipes.filter(facts.swipes.session.notnull())
    order = ibis.window(group_by=["gid", "session"], order_by=["at", "setl_id"])
    s = s.mutate(wait=s["at"] - s["at"].lag().over(order), other=s.psn_no.lag().over(order))
    s = s.filter(s.wait.notnull() & (s.other != s.psn_no))
    s = s.join(facts.sessions.select("gid", "session", "window"), ["gid", "session"])
    s = s.filter((s.window > 0) & (s.wait <= s.window))
    s = s.join(facts.places.select("place", "gap"), "place")
    g = s.group_by("gid").aggregate(
        n=s.count(),
        low=s.wait.quantile(0.25).cast("float64"),
        half=s.wait.quantile(0.5).cast("float64"),
        high=s.wait.quantile(0.75).cast("float64"),
        # The waits of an exponential end within the window with this probability.
        cut=(1.0 - (-math.log(2) * s.window / ibis.greatest(s.gap, 1.0)).exp()).mean(),
    )
    g = g.filter((g.n >= FEWEST) & (g.half > 0))
    low, half, high = (-(1.0 - q * g.cut).ln() for q in (0.25, 0.5, 0.75))
    return g.select("gid", observed=(g.high - g.low) / g.half, expected=(high - low) / half)


def interval_regularity(facts: Facts) -> Table:
    """Return how even the days between the group's days together are.

    Small for a fixed cycle, be it a ring's (signature 3) or a treatment's; against days chosen
    without arrangement. Misses teams of one group on cycles of their own.
    """
    s = facts.swipes.filter(facts.swipes.joint)
    days = s.select("gid", day=s.day.cast("int64")).distinct()
    order = ibis.window(group_by="gid", order_by="day")
    days = days.mutate(wait=days.day - days.day.lag().over(order))
    days = days.filter(days.wait.notnull())
    g = days.group_by("gid").aggregate(
        n=days.count(),
        spread=_spread(days.wait.cast("float64")),
    )
    g = g.filter(g.n >= FEWEST)
    return g.select("gid", observed="spread", expected=ibis.literal(UNARRANGED))


def _spread(wait: FloatingValue) -> FloatingValue:
    return (wait.quantile(0.75) - wait.quantile(0.25)) / wait.quantile(0.5)
