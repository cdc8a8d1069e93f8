"""What the explorer keeps open for all visits: the graph and the ledger."""

import getpass
import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TypeVar, cast

import streamlit as st

from app.explorer.canvas.neighbours import Asked
from casework import questions
from casework.audit import Actor
from casework.ledger import Ledger, open_ledger
from casework.ring_hits import AttachedHit, read_hits
from casework.views import View, list_views, load_view, make_view, note_picture, save_view
from detectors.motif import Motif
from graph.ask import ask
from graph.store import Store, open_store
from ingest.errors import RingfenceError
from ingest.workspace import Workspace

USER = "RINGFENCE_USER"


@st.cache_resource(show_spinner=False)
def graph(root: str) -> Asked:
    """Return how to ask the graph of a workspace; its server is started if need be.

    Raises
    ------
    RingfenceError
        If no server answers. Nothing is kept then, so that the next visit tries again.
    """
    return partial(ask, store(root))


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
    graph.clear()
    store.clear()
    ledger.clear()


def actor() -> Actor:
    """Return who acts: whom the visit signed in, else who runs the explorer."""
    if (officer := st.session_state.get("officer")) is not None:
        return cast(Actor, officer)
    name = os.environ.get(USER)
    if not name:
        try:
            name = getpass.getuser()
        except (KeyError, OSError) as error:
            raise RingfenceError(
                f"The system knows no name for who runs the explorer: set {USER}."
            ) from error
    return Actor(name=str(name), role="investigator")


def hits_of(root: str, ring_id: str) -> list[AttachedHit]:
    """Return the hits of motifs that people put beside a ring, oldest first."""
    return read_hits(ledger(root), actor(), ring_id)


def ask_motif(root: str, asked: Motif, parameters: Mapping[str, object]) -> questions.Asked:
    """Ask a motif as who is here; question and answer are recorded in the ledger."""
    return questions.ask_motif(ledger(root), store(root), asked, actor(), parameters=parameters)


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
        """Return the newest views, of the case if one is open."""
        return list_views(self._ledger, self._who, case_id=case_id)

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
