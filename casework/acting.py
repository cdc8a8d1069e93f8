"""Who acts where nobody signed in: on the command line and in notebooks."""

import getpass
import os

from casework.audit import Actor
from ingest.errors import RingfenceError


def local_actor(name: str | None = None) -> Actor:
    """Return who acts: the name given, else the user of the operating system.

    Raises
    ------
    RingfenceError
        If the system knows no user, as in some containers, or the name cannot be used.
    """
    if name is not None:
        return Actor(name=name)
    try:
        return Actor(name=getpass.getuser())
    except (KeyError, OSError) as error:
        raise RingfenceError(
            f"The system knows no name for user {os.getuid()}: say who acts, with --as NAME "
            "or acts_as=NAME."
        ) from error
