"""Tips (举报): taken by the informant desk, checked by a unit, tied to rings, answered in time.

What a unit reads of a tip is the desk's summary, which names no informant; the telling itself and
who told it are in :mod:`casework.informants`.
"""

import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, get_args

from sqlalchemy import Row, insert, select

from casework.audit import NAME_LENGTH, noted
from casework.canonical import canonical, stamp
from casework.informants import Informant, sweep, write_telling
from casework.ledger import Ledger
from casework.limits import local_day
from casework.rights import Officer, Refused, serving
from casework.subjects import find, visible
from casework.tables import leads
from casework.tables_people import tip_leads, tips
from casework.tips_finding import find_tip, visible_tips
from casework.tips_holding import (
    Channel,
    Entity,
    Outcome,
    State,
    Tip,
    add_entities,
    entities_of,
    filed_on,
    tip_of,
    tips_of,
    touch_tip,
)
from ingest.telling import to_say, word, words

_noted = partial(noted, object_class="tip")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tied:
    """A lead whose ring has entities that a tip names."""

    lead_id: str
    ring_id: str
    entities: tuple[Entity, ...]


def register_tip(
    ledger: Ledger,
    officer: Officer,
    *,
    unit: str,
    channel: str,
    received: date,
    summary: str,
    telling: str,
    informant: Informant | None = None,
    entities: Collection[Entity] = (),
    concerned: Collection[str] | None = None,
) -> Tip:
    """Register a tip for a unit to check.

    ``telling`` (the informant's words) and ``informant`` go to the desk's own store, never to the
    ledger. ``concerned``: the tip is about agency staff of these units (or of unknown ones, if it
    is empty); it then goes to the discipline liaison and is kept from them and from ``unit``.

    Raises
    ------
    Refused
        If unit, channel, day, summary or telling is missing or none.
    """
    function = "tips.register_tip"
    tip_id, inside = f"T-{secrets.token_hex(6)}", concerned is not None
    with serving(ledger, officer, function, "tips") as connection:
        at = ledger.clock()
        _check(unit, channel, received, summary, telling, local_day(at))
        sweep(ledger.workspace, set(connection.execute(select(tips.c.tip_id)).scalars()))
        values = {
            "tip_id": tip_id,
            "revision": 1,
            "unit": unit.strip(),
            "desk": officer.unit,
            "insider": inside,
            "concerned": canonical(sorted({*(concerned or ()), unit.strip()} if inside else ())),
            "channel": channel,
            "received": received.isoformat(),
            "real_name": bool(informant and informant.name.strip()),
            "summary": summary.strip(),
            "state": "registered",
            "made_at": stamp(at),
            "made_by": officer.name,
            "changed_at": stamp(at),
            "changed_by": officer.name,
        }
        connection.execute(insert(tips), values)
        add_entities(connection, ledger, officer, tip_id, entities)
        write_telling(ledger.workspace, tip_id, telling.strip(), informant)
        _noted(
            connection, officer, ledger.clock(), "tip.registered", tip_id, count=1, channel=channel
        )
        row = connection.execute(select(tips).where(tips.c.tip_id == tip_id)).one()
        return tip_of(connection, ledger, officer, row)


def list_tips(ledger: Ledger, officer: Officer, *, state: str | None = None) -> list[Tip]:
    """Return the tips an officer may see: what is due first, then the oldest."""
    function = "tips.list_tips"
    with serving(ledger, officer, function, "tips") as connection:
        rows = visible_tips(connection, officer, function)
        found = tips_of(connection, ledger, officer, [r for r in rows if state in (None, r.state)])
        _noted(connection, officer, ledger.clock(), "tip.listed", "list", tips=len(found))
    return sorted(found, key=lambda tip: (_next_due(tip), tip.received, tip.tip_id))


def read_tip(ledger: Ledger, officer: Officer, tip_id: str) -> Tip:
    """Return a tip; the audit log has a row of the reading."""
    function = "tips.read_tip"
    with serving(ledger, officer, function, tip_id) as connection:
        row = find_tip(connection, officer, function, tip_id)
        _noted(connection, officer, ledger.clock(), "tip.read", tip_id, count=1)
        return tip_of(connection, ledger, officer, row)


def name_entities(
    ledger: Ledger, officer: Officer, tip_id: str, entities: Collection[Entity], *, revision: int
) -> Tip:
    """Add whom and what a tip is about: entity type and key of the import, as in the rings."""
    function = "tips.name_entities"
    with serving(ledger, officer, function, tip_id) as connection:
        row = find_tip(connection, officer, function, tip_id)
        add_entities(connection, ledger, officer, tip_id, entities)
        row = touch_tip(connection, ledger, officer, row, revision)
        _noted(
            connection,
            officer,
            ledger.clock(),
            "tip.entities",
            tip_id,
            count=1,
            added=len(entities),
        )
        return tip_of(connection, ledger, officer, row)


def mark_insider(
    ledger: Ledger,
    officer: Officer,
    tip_id: str,
    *,
    concerned: Collection[str],
    reason: str,
    revision: int,
) -> None:
    """Hand a tip about agency staff to the discipline liaison; its unit loses it for good."""
    function = "tips.mark_insider"
    with serving(ledger, officer, function, tip_id) as connection:
        row = find_tip(connection, officer, function, tip_id)
        if not reason.strip():
            raise Refused(to_say("refused.tip.hand_reason", tip_id=tip_id))
        units = {*json.loads(row.concerned), *concerned, row.unit}
        kept_from = canonical(sorted(unit for unit in units if unit.strip()))
        touch_tip(connection, ledger, officer, row, revision, insider=True, concerned=kept_from)
        _noted(
            connection,
            officer,
            ledger.clock(),
            "tip.insider",
            tip_id,
            count=1,
            reason=reason.strip(),
        )


def accept_tip(
    ledger: Ledger, officer: Officer, tip_id: str, *, accept: bool, reason: str, revision: int
) -> Tip:
    """Decide whether a tip is followed.

    Raises
    ------
    Refused
        If it is decided already, or the reason is empty.
    """
    values = {"state": "accepted" if accept else "not_accepted", "on": "accepted_on"}
    return _step(
        ledger, officer, "tips.accept_tip", tip_id, revision, ("registered",), reason, values
    )


def leads_of_tip(ledger: Ledger, officer: Officer, tip_id: str) -> list[Tied]:
    """Return the leads an officer may see whose rings have an entity of the tip, most first."""
    function = "tips.leads_of_tip"
    with serving(ledger, officer, function, tip_id) as connection:
        find_tip(connection, officer, function, tip_id)
        named = set(entities_of(connection, [tip_id]).get(tip_id, ()))
        rows = [row for row, _ in visible(connection, officer, "leads.list_leads", leads)]
        _noted(connection, officer, ledger.clock(), "tip.leads_sought", tip_id, count=1)
    tied = [
        Tied(
            lead_id=row.lead_id,
            ring_id=row.ring_id,
            entities=tuple(sorted(named & {(m[0], m[1]) for m in _members(row)})),
        )
        for row in rows
    ]
    found = [one for one in tied if one.entities]
    return sorted(found, key=lambda one: (-len(one.entities), one.lead_id))


def link_lead(ledger: Ledger, officer: Officer, tip_id: str, lead_id: str, *, revision: int) -> Tip:
    """Tie a tip to a lead, and so to its ring and its case; both must be the officer's.

    Raises
    ------
    Refused
        If it is tied to it already.
    """
    function = "tips.link_lead"
    with serving(ledger, officer, function, tip_id) as connection:
        row = find_tip(connection, officer, function, tip_id)
        find(connection, officer, "leads.read_lead", lead_id, of=leads)
        link = (tip_leads.c.tip_id == tip_id) & (tip_leads.c.lead_id == lead_id)
        if connection.execute(select(tip_leads).where(link)).one_or_none() is not None:
            raise Refused(to_say("refused.tip.tied", tip_id=tip_id, lead_id=lead_id))
        made = {"at": stamp(ledger.clock()), "who": officer.name}
        connection.execute(insert(tip_leads), {"tip_id": tip_id, "lead_id": lead_id, **made})
        row = touch_tip(connection, ledger, officer, row, revision)
        _noted(connection, officer, ledger.clock(), "tip.linked", tip_id, count=1, lead=lead_id)
        return tip_of(connection, ledger, officer, row)


def conclude_tip(
    ledger: Ledger, officer: Officer, tip_id: str, *, outcome: str, reason: str, revision: int
) -> Tip:
    """Say what the check of a tip found.

    Raises
    ------
    Refused
        If it was not accepted, the outcome is none, or the reason is empty.
    """
    if outcome not in get_args(Outcome):
        outcome, reason = "", ""
    values = {"state": "concluded", "outcome": outcome, "on": "concluded_on"}
    function = "tips.conclude_tip"
    return _step(ledger, officer, function, tip_id, revision, ("accepted",), reason, values)


def inform_of_filing(ledger: Ledger, officer: Officer, tip_id: str, *, revision: int) -> Tip:
    """Record that a real-name informant was told today that a case was filed.

    Raises
    ------
    Refused
        If no case of the tip was filed, or the informant was told or gave no name.
    """
    function = "tips.inform_of_filing"
    with serving(ledger, officer, function, tip_id) as connection:
        row = find_tip(connection, officer, function, tip_id)
        filed = filed_on(connection, [tip_id]).get(tip_id)
        if filed is None or row.informed_on or not row.real_name:
            raise Refused(
                to_say(
                    "refused.tip.inform",
                    tip_id=tip_id,
                    filed=filed,
                    informed_on=row.informed_on,
                    known=row.real_name,
                )
            )
        today = local_day(ledger.clock()).isoformat()
        row = touch_tip(connection, ledger, officer, row, revision, informed_on=today)
        _noted(connection, officer, ledger.clock(), "tip.informed", tip_id, count=1)
        return tip_of(connection, ledger, officer, row)


def answer_tip(ledger: Ledger, officer: Officer, tip_id: str, *, answer: str, revision: int) -> Tip:
    """Record what the informant was told in the end; a tip not accepted is answered too.

    Raises
    ------
    Refused
        If its check has not ended, it is answered already, or the answer is empty.
    """
    values = {"state": "answered", "answer": answer.strip(), "on": "answered_on"}
    ready: tuple[State, ...] = ("concluded", "not_accepted")
    return _step(ledger, officer, "tips.answer_tip", tip_id, revision, ready, answer, values)


def _step(
    ledger: Ledger,
    officer: Officer,
    function: str,
    tip_id: str,
    revision: int,
    ready: tuple[State, ...],
    reason: str,
    values: Mapping[str, str],
) -> Tip:
    """Move a tip on from one of these states; ``on`` names the column that takes the day."""
    with serving(ledger, officer, function, tip_id) as connection:
        row = find_tip(connection, officer, function, tip_id)
        if row.state not in ready or not reason.strip():
            raise Refused(
                to_say(
                    "refused.tip.state",
                    tip_id=tip_id,
                    state=word("tip_state", row.state),
                    ready=words("tip_state", ready, by="or"),
                    choices=words("tip_outcome", get_args(Outcome)),
                )
            )
        changes = {name: value for name, value in values.items() if name != "on"}
        if "on" in values:
            changes[values["on"]] = local_day(ledger.clock()).isoformat()
        row = touch_tip(connection, ledger, officer, row, revision, **changes)
        told = {"reason": reason.strip()} if "answer" not in values else {}
        action = f"tip.{values['state']}"
        _noted(
            connection,
            officer,
            ledger.clock(),
            action,
            tip_id,
            count=1,
            outcome=values.get("outcome"),
            **told,
        )
        return tip_of(connection, ledger, officer, row)


def _check(
    unit: str, channel: str, received: date, summary: str, telling: str, today: date
) -> None:
    named = unit.strip() and len(unit) <= NAME_LENGTH and unit.isprintable()
    if not named or channel not in get_args(Channel) or not summary.strip() or not telling.strip():
        raise Refused(
            to_say(
                "refused.tip.register",
                unit=unit,
                channel=word("tip_channel", channel),
                choices=words("tip_channel", get_args(Channel)),
            )
        )
    if received > today:
        raise Refused(to_say("refused.tip.ahead", received=received, today=today))


def _members(row: Row[Any]) -> list[list[str]]:
    return list(json.loads(row.facts)["members"])


def _next_due(tip: Tip) -> date:
    return min((d.due for d in tip.deadlines if d.due and d.ended is None), default=date.max)
