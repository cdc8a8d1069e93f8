"""What the explorer keeps open for all visits: the graph and the ledger."""

import getpass
import os
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TypeVar

import streamlit as st

from app.explorer.canvas.neighbours import Asked
from casework.audit import Actor
from casework.ledger import Ledger, open_ledger
from casework.views import View, list_views, load_view, make_view, note_picture, save_view
from graph.ask import ask
from graph.store import open_store
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
    return partial(ask, _open(lambda stack: stack.enter_context(open_store(_workspace(root)))))


@st.cache_resource(show_spinner=False)
def ledger(root: str) -> Ledger:
    """Return the ledger of a workspace; :class:`RingfenceError` if it cannot be opened."""
    return _open(lambda stack: stack.enter_context(open_ledger(_workspace(root))))


def forget() -> None:
    """Close nothing, but open both anew at the next question."""
    graph.clear()
    ledger.clear()


def actor() -> Actor:
    """Return who acts: whom the visit signed in, else who runs the explorer."""
    name = st.session_state.get("user") or os.environ.get(USER)
    if not name:
        try:
            name = getpass.getuser()
        except (KeyError, OSError) as error:
            raise RingfenceError(
                f"The system knows no name for who runs the explorer: set {USER}."
            ) from error
    return Actor(name=str(name), role="investigator")


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
