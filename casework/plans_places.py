"""Where a plan sends people: the places of a ring, and the hours in which it was seen there."""

from collections.abc import Mapping
from typing import Any

import duckdb

from ingest.workspace import Workspace


def ring_places(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the places among the members of a lead's facts, by code."""
    return tuple(sorted({key for kind, key, _ in facts["members"] if kind == "place"}))


def ring_hours(workspace: Workspace, run: str, ring_id: str) -> dict[str, dict[int, int]]:
    """Return how many of a ring's settlements fell into each hour of the day, by place.

    Night and dawn checks go by these hours. Places that record the day only have none. Empty where
    the run or the clean tables are not there any more.
    """
    found = workspace.runs / run / "ring_settlements.parquet"
    needed = (found, workspace.table("settlements"), workspace.table("providers"))
    if not all(path.exists() for path in needed):
        return {}
    with duckdb.connect(":memory:", config={"autoinstall_known_extensions": False}) as engine:
        rows = engine.execute(
            """
            SELECT s.fixmedins_code, hour(s.setl_time), count(DISTINCT s.setl_id)
            FROM read_parquet($settlements) s
            JOIN read_parquet($counted) c ON c.setl_id = s.setl_id AND c.ring_id = $ring
            LEFT JOIN read_parquet($providers) v USING (fixmedins_code)
            WHERE NOT coalesce(v.day_precision, false)
            GROUP BY ALL ORDER BY ALL
            """,
            {
                "settlements": str(needed[1]),
                "counted": str(found),
                "providers": str(needed[2]),
                "ring": ring_id,
            },
        ).fetchall()
    held: dict[str, dict[int, int]] = {}
    for place, hour, count in rows:
        held.setdefault(place, {})[int(hour)] = int(count)
    return held
