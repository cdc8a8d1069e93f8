"""People with a system account: clerks of places, owners, agency handlers and reviewers."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from ingest.simulate.people import People
from ingest.simulate.places import Places
from ingest.simulate.towns import Towns

Ints = NDArray[np.int64]
HANDLERS, REVIEWERS = 4, 2
TOWNS_PER_OFFICE = 2


class Role(IntEnum):
    """What they do."""

    CLERK = 0
    OWNER = 1
    HANDLER = 2
    REVIEWER = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """One row for each staff number: clerks in the order of ``Places``, then owners, then agency.

    ``person`` is the insured person behind the number, ``place`` where they work (-1: agency),
    ``office`` the agency office. Owner of place p is number ``owner_first + p``.
    """

    person: Ints
    role: Ints
    place: Ints
    office: Ints
    owner_first: int
    agency_first: int
    offices: int

    def __len__(self) -> int:
        return len(self.person)

    def handlers(self, office: int) -> Ints:
        """Return those who register claims at an office."""
        return np.flatnonzero((self.office == office) & (self.role == Role.HANDLER))

    def reviewers(self, office: int) -> Ints:
        """Return those who review claims at an office."""
        return np.flatnonzero((self.office == office) & (self.role == Role.REVIEWER))


def build_staff(rng: np.random.Generator, places: Places, people: People, towns: Towns) -> Staff:
    """Employ adults; a place takes people of its own town where it can."""
    clerks = int(places.clerk_first[-1])
    clerk_place = np.repeat(np.arange(len(places)), np.diff(places.clerk_first))
    offices = -(-towns.count // TOWNS_PER_OFFICE)
    per_office = HANDLERS + REVIEWERS
    place = np.concatenate([clerk_place, np.arange(len(places)), np.full(offices * per_office, -1)])
    role = np.concatenate(
        [
            np.full(clerks, Role.CLERK),
            np.full(len(places), Role.OWNER),
            np.tile([Role.HANDLER] * HANDLERS + [Role.REVIEWER] * REVIEWERS, offices),
        ]
    )
    office = np.full(len(place), -1)
    office[clerks + len(places) :] = np.repeat(np.arange(offices), per_office)
    return Staff(
        person=_hire(rng, np.where(place >= 0, places.town[place], -1), people),
        role=role.astype(np.int64),
        place=place,
        office=office,
        owner_first=clerks,
        agency_first=clerks + len(places),
        offices=offices,
    )


def _hire(rng: np.random.Generator, town: Ints, people: People) -> Ints:
    """Return a different adult for each post, of its town where there are enough."""
    adults = np.flatnonzero((people.age > 22) & (people.age < 62) & ~people.away)
    adults = rng.permutation(adults)
    adults = adults[np.argsort(people.town[adults], kind="stable")]
    hired = np.full(len(town), -1)
    used = np.zeros(len(people), np.bool_)
    for here in np.unique(town[town >= 0]):
        posts = np.flatnonzero(town == here)
        local = adults[people.town[adults] == here]
        take = min(len(posts), len(local) // 2)
        hired[posts[:take]] = local[:take]
        used[local[:take]] = True
    rest = rng.permutation(adults[~used[adults]])
    missing = np.flatnonzero(hired < 0)
    hired[missing] = rest[np.arange(len(missing)) % len(rest)]
    return hired
