"""Neighbours and friends who go together."""

from ibis.expr.types import Table

from detectors.facts import Facts
from detectors.measures import fee_level, growth, resale_share

MOST_PEOPLE = 4


def neighbours(facts: Facts) -> Table | None:
    """1 where two to four people buy ordinary things and stay the same few, else 0.

    Ordinary: fees below one and a half times the place's, resale-prone drugs at most 15 points
    above it, and no newcomer. Not testable without settlement lines.
    """
    resale = resale_share(facts)
    if resale is None:
        return None
    size = facts.members.group_by("gid").aggregate(people=facts.members.person.nunique())
    fee = fee_level(facts).select("gid", fee=lambda t: t.observed / t.expected)
    more = resale.select("gid", more=lambda t: t.observed - t.expected)
    new = growth(facts).select("gid", new="observed")
    j = size.join(more, "gid").join(new, "gid")
    j = j.left_join(fee, "gid").select(j, fee.fee)
    cheap = (j.fee <= 1.5).fill_null(True)
    ordinary = (j.people <= MOST_PEOPLE) & cheap & (j.more <= 0.15) & (j.new <= 0.0)
    return j.select("gid", share=ordinary.cast("float64"))
