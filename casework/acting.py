"""Who acts where nobody signed in: on the command line and in notebooks."""

import getpass
import os

from casework.audit import Actor
from ingest.errors import RingfenceError
from ingest.telling import to_say


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
        raise RingfenceError(to_say("refused.account.no_user", user=os.getuid())) from error
