"""The letter to the other area (协查函) of a case with care out of the area: areas, rows, paper.

The area of a fund is that of most insured people of the extract, at four digits of the division, as
in :mod:`detectors.remote`: funds are pooled there. A settlement concerns another area if it was
treated there, or if its person is insured there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import duckdb
from pyarrow import parquet
from sqlalchemy import Connection, select

from casework.issuing import Issued, Wanted, issue_draft
from casework.ledger import Ledger
from casework.paper_drafts import Draft
from casework.reports.handling import handling_of_case
from casework.reports.letter_paper import letter_paper
from casework.rights import Officer, Refused, serving
from casework.subjects import find
from casework.tables import case_leads, cases, leads
from ingest.errors import RingfenceError
from ingest.telling import listed, to_say
from ingest.texts import Language
from ingest.workspace import Workspace

Link = Literal["treated", "insured"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Concerned:
    """A settlement of the case that concerns another area; the person is a pseudonym."""

    area: str
    setl_id: str
    day: str
    place: str
    person: str | None
    link: Link


def letter_areas(ledger: Ledger, officer: Officer, case_id: str) -> Mapping[str, int]:
    """Return the other areas of a case with their settlements, most first; none is an answer.

    Raises
    ------
    NotFound
        If there is no such case, or the officer may not know of it.
    RingfenceError
        If the run of a lead is gone.
    """
    function = "letters.letter_areas"
    with serving(ledger, officer, function, case_id) as connection:
        find(connection, officer, function, case_id, of=cases)
        return counted(concerned(connection, ledger.workspace, case_id))


def issue_letter(
    ledger: Ledger, officer: Officer, case_id: str, wanted: Wanted, *, area: str = ""
) -> tuple[Issued, bytes]:
    """Return the letter of a case to one other area, and its file; see :func:`draft_letter`.

    Raises
    ------
    NotFound
        If there is no such case, or the officer may not know of it.
    Refused
        If the case has no care out of the area, or none that concerns this one.
    RingfenceError
        If the run of a lead is gone, or the fonts are not installed.
    """
    function = "letters.issue_letter"
    with serving(ledger, officer, function, case_id) as connection:
        draft = draft_letter(
            connection, ledger, officer, function, case_id, wanted.language, area=area
        )
        return issue_draft(connection, ledger, officer, draft, wanted)


def draft_letter(
    connection: Connection,
    ledger: Ledger,
    officer: Officer,
    function: str,
    case_id: str,
    lang: Language,
    *,
    area: str,
) -> Draft:
    """Return the letter as it stands; without an area it goes to that with most settlements."""
    row = find(connection, officer, function, case_id, of=cases)
    rows = concerned(connection, ledger.workspace, case_id)
    areas = counted(rows)
    chosen = area or next(iter(areas), "")
    if chosen not in areas:
        raise Refused(
            to_say("refused.letter.area", case_id=case_id, area=chosen, areas=listed(areas))
        )
    handling = handling_of_case(connection, row, lang)
    paper = letter_paper(handling, chosen, [one for one in rows if one.area == chosen], lang)
    return Draft(paper=paper, unit=row.unit, subject=case_id, case_id=case_id)


def counted(rows: Sequence[Concerned]) -> dict[str, int]:
    """Return how many settlements concern each area, most first, then by code."""
    held: dict[str, set[str]] = {}
    for one in rows:
        held.setdefault(one.area, set()).add(one.setl_id)
    return {area: len(keys) for area, keys in sorted(held.items(), key=_most_first)}


def runs_gone(connection: Connection, workspace: Workspace, case_id: str) -> list[str]:
    """Return the runs of the case's leads that are not in the workspace any more."""
    held = {run for run, _ in _rings(connection, case_id)}
    return sorted(one for one in held if not _settled(workspace, one).exists())


def concerned(connection: Connection, workspace: Workspace, case_id: str) -> list[Concerned]:
    """Return the settlements of the case's rings that concern another area, by day and key."""
    rings = _rings(connection, case_id)
    if gone := runs_gone(connection, workspace, case_id):
        raise RingfenceError(to_say("refused.paper.run_gone", run=gone[0], root=workspace.root))
    held = workspace.table("settlements")
    divisions = {"insu_admdvs", "mdtrtarea_admvs"} & set(parquet.read_schema(held).names)
    with duckdb.connect(
        ":memory:", config={"threads": 2, "autoinstall_known_extensions": False}
    ) as engine:
        engine.execute("CREATE TABLE keys (setl_id VARCHAR)")
        for run, ring_id in rings:
            engine.execute(
                "INSERT INTO keys SELECT setl_id FROM read_parquet($rows) WHERE ring_id = $ring",
                {"rows": str(_settled(workspace, run)), "ring": ring_id},
            )
        for name in ("settlements", "providers", "persons"):
            engine.read_parquet(str(workspace.table(name))).create_view(f"clean_{name}")
        missing = {"insu_admdvs", "mdtrtarea_admvs"} - divisions
        filled = "".join(f", NULL::VARCHAR AS {name}" for name in sorted(missing))
        engine.execute(f"CREATE VIEW settled AS SELECT *{filled} FROM clean_settlements")  # noqa: S608 - names of this file
        found = engine.execute(_QUERY).fetchall()
    return [Concerned(**dict(zip(Concerned.__slots__, row, strict=True))) for row in found]


_QUERY = """
    WITH home AS (
        SELECT left(insu_admdvs, 4) AS area FROM settled WHERE length(insu_admdvs) = 6
        GROUP BY ALL ORDER BY count(DISTINCT psn_no) DESC, area LIMIT 1
    ), told AS (
        SELECT DISTINCT s.setl_id, s.setl_time::DATE::VARCHAR AS day, s.fixmedins_code AS place,
               p.person_id AS person, left(s.insu_admdvs, 4) AS insured,
               left(coalesce(s.mdtrtarea_admvs, v.fix_blng_admdvs), 4) AS treated
        FROM settled s JOIN keys USING (setl_id)
        LEFT JOIN clean_providers v USING (fixmedins_code)
        LEFT JOIN clean_persons p USING (psn_no)
        WHERE s.live
    )
    SELECT treated || '00' AS area, setl_id, day, place, person, 'treated' AS link
    FROM told, home WHERE treated <> home.area
    UNION ALL
    SELECT insured || '00', setl_id, day, place, person, 'insured'
    FROM told, home WHERE insured <> home.area AND insured IS DISTINCT FROM treated
    ORDER BY day, setl_id, area
"""


def _rings(connection: Connection, case_id: str) -> list[tuple[str, str]]:
    query = select(leads.c.run, leads.c.ring_id).join(case_leads)
    found = connection.execute(query.where(case_leads.c.case_id == case_id))
    return sorted((run, ring_id) for run, ring_id in found)


def _settled(workspace: Workspace, run: str) -> Path:
    return workspace.runs / run / "ring_settlements.parquet"


def _most_first(one: tuple[str, set[str]]) -> tuple[Any, ...]:
    return -len(one[1]), one[0]
