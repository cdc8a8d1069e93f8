"""Signs of joint stays, each against the stays of other people at the same institutions.

The honest explanation ``treatment_course``: the same treatment on a fixed cycle (chemotherapy,
maintenance infusions). A person's joint stays count as a course where they follow one another at
regular intervals and either
- are a day ward's: at most two nights (日间病房), again after at most six weeks, or
- are always for the same disease, with the same items where lines were delivered, and the disease
  is one that is treated in courses: a malignant one (ICD-10 C00–C97, D00–D09, Z51), or one for
  which other people of the extract come back far more often than for the rest.
"""

import ibis
import numpy as np
import pyarrow as pa
from ibis.expr.types import BooleanValue, Table

from detectors.candidates import Context, Sign
from detectors.columns import clean, delivered, keep
from detectors.tallies import commonest, dense, seen
from detectors.world import Floats

SIGNS: tuple[Sign, ...] = (
    Sign(name="stay_pairs", unit="stays", score="log2_ratio"),
    Sign(name="stay_together", unit="share", score="observed"),
    Sign(name="stay_people", unit="people", score="observed"),
    Sign(name="stay_repeats", unit="stays", score="log2_ratio"),
    Sign(name="stay_fee", unit="yuan", score="log2_ratio", rising=False),
    Sign(name="stay_fee_spread", unit="spread", score="log2_ratio", rising=False),
    Sign(name="stay_one_doctor", unit="share", score="difference"),
    Sign(name="stay_one_disease", unit="share", score="difference"),
    Sign(name="stay_bed", unit="share", score="difference"),
    Sign(name="stay_elsewhere", unit="share", score="difference"),
)

HONEST = ("treatment_course",)

STEADY = 0.25  # intervals of a course: standard deviation at most a quarter of their mean
DAY_WARD_NIGHTS = 2  # a day ward keeps its patients for 24 to 48 hours
CYCLE_DAYS = 42  # regimens repeat after 14, 21 or 28 days, a few after 42
ALIKE = 0.5  # share of items that two stays of a course have in common (Jaccard index)
LEAST_OTHERS = 5  # other patients of a disease, below which nothing is known of its course
RECURS = 2.0  # times the usual share of returning patients
MALIGNANT = "^(C[0-9]|D0[0-9]|Z51)"  # ICD-10 chapters treated in planned cycles of admission


def measured(
    context: Context, table: Table, joint: pa.Table, members: pa.Table, expected: Floats
) -> tuple[dict[str, tuple[Floats, Floats]], dict[str, Floats]]:
    """Return signs and honest shares of the groups whose joint stays these are.

    ``table`` is that of :func:`detectors.admissions_stays.stay_table`, ``joint`` holds gid, stay
    and present, ``members`` gid and person, ``expected`` the pairs of stays that chance explains.
    """
    backend, count = context.backend, len(expected)
    held = keep(backend, "admission_joint", ibis.memtable(joint))
    people = keep(backend, "admission_members", ibis.memtable(members))
    stays = keep(backend, "admission_one", _one_row_a_stay(table))
    here = held.join(stays, "stay")
    at = here.select("gid", "place").distinct()
    # Ordinary is what the other people at the same places do.
    others = at.join(stays, "place").anti_join(people, ["gid", "person"])
    others = keep(backend, "admission_others", others)
    here = keep(backend, "admission_here", here)
    found = {
        "stay_pairs": _pairs(here, expected),
        "stay_together": _together(here, people, stays),
        "stay_people": here.group_by("gid").aggregate(
            observed=here.present.quantile(0.5).cast("float64"), expected=ibis.literal(2.0)
        ),
        "stay_repeats": _repeats(here, others),
        "stay_fee": _fee(here, others),
        "stay_fee_spread": _spread(here, others),
        "stay_one_doctor": _one(here, others, "doctor"),
        "stay_one_disease": _one(here, others, "disease"),
        "stay_bed": _bed(context, here, others),
        "stay_elsewhere": _elsewhere(context, here, others),
    }
    signs = {name: seen(backend, t, count) for name, t in found.items()}
    course = _course(context, table, here, stays, people)
    return signs, dict(zip(HONEST, dense(backend, course, count, "share"), strict=True))


def _one_row_a_stay(table: Table) -> Table:
    return table.group_by(
        ["stay", "person", "place", "begin", "end", "nights", "stratum"]
    ).aggregate(
        psn_no=table.psn_no.min(),
        fixmedins_code=table.fixmedins_code.min(),
        setl_id=table.setl_id.min(),
        doctor=table.dr_code.min(),
        disease=table.dise_no.min().left(3),
        fee=table.fee.sum().round(2),
    )


def _pairs(here: Table, expected: Floats) -> Table:
    chance = ibis.memtable(pa.table({"gid": np.arange(len(expected)), "expected": expected}))
    n = here.group_by("gid").aggregate(observed=(here.present - 1).sum() / 2)
    return n.join(chance, "gid").select("gid", "observed", "expected")


def _together(here: Table, people: Table, stays: Table) -> Table:
    every = people.join(stays, "person").group_by("gid").aggregate(n=ibis._.count())
    n = here.group_by("gid").aggregate(joint=here.count()).join(every, "gid")
    return n.select("gid", observed=n.joint / n.n, expected=ibis.literal(0.0))


def _repeats(here: Table, others: Table) -> Table:
    n = here.group_by("gid").aggregate(observed=here.count() / here.person.nunique())
    each = others.group_by(["gid", "person", "place"]).aggregate(n=others.count())
    usual = each.group_by("gid").aggregate(expected=each.n.mean())
    return n.join(usual, "gid").select("gid", "observed", "expected")


def _fee(here: Table, others: Table) -> Table:
    """Compare with stays of the same class of nights at the same place."""
    usual = others.filter(others.fee > 0).group_by(["gid", "place", "stratum"])
    usual = usual.aggregate(base=ibis._.fee.mean())
    h = here.join(usual, ["gid", "place", "stratum"])
    return h.group_by("gid").aggregate(observed=h.fee.mean(), expected=h.base.mean())


def _spread(here: Table, others: Table) -> Table:
    def of(t: Table, name: str) -> Table:
        t = t.filter(t.fee > 0).mutate(log=ibis._.fee.ln())
        return t.group_by("gid").aggregate(**{name: t.log.std()})

    like = others.semi_join(here, ["gid", "place", "stratum"])
    return of(here, "observed").join(of(like, "expected"), "gid")


def _one(here: Table, others: Table, column: str) -> Table:
    """Return the share of the commonest doctor or disease; who has no other patients is unusual."""
    n = commonest(here, others, column)
    return n.mutate(expected=n.expected.fill_null(0.0))


def _bed(context: Context, here: Table, others: Table) -> Table | None:
    """Return the share of stays in a bed that another person lay in on the same night."""
    visits = delivered(context.backend, context.workspace, "mdtrt")
    if visits is None:
        return None
    v = visits.filter(visits.adm_bed.notnull() & visits.begntime.notnull())
    v = v.select(
        "psn_no",
        "fixmedins_code",
        "adm_bed",
        since=v.begntime.cast("date"),
        until=ibis.coalesce(v.endtime, v.begntime).cast("date"),
    )
    first = ibis.date(1970, 1, 1)
    v = v.mutate(
        since=v.since.delta(first, unit="day").cast("int64"),
        until=v.until.delta(first, unit="day").cast("int64"),
    )
    v = keep(context.backend, "admission_visits", v.semi_join(here, "fixmedins_code"))
    w = v.view()
    twice = v.join(
        w,
        [
            v.fixmedins_code == w.fixmedins_code,
            v.adm_bed == w.adm_bed,
            v.psn_no != w.psn_no,
            v.since < w.until,
            w.since < v.until,
        ],
    )
    twice = twice.select("psn_no", "fixmedins_code", "since").distinct().mutate(double=True)
    v = v.left_join(twice, ["psn_no", "fixmedins_code", "since"])
    v = v.select("psn_no", "fixmedins_code", begin=v.since, double=v.double.notnull())
    v = keep(context.backend, "admission_beds", v)
    return _share(here, others, v, ["psn_no", "fixmedins_code", "begin"])


def _elsewhere(context: Context, here: Table, others: Table) -> Table:
    """Return the share of stays in the midst of which the person settled at another place."""
    like = others.semi_join(here, ["gid", "place", "stratum"])
    s = clean(context.backend, context.workspace, "settlements")
    s = s.filter(s.live & s.online & (s.med_class != "inpatient"))
    s = s.select("psn_no", "day", elsewhere="fixmedins_code")
    stays = here.select("psn_no", "fixmedins_code", "stay", "begin", "end")
    stays = stays.union(like.select(*stays.columns)).distinct()
    hit = stays.join(s, "psn_no")
    hit = hit.filter(
        (hit.day > hit.begin) & (hit.day < hit.end) & (hit.elsewhere != hit.fixmedins_code)
    )
    hit = stays.left_join(hit.select("stay").distinct().mutate(double=True), "stay")
    hit = hit.select("stay", double=hit.double.notnull())
    long = here.filter(here.nights >= 2)  # the first and the last day are left out
    hit = keep(context.backend, "admission_elsewhere", hit)
    return _share(long, like.filter(like.nights >= 2), hit, ["stay"])


def _share(here: Table, others: Table, marked: Table, keys: list[str]) -> Table:
    """Return the share of stays that are marked, of the group and of the others."""
    own, usual = here.join(marked, keys), others.join(marked, keys)
    found = own.group_by("gid").aggregate(observed=own.double.mean())
    usual = usual.group_by("gid").aggregate(expected=usual.double.mean())
    return found.join(usual, "gid").select("gid", "observed", "expected")


def _course(
    context: Context, table: Table, here: Table, stays: Table, people: Table
) -> Table | None:
    """Return the share of joint stays that belong to a course of treatment of their person."""
    turn = ibis.window(group_by=["gid", "person"], order_by="begin")
    h = here.mutate(gap=here.begin - here.begin.lag().over(turn))
    own = h.group_by(["gid", "person"]).aggregate(
        n=h.count(),
        steady=h.gap.std() <= STEADY * h.gap.mean(),
        day_ward=(h.nights.max() <= DAY_WARD_NIGHTS) & (h.gap.mean() <= CYCLE_DAYS),
        diseases=h.disease.nunique(),
        disease=h.disease.min(),
    )
    own = own.left_join(_recurring(stays, people), "disease")
    own = own.left_join(_alike(context, table, here), ["gid", "person"])
    treated = (own.disease.re_search(MALIGNANT) | own.recurs.fill_null(False)).fill_null(False)
    same = (own.diseases == 1) & treated & own.alike.fill_null(True)
    cycle = (own.n >= 3) & own.steady.fill_null(False)
    course = cycle & (own.day_ward.fill_null(False) | same)
    known = (own.diseases > 0) | course
    return own.group_by("gid").aggregate(
        share=ibis.ifelse(
            known.any(), ibis.ifelse(course, own.n, 0).sum() / own.n.sum(), ibis.null("float64")
        )
    )


def _recurring(stays: Table, people: Table) -> Table:
    """Return the diseases for which people outside all groups come back unusually often."""
    o = stays.anti_join(people, "person").filter(ibis._.disease.notnull())
    n = o.group_by(["disease", "person"]).aggregate(back=o.count() >= 3)
    usual = n.aggregate(usual=n.back.mean())
    d = n.group_by("disease").aggregate(of=n.count(), back=n.back.mean()).cross_join(usual)
    recurs: BooleanValue = (d["of"] >= LEAST_OTHERS) & (d.back > RECURS * d.usual)
    return d.filter(recurs & (d.back > 0)).select("disease", recurs=ibis.literal(True))


def _alike(context: Context, table: Table, here: Table) -> Table:
    """Return whether the items of a person's joint stays are the same from stay to stay."""
    lines = delivered(context.backend, context.workspace, "fee_list")
    if lines is None:
        return here.select("gid", "person").distinct().mutate(alike=ibis.null("boolean"))
    bills = table.semi_join(here, "stay").select("stay", "setl_id")
    items = bills.join(lines.select("setl_id", "med_list_codg"), "setl_id")
    items = keep(
        context.backend, "admission_items", items.select("stay", "med_list_codg").distinct()
    )
    turn = ibis.window(group_by=["gid", "person"], order_by="begin")
    two = here.select("gid", "person", "stay", before=here.stay.lag().over(turn))
    size = items.group_by("stay").aggregate(size=items.count())
    two = two.filter(two.before.notnull()).join(size, "stay")
    two = two.join(size.select(before="stay", size_before="size"), "before")
    both = two.join(items, "stay").join(
        items.select(before="stay", med_list_codg="med_list_codg"), ["before", "med_list_codg"]
    )
    shared = both.group_by(["gid", "person", "stay"]).aggregate(shared=both.count())
    two = two.left_join(shared, ["gid", "person", "stay"])
    union = two["size"] + two.size_before - two.shared.fill_null(0)
    two = two.select("gid", "person", jaccard=two.shared.fill_null(0) / union)
    return two.group_by(["gid", "person"]).aggregate(alike=two.jaccard.quantile(0.5) >= ALIKE)
