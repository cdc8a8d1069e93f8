"""Members: who belongs to a ring, in which role, how surely, since when and until when."""

import ibis
import numpy as np
import pyarrow as pa
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from detectors.candidates import OTHERS, Groups
from detectors.facts import Facts

CORE = 3  # so many members, most often present, stand for the ring in its number
CASHIER = 0.5  # a clerk or terminal with this share of the joint swipes belongs to the ring


def members(backend: Backend, facts: Facts, groups: Groups, keys: pa.Table) -> pa.Table:
    """Return the members of the raised rings (``keys``: gid, ring_id).

    In a group that meets, a person's weight is the share of the joint sessions between its first
    and its last that it was in; that of a place, terminal, clerk or doctor its share of the joint
    swipes. A terminal, clerk or doctor is a member from half of them, and where it stands out
    against its usual share at the place. In other groups a person's weight is the share of its
    settlements in question that show the group, and the rest are whom the detector named.
    """
    raised = backend.create_table("raised_members", keys, overwrite=True)
    shown = facts.swipes.filter(facts.swipes.joint).join(raised, "gid")
    rows = shown.filter(shown.meets)
    parts = [
        _people(rows),
        _used(rows, facts.devices, "device_id", "device", "terminal"),
        _used(rows, facts.clerks, "opter_id", "staff", "cashier"),
        _used(rows, facts.doctors, "dr_code", "doctor", "doctor"),
        _places(rows),
        _named_people(backend, facts, groups, raised),
        _named(backend, shown, groups, raised),
    ]
    table = backend.to_pyarrow(parts[0].union(*parts[1:]))
    for name in ("since", "until"):
        at = table[name].cast(pa.timestamp("s"))
        table = table.set_column(table.schema.get_field_index(name), name, at)
    return table.sort_by(
        [
            ("ring_id", "ascending"),
            ("entity_type", "ascending"),
            ("entity_id", "ascending"),
            ("role", "ascending"),
        ]
    )


def core(backend: Backend, facts: Facts, groups: Groups) -> list[list[str]]:
    """Return the identifiers of the core members of each group, for its number."""
    count = len(groups)
    s = facts.swipes.filter(facts.swipes.joint & facts.swipes.person.notnull())
    s = s.semi_join(facts.members, ["gid", "person"])
    turn = ibis.ifelse(s.meets, s.session.cast("string"), s.setl_id)
    n = s.group_by(["gid", "psn_no"]).aggregate(n=turn.nunique())
    order = ibis.window(group_by="gid", order_by=[n.n.desc(), n.psn_no])
    n = n.mutate(turn=ibis.row_number().over(order))
    rows = backend.to_pyarrow(n.filter(n.turn < CORE).select("gid", "psn_no"))
    hearts = _listed(rows, count)
    everyone = parties(backend, facts, groups)
    return [heart or people[:CORE] for heart, people in zip(hearts, everyone, strict=True)]


def parties(backend: Backend, facts: Facts, groups: Groups) -> list[list[str]]:
    """Return the import identifiers of the persons of each group, of all others where it has none.

    Sorted.
    """
    people = _listed(backend.to_pyarrow(facts.people.select("gid", "psn_no")), len(groups))
    others = groups.found.others
    if others is None:
        return people
    named = pa.table({"gid": others["gid"], "psn_no": others["entity_id"]})
    return [a or b for a, b in zip(people, _listed(named, len(groups)), strict=True)]


def _listed(rows: pa.Table, count: int) -> list[list[str]]:
    lists: list[list[str]] = [[] for _ in range(count)]
    rows = rows.sort_by([("gid", "ascending"), ("psn_no", "ascending")])
    for gid, psn_no in zip(rows["gid"].to_pylist(), rows["psn_no"].to_pylist(), strict=True):
        lists[gid].append(psn_no)
    return lists


def _people(rows: Table) -> Table:
    seen = rows.group_by(["ring_id", "psn_no"]).aggregate(
        n=rows.session.nunique(),
        first=rows.session.min(),
        last=rows.session.max(),
        since=rows["at"].min(),
        until=rows["at"].max(),
    )
    span = (seen["last"] - seen["first"] + 1).cast("float64")
    return _member(seen, "person", seen.psn_no, "holder", (seen.n / span))


def _named_people(backend: Backend, facts: Facts, groups: Groups, raised: Table) -> Table:
    """Return the persons of the groups that do not meet, with the role their detector gives."""
    roles = backend.create_table(
        "raised_roles",
        pa.table(
            {
                "gid": np.flatnonzero(groups.kind != ""),
                "role": pa.array(groups.role[groups.kind != ""].tolist(), pa.string()),
            }
        ),
        overwrite=True,
    )
    s = facts.swipes.filter(facts.swipes.near & ~facts.swipes.meets)
    seen = s.group_by(["gid", "psn_no"]).aggregate(
        weight=s.joint.mean(),
        since=s["at"].min(where=s.joint),
        until=s["at"].max(where=s.joint),
    )
    people = facts.people.select("gid", "psn_no").join(raised, "gid").join(roles, "gid")
    p = people.left_join(seen, ["gid", "psn_no"]).select(
        people, seen.weight, seen.since, seen.until
    )
    return _member(p, "person", p.psn_no, p.role, p.weight.fill_null(0.0))


def _named(backend: Backend, shown: Table, groups: Groups, raised: Table) -> Table:
    """Return the members that a detector named; their time is that of the group."""
    others = groups.found.others if groups.found.others is not None else OTHERS.empty_table()
    table = backend.create_table("raised_others", others, overwrite=True)
    span = shown.group_by("gid").aggregate(since=shown["at"].min(), until=shown["at"].max())
    named = table.join(raised, "gid")
    named = named.left_join(span, "gid").select(named, span.since, span.until)
    return named.select(
        "ring_id", "entity_type", "entity_id", "role", "weight", "since", "until"
    ).distinct(on=["ring_id", "entity_type", "entity_id", "role"], keep="first")


def _places(rows: Table) -> Table:
    total = rows.group_by("ring_id").aggregate(total=rows.count())
    n = rows.group_by(["ring_id", "fixmedins_code"]).aggregate(
        n=rows.count(), since=rows["at"].min(), until=rows["at"].max()
    )
    n = n.join(total, "ring_id")
    return _member(n, "place", n.fixmedins_code, "place", n.n / n.total)


def _used(rows: Table, usual: Table, column: str, entity: str, role: str) -> Table:
    named = rows.filter(rows[column].notnull())
    total = named.group_by("ring_id").aggregate(total=named.count())
    n = named.group_by(["ring_id", "place", column]).aggregate(
        n=named.count(), since=named["at"].min(), until=named["at"].max()
    )
    n = n.join(usual.select("place", column, "share"), ["place", column]).join(total, "ring_id")
    part = n.n / n.total
    n = n.filter((part >= CASHIER) & (part >= 1.2 * n.share))
    return _member(n, entity, n[column], role, n.n / n.total)


def _member(
    table: Table, entity: str, key: ibis.expr.types.Value, role: str, weight: ibis.expr.types.Value
) -> Table:
    return table.select(
        "ring_id",
        entity_type=ibis.literal(entity),
        entity_id=key,
        role=ibis.literal(role) if isinstance(role, str) else role,
        weight=ibis.least(weight.cast("float64"), 1.0).round(6),
        since=table.since,
        until=table.until,
    )
