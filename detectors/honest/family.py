"""Family, or one buying for another."""

from ibis.expr.types import Table

from detectors.facts import Facts


def family(facts: Facts) -> Table | None:
    """Share of the days the linked pairs met that pairs of one home explain.

    One home is one address or one telephone of two to eight people of the whole register. Pairs
    are judged, not groups: a ring that contains a family is explained only where the family met.
    """
    if not facts.persons_known:
        return None
    return covered_by(facts, facts.homes, "home")


def covered_by(facts: Facts, keys: Table, key: str) -> Table:
    """Share of the days of linked pairs whose two persons share a key (person, ``key``)."""
    pairs = facts.pairs.select("gid", "lo", "hi", "days")
    a = keys.select(key, lo="person")
    b = keys.select(key, hi="person")
    tied = pairs.join(a, "lo").join(b, ["hi", key]).select("gid", "lo", "hi").distinct()
    total = pairs.group_by("gid").aggregate(total=pairs.days.sum())
    held = pairs.semi_join(tied, ["gid", "lo", "hi"])
    held = held.group_by("gid").aggregate(held=held.days.sum())
    share = total.left_join(held, "gid")
    return share.select(
        gid=total.gid, share=held.held.fill_null(0).cast("float64") / total.total.cast("float64")
    )
