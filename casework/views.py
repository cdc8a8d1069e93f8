"""Views of the network explorer: kept by id, with a number that rises with every save.

Whoever saves names the revision they started from. If somebody, or another window, saved meanwhile
the save is refused and says who and when, so that nobody's work is overwritten unseen. What a view
holds is a document of :mod:`app`; it is kept as it is given.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Column, Connection, Row, insert, select, update

from casework.audit import NAME_LENGTH, Actor, append
from casework.canonical import stamp, unstamp
from casework.ledger import Ledger, reading, writing
from casework.rights import NotFound, Officer
from casework.tables import views
from casework.tool_rights import asking, permit, reach_of
from ingest.errors import RingfenceError
from ingest.telling import to_say

LARGEST = 20_000_000
"""Bytes that a document may have: some hundred times what a picture of 1,500 nodes takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One view; times are UTC. In a list ``document`` is empty."""

    view_id: str
    revision: int
    title: str
    case_id: str | None
    about: str | None
    document: str
    made_at: datetime
    made_by: str
    saved_at: datetime
    saved_by: str


class StaleView(RingfenceError):
    """Somebody saved the view after it was loaded; ``current`` is what they left."""

    def __init__(self, current: View, revision: int) -> None:
        """Say who was quicker."""
        self.current = current
        super().__init__(
            to_say(
                "refused.view.stale",
                view_id=current.view_id,
                saved_by=current.saved_by,
                at=stamp(current.saved_at),
                now=current.revision,
                revision=revision,
            )
        )


def make_view(
    ledger: Ledger,
    actor: Actor,
    document: str,
    *,
    title: str,
    case_id: str | None = None,
    about: str | None = None,
) -> View:
    """Keep a new view and return it, at revision 1; the audit log has a row of it.

    Raises
    ------
    NotFound
        If an officer's role has no views, or case or ring are not theirs.
    RingfenceError
        If the title is empty or too long, or the document too large.
    """
    permit(ledger, actor, "views.make_view", case_id or about or "views", case=case_id, ring=about)
    now = ledger.clock()
    view = View(
        view_id=f"V-{secrets.token_hex(6)}",
        revision=1,
        title=_title(title),
        case_id=case_id,
        about=about,
        document=_document(document),
        made_at=now,
        made_by=actor.name,
        saved_at=now,
        saved_by=actor.name,
    )
    with writing(ledger) as connection:
        connection.execute(
            insert(views),
            {
                "view_id": view.view_id,
                "revision": view.revision,
                "title": view.title,
                "case_id": case_id,
                "about": about,
                "document": document,
                "made_at": stamp(now),
                "made_by": actor.name,
                "saved_at": stamp(now),
                "saved_by": actor.name,
            },
        )
        _noted(connection, ledger, actor, view, "view.made")
    return view


def save_view(
    ledger: Ledger,
    actor: Actor,
    view_id: str,
    document: str,
    *,
    revision: int,
    title: str | None = None,
) -> View:
    """Replace what a view holds, if it is still at ``revision``, and return it.

    Every change of the canvas is saved, so the audit log has no row of it: the view itself says who
    saved it last, and when.

    Raises
    ------
    StaleView
        If it was saved since.
    RingfenceError
        If there is no such view, the title cannot be used, or the document is too large.
    """
    now = ledger.clock()
    changes = {
        "revision": revision + 1,
        "document": _document(document),
        "saved_at": stamp(now),
        "saved_by": actor.name,
    }
    if title is not None:
        changes["title"] = _title(title)
    with asking(ledger, actor, "views.save_view", view_id), writing(ledger) as connection:
        _found(connection, view_id, actor, whole=False)
        done = connection.execute(
            update(views)
            .where(views.c.view_id == view_id, views.c.revision == revision)
            .values(**changes)
        )
        current = _found(connection, view_id, actor)
        if done.rowcount != 1:
            raise StaleView(current, revision)
    return current


def load_view(ledger: Ledger, actor: Actor, view_id: str) -> View:
    """Return a view with its document; the audit log has a row that it was opened.

    Raises
    ------
    RingfenceError
        If there is no such view.
    """
    with asking(ledger, actor, "views.load_view", view_id), writing(ledger) as connection:
        view = _found(connection, view_id, actor)
        _noted(connection, ledger, actor, view, "view.opened")
    return view


def revision_of(ledger: Ledger, actor: Actor, view_id: str) -> View:
    """Return a view without its document: cheap, to see whether somebody saved it meanwhile."""
    with asking(ledger, actor, "views.revision_of", view_id), reading(ledger) as connection:
        return _found(connection, view_id, actor, whole=False)


def list_views(
    ledger: Ledger,
    actor: Actor,
    *,
    case_id: str | None = None,
    limit: int = 50,
) -> list[View]:
    """Return the views last saved, newest first, without their documents; of one case if named.

    An officer is told of those of their cases, of the rings of their leads, and of their own.
    """
    query = select(*_columns(whole=False)).order_by(views.c.saved_at.desc(), views.c.view_id)
    if case_id is not None:
        query = query.where(views.c.case_id == case_id)
    with (
        asking(ledger, actor, "views.list_views", case_id or "views"),
        reading(ledger) as connection,
    ):
        if not isinstance(actor, Officer):
            return [_view(row) for row in connection.execute(query.limit(limit))]
        reach = reach_of(connection, actor)
        seen = (
            _view(row)
            for row in connection.execute(query)
            if reach.covers(case=row.case_id, ring=row.about, author=row.made_by)
        )
        return list(islice(seen, limit))


def note_picture(ledger: Ledger, actor: Actor, view_id: str, *, nodes: int) -> None:
    """Write into the audit log that a picture of a view leaves the explorer, before it does.

    The picture is drawn in the browser, so the row holds what was on it, not its digest.

    Raises
    ------
    RingfenceError
        If there is no such view.
    """
    with asking(ledger, actor, "views.note_picture", view_id), writing(ledger) as connection:
        view = _found(connection, view_id, actor, whole=False)
        _noted(connection, ledger, actor, view, "view.picture_exported", count=nodes)


def _noted(
    connection: Connection,
    ledger: Ledger,
    actor: Actor,
    view: View,
    action: str,
    *,
    count: int | None = None,
) -> None:
    append(
        connection,
        actor,
        at=ledger.clock(),
        action=action,
        object_class="view",
        object=view.view_id,
        count=count,
        case_id=view.case_id,
        details={"revision": view.revision, "about": view.about},
    )


def _found(connection: Connection, view_id: str, actor: Actor, *, whole: bool = True) -> View:
    """Return a view that somebody may see; to an officer no other one is there."""
    query = select(*_columns(whole=whole)).where(views.c.view_id == view_id)
    row = connection.execute(query).one_or_none()
    if isinstance(actor, Officer):
        reach = reach_of(connection, actor)
        if row is None or not reach.covers(case=row.case_id, ring=row.about, author=row.made_by):
            raise NotFound(view_id)
    if row is None:
        raise RingfenceError(to_say("refused.view.none", view_id=view_id))
    return _view(row)


def _columns(*, whole: bool) -> list[Column[Any]]:
    return [column for column in views.c if whole or column.name != "document"]


def _view(row: Row[Any]) -> View:
    values = dict(row._mapping)
    for name in ("made_at", "saved_at"):
        values[name] = unstamp(values[name])
    return View(**{"document": "", **values})


def _title(title: str) -> str:
    name = title.strip()
    if not name or len(name) > NAME_LENGTH or not name.isprintable():
        raise RingfenceError(to_say("refused.view.title", title=title, most=NAME_LENGTH))
    return name


def _document(document: str) -> str:
    if len(document) > LARGEST:
        raise RingfenceError(to_say("refused.view.large", size=len(document), largest=LARGEST))
    return document
