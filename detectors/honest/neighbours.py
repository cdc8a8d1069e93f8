"""Neighbours and friends who go together."""

from ibis.expr.types import Table

from detectors.facts import Facts
from detectors.honest.ordinary import where_ordinary
from detectors.measures import growth

MOST_PEOPLE = 4


def neighbours(facts: Facts) -> Table | None:
    """1 where two to four people buy ordinary things and stay the same few, else 0.

    0 where the basket is not ordinary or somebody is new. Not testable without settlement lines.
    """
    if facts.lines is None:
        return None
    size = facts.members.group_by("gid").aggregate(people=facts.members.person.nunique())
    new = growth(facts).select("gid", new="observed")
    j = size.join(new, "gid")
    few = (j.people <= MOST_PEOPLE) & (j.new <= 0.0)
    return where_ordinary(facts, j.select("gid", share=few.cast("float64")))
