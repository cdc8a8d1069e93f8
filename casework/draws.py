"""Random draw (双随机) of who is inspected and who inspects: weighted, recorded, repeatable.

Each candidate gets a number between 0 and 1 from the SHA-256 over seed and key; whoever has the
least −ln(number) / weight comes first (Efraimidis and Spirakis, Information Processing Letters 97,
2006). So the order in which the pool is given does not matter, and a candidate more or less leaves
the order of the others as it is. The seed is made by the machine for each draw; nobody chooses it,
and a draw that is repeated until it pleases leaves every one of its rows.
"""

import hashlib
import json
import math
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

from sqlalchemy import Connection, Row, insert, select

from casework.audit import append
from casework.canonical import canonical, stamp
from casework.ledger import Ledger
from casework.rights import Officer, Refused, Subject, reaches, require, serving
from casework.subjects import plain_subject
from casework.tables import draws
from ingest.telling import listed, to_say, word

Kind = Literal["targets", "inspectors", "experts"]
CALL_BACK: Literal["call_back"] = "call_back"
"""A draw of people of a case (电话回访): the case's own, so it is in no list of a unit's draws."""
LONGEST_DAYS = 1825
"""Days without a visit from which a place weighs no more: five years; never visited weighs so."""
_BITS = 53  # what a float holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """A draw as it was made: ``drawn`` in the order drawn, ``excluded`` with the reason by key."""

    draw_id: str
    unit: str
    kind: Kind | Literal["call_back"]
    purpose: str
    pool: Mapping[str, int]
    excluded: Mapping[str, str]
    wanted: int
    seed: str
    drawn: tuple[str, ...]
    at: str
    who: str


def draw(
    ledger: Ledger,
    officer: Officer,
    kind: Kind,
    pool: Mapping[str, int],
    *,
    wanted: int,
    purpose: str,
    excluded: Mapping[str, str] | None = None,
    seed: Callable[[], str] = lambda: secrets.token_hex(32),
) -> Draw:
    """Draw so many of a pool (weight, 1 or more, by key), without those excluded, and record it.

    ``excluded`` gives the reason why somebody of the pool may not be drawn (回避).

    Raises
    ------
    Refused
        If too few are left, a weight is below 1, somebody is excluded who is not in the pool or
        without a reason, or the purpose is empty.
    """
    with serving(ledger, officer, "draws.draw", kind) as connection:
        return record_draw(
            connection, ledger, officer, kind, pool,
            wanted=wanted, purpose=purpose, excluded=excluded or {}, seed=seed(),
        )  # fmt: skip


def record_draw(
    connection: Connection,
    ledger: Ledger,
    officer: Officer,
    kind: Kind | Literal["call_back"],
    pool: Mapping[str, int],
    *,
    wanted: int,
    purpose: str,
    excluded: Mapping[str, str],
    seed: str,
    unit: str | None = None,
    case_id: str | None = None,
) -> Draw:
    """Draw and keep it, in the transaction of whoever checked the right; errors as :func:`draw`.

    ``unit`` is whose draw it is where that is not the officer's, ``case_id`` the case it is for.
    """
    _can_draw(kind, pool, excluded, wanted, purpose)
    at = ledger.clock()
    made = Draw(
        draw_id=f"Z-{secrets.token_hex(6)}",
        unit=officer.unit if unit is None else unit,
        kind=kind,
        purpose=purpose.strip(),
        pool=dict(sorted(pool.items())),
        excluded=dict(sorted(excluded.items())),
        wanted=wanted,
        seed=seed,
        drawn=drawn_from(pool, excluded=tuple(excluded), wanted=wanted, seed=seed),
        at=stamp(at),
        who=officer.name,
    )
    values: dict[str, Any] = {name: getattr(made, name) for name in Draw.__slots__}
    for name in ("pool", "excluded", "drawn"):
        values[name] = canonical(values[name])
    connection.execute(insert(draws), values)
    append(
        connection,
        officer,
        at=at,
        action="draw.made",
        object_class="draw",
        object=made.draw_id,
        count=len(made.drawn),
        case_id=case_id,
        purpose=made.purpose,
        details=values,
    )
    return made


def list_draws(ledger: Ledger, officer: Officer) -> list[Draw]:
    """Return the draws of the officer's unit, the newest first."""
    function = "draws.list_draws"
    with serving(ledger, officer, function, "draws") as connection:
        scope = require(officer, function)
        of_unit = select(draws).where(draws.c.kind.in_(get_args(Kind)))
        rows = connection.execute(of_unit.order_by(draws.c.at.desc(), draws.c.draw_id)).all()
        return [draw_of(row) for row in rows if reaches(scope, officer, _subject(row))]


def drawn_from(
    pool: Mapping[str, int], *, excluded: Sequence[str] = (), wanted: int, seed: str
) -> tuple[str, ...]:
    """Return who is drawn: the same for the same pool, exclusions and seed, on any machine.

    Examples
    --------
    >>> drawn_from({"P1": 1, "P2": 1, "P3": 1}, excluded=["P2"], wanted=2, seed="s")
    ('P3', 'P1')
    """
    left = [key for key in pool if key not in set(excluded)]
    return tuple(sorted(left, key=lambda key: (_wait(seed, key) / pool[key], key))[:wanted])


def repeated(made: Draw) -> tuple[str, ...]:
    """Return who is drawn from the record of a draw: the same as then, or the record was altered.

    Raises
    ------
    Refused
        If the record cannot be drawn from: a weight below 1, or fewer left than were wanted.
    """
    _can_draw(made.kind, made.pool, made.excluded, made.wanted, made.purpose)
    return drawn_from(made.pool, excluded=tuple(made.excluded), wanted=made.wanted, seed=made.seed)


def purpose_for(plan_id: str, purpose: str) -> str:
    """Return the purpose of a draw of inspectors for a plan: it begins with the plan's number.

    Examples
    --------
    >>> purpose_for("B-0123456789ab", "spring")
    'B-0123456789ab spring'
    """
    return f"{plan_id} {purpose.strip()}".strip()


def draws_for(plan_id: str, made: Iterable[Draw]) -> list[Draw]:
    """Return the draws of inspectors and experts that were made for a plan, in the order given."""
    return [
        one for one in made if one.kind != "targets" and one.purpose.partition(" ")[0] == plan_id
    ]


def weights_since(visits: Mapping[str, date | None], *, today: date) -> dict[str, int]:
    """Return a weight for each place: days since its last visit, at least 1, None was never.

    Raises
    ------
    Refused
        If a visit lies after today.
    """
    late = sorted(key for key, day in visits.items() if day is not None and day > today)
    if late:
        raise Refused(to_say("refused.draw.ahead", place=late[0], today=today))
    return {
        key: LONGEST_DAYS if day is None else min(max((today - day).days, 1), LONGEST_DAYS)
        for key, day in visits.items()
    }


def _wait(seed: str, key: str) -> float:
    number = hashlib.sha256(canonical([seed, key]).encode("ascii")).digest()
    whole = int.from_bytes(number[:8], "big") >> (64 - _BITS)
    return -math.log((whole + 1) / 2**_BITS)


def _can_draw(
    kind: str, pool: Mapping[str, int], excluded: Mapping[str, str], wanted: int, purpose: str
) -> None:
    strangers = sorted(set(excluded) - set(pool))
    unexplained = sorted(key for key, reason in excluded.items() if not reason.strip())
    light = sorted(key for key, weight in pool.items() if type(weight) is not int or weight < 1)
    left = len(set(pool) - set(excluded))
    whole = kind in (*get_args(Kind), CALL_BACK) and bool(purpose.strip()) and 1 <= wanted <= left
    if strangers or unexplained or light or not whole:
        raise Refused(
            to_say(
                "refused.draw.pool",
                wanted=wanted,
                kind=word("draw_kind", kind),
                left=left,
                strangers=listed(strangers),
                unexplained=listed(unexplained),
                light=listed(light),
            )
        )


def _subject(row: Row[Any]) -> Subject:
    return plain_subject(row.draw_id, row.unit, author=row.who)


def draw_of(row: Row[Any]) -> Draw:
    """Return a draw as its row in the ledger has it."""
    held = dict(row._mapping)
    for name in ("pool", "excluded", "drawn"):
        held[name] = json.loads(held[name])
    return Draw(**{**held, "drawn": tuple(held["drawn"])})
