"""What a planter returns: a group, its settlements, and what it changes in ordinary life."""

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.simulate.events import Events, make

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A planted group in row numbers; ``name`` is the kind of ring or the honest reason."""

    name: str
    people: Ints
    places: tuple[int, ...] = ()
    doctors: tuple[int, ...] = ()
    staff: tuple[int, ...] = ()
    accounts: tuple[int, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """Manual claims: staff numbers, accounts (person numbers), seconds; -1 where empty."""

    reason: Ints
    invoice: Ints
    registrar: Ints
    reviewer: Ints
    account: Ints
    payee: Ints
    agent: Ints
    agent_phone: Ints
    registered: Ints
    reviewed: Ints

    def __len__(self) -> int:
        return len(self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """A change of ordinary life, which then belongs to the group: positions, column, values."""

    which: Ints
    column: str
    values: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """One group with its events (``group`` is filled in later).

    ``beside`` is what its people do besides: ordinary life, no part of the group. ``keep`` is the
    share of their own ordinary life that ``draft.people`` go on with; who is in ``unaware`` (their
    card is used without them) goes on with all of it. ``moves``
    sends people to a new address or employer: (people, column, value). ``owner_name``: this
    place's legal representative bears the name of that doctor. ``registrations`` are further
    registered sites: (doctor, place).
    """

    draft: Draft
    events: Events = field(default_factory=lambda: make(0))
    claims: Claims | None = None
    rewrites: tuple[Rewrite, ...] = ()
    beside: Events = field(default_factory=lambda: make(0))
    keep: float = 1.0
    unaware: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    moves: tuple[tuple[Ints, str, int], ...] = ()
    owner_name: tuple[int, int] | None = None
    registrations: tuple[tuple[int, int], ...] = ()


def take_claims(claims: Claims, which: Ints) -> Claims:
    """Return the claims at those positions."""
    return Claims(**{f.name: getattr(claims, f.name)[which] for f in fields(Claims)})
