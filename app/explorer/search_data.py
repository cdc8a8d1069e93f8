"""What a search says of the parties it found: the rings they are in, and groups not raised.

People come in and leave as pseudonyms; the import's numbers join inside the queries only.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import duckdb
import pandas as pd
import streamlit as st

from app.explorer.data import Source

MEMBERS = {
    "Patient": "person", "Card": "card", "Pharmacy": "place", "Institution": "place",
    "Doctor": "doctor", "Staff": "staff", "Device": "device", "Account": "account",
    "Agent": "agent",
}  # fmt: skip
"""Labels whose nodes can be members of a ring, with the name the run gives their type."""
BY_TYPE = {kind: label for label, kind in MEMBERS.items() if kind not in ("person", "place")}
BY_SETTLEMENT = {"Card": "card_id", "Device": "device_id"}
"""Labels that are in a ring also through the settlements it rests on, with their column."""


@st.cache_data(show_spinner=False, max_entries=200)
def rings_of(source: Source, ids: tuple[str, ...]) -> pd.DataFrame:
    """Return (id, ring_id, role) of nodes ``Label:key``: members first, then through settlements.

    ``role`` is missing where a card or terminal is in a ring by a settlement only; a settlement
    (``Settlement:setl_id``, also ``ManualClaim`` and ``Stay``) has none either.
    """
    asked = pd.DataFrame(
        [
            {"id": one, "label": label, "key": key, "type": MEMBERS.get(label)}
            for one in ids
            for label, _, key in [one.partition(":")]
        ],
        columns=["id", "label", "key", "type"],
    )
    through = " UNION ALL ".join(
        f"SELECT a.id, r.ring_id, NULL AS role FROM asked a JOIN live s ON s.{column} = a.key"  # noqa: S608
        f" JOIN read_parquet($counted) r USING (setl_id) WHERE a.label = '{label}'"
        for label, column in BY_SETTLEMENT.items()
    )
    return _ask(
        f"""
        WITH live AS (SELECT setl_id, card_id, device_id FROM read_parquet($settlements)),
        found AS (
            SELECT a.id, m.ring_id, m.role FROM asked a
            LEFT JOIN read_parquet($persons) p ON a.label = 'Patient' AND p.person_id = a.key
            JOIN read_parquet($members) m
              ON m.entity_type = a.type AND m.entity_id = coalesce(p.psn_no, a.key)
            UNION ALL {through}
            UNION ALL
            SELECT a.id, r.ring_id, NULL FROM asked a
            JOIN read_parquet($counted) r ON r.setl_id = a.key
            WHERE a.label IN ('Settlement', 'ManualClaim', 'Stay')
            UNION ALL SELECT id, key, NULL FROM asked WHERE label = 'Ring'
        )
        SELECT id, ring_id, max(role) AS role FROM found
        GROUP BY id, ring_id ORDER BY id, ring_id
        """,  # noqa: S608 - constants of this file
        frame=asked,
        settlements=_table(source, "settlements"),
        persons=_table(source, "persons"),
        members=_part(source, "ring_members"),
        counted=_part(source, "ring_settlements"),
    )


@st.cache_data(show_spinner=False, max_entries=200)
def nodes_of(source: Source, parties: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Return the nodes of members of rings (entity type, key of the import), in their order.

    People become pseudonyms, a place the label it has. Who is not in this import has no node.
    """
    asked = pd.DataFrame(parties, columns=["type", "key"])
    found = _ask(
        """
        SELECT CASE a.type
                   WHEN 'person' THEN 'Patient:' || p.person_id
                   WHEN 'place' THEN CASE WHEN v.place_kind = 'pharmacy' THEN 'Pharmacy:'
                                          ELSE 'Institution:' END || a.key
                   ELSE l.label || ':' || a.key END AS node
        FROM (SELECT *, row_number() OVER () AS place FROM asked) a
        LEFT JOIN read_parquet($persons) p ON a.type = 'person' AND p.psn_no = a.key
        LEFT JOIN read_parquet($providers) v ON a.type = 'place' AND v.fixmedins_code = a.key
        LEFT JOIN (SELECT unnest($types) AS type, unnest($labels) AS label) l ON l.type = a.type
        ORDER BY a.place
        """,
        frame=asked,
        persons=_table(source, "persons"),
        providers=_table(source, "providers"),
        types=list(BY_TYPE),
        labels=list(BY_TYPE.values()),
    )
    return tuple(dict.fromkeys(str(one) for one in found["node"].dropna()))


@st.cache_data(show_spinner=False, max_entries=200)
def not_raised_with(source: Source, pseudonyms: tuple[str, ...]) -> pd.DataFrame:
    """Return the groups not raised that these people are in: person, then the group's columns."""
    return _ask(
        """
        WITH wanted AS (
            SELECT psn_no, person_id FROM read_parquet($persons)
            WHERE person_id IN (SELECT unnest($people))
        ), inside AS (
            SELECT ring_id, unnest(members) AS psn_no FROM read_parquet($groups)
        )
        SELECT w.person_id AS person, g.* EXCLUDE (members, loss_mid)
        FROM inside i JOIN wanted w USING (psn_no) JOIN read_parquet($groups) g USING (ring_id)
        ORDER BY person, g.probability DESC NULLS LAST, g.ring_id
        """,
        persons=_table(source, "persons"),
        groups=_part(source, "not_raised"),
        people=list(pseudonyms),
    )


@st.cache_data(show_spinner=False, max_entries=200)
def settlement(source: Source, setl_id: str) -> bool:
    """Tell whether the clean tables have a settlement of this number."""
    found = _ask(
        "SELECT setl_id FROM read_parquet($settlements) WHERE setl_id = $setl_id LIMIT 1",
        settlements=_table(source, "settlements"),
        setl_id=setl_id,
    )
    return len(found) > 0


def examples(source: Source, rings: Sequence[str]) -> list[str]:
    """Return identifiers of this run to try: a ring and a place and a person of it."""
    first = next(iter(rings), None)
    if first is None:
        return []
    found = _ask(
        """
        SELECT entity_type,
               min(CASE WHEN entity_type = 'person' THEN p.person_id ELSE entity_id END)
        FROM read_parquet($members) m LEFT JOIN read_parquet($persons) p ON p.psn_no = m.entity_id
        WHERE ring_id = $ring AND entity_type IN ('person', 'place', 'doctor', 'staff')
        GROUP BY entity_type ORDER BY entity_type
        """,
        members=_part(source, "ring_members"),
        persons=_table(source, "persons"),
        ring=first,
    )
    return [first, *(str(one) for one in found.iloc[:, 1].dropna())]


def _part(source: Source, name: str) -> str:
    return str(source.workspace.runs / source.run / f"{name}.parquet")


def _table(source: Source, name: str) -> str:
    return str(source.workspace.table(name))


def _ask(query: str, frame: pd.DataFrame | None = None, **parameters: Any) -> pd.DataFrame:
    cursor = _engine().cursor()
    if frame is not None:
        cursor.register("asked", frame)
    answer: pd.DataFrame = cursor.execute(query, parameters).df()
    return answer


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    """Open one engine for all visits; it may not fetch extensions."""
    return duckdb.connect(":memory:", config={"threads": 2, "autoinstall_known_extensions": False})
