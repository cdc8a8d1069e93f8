"""Without: by how much the probability of a ring falls when something of it is left out.

For every ring the measures that speak for it most are left out in turn (``evidence``): their factor
goes from the sum, the rest stays. For a ring that was found by its meetings, each terminal, clerk,
doctor, place and person with most of its joint settlements is taken away in turn too: their
settlements go, sessions that keep fewer than two people are none any more, and the measures of
meetings and all honest explanations are counted again on what remains. What a detector counted
itself (such as the shared doctors of a cohort), the features of single settlements and what was
expected of a pair stay as they were. A part that has all the joint settlements is not tried:
without it there is no group. Who reads it learns whether a ring hangs on one terminal, one person
or one measure, and so perhaps on one error in the data.
"""

from dataclasses import replace

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from detectors.candidates import Candidates, Groups
from detectors.catalogue import MET
from detectors.columns import keep
from detectors.evidence import PRIOR, Evidence, Factors, measured, probability, weighed
from detectors.facts import Facts
from detectors.measures import MEASURES
from detectors.world import Floats, Ints

PARTS = {
    "device": "device_id",
    "doctor": "dr_code",
    "person": "psn_no",
    "place": "fixmedins_code",
    "staff": "opter_id",
}
TRIED = 2  # parts of each type, those with most of the joint settlements
SHOWN = 3  # parts, and measures, of a ring that are told: those without which it falls most
RING_WITHOUT = pa.schema(
    [
        ("ring_id", pa.string()),
        ("entity_type", pa.string()),
        ("entity_id", pa.string()),
        ("share", pa.float64()),
        ("probability", pa.float64()),
        ("probability_without", pa.float64()),
    ]
)


def without(
    backend: Backend,
    facts: Facts,
    groups: Groups,
    evidence: Evidence,
    keys: pa.Table,
    *,
    table: Factors,
) -> pa.Table:
    """Return :data:`RING_WITHOUT`: the strongest measures of each raised ring, and its parts.

    ``evidence`` is that of all groups, ``keys`` (gid, ring_id) are the raised ones;
    ``share`` is the part's share of the joint settlements, null for a measure. At most
    :data:`SHOWN` of either a ring, and only those without which the probability is lower; parts
    before measures, each by ring and the largest fall first.
    """
    weights = weighed(evidence, table)
    parts = _without_parts(backend, facts, groups, evidence, keys, table, probability(weights))
    return pa.concat_tables([parts, _without_evidence(weights, keys)])


def _without_evidence(weights: dict[str, Floats], keys: pa.Table) -> pa.Table:
    """Return the measures, of those of each ring, that carry most of its odds."""
    gid = keys["gid"].to_numpy()
    names = np.array(sorted(set(weights) - {PRIOR}))
    factor = np.array([weights[name][gid] for name in names]).T.reshape(len(gid), len(names))
    whole = np.asarray(sum(factors[gid] for factors in weights.values()), np.float64)
    chance = 1.0 / (1.0 + np.exp2(-whole))
    left = 1.0 / (1.0 + np.exp2(factor - whole[:, None]))
    order = np.argsort(-factor, axis=1, kind="stable")[:, :SHOWN]
    ring = np.repeat(np.arange(len(gid)), order.shape[1])
    told = pa.table(
        {
            "ring_id": keys["ring_id"].take(pa.array(ring)),
            "entity_type": pa.array(["evidence"] * len(ring), pa.string()),
            "entity_id": pa.array(names[order.ravel()].tolist(), pa.string()),
            "share": pa.nulls(len(ring), pa.float64()),
            "probability": np.round(chance[ring], 6),
            "probability_without": np.round(left[ring, order.ravel()], 6),
        }
    ).cast(RING_WITHOUT)
    return told.filter(pc.less(told["probability_without"], told["probability"]))


def _without_parts(
    backend: Backend,
    facts: Facts,
    groups: Groups,
    evidence: Evidence,
    keys: pa.Table,
    table: Factors,
    chances: Floats,
) -> pa.Table:
    met = np.isin(groups.family[keys["gid"].to_numpy()], MET)
    raised = keep(backend, "without_rings", ibis.memtable(keys.filter(pa.array(met))))
    parts = backend.to_pyarrow(_parts(facts, raised).order_by(["gid", "entity_type", "entity_id"]))
    if not parts.num_rows:
        return RING_WITHOUT.empty_table()
    parts = parts.append_column("part", pa.array(np.arange(parts.num_rows)))
    rest = _left(backend, facts, keep(backend, "without_parts", ibis.memtable(parts)))
    gid = parts["gid"].to_numpy()
    again = measured(backend, rest, _same(backend, groups, rest, gid), MEASURES)
    left = probability(weighed(_with_rest(again, evidence, gid), table))
    chance = np.round(chances, 6)
    found = parts.append_column("probability", pa.array(chance[gid]))
    found = found.append_column("probability_without", pa.array(np.round(left, 6)))
    fall = np.round(chance[gid] - left, 6)
    order = np.lexsort((np.arange(len(gid)), -fall, gid))
    first = np.searchsorted(gid, gid)  # parts are sorted by group, and so is their order
    told = order[(np.arange(len(gid)) - first < SHOWN) & (fall[order] > 0)]
    return found.take(pa.array(told)).select(RING_WITHOUT.names).cast(RING_WITHOUT)


def _parts(facts: Facts, raised: Table) -> Table:
    """Return gid, ring_id, entity_type, entity_id, share of the parts that are tried."""
    shown = facts.swipes.filter(facts.swipes.joint).join(raised, "gid")
    total = shown.group_by("gid").aggregate(total=shown.setl_id.nunique())
    of_each = []
    for kind, column in PARTS.items():
        n = shown.filter(shown[column].notnull())
        n = n.group_by("gid", "ring_id", entity_id=n[column].cast("string"))
        n = n.aggregate(n=ibis._.setl_id.nunique()).join(total, "gid")
        n = n.mutate(share=n.n / n.total.cast("float64"), entity_type=ibis.literal(kind))
        n = n.filter(n.n < n.total)
        order = ibis.window(group_by="gid", order_by=[n.n.desc(), n.entity_id])
        n = n.mutate(turn=ibis.row_number().over(order))
        of_each.append(
            n.filter(n.turn < TRIED).select("gid", "ring_id", "entity_type", "entity_id", "share")
        )
    return of_each[0].union(*of_each[1:])


def _left(backend: Backend, facts: Facts, parts: Table) -> Facts:
    """Return the facts once for every part, without it; groups are numbered by ``part``."""
    s = facts.swipes.join(parts.select("gid", "part", "entity_type", "entity_id"), "gid")
    gone = ibis.literal(False)
    for kind, column in PARTS.items():
        gone |= (s.entity_type == kind) & (s[column].cast("string") == s.entity_id).fill_null(False)
    s = s.filter(~gone)
    held = s.filter(s.session.notnull()).group_by(["part", "gid", "session"])
    held = held.aggregate(
        left=ibis._.psn_no.nunique(), begin=ibis._["at"].min(), until=ibis._["at"].max()
    )
    held = keep(backend, "without_held", held.filter(held.left >= 2))
    sessions = held.join(facts.sessions, ["gid", "session"])
    sessions = sessions.mutate(gid=sessions.part, present="left", start="begin", end="until")
    still = held.select("part", "session", still=True)
    s = s.left_join(still, ["part", "session"]).select(s, still.still)
    s = s.mutate(session=ibis.ifelse(s.still, s.session, ibis.null(s.session.type())))
    s = s.mutate(gid=s.part, joint=ibis.ifelse(s.meets, s.session.notnull(), s.joint))
    swipes = keep(backend, "without_swipes", s.select(facts.swipes.columns))
    p = facts.people.join(parts.select("gid", "part", "entity_type", "entity_id"), "gid")
    p = p.filter((p.entity_type != "person") | (p.psn_no != p.entity_id))
    people = keep(backend, "without_people", p.mutate(gid=p.part).select(facts.people.columns))
    met = swipes.filter(swipes.session.notnull()).select("gid", "session", "person").distinct()
    pairs = facts.pairs.join(parts.select("gid", "part"), "gid")
    pairs = pairs.mutate(gid=pairs.part).select(facts.pairs.columns)
    other = met.select("gid", "session", hi="person")
    both = met.select("gid", "session", lo="person").join(other, ["gid", "session"])
    return replace(
        facts,
        members=people.select("gid", "person"),
        people=people,
        pairs=keep(backend, "without_pairs", pairs.semi_join(both, ["gid", "lo", "hi"])),
        sessions=keep(backend, "without_sessions", sessions.select(facts.sessions.columns)),
        swipes=swipes,
        lines=None if facts.lines is None else _lines(backend, facts.lines, parts, swipes),
    )


def _lines(backend: Backend, lines: Table, parts: Table, swipes: Table) -> Table:
    left = lines.join(parts.select("gid", "part"), "gid")
    left = left.mutate(gid=left.part).select(lines.columns)
    return keep(
        backend, "without_lines", left.semi_join(swipes.filter(swipes.joint), ["gid", "setl_id"])
    )


def _with_rest(again: Evidence, evidence: Evidence, gid: Ints) -> Evidence:
    """Return what was measured again, and all else as it was."""

    def filled(new: dict[str, Floats], old: dict[str, Floats]) -> dict[str, Floats]:
        return {name: new.get(name, values[gid]) for name, values in old.items()}

    return replace(
        again,
        observed=filled(again.observed, evidence.observed),
        expected=filled(again.expected, evidence.expected),
    )


def _same(backend: Backend, groups: Groups, rest: Facts, gid: Ints) -> Groups:
    """Return the groups the parts belong to, one for each part, with what their detectors said."""
    rows = backend.to_pyarrow(rest.members.order_by(["gid", "person"]))
    found = groups.found
    return Groups(
        detector=groups.detector[gid],
        family=groups.family[gid],
        kind=groups.kind[gid],
        role=groups.role[gid],
        q_value=groups.q_value[gid],
        found=Candidates(
            gid=rows["gid"].to_numpy(),
            person=rows["person"].to_numpy(),
            stability=found.stability[gid],
            statistic=found.statistic[gid],
            p_value=found.p_value[gid],
            signs={name: (seen[gid], usual[gid]) for name, (seen, usual) in found.signs.items()},
            honest={name: share[gid] for name, share in found.honest.items()},
        ),
    )
