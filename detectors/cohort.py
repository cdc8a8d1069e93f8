"""Cohort: people brought to one institution, in one team or several, to the same few doctors.

A van brings three to ten people; the next one comes on another day (Jiading, 2024: vans every 12 or
24 days, 22 of 40 doctors). Each team is a group that meets (:mod:`detectors.coswipe`). Every group
that holds most of its joint sessions at one institution is weighed here and not among the pools: at
a surgery other things are honest (clinic days, dialysis) and other things tell (who signs, on which
weekdays) than at a counter. Teams are joined to one ring where

- both hold most of their joint sessions at the same institution,
- one of the few doctors who sign nearly all of a team's visits, far more than of the institution's
  other patients (binomial tail ≤ ``DOCTOR_P``), does so for both; where there are two doctors or
  fewer, or none is named, this says nothing and is left out,
- the median days between their sessions differ by a quarter at most, and so do their fees by half.

Null: that of the teams. Only teams that null worlds do not explain (q ≤ ``settings.group_q``) are
joined, and a cohort has the largest p and q of its teams: as the false cohorts are made of false
teams, their share is not above that of the teams. Needs settlements; doctors where they are named.
Misses cohorts whose members never meet twice.
"""

from dataclasses import dataclass

import ibis
import numpy as np
import pyarrow as pa
from ibis.expr.types import Table
from numpy.typing import NDArray
from scipy import special
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from detectors.candidates import HELD, OTHERS, Candidates, Context, Sign, q_values, stacked
from detectors.columns import clean
from detectors.sessions import joint_sessions, settled_in
from detectors.tallies import nothing
from detectors.visits import numbered
from detectors.world import Floats, Ints

MOSTLY = 0.6  # share of the joint sessions at the first place (see detectors.kinds)
DOCTOR_P = 1e-3  # a doctor stands out for a team; several doctors are tried for each
MOST = 0.9  # of the joint settlements that the doctors of a cohort sign
NO_CHOICE = 2  # doctors: where there are no more, a cohort's few are everybody's
SAME_CYCLE = 1.25
SAME_FEE = 1.5

SIGNS = (
    Sign(name="teams", unit="teams", score="log2_ratio"),
    Sign(name="team_cycle", unit="days", score="log2_ratio", rising=False),
    Sign(name="doctor_share", unit="share", score="difference"),
    Sign(name="team_people", unit="people", score="observed"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Teams:
    """What is known of each group that meets; one value a group, NaN where unknown.

    ``place`` −1: not mostly at one institution. ``cycle``: median days between sessions,
    ``spread``: their median absolute deviation.
    """

    place: Ints
    cycle: Floats
    spread: Floats
    fee: Floats


def at_institutions(context: Context, pools: Candidates) -> NDArray[np.bool_]:
    """Say which groups hold most of their joint sessions at one institution."""
    _, sessions = _met(context, pools)
    there = np.zeros(len(pools), np.bool_)
    there[context.backend.to_pyarrow(_main(context, sessions).select("gid"))["gid"].to_numpy()] = 1
    return there


def find(context: Context) -> Candidates:
    """Return the cohorts of two teams or more, then every team for itself.

    The teams are ``context.pools``: the groups that meet at institutions.
    """
    pools = context.pools
    if pools is None or not len(pools):
        return nothing(SIGNS, ())
    backend = context.backend
    members, sessions = _met(context, pools)
    events = _events(context, members)
    joint = settled_in(events, sessions)
    shown = events.join(joint, ["gid", "setl_id"])
    shown = backend.create_table("cohort_shown", shown, overwrite=True)
    teams = _teams(context, sessions, shown, len(pools))
    doctors = _doctors(context, shown)
    q = q_values(pools)
    joined = _joined(teams, doctors, q <= context.settings.group_q)
    return stacked(
        [
            _candidates(context, pools, q, teams, doctors, label, events, shown)
            for label in (joined, np.arange(len(pools)))
        ]
    )


def _met(context: Context, pools: Candidates) -> tuple[Table, Table]:
    """Return the members (gid, person) and the joint sessions of groups."""
    backend = context.backend
    table = pa.table({"gid": pools.gid, "person": pools.person.astype(np.int32)})
    members = backend.create_table("cohort_members", table, overwrite=True)
    sessions = joint_sessions(members, context.ground.scoped)
    return members, backend.create_table("cohort_sessions", sessions, overwrite=True)


def _main(context: Context, sessions: Table) -> Table:
    """Return gid, place of the groups that meet mostly at one institution."""
    providers = clean(context.backend, context.workspace, "providers")
    kind = numbered(providers, "fixmedins_code", "place").join(
        providers.select("fixmedins_code", "place_kind"), "fixmedins_code"
    )
    n = sessions.group_by(["gid", "place"]).aggregate(n=sessions.count())
    total = n.n.sum().over(ibis.window(group_by="gid"))
    n = n.mutate(share=n.n / total).filter(ibis._.share >= MOSTLY)
    return n.join(kind.filter(kind.place_kind != "pharmacy"), "place").select("gid", "place")


def _events(context: Context, members: Table) -> Table:
    """Return the live counter settlements of the groups' members."""
    settlements, persons, providers = (
        clean(context.backend, context.workspace, name)
        for name in ("settlements", "persons", "providers")
    )
    s = settlements.filter(
        settlements.live & settlements.online & (settlements.med_class != "inpatient")
    )
    people = members.join(numbered(persons, "psn_no", "person"), "person")
    s = people.join(s, "psn_no").join(
        numbered(providers, "fixmedins_code", "place"), "fixmedins_code"
    )
    return s.select(
        "gid",
        "person",
        "setl_id",
        "place",
        "day",
        "dr_code",
        at=s.setl_time.epoch_seconds().cast("int64"),
        fee=s.net_sum.cast("float64"),
    )


def _teams(context: Context, sessions: Table, shown: Table, count: int) -> Teams:
    backend = context.backend
    n = _main(context, sessions)
    days = sessions.select("gid", "day").distinct()
    wait = days.day - days.day.lag().over(ibis.window(group_by="gid", order_by="day"))
    days = days.mutate(wait=wait.cast("float64"))
    middle = days.group_by("gid").aggregate(cycle=days.wait.median())
    off = days.join(middle, "gid")
    off = off.group_by("gid").aggregate(
        cycle=off.cycle.max(), spread=(off.wait - off.cycle).abs().median()
    )
    fee = shown.group_by("gid").aggregate(fee=shown.fee.median())
    t = n.left_join(off, "gid").select(n.gid, n.place, off.cycle, off.spread)
    t = t.left_join(fee, "gid").select(t, fee.fee)
    rows = backend.to_pyarrow(t.order_by("gid"))
    at = rows["gid"].to_numpy()
    place = np.full(count, -1, np.int64)
    place[at] = rows["place"].to_numpy()

    def dense(name: str) -> Floats:
        values = np.full(count, np.nan)
        values[at] = rows[name].cast(pa.float64()).to_numpy(zero_copy_only=False)
        return values

    return Teams(
        place=place,
        cycle=dense("cycle"),
        spread=dense("spread"),
        fee=dense("fee"),
    )


def _doctors(context: Context, shown: Table) -> pa.Table:
    """Return gid, dr_code, n (joint settlements), total, usual (share at the place), choices, p."""
    settlements, providers = (
        clean(context.backend, context.workspace, name) for name in ("settlements", "providers")
    )
    s = settlements.filter(settlements.live & settlements.dr_code.notnull())
    s = s.join(numbered(providers, "fixmedins_code", "place"), "fixmedins_code")
    s = s.semi_join(shown.select("place").distinct(), "place")
    usual = s.group_by(["place", "dr_code"]).aggregate(all=s.count())
    within = ibis.window(group_by="place")
    usual = usual.mutate(
        usual=usual["all"] / usual["all"].sum().over(within), choices=usual.count().over(within)
    )
    t = shown.filter(shown.dr_code.notnull())
    n = t.group_by(["gid", "place", "dr_code"]).aggregate(n=t.count())
    n = n.mutate(total=n.n.sum().over(ibis.window(group_by="gid")))
    n = n.join(usual, ["place", "dr_code"])
    rows = context.backend.to_pyarrow(
        n.select("gid", "place", "dr_code", "n", "total", "usual", "choices").order_by(
            ["gid", "dr_code", "place"]
        )
    )
    return rows.append_column("p", pa.array(_shared_few(rows)))


def _shared_few(rows: pa.Table) -> Floats:
    """Return for the few doctors who sign most for a group how surely they do so beyond their mix.

    The few are the smallest set, most met first, that signs ``MOST`` of the group's joint
    settlements; they share one binomial tail against their usual share. All others have 1.
    """
    gid, n = rows["gid"].to_numpy(), rows["n"].to_numpy().astype(float)
    total, usual = rows["total"].to_numpy().astype(float), rows["usual"].to_numpy()
    order = np.lexsort((np.arange(len(gid)), -n, gid))
    first = np.searchsorted(gid, gid, side="left")[order]
    before = np.cumsum(n[order]) - n[order]
    before -= before[first]
    few = np.zeros(len(gid), np.bool_)
    few[order] = before < MOST * total[order]
    count = int(gid.max(initial=-1)) + 1
    held = np.bincount(gid[few], n[few], minlength=count)
    share = np.minimum(np.bincount(gid[few], usual[few], minlength=count), 1.0)
    whole = np.ones(count)
    whole[gid] = total
    tail = special.bdtrc(np.maximum(held - 1.0, 0.0), whole.astype(np.int64), share)
    return np.where(few, np.nan_to_num(tail, nan=1.0)[gid], 1.0)


def _joined(teams: Teams, doctors: pa.Table, sure: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the cohort of each group, −1 for none; a cohort is a connected set of teams."""
    count = len(teams.place)
    able = np.flatnonzero((teams.place >= 0) & sure & np.isfinite(teams.cycle))
    a, b = np.triu_indices(len(able), 1)
    a, b = able[a], able[b]
    here = teams.place[a] == teams.place[b]
    a, b = a[here], b[here]
    alike = np.abs(np.log(np.maximum(teams.cycle[a], 1) / np.maximum(teams.cycle[b], 1)))
    close = alike <= np.log(SAME_CYCLE)
    fee = np.abs(np.log(np.maximum(teams.fee[a], 0.01) / np.maximum(teams.fee[b], 0.01)))
    close &= ~(fee > np.log(SAME_FEE))
    silent, marked = _marked(doctors, count)
    shared = np.asarray(marked[a].multiply(marked[b]).sum(axis=1)).ravel() > 0
    close &= shared | silent[a] | silent[b]
    links = coo_array((np.ones(int(close.sum())), (a[close], b[close])), shape=(count, count))
    label = np.asarray(connected_components(links, directed=False)[1], np.int64)
    size = np.bincount(label)
    _, dense = np.unique(np.where(size[label] > 1, label, -1), return_inverse=True)
    return dense - (0 if (size[label] > 1).all() else 1)


def _marked(doctors: pa.Table, count: int) -> tuple[NDArray[np.bool_], coo_array]:
    """Return which groups doctors say nothing about, and group × doctor that stands out."""
    gid = doctors["gid"].to_numpy()
    silent = np.ones(count, np.bool_)
    silent[gid[doctors["choices"].to_numpy() > NO_CHOICE]] = False
    out = doctors["p"].to_numpy() <= DOCTOR_P
    code = doctors["dr_code"].combine_chunks().dictionary_encode().indices
    column = code.to_numpy(zero_copy_only=False).astype(np.int64)
    shape = (count, int(column.max(initial=-1)) + 1)
    return silent, coo_array(
        (np.ones(int(out.sum())), (gid[out], column[out])), shape=shape
    ).tocsr()


def _candidates(
    context: Context,
    pools: Candidates,
    q: Floats,
    teams: Teams,
    doctors: pa.Table,
    label: NDArray[np.int64],
    events: Table,
    shown: Table,
) -> Candidates:
    count = int(label.max(initial=-1)) + 1
    if not count:
        return nothing(SIGNS, ())
    of = label[pools.gid]
    rows = np.unique(np.stack([of[of >= 0], pools.person[of >= 0]]), axis=1)
    inside = label >= 0
    number = np.bincount(label[inside], minlength=count).astype(float)
    p_value, q_value = np.zeros(count), np.zeros(count)
    np.maximum.at(p_value, label[inside], pools.p_value[inside])
    np.maximum.at(q_value, label[inside], q[inside])

    def mean(values: Floats) -> Floats:
        sums = np.bincount(label[inside], values[inside], minlength=count)
        return np.asarray(sums / number, np.float64)

    sizes = np.bincount(pools.gid, minlength=len(label)).astype(float)
    share, usual, named = _doctor_share(doctors, label, count)
    return Candidates(
        gid=rows[0],
        person=rows[1],
        stability=mean(pools.stability),
        statistic=mean(pools.statistic),
        p_value=p_value,
        q_value=q_value,
        others=_others(context, teams, label, count, named),
        settlements=_held(context, label, events, shown),
        signs={
            "teams": (number, np.ones(count)),
            "team_cycle": (mean(teams.spread), mean(teams.cycle)),
            "doctor_share": (share, usual),
            "team_people": (mean(sizes), np.full(count, 2.0)),
            "found_by": (mean(pools.signs["found_by"][0]), np.ones(count)),
        },
    )


def _doctor_share(
    doctors: pa.Table, label: NDArray[np.int64], count: int
) -> tuple[Floats, Floats, pa.Table]:
    """Return the share of the doctors that stand out, their usual share, and who they are."""
    gid = label[doctors["gid"].to_numpy()]
    known = gid >= 0
    out = known & (doctors["p"].to_numpy() <= DOCTOR_P)
    n = doctors["n"].to_numpy().astype(float)
    total = np.bincount(gid[known], n[known], minlength=count)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.asarray(np.bincount(gid[out], n[out], minlength=count) / total, np.float64)
    rows = pa.table(
        {
            "gid": gid[out],
            "dr_code": doctors["dr_code"].filter(pa.array(out)),
            "usual": doctors["usual"].filter(pa.array(out)),
        }
    )
    named = rows.group_by(["gid", "dr_code"]).aggregate([("usual", "max")])
    named = named.sort_by([("gid", "ascending"), ("dr_code", "ascending")])
    usual = np.bincount(named["gid"].to_numpy(), named["usual_max"].to_numpy(), minlength=count)
    return share, np.where(np.isnan(share), np.nan, usual), named


def _others(
    context: Context, teams: Teams, label: NDArray[np.int64], count: int, named: pa.Table
) -> pa.Table:
    providers = clean(context.backend, context.workspace, "providers")
    codes = context.backend.to_pyarrow(
        providers.select("fixmedins_code").order_by("fixmedins_code")
    )
    place = np.zeros(count, np.int64)
    place[label[label >= 0]] = teams.place[label >= 0]
    places = pa.table(
        {
            "gid": np.arange(count),
            "entity_type": ["place"] * count,
            "entity_id": codes["fixmedins_code"].take(pa.array(place)),
            "role": ["place"] * count,
            "weight": np.ones(count),
        }
    ).cast(OTHERS)
    size = named.num_rows
    doctors = pa.table(
        {
            "gid": named["gid"],
            "entity_type": ["doctor"] * size,
            "entity_id": named["dr_code"],
            "role": ["doctor"] * size,
            "weight": np.ones(size),
        }
    ).cast(OTHERS)
    return pa.concat_tables([places, doctors])


def _held(context: Context, label: NDArray[np.int64], events: Table, shown: Table) -> pa.Table:
    """Return the joint settlements, and the members' others at the institution in that time."""
    backend = context.backend
    names = pa.table({"gid": np.flatnonzero(label >= 0), "cohort": label[label >= 0]})
    teams = backend.create_table("cohort_teams", names, overwrite=True)
    main = shown.join(teams, "gid").group_by(["cohort", "place"]).aggregate(n=ibis._.count())
    span = (
        shown.join(teams, "gid")
        .group_by("cohort")
        .aggregate(begin=ibis._["at"].min(), end=ibis._["at"].max())
    )
    e = events.join(teams, "gid").semi_join(main, ["cohort", "place"]).join(span, "cohort")
    e = e.filter((e["at"] >= e.begin) & (e["at"] <= e.end))
    sure = shown.select("gid", "setl_id", sure=True)
    e = e.left_join(sure, ["gid", "setl_id"]).select(
        gid=e.cohort, setl_id=e.setl_id, certain=sure.sure.fill_null(False)
    )
    e = e.group_by(["gid", "setl_id"]).aggregate(certain=e.certain.any())
    return backend.to_pyarrow(e.order_by(["gid", "setl_id"])).cast(HELD)
