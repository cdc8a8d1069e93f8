"""How the pages ask the graph, and what of it an officer is shown.

Agency staff are one anonymous node to everybody but the discipline liaison, and a ring that is not
theirs is not there. Whoever asks through :class:`Veiled` meets :data:`AGENCY` in place of such
staff, from which nothing leads on, and no ring but their own.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from graph.ask import Answer
from ingest.texts import Language, say

Asked: TypeAlias = Callable[..., Answer]
"""``graph.ask.ask`` with its store filled in: (text, parameters, limit=…) to an answer."""

AGENCY = "Staff:*"
"""The node that stands for all staff of the agency; no identifier of an import is a star."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Veiled:
    """A way to ask for somebody who may not tell ``staff`` (numbers) apart, and sees ``rings``.

    The answers themselves are those of the graph: the functions of this package that read them draw
    the veil, so a question that is put together elsewhere has to do so itself.
    """

    ask: Asked
    staff: frozenset[str]
    rings: frozenset[str]

    def __call__(self, *given: Any, **named: Any) -> Answer:
        """Ask the graph."""
        return self.ask(*given, **named)


def unnamed(ask: Asked) -> frozenset[str]:
    """Return the numbers of the staff that are not told apart for who asks; often none."""
    return ask.staff if isinstance(ask, Veiled) else frozenset()


def sees(ask: Asked, ring_id: str) -> bool:
    """Whether who asks may know of a ring."""
    return ring_id in ask.rings if isinstance(ask, Veiled) else True


def shown(ask: Asked, ids: Iterable[str]) -> tuple[str, ...]:
    """Return nodes as they are shown: each once, agency staff as one, no ring that is not seen."""
    found: dict[str, None] = {}
    for one in ids:
        label, _, key = one.partition(":")
        if label == "Staff" and key in unnamed(ask):
            found[AGENCY] = None
        elif label != "Ring" or sees(ask, key):
            found[one] = None
    return tuple(found)


def meant(ask: Asked, ids: Iterable[str]) -> list[str]:
    """Return the nodes of the graph that shown ones stand for."""
    many = [f"Staff:{key}" for key in sorted(unnamed(ask))]
    return [each for one in ids for each in (many if one == AGENCY else [one])]


def key_shown(one: str, lang: Language) -> str:
    """Return the identifier of a node for reading."""
    return say("canvas.agency.name", lang) if one == AGENCY else one.partition(":")[2]
