"""A busy counter: pharmacy beside a hospital, kiosk, registration hall."""

import ibis
from ibis.expr.types import Table

from detectors.facts import Facts


def busy_place(facts: Facts) -> Table:
    """Share of the days the linked pairs met that chance alone explains."""
    p = facts.pairs
    return p.group_by("gid").aggregate(
        share=ibis.least(p.expected.sum() / p.days.sum().cast("float64"), 1.0)
    )
