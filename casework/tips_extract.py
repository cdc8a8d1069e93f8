"""Tips that came with an extract (clean table ``tips``), taken in by the informant desk.

The table names no informant. Its words are restricted, since whoever told something may be known by
them: they go to the desk's own store, as what is told to the desk itself does, and the summary that
a unit reads says by which way the tip came and what it is about, no more.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, get_args

from pyarrow import parquet
from sqlalchemy import Connection, insert, select

from casework.audit import NAME_LENGTH, noted
from casework.canonical import canonical, stamp
from casework.informants import sweep, write_telling
from casework.ledger import Ledger
from casework.limits import local_day
from casework.reveals_values import clear_values
from casework.rights import Officer, Refused, serving
from casework.ring_facts import is_of_agency, read_employers
from casework.tables_checks import extract_tips
from casework.tables_people import tip_entities, tips
from casework.tips_holding import Channel
from ingest.telling import to_say
from ingest.texts import Language, say
from ingest.workspace import Workspace

_noted = partial(noted, object_class="tip")
TYPE_LENGTH = 32
"""Characters of an entity type that the ledger keeps."""
_COLUMNS = ("tip_id", "received", "channel", "subject_type", "subject_id", "text")
_CHANNELS: Mapping[str, Channel] = {
    **{name: name for name in get_args(Channel)},
    "web": "online",
    "phone": "hotline",
}
"""How the words of an extract are said here; every other is one of another body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenTips:
    """What taking in gave: new tips, and how many rows are left with a day that is still to come.

    ``tips`` are the numbers of the new tips that the desk may see, in the order of the table.
    """

    tips: tuple[str, ...]
    left: int


def count_waiting(ledger: Ledger, officer: Officer) -> int:
    """Return how many tips of the extract were not taken in yet, 0 where it brought none."""
    with serving(ledger, officer, "tips_extract.count_waiting", "tips") as connection:
        found, _ = _waiting(connection, ledger.workspace, local_day(ledger.clock()))
        return len(found)


def take_in_extract(ledger: Ledger, officer: Officer, *, unit: str) -> TakenTips:
    """Register every tip of the extract that was not taken in yet, for a unit to check.

    Once only, by its ``tip_id`` in the extract: taking in twice is taking in once, whoever does it.
    A tip about agency staff, or about a staff number of nobody knows whom, goes to the discipline
    liaison and is kept from ``unit``. A row whose day is after today is left, and counted.

    Raises
    ------
    NotFound
        If the role may not do this.
    Refused
        If the unit is none, or a ``tip_id`` or ``subject_id`` is too long to be kept.
    RingfenceError
        If the rows have words and the workspace has no clear values.
    """
    with serving(ledger, officer, "tips_extract.take_in_extract", "tips") as connection:
        named = unit.strip()
        if not named or len(unit) > NAME_LENGTH or not unit.isprintable():
            raise Refused(to_say("refused.extract_tip.unit", unit=unit))
        at = ledger.clock()
        found, left = _waiting(connection, ledger.workspace, local_day(at))
        _short(found)
        sweep(ledger.workspace, set(connection.execute(select(tips.c.tip_id)).scalars()))
        employers = read_employers(ledger.workspace)
        inside = [_inside(row, employers) for row in found]
        keys = [f"T-{secrets.token_hex(6)}" for _ in found]
        by = {"at": stamp(at), "who": officer.name}
        rows = [
            _tip(key, row, named, officer, hidden, stamp(at))
            for key, row, hidden in zip(keys, found, inside, strict=True)
        ]
        about = [
            {
                **by,
                "tip_id": key,
                "entity_type": row["subject_type"],
                "entity_id": row["subject_id"],
            }
            for key, row in zip(keys, found, strict=True)
            if row["subject_type"] and row["subject_id"]
        ]
        taken = [
            {**by, "source": row["tip_id"], "tip_id": key}
            for key, row in zip(keys, found, strict=True)
        ]
        for table, values in ((tips, rows), (tip_entities, about), (extract_tips, taken)):
            if values:
                connection.execute(insert(table), values)
        words = _words(ledger.workspace, found)
        for key, row in zip(keys, found, strict=True):
            write_telling(ledger.workspace, key, words.get(row["text"], ""), None)
            _noted(
                connection, officer, ledger.clock(), "tip.taken_in", key,
                count=1, channel=_channel(row), source=row["tip_id"],
            )  # fmt: skip
        seen = [
            key
            for key, hidden in zip(keys, inside, strict=True)
            if not (hidden and officer.unit == named)
        ]
        return TakenTips(tips=tuple(seen), left=left)


def _waiting(
    connection: Connection, workspace: Workspace, today: date
) -> tuple[list[dict[str, Any]], int]:
    """Return the rows that were not taken in, by day and key, and how many have a day to come."""
    path = workspace.table("tips")
    if not path.exists():
        return [], 0
    there = [name for name in _COLUMNS if name in parquet.read_schema(path).names]
    known = set(connection.execute(select(extract_tips.c.source)).scalars())
    rows = [
        {**dict.fromkeys(_COLUMNS), **row}
        for row in parquet.read_table(path, columns=there).to_pylist()
        if row["tip_id"] not in known
    ]
    ready = [row for row in rows if row["received"].date() <= today]
    return sorted(ready, key=lambda row: (row["received"], row["tip_id"])), len(rows) - len(ready)


def _short(rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        for name, most in (
            ("tip_id", NAME_LENGTH),
            ("subject_type", TYPE_LENGTH),
            ("subject_id", NAME_LENGTH),
        ):
            if len(row[name] or "") > most:
                raise Refused(
                    to_say("refused.extract_tip.long", column=name, value=row[name], most=most)
                )


def _tip(
    key: str, row: Mapping[str, Any], unit: str, officer: Officer, inside: bool, at: str
) -> dict[str, Any]:
    return {
        "tip_id": key,
        "revision": 1,
        "unit": unit,
        "desk": officer.unit,
        "insider": inside,
        "concerned": canonical([unit] if inside else []),
        "channel": _channel(row),
        "received": row["received"].date().isoformat(),
        "real_name": False,
        "summary": _summary(row),
        "state": "registered",
        "made_at": at,
        "made_by": officer.name,
        "changed_at": at,
        "changed_by": officer.name,
    }


def _summary(row: Mapping[str, Any]) -> str:
    """Return what a unit reads, in both languages: it is kept, and nobody knows who reads it."""
    told = [say("tip_extract.summary", lang, source=row["tip_id"]) for lang in get_args(Language)]
    return " / ".join(told)


def _channel(row: Mapping[str, Any]) -> Channel:
    return _CHANNELS.get((row["channel"] or "").strip().lower(), "other_body")


def _inside(row: Mapping[str, Any], employers: Mapping[str, str | None]) -> bool:
    """Whether a tip is about agency staff, or may be."""
    if row["subject_type"] != "staff" or not row["subject_id"]:
        return False
    return row["subject_id"] not in employers or is_of_agency(employers[row["subject_id"]])


def _words(workspace: Workspace, rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the words behind the pseudonyms of the column ``text``."""
    hidden = {("tip", row["text"]): {"text": (row["text"],)} for row in rows if row["text"]}
    if not hidden:
        return {}
    found = clear_values(workspace, hidden)
    return {key: values["text"][0] for (_, key), values in found.items() if "text" in values}
