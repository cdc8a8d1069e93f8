"""Loss: what the pooled fund paid, as a range from what is shown to what is possible."""

import ibis
from ibis.expr.types import Table

from detectors.facts import Facts


def losses(facts: Facts, probability: Table) -> Table:
    """Return gid, loss_low, loss_mid, loss_high in fen (whole numbers, so sums are exact).

    Low: fund payments of settlements inside joint sessions. High: all fund payments of members at
    the ring's places between its first and last joint session. Mid: low, and every other of these
    settlements times its posterior, which is the probability of the group times the share of that
    person's settlements there that were joint. ``probability`` has gid and probability.
    """
    s = window(facts)
    share = s.group_by(["gid", "person"]).aggregate(share=s.joint.mean())
    s = s.join(share, ["gid", "person"]).join(probability, "gid")
    fen = (s.net_fund * 100).cast("int64")
    posterior = ibis.ifelse(s.joint, 1.0, s.probability * s.share)
    s = s.mutate(fen=fen, part=fen * (posterior * 10_000).round().cast("int64"))
    return s.group_by("gid").aggregate(
        loss_low=ibis.ifelse(s.joint, s.fen, 0).sum().cast("int64"),
        loss_mid=(s.part.sum() // 10_000).cast("int64"),
        loss_high=s.fen.sum().cast("int64"),
    )


def window(facts: Facts) -> Table:
    """Return settlements of members at places of the group in its active window, with ``joint``."""
    s = facts.swipes
    held = s.filter(s.session.notnull())
    places = held.select("gid", "place").distinct()
    span = held.group_by("gid").aggregate(begin=held["at"].min(), end=held["at"].max())
    s = s.semi_join(places, ["gid", "place"]).join(span, "gid")
    s = s.filter((s["at"] >= s.begin) & (s["at"] <= s.end))
    return s.mutate(joint=s.session.notnull())
