"""What was bought: the lines of members' settlements and of a sample, read once for all features.

Lines are many, so they are read once, for the settlements of members and for a sample: a few
hundred settlements of each place, all settlements of some thousands of persons, and those of people
who were somewhere twice in a day. The sample is drawn from person and time, hence always the same.
"""

from dataclasses import dataclass

import ibis
from ibis.expr.types import Table

from detectors.columns import keep
from detectors.facts import Facts
from detectors.features_usual import Usual, engine, imported

SAMPLE_PLACE = 250  # settlements of a place: a share is then known to three points
SAMPLE_PERSONS = 5_000  # persons whose drugs, month by month, show what is usual of each drug
DRUG = 23  # characters of the code of a drug, which begins with X or Z
TRACE = 20  # digits of a national trace code, 8 first; the first seven name the drug
FEWEST_BOXES = 5  # so many boxes say whose prefix it is; fewer may be the swapped ones themselves
MONTH = 30  # days


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """Tables of what was bought.

    ``lines``: setl_id, code, drug (whether it is one), quantity (packs), prefix (of the trace code,
    NULL where it names no drug), one row a line. ``prefixes``: prefix, owner. ``sample``: setl_id,
    place, person, lot of people in no group. ``months``: person, code, month, quantity, sampled.
    """

    lines: Table
    prefixes: Table
    sample: Table
    months: Table


def bought_by(facts: Facts, u: Usual) -> Bought | None:
    """Read the lines of members and samples once; None where no lines were delivered."""
    lines, backend = imported(facts, "fee_list"), engine(facts)
    if lines is None:
        return None
    sample = keep(backend, "features_sample", _sample(u))
    drawn = keep(backend, "features_drawn", _drawn(u, facts))
    months = u.rows.join(drawn, "person").select("setl_id", "person", "day", "sampled")
    wanted = sample.select("setl_id").union(u.again.select("setl_id"))
    wanted = wanted.union(months.select("setl_id")).union(u.mine.select("setl_id")).distinct()
    trace, code = lines.drug_trac_codg, lines.med_list_codg
    told = lines.select(
        "setl_id",
        code="med_list_codg",
        drug=(code.length() == DRUG) & code.left(1).isin(["X", "Z"]),
        quantity=lines.cnt.fill_null(1.0),
        prefix=ibis.ifelse((trace.length() == TRACE) & (trace.left(1) == "8"), trace.left(7), None),
    )
    kept = keep(backend, "features_lines", told.semi_join(wanted, "setl_id"))
    return Bought(
        lines=kept,
        prefixes=keep(backend, "features_prefixes", _prefixes(kept.anti_join(u.mine, "setl_id"))),
        sample=sample,
        months=keep(backend, "features_months", _months(months, kept)),
    )


def _sample(u: Usual) -> Table:
    """Return some settlements of people in no group at each place where groups rest."""
    here = u.mine.filter(u.mine.joint).select("place").distinct()
    rows = u.rows.semi_join(here, "place").anti_join(u.mine, "setl_id")
    n = rows.group_by("place").aggregate(n=rows.count())
    rows = rows.join(n, "place")
    rows = rows.filter(rows.lot * rows.n < SAMPLE_PLACE)
    return rows.select("setl_id", "place", "person", "lot")


def _drawn(u: Usual, facts: Facts) -> Table:
    """Return the members, and persons drawn from all; ``sampled`` marks the latter."""
    number = (u.people.person.cast("int64") * 805_459_861) % 1_000_003
    share = ibis.least(1.0, SAMPLE_PERSONS / u.people.count().cast("float64"))
    p = u.people.select("person", drawn=number / 1_000_003.0)
    p = p.cross_join(u.people.aggregate(share=share))
    p = p.select("person", sampled=p.drawn < p.share)
    return p.filter(p.sampled | p.person.isin(facts.members.person))


def _prefixes(lines: Table) -> Table:
    """Return prefix and owner: the code that most of the boxes with the prefix are billed under."""
    known = lines.filter(lines.prefix.notnull() & lines.drug)
    n = known.group_by(["prefix", "code"]).aggregate(n=known.count())
    p = n.group_by("prefix").aggregate(total=n.n.sum(), most=n.n.max())
    p = p.filter((p.total >= FEWEST_BOXES) & (p.most * 2 > p.total))
    j = n.join(p, "prefix")
    j = j.filter(j.n == j.most)
    return j.select("prefix", owner="code")


def _months(rows: Table, lines: Table) -> Table:
    drugs = lines.filter(lines.drug & (lines.quantity > 0))
    j = rows.mutate(month=rows.day // MONTH).join(drugs, "setl_id")
    return j.group_by(["person", "code", "month"]).aggregate(
        quantity=j.quantity.sum().round(3), sampled=j.sampled.any()
    )
