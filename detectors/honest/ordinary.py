"""An ordinary basket: what an honest explanation asks of what people bought together.

A shared address alone explains nothing: a ring may register its members at one. What clears a
family, a home or a clinic day is that they buy what is ordinary where they buy it.
"""

from ibis.expr.types import Table

from detectors.facts import Facts
from detectors.measures import fee_level, resale_share

FEE = 1.5  # times the places' mean fee
RESALE = 0.15  # share of settlements with a resale-prone drug, above the places' own


def ordinary(facts: Facts) -> Table:
    """Return gid, ordinary: whether fees and resale-prone drugs are about those of the places.

    What cannot be measured (all fees alike, no settlement lines) is taken as ordinary.
    """
    groups = facts.swipes.select("gid").distinct()
    fee = fee_level(facts).select("gid", fee=lambda t: t.observed / t.expected)
    j = groups.left_join(fee, "gid").select(groups.gid, fee.fee)
    plain = (j.fee <= FEE).fill_null(True)
    resale = resale_share(facts)
    if resale is None:
        return j.select("gid", ordinary=plain)
    more = resale.select("gid", more=lambda t: t.observed - t.expected)
    j = j.left_join(more, "gid").select(j, more.more)
    return j.select(
        "gid", ordinary=(j.fee <= FEE).fill_null(True) & (j.more <= RESALE).fill_null(True)
    )


def where_ordinary(facts: Facts, share: Table) -> Table:
    """Return gid, share with the share set to 0 where the basket is not ordinary."""
    j = share.join(ordinary(facts), "gid")
    return j.select("gid", share=j.share * j.ordinary.cast("float64"))
