"""Features of the members: who they are, where else they were, what they gave back."""

import math

import ibis
from ibis.expr.types import FloatingValue, Table

from detectors.facts import Facts
from detectors.features_shared import usual
from detectors.features_usual import (
    FEWEST_OTHERS,
    Usual,
    against,
    counted,
    imported,
    marked,
    shown,
    whole,
)

FASTEST = 120 / 3.6  # metres a second: the highest limit on any road (Road Traffic Safety Law, 78)
CLOCKS = 60  # seconds that two clocks may differ; within them two rows are one visit


def double_presence(facts: Facts) -> Table:
    """B03: share of settlements made while the holder lay in hospital elsewhere, or after death.

    The first and last day of a stay do not count. Against other people at the same places, which
    absorbs relatives who collect drugs and beds kept in name. Misses who stands in for someone that
    is merely at home.
    """
    u = usual(facts)
    rows = u.rows.filter(u.rows.counter)
    stays = u.rows.filter(u.rows.stay & (u.rows.end - u.rows.begin >= 2))
    stays = stays.select("person", "begin", "end", bed="place")
    in_bed = rows.drop("begin", "end").join(stays, "person")
    in_bed = in_bed.filter(
        (in_bed.place != in_bed.bed) & (in_bed.day > in_bed.begin) & (in_bed.day < in_bed.end)
    )
    dead = rows.join(u.people.filter(u.people.died.notnull()), "person")
    dead = dead.filter(dead.day > dead.died)
    found = in_bed.select("setl_id", "place").union(dead.select("setl_id", "place"), distinct=True)
    return marked(whole(u.mine.filter(u.mine.counter)), rows, found)


def travel(facts: Facts) -> Table:
    """B03 and signature 6: share of settlements that no journey explains.

    The person was at another place the same day, so far off in so short a time that the straight
    line asks for more than the highest speed on a road. Against other people at the same places;
    misses nights, and places without coordinates or
    without a clock.
    """
    u = usual(facts)
    sites = u.sites.filter(u.sites.lnt.notnull() & u.sites.lat.notnull())
    sites = sites.select("place", "lnt", "lat")
    a = u.again.join(sites, "place")
    order = ibis.window(group_by=["person", "day"], order_by=["at", "setl_id"])
    told = {"at": a["at"], "lnt": a.lnt, "lat": a.lat}
    a = a.mutate(**{f"{name}_before": of.lag().over(order) for name, of in told.items()})
    metres = _metres(a.lnt, a.lat, a.lnt_before, a.lat_before)
    a = a.mutate(fast=(metres / (a["at"] - a.at_before + CLOCKS) > FASTEST).fill_null(False))
    a = a.mutate(hit=a.fast | a.fast.lead().over(order).fill_null(False))
    found = a.filter(a.hit).select("setl_id", "place")
    rows = u.rows.filter(u.rows.counter).semi_join(sites, "place")
    mine = u.mine.filter(u.mine.counter).semi_join(sites, "place")
    return marked(whole(mine), rows, found)


def heavy_user(facts: Facts) -> Table:
    """B39, heavy users: where the members' spending ranks among people of their age and state.

    0 spends least, 1 most; like are those born in one decade and with or without a chronic
    qualification, the nearest to a disease group that every extract holds. The mean over the joint
    settlements, against the mean over other people's settlements at the same places, who also come
    often. Misses a card that is used for little sums at many places.
    """
    u = usual(facts)
    own = shown(u.mine).join(u.customers.select("place", "person", "rank"), ["place", "person"])
    c = u.customers
    everyone = c.group_by("place").aggregate(
        all_n=c.n.sum().cast("float64"), all_s=(c["rank"] * c.n).sum()
    )
    return against(own, own["rank"], everyone)


def assisted_share(facts: Facts) -> Table:
    """B43, special groups: share of members who belong to an assisted group.

    Against the other customers of the same places. Misses groups whose cards are all of one place
    for the assisted, where everybody is.
    """
    return _of_customers(facts, "assisted")


def out_of_home(facts: Facts) -> Table:
    """B08 and signature 6: share of members insured in another division than the place's.

    By all six digits (``out_of_area`` compares four), against the other customers of the same
    places. A county next door counts like the far end of the country.
    """
    return _of_customers(facts, "away")


def newcomers(facts: Facts) -> Table:
    """B19 and signature 8: share of members never seen at a place before the group's first day.

    Against everyone who came there first during the group's time, among all who came by then and
    were not gone before. Says little where the group begins with the extract: nobody had been seen.
    """
    u = usual(facts)
    joint = u.mine.filter(u.mine.joint & u.mine.person.notnull())
    span = joint.group_by("gid").aggregate(begins=joint.day.min(), ends=joint.day.max())
    c = u.customers.select("place", "person", "first", "last")
    own = joint.select("gid", "place", "person").distinct().join(c, ["place", "person"])
    own = own.join(span, "gid")
    g = own.group_by(["gid", "place"]).aggregate(
        n=own.count().cast("float64"),
        s=(own["first"] >= own.begins).sum().cast("float64"),
        begins=own.begins.min(),
        ends=own.ends.min(),
    )
    came = c.group_by(["place", "first"]).aggregate(n=c.count())
    left = c.group_by(["place", "last"]).aggregate(n=c.count())
    days = came.select("place", day="first", came="n", left=ibis.literal(0, "int64"))
    days = days.union(left.select("place", day="last", came=ibis.literal(0, "int64"), left="n"))
    j = g.join(days, "place")
    j = j.group_by(["gid", "place"]).aggregate(
        n=j.n.max(),
        s=j.s.max(),
        new=ibis.ifelse((j.day >= j.begins) & (j.day <= j.ends), j.came, 0).sum(),
        old=ibis.ifelse(j.day < j.begins, j.came - j.left, 0).sum(),
    )
    j = j.mutate(rest=j.new + j.old - j.n)
    j = j.filter(j.rest >= FEWEST_OTHERS)
    return j.group_by("gid").aggregate(
        observed=j.s.sum() / j.n.sum(),
        expected=((j.new - j.s) / j.rest * j.n).sum() / j.n.sum(),
    )


def refunds(facts: Facts) -> Table | None:
    """B04, swipe without goods: share of the members' payments that were taken back.

    At the places of the group, against other people there. A payment given back in part counts as
    kept; shops that give goods back openly look the same.
    """
    u, settled = usual(facts), imported(facts, "settlements")
    if settled is None:
        return None
    back = settled.filter(settled.refunded & ~settled.is_refund)
    back = back.select("psn_no", "fixmedins_code").join(u.sites, "fixmedins_code")
    back = back.join(u.people.select("psn_no", "person"), "psn_no").select("place", "person")
    here = u.mine.filter(u.mine.joint).select("gid", "place").distinct()
    who = here.join(facts.members.select("gid", "person").distinct(), "gid")
    own = whole(u.mine).select("gid", "place", "shows", back=0.0)
    given = who.join(back, ["place", "person"]).select("gid", "place", shows=True, back=1.0)
    own = own.union(given)
    kept = u.rows.group_by("place").aggregate(kept=u.rows.count().cast("float64"))
    gone = back.group_by("place").aggregate(gone=back.count().cast("float64"))
    everyone = kept.left_join(gone, "place").select("place", "kept", gone=gone.gone.fill_null(0.0))
    everyone = everyone.select("place", all_n=everyone.kept + everyone.gone, all_s="gone")
    return against(own, own.back, everyone)


def _of_customers(facts: Facts, column: str) -> Table:
    u: Usual = usual(facts)
    own = u.mine.filter(u.mine.joint).select("gid", "place", "person").distinct()
    own = own.join(u.customers, ["place", "person"])
    own = own.mutate(shows=ibis.literal(True))
    return against(own, own[column], counted(u.customers, u.customers[column]))


def _metres(
    lnt_a: FloatingValue, lat_a: FloatingValue, lnt_b: FloatingValue, lat_b: FloatingValue
) -> FloatingValue:
    """Return the straight distance of two points that are near each other, on a round earth."""
    east = (lnt_a - lnt_b) * ((lat_a + lat_b) / 2.0 * math.pi / 180.0).cos()
    north = lat_a - lat_b
    return (east * east + north * north).sqrt() * 111_195.0
