"""The fonts of the papers: found by name among those of the machine, never fetched."""

from functools import cache

import typst

from ingest.errors import RingfenceError
from ingest.telling import to_say

FAMILY = "Noto Sans CJK SC"
FIXED = "Noto Sans Mono CJK SC"
PACKAGE = "fonts-noto-cjk"
"""The Debian package that brings both; other systems name it much the same."""


def require_fonts() -> None:
    """Make sure that the fonts are there: without them Chinese would be printed as empty boxes.

    Raises
    ------
    RingfenceError
        If one is missing; it names the package.
    """
    missing = [name for name in (FAMILY, FIXED) if name not in families()]
    if missing:
        raise RingfenceError(to_say("refused.paper.font", font=missing[0], package=PACKAGE))


@cache
def families() -> frozenset[str]:
    """Return the names of the font families that this machine has."""
    return frozenset(typst.Fonts().families())
