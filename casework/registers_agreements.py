"""The register of service agreements: where each place stands, since when, and until when barred.

The agreement itself lives in the agency's system; this register holds what supervision must know
of it. Whoever's agreement was ended gets no new one before the bar is over (three years, S1
"3年内不得再与其签定协议").
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

from sqlalchemy import Connection, Row, insert, select, update

from casework.audit import append
from casework.canonical import stamp
from casework.ledger import Ledger
from casework.limits import local_day
from casework.registers_rules import bar, read_rules
from casework.rights import Officer, Refused, Subject, reaches, require, serving
from casework.subjects import next_number, plain_subject
from casework.tables_papers import agreement_history, agreements
from ingest.telling import to_say, word

State = Literal["active", "suspended"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Where a place stands; ``barred`` is whether the bar still holds today."""

    place: str
    revision: int
    unit: str
    state: str
    since: date
    until: date | None
    barred_until: date | None
    barred: bool
    case_id: str | None
    reason: str
    changed_at: str
    changed_by: str


def set_agreement(
    ledger: Ledger,
    officer: Officer,
    place: str,
    *,
    state: State,
    since: date,
    reason: str,
    until: date | None = None,
    revision: int | None = None,
) -> Agreement:
    """Register that a place has an agreement, or that it is suspended until a day.

    An agreement is ended by an approved proposal alone (:mod:`casework.registers`). ``revision``
    is that of the entry as it was read, None for a place that has none.

    Raises
    ------
    NotFound
        If the entry belongs to a unit that the officer has no right to.
    Refused
        If the place is barred, the entry was changed since, the days do not fit, or there is no
        reason.
    """
    function = "registers_agreements.set_agreement"
    with serving(ledger, officer, function, place) as connection:
        query = select(agreements).where(agreements.c.place == place)
        row = connection.execute(query).one_or_none()
        if row is not None:
            require(officer, function, _subject(row))
        now = row.revision if row is not None else None
        barred = row is not None and row.barred_until and since < _day(row.barred_until)
        wrong = state not in get_args(State) or not reason.strip() or not place.strip()
        if barred or now != revision or wrong or (until is not None and until < since):
            raise Refused(
                to_say(
                    "refused.register.agreement",
                    place=place,
                    barred=row.barred_until if row is not None else None,
                    now=now,
                    revision=revision,
                    state=word("supervision.agreement_state", state),
                    since=since,
                    until=until,
                )
            )
        values = {
            "unit": officer.unit if row is None else row.unit,
            "state": state,
            "since": since.isoformat(),
            "until": until.isoformat() if until else None,
            "barred_until": None,
            "case_id": None,
            "reason": reason.strip(),
        }
        return _write(connection, ledger, officer, place, row, values)


def list_agreements(ledger: Ledger, officer: Officer) -> list[Agreement]:
    """Return the entries of the officer's unit by code of the place."""
    function = "registers_agreements.list_agreements"
    with serving(ledger, officer, function, "agreements") as connection:
        scope = require(officer, function)
        rows = connection.execute(select(agreements).order_by(agreements.c.place)).all()
        today = local_day(ledger.clock())
        return [_agreement(row, today) for row in rows if reaches(scope, officer, _subject(row))]


def end_agreement(
    connection: Connection,
    ledger: Ledger,
    officer: Officer,
    place: str,
    unit: str,
    case_id: str | None,
    reason: str,
) -> Agreement:
    """End the agreement of a place and bar a new one, in the caller's transaction."""
    query = select(agreements).where(agreements.c.place == place)
    row = connection.execute(query).one_or_none()
    today = local_day(ledger.clock())
    values = {
        "unit": unit if row is None else row.unit,
        "state": "ended",
        "since": today.isoformat(),
        "until": None,
        "barred_until": bar(read_rules(ledger.workspace), today).isoformat(),
        "case_id": case_id,
        "reason": reason.strip(),
    }
    return _write(connection, ledger, officer, place, row, values)


def _write(
    connection: Connection,
    ledger: Ledger,
    officer: Officer,
    place: str,
    row: Row[Any] | None,
    values: dict[str, Any],
) -> Agreement:
    at = stamp(ledger.clock())
    changed = {**values, "changed_at": at, "changed_by": officer.name}
    if row is None:
        connection.execute(insert(agreements), {"place": place, "revision": 1, **changed})
    else:
        key = agreements.c.place == place
        connection.execute(
            update(agreements).where(key).values(revision=row.revision + 1, **changed)
        )
    number = next_number(connection, agreement_history, place)
    entry = {"place": place, "number": number, **values, "at": at, "who": officer.name}
    connection.execute(insert(agreement_history), entry)
    append(
        connection,
        officer,
        at=ledger.clock(),
        action="agreement.changed",
        object_class="agreement",
        object=place,
        case_id=values["case_id"],
        details={**values, "before": row.state if row is not None else None},
    )
    now = connection.execute(select(agreements).where(agreements.c.place == place)).one()
    return _agreement(now, local_day(ledger.clock()))


def _agreement(row: Row[Any], today: date) -> Agreement:
    barred = _day(row.barred_until) if row.barred_until else None
    return Agreement(
        **{
            **row._mapping,
            "since": _day(row.since),
            "until": _day(row.until) if row.until else None,
            "barred_until": barred,
            "barred": barred is not None and today < barred,
        }
    )


def _subject(row: Row[Any]) -> Subject:
    return plain_subject(row.place, row.unit)


def _day(text: str) -> date:
    return date.fromisoformat(text)
