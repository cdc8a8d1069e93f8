"""Who acts, and the ledger that keeps it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from app.settings import Settings

if TYPE_CHECKING:  # the real imports wait until a command needs them: '--help' stays quick
    from casework.audit import Actor
    from casework.ledger import Ledger

ActsAs = Annotated[str | None, typer.Option("--as", metavar="NAME")]


def acting(name: str | None) -> "Actor":
    """Return who acts: the name given, else the user of the operating system.

    Raises
    ------
    RingfenceError
        If the system knows no user, as in some containers, or the name cannot be used.
    """
    from casework.acting import local_actor

    return local_actor(name)


@contextmanager
def ledger_of(settings: Settings) -> "Iterator[Ledger]":
    """Open the ledger: that of the workspace, or the one that RINGFENCE_LEDGER names."""
    from casework.ledger import open_ledger

    with open_ledger(settings.workspace, environ=os.environ) as ledger:
        yield ledger
