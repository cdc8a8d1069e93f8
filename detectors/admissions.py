"""Admissions: people who are taken into one institution and leave it on the same days, repeatedly.

Domain signature 11 (cases of sham admission: whole groups in and out together). Two persons'
stays at one place coincide when the days in and the days out differ by at most one day. For each
pair the joint stays n are compared with what the institution's own calendar explains,

    λ_ij = Σ_p Σ_{a ∈ stays of i at p} Σ_{b ∈ stays of j at p} κ_p(l_a, l_b),

with κ_p(l, m) the chance that two stays of the length classes l and m at p coincide, from p's
histogram of (day in, day out) in which every person weighs one. Pairs of two joint stays or more
whose Poisson tail is at most ``link_p`` are linked with log2((n+½)/(λ+½)); communities of them are
the candidates. Then those join who were there at two stays and at ``attendance`` of the group's.

Null: every stay draws (day in, day out) anew from the stays of its place and length class. A
candidate's p-value is that of its log-likelihood ratio among the groups which the same links and
communities raise in many such worlds.

Needs settlements with ``begndate``; beds come from ``mdtrt``, treatments from ``fee_list``. Misses
people who are admitted together once only, and an institution that has no patients but the group.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from detectors.admissions_signs import SIGNS, measured
from detectors.admissions_stays import (
    LEAST_STAYS,
    Rates,
    Stays,
    chances,
    chosen,
    dealt,
    joint,
    pairs_of,
    stay_table,
    stays_of,
)
from detectors.candidates import HELD, OTHERS, Candidates, Context
from detectors.chance import group_p_values
from detectors.communities import Communities, communities
from detectors.lockstep import statistic
from detectors.settings import DetectSettings
from detectors.world import Floats, Ints, Pairs

__all__ = ["SIGNS", "find"]

NULL_STAYS = 1_000_000  # stays dealt in all null worlds together
WITHIN = 0.8  # share of a group within another from which it is part of it
SHARE = 0.2  # of the joint stays from which a place or a doctor belongs to the group
LIFT = 2.0  # a doctor belongs to it from twice the share that is usual at the places


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """People and their joint stays: row numbers in the stays, with the people present at each."""

    people: Ints
    stays: Ints
    present: Ints
    expected: float


def find(context: Context) -> Candidates:
    """Return the candidate groups."""
    settings = context.settings
    table = stay_table(context.backend, context.workspace)
    stays = stays_of(context.backend, table, settings)
    able = np.flatnonzero((np.bincount(stays.person) >= LEAST_STAYS)[stays.person])
    often = chosen(stays, able)
    rates = chances(stays)
    pairs, found = _groups(often, rates, settings)
    observed = statistic(pairs, found)
    if not len(observed):
        return _none()
    p = group_p_values(observed, _null(often, stays, rates, settings))
    a, b = (able[side] for side in joint(often, most_people=settings.most_people))
    grown = [_grown(stays, a, b, found.person[found.group == g], settings) for g in range(len(p))]
    kept = _kept(grown, observed, settings.same_ring)
    groups = [_group(stays, a, b, grown[g], rates) for g in kept]
    joint_stays = _table(groups, "stays", present=True)
    members = _table(groups, "people")
    expected = np.asarray([group.expected for group in groups])
    signs, honest = measured(context, table, joint_stays, members, expected)
    return Candidates(
        gid=members["gid"].to_numpy(),
        person=members["person"].to_numpy(),
        stability=found.stability[kept],
        statistic=observed[kept],
        p_value=p[kept],
        tests=float(len(p)),
        others=_others(context.backend, table, joint_stays),
        settlements=_held(context.backend, table, joint_stays, members),
        signs=signs,
        honest=honest,
    )


def _none(tests: float = 0.0) -> Candidates:
    none, nothing = np.empty(0, np.int64), np.empty(0)
    return Candidates(
        gid=none, person=none, stability=nothing, statistic=nothing, p_value=nothing, tests=tests
    )


def _groups(stays: Stays, rates: Rates, settings: DetectSettings) -> tuple[Pairs, Communities]:
    pairs = pairs_of(stays, rates, settings)
    pairs = pairs.where(pairs.p_value <= settings.link_p)
    found = communities(
        pairs.lo,
        pairs.hi,
        np.log2((pairs.days + 0.5) / (pairs.expected + 0.5)),
        resolution=settings.resolution,
        seeds=settings.leiden_seeds,
        seed=settings.seed,
        least=settings.least_people,
    )
    return pairs, found


def _null(often: Stays, stays: Stays, rates: Rates, settings: DetectSettings) -> list[Floats]:
    """Return the statistics of the groups of each null world."""
    null = []
    for world in range(int(np.clip(NULL_STAYS // len(often), 20, 200))):
        draw = np.random.default_rng([settings.seed, world])
        null.append(statistic(*_groups(dealt(often, stays, draw), rates, settings)))
    return null


def _grown(stays: Stays, a: Ints, b: Ints, people: Ints, settings: DetectSettings) -> Ints:
    """Return the people with those who shared two of their joint stays and enough of them."""
    inside_a, inside_b = np.isin(stays.person[a], people), np.isin(stays.person[b], people)
    both = inside_a & inside_b
    sessions = _sessions(stays, np.unique(np.concatenate([a[both], b[both]])))
    one = inside_a != inside_b
    guest = np.where(inside_a[one], b[one], a[one])
    # Two members at once: one companion would let in whoever lay beside a member by chance.
    guests, met = np.unique(guest, return_counts=True)
    who, times = np.unique(stays.person[guests[met >= 2]], return_counts=True)
    joins = (times >= LEAST_STAYS) & (times >= settings.attendance * sessions)
    return np.union1d(people, who[joins])


def _sessions(stays: Stays, rows: Ints) -> int:
    """Return at how many times people came in: days in, more than one day apart at a place."""
    where = np.unique(np.stack([stays.place[rows], stays.begin[rows]]), axis=1)
    new = (np.diff(where[0]) != 0) | (np.diff(where[1]) > 1)
    return int(new.sum()) + 1


def _kept(groups: list[Ints], observed: Floats, jaccard: float) -> Ints:
    """Return which groups stay when those that are one are one, the furthest from chance first."""
    order = np.lexsort((np.arange(len(groups)), -observed * [len(g) for g in groups]))
    kept: list[int] = []
    for g in order:
        same = False
        for k in kept:
            shared = len(np.intersect1d(groups[g], groups[k]))
            union = len(groups[g]) + len(groups[k]) - shared
            least = min(len(groups[g]), len(groups[k]))
            same = same or shared >= jaccard * union or shared >= WITHIN * least
        if not same:
            kept.append(int(g))
    return np.sort(np.asarray(kept, dtype=np.int64))


def _group(stays: Stays, a: Ints, b: Ints, people: Ints, rates: Rates) -> Group:
    inside = np.isin(stays.person[a], people) & np.isin(stays.person[b], people)
    rows, others = np.unique(np.concatenate([a[inside], b[inside]]), return_counts=True)
    # A stay meets each other stay once, and so each companion about once.
    return Group(
        people=people,
        stays=rows,
        present=others + 1,
        expected=rates.met(stays, people),
    )


def _table(groups: list[Group], column: str, *, present: bool = False) -> pa.Table:
    sizes = [len(getattr(group, column)) for group in groups]
    columns = {"gid": np.repeat(np.arange(len(groups), dtype=np.int64), sizes)}
    name = "stay" if column == "stays" else "person"
    empty = [np.empty(0, np.int64)]
    columns[name] = np.concatenate(empty + [getattr(group, column) for group in groups])
    if present:
        columns["present"] = np.concatenate(empty + [group.present for group in groups])
    return pa.table(columns)


def _others(backend: Backend, table: Table, joint_stays: pa.Table) -> pa.Table:
    """Return institutions and doctors of the joint stays with their share of them."""
    held = backend.create_table("admission_joint", joint_stays, overwrite=True)
    s = table.join(held, "stay").select("gid", "stay", "place", "fixmedins_code", "dr_code")
    total = s.group_by("gid").aggregate(total=s.stay.nunique())
    parts = []
    for kind, key, role in (("place", "fixmedins_code", "place"), ("doctor", "dr_code", "doctor")):
        n = s.filter(s[key].notnull()).group_by(["gid", key]).aggregate(n=s.stay.nunique())
        n = n.join(total, "gid")
        n = n.mutate(weight=(n.n / n.total).round(6))
        if kind == "doctor":
            n = n.join(_usual(table, s), ["gid", key])
            n = n.filter(n.weight >= LIFT * n.usual)
        n = n.filter(n.weight >= SHARE)
        parts.append((kind, role, backend.to_pyarrow(n.order_by(["gid", key])), key))
    return pa.concat_tables(
        pa.table(
            [
                rows["gid"],
                pa.array([kind] * rows.num_rows, pa.string()),
                rows[key],
                pa.array([role] * rows.num_rows, pa.string()),
                rows["weight"],
            ],
            schema=OTHERS,
        )
        for kind, role, rows, key in parts
    )


def _usual(table: Table, s: Table) -> Table:
    """Return each doctor's share of all stays at the places of a group."""
    here = s.select("gid", "place").distinct().join(table, "place")
    all_of = here.group_by("gid").aggregate(everyone=here.stay.nunique())
    own = here.group_by(["gid", "dr_code"]).aggregate(n=here.stay.nunique())
    own = own.join(all_of, "gid")
    return own.select("gid", "dr_code", usual=own.n / own.everyone)


def _held(backend: Backend, table: Table, joint_stays: pa.Table, members: pa.Table) -> pa.Table:
    """Return the bills of the joint stays, and of other stays of the members there meanwhile."""
    held = backend.create_table("admission_joint", joint_stays, overwrite=True)
    people = backend.create_table("admission_members", members, overwrite=True)
    sure = table.join(held.select("gid", "stay"), "stay").select("gid", "stay", "place", "begin")
    span = sure.group_by(["gid", "place"]).aggregate(first=sure.begin.min(), last=sure.begin.max())
    s = table.join(people, "person").join(span, ["gid", "place"])
    s = s.filter((s.begin >= s.first) & (s.begin <= s.last))
    s = s.left_join(held.select("gid", "stay", "present"), ["gid", "stay"])
    s = s.select("gid", "setl_id", certain=s.present.notnull())
    return backend.to_pyarrow(s.order_by(["gid", "setl_id"])).cast(HELD)
