"""Batch uploads and rounded clocks: many rows on one second are data quality, not people."""

import ibis
from ibis.expr.types import Table

from detectors.facts import Facts


def batch_upload(facts: Facts) -> Table:
    """Share of the joint swipes on the very second of another member's, at one place.

    Not testable where times are known only to the day.
    """
    s = facts.swipes.filter(facts.swipes.joint & facts.swipes.clocked)
    same = s.group_by(["gid", "place", "at"]).aggregate(
        people=s.person.nunique(), n=s.count().cast("float64")
    )
    return same.group_by("gid").aggregate(
        share=ibis.ifelse(same.people > 1, same.n, 0.0).sum() / same.n.sum()
    )
