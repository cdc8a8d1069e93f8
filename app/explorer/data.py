"""What the pages read: a run and its settlements, a few rows at a time, without clear identifiers.

Every function answers from Parquet with a predicate, so that memory depends on the ring looked at
and never on the extract. ``psn_no`` joins inside the queries and never leaves them: people are
named by ``person_id``. Results are cached by run and import, which never change once written.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import duckdb
import pandas as pd
import streamlit as st

from casework.reports.ring_data import read_ties
from ingest.manifest import Manifest
from ingest.workspace import Workspace

Missing = Literal["no_workspace", "no_import", "no_run"]
RASTER_LIMIT = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One run and the import it is read against: what every cache is keyed by."""

    root: str
    run: str
    import_id: str

    @property
    def workspace(self) -> Workspace:
        """The folder both lie in."""
        return Workspace(Path(self.root))


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """Rings that came and went since an earlier run, by ring_id."""

    run: str
    new: frozenset[str]
    vanished: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """One ring as a run handed it on; frames keep the run's order."""

    facts: dict[str, Any]
    members: pd.DataFrame
    evidence: pd.DataFrame
    honest: pd.DataFrame
    hangs_on: pd.DataFrame


def find(root: str | None) -> Source | Missing:
    """Return what there is to show, or the first thing that is missing."""
    if not root or not Path(root).is_dir():
        return "no_workspace"
    workspace = Workspace(Path(root))
    if not workspace.table("settlements").exists():
        return "no_import"
    if not (workspace.runs / "latest" / "rings.parquet").exists():
        return "no_run"
    return Source(root=root, run=workspace.latest_run().name, import_id=current_import(workspace))


def current_import(workspace: Workspace) -> str:
    """Return the name of the import that the clean tables belong to."""
    return workspace.tables.resolve().parent.name


@st.cache_data(show_spinner=False)
def run_facts(source: Source) -> dict[str, Any]:
    """Return the run's own account: parameters, seed, detectors off, notes."""
    path = source.workspace.runs / source.run / "run.json"
    facts: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return facts


@st.cache_data(show_spinner=False)
def manifest(root: str, import_id: str) -> Manifest | None:  # noqa: ARG001 - part of the key
    """Return the import's account of itself; None where there is none."""
    path = Workspace(Path(root)).manifest
    return Manifest.read(path) if path.exists() else None


@st.cache_data(show_spinner=False)
def rings(source: Source) -> pd.DataFrame:
    """Return the rings of the run, first rank first."""
    return _ask(
        "SELECT * REPLACE (loss_low::DOUBLE AS loss_low, loss_mid::DOUBLE AS loss_mid,"
        " loss_high::DOUBLE AS loss_high) FROM read_parquet($rings) ORDER BY rank, ring_id",
        rings=_part(source, "rings"),
    )


@st.cache_data(show_spinner=False)
def not_raised(source: Source) -> pd.DataFrame:
    """Return the candidates that were not raised, likeliest first, without their members."""
    return _ask(
        "SELECT * EXCLUDE (members) REPLACE (loss_mid::DOUBLE AS loss_mid)"
        " FROM read_parquet($groups) ORDER BY probability DESC NULLS LAST, ring_id",
        groups=_part(source, "not_raised"),
    )


@st.cache_data(show_spinner=False)
def groups_with(source: Source, pseudonym: str) -> frozenset[str]:
    """Return the ring_id of rings and candidates with a person whose pseudonym starts so.

    Upper and lower case count alike and the leading ``P-`` may be left out.
    """
    start = pseudonym.strip().lower().removeprefix("p-")
    found = _ask(
        """
        WITH wanted AS (
            SELECT psn_no FROM read_parquet($persons)
            WHERE starts_with(lower(person_id), $start)
        ), members AS (
            SELECT ring_id, entity_id AS psn_no FROM read_parquet($ring_members)
            WHERE entity_type = 'person'
            UNION ALL
            SELECT ring_id, unnest(members) FROM read_parquet($groups)
        )
        SELECT DISTINCT ring_id FROM members SEMI JOIN wanted USING (psn_no)
        """,
        persons=_table(source, "persons"),
        ring_members=_part(source, "ring_members"),
        groups=_part(source, "not_raised"),
        start=f"p-{start}",
    )
    return frozenset(found["ring_id"])


@st.cache_data(show_spinner=False)
def group(source: Source, ring_id: str) -> tuple[dict[str, Any], list[str]] | None:
    """Return a candidate that was not raised and the pseudonyms of its people; None if none is."""
    every = not_raised(source)
    facts = every[every["ring_id"] == ring_id].to_dict("records")
    if not facts:
        return None
    people = _ask(
        """
        WITH members AS (
            SELECT unnest(members) AS psn_no FROM read_parquet($groups) WHERE ring_id = $ring
        )
        SELECT coalesce(p.person_id, m.psn_no) AS entity, p.person_id IS NOT NULL AS is_person
        FROM members m LEFT JOIN read_parquet($persons) p USING (psn_no) ORDER BY entity
        """,
        groups=_part(source, "not_raised"),
        persons=_table(source, "persons"),
        ring=ring_id,
    )
    named = [str(one) for one in people["entity"][people["is_person"]]]
    return {str(name): value for name, value in facts[0].items()}, named


@st.cache_data(show_spinner=False)
def rings_at(source: Source) -> dict[str, frozenset[str]]:
    """Return for each place the rings that it is a member of, places with most rings first."""
    found = _ask(
        """
        SELECT entity_id AS place, list(DISTINCT ring_id ORDER BY ring_id) AS rings
        FROM read_parquet($members) WHERE entity_type = 'place'
        GROUP BY entity_id ORDER BY len(rings) DESC, entity_id
        """,
        members=_part(source, "ring_members"),
    )
    return {
        str(place): frozenset(map(str, rings))
        for place, rings in zip(found["place"], found["rings"], strict=True)
    }


@st.cache_data(show_spinner=False)
def since_last(source: Source) -> Since | None:
    """Return what the run has that the one before had not; None if it is the only one.

    The run before is the newest other one that was finished no later than this.
    """
    own = source.workspace.runs / source.run
    finished = (own / "rings.parquet").stat().st_mtime_ns
    others = [
        (path.stat().st_mtime_ns, path.parent.name)
        for path in source.workspace.runs.glob("*/rings.parquet")
        if path.parent.name != source.run and not path.parent.is_symlink()
    ]
    earlier = [name for at, name in sorted(others) if at <= finished]
    if not earlier:
        return None
    before = str(source.workspace.runs / earlier[-1] / "rings.parquet")
    known = "SELECT ring_id FROM read_parquet($path) ORDER BY ring_id"
    was = frozenset(_ask(known, path=before)["ring_id"])
    now = frozenset(_ask(known, path=_part(source, "rings"))["ring_id"])
    return Since(run=earlier[-1], new=now - was, vanished=was - now)


@st.cache_data(show_spinner=False)
def ring(source: Source, ring_id: str) -> Ring | None:
    """Return one ring with its members, evidence and honest tests; None if there is no such."""
    every = rings(source)
    facts = every[every["ring_id"] == ring_id].to_dict("records")
    if not facts:
        return None
    members = _ask(
        """
        SELECT m.entity_type,
               CASE WHEN m.entity_type = 'person' THEN p.person_id ELSE m.entity_id END AS entity,
               m.role, m.weight, m.since, m.until
        FROM read_parquet($members) m
        LEFT JOIN read_parquet($persons) p
               ON m.entity_type = 'person' AND p.psn_no = m.entity_id
        WHERE m.ring_id = $ring
        ORDER BY m.entity_type = 'person' DESC, m.entity_type, m.weight DESC, entity
        """,
        members=_part(source, "ring_members"),
        persons=_table(source, "persons"),
        ring=ring_id,
    )
    part = "SELECT * EXCLUDE (ring_id) FROM read_parquet($path) WHERE ring_id = $ring"
    return Ring(
        facts={str(name): value for name, value in facts[0].items()},
        members=members,
        evidence=_ask(part, path=_part(source, "ring_evidence"), ring=ring_id),
        honest=_ask(part, path=_part(source, "ring_honest_tests"), ring=ring_id),
        hangs_on=_hangs_on(source, ring_id),
    )


def _hangs_on(source: Source, ring_id: str) -> pd.DataFrame:
    """Return the parts without which the ring is less probable; a run of an older kind has none."""
    path = Path(_part(source, "ring_without"))
    if not path.exists():
        return pd.DataFrame()
    return _ask(
        """
        SELECT w.* EXCLUDE (ring_id, entity_id),
               CASE WHEN w.entity_type = 'person' THEN p.person_id ELSE w.entity_id END AS entity
        FROM read_parquet($path) w
        LEFT JOIN read_parquet($persons) p
               ON w.entity_type = 'person' AND p.psn_no = w.entity_id
        WHERE w.ring_id = $ring
        ORDER BY probability_without, entity_type, entity
        """,
        path=str(path),
        persons=_table(source, "persons"),
        ring=ring_id,
    )


# The settlements a ring rests on, and the other live ones of its people for comparison.
_SETTLEMENTS = """
    WITH counted AS (
        SELECT setl_id,
               CASE WHEN bool_or(why = 'joint_session') THEN 'joint_session'
                    ELSE min(why) END AS why
        FROM read_parquet($counted) WHERE ring_id = $ring GROUP BY setl_id
    ), people AS (
        SELECT entity_id AS psn_no FROM read_parquet($members)
        WHERE ring_id = $ring AND entity_type = 'person'
    ), rows AS (
        SELECT s.setl_id, s.setl_time AS settled_at, s.psn_no, s.card_id, s.card_kind,
               s.fixmedins_code AS place, s.device_id AS device, s.device_proxy AS proxy,
               s.opter_id AS clerk, s.dr_code AS doctor, s.med_class,
               s.net_sum::DOUBLE AS total, s.net_fund::DOUBLE AS fund, c.why
        FROM read_parquet($settlements) s LEFT JOIN counted c USING (setl_id)
        WHERE s.setl_id IN (SELECT setl_id FROM counted)
           OR ($others AND s.live AND s.psn_no IN (SELECT psn_no FROM people))
    )
"""


@st.cache_data(show_spinner=False)
def raster(source: Source, ring_id: str) -> tuple[pd.DataFrame, int]:
    """Return the ring's settlements and its people's others, and how many there are in all.

    At most ``RASTER_LIMIT`` rows come back: those the ring rests on first.
    """
    return _settlements(source, ring_id, others=True, first="why IS NULL, ", limit=RASTER_LIMIT)


@st.cache_data(show_spinner=False)
def settlements(
    source: Source, ring_id: str, *, others: bool, page: int, size: int
) -> tuple[pd.DataFrame, int]:
    """Return one page of the ring's settlements by time, and how many there are in all."""
    offset = (page - 1) * size
    return _settlements(source, ring_id, others=others, first="", limit=size, offset=offset)


def _settlements(
    source: Source, ring_id: str, *, others: bool, first: str, limit: int, offset: int = 0
) -> tuple[pd.DataFrame, int]:
    frame = _ask(
        f"""{_SETTLEMENTS}
        SELECT rows.* EXCLUDE (psn_no), p.person_id AS person, count(*) OVER () AS matching
        FROM rows LEFT JOIN read_parquet($persons) p USING (psn_no)
        ORDER BY {first}settled_at, setl_id LIMIT $size OFFSET $skip
        """,  # noqa: S608 - two constants of this file
        **_settlement_files(source, ring_id),
        others=others,
        size=limit,
        skip=offset,
    )
    total = int(frame["matching"].iloc[0]) if len(frame) else 0
    return frame.drop(columns="matching"), total


@st.cache_data(show_spinner=False)
def ties(source: Source, ring_id: str) -> pd.DataFrame:
    """Return who met whom: edges (left, left_type, right, right_type, tie, times).

    People are tied to the terminal of a counted settlement, or to its place where the terminal is
    not known; terminals to places; people to the doctors and clerks who are members; people to
    each other where the run validated the pair (``tie`` is then ``swiped_with``, times in days).
    """
    rows = [
        (*one.left[::-1], *one.right[::-1], one.tie, one.times)
        for one in read_ties(source.workspace, source.run, ring_id)
    ]
    columns = ["left", "left_type", "right", "right_type", "tie", "times"]
    return pd.DataFrame(rows, columns=columns).astype({"times": "int64"})


@st.cache_data(show_spinner=False)
def day_precision(source: Source, places: tuple[str, ...]) -> list[str]:
    """Return those of the places whose clock tells the day only."""
    found = _ask(
        "SELECT fixmedins_code FROM read_parquet($providers)"
        " WHERE day_precision AND fixmedins_code IN (SELECT unnest($places)) ORDER BY 1",
        providers=_table(source, "providers"),
        places=list(places),
    )
    return [str(code) for code in found["fixmedins_code"]]


def _settlement_files(source: Source, ring_id: str) -> dict[str, str]:
    return {
        "counted": _part(source, "ring_settlements"),
        "members": _part(source, "ring_members"),
        "settlements": _table(source, "settlements"),
        "persons": _table(source, "persons"),
        "ring": ring_id,
    }


def _part(source: Source, name: str) -> str:
    return str(source.workspace.runs / source.run / f"{name}.parquet")


def _table(source: Source, name: str) -> str:
    return str(source.workspace.table(name))


def _ask(query: str, **parameters: Any) -> pd.DataFrame:
    frame: pd.DataFrame = _engine().cursor().execute(query, parameters).df()
    return frame


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    """Open one engine for all visits: opening costs more than most of the queries.

    It may not fetch extensions, so that no request leaves the machine.
    """
    return duckdb.connect(":memory:", config={"threads": 2, "autoinstall_known_extensions": False})
