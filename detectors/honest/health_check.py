"""Health-check or vaccination day: one big session that is not repeated."""

from ibis.expr.types import Table

from detectors.facts import Facts


def health_check(facts: Facts) -> Table:
    """Share of the group's joint swipes that fall on its single largest day."""
    s = facts.swipes.filter(facts.swipes.joint)
    days = s.group_by(["gid", "day"]).aggregate(n=s.count().cast("float64"))
    return days.group_by("gid").aggregate(share=days.n.max() / days.n.sum())
