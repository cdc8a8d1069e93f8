"""Standing alerts: a motif with its parameters, asked again and again; only news counts."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import Connection, Row, insert, select, update

from casework.audit import NAME_LENGTH, Actor, append
from casework.canonical import canonical, stamp, unstamp
from casework.ledger import Ledger, writing
from casework.questions import keep_text
from casework.tables import alerts as alerts_table
from casework.tool_rights import permit
from casework.webhook import checked_address, host_of
from detectors.motif import Motif, values
from ingest.errors import RingfenceError
from ingest.telling import listed, to_say, word, words

Every = Literal["hour", "day", "week", "month"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert; ``digest`` is that of the motif text it asks, whatever became of the file.

    Times are UTC text. ``last_ran_at`` is when the newest run that ended well began, ``last_error``
    why a later one did not, ``webhook`` where news is sent.
    """

    alert_id: str
    name: str
    motif: str
    digest: str
    parameters: Mapping[str, Any]
    every: Every
    row_limit: int
    timeout_seconds: float
    webhook: str | None
    made_at: str
    made_by: str
    removed_at: str | None
    baseline_at: str | None
    last_ran_at: str | None
    last_error: str | None


def make_alert(
    ledger: Ledger,
    actor: Actor,
    motif: Motif,
    *,
    name: str,
    every: str,
    parameters: Mapping[str, object] | None = None,
    limit: int = 5000,
    timeout_seconds: float = 60.0,
    webhook: str | None = None,
) -> Alert:
    """Store an alert; its first run sets the baseline, each later one tells what is new.

    It asks the motif's text as it is now: a file that changes later does not change what the alert
    means, and each run says that it changed.

    Raises
    ------
    RingfenceError
        If the name is taken or unusable, the schedule is none, a parameter does not fit, or the
        webhook is no address that messages may go to.
    """
    permit(ledger, actor, "alerts.make_alert", name)
    if not name.strip() or len(name) > NAME_LENGTH or not name.isprintable():
        raise RingfenceError(to_say("refused.alert.name", name=name, most=NAME_LENGTH))
    if every not in get_args(Every):
        raise RingfenceError(
            to_say(
                "refused.alert.every",
                every=word("every", every),
                choices=words("every", get_args(Every)),
            )
        )
    used = dict(values(motif, parameters or {}))
    row = {
        "alert_id": f"A-{secrets.token_hex(5)}",
        "name": name,
        "motif": motif.name,
        "digest": motif.digest,
        "parameters": canonical(used),
        "every": every,
        "row_limit": limit,
        "timeout_seconds": timeout_seconds,
        "webhook": checked_address(webhook) if webhook else None,
        "made_at": stamp(ledger.clock()),
        "made_by": actor.name,
    }
    with writing(ledger) as connection:
        if any(alert.name == name for alert in alerts(connection)):
            raise RingfenceError(to_say("refused.alert.taken", name=name))
        keep_text(connection, motif)
        connection.execute(insert(alerts_table), row)
        _audit(connection, ledger, actor, "alert.made", find_alert(connection, name))
        return find_alert(connection, name)


def alerts(connection: Connection) -> list[Alert]:
    """Return the alerts that were not removed, by name."""
    query = select(alerts_table).where(alerts_table.c.removed_at.is_(None))
    return [_alert(row) for row in connection.execute(query.order_by(alerts_table.c.name))]


def find_alert(connection: Connection, name: str) -> Alert:
    """Return the alert of a name, or of an id; :class:`RingfenceError` if there is none."""
    known = alerts(connection)
    for alert in known:
        if name in (alert.name, alert.alert_id):
            return alert
    names = listed(to_say("telling.quoted", value=alert.name) for alert in known)
    raise RingfenceError(to_say("refused.alert.none", name=name, names=names))


def remove_alert(ledger: Ledger, actor: Actor, name: str) -> Alert:
    """Remove an alert; what it found stays in the ledger, waiting messages are not sent."""
    permit(ledger, actor, "alerts.remove_alert", name)
    with writing(ledger) as connection:
        alert = find_alert(connection, name)
        connection.execute(
            update(alerts_table).where(alerts_table.c.alert_id == alert.alert_id),
            {"removed_at": stamp(ledger.clock())},
        )
        _audit(connection, ledger, actor, "alert.removed", alert)
    return alert


def is_due(alert: Alert, now: datetime) -> bool:
    """Whether this hour, day, week (from Monday) or month has no run of the alert yet.

    Periods are those of the machine's local time, not so many hours since the last run: a cron job
    that begins a second earlier than yesterday still finds the alert due. A run that failed does
    not count.
    """
    if alert.last_ran_at is None:
        return True
    return _period(unstamp(alert.last_ran_at), alert.every) != _period(now, alert.every)


def _period(at: datetime, every: Every) -> tuple[int, ...]:
    local = at.astimezone()
    match every:
        case "hour":
            # Two hours of one name, where summer time ends, differ in their distance from UTC.
            offset = local.utcoffset()
            seconds = int(offset.total_seconds()) if offset else 0
            return local.year, local.month, local.day, local.hour, seconds
        case "day":
            return local.year, local.month, local.day
        case "week":
            return local.isocalendar()[:2]
        case "month":
            return local.year, local.month


def _audit(connection: Connection, ledger: Ledger, actor: Actor, action: str, alert: Alert) -> None:
    append(
        connection,
        actor,
        at=ledger.clock(),
        action=action,
        object_class="alert",
        object=alert.alert_id,
        details={
            "name": alert.name,
            "motif": alert.motif,
            "digest": alert.digest,
            "parameters": alert.parameters,
            "every": alert.every,
            "webhook": host_of(alert.webhook) if alert.webhook else None,
        },
    )


def _alert(row: Row[Any]) -> Alert:
    return Alert(**{**row._mapping, "parameters": json.loads(row.parameters)})
