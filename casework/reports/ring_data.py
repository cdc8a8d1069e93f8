"""What a run says of one ring, with its settlements: read a few rows at a time, pseudonyms only.

``psn_no`` joins inside the queries and never leaves them: people are named by ``person_id``. The
hash of a row is the SHA-256 of the row of the clean table as JSON, so that a printed figure can be
led back to exactly the row it came from.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from casework.reports.network import Tie
from ingest.errors import RingfenceError
from ingest.manifest import Manifest
from ingest.telling import to_say
from ingest.workspace import Workspace

OTHERS = 5_000
"""Most settlements of the members beside those the ring rests on that the picture shows."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RingData:
    """One ring of one run. Rows are those of the run's tables, in its order, by column name.

    ``settlements`` are those the ring rests on, with the columns of :data:`SETTLEMENT`; ``others``
    further ones of its people. ``members`` bear their names as printed: pseudonyms, codes.
    ``current`` is whether the clean tables are still those the run was made of.
    """

    ring_id: str
    facts: Row
    members: tuple[Row, ...]
    evidence: tuple[Row, ...]
    honest: tuple[Row, ...]
    hangs_on: tuple[Row, ...]
    settlements: tuple[Row, ...]
    others: tuple[Row, ...]
    ties: tuple[Tie, ...]
    places: tuple[Row, ...]
    motif: Row | None
    not_raised: int
    run: Row
    manifest: Manifest
    current: bool


def read_ring(workspace: Workspace, run: str, ring_id: str) -> RingData:
    """Return what a run says of a ring.

    Raises
    ------
    RingfenceError
        If the run or the ring is not there any more.
    """
    folder = workspace.runs / run
    if not (folder / "rings.parquet").exists():
        raise RingfenceError(to_say("refused.paper.run_gone", run=run, root=workspace.root))
    with _asking(workspace, folder, ring_id) as ask:
        facts = ask(_RING)
        if not facts:
            raise RingfenceError(to_say("refused.paper.no_ring", run=run, ring_id=ring_id))
        return RingData(
            ring_id=ring_id,
            facts=facts[0],
            members=ask(_MEMBERS),
            evidence=ask(_part("ring_evidence")),
            honest=ask(_part("ring_honest_tests")),
            hangs_on=ask(_HANGS_ON) if (folder / "ring_without.parquet").exists() else (),
            settlements=ask(_SETTLEMENTS),
            others=ask(_OTHERS),
            ties=_tied(ask(_ties(workspace))),
            places=ask(_PLACES),
            motif=next(iter(ask(_part("ring_motifs"))), None)
            if (folder / "ring_motifs.parquet").exists()
            else None,
            not_raised=ask(_NOT_RAISED)[0]["groups"],
            run=json.loads((folder / "run.json").read_text("utf-8")),
            manifest=Manifest.read(workspace.manifest),
            current=workspace.is_current(folder),
        )


def read_ties(workspace: Workspace, run: str, ring_id: str) -> tuple[Tie, ...]:
    """Return who met whom in the settlements of a ring, without its manual claims.

    People are tied to the terminal of a settlement, or to its place where the terminal is not
    known; terminals to places; people to the doctors and clerks who are members; people to each
    other where the run validated the pair (``swiped_with``, in days).
    """
    with _asking(workspace, workspace.runs / run, ring_id) as ask:
        return _tied(ask(_TIES.format(counted=_COUNTED, claims="")))


def _tied(rows: Sequence[Row]) -> tuple[Tie, ...]:
    return tuple(
        Tie(
            left=(row["left_type"], row["left_key"]),
            right=(row["right_type"], row["right_key"]),
            tie=row["tie"],
            times=row["times"],
        )
        for row in rows
    )


@contextmanager
def _asking(workspace: Workspace, run: Path, ring_id: str) -> Iterator[Any]:
    """Yield a function that asks one of the queries below; the tables are views of their names.

    The engine may not fetch extensions, so that no request leaves the machine.
    """
    held = {"persons", "providers", "settlements", "staff", "manual_claims", "fee_list"}
    with duckdb.connect(
        ":memory:", config={"threads": 2, "autoinstall_known_extensions": False}
    ) as engine:
        for name in sorted(held):
            if workspace.table(name).exists():
                engine.read_parquet(str(workspace.table(name))).create_view(name)
        for path in sorted(run.glob("*.parquet")):
            engine.read_parquet(str(path)).create_view(f"run_{path.stem}")

        def ask(query: str) -> tuple[dict[str, Any], ...]:
            found = engine.execute(query, {"ring": ring_id} if "$ring" in query else None)
            names = [column[0] for column in found.description or []]
            return tuple(dict(zip(names, row, strict=True)) for row in found.fetchall())

        yield ask


def _part(table: str) -> str:
    return f"SELECT * EXCLUDE (ring_id) FROM run_{table} WHERE ring_id = $ring"  # noqa: S608 - names of this file


SETTLEMENT = (
    "setl_id", "settled_at", "day", "visit_id", "person", "place", "device", "proxy", "clerk",
    "total", "fund", "why", "row_hash",
)  # fmt: skip

_RING = "SELECT * FROM run_rings WHERE ring_id = $ring"
_NOT_RAISED = "SELECT count(*) AS groups FROM run_not_raised"
_MEMBERS = """
    SELECT m.entity_type,
           CASE WHEN m.entity_type = 'person' THEN p.person_id ELSE m.entity_id END AS entity,
           m.role, m.weight, m.since, m.until
    FROM run_ring_members m
    LEFT JOIN persons p ON m.entity_type = 'person' AND p.psn_no = m.entity_id
    WHERE m.ring_id = $ring
    ORDER BY m.entity_type = 'person' DESC, m.entity_type, m.weight DESC, entity, m.role
"""
_HANGS_ON = """
    SELECT w.entity_type, w.share, w.probability, w.probability_without,
           CASE WHEN w.entity_type = 'person' THEN p.person_id ELSE w.entity_id END AS entity
    FROM run_ring_without w
    LEFT JOIN persons p ON w.entity_type = 'person' AND p.psn_no = w.entity_id
    WHERE w.ring_id = $ring
    ORDER BY w.probability_without, w.entity_type, entity
"""
_COUNTED = """
    counted AS (
        SELECT setl_id,
               CASE WHEN bool_or(why = 'joint_session') THEN 'joint_session'
                    WHEN bool_or(why = 'rests_on') THEN 'rests_on' ELSE min(why) END AS why
        FROM run_ring_settlements WHERE ring_id = $ring GROUP BY setl_id
    )
"""
_SETTLEMENTS = f"""
    WITH {_COUNTED}
    SELECT s.setl_id, s.setl_time AS settled_at, s.day, s.visit_id, p.person_id AS person,
           s.fixmedins_code AS place, s.device_id AS device, s.device_proxy AS proxy,
           s.opter_id AS clerk, s.net_sum AS total, s.net_fund AS fund, c.why,
           sha256(to_json(s)::VARCHAR) AS row_hash
    FROM settlements s JOIN counted c USING (setl_id) LEFT JOIN persons p USING (psn_no)
    ORDER BY s.setl_time, s.setl_id
"""  # noqa: S608 - constants of this file
_OTHERS = f"""
    WITH {_COUNTED}
    SELECT s.setl_id, s.setl_time AS settled_at, p.person_id AS person
    FROM settlements s
    JOIN run_ring_members m
      ON m.ring_id = $ring AND m.entity_type = 'person' AND m.entity_id = s.psn_no
    LEFT JOIN persons p USING (psn_no)
    WHERE s.live AND s.setl_id NOT IN (SELECT setl_id FROM counted)
    ORDER BY s.setl_time, s.setl_id LIMIT {OTHERS}
"""  # noqa: S608 - constants of this file
_PLACES = f"""
    WITH {_COUNTED}, seen AS (
        SELECT s.fixmedins_code AS place, count(*) AS settlements, count(DISTINCT s.day) AS days,
               count(DISTINCT s.psn_no) AS people, sum(s.net_fund) AS fund
        FROM settlements s JOIN counted USING (setl_id) GROUP BY ALL
    ), named AS (
        SELECT DISTINCT entity_id AS place FROM run_ring_members
        WHERE ring_id = $ring AND entity_type = 'place'
    )
    SELECT place, v.fixmedins_name AS name, v.place_kind AS kind, v.fix_blng_admdvs AS division,
           coalesce(v.day_precision, false) AS day_precision, named.place IS NOT NULL AS member,
           coalesce(seen.settlements, 0) AS settlements, coalesce(seen.days, 0) AS days,
           coalesce(seen.people, 0) AS people, coalesce(seen.fund, 0) AS fund
    FROM named FULL JOIN seen USING (place) LEFT JOIN providers v ON v.fixmedins_code = place
    ORDER BY member DESC, seen.settlements DESC NULLS LAST, place
"""  # noqa: S608 - constants of this file
_TIES = """
    WITH {counted}, rows AS (
        SELECT s.*, p.person_id AS person,
               CASE WHEN v.place_kind = 'pharmacy' THEN 'Pharmacy' ELSE 'Institution' END AS type
        FROM settlements s JOIN counted USING (setl_id) JOIN persons p USING (psn_no)
        LEFT JOIN providers v USING (fixmedins_code)
    ), helpers AS (
        SELECT entity_type, entity_id FROM run_ring_members
        WHERE ring_id = $ring AND entity_type IN ('doctor', 'staff', 'account', 'agent')
    ), inside AS (
        SELECT p.psn_no, p.person_id FROM persons p JOIN run_ring_members m
          ON m.ring_id = $ring AND m.entity_type = 'person' AND m.entity_id = p.psn_no
    ), edges AS (
        SELECT person AS left_key, 'Patient' AS left_type,
               coalesce(device_id, fixmedins_code) AS right_key,
               CASE WHEN device_id IS NULL THEN type ELSE 'Device' END AS right_type,
               'swiped_at' AS tie, setl_id AS one
        FROM rows
        UNION ALL
        SELECT device_id, 'Device', fixmedins_code, type, 'installed_at', setl_id
        FROM rows WHERE device_id IS NOT NULL
        UNION ALL
        SELECT person, 'Patient', dr_code, 'Doctor', 'prescribed_for', setl_id
        FROM rows JOIN helpers h ON h.entity_type = 'doctor' AND h.entity_id = dr_code
        UNION ALL
        SELECT person, 'Patient', opter_id, 'Staff', 'rang_up', setl_id
        FROM rows JOIN helpers h ON h.entity_type = 'staff' AND h.entity_id = opter_id
        {claims}
    )
    SELECT left_key, left_type, right_key, right_type, tie, count(DISTINCT one) AS times
    FROM edges WHERE right_key IS NOT NULL GROUP BY ALL
    UNION ALL
    SELECT a.person_id, 'Patient', b.person_id, 'Patient', 'swiped_with', max(r.days)
    FROM run_pairs r
    JOIN inside a ON a.psn_no = r.person_a JOIN inside b ON b.psn_no = r.person_b
    GROUP BY ALL
    ORDER BY tie, left_key, right_key
"""
_CLAIMS = """
        UNION ALL
        SELECT person, 'Patient', c.crter_id, 'Staff', 'registered_by', setl_id
        FROM rows JOIN manual_claims c USING (setl_id)
        JOIN helpers h ON h.entity_type = 'staff' AND h.entity_id = c.crter_id
        UNION ALL
        SELECT person, 'Patient', c.rchker_id, 'Staff', 'reviewed_by', setl_id
        FROM rows JOIN manual_claims c USING (setl_id)
        JOIN helpers h ON h.entity_type = 'staff' AND h.entity_id = c.rchker_id
        UNION ALL
        SELECT person, 'Patient', c.bankacct, 'Account', 'paid_into', setl_id
        FROM rows JOIN manual_claims c USING (setl_id)
        JOIN helpers h ON h.entity_type = 'account' AND h.entity_id = c.bankacct
        UNION ALL
        SELECT person, 'Patient', c.agnter_certno, 'Agent', 'filed_by', setl_id
        FROM rows JOIN manual_claims c USING (setl_id)
        JOIN helpers h ON h.entity_type = 'agent' AND h.entity_id = c.agnter_certno
"""


def _ties(workspace: Workspace) -> str:
    claims = _CLAIMS if workspace.table("manual_claims").exists() else ""
    return _TIES.format(counted=_COUNTED, claims=claims)


def by_why(settlements: Sequence[Row]) -> dict[str, list[Row]]:
    """Return the settlements by why they count, in the order of the whys' names."""
    held: dict[str, list[Row]] = {}
    for row in settlements:
        held.setdefault(row["why"], []).append(row)
    return dict(sorted(held.items()))
