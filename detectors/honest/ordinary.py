"""An ordinary basket: what an honest explanation asks of what people bought together.

A shared address alone explains nothing: a ring may register its members at one. What clears a
family, a home or a clinic day is that they buy what is ordinary where they buy it. Dear patients
are ordinary too, so a basket is beyond that only where it is much dearer than usual **and** dearer,
fees and resale-prone drugs together (Stouffer's sum), than nearly every group of as many customers
of the same places: three people with costly medicines are a family, thirty are not.
"""

import ibis
from ibis import _
from ibis.expr.types import Table

from detectors.facts import Facts
from detectors.measures import resale_share

FEE = 1.5  # times the places' mean fee
RESALE = 0.15  # share of settlements with a resale-prone drug, above the places' own
BEYOND = 3.09  # standard deviations, 999 in 1,000 lie below: a county has hundreds of families


def ordinary(facts: Facts) -> Table:
    """Return gid, ordinary: whether fees and resale-prone drugs are about those of the places.

    What cannot be measured (all fees alike, no settlement lines) is taken as ordinary.
    """
    shown = facts.swipes.filter(facts.swipes.joint)
    found = facts.swipes.select("gid").distinct()
    for part in (_fees(facts, shown), _resale(facts, shown)):
        found = found.left_join(part, "gid").drop("gid_right")
    known = found.fee_far.notnull().cast("float64") + found.resale_far.notnull().cast("float64")
    far = found.fee_far.fill_null(0.0) + found.resale_far.fill_null(0.0)
    plain = found.cheap.fill_null(True) & found.few.fill_null(True)
    within = far <= BEYOND * known.sqrt()
    return found.select("gid", ordinary=plain | ((known > 0) & within))


def where_ordinary(facts: Facts, share: Table) -> Table:
    """Return gid, share with the share set to 0 where the basket is not ordinary."""
    j = share.join(ordinary(facts), "gid")
    return j.select("gid", share=j.share * j.ordinary.cast("float64"))


def _fees(facts: Facts, shown: Table) -> Table:
    """Return gid, cheap, fee_far: the members' fees in deviations from those of customers."""
    usual = facts.places.filter(facts.places.spread > 0)
    s = shown.join(usual.select("place", "fee", "log_fee", "log_spread"), "place")
    each = s.group_by(["gid", "person"]).aggregate(
        paid=_.net_sum.cast("float64").sum(),
        usual=_.fee.sum(),
        middle=_.log_fee.mean(),
        above=_.log_spread.mean(),
    )
    each = each.mutate(log=(ibis.greatest(each.paid, 0.01) / each.usual).ln())
    n = each.group_by("gid").aggregate(
        ratio=_.paid.sum() / _.usual.sum(),
        over=_.log.mean() - _.middle.mean(),
        above=_.above.mean(),
        people=_.count(),
    )
    return n.select(
        "gid", cheap=n.ratio <= FEE, fee_far=n.over * n.people.sqrt() / n.above.nullif(0)
    )


def _resale(facts: Facts, shown: Table) -> Table:
    """Return gid, few, resale_far: the same of the share with a resale-prone drug."""
    share, spread = resale_share(facts), facts.resale_spread
    if share is None or spread is None:
        unknown = shown.select("gid").distinct()
        return unknown.mutate(few=ibis.null("boolean"), resale_far=ibis.null("float64"))
    s = shown.left_join(spread, "place").select("gid", "person", "above")
    n = s.group_by("gid").aggregate(above=s.above.mean(), people=s.person.nunique())
    j = share.join(n, "gid").mutate(more=_.observed - _.expected)
    return j.select(
        "gid", few=j.more <= RESALE, resale_far=j.more * j.people.sqrt() / j.above.nullif(0)
    )
