"""Dialysis, infusion, rehabilitation, methadone: one treatment on fixed weekdays."""

import ibis
from ibis.expr.types import Table

from detectors.facts import Facts

FIXED = 0.9  # share of joint days on at most four weekdays
DRUG = "^[XZ][A-Z0-9]{22}$"


def dialysis(facts: Facts) -> Table | None:
    """Share of the joint settlements at one facility, on fixed weekdays, with the same treatment.

    The treatment is the service item (not a drug) that most of the group's joint settlements carry.
    0 where the days do not keep to four weekdays. Not testable without settlement lines.
    """
    if facts.lines is None:
        return None
    s = facts.swipes.filter(facts.swipes.joint)
    all_ = s.group_by("gid").aggregate(n=s.setl_id.nunique().cast("float64"))
    items = facts.lines.filter(~facts.lines.med_list_codg.re_search(DRUG))
    items = items.join(s.select("gid", "setl_id", "place"), ["gid", "setl_id"])
    n = items.group_by(["gid", "place", "med_list_codg"]).aggregate(
        n=items.setl_id.nunique().cast("float64")
    )
    best = n.group_by("gid").aggregate(best=n.n.max())
    days = s.mutate(weekday=(s.day + 3) % 7)
    days = days.group_by(["gid", "weekday"]).aggregate(n=days.count())
    order = ibis.window(group_by="gid", order_by=[days.n.desc(), days.weekday])
    days = days.mutate(turn=ibis.row_number().over(order))
    four = days.group_by("gid").aggregate(
        fixed=ibis.ifelse(days.turn < 4, days.n, 0).sum() / days.n.sum()
    )
    j = all_.join(four, "gid").left_join(best, "gid")
    share = ibis.ifelse(four.fixed >= FIXED, best.best.fill_null(0.0) / all_.n, 0.0)
    return j.select(gid=all_.gid, share=share)
