"""The register of points of risk (风险点): which post and process may go wrong, what controls it.

It is about the agency's own posts, so it belongs to the discipline liaison alone, as the control
sheet does. Nothing stands in it that nobody put there.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Literal, get_args

from sqlalchemy import Connection, Row, insert, select, update

from casework.audit import NAME_LENGTH, noted
from casework.canonical import stamp
from casework.control import CHECKS, find_sheet
from casework.ledger import Ledger
from casework.limits import local_day
from casework.rights import NotFound, Officer, Refused, Subject, reaches, require, serving
from casework.subjects import Stale, find, plain_subject
from casework.tables import leads
from casework.tables_checks import risk_points
from ingest.telling import Told, to_say, word, words

_noted = partial(noted, object_class="risk_point")
Grade = Literal["high", "middle", "low"]
Source = Literal["control", "lead", "hand"]
"""Where a point comes from: a check of a control sheet, a lead of insiders, or somebody's own."""
State = Literal["open", "controlled"]
LINES = ("post", "process", "owner")
REVIEWED_DAYS = 365
"""Days after which a point is to be looked at again; ours, no rule says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is said of a point: post (岗位), process, risk, measure, who answers for it, grade.

    ``measure`` may be empty while the point is open.
    """

    post: str
    process: str
    risk: str
    measure: str
    owner: str
    grade: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskPoint:
    """A point of the register; ``source_key`` names the sheet and its check, or the lead."""

    risk_id: str
    revision: int
    unit: str
    post: str
    process: str
    risk: str
    measure: str
    owner: str
    grade: Grade
    source: Source
    source_key: str | None
    state: State
    reviewed_on: str
    made_at: str
    made_by: str
    changed_at: str
    changed_by: str


def add_point(
    ledger: Ledger,
    officer: Officer,
    entry: Entry,
    *,
    source: Source = "hand",
    source_key: str | None = None,
) -> RiskPoint:
    """Put a point into the register of the officer's unit; it is open, and reviewed today.

    ``source_key``: for ``control`` the sheet and its check as ``C-…/same_hand``, for ``lead`` the
    lead of insiders; for ``hand`` none. What one source found is put in once.

    Raises
    ------
    NotFound
        If the role may not do this, or there is no such sheet or lead for the officer.
    Refused
        If a field is empty or too long, the grade is none, or the source is in the register.
    """
    function = "risk_points.add_point"
    with serving(ledger, officer, function, "risk_points") as connection:
        _whole(entry, state="open")
        _of_source(connection, officer, source, source_key)
        at = stamp(ledger.clock())
        values = {
            "risk_id": f"W-{secrets.token_hex(6)}",
            "revision": 1,
            "unit": officer.unit,
            **_tidy(entry),
            "source": source,
            "source_key": source_key,
            "state": "open",
            "reviewed_on": local_day(ledger.clock()).isoformat(),
            "made_at": at,
            "made_by": officer.name,
            "changed_at": at,
            "changed_by": officer.name,
        }
        connection.execute(insert(risk_points), values)
        _noted(
            connection, officer, ledger.clock(), "risk_point.added", values["risk_id"],
            source=source, source_key=source_key, grade=entry.grade,
        )  # fmt: skip
        return RiskPoint(**values)


def list_points(ledger: Ledger, officer: Officer) -> list[RiskPoint]:
    """Return the register of the officer's unit: open points first, then by grade and age."""
    function = "risk_points.list_points"
    with serving(ledger, officer, function, "risk_points") as connection:
        scope = require(officer, function)
        rows = connection.execute(select(risk_points).where(risk_points.c.unit == officer.unit))
        found = [
            RiskPoint(**row._mapping) for row in rows if reaches(scope, officer, _subject(row))
        ]
    grades = get_args(Grade)
    return sorted(
        found,
        key=lambda one: (
            one.state != "open", grades.index(one.grade), one.reviewed_on, one.risk_id
        ),
    )  # fmt: skip


def change_point(
    ledger: Ledger,
    officer: Officer,
    risk_id: str,
    entry: Entry,
    *,
    state: State,
    revision: int,
) -> RiskPoint:
    """Write a point anew, open or controlled; it is reviewed today.

    Raises
    ------
    NotFound
        If there is no such point, or the officer may not know of it.
    Refused
        If a field is empty or too long, or it is controlled without a measure.
    Stale
        If it was changed since ``revision``.
    """
    function = "risk_points.change_point"
    with serving(ledger, officer, function, risk_id) as connection:
        own = risk_points.c.risk_id == risk_id
        row = connection.execute(select(risk_points).where(own)).one_or_none()
        if row is None or row.unit != officer.unit:
            raise NotFound(risk_id)
        require(officer, function, _subject(row))
        _whole(entry, state=state)
        at = ledger.clock()
        done = connection.execute(
            update(risk_points)
            .where(own, risk_points.c.revision == revision)
            .values(
                **_tidy(entry), state=state, revision=revision + 1,
                reviewed_on=local_day(at).isoformat(),
                changed_at=stamp(at), changed_by=officer.name,
            )
        )  # fmt: skip
        now = connection.execute(select(risk_points).where(own)).one()
        if done.rowcount != 1:
            raise Stale(risk_id, expected=revision, row=now)
        _noted(
            connection, officer, at, "risk_point.changed", risk_id,
            state=state, was=row.state, grade=entry.grade,
        )  # fmt: skip
        return RiskPoint(**now._mapping)


def due(point: RiskPoint, today: date) -> bool:
    """Whether a point was not looked at for :data:`REVIEWED_DAYS`."""
    return (today - date.fromisoformat(point.reviewed_on)).days > REVIEWED_DAYS


def control_key(sheet_id: str, check: str) -> str:
    """Return how a point names the check of a control sheet that it comes from.

    Examples
    --------
    >>> control_key("C-0123456789ab", "same_hand")
    'C-0123456789ab/same_hand'
    """
    return f"{sheet_id}/{check}"


def _of_source(
    connection: Connection, officer: Officer, source: Source, source_key: str | None
) -> None:
    """Check that the source is there for the officer and not in the register yet."""
    if source not in get_args(Source) or (source == "hand") is not (source_key is None):
        raise Refused(_unfit("source", source, words("risk_source", get_args(Source), by="or")))
    if source_key is None:
        return
    if source == "lead":
        find(connection, officer, "leads.read_lead", source_key, of=leads)
    else:
        sheet, _, check = source_key.partition("/")
        find_sheet(connection, officer, "control.list_sheets", sheet)
        if check not in CHECKS:
            raise NotFound(source_key)
    known = select(risk_points.c.risk_id).where(
        risk_points.c.unit == officer.unit,
        risk_points.c.source == source,
        risk_points.c.source_key == source_key,
    )
    held = connection.execute(known).scalar_one_or_none()
    if held is not None:
        raise Refused(to_say("refused.risk.known", source_key=source_key, risk_id=held))


def _whole(entry: Entry, *, state: str) -> None:
    for name in LINES:
        value = getattr(entry, name)
        if not value.strip() or len(value) > NAME_LENGTH or not value.isprintable():
            raise Refused(_unfit(name, value, to_say("refused.risk.line", most=NAME_LENGTH)))
    if not entry.risk.strip():
        raise Refused(_unfit("risk", entry.risk, to_say("refused.risk.text")))
    if entry.grade not in get_args(Grade):
        raise Refused(_unfit("grade", entry.grade, words("risk_grade", get_args(Grade), by="or")))
    if state not in get_args(State):
        raise Refused(_unfit("state", state, words("risk_state", get_args(State), by="or")))
    if state == "controlled" and not entry.measure.strip():
        raise Refused(_unfit("measure", entry.measure, to_say("refused.risk.text")))


def _unfit(name: str, value: str, wanted: Told) -> Told:
    return to_say("refused.risk.field", name=word("risk_field", name), value=value, wanted=wanted)


def _tidy(entry: Entry) -> Mapping[str, Any]:
    return {name: getattr(entry, name).strip() for name in Entry.__slots__}


def _subject(row: Row[Any]) -> Subject:
    """Return a point as rights see it: the agency's posts are concerned, so it is of insiders."""
    return plain_subject(row.risk_id, row.unit, insider=True)
