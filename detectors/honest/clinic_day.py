"""A clinic day: chronic-disease day, or a village doctor buying for elders."""

from ibis.expr.types import Table

from detectors.facts import Facts
from detectors.honest.ordinary import where_ordinary

ELDERLY = 60  # years


def clinic_day(facts: Facts) -> Table | None:
    """Share of the joint swipes that elderly people made at one medical institution.

    0 where the basket is not ordinary. Not testable without persons or settlement lines.
    """
    if facts.lines is None or not facts.persons_known:
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
    return where_ordinary(facts, share)
