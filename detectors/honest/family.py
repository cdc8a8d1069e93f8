"""Family, or one buying for another."""

from ibis import _
from ibis.expr.types import Table

from detectors.facts import Facts
from detectors.honest.ordinary import where_ordinary


def family(facts: Facts) -> Table | None:
    """Share of the days the linked pairs met that pairs of one home explain.

    One home is one address or one telephone of two to eight people of the whole register. Pairs
    are judged, not groups: a ring that contains a family is explained only where the family met.
    0 where the basket is not ordinary.
    """
    if not facts.persons_known:
        return None
    return where_ordinary(facts, covered_by(facts, facts.homes, "home"))


def covered_by(facts: Facts, keys: Table, key: str) -> Table:
    """Share of the days of linked pairs whose two persons share a key (person, ``key``).

    In a group without linked pairs every pair of its members counts as one day.
    """
    pairs = facts.pairs.select("gid", "lo", "hi", "days")
    size = facts.members.group_by("gid").aggregate(n=facts.members.person.nunique())
    size = size.anti_join(pairs, "gid")
    a = facts.members.join(keys, "person").select("gid", key, lo="person")
    b = a.select("gid", key, hi="lo")
    tied = a.join(b, ["gid", key]).filter(lambda t: t.lo < t.hi).select("gid", "lo", "hi")
    tied = tied.distinct()
    met = pairs.semi_join(tied, ["gid", "lo", "hi"]).group_by("gid").aggregate(held=_.days.sum())
    total = pairs.group_by("gid").aggregate(total=pairs.days.sum())
    plain = tied.semi_join(size, "gid").group_by("gid").aggregate(held=_.count())
    every = size.filter(size.n > 1).select("gid", total=(size.n * (size.n - 1) / 2).cast("int64"))
    total, held = total.union(every), met.union(plain)
    share = total.left_join(held, "gid")
    return share.select(
        gid=total.gid, share=held.held.fill_null(0).cast("float64") / total.total.cast("float64")
    )
