"""Admissions: people who are taken into one institution and leave it on the same days, repeatedly.

Domain signature 11 (cases of sham admission: whole groups in and out together). Two persons'
stays at one place coincide when they share a day and the days in and the days out differ by at most
a slack, which is the wider the sparser the place (:func:`detectors.admissions_stays.chances`): who
is brought over two or three days is still brought together. For each pair the joint stays n are
compared with what the institution's own calendar explains,

    λ_ij = Σ_p Σ_{a ∈ stays of i at p} Σ_{b ∈ stays of j at p} κ_p(l_a, l_b),

with κ_p(l, m) the chance that two stays of the length classes l and m at p coincide, from p's
histogram of (day in, day out) in which every person weighs one. Pairs of two joint stays or more
whose Poisson tail is at most ``weak_p`` are linked with log2((n+½)/(λ+½)); communities of them are
the candidates. Then those join who shared two stays and half of the group's, and groups that share
half of their people are one.

Null: every stay draws (day in, day out) anew from the stays of its place and length class; and
another, in which each person's stays at a place move together by whole weeks, so that who is soon
readmitted or treated on a cycle still is. A candidate's p-value is the larger of the two: that of
its log-likelihood ratio among the groups which the same links and communities raise in many such
worlds.

Needs settlements with ``begndate``; beds come from ``mdtrt``, treatments from ``fee_list``. Misses
people who are admitted together once only, and an institution that has no patients but the group.
"""

from dataclasses import dataclass

import ibis
import numpy as np
import pyarrow as pa
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from detectors.admissions_signs import HONEST, SIGNS, measured
from detectors.admissions_stays import (
    LEAST_STAYS,
    Rates,
    Stays,
    chances,
    chosen,
    joint,
    pairs_of,
    side_by_side,
    stay_table,
    stays_of,
)
from detectors.candidates import HELD, Candidates, Context
from detectors.chance import group_p_values
from detectors.communities import Communities, communities
from detectors.lockstep import statistic
from detectors.settings import DetectSettings
from detectors.tallies import nothing, others_of, weights
from detectors.world import Floats, Ints, Pairs

__all__ = ["SIGNS", "find"]

NULL_STAYS = 1_000_000  # stays dealt in the worlds of one null together
NULL_SEEDS = 5  # the groups of a null world are too small for seeds to differ much
AT_ONCE = 200_000  # stays of the null worlds that are counted at one time
LEAST_COMPANY = 2  # members beside whom one must lie to have shared a stay
JOINS = 0.5  # share of the joint stays from which a guest belongs to the group
REACH = 0.9  # share of the joint stays of a group that say how far apart its people come
WITHIN = 0.5  # share of a group within another from which the two are one
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
    stays = stays_of(context.backend, table)
    able = np.flatnonzero((np.bincount(stays.person) >= LEAST_STAYS)[stays.person])
    if not len(able):
        return nothing(SIGNS, HONEST)
    often = chosen(stays, able)
    rates = chances(stays, settings)
    pairs, found = _groups(often, rates, settings, seeds=settings.leiden_seeds)
    observed = statistic(pairs, found)
    if not len(observed):
        return nothing(SIGNS, HONEST)
    p = np.maximum(
        *(
            group_p_values(observed, _null(often, stays, rates, settings, whole=whole))
            for whole in (False, True)
        )
    )
    a, b = (able[side] for side in joint(often, rates.slack, most_people=settings.most_people))
    grown = _grown(stays, a, b, found, rates.slack)
    lead, united = _united(grown, observed)
    groups = [_group(stays, a, b, people, rates) for people in united]
    joint_stays = _table(groups, "stays", present=True)
    members = _table(groups, "people")
    expected = np.asarray([group.expected for group in groups])
    signs, honest = measured(context, table, joint_stays, members, expected)
    return Candidates(
        gid=members["gid"].to_numpy(),
        person=members["person"].to_numpy(),
        stability=found.stability[lead],
        statistic=observed[lead],
        p_value=p[lead],
        tests=float(len(p)),
        others=_others(context.backend, table, joint_stays),
        settlements=_held(context.backend, table, joint_stays, members),
        signs=signs,
        honest=honest,
    )


def _groups(
    stays: Stays, rates: Rates, settings: DetectSettings, *, seeds: int
) -> tuple[Pairs, Communities]:
    pairs = pairs_of(stays, rates, settings)
    pairs = pairs.where(pairs.p_value <= settings.weak_p)
    found = communities(
        pairs.lo,
        pairs.hi,
        np.log2((pairs.days + 0.5) / (pairs.expected + 0.5)),
        resolution=settings.resolution,
        seeds=seeds,
        seed=settings.seed,
        least=settings.least_people,
    )
    return pairs, found


def _null(
    often: Stays, stays: Stays, rates: Rates, settings: DetectSettings, *, whole: bool
) -> list[Floats]:
    """Return the statistics of the groups of each null world."""
    worlds = int(np.clip(NULL_STAYS // len(often), 20, 100))
    people = int(stays.person.max()) + 1
    step = max(AT_ONCE // len(often), 1)
    null: list[Floats] = []
    for begin in range(0, worlds, step):
        size = min(step, worlds - begin)
        draw = np.random.default_rng([settings.seed, begin])
        worlds_at_once = side_by_side(often, stays, size, draw, whole=whole)
        pairs, found = _groups(worlds_at_once, rates, settings, seeds=NULL_SEEDS)
        first = np.searchsorted(found.group, np.arange(len(found.stability)))
        world = found.person[first] // people
        values = statistic(pairs, found)
        null += [values[world == number] for number in range(size)]
    return null


def _grown(stays: Stays, a: Ints, b: Ints, found: Communities, slack: Ints) -> list[Ints]:
    """Return the people of each group with those who shared enough of its joint stays.

    A stay is shared where it coincides with those of two members: one would let in whoever lay
    beside a member by chance, and so would more days than the members themselves are apart. Two
    such stays and half of the group's make a member.
    """
    group = np.full(int(stays.person.max()) + 1, -1, np.int64)
    group[found.person] = found.group
    row, other = np.concatenate([a, b]), np.concatenate([b, a])
    mine = group[stays.person[other]]
    apart = np.maximum(
        np.abs(stays.begin[row] - stays.begin[other]), np.abs(stays.end[row] - stays.end[other])
    )
    own = (mine >= 0) & (group[stays.person[row]] == mine)
    reach = _reach(mine[own], apart[own], len(found.stability))
    near = (mine >= 0) & (apart <= reach[mine])
    row, mine = row[near], mine[near]
    both, met = np.unique(np.stack([mine, row]), axis=1, return_counts=True)
    mine, row = both[:, met >= LEAST_COMPANY]
    count = len(found.stability)
    inside = group[stays.person[row]] == mine
    sessions = _sessions(stays, mine[inside], row[inside], slack, count)
    pair, times = np.unique(np.stack([mine, stays.person[row]]), axis=1, return_counts=True)
    joins = (times >= LEAST_STAYS) & (times >= JOINS * sessions[pair[0]])
    return [
        np.union1d(found.person[found.group == g], pair[1][joins & (pair[0] == g)])
        for g in range(count)
    ]


def _reach(group: Ints, apart: Ints, count: int) -> Ints:
    """Return by how many days nine in ten of each group's own joint stays differ at most."""
    order = np.lexsort((apart, group))
    first = np.searchsorted(group[order], np.arange(count))
    size = np.bincount(group, minlength=count)
    at = np.minimum(first + (REACH * size).astype(np.int64), np.maximum(first + size - 1, 0))
    return np.where(size > 0, apart[order][np.minimum(at, len(order) - 1)], 0)


def _sessions(stays: Stays, group: Ints, rows: Ints, slack: Ints, count: int) -> Ints:
    """Return at how many times each group came in: days in, further apart than the slack."""
    if not len(group):
        return np.zeros(count, np.int64)
    where = np.unique(np.stack([group, stays.place[rows], stays.begin[rows]]), axis=1)
    step = np.diff(where, axis=1)
    near = np.maximum(slack[where[1, 1:]], 1)
    new = np.r_[True, (step[0] != 0) | (step[1] != 0) | (step[2] > near)]
    return np.bincount(where[0], new, count).astype(np.int64)


def _united(groups: list[Ints], observed: Floats) -> tuple[Ints, list[Ints]]:
    """Return the groups with those united that share half of the smaller one's people.

    With each, which of its parts is furthest from chance.
    """
    count = len(groups)
    a, b = np.triu_indices(count, 1)
    shared = np.asarray(
        [len(np.intersect1d(groups[i], groups[j])) for i, j in zip(a, b, strict=True)]
    )
    sizes = np.asarray([len(group) for group in groups])
    one = shared >= WITHIN * np.minimum(sizes[a], sizes[b])
    links = coo_array((np.ones(int(one.sum())), (a[one], b[one])), shape=(count, count))
    _, part = connected_components(links, directed=False)
    order = np.lexsort((np.arange(count), -observed * sizes, part))
    _, first = np.unique(part[order], return_index=True)
    people = [
        np.unique(np.concatenate([groups[g] for g in np.flatnonzero(part == number)]))
        for number in range(len(first))
    ]
    return order[first], people


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
    parts = []
    for kind, key in (("place", "fixmedins_code"), ("doctor", "dr_code")):
        n = weights(s, key, ibis._.stay.nunique())
        if kind == "doctor":
            n = n.join(_usual(table, s), ["gid", key])
            n = n.filter(n.weight >= LIFT * n.usual)
        rows = backend.to_pyarrow(n.filter(n.weight >= SHARE).order_by(["gid", key]))
        parts.append(others_of(rows, entity=kind, key=key, role=kind))
    return pa.concat_tables(parts)


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
