"""Measures: what is unusual about a group, each observed against an expectation, in one sentence.

A measure takes the facts and returns gid, observed, expected for the groups it can speak about; a
group without the data has no row, and the measure then counts neither for nor against. ``score``
says on what scale the learnt factors of ``factors.csv`` read it, ``rising`` whether a larger score
may only speak more for a ring (else: a smaller one).
"""

from collections.abc import Callable
from dataclasses import dataclass

import ibis
from ibis.expr.types import Table

from detectors.candidates import Sign
from detectors.facts import EDGE_SECONDS, Facts, elderly

LEAN = 20.0  # settlements


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure(Sign):
    """A sign that is measured on the facts about any group."""

    of: Callable[[Facts], Table | None]


def repeat_sessions(facts: Facts) -> Table:
    """Days the linked pairs met, against the days they would have met by chance."""
    p = facts.pairs
    return p.group_by("gid").aggregate(
        observed=p.days.sum().cast("float64"), expected=p.expected.sum()
    )


def joint_share(facts: Facts) -> Table:
    """Share of all visits of the members that they made together.

    Hired hands do little else together; couples and friends have lives of their own.
    """
    s = facts.swipes.filter(facts.swipes.person.notnull())
    return s.group_by("gid").aggregate(observed=s.joint.mean(), expected=ibis.literal(0.0))


def people_together(facts: Facts) -> Table:
    """People present at the median joint session; two is the least there can be."""
    s = facts.sessions
    return s.group_by("gid").aggregate(
        observed=s.present.quantile(0.5).cast("float64"), expected=ibis.literal(2.0)
    )


def households(facts: Facts) -> Table | None:
    """Different homes among the members with a known home; one home is a family."""
    if not facts.persons_known:
        return None
    p = facts.people.filter(facts.people.live_addr.notnull() | facts.people.mob.notnull())
    home = ibis.coalesce(p.live_addr, p.mob)
    return p.group_by("gid").aggregate(
        observed=home.nunique().cast("float64"), expected=ibis.literal(1.0)
    )


def shared_address(facts: Facts) -> Table | None:
    """Share of members who share an address or telephone with another member.

    It is told, not weighed: it may clear a family, and it is an easy thing to arrange.
    """
    if not facts.persons_known:
        return None
    keys = facts.homes.select("person", key="home").union(facts.roofs.select("person", key="roof"))
    m = facts.members.join(keys, "person").select("gid", "person", "key")
    n = m.mutate(n=m.person.nunique().over(ibis.window(group_by=["gid", "key"])))
    tied = n.group_by(["gid", "person"]).aggregate(tied=(n.n > 1).any())
    all_ = facts.members.select("gid", "person").distinct()
    j = all_.left_join(tied, ["gid", "person"])
    j = j.select(all_.gid, tied=tied.tied.fill_null(False))
    return j.group_by("gid").aggregate(observed=j.tied.mean(), expected=ibis.literal(0.0))


def session_gap(facts: Facts) -> Table:
    """Median seconds from one member's card to the next, against the counter's own rhythm."""
    s = facts.swipes.filter(facts.swipes.session.notnull() & facts.swipes.clocked)
    order = ibis.window(group_by=["gid", "session"], order_by=["at", "setl_id"])
    s = s.mutate(wait=s["at"] - s["at"].lag().over(order), other=s.psn_no.lag().over(order))
    s = s.filter(s.wait.notnull() & (s.other != s.psn_no))
    s = s.join(facts.places.select("place", "gap"), "place")
    return s.group_by("gid").aggregate(
        observed=s.wait.quantile(0.5).cast("float64") + 1.0,
        expected=s.gap.mean() + 1.0,
    )


def stack_order(facts: Facts) -> Table:
    """Kendall's τ of the order of cards from one joint session to the next.

    A stack keeps its order, a queue does not: the expectation is 0. Only persons present at both
    sessions are compared, and only sessions that share three or more.
    """
    s = facts.swipes.filter(facts.swipes.session.notnull() & facts.swipes.clocked)
    first = s.group_by(["gid", "session", "person"]).aggregate(at=s["at"].min())
    numbers = first.select("gid", "session").distinct()
    turn = ibis.row_number().over(ibis.window(group_by="gid", order_by="session"))
    first = first.join(numbers.mutate(turn=turn), ["gid", "session"])
    now = first.select("gid", "turn", "person", "at")
    then = first.select("gid", "person", turn=first.turn - 1, later="at")
    both = now.join(then, ["gid", "turn", "person"])
    size = both.group_by(["gid", "turn"]).aggregate(n=both.count())
    both = both.semi_join(size.filter((size.n >= 3) & (size.n <= 60)), ["gid", "turn"])
    other = both.select("gid", "turn", person_b="person", at_b="at", later_b="later")
    two = both.join(other, ["gid", "turn"])
    two = two.filter(two.person < two.person_b)
    sign = (two["at"] - two.at_b).sign() * (two.later - two.later_b).sign()
    two = two.mutate(sign=sign.cast("float64"))
    tau = two.group_by(["gid", "turn"]).aggregate(tau=two.sign.mean())
    return tau.group_by("gid").aggregate(observed=tau.tau.mean(), expected=ibis.literal(0.0))


def edge_hours(facts: Facts) -> Table:
    """Share of joint swipes just after opening or before closing, against the place's."""
    s = _joint(facts).filter(ibis._.clocked)
    s = s.join(facts.places.select("place", "opens", "closes", "edge"), "place")
    clock = s["at"] % 86_400
    edge = (clock <= s.opens + EDGE_SECONDS) | (clock >= s.closes - EDGE_SECONDS)
    return (
        s.mutate(hit=edge)
        .group_by("gid")
        .aggregate(observed=ibis._.hit.mean(), expected=s.edge.mean())
    )


def weekdays(facts: Facts) -> Table:
    """Weekdays the group meets on, against as many days drawn from the places' own week.

    Counted as 1 ÷ Σ share² (Hill number of order 2). A clinic, dialysis or market day keeps its
    weekday; a van on a cycle of its own does not.
    """
    s = facts.sessions.select("gid", "place", "day").distinct()
    s = s.mutate(weekday=(s.day + 3) % 7)
    per = s.group_by(["gid", "weekday"]).aggregate(n=s.count().cast("float64"))
    met = per.group_by("gid").aggregate(days=per.n.sum(), squares=(per.n * per.n).sum())
    e = facts.events.filter(facts.events.counter).select("place", weekday=lambda t: (t.day + 3) % 7)
    usual = e.group_by(["place", "weekday"]).aggregate(n=e.count().cast("float64"))
    usual = usual.mutate(share=usual.n / usual.n.sum().over(ibis.window(group_by="place")))
    held = s.group_by(["gid", "place"]).aggregate(held=s.count().cast("float64"))
    mix = held.join(usual, "place").group_by(["gid", "weekday"])
    mix = mix.aggregate(share=(ibis._.held * ibis._.share).sum())
    spread = mix.group_by("gid").aggregate(
        even=(mix.share * mix.share).sum() / (mix.share.sum() * mix.share.sum())
    )
    j = met.join(spread, "gid").filter(ibis._.days >= 3)
    return j.select(
        "gid",
        observed=j.days * j.days / j.squares,
        expected=1.0 / (1.0 / j.days + (1.0 - 1.0 / j.days) * j.even),
    )


def one_terminal(facts: Facts) -> Table:
    """Share of joint swipes at the terminal used most at their place, against its usual share."""
    return _most_used(facts, facts.devices, "device_id")


def one_clerk(facts: Facts) -> Table:
    """Share of joint swipes rung up by the clerk met most, against the clerk's usual share."""
    return _most_used(facts, facts.clerks, "opter_id")


def resale_share(facts: Facts) -> Table | None:
    """Share of joint settlements with a resale-prone drug, against others of like age there.

    Settlements of the same kind (``med_type``) are compared: who comes for a chronic disease buys
    more of them. The others' share leans on that of such settlements elsewhere by as many as
    :data:`LEAN` settlements.
    """
    if facts.lines is None or facts.resale is None:
        return None
    line = facts.lines
    hit = line.group_by(["gid", "setl_id"]).aggregate(resale=line.resale.any())
    s = _joint(facts).join(hit, ["gid", "setl_id"])
    born = facts.people.select("gid", "person", "birth_year")
    s = s.left_join(born, ["gid", "person"]).select(s, born.birth_year)
    s = s.mutate(elderly=elderly(s.day, s.birth_year), med_type=s.med_type.fill_null(""))
    own = s.group_by(["gid", "place", "elderly", "med_type"]).aggregate(
        own_hits=s.resale.sum().cast("float64"), own=s.count().cast("float64")
    )
    own = own.join(facts.resale, ["place", "elderly", "med_type"])
    rest = ibis.greatest(own.n - own.own, 0.0)
    base = (ibis.greatest(own.hits - own.own_hits, 0.0) + LEAN * own.usual) / (rest + LEAN)
    own = own.mutate(base=base * own.own)
    return own.group_by("gid").aggregate(
        observed=own.own_hits.sum() / own.own.sum(), expected=own.base.sum() / own.own.sum()
    )


def fee_level(facts: Facts) -> Table:
    """Mean fee of a joint settlement, against the mean of places whose fees differ (yuan)."""
    usual = facts.places.filter(facts.places.spread > 0)
    s = _joint(facts).join(usual.select("place", "fee"), "place")
    return s.group_by("gid").aggregate(
        observed=s.net_sum.cast("float64").mean(), expected=s.fee.mean()
    )


def places_together(facts: Facts) -> Table:
    """Places where the group had two or more joint sessions; neighbours have one."""
    s = facts.sessions.group_by(["gid", "place"]).aggregate(n=facts.sessions.count())
    s = s.filter(s.n >= 2)
    return s.group_by("gid").aggregate(
        observed=s.place.nunique().cast("float64"), expected=ibis.literal(1.0)
    )


def out_of_area(facts: Facts) -> Table:
    """Share of joint swipes by people insured elsewhere, against the places' share."""
    s = _joint(facts).join(facts.places.select("place", base="remote"), "place")
    return s.group_by("gid").aggregate(observed=s.remote.mean(), expected=s.base.mean())


def growth(facts: Facts) -> Table:
    """Share of members who first appeared after the first quarter of the group's time."""
    s = _joint(facts)
    first = s.group_by(["gid", "person"]).aggregate(since=s["at"].min())
    span = s.group_by("gid").aggregate(begin=s["at"].min(), end=s["at"].max())
    first = first.join(span, "gid")
    late = first.since > first.begin + (first.end - first.begin) * 0.25
    return (
        first.mutate(late=late)
        .group_by("gid")
        .aggregate(observed=ibis._.late.mean(), expected=ibis.literal(0.0))
    )


def _joint(facts: Facts) -> Table:
    """Return the settlements that show the group."""
    return facts.swipes.filter(facts.swipes.joint)


def _most_used(facts: Facts, usual: Table, column: str) -> Table:
    s = _joint(facts)
    s = s.filter(s[column].notnull())
    n = s.group_by(["gid", "place", column]).aggregate(n=s.count())
    n = n.join(usual.select("place", column, "share", "choices"), ["place", column])
    n = n.filter(n.choices > 1)
    total = n.n.sum().over(ibis.window(group_by=["gid", "place"]))
    best = ibis.row_number().over(
        ibis.window(group_by=["gid", "place"], order_by=[n.n.desc(), n[column]])
    )
    n = n.mutate(total=total, best=best)
    n = n.filter(n.best == 0)
    n = n.mutate(part=n.n.cast("float64"), base=n.share * n.total)
    return n.group_by("gid").aggregate(
        observed=n.part.sum() / n.total.sum(), expected=n.base.sum() / n.total.sum()
    )


MEASURES: tuple[Measure, ...] = (
    Measure(name="repeat_sessions", unit="days", score="log2_ratio", of=repeat_sessions),
    Measure(name="joint_share", unit="share", score="observed", of=joint_share),
    Measure(name="people_together", unit="people", score="observed", of=people_together),
    Measure(name="households", unit="homes", score="observed", least=4.0, of=households),
    Measure(name="shared_address", unit="share", score="observed", of=shared_address),
    Measure(name="session_gap", unit="seconds", score="log2_ratio", rising=False, of=session_gap),
    Measure(name="stack_order", unit="tau", score="observed", of=stack_order),
    Measure(name="edge_hours", unit="share", score="difference", of=edge_hours),
    Measure(name="weekdays", unit="weekdays", score="log2_ratio", of=weekdays),
    Measure(name="one_terminal", unit="share", score="difference", of=one_terminal),
    Measure(name="one_clerk", unit="share", score="difference", of=one_clerk),
    Measure(name="resale_share", unit="share", score="difference", of=resale_share),
    Measure(name="fee_level", unit="yuan", score="log2_ratio", of=fee_level),
    Measure(name="places_together", unit="places", score="observed", of=places_together),
    Measure(name="out_of_area", unit="share", score="difference", of=out_of_area),
    Measure(name="growth", unit="share", score="observed", of=growth),
)
