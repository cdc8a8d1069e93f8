"""Signs of remote sales, each against the place itself or against its peers."""

import ibis
import pyarrow as pa
from ibis.expr.types import Table

from detectors.candidates import HELD, Context, Sign
from detectors.columns import delivered, keep, resale_prone
from detectors.tallies import (
    COUNTER,
    commonest,
    compared,
    dense,
    others_of,
    seen,
    weights,
)
from detectors.world import Floats

SIGNS: tuple[Sign, ...] = (
    Sign(name="remote_unseen", unit="people", score="log2_ratio"),
    Sign(name="remote_rate", unit="share", score="difference"),
    Sign(name="remote_gap", unit="seconds", score="log2_ratio", rising=False),
    Sign(name="remote_drugs", unit="share", score="difference"),
    Sign(name="remote_resale", unit="share", score="difference"),
    Sign(name="remote_other_life", unit="share", score="difference", rising=False),
    Sign(name="remote_homes", unit="divisions", score="log2_ratio"),
    Sign(name="remote_repeat", unit="purchases", score="log2_ratio"),
    Sign(name="remote_fee", unit="yuan", score="log2_ratio"),
    Sign(name="remote_terminal", unit="share", score="difference"),
)
HONEST = ("travel_party", "local_life")
SHARE = 0.2  # of the purchases from which a terminal or clerk belongs to the group
Signs = dict[str, tuple[Floats, Floats]]


def measured(
    context: Context,
    here: Table,
    away: Table,
    members: Table,
    counts: Table,
    drugs: pa.Table,
    alone: tuple[Floats, Floats],
) -> tuple[Signs, dict[str, Floats]]:
    """Return signs and honest shares.

    ``here`` holds all settlements at the counters looked at, ``away`` all that people settle away
    from home; ``members``: gid, person, psn_no, place; ``counts``: place, n, remote, peers;
    ``drugs``: gid, drug; ``alone``: the unseen found and expected.
    """
    backend, count = context.backend, len(alone[0])
    sales = away.filter(away.remote)
    own = keep(backend, "remote_own", members.join(sales, ["person", "place"], rname="{name}_away"))
    at = members.select("gid", "place").distinct()
    rest = at.join(here, "place").anti_join(members, ["gid", "psn_no"])
    rest = keep(backend, "remote_rest", rest)
    like = at.join(counts, "place").select("gid", "peers").distinct()
    strangers = counts.anti_join(at, "place").join(sales, "place")
    strangers = keep(backend, "remote_strangers", strangers.select("peers", "person", "place"))
    life = keep(backend, "remote_life", _life(away, own, strangers))
    found = {
        "remote_rate": _rate(at, counts),
        "remote_gap": _gap(own, rest),
        "remote_drugs": _drugs(context, own, rest, drugs),
        "remote_resale": _resale(context, own, rest),
        "remote_other_life": _other_life(own, life, strangers, like),
        "remote_homes": own.group_by("gid").aggregate(
            observed=own.home.nunique(), expected=ibis.literal(1.0)
        ),
        "remote_repeat": _repeat(own, strangers, like),
        "remote_fee": compared(
            own.group_by("gid").aggregate(observed=own.net_sum.cast("float64").mean()),
            rest.group_by("gid").aggregate(expected=rest.net_sum.cast("float64").mean()),
        ),
        "remote_terminal": commonest(own, rest, "device_id"),
    }
    signs = {name: seen(backend, t, count) for name, t in found.items()}
    shares = (dense(backend, t, count, "share")[0] for t in (_party(own), _local(own, life)))
    return {"remote_unseen": alone} | signs, dict(zip(HONEST, shares, strict=True))


def others(context: Context, away: Table, members: Table) -> pa.Table:
    """Return places, terminals and clerks of the purchases with their share of them."""
    own = members.join(away.filter(away.remote), ["person", "place"])
    parts = []
    for kind, key, role in COUNTER:
        n = weights(own, key)
        n = n.filter((n.weight >= SHARE) | (kind == "place")).order_by(["gid", key])
        rows = context.backend.to_pyarrow(n)
        parts.append(others_of(rows, entity=kind, key=key, role=role))
    return pa.concat_tables(parts)


def held(context: Context, away: Table, members: Table) -> pa.Table:
    """Return the members' remote purchases there, and what else they settled there."""
    own = members.join(away.filter(away.counter), ["person", "place"])
    own = own.select("gid", "setl_id", certain="remote").order_by(["gid", "setl_id"])
    return context.backend.to_pyarrow(own).cast(HELD)


def _rate(at: Table, counts: Table) -> Table:
    """Return the remote share of the sales of the places, and the mean share of their peers."""
    here = at.join(counts, "place")
    here = here.group_by("gid").aggregate(observed=here.remote.sum() / here.n.sum())
    like = at.join(counts, "place").select("gid", "peers").distinct().join(counts, "peers")
    like = like.anti_join(at, "place")
    return compared(here, like.group_by("gid").aggregate(expected=(like.remote / like.n).mean()))


def _gap(own: Table, rest: Table) -> Table:
    """Return the median seconds from one buyer's sale to the next one's, and at the counter."""

    def of(t: Table, name: str) -> Table:
        turn = ibis.window(group_by=["gid", "place", "day"], order_by=["at", "setl_id"])
        t = t.mutate(wait=t["at"] - t["at"].lag().over(turn), last=t.psn_no.lag().over(turn))
        t = t.filter(t.wait.notnull() & (t["last"] != t.psn_no))
        return t.group_by("gid").aggregate(**{name: t.wait.quantile(0.5).cast("float64") + 1.0})

    return compared(of(own, "observed"), of(rest, "expected"))


def _drugs(context: Context, own: Table, rest: Table, drugs: pa.Table) -> Table | None:
    """Return the share of purchases that hold a drug of the group, and of the others' there."""
    lines = delivered(context.backend, context.workspace, "fee_list")
    if lines is None or not drugs.num_rows:
        return None
    codes = ibis.memtable(drugs)
    bought = lines.select("setl_id", drug="med_list_codg").semi_join(codes, "drug")

    def of(t: Table, name: str) -> Table:
        hit = t.join(bought, "setl_id").semi_join(codes, ["gid", "drug"])
        hit = hit.group_by("gid").aggregate(n=hit.setl_id.nunique())
        every = t.semi_join(codes, "gid").group_by("gid").aggregate(every=ibis._.count())
        both = every.left_join(hit, "gid")
        return both.select("gid", **{name: both.n.fill_null(0) / both.every})

    return compared(of(own, "observed"), of(rest, "expected"))


def _resale(context: Context, own: Table, rest: Table) -> Table | None:
    hit = resale_prone(context.backend, context.workspace)
    if hit is None:
        return None

    def of(t: Table, name: str) -> Table:
        t = t.left_join(hit, "setl_id")
        return t.group_by("gid").aggregate(**{name: t.resale.fill_null(False).mean()})

    return compared(of(own, "observed"), of(rest, "expected"))


def _life(away: Table, own: Table, strangers: Table) -> Table:
    """Return how often each remote buyer settled in an area, remote or not."""
    people = own.select("person").union(strangers.select("person")).distinct()
    t = away.semi_join(people, "person")
    return t.group_by(["person", "area", "place"]).aggregate(n=t.count())


def _other_life(own: Table, life: Table, strangers: Table, like: Table) -> Table:
    """Return the share of the buyers' settlements in the area made at other places than theirs."""
    m = own.select("gid", "person", "place", "area").distinct()
    ours = m.select("gid", "person", "area").distinct().join(life, ["person", "area"])
    theirs = strangers.select("peers", "person", "place").distinct()
    theirs = theirs.join(life, ["person", "place"])
    every = life.group_by(["person", "area"]).aggregate(total=life.n.sum())
    theirs = theirs.join(every, ["person", "area"])
    usual = theirs.group_by("peers").aggregate(expected=1.0 - theirs.n.sum() / theirs.total.sum())
    here = ours.semi_join(m, ["gid", "place"]).group_by("gid").aggregate(n=ibis._.n.sum())
    found = ours.group_by("gid").aggregate(total=ours.n.sum()).join(here, "gid")
    found = found.select("gid", observed=1.0 - found.n / found.total)
    usual = like.join(usual, "peers").group_by("gid").aggregate(expected=ibis._.expected.mean())
    return compared(found, usual)


def _repeat(own: Table, strangers: Table, like: Table) -> Table:
    """Return remote purchases for each buyer at a place."""
    each = strangers.group_by(["peers", "person", "place"]).aggregate(n=strangers.count())
    usual = like.join(each, "peers").group_by("gid").aggregate(expected=ibis._.n.mean())
    found = own.group_by("gid").aggregate(observed=own.count() / own.person.nunique())
    return compared(found, usual)


def _party(own: Table) -> Table:
    """Return the share of purchases by people of the commonest home who came on one day only."""
    homes = own.group_by(["gid", "home"]).aggregate(n=own.person.nunique())
    rank = ibis.row_number().over(ibis.window(group_by="gid", order_by=[homes.n.desc(), "home"]))
    homes = homes.mutate(rank=rank)
    homes = homes.filter(homes["rank"] == 0).select("gid", "home", common=ibis.literal(True))
    each = own.group_by(["gid", "person", "home"]).aggregate(n=own.count(), days=own.day.nunique())
    each = each.left_join(homes, ["gid", "home"])
    party = each.common.notnull() & (each.days == 1)
    return each.group_by("gid").aggregate(share=ibis.ifelse(party, each.n, 0).sum() / each.n.sum())


def _local(own: Table, life: Table) -> Table:
    """Return the share of purchases by people who settle more at other places of the area."""
    m = own.group_by(["gid", "person", "area"]).aggregate(n=own.count())
    theirs = m.select("gid", "person", "area").join(life, ["person", "area"], rname="{name}_life")
    theirs = theirs.anti_join(own, ["gid", "place"])
    theirs = theirs.group_by(["gid", "person", "area"]).aggregate(elsewhere=theirs.n.sum())
    each = m.left_join(theirs, ["gid", "person", "area"])
    lives = each.elsewhere.fill_null(0) > each.n
    return each.group_by("gid").aggregate(share=ibis.ifelse(lives, each.n, 0).sum() / each.n.sum())
