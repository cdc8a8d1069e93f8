"""The group behind a staff number: how often off post, its parties, settlements and signs."""

from dataclasses import dataclass

import ibis
import numpy as np
import pyarrow as pa
from ibis.expr.types import Table

from detectors.candidates import Context
from detectors.columns import keep, resale_prone
from detectors.staff_numbers_units import KEYS, Regulars
from detectors.tallies import (
    Mask,
    compared,
    dense,
    others_of,
    seen,
    share,
    summed,
    upper_tail,
)
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
    times = posts.select("gid", "device", "half", "off").distinct()
    n = times.group_by("gid").aggregate(off=times.off.sum(), known=times.count())
    counts = dense(context.backend, n, chosen.shape[1], "off", "known")
    off, known = (np.nan_to_num(count) for count in counts)
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
    return share(*dense(context.backend, n, count, "rest", "every"))


def _signs(
    context: Context, rows: Table, members: Table, gid: Ints, found: Regulars
) -> dict[str, tuple[Floats, Floats]]:
    count = int(gid.max()) + 1

    def total(values: Floats) -> Floats:
        return summed(gid, values, count)

    def of(table: Table | None) -> tuple[Floats, Floats]:
        return seen(context.backend, table, count)

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
        "number_off_duty": of(compared(duty, usual)),
        "number_overlap": of(_overlap(rows)),
        "number_together": of(_together(rows)),
        "number_fee": of(_against(rows, rows.net_sum.cast("float64"))),
        "number_doctor": of(_one_doctor(rows)),
    }
    resale = resale_prone(context.backend, context.workspace)
    if resale is None:
        return signs | {"number_resale": of(None)}
    rows = rows.left_join(resale, "setl_id").drop("setl_id_right")
    rows = rows.mutate(resale=rows.resale.fill_null(False).cast("float64"))
    return signs | {"number_resale": of(_against(rows, rows.resale))}


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
