"""Members: who belongs to a ring, in which role, how surely, since when and until when."""

import ibis
import pyarrow as pa
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from detectors.facts import Facts

CORE = 3  # so many members, most often present, stand for the ring in its number
CASHIER = 0.5  # a clerk or terminal with this share of the joint swipes belongs to the ring


def members(backend: Backend, facts: Facts, keys: pa.Table) -> pa.Table:
    """Return the members of the raised rings (``keys``: gid, ring_id).

    A person's weight is the share of the joint sessions between its first and its last that it was
    in; that of a place, a terminal or a clerk its share of the joint swipes. A terminal or clerk is
    a member from half of them, and where it stands out against its usual share at the place.
    """
    raised = backend.create_table("raised_members", keys, overwrite=True)
    joint = facts.swipes.filter(facts.swipes.session.notnull())
    rows = joint.join(raised, "gid")
    parts = [
        _people(rows),
        _used(rows, facts.devices, "device_id", "device", "terminal"),
        _used(rows, facts.clerks, "opter_id", "staff", "cashier"),
        _places(rows),
    ]
    table = backend.to_pyarrow(parts[0].union(*parts[1:]))
    for name in ("since", "until"):
        at = table[name].cast(pa.timestamp("s"))
        table = table.set_column(table.schema.get_field_index(name), name, at)
    return table.sort_by(
        [("ring_id", "ascending"), ("entity_type", "ascending"), ("entity_id", "ascending")]
    )


def core(backend: Backend, facts: Facts, count: int) -> list[list[str]]:
    """Return the import identifiers of the core members of each group."""
    joint = facts.swipes.filter(facts.swipes.session.notnull())
    n = joint.group_by(["gid", "psn_no"]).aggregate(n=joint.session.nunique())
    order = ibis.window(group_by="gid", order_by=[n.n.desc(), n.psn_no])
    n = n.mutate(turn=ibis.row_number().over(order))
    rows = backend.to_pyarrow(n.filter(n.turn < CORE).select("gid", "psn_no"))
    hearts = _listed(rows, count)
    everyone = numbered_people(backend, facts, count)
    return [heart or people[:CORE] for heart, people in zip(hearts, everyone, strict=True)]


def numbered_people(backend: Backend, facts: Facts, count: int) -> list[list[str]]:
    """Return the import identifiers of the persons of each group, sorted."""
    return _listed(backend.to_pyarrow(facts.people.select("gid", "psn_no")), count)


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
        role=ibis.literal(role),
        weight=ibis.least(weight.cast("float64"), 1.0).round(6),
        since=table.since,
        until=table.until,
    )
