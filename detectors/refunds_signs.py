"""Signs of repeated refunds, each against the other people at the same counters."""

from collections.abc import Callable

import ibis
import numpy as np
import pyarrow as pa
from ibis.expr.types import Table, Value

from detectors.candidates import HELD, Context, Sign
from detectors.columns import keep
from detectors.tallies import COUNTER, commonest, compared, dense, others_of, seen, weights
from detectors.world import Floats

SIGNS: tuple[Sign, ...] = (
    Sign(name="refund_cycles", unit="cycles", score="log2_ratio"),
    Sign(name="refund_people", unit="people", score="log2_ratio"),
    Sign(name="refund_share", unit="share", score="difference"),
    Sign(name="refund_minutes", unit="minutes", score="log2_ratio", rising=False),
    Sign(name="refund_same_amount", unit="share", score="difference"),
    Sign(name="refund_round", unit="share", score="difference"),
    Sign(name="refund_one_clerk", unit="share", score="difference"),
    Sign(name="refund_one_terminal", unit="share", score="difference"),
    Sign(name="refund_account", unit="share", score="difference"),
    Sign(name="refund_company", unit="share", score="observed"),
)
HONEST = ("system_fault",)

ROUND_YUAN = 10  # sums of whole tens are typed in, not added up from goods
SHARE = 0.2  # of the cycles from which a clerk or terminal belongs to the group
LIFT = 2.0  # and from twice the share that it usually has at the place
Signs = dict[str, tuple[Floats, Floats]]


def measured(
    context: Context,
    paid: Table,
    cycles: Table,
    members: pa.Table,
    *,
    cycles_expected: Floats,
    people_expected: Floats,
) -> tuple[Signs, dict[str, Floats]]:
    """Return signs and honest shares; ``members`` holds gid, person and place."""
    backend, count = context.backend, len(cycles_expected)
    m = keep(backend, "refund_members", ibis.memtable(members))
    own_cycles = keep(backend, "refund_own_cycles", m.join(cycles, ["person", "place"]))
    own = keep(backend, "refund_own", m.join(paid, ["person", "place"]))
    rest = m.select("gid", "place").distinct().join(paid, "place")
    rest = keep(backend, "refund_rest", rest.anti_join(m, ["gid", "person"]))
    chance = ibis.memtable(
        pa.table({"gid": np.arange(count), "c": cycles_expected, "p": people_expected})
    )
    n = own_cycles.group_by("gid").aggregate(
        cycles=own_cycles.count(), people=own_cycles.person.nunique()
    )
    n = n.join(chance, "gid")
    given = rest.filter(~rest.is_refund)
    found = {
        "refund_cycles": n.select("gid", observed=n.cycles, expected=n.c),
        "refund_people": n.select("gid", observed=n.people, expected=n.p),
        "refund_share": _share(own, rest, lambda t: t.refunded),
        "refund_minutes": _minutes(own_cycles, cycles),
        "refund_same_amount": _usual(
            own_cycles, cycles, lambda t: (t.amount == t.next_amount).mean()
        ),
        "refund_round": _share(own, rest, lambda t: t.amount % ROUND_YUAN == 0),
        "refund_one_clerk": commonest(own_cycles, given, "opter_id"),
        "refund_one_terminal": commonest(own_cycles, given, "device_id"),
        "refund_account": _account(own, rest),
        "refund_company": _company(own_cycles),
    }
    signs = {name: seen(backend, t, count) for name, t in found.items()}
    fault = _fault(own_cycles, rest.semi_join(cycles, "setl_id"))
    return signs, dict(zip(HONEST, dense(backend, fault, count, "share"), strict=True))


def others(context: Context, paid: Table, cycles: Table, members: pa.Table) -> pa.Table:
    """Return places, terminals and clerks of the cycles with their share of them."""
    backend = context.backend
    m = keep(backend, "refund_members", ibis.memtable(members))
    own = m.join(cycles, ["person", "place"])
    here = m.select("gid", "place").distinct().join(paid.filter(~paid.is_refund), "place")
    parts = []
    for kind, key, role in COUNTER:
        n = weights(own, key)
        if kind == "staff":
            usual = here.group_by(["gid", key]).aggregate(n=ibis._.count())
            every = usual.n.sum().over(ibis.window(group_by="gid"))
            usual = usual.select("gid", key, usual=usual.n / every)
            n = n.join(usual, ["gid", key])
            n = n.filter((n.weight >= LIFT * n.usual) | (n.usual >= 1 / LIFT))
        rows = backend.to_pyarrow(n.filter(n.weight >= SHARE).order_by(["gid", key]))
        parts.append(others_of(rows, entity=kind, key=key, role=role))
    return pa.concat_tables(parts)


def held(context: Context, paid: Table, cycles: Table, members: pa.Table) -> pa.Table:
    """Return the settlements of the cycles, and what else the members paid there meanwhile."""
    backend = context.backend
    m = keep(backend, "refund_members", ibis.memtable(members))
    own = m.join(cycles, ["person", "place"])
    shown = own.select("gid", "setl_id").union(own.select("gid", setl_id="next_id"))
    shown = shown.union(own.filter(own.refund_id.notnull()).select("gid", setl_id="refund_id"))
    shown = shown.distinct().mutate(shown=ibis.literal(True))
    span = own.group_by(["gid", "place"]).aggregate(first=own.day.min(), last=own.day.max())
    rest = m.join(paid.filter(paid.live), ["person", "place"]).join(span, ["gid", "place"])
    rest = rest.filter((rest.day >= rest.first) & (rest.day <= rest.last))
    every = shown.select("gid", "setl_id").union(rest.select("gid", "setl_id")).distinct()
    every = every.left_join(shown, ["gid", "setl_id"])
    every = every.select("gid", "setl_id", certain=every.shown.notnull())
    return backend.to_pyarrow(every.order_by(["gid", "setl_id"])).cast(HELD)


def _share(own: Table, rest: Table, of: Callable[[Table], Value]) -> Table:
    """Return the share of payments with a property, of the members and of the others there."""
    own, rest = (t.filter(~t.is_refund) for t in (own, rest))
    return compared(
        own.group_by("gid").aggregate(observed=of(own).mean()),
        rest.group_by("gid").aggregate(expected=of(rest).mean()),
    )


def _usual(own: Table, cycles: Table, of: Callable[[Table], Value]) -> Table:
    """Return something about the cycles of the members, and about all others of the extract."""
    rest = cycles.anti_join(own, "setl_id")
    rest = rest.aggregate(expected=of(rest))
    return own.group_by("gid").aggregate(observed=of(own)).cross_join(rest)


def _minutes(own: Table, cycles: Table) -> Table:
    """Return the median minutes from payment to refund; one is added against clocks of minutes."""
    return _usual(
        own, cycles, lambda t: (t.refund_at - t["at"]).quantile(0.5).cast("float64") / 60.0 + 1.0
    )


def _account(own: Table, rest: Table) -> Table:
    """Return the part of what was paid for good that came from personal accounts."""

    def part(t: Table, name: str) -> Table:
        t = t.filter(t.live & t.acct_pay.notnull())
        paid = t.acct_pay.sum().cast("float64") / t.net_sum.sum().cast("float64").nullif(0)
        return t.group_by("gid").aggregate(**{name: paid})

    return compared(part(own, "observed"), part(rest, "expected"))


def _company(own: Table) -> Table:
    """Return the share of cycles on days when another member had a cycle there too."""
    days = own.group_by(["gid", "place", "day"]).aggregate(
        n=own.count(), people=own.person.nunique()
    )
    share = ibis.ifelse(days.people >= 2, days.n, 0).sum() / days.n.sum()
    return days.group_by("gid").aggregate(observed=share, expected=ibis.literal(0.0))


def _fault(own: Table, rest: Table) -> Table:
    """Return the share of cycles on days when as many others as members were refunded there.

    A terminal or a network that fails refunds whoever stands at the counter.
    """
    ours = own.group_by(["gid", "place", "day"]).aggregate(n=own.count(), us=own.person.nunique())
    theirs = rest.group_by(["gid", "place", "day"]).aggregate(them=rest.person.nunique())
    days = ours.left_join(theirs, ["gid", "place", "day"])
    fault = days.them.fill_null(0) >= days.us
    return days.group_by("gid").aggregate(share=ibis.ifelse(fault, days.n, 0).sum() / days.n.sum())
