"""The agency's internal control sheet: what the tables show, and what a person answers to it.

The checks are those of the practice (分岗明责, 登记与复核分离, 月结算): registration and review by
different people, every payment reviewed, no invoice paid twice, rights by post, the month closed.
It is about the agency's own staff, so it belongs to the discipline liaison alone.
"""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, get_args

import duckdb
from sqlalchemy import Connection, Row, insert, select, update

from casework.audit import noted
from casework.canonical import canonical, stamp
from casework.issuing import Issued, Wanted, issue
from casework.ledger import Ledger
from casework.reports.control_paper import control_paper
from casework.rights import NotFound, Officer, Refused, Subject, reaches, require, serving
from casework.subjects import plain_subject
from casework.tables_papers import control_sheets
from ingest.manifest import Manifest
from ingest.telling import listed, to_say, word
from ingest.workspace import Workspace

_noted = partial(noted, object_class="control_sheet")
Check = Literal[
    "same_hand", "no_review", "late_review", "invoice_twice", "both_posts", "unknown_staff"
]
Judged = Literal["in_order", "to_mend", "to_check"]
CHECKS: tuple[Check, ...] = get_args(Check)
KEYS = 50
"""Keys that a check lists; the count is always the whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a check found in a month: how many of how many, and keys to look up.

    ``of`` is None where the table that it needs was not delivered, which is no clean bill.
    """

    check: Check
    count: int
    of: int | None
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlSheet:
    """A sheet of a month; ``answers`` are (judgement, words, who) by check."""

    sheet_id: str
    unit: str
    month: str
    import_id: str
    revision: int
    rows: tuple[Found, ...]
    answers: Mapping[str, tuple[str, str, str]]
    whole: bool
    at: str
    who: str


def make_sheet(ledger: Ledger, officer: Officer, *, month: str) -> ControlSheet:
    """Make the sheet of a month (``2026-03``) from the clean tables.

    Raises
    ------
    NotFound
        If the role may not do this.
    Refused
        If the month is none.
    RingfenceError
        If nothing was imported yet.
    """
    function = "control.make_sheet"
    with serving(ledger, officer, function, "control") as connection:
        if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
            raise Refused(to_say("refused.control.month", month=month))
        ledger.workspace.require_import()
        found = _found(ledger.workspace, month)
        values: dict[str, Any] = {
            "sheet_id": f"C-{secrets.token_hex(6)}",
            "unit": officer.unit,
            "month": month,
            "import_id": Manifest.read(ledger.workspace.manifest).import_id,
            "revision": 1,
            "rows": canonical([[f.check, f.count, f.of, list(f.keys)] for f in found]),
            "answers": "{}",
            "whole": False,
            "at": stamp(ledger.clock()),
            "who": officer.name,
        }
        connection.execute(insert(control_sheets), values)
        _noted(connection, officer, ledger.clock(), "control.made", values["sheet_id"], month=month)
        return _read(connection, values["sheet_id"])


def months_of(workspace: Workspace) -> list[str]:
    """Return the months in which manual claims were registered, the newest first.

    Examples
    --------
    >>> from pathlib import Path
    >>> months_of(Workspace(Path("nowhere")))
    []
    """
    claims = workspace.table("manual_claims")
    if not claims.exists():
        return []
    with duckdb.connect(":memory:", config={"autoinstall_known_extensions": False}) as engine:
        query = (
            "SELECT DISTINCT strftime(reg_time, '%Y-%m') FROM read_parquet($claims) "
            "WHERE reg_time IS NOT NULL ORDER BY 1 DESC"
        )
        return [
            str(month) for (month,) in engine.execute(query, {"claims": str(claims)}).fetchall()
        ]


def list_sheets(ledger: Ledger, officer: Officer) -> list[ControlSheet]:
    """Return the sheets of the liaison's unit, the newest month first."""
    function = "control.list_sheets"
    with serving(ledger, officer, function, "control") as connection:
        scope = require(officer, function)
        rows = connection.execute(
            select(control_sheets).order_by(control_sheets.c.month.desc(), control_sheets.c.at)
        ).all()
        return [
            _sheet(row)
            for row in rows
            if row.unit == officer.unit and reaches(scope, officer, _subject(row))
        ]


def answer_check(
    ledger: Ledger,
    officer: Officer,
    sheet_id: str,
    *,
    check: Check,
    judged: Judged,
    words: str,
    revision: int,
) -> ControlSheet:
    """Write down what came of a check; the sheet is whole once every check has an answer.

    Raises
    ------
    NotFound
        If there is no such sheet, or the officer may not know of it.
    Refused
        If it was changed since ``revision``, the check or judgement is none, or there are no words.
    """
    function = "control.answer_check"
    with serving(ledger, officer, function, sheet_id) as connection:
        row = find_sheet(connection, officer, function, sheet_id)
        fits = check in CHECKS and judged in get_args(Judged) and words.strip()
        if not fits or row.revision != revision:
            raise Refused(
                to_say(
                    "refused.control.answer",
                    check=word("control_check", check),
                    sheet_id=sheet_id,
                    now=row.revision,
                    revision=revision,
                    choices=listed(word("control_judged", one) for one in get_args(Judged)),
                )
            )
        answers = {**json.loads(row.answers), check: [judged, words.strip(), officer.name]}
        connection.execute(
            update(control_sheets)
            .where(control_sheets.c.sheet_id == sheet_id)
            .values(
                revision=revision + 1,
                answers=canonical(answers),
                whole=set(answers) == set(CHECKS),
            )
        )
        _noted(
            connection,
            officer,
            ledger.clock(),
            "control.answered",
            sheet_id,
            check=check,
            judged=judged,
        )
        return _read(connection, sheet_id)


def print_sheet(
    ledger: Ledger, officer: Officer, sheet_id: str, wanted: Wanted
) -> tuple[Issued, bytes]:
    """Return a control sheet as a paper to be signed, and its file.

    Raises
    ------
    NotFound
        If there is no such sheet, or the officer may not know of it.
    """
    function = "control.print_sheet"
    with serving(ledger, officer, function, sheet_id) as connection:
        row = find_sheet(connection, officer, function, sheet_id)
        paper = control_paper(_sheet(row), wanted.language)
        return issue(connection, ledger, officer, paper, wanted, row.unit, None)


_CLAIMS = """
    SELECT c.setl_id, c.invono, c.crter_id, c.rchker_id, c.reg_time, c.rchk_time
    FROM read_parquet($claims) c
    WHERE c.reg_time >= $first::DATE AND c.reg_time < $first::DATE + INTERVAL 1 MONTH
"""
_QUERIES: Mapping[Check, str] = {
    "same_hand": "SELECT setl_id FROM month WHERE crter_id = rchker_id",
    "no_review": "SELECT setl_id FROM month WHERE rchker_id IS NULL OR rchk_time IS NULL",
    # The month is closed when its claims are reviewed within it.
    "late_review": "SELECT setl_id FROM month WHERE rchk_time >= $first::DATE + INTERVAL 1 MONTH",
    "invoice_twice": """
        SELECT m.setl_id FROM month m WHERE m.invono IS NOT NULL AND EXISTS (
            SELECT 1 FROM every e WHERE e.invono = m.invono AND e.setl_id <> m.setl_id)
    """,
    "both_posts": """
        SELECT DISTINCT crter_id FROM month WHERE crter_id IN (SELECT rchker_id FROM month)
    """,
    "unknown_staff": """
        SELECT DISTINCT k FROM (SELECT crter_id AS k FROM month UNION SELECT rchker_id FROM month)
        WHERE k IS NOT NULL AND k NOT IN (SELECT staff_id FROM staff)
    """,
}


def _found(workspace: Workspace, month: str) -> list[Found]:
    claims, staff = workspace.table("manual_claims"), workspace.table("staff")
    if not claims.exists():
        return [Found(check=check, count=0, of=None, keys=()) for check in CHECKS]
    found = []
    with duckdb.connect(":memory:", config={"autoinstall_known_extensions": False}) as engine:
        values = {"claims": str(claims), "first": f"{month}-01"}
        engine.execute(f"CREATE TABLE month AS {_CLAIMS}", values)
        engine.read_parquet(str(claims)).create_view("every")
        if staff.exists():
            engine.read_parquet(str(staff)).create_view("staff")
        of = engine.execute("SELECT count(*) FROM month").fetchall()[0][0]
        for check in CHECKS:
            if check == "unknown_staff" and not staff.exists():
                found.append(Found(check=check, count=0, of=None, keys=()))
                continue
            query = _QUERIES[check]
            given = {"first": values["first"]} if "$first" in query else None
            keys = sorted(str(key) for (key,) in engine.execute(query, given).fetchall())
            found.append(Found(check=check, count=len(keys), of=of, keys=tuple(keys[:KEYS])))
    return found


def find_sheet(connection: Connection, officer: Officer, function: str, sheet_id: str) -> Row[Any]:
    """Return the row of a sheet of the officer's unit; a sheet of another one is not there."""
    query = select(control_sheets).where(control_sheets.c.sheet_id == sheet_id)
    row = connection.execute(query).one_or_none()
    if row is None or row.unit != officer.unit:
        raise NotFound(sheet_id)
    require(officer, function, _subject(row))
    return row


def _subject(row: Row[Any]) -> Subject:
    """Return a sheet as rights see it: the agency's staff are concerned, so it is of insiders."""
    return plain_subject(row.sheet_id, row.unit, insider=True)


def _read(connection: Connection, sheet_id: str) -> ControlSheet:
    query = select(control_sheets).where(control_sheets.c.sheet_id == sheet_id)
    return _sheet(connection.execute(query).one())


def _sheet(row: Row[Any]) -> ControlSheet:
    rows = tuple(
        Found(check=check, count=count, of=of, keys=tuple(keys))
        for check, count, of, keys in json.loads(row.rows)
    )
    answers = {check: tuple(answer) for check, answer in json.loads(row.answers).items()}
    return ControlSheet(**{**row._mapping, "rows": rows, "answers": answers})
