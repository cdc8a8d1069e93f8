"""People of a case who are called back (电话回访): drawn at random, and what each of them said.

Drawn are persons of the case's rings, by the record of :mod:`casework.draws`; nobody chooses whom.
How somebody is reached is not here: telephone and address are had by a reveal
(:mod:`casework.reveals`) alone.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, get_args

from sqlalchemy import Connection, insert, select, update

from casework.audit import noted
from casework.canonical import stamp
from casework.draws import CALL_BACK, Draw, draw_of, record_draw
from casework.ledger import Ledger
from casework.rights import NotFound, Officer, Refused, serving
from casework.subjects import Stale, find, members_of
from casework.tables import cases, draws
from casework.tables_checks import call_back_people, call_backs
from ingest.telling import to_say, word
from ingest.telling import words as words_of

_noted = partial(noted, object_class="call_back")
Result = Literal["not_reached", "reached", "confirms", "denies"]
"""What came of a call: nobody answered, somebody did, the visits are confirmed or denied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """Somebody who was drawn, by the key of the import; ``result`` is None until it is noted."""

    person: str
    position: int
    revision: int
    result: Result | None
    words: str | None
    changed_at: str | None
    changed_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBack:
    """A draw of people of a case, with them in the order drawn."""

    case_id: str
    made: Draw
    people: tuple[Called, ...]


def draw_people(
    ledger: Ledger,
    officer: Officer,
    case_id: str,
    *,
    wanted: int,
    purpose: str,
    excluded: Mapping[str, str] | None = None,
    seed: Callable[[], str] = lambda: secrets.token_hex(32),
) -> CallBack:
    """Draw so many persons of a case's rings, each as likely as any other, and record it.

    ``excluded`` gives the reason why somebody is not called, by the key of the import.

    Raises
    ------
    NotFound
        If there is no such case, or the officer may not know of it.
    Refused
        If fewer are left than are wanted, somebody is excluded who is not of the case or without a
        reason, or the purpose is empty.
    """
    function = "call_backs.draw_people"
    with serving(ledger, officer, function, case_id) as connection:
        row = find(connection, officer, function, case_id, of=cases)
        pool = dict.fromkeys(people_of(connection, case_id), 1)
        made = record_draw(
            connection, ledger, officer, CALL_BACK, pool,
            wanted=wanted, purpose=purpose, excluded=excluded or {}, seed=seed(),
            unit=row.unit, case_id=case_id,
        )  # fmt: skip
        connection.execute(insert(call_backs), {"draw_id": made.draw_id, "case_id": case_id})
        connection.execute(
            insert(call_back_people),
            [
                {"draw_id": made.draw_id, "person": person, "position": n, "revision": 1}
                for n, person in enumerate(made.drawn, 1)
            ],
        )
        return of_case(connection, case_id, made.draw_id)[0]


def list_call_backs(ledger: Ledger, officer: Officer, case_id: str) -> list[CallBack]:
    """Return who was drawn in a case and what they said, the newest draw first.

    Raises
    ------
    NotFound
        If there is no such case, or the officer may not know of it.
    """
    function = "call_backs.list_call_backs"
    with serving(ledger, officer, function, case_id) as connection:
        find(connection, officer, function, case_id, of=cases)
        found = of_case(connection, case_id)
        _noted(
            connection, officer, ledger.clock(), "call_back.listed", case_id,
            case_id=case_id, draws=len(found),
        )  # fmt: skip
        return found


def note_result(
    ledger: Ledger,
    officer: Officer,
    draw_id: str,
    person: str,
    *,
    result: str,
    words: str,
    revision: int,
) -> CallBack:
    """Write down what came of a call to somebody who was drawn; it may be written anew.

    Raises
    ------
    NotFound
        If there is no such draw or nobody of that key in it, or the officer may not know of it.
    Refused
        If the result is none, or there are no words.
    Stale
        If somebody wrote it down since ``revision``.
    """
    function = "call_backs.note_result"
    with serving(ledger, officer, function, draw_id) as connection:
        case_id = _case_of(connection, draw_id)
        try:
            find(connection, officer, function, case_id, of=cases)
        except NotFound:
            raise NotFound(draw_id) from None
        _can_note(draw_id, result, words)
        own = (call_back_people.c.draw_id == draw_id) & (call_back_people.c.person == person)
        at = ledger.clock()
        done = connection.execute(
            update(call_back_people)
            .where(own, call_back_people.c.revision == revision)
            .values(
                revision=revision + 1, result=result, words=words.strip(),
                changed_at=stamp(at), changed_by=officer.name,
            )
        )  # fmt: skip
        if done.rowcount != 1:
            now = connection.execute(select(call_back_people).where(own)).one_or_none()
            if now is None:
                raise NotFound(draw_id)
            raise Stale(draw_id, expected=revision, row=now)
        _noted(
            connection, officer, at, "call_back.noted", draw_id,
            case_id=case_id, count=1, person=person, result=result,
        )  # fmt: skip
        return of_case(connection, case_id, draw_id)[0]


def of_case(connection: Connection, case_id: str, draw_id: str | None = None) -> list[CallBack]:
    """Return the call-backs of a case, or that of one draw, the newest first."""
    query = select(draws).join(call_backs).where(call_backs.c.case_id == case_id)
    if draw_id is not None:
        query = query.where(draws.c.draw_id == draw_id)
    rows = connection.execute(query.order_by(draws.c.at.desc(), draws.c.draw_id)).all()
    of_draws = call_back_people.c.draw_id.in_([row.draw_id for row in rows])
    held: dict[str, list[Called]] = {row.draw_id: [] for row in rows}
    people = select(call_back_people).where(of_draws).order_by(call_back_people.c.position)
    for row in connection.execute(people):
        values: dict[str, Any] = dict(row._mapping)
        held[values.pop("draw_id")].append(Called(**values))
    return [
        CallBack(case_id=case_id, made=draw_of(row), people=tuple(held[row.draw_id]))
        for row in rows
    ]


def people_of(connection: Connection, case_id: str) -> list[str]:
    """Return the persons of the case's rings by their keys of the import, in order."""
    found = members_of(connection, case_id)
    return sorted({key for kind, key, _ in found if kind == "person"})


def _case_of(connection: Connection, draw_id: str) -> str:
    query = select(call_backs.c.case_id).where(call_backs.c.draw_id == draw_id)
    found = connection.execute(query).scalar_one_or_none()
    if found is None:
        raise NotFound(draw_id)
    return str(found)


def _can_note(draw_id: str, result: str, said: str) -> None:
    if result not in get_args(Result) or not said.strip():
        raise Refused(
            to_say(
                "refused.call_back.result",
                draw_id=draw_id,
                result=word("call_back_result", result),
                choices=words_of("call_back_result", get_args(Result), by="or"),
            )
        )
