"""Who acts, and the ledger that keeps it."""

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from app.settings import Settings
from ingest.errors import RingfenceError

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
    from casework.audit import Actor

    if name is not None:
        return Actor(name=name)
    try:
        return Actor(name=getpass.getuser())
    except (KeyError, OSError) as error:
        raise RingfenceError(
            f"The system knows no name for user {os.getuid()}: say who acts with --as NAME."
        ) from error


@contextmanager
def ledger_of(settings: Settings) -> "Iterator[Ledger]":
    """Open the ledger: that of the workspace, or the one that RINGFENCE_LEDGER names."""
    from casework.ledger import open_ledger

    with open_ledger(settings.workspace, environ=os.environ) as ledger:
        yield ledger
