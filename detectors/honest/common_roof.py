"""One roof: nursing home, school, works clinic."""

from ibis.expr.types import Table

from detectors.facts import Facts
from detectors.honest.family import covered_by
from detectors.honest.ordinary import where_ordinary


def common_roof(facts: Facts) -> Table | None:
    """Share of the days the linked pairs met that one house or one employer explains.

    A house is an address of more than eight people of the register, an employer one of at most
    2,000 (a larger number is a whole village or town entered as an employer). 0 where the basket
    is not ordinary.
    """
    if not facts.persons_known:
        return None
    return where_ordinary(facts, covered_by(facts, facts.roofs, "roof"))
