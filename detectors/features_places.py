"""Features of the care at the group's places: stays, doctors, diseases, sums, growth."""

import ibis
from ibis.expr.types import Table

from detectors.columns import keep
from detectors.facts import Facts
from detectors.features_shared import usual
from detectors.features_usual import (
    FEWEST_OTHERS,
    again_in_a_day,
    against,
    counted,
    engine,
    marked,
    shown,
    whole,
)

SOON = 15  # days from discharge within which agencies take a stay for the same illness as split
SHORT = 2  # days of a stay, the first and the last counted
HISTORY = 90  # days of the extract before a qualification can be said to come from nowhere
WEEK = 7
MONTH = 30
FEWEST_PEERS = 5  # places of one kind and size that show how places grow


def account_drain(facts: Facts) -> Table:
    """B05: share of the personal account that a joint settlement takes.

    Of settlements that take from it at all; 1 leaves nothing. Against other people at the same
    places. Small accounts are emptied by honest people too: that is in the expectation.
    """
    u = usual(facts)
    own = shown(u.mine)
    return against(own, own.drain, counted(u.rows, u.rows.drain))


def chronic_without_history(facts: Facts) -> Table:
    """B12: share of chronic qualifications without an earlier claim for the disease.

    A person's first chronic settlement for a disease (three characters), where the extract reaches
    back ninety days or more. Against other people at the same places. Treatment elsewhere, before
    the extract, or under another code looks the same.
    """
    u = usual(facts)
    known = u.rows.filter(u.rows.illness.notnull() & u.rows.person.notnull())
    one = known.group_by(["person", "illness"]).aggregate(
        since=known.day.min(), qualified=known.day.min(where=known.chronic)
    )
    start = u.rows.aggregate(start=u.rows.day.min())
    one = one.filter(one.qualified.notnull()).cross_join(start)
    one = one.filter(one.qualified >= one.start + HISTORY)
    one = one.select("person", "illness", day="qualified", new=one.since == one.qualified)
    one = keep(engine(facts), "features_qualified", one)
    keys = ["person", "illness", "day"]
    rows = known.filter(known.chronic).join(one, keys)
    own = whole(u.mine)
    own = own.filter(own.chronic).join(one, keys)
    return against(own, own.new, counted(rows, rows.new))


def readmission_gap(facts: Facts) -> Table:
    """B18, split stays: share of stays that begin soon after a stay for the same illness.

    Within fifteen days of discharge, wherever the former stay was; against other people's stays at
    the same places. Courses of treatment look the same; a stay split across illnesses is missed.
    """
    u = usual(facts)
    stays = u.rows.filter(u.rows.stay & u.rows.begin.notnull() & u.rows.end.notnull())
    order = ibis.window(group_by=["person", "illness"], order_by=["begin", "setl_id"])
    wait = stays.begin - stays.end.lag().over(order)
    stays = stays.mutate(wait=wait)
    found = stays.filter((stays.wait >= 0) & (stays.wait <= SOON)).select("setl_id", "place")
    mine = u.mine
    mine = mine.filter(mine.stay & mine.begin.notnull() & mine.end.notnull())
    return marked(whole(mine), stays, found)


def short_light_stays(facts: Facts) -> Table:
    """B20, lowered standard of admission: share of stays of two days at most, and a low fee.

    Low: not above the median stay of the place. The quota it may be near is not in the tables.
    Against other people's stays at the same places. Context: it explains a group, it raises none.
    """
    u = usual(facts)
    stays = u.rows.filter(u.rows.stay & u.rows.begin.notnull() & u.rows.end.notnull())
    low = stays.group_by("place").aggregate(low=stays.fee.quantile(0.5))
    stays = stays.join(low, "place")
    short = (stays.end - stays.begin + 1 <= SHORT) & (stays.fee <= stays.low)
    mine = u.mine
    mine = mine.filter(mine.stay & mine.begin.notnull() & mine.end.notnull())
    return marked(shown(mine), stays, stays.filter(short).select("setl_id", "place"))


def self_pay_shift(facts: Facts) -> Table:
    """B42, cost control evaded: share of a stay's fee that is paid in cash.

    Against other people's stays at the same places. What is prescribed outside during a stay is
    not seen. Context: it explains a group, it raises none.
    """
    u = usual(facts)
    own, rows = shown(u.mine.filter(u.mine.stay)), u.rows.filter(u.rows.stay)
    return against(own, own.cash, counted(rows, rows.cash))


def disease_mix_shift(facts: Facts) -> Table:
    """B22, B24: how often two members carry one diagnosis, by place.

    Against a member and another patient of the same place. The two are equal in whoever falls ill
    like the place's patients, whatever their mix; whole families with one invented diagnosis are
    not. A group gathered for one treatment is not either. Pharmacies have no diagnosis.
    """
    u = usual(facts)
    rows = u.rows.filter(u.rows.illness.notnull())
    own = u.mine.filter(u.mine.illness.notnull() & u.mine.joint & u.mine.person.notnull())
    p = own.group_by(["gid", "place", "illness", "person"]).aggregate(n=own.count())
    kinds = p.group_by(["gid", "place", "illness"]).aggregate(
        n=p.n.sum(), squares=(p.n * p.n).sum()
    )
    people = p.group_by(["gid", "place", "person"]).aggregate(n=p.n.sum())
    people = people.group_by(["gid", "place"]).aggregate(
        n=people.n.sum(), squares=(people.n * people.n).sum()
    )
    everyone = rows.group_by(["place", "illness"]).aggregate(all=rows.count())
    total = everyone.group_by("place").aggregate(whole=everyone["all"].sum())
    kinds = kinds.join(everyone, ["place", "illness"])
    g = kinds.group_by(["gid", "place"]).aggregate(
        alike=(kinds.n * kinds.n - kinds.squares).sum(),
        crossed=(kinds.n * (kinds["all"] - kinds.n)).sum(),
    )
    g = g.join(people, ["gid", "place"]).join(total, "place")
    g = g.mutate(pairs=g.n * g.n - g.squares, rest=g.whole - g.n)
    g = g.filter((g.pairs > 0) & (g.rest >= FEWEST_OTHERS))
    return g.group_by("gid").aggregate(
        observed=g.alike.sum() / g.pairs.sum(),
        expected=(g.crossed / (g.n * g.rest) * g.pairs).sum() / g.pairs.sum(),
    )


def impossible_pace(facts: Facts) -> Table:
    """B23, invented services: settlements of the doctor in the hour of a joint settlement.

    Against the hours of other people's settlements at the same places. The clock is that of the
    cash desk, so a queue there looks the same, and a group that comes together adds its own number.
    No doctor, no row: pharmacies.
    """
    u = usual(facts)
    rows = u.rows.filter(u.rows.counter & u.rows.dr_code.notnull())
    rows = rows.mutate(hour=rows["at"] // 3_600)
    hours = rows.group_by(["place", "dr_code", "hour"]).aggregate(n=rows.count())
    hours = keep(engine(facts), "features_hours", hours)
    everyone = hours.group_by("place").aggregate(
        all_n=hours.n.sum().cast("float64"), all_s=(hours.n * hours.n).sum().cast("float64")
    )
    own = shown(u.mine.filter(u.mine.counter))
    own = own.mutate(hour=own["at"] // 3_600)
    own = own.join(
        hours.select("place", "dr_code", "hour", value="n"), ["place", "dr_code", "hour"]
    )
    return against(own, own.value, everyone)


def doctor_focus(facts: Facts) -> Table:
    """Signatures 3 and 10: share of joint settlements signed by the doctor met most at a place.

    Against that doctor's share of other people's settlements there; places with one doctor say
    nothing. A specialist's patients look the same.
    """
    u = usual(facts)
    own = u.mine.filter(u.mine.counter & u.mine.dr_code.notnull())
    n = own.group_by(["gid", "place", "dr_code"]).aggregate(n=own.joint.sum(), own=own.count())
    window = ibis.window(group_by=["gid", "place"])
    first = ibis.window(group_by=["gid", "place"], order_by=[n.n.desc(), n.dr_code])
    n = n.mutate(
        total=n.n.sum().over(window),
        whole=n.own.sum().over(window),
        best=ibis.row_number().over(first),
    )
    n = n.filter((n.best == 0) & (n.total > 0))
    d = facts.doctors.select("place", "dr_code", "choices", here="n", share="share")
    n = n.join(d, ["place", "dr_code"])
    n = n.mutate(rest=n.here / n.share - n.whole)
    n = n.filter((n.choices > 1) & (n.rest >= FEWEST_OTHERS))
    usual_share = (n.here - n.own) / n.rest
    return n.group_by("gid").aggregate(
        observed=n.n.sum() / n.total.sum(), expected=(usual_share * n.total).sum() / n.total.sum()
    )


def equal_totals(facts: Facts) -> Table:
    """B30, padded prescriptions: share of totals that another patient of the doctor has that week.

    To the cent; where no doctor is known, of the place. Against other people's settlements at the
    same places, so fixed prices are in the expectation.
    """
    u = usual(facts)
    keys = ["place", "doctor", "week", "fee"]
    rows, own = (
        t.filter(t.counter & (t.fee > 0) & t.person.notnull()).mutate(
            doctor=t.dr_code.fill_null(""), week=t.day // WEEK
        )
        for t in (u.rows, shown(u.mine))
    )
    sums = rows.group_by(keys).aggregate(
        n=rows.count(), equal=rows.person.min() < rows.person.max()
    )
    sums = keep(engine(facts), "features_sums", sums)
    everyone = sums.group_by("place").aggregate(
        all_n=sums.n.sum().cast("float64"),
        all_s=ibis.ifelse(sums.equal, sums.n, 0).sum().cast("float64"),
    )
    own = own.join(sums.select(*keys, value="equal"), keys)
    return against(own, own.value, everyone)


def repeat_registration(facts: Facts) -> Table:
    """B33: share of registrations of people who registered twice or more that day, in two visits.

    All registrations of members at the group's places, against other people's there. No rows where
    registrations (``med_type`` 12) are not settled on their own.
    """
    u = usual(facts)
    rows, mine = (t.filter(t.registration) for t in (u.rows, u.mine))
    again = again_in_a_day(rows)
    return marked(whole(mine), rows, again.select("setl_id", "place"))


def place_growth(facts: Facts) -> Table:
    """B40, sudden growth: the steepest step from one month to the next at the group's places.

    A month is thirty days, and the mean month is added to both sides, so that few visits do not
    make a step. Against the median of places of the same kind and size. A new place grows too.
    """
    u = usual(facts)
    rows = u.rows.filter(u.rows.counter)
    span = rows.aggregate(since=rows.day.min(), until=rows.day.max() + 1)
    m = rows.select("place", "day").cross_join(span)
    m = m.mutate(month=(m.day - m.since) // MONTH, months=(m.until - m.since) // MONTH)
    m = m.filter(m.month < m.months)
    n = m.group_by(["place", "month"]).aggregate(n=m.count(), months=m.months.max())
    level = n.group_by("place").aggregate(mean=n.n.sum() / n.months.max())
    before = n.select("place", month=n.month + 1, before="n")
    n = n.filter(n.month > 0).left_join(before, ["place", "month"]).select(n, before.before)
    n = n.join(level, "place")
    step = (n.n + n["mean"]) / (n.before.fill_null(0) + n["mean"])
    steps = (
        n.mutate(step=step)
        .group_by("place")
        .aggregate(step=ibis._.step.max(), size=n["mean"].max())
    )
    steps = steps.join(u.sites.select("place", "place_kind"), "place")
    steps = steps.mutate(size=(steps["size"] + 1.0).log2().floor())
    peers = steps.group_by(["place_kind", "size"]).aggregate(
        peers=steps.count(), expected=steps.step.quantile(0.5)
    )
    steps = steps.join(peers.filter(peers.peers >= FEWEST_PEERS), ["place_kind", "size"])
    own = u.mine.filter(u.mine.joint).join(steps.select("place", "step", "expected"), "place")
    return own.group_by("gid").aggregate(observed=own.step.mean(), expected=own.expected.mean())
