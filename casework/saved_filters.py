"""Named filters of the list of rings: each belongs to who saved it, and nobody else is told of it.

They are kept among the views, as what one person was looking at; ``about`` is :data:`LIST`, which
is the name of no ring, so no filter is ever taken for a view of the canvas.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, select, update

from casework.audit import Actor, noted
from casework.canonical import canonical, stamp, unstamp
from casework.ledger import Ledger, reading, writing
from casework.rights import NotFound
from casework.tables import views
from casework.tool_rights import asking
from ingest.errors import RingfenceError
from ingest.telling import to_say

LIST = "list:rings"
"""What filters of the ring list are about."""

LONGEST = 60
"""Signs that a name may have, so that it can stand in a list."""

_noted = partial(noted, object_class="filter")


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedFilter:
    """A filter by its name; ``query`` is the address that reproduces it, ``saved_at`` is UTC."""

    filter_id: str
    name: str
    query: Mapping[str, str]
    saved_at: datetime


def save_filter(ledger: Ledger, actor: Actor, name: str, query: Mapping[str, str]) -> SavedFilter:
    """Keep a filter under a name; one of the same name and person is replaced.

    Raises
    ------
    NotFound
        If the role has no list of rings.
    RingfenceError
        If the name is empty, too long or not printable, or nothing is filtered.
    """
    with asking(ledger, actor, "saved_filters.save_filter", "filters"):
        wanted = _name(name)
        if not query:
            raise RingfenceError(to_say("refused.filter.nothing", wanted=wanted))
        at = ledger.clock()
        with writing(ledger) as connection:
            held = _called(connection, actor, wanted)
            document = canonical(dict(query))
            if held is None:
                key = f"F-{secrets.token_hex(6)}"
                connection.execute(insert(views), _row(key, actor, wanted, document, at))
            else:
                key = held.view_id
                _change(connection, held, at, document=document)
            _noted(connection, actor, at, "filter.saved", key, conditions=sorted(query))
    return SavedFilter(filter_id=key, name=wanted, query=MappingProxyType(dict(query)), saved_at=at)


def list_filters(ledger: Ledger, actor: Actor) -> list[SavedFilter]:
    """Return somebody's own filters by name."""
    with asking(ledger, actor, "saved_filters.list_filters", "filters"):
        query = select(views).where(_own(actor)).order_by(views.c.title, views.c.view_id)
        with reading(ledger) as connection:
            return [_filter(row) for row in connection.execute(query)]


def rename_filter(ledger: Ledger, actor: Actor, filter_id: str, name: str) -> SavedFilter:
    """Give an own filter another name.

    Raises
    ------
    NotFound
        If it is not theirs, or not there.
    RingfenceError
        If the name cannot be used, or another one of theirs has it.
    """
    with (
        asking(ledger, actor, "saved_filters.rename_filter", filter_id),
        writing(ledger) as connection,
    ):
        held = _found(connection, actor, filter_id)
        wanted = _name(name)
        other = _called(connection, actor, wanted)
        if other is not None and other.view_id != filter_id:
            raise RingfenceError(to_say("refused.filter.taken", wanted=wanted))
        at = ledger.clock()
        _change(connection, held, at, title=wanted)
        _noted(connection, actor, at, "filter.renamed", filter_id)
        return _filter(_found(connection, actor, filter_id))


def remove_filter(ledger: Ledger, actor: Actor, filter_id: str) -> None:
    """Remove an own filter.

    Raises
    ------
    NotFound
        If it is not theirs, or not there.
    """
    with (
        asking(ledger, actor, "saved_filters.remove_filter", filter_id),
        writing(ledger) as connection,
    ):
        _found(connection, actor, filter_id)
        connection.execute(delete(views).where(_own(actor), views.c.view_id == filter_id))
        _noted(connection, actor, ledger.clock(), "filter.removed", filter_id)


def _own(actor: Actor) -> ColumnElement[bool]:
    return and_(views.c.about == LIST, views.c.made_by == actor.name)


def _called(connection: Connection, actor: Actor, name: str) -> Row[Any] | None:
    query = select(views).where(_own(actor), views.c.title == name)
    return connection.execute(query.order_by(views.c.view_id).limit(1)).one_or_none()


def _found(connection: Connection, actor: Actor, filter_id: str) -> Row[Any]:
    query = select(views).where(_own(actor), views.c.view_id == filter_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(filter_id)
    return row


def _row(key: str, actor: Actor, name: str, document: str, at: datetime) -> dict[str, object]:
    return {
        "view_id": key,
        "revision": 1,
        "title": name,
        "case_id": None,
        "about": LIST,
        "document": document,
        "made_at": stamp(at),
        "made_by": actor.name,
        "saved_at": stamp(at),
        "saved_by": actor.name,
    }


def _change(connection: Connection, row: Row[Any], at: datetime, **values: object) -> None:
    connection.execute(
        update(views)
        .where(views.c.view_id == row.view_id)
        .values(revision=row.revision + 1, saved_at=stamp(at), **values)
    )


def _filter(row: Row[Any]) -> SavedFilter:
    return SavedFilter(
        filter_id=row.view_id,
        name=row.title,
        query=MappingProxyType(json.loads(row.document)),
        saved_at=unstamp(row.saved_at),
    )


def _name(name: str) -> str:
    wanted = name.strip()
    if not wanted or len(wanted) > LONGEST or not wanted.isprintable():
        raise RingfenceError(to_say("refused.filter.name", name=name, longest=LONGEST))
    return wanted
