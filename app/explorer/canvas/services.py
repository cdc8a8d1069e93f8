"""What the explorer keeps open for all visits: the graph and the ledger."""

import getpass
import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TypeVar, cast

import streamlit as st

from app.explorer.canvas.asking import Asked, Veiled
from casework import questions
from casework.audit import Actor
from casework.ledger import Ledger, open_ledger
from casework.rights import Officer
from casework.ring_hits import AttachedHit, read_hits
from casework.saved_filters import LIST
from casework.sight import agency_staff
from casework.views import View, list_views, load_view, make_view, note_picture, save_view
from detectors.motif import Motif
from graph.ask import ask
from graph.store import Store, open_store
from ingest.errors import RingfenceError
from ingest.telling import to_say
from ingest.workspace import Workspace

USER = "RINGFENCE_USER"
OFFICER = "officer"  # where a visit keeps who is signed in
LISTED = 200


def graph(root: str) -> Asked:
    """Return how to ask the graph of a workspace, for who is here; a server is started if need be.

    An officer meets rings that they may see, and the agency's staff as one unless they are the
    liaison (:mod:`app.explorer.canvas.asking`).

    Raises
    ------
    RingfenceError
        If no server answers. Nothing is kept then, so that the next visit tries again.
    """
    every = partial(ask, store(root))
    if officer() is None:
        return every
    # Imported here: what a visit remembers asks this module for graph and ledger.
    from app.explorer import data, session

    seen = session.found()
    rings = session.rings(seen)[0]["ring_id"] if isinstance(seen, data.Source) else ()
    return Veiled(ask=every, staff=unnamed_staff(root), rings=frozenset(map(str, rings)))


def unnamed_staff(root: str) -> frozenset[str]:
    """Return the staff whom who is here may not tell apart: the agency's, but for the liaison."""
    held = officer()
    if held is None or held.role == "liaison":
        return frozenset()
    return agency_staff(_workspace(root))


def officer() -> Officer | None:
    """Return who is signed in; None where the explorer is open, since nobody has an account."""
    return cast(Officer | None, st.session_state.get(OFFICER))


@st.cache_resource(show_spinner=False)
def store(root: str) -> Store:
    """Return the open graph of a workspace; :class:`RingfenceError` if no server answers."""
    return _open(lambda stack: stack.enter_context(open_store(_workspace(root))))


@st.cache_resource(show_spinner=False)
def ledger(root: str) -> Ledger:
    """Return the ledger of a workspace; :class:`RingfenceError` if it cannot be opened."""
    return _open(lambda stack: stack.enter_context(open_ledger(_workspace(root))))


def forget() -> None:
    """Close nothing, but open both anew at the next question."""
    store.clear()
    ledger.clear()


def actor() -> Actor:
    """Return who acts: whom the visit signed in, else who runs the explorer."""
    if (held := officer()) is not None:
        return held
    name = os.environ.get(USER)
    if not name:
        try:
            name = getpass.getuser()
        except (KeyError, OSError) as error:
            raise RingfenceError(to_say("refused.page.no_user", variable=USER)) from error
    return Actor(name=str(name), role="investigator")


def hits_of(root: str, ring_id: str) -> list[AttachedHit]:
    """Return the hits of motifs that people put beside a ring, oldest first."""
    return read_hits(ledger(root), actor(), ring_id)


def ask_motif(
    root: str,
    asked: Motif,
    parameters: Mapping[str, object],
    *,
    case_id: str | None = None,
    purpose: str | None = None,
) -> questions.Asked:
    """Ask a motif as who is here; question and answer are recorded in the ledger."""
    return questions.ask_motif(
        ledger(root), store(root), asked, actor(),
        parameters=parameters, case_id=case_id, purpose=purpose,
    )  # fmt: skip


class Views:
    """Saved views of one workspace, on behalf of one user."""

    def __init__(self, root: str, who: Actor) -> None:
        self._ledger = ledger(root)
        self._who = who

    def make(self, document: str, *, title: str, about: str | None, case_id: str | None) -> View:
        """Keep a new view."""
        return make_view(
            self._ledger, self._who, document, title=title, about=about, case_id=case_id
        )

    def save(self, view: View, document: str, *, title: str | None = None) -> View:
        """Replace a view that nobody saved since; :class:`casework.views.StaleView` if one did."""
        return save_view(
            self._ledger, self._who, view.view_id, document, revision=view.revision, title=title
        )

    def load(self, view_id: str) -> View:
        """Return a view with its document."""
        return load_view(self._ledger, self._who, view_id)

    def listed(self, case_id: str | None) -> list[View]:
        """Return the newest views of the canvas, of the case if one is open."""
        found = list_views(self._ledger, self._who, case_id=case_id, limit=LISTED)
        return [view for view in found if view.about != LIST]

    def picture(self, view: View, *, nodes: int) -> None:
        """Note that a picture of a view leaves the explorer."""
        note_picture(self._ledger, self._who, view.view_id, nodes=nodes)


_kept: list[ExitStack] = []


T = TypeVar("T")


def _open(enter: Callable[[ExitStack], T]) -> T:
    """Enter a context that lasts as long as the process."""
    stack = ExitStack()
    opened = enter(stack)
    _kept.append(stack)
    return opened


def _workspace(root: str) -> Workspace:
    return Workspace(Path(root))
