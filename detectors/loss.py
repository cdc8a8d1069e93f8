"""Loss: what the pooled fund paid, as a range from what is shown to what is possible."""

import ibis
from ibis.expr.types import Table

from detectors.facts import Facts


def losses(facts: Facts, probability: Table) -> Table:
    """Return gid, loss_low, loss_mid, loss_high in fen (whole numbers, so sums are exact).

    Low: fund payments of the settlements that show the group (``joint``). High: also those of the
    settlements that may belong to it (``near``), and those of people at its fringe. Both ends are
    then moved by ``low_factor`` (at most 1: some of what was done together was chance) and
    ``high_factor`` (1 or more: some members are never found). Mid: low, and every other of these
    settlements times its posterior, which is the probability of the group times the share of that
    person's settlements there that show it. ``probability`` has gid, probability and the factors.
    """
    s = window(facts)
    share = s.group_by(["gid", "psn_no"]).aggregate(share=s.joint.mean())
    s = s.join(share, ["gid", "psn_no"]).join(probability, "gid")
    fen = (s.net_fund * 100).cast("int64")
    posterior = ibis.ifelse(s.joint, 1.0, s.probability * s.share)
    s = s.mutate(fen=fen, part=fen * (posterior * 10_000).round().cast("int64"))
    sums = s.group_by("gid").aggregate(
        loss_low=ibis.ifelse(s.joint, s.fen, 0).sum().cast("int64"),
        parts=s.part.sum().cast("int64"),
        high=s.fen.sum().cast("int64"),
    )
    f = facts.fringe.join(probability, "gid")
    fen = (f.net_fund * 100).cast("int64")
    f = f.mutate(fen=fen, part=fen * (f.probability * f.share * 10_000).round().cast("int64"))
    more = f.group_by("gid").aggregate(
        more=f.fen.sum().cast("int64"), likely=f.part.sum().cast("int64")
    )
    j = sums.left_join(more, "gid").select(sums, more.more, more.likely)
    j = j.join(probability.select("gid", "low_factor", "high_factor"), "gid")
    return j.select(
        "gid",
        loss_low=(j.loss_low * j.low_factor).round().cast("int64"),
        loss_mid=((j.parts + j.likely.fill_null(0)) // 10_000).cast("int64"),
        loss_high=((j.high + j.more.fill_null(0)) * j.high_factor).round().cast("int64"),
    )


def window(facts: Facts) -> Table:
    """Return the settlements that show a group or may belong to it."""
    return facts.swipes.filter(facts.swipes.near)
