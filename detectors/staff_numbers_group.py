"""The group behind a staff number: how often off post, its parties, settlements and signs."""

from dataclasses import dataclass

import ibis
import numpy as np
import pyarrow as pa
from ibis.expr.types import Table

from detectors.candidates import Context
from detectors.columns import delivered, keep
from detectors.staff_numbers_units import KEYS, Regulars
from detectors.tallies import Mask, others_of, share, summed, upper_tail
from detectors.world import Floats, Ints

OVERLAP_SECONDS = 600  # minutes in which one person is not at two terminals (signature 1's Δt)


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Other parties, settlements, signs and the share that relief explains."""

    others: list[pa.Table]
    held: pa.Table
    signs: dict[str, tuple[Floats, Floats]]
    relief: Floats


def off_post_tail(
    context: Context, r: Regulars, member: Mask, chosen: Ints
) -> tuple[Floats, Floats]:
    """Return tail and share of the group's off-post appearances, one a terminal and half-day."""
    found = r.where(member)
    of = {(int(place), int(clerk)): g for g, (place, clerk) in enumerate(chosen.T)}
    keys = zip(found.place.tolist(), found.clerk.tolist(), strict=True)
    gid = np.array([of.get(key, -1) for key in keys], np.int64)
    rows = _members(context, gid, found)
    posts = context.backend.table("number_posts").join(rows, list(KEYS))
    posts = posts.filter(posts.off.notnull() & (posts.gid >= 0))
    seen = posts.select("gid", "device", "half", "off").distinct()
    n = seen.group_by("gid").aggregate(off=seen.off.sum(), known=seen.count())
    table = context.backend.to_pyarrow(n)
    off, known = np.zeros(chosen.shape[1]), np.zeros(chosen.shape[1])
    off[table["gid"].to_numpy()] = table["off"].to_numpy()
    known[table["gid"].to_numpy()] = table["known"].to_numpy()
    usual = np.ones(chosen.shape[1])
    usual[gid[gid >= 0]] = found.usual_off[gid >= 0]
    return upper_tail(off, known, usual), np.nan_to_num(share(off, known))


def examined(context: Context, gid: Ints, found: Regulars, count: int) -> Numbers:
    """Gather parties, settlements and signs of the numbers' groups."""
    backend = context.backend
    members = _members(context, gid, found)
    numbers = keep(backend, "number_chosen", members.select("gid", "place", "clerk").distinct())
    at = numbers.select("place", "gid", owner="clerk")
    rows = backend.table("number_settled").join(at, "place")
    mine = members.select("gid", "person", member=ibis.literal(True))
    rows = rows.left_join(mine, ["gid", "person"]).drop("gid_right", "person_right")
    rows = rows.mutate(member=rows.member.fill_null(False), own=rows.clerk == rows.owner)
    rows = keep(backend, "number_around", rows)
    held = rows.filter(rows.member).select("gid", "setl_id", certain=rows.own)
    parties = backend.to_pyarrow(
        rows.filter(rows.own).select("gid", "opter_id", "fixmedins_code").distinct()
    )
    return Numbers(
        others=[
            others_of(parties, entity="staff", key="opter_id", role="number_used"),
            others_of(parties, entity="place", key="fixmedins_code", role="place"),
        ],
        held=backend.to_pyarrow(held),
        signs=_signs(context, rows, members, gid, found),
        relief=_relief(context, numbers, members, count),
    )


def _members(context: Context, gid: Ints, found: Regulars) -> Table:
    table = pa.table({"gid": gid} | {name: getattr(found, name).astype(np.int32) for name in KEYS})
    return context.backend.create_table("number_members", table, overwrite=True)


def _relief(context: Context, numbers: Table, members: Table, count: int) -> Floats:
    """Return the share of ordinary people among those the number served where another held post.

    Whoever relieves a colleague serves who comes. NaN where terminals are not told apart.
    """
    posts = context.backend.table("number_posts").join(numbers, ["place", "clerk"])
    posts = posts.filter(~posts.held & (posts.device != "all"))
    mine = members.select(*KEYS, member=ibis.literal(True))
    posts = posts.left_join(mine, list(KEYS))
    posts = posts.select("gid", member=posts.member.fill_null(False))
    n = posts.group_by("gid").aggregate(rest=(~posts.member).sum(), every=posts.count())
    table = context.backend.to_pyarrow(n)
    explained = np.full(count, np.nan)
    explained[table["gid"].to_numpy()] = share(table["rest"].to_numpy(), table["every"].to_numpy())
    return explained


def _signs(
    context: Context, rows: Table, members: Table, gid: Ints, found: Regulars
) -> dict[str, tuple[Floats, Floats]]:
    count = int(gid.max()) + 1

    def total(values: Floats) -> Floats:
        return summed(gid, values, count)

    known = total(found.known)
    n = context.backend.table("number_posts").join(members, list(KEYS))
    duty = n.group_by("gid").aggregate(observed=n.away.mean())
    own = context.backend.table("number_posts").join(
        members.select("gid", "place", "clerk").distinct(), ["place", "clerk"]
    )
    own = own.filter(own.ordinary)
    usual = own.group_by("gid").aggregate(expected=own.away.mean())
    signs = {
        "number_off_post": (
            share(total(found.off), known),
            share(total(found.usual_off * found.known), known),
        ),
        "number_share": (
            share(total(found.hits), total(found.visits)),
            share(total(found.visits * found.chance), total(found.visits)),
        ),
        "number_off_duty": _measured(
            context, duty.left_join(usual, "gid").drop("gid_right"), count
        ),
        "number_overlap": _measured(context, _overlap(rows), count),
        "number_together": _measured(context, _together(rows), count),
        "number_fee": _measured(context, _against(rows, rows.net_sum.cast("float64")), count),
        "number_doctor": _measured(context, _one_doctor(rows), count),
    }
    resale = _resale(context)
    if resale is None:
        unknown = np.full(count, np.nan)
        return signs | {"number_resale": (unknown, unknown)}
    rows = rows.left_join(resale, "setl_id").drop("setl_id_right")
    rows = rows.mutate(resale=rows.resale.fill_null(False).cast("float64"))
    return signs | {"number_resale": _measured(context, _against(rows, rows.resale), count)}


def _measured(context: Context, table: Table, count: int) -> tuple[Floats, Floats]:
    """Return columns observed and expected of a table by gid, NaN where it has no row."""
    rows = context.backend.to_pyarrow(table.select("gid", "observed", "expected"))
    values = np.full((2, count), np.nan)
    for place, name in enumerate(("observed", "expected")):
        column = rows[name].cast(pa.float64()).to_numpy(zero_copy_only=False)
        values[place, rows["gid"].to_numpy()] = np.round(column, 9)
    return values[0], values[1]


def _against(rows: Table, what: ibis.expr.types.Value) -> Table:
    """Mean over the members' settlements under the number, and over the place's other people."""
    r = rows.mutate(what=what)
    return r.group_by("gid").aggregate(
        observed=r.what.mean(where=r.member & r.own), expected=r.what.mean(where=~r.member)
    )


def _overlap(rows: Table) -> Table:
    """Share of settlements within minutes of an ordinary one of the number at another terminal."""
    r = rows.filter(rows.own & rows.real & rows.device.notnull())
    other = r.filter(~r.member).select(
        "gid",
        slot=r["at"] // OVERLAP_SECONDS,
        other_at="at",
        other_device="device",
        other_person="person",
    )
    other = other.union(other.mutate(slot=other.slot + 1), other.mutate(slot=other.slot - 1))
    near = r.select("gid", "setl_id", "person", "device", "at", slot=r["at"] // OVERLAP_SECONDS)
    near = near.join(other, ["gid", "slot"])
    near = near.filter(
        (near.device != near.other_device)
        & (near.person != near.other_person)
        & ((near["at"] - near.other_at).abs() <= OVERLAP_SECONDS)
    )
    near = near.select("gid", "setl_id").distinct().mutate(near=True)
    r = r.left_join(near, ["gid", "setl_id"]).drop("gid_right", "setl_id_right")
    return _against(r, r.near.fill_null(False).cast("float64"))


def _together(rows: Table) -> Table:
    """Members met under the number in a half-day with one, against members who come by chance.

    Seen from a member's visit: oneself, and of every other member the share of the place's
    half-days on which it comes.
    """
    mine = rows.filter(rows.member & rows.own)
    visits = mine.select("gid", "half", "person").distinct()
    size = visits.group_by(["gid", "half"]).aggregate(n=visits.count())
    met = size.group_by("gid").aggregate(
        observed=(size.n * size.n).sum() / size.n.sum(), visits=size.n.sum()
    )
    open_ = rows.group_by("gid").aggregate(open=rows.half.nunique())
    people = visits.group_by("gid").aggregate(people=visits.person.nunique())
    n = met.join(open_, "gid").join(people, "gid")
    return n.select("gid", "observed", expected=1.0 + n.visits * (1 - 1 / n.people) / n.open)


def _one_doctor(rows: Table) -> Table:
    """Share of the doctor who sees most of the members, against his share of the place's others."""
    named = rows.filter(rows.dr_code.notnull())
    n = named.group_by(["gid", "dr_code"]).aggregate(
        mine=(named.member & named.own).sum(), rest=(~named.member).sum()
    )
    window = ibis.window(group_by="gid")
    best = ibis.row_number().over(ibis.window(group_by="gid", order_by=[n.mine.desc(), n.dr_code]))
    n = n.mutate(every=n.mine.sum().over(window), others=n.rest.sum().over(window), best=best)
    n = n.filter((n.best == 0) & (n.every > 0))
    return n.select("gid", observed=n.mine / n.every, expected=n.rest / n.others.nullif(0))


def _resale(context: Context) -> Table | None:
    """Return settlements with a resale-prone drug; None where lines or list are missing."""
    lines = delivered(context.backend, context.workspace, "fee_list")
    listed = delivered(context.backend, context.workspace, "resale_drugs")
    if lines is None or listed is None:
        return None
    found = lines.semi_join(listed, "med_list_codg").select("setl_id").distinct()
    return found.mutate(resale=True)
