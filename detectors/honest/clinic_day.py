"""A clinic day: chronic-disease day, or a village doctor buying for elders."""

from ibis.expr.types import Table

from detectors.facts import Facts
from detectors.measures import fee_level, resale_share

ELDERLY = 60  # years


def clinic_day(facts: Facts) -> Table | None:
    """Share of the joint swipes that elderly people made at one medical institution.

    0 where the basket is not ordinary: fees from one and a half times the place's, or resale-prone
    drugs more than 15 points above it. Not testable without persons or settlement lines.
    """
    resale = resale_share(facts)
    if resale is None or not facts.persons_known:
        return None
    s = facts.swipes.filter(facts.swipes.joint)
    people = facts.people.select("gid", "person", "birth_year")
    s = s.join(people, ["gid", "person"])
    age = 1970 + s.day / 365.25 - s.birth_year
    hit = (age >= ELDERLY) & s.fixmedins_code.startswith("H")
    at = s.mutate(hit=hit.fill_null(False))
    by_place = at.group_by(["gid", "place"]).aggregate(hits=at.hit.sum(), n=at.count())
    share = by_place.group_by("gid").aggregate(
        share=by_place.hits.max().cast("float64") / by_place.n.sum().cast("float64")
    )
    fee = fee_level(facts).select("gid", fee=lambda t: t.observed / t.expected)
    more = resale.select("gid", more=lambda t: t.observed - t.expected)
    j = share.join(more, "gid")
    j = j.left_join(fee, "gid").select(j, fee.fee)
    ordinary = (j.fee <= 1.5).fill_null(True) & (j.more <= 0.15)
    return j.select("gid", share=j.share * ordinary.cast("float64"))
