"""What an authority gets of the data: each table holds what it needs and nothing more."""

import csv
import io
from typing import Any

import duckdb

from casework.reports.ring_data import RingData
from ingest.workspace import Workspace

BOXES = 5_000
"""Most boxes and drugs listed for market supervision."""


def rows_for(workspace: Workspace, ring: RingData, name: str) -> str:
    """Return one table of a ring as CSV, rows in a stated order.

    ``settlements`` and ``members`` bear pseudonyms and go to police and supervisory organ;
    ``objects`` names terminals and accounts; ``places``, ``drugs`` and ``practitioners`` hold no
    person's treatment.
    """
    header, rows = _TABLES[name](workspace, ring)
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return held.getvalue()


def _settlements(_: Workspace, ring: RingData) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    names = ("setl_id", "settled_at", "person", "place", "device", "clerk", "total", "fund", "why",
             "row_hash")  # fmt: skip
    return names, [tuple(row[name] for name in names) for row in ring.settlements]


def _members(_: Workspace, ring: RingData) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    names = ("entity_type", "entity", "role", "weight", "since", "until")
    return names, [tuple(row[name] for name in names) for row in ring.members]


def _objects(_: Workspace, ring: RingData) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Return what may be sealed or seized: terminals, cards and accounts, with their days."""
    kinds = ("device", "card", "account")
    names = ("entity_type", "entity", "role", "since", "until")
    rows = [row for row in ring.members if row["entity_type"] in kinds]
    return names, [tuple(row[name] for name in names) for row in rows]


def _places(_: Workspace, ring: RingData) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    names = ("place", "name", "kind", "division", "settlements", "days", "fund")
    return names, [tuple(row[name] for name in names) for row in ring.places if row["member"]]


def _practitioners(_: Workspace, ring: RingData) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    names = ("entity_type", "entity", "role", "since", "until")
    rows = [row for row in ring.members if row["entity_type"] in ("doctor", "staff")]
    return names, [tuple(row[name] for name in names) for row in rows]


def _drugs(workspace: Workspace, ring: RingData) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Return drugs and boxes by place: quantities and first and last day, of no person."""
    names = ("place", "med_list_codg", "drug_trac_codg", "quantity", "first", "last")
    path = workspace.table("fee_list")
    if not path.exists():
        return names, []
    place_of = {row["setl_id"]: row["place"] for row in ring.settlements}
    with duckdb.connect(":memory:", config={"autoinstall_known_extensions": False}) as engine:
        rows = engine.execute(
            """
            SELECT k.place, f.med_list_codg, f.drug_trac_codg, sum(f.cnt),
                   min(f.fee_ocur_time)::DATE, max(f.fee_ocur_time)::DATE
            FROM read_parquet($lines) f
            JOIN (SELECT unnest($keys) AS setl_id, unnest($places) AS place) k USING (setl_id)
            WHERE regexp_matches(f.med_list_codg, '^[XZ]')
            GROUP BY k.place, f.med_list_codg, f.drug_trac_codg
            ORDER BY k.place, f.med_list_codg, f.drug_trac_codg NULLS FIRST LIMIT $most
            """,
            {
                "lines": str(path),
                "keys": list(place_of),
                "places": list(place_of.values()),
                "most": BOXES,
            },
        ).fetchall()
    return names, [tuple("" if value is None else value for value in row) for row in rows]


_TABLES = {
    "settlements": _settlements,
    "members": _members,
    "objects": _objects,
    "places": _places,
    "practitioners": _practitioners,
    "drugs": _drugs,
}
