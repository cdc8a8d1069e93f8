"""Features that need the lines of a settlement: what was bought, in what number, from which box."""

import ibis
from ibis.expr.types import Table

from detectors.facts import Facts
from detectors.features_shared import bought, usual
from detectors.features_usual import FEWEST_OTHERS, marked, whole

FEWEST_MONTHS = 20  # of a drug, to know its upper twentieth
LARGE = 0.95
NEIGHBOURS = 3  # with so many next in drawn order is a settlement compared: all pairs of four


def trace_drug_mismatch(facts: Facts) -> Table | None:
    """B27, swapped drugs: share of trace codes whose first digits belong to another drug.

    A prefix belongs to the drug code that most of its boxes in the sample were billed under.
    Against sampled settlements of people in no group at the same places. Misses a swap done with
    every box of a drug, and what is sold without a trace code.
    """
    b = bought(facts)
    if b is None:
        return None
    lines = b.lines.filter(b.lines.prefix.notnull()).join(b.prefixes, "prefix")
    lines = lines.mutate(value=(lines.code != lines.owner).cast("float64"))
    lines = lines.select("setl_id", "value")
    u = usual(facts)
    own, rest = (
        rows.select(*keys, "setl_id")
        .join(lines, "setl_id")
        .group_by(list(keys))
        .aggregate(n=ibis._.count().cast("float64"), s=ibis._.value.sum())
        for rows, keys in (
            (u.mine.filter(u.mine.joint), ("gid", "place")),
            (b.sample, ("place",)),
        )
    )
    return _beside(own, rest)


def split_prescriptions(facts: Facts) -> Table | None:
    """B31, split prescriptions: share of settlements with a drug the person bought twice that day.

    In two visits, at any places; rows of one visit are the system's own splitting. All that members
    did at the places of the group, against other people there. The limit that each part stays
    below is not in the tables; a prescription split over several days is missed.
    """
    b, u = bought(facts), usual(facts)
    if b is None:
        return None
    drugs = b.lines.filter(b.lines.drug).select("setl_id", "code")
    day = u.again.join(drugs, "setl_id")
    n = day.group_by(["person", "day", "code"]).aggregate(visits=day.visit.nunique())
    twice = day.semi_join(n.filter(n.visits >= 2), ["person", "day", "code"])
    counter = u.rows.filter(u.rows.counter)
    mine = whole(u.mine.filter(u.mine.counter))
    return marked(mine, counter, twice.select("setl_id", "place").distinct())


def overbuying(facts: Facts) -> Table | None:
    """B32, too much of one drug: share of the members' drug-months in the drug's upper twentieth.

    A drug-month is what one person bought of one drug at all places within thirty days, in packs;
    its own distribution is that of sampled people in no group, and the expectation is what share of
    theirs lies above, which ties may make smaller than a twentieth. Long prescriptions look the
    same; drugs too rare to know are left out.
    """
    b = bought(facts)
    if b is None:
        return None
    other = b.months.filter(b.months.sampled).anti_join(facts.members, "person")
    known = other.group_by("code").aggregate(
        months=other.count(), large=other.quantity.quantile(LARGE)
    )
    known = known.filter(known.months >= FEWEST_MONTHS)
    other = other.join(known, "code")
    rate = other.group_by("code").aggregate(
        large=other.large.min(), rate=(other.quantity > other.large).mean()
    )
    mine = facts.members.select("gid", "person").distinct().join(b.months, "person")
    mine = mine.join(rate, "code")
    return mine.group_by("gid").aggregate(
        observed=(mine.quantity > mine.large).mean(), expected=mine.rate.mean()
    )


def same_basket(facts: Facts) -> Table | None:
    """Signature 4: share of two members' settlements of one session that hold the same code.

    Drug or item; against two settlements of people in no group drawn at random there. In a
    long session each settlement is compared with a few drawn ones. Says nothing of groups that do
    not meet; a shared treatment looks the same.
    """
    b, u = bought(facts), usual(facts)
    if b is None:
        return None
    mine = u.mine.filter(u.mine.joint & u.mine.session.notnull())
    own = _alike(mine, ["gid", "session", "place"], b.lines, NEIGHBOURS)
    return _beside(own, _alike(b.sample, ["place"], b.lines, 1))


def _beside(own: Table, rest: Table) -> Table:
    """Return gid, observed, expected of own (gid, place, n, s) beside the sample (place, n, s)."""
    rest = rest.filter(rest.n >= FEWEST_OTHERS)
    j = own.join(rest.select("place", rate=rest.s / rest.n), "place")
    j = j.group_by("gid").aggregate(
        observed=j.s.sum() / j.n.sum(),
        expected=(j.rate * j.n).sum() / j.n.sum(),
        any=(j.s + j.rate).max(),
    )
    return j.filter(j["any"] > 0).drop("any")


def _alike(rows: Table, together: list[str], lines: Table, steps: int) -> Table:
    """Return n pairs of settlements of two persons that were together, s of them with one code.

    A settlement is paired with the next ``steps`` in drawn order. Columns: gid where there is one,
    place, n, s.
    """
    order = ibis.window(group_by=together, order_by=["lot", "setl_id"])
    codes = rows.select(*together, "person", "setl_id", "lot").join(lines, "setl_id")
    codes = codes.mutate(turn=ibis.dense_rank().over(order))
    codes = codes.select(*together, "person", "code", "turn")
    step = ibis.array(list(range(1, steps + 1))).unnest()
    later = codes.select(*together, after="turn", with_person="person", with_code="code", step=step)
    later = later.select(
        *together, "with_person", "with_code", "step", turn=later.after - later.step
    )
    j = codes.join(later, [*together, "turn"])
    j = j.filter(j.person != j.with_person)
    pairs = j.group_by([*together, "turn", "step"]).aggregate(same=(j.code == j.with_code).any())
    keys = [key for key in together if key != "session"]
    return pairs.group_by(keys).aggregate(
        n=pairs.count().cast("float64"), s=pairs.same.sum().cast("float64")
    )
