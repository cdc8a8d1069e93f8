"""Who and what a planter may use: people, places and doctors not yet in a planted group."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.simulate.events import Events
from ingest.simulate.places import PlaceKind, Places
from ingest.simulate.world import World

Ints = NDArray[np.int64]
_TOWNS_WITHOUT_A_CENTRE = 6


class Cast:
    """People and places not yet in a planted group; what is drawn here is not drawn again.

    ``life`` is ordinary life as it was before any group; its busy doctors and places are counted
    once, so that a large county costs no more for each group than a small one.
    """

    def __init__(self, world: World, life: Events) -> None:
        self._people, self._places, self._towns = world.people, world.places, world.towns
        self._free = ~world.people.away & (world.people.death < 0)
        self._free[world.staff.person] = False
        self._dead = np.flatnonzero(
            (world.people.death >= 0) & (world.people.death < world.days * 2 // 3)
        )
        self._away = world.people.away.copy()
        self._used_places = np.zeros(len(world.places), np.bool_)
        head = np.concatenate([[True], np.diff(world.people.household) != 0])
        self._first = np.flatnonzero(head)
        self._last = np.append(self._first[1:], len(world.people))
        self._by_town = np.argsort(world.people.town, kind="stable")
        self._town_bounds = np.searchsorted(
            world.people.town[self._by_town], np.arange(world.towns.count + 1)
        )
        self._by_place = np.argsort(life.place, kind="stable")
        self._place_bounds = np.searchsorted(
            life.place[self._by_place], np.arange(len(world.places) + 1)
        )
        doctors = int(world.places.doctor_first[-1])
        self._seen = np.bincount(life.doctor[life.doctor >= 0], minlength=doctors)
        self._taken_doctors = np.zeros(doctors, np.bool_)
        self._taken: set[tuple[str, int]] = set()
        self._boxes = 0
        self._size = 1.0
        self._families = np.zeros(0, np.int64)

    def strangers(
        self,
        rng: np.random.Generator,
        count: int,
        *,
        near: tuple[float, float] | None = None,
        reach_km: float = 12.0,
        least_age: float = 20.0,
        most_age: float = 200.0,
        chronic: bool = False,
        village: int | None = None,
        employer: int | None = None,
    ) -> Ints:
        """Draw up to ``count`` people of different households where the county is big enough."""
        count = self._recruits(count)
        p = self._people
        pool = self._around(rng, near, reach_km, village, employer)
        fits = self._free[pool] & (p.age[pool] >= least_age) & (p.age[pool] < most_age)
        if village is not None:
            fits &= p.village[pool] == village
        if chronic:
            fits &= p.chronic[pool]
        pool = pool[fits]
        if near is not None and len(pool):
            pool = self._close_by(rng, pool, near, reach_km, count)
        pool = rng.permutation(pool)[: count * 6]
        _, first = np.unique(p.household[pool], return_index=True)
        chosen = pool[np.sort(first)][:count]
        if len(chosen) < count:
            rest = np.setdiff1d(pool, chosen)
            chosen = np.concatenate([chosen, rest[: count - len(chosen)]])
        self._free[chosen] = False
        return chosen

    def dead(self, rng: np.random.Generator) -> Ints:
        """Draw one who died in the first two thirds of the time, or nobody."""
        chosen = rng.permutation(self._dead)[:1]
        self._dead = np.setdiff1d(self._dead, chosen)
        return chosen

    def travellers(self, rng: np.random.Generator, count: int) -> Ints:
        """Draw people insured in other provinces who are hardly ever here."""
        chosen = rng.permutation(np.flatnonzero(self._away))[: self._recruits(count)]
        self._away[chosen] = False
        return chosen

    def household(self, rng: np.random.Generator, least: int, most: int) -> Ints:
        """Draw one household with at least ``least`` free people and return ``most`` of them."""
        for house in rng.integers(0, len(self._first), 4_000).tolist():
            people = np.arange(self._first[house], self._last[house])
            if len(people) < least:
                continue
            people = people[self._free[people]]
            if len(people) >= least:
                chosen = people[:most]
                self._free[chosen] = False
                return chosen
        return np.zeros(0, np.int64)

    def kin(self, person: int, count: int) -> Ints:
        """Draw up to ``count`` free people of that person's household."""
        house = self._people.household[person]
        people = np.arange(self._first[house], self._last[house])
        chosen = people[self._free[people]][:count]
        self._free[chosen] = False
        return chosen

    def place(
        self,
        rng: np.random.Generator,
        *kinds: PlaceKind,
        least_size: float = 0.0,
        most_size: float = 1e9,
        count: int = 1,
        near: tuple[float, float] | None = None,
        again: bool = False,
        but: Sequence[int] = (),
    ) -> Ints:
        """Draw ``count`` places of those kinds; pharmacies are such where the fund pays.

        Without ``again`` a place is drawn once as long as there are others. ``near`` prefers
        places within some kilometres; those in ``but`` are left out.
        """
        places = self._places
        pool = np.setdiff1d(places.of(*kinds), np.asarray(but, np.int64))
        pool = pool[places.pooled[pool]]
        fits = pool[(places.size[pool] >= least_size) & (places.size[pool] <= most_size)]
        pool = fits if len(fits) >= count else pool
        fresh = pool[~self._used_places[pool]]
        pool = pool if again or len(fresh) < count else fresh
        weight = np.ones(len(pool))
        if near is not None:
            off = np.hypot(places.x[pool] - near[0], places.y[pool] - near[1])
            weight = np.exp(-off / 5.0) + 1e-9
        chosen = rng.choice(pool, min(count, len(pool)), replace=False, p=weight / weight.sum())
        if not again:
            self._used_places[chosen] = True
        return chosen.astype(np.int64)

    def release_places(self) -> None:
        """Let every place be drawn again: for the rings, after the honest groups."""
        self._used_places[:] = False

    def resize(self, size: float) -> None:
        """Draw ``size`` times as many strangers and travellers as is asked for from now on."""
        self._size = size

    def _recruits(self, count: int) -> int:
        return count if self._size == 1 else max(min(count, 3), round(count * self._size))

    def lend(self, families: Ints) -> None:
        """Remember people of honest families, whose cards a ring may use without them."""
        self._families = np.unique(families)

    def hosts(self, rng: np.random.Generator, count: int, near: tuple[float, float]) -> Ints:
        """Draw people of honest families whose cards no ring uses yet, those near first."""
        chosen = self._close_by(rng, self._families, near, 12.0, count)[:count]
        self._families = np.setdiff1d(self._families, chosen)
        return chosen

    def release(self, people: Ints) -> None:
        """Let these people be drawn again."""
        self._free[people] = True

    def settled_at(self, place: int) -> Ints:
        """Return the positions in ordinary life of what was settled at a place."""
        return self._by_place[self._place_bounds[place] : self._place_bounds[place + 1]]

    def busy_doctor(self, rng: np.random.Generator, *, least: int) -> tuple[int, int]:
        """Draw a near place and one of its doctors with ``least`` visits, or the busiest left."""
        places = self._places
        home = np.repeat(np.arange(len(places)), np.diff(places.doctor_first))
        usable = ~places.far[home] & (places.kind[home] != PlaceKind.NURSING_HOME)
        usable &= ~self._taken_doctors
        fit = np.flatnonzero(usable & (self._seen >= least))
        if not len(fit):
            fit = np.array([np.argmax(np.where(usable, self._seen, -1))])
        doctor = int(rng.choice(fit))
        self._taken_doctors[doctor] = True
        return int(home[doctor]), doctor

    def idle_doctor(self, rng: np.random.Generator, *, most: int) -> tuple[int, int]:
        """Draw a near place and one of its doctors with ``most`` visits, or the idlest left."""
        places = self._places
        home = np.repeat(np.arange(len(places)), np.diff(places.doctor_first))
        usable = ~places.far[home] & ~self._taken_doctors
        fit = np.flatnonzero(usable & (self._seen <= most))
        if not len(fit):
            fit = np.array([np.argmin(np.where(usable, self._seen, np.iinfo(np.int64).max))])
        doctor = int(rng.choice(fit))
        self._taken_doctors[doctor] = True
        return int(home[doctor]), doctor

    def clinic_of_its_own(self, rng: np.random.Generator, pool: Ints) -> int:
        """Draw a clinic of the pool that no other group of doctors uses; busy ones first."""
        fresh = np.array([p for p in pool.tolist() if ("clinic", p) not in self._taken])
        fresh = fresh if len(fresh) else pool
        visits = self._place_bounds[fresh + 1] - self._place_bounds[fresh]
        busiest = fresh[np.argsort(-visits, kind="stable")][: max(4, len(fresh) // 2)]
        return self._keep(int(rng.choice(busiest)), "clinic")

    def handler(self, rng: np.random.Generator, pool: Ints) -> int:
        """Draw a handler who is in no other ring while there is one."""
        fresh = [h for h in pool.tolist() if ("handler", h) not in self._taken]
        return self._keep(int(rng.choice(fresh or pool.tolist())), "handler")

    def hub(self, rng: np.random.Generator, pool: Ints, name: str) -> int:
        """Draw a member of the pool not yet drawn under that name, -1 if none is left."""
        fresh = [one for one in pool.tolist() if (name, one) not in self._taken]
        return self._keep(int(rng.choice(fresh)), name) if fresh else -1

    def boxes(self, count: int) -> Ints:
        """Return numbers of boxes nobody else has."""
        self._boxes += count
        return np.arange(self._boxes - count, self._boxes)

    def _keep(self, chosen: int, name: str) -> int:
        self._taken.add((name, chosen))
        return chosen

    def _around(
        self,
        rng: np.random.Generator,
        near: tuple[float, float] | None,
        reach_km: float,
        village: int | None,
        employer: int | None,
    ) -> Ints:
        """Return the people of the towns in question: the village's, those near, or any few."""
        if employer is not None:
            return np.flatnonzero(self._people.employer == employer)
        towns = self._towns
        if village is not None:
            chosen = np.array([towns.village_town[village]])
        elif near is not None:
            centre = towns.villages[:-1]
            off = np.hypot(towns.x[centre] - near[0], towns.y[centre] - near[1])
            closest = np.argsort(off, kind="stable")
            chosen = closest[: max(3, int((off < 3 * reach_km + 5).sum()))][:12]
        else:
            chosen = rng.permutation(towns.count)[:_TOWNS_WITHOUT_A_CENTRE]
        return np.concatenate(
            [self._by_town[self._town_bounds[t] : self._town_bounds[t + 1]] for t in chosen]
        )

    def _close_by(
        self,
        rng: np.random.Generator,
        pool: Ints,
        near: tuple[float, float],
        reach_km: float,
        count: int,
    ) -> Ints:
        """Thin a pool by distance from a point, keeping enough of it."""
        village = self._people.village[pool]
        off = np.hypot(self._towns.x[village] - near[0], self._towns.y[village] - near[1])
        key = -off / reach_km + rng.gumbel(size=len(pool))
        return pool[np.argsort(-key, kind="stable")[: count * 6]]


def where(places: Places, place: int) -> tuple[float, float]:
    """Return the position of a place in kilometres."""
    return float(places.x[place]), float(places.y[place])


def pick(rng: np.random.Generator, options: Sequence[Any]) -> Any:
    """Return one of the options."""
    return options[int(rng.integers(len(options)))]
