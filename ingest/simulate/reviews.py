"""Invent what a public review site publishes: user, place, day, and groups who are paid.

A world without terminals, clerks, drugs or addresses, and with days only: it shows how far pairs,
lockstep and joint share carry over. The sizes follow the restaurant reviews of Rayana and Akoglu
(KDD 2015): 260,000 users, 5,000 places, two or three reviews each. One review is one settlement.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
from numpy.typing import NDArray

from ingest.simulate import PlantedHonest, PlantedRing, Truth
from ingest.simulate.identifiers import numbers, prefixed
from ingest.simulate.truth import write_truth
from ingest.simulate.write import money

Ints = NDArray[np.int64]
FIRST_DAY = np.datetime64("2015-01-01", "D")
FEE_FEN, FUND_FEN = 10_000, 5_000
SCENES, TASTES = 40, 6
_SCENE, _TASTE, _NEW = 0.5, 0.6, 0.12
_NEW_DAYS = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class _Site:
    """Places with scene, taste, weight and first day; users with scene, taste and active days."""

    days: int
    scene: Ints
    taste: Ints
    weight: NDArray[np.float64]
    opens: Ints
    home: Ints
    likes: Ints
    begins: Ints
    ends: Ints
    count: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    name: str
    user: Ints
    place: Ints
    day: Ints
    said: dict[str, Any]


def write_reviews(
    folder: Path, users: int = 260_000, places: int = 5_000, years: int = 8, seed: int = 1
) -> Truth:
    """Write ``settlements.parquet`` and ``truth.json``; the same arguments give the same bytes.

    Paid groups are rings of kind ``card_pool_rotating``; couples, friends and food events are the
    honest ones. Each review costs the same, so a ring's loss counts its reviews.
    """
    rng = np.random.default_rng([seed, users, places, years])
    site = _found(rng, users, places, years * 365)
    paid, thrown_away = _paid(rng, site)
    site.count[thrown_away] = 0
    dining, moved, home = _dining(rng, site)
    site.home[moved] = home
    groups = [*paid, *dining, *(_event(rng, site) for _ in range(max(2, places // 80)))]
    user, place, day = _ordinary(rng, site)
    parts = [(user, place, day), *((g.user, g.place, g.day) for g in groups)]
    number = np.repeat(np.arange(-1, len(groups)), [len(part[0]) for part in parts])
    user, place, day = (np.concatenate([part[i] for part in parts]) for i in range(3))
    keep = _once(user, place, number) & (day < site.days)
    user, place, day, number = user[keep], place[keep], day[keep], number[keep]
    codes = _write(rng, Path(folder), site, user, place, day)
    truth = _truth(seed, site, groups, user, place, number, codes)
    write_truth(Path(folder) / "truth.json", truth)
    return truth


def _found(rng: np.random.Generator, users: int, places: int, days: int) -> _Site:
    """Draw a site that grows: later years have more places and many more users."""
    count = np.minimum(rng.zipf(2.35, users), 400)
    begins = (days * rng.random(users) ** 0.55).astype(np.int64)
    span = rng.exponential(120, users) + 20 * np.sqrt(count) * rng.exponential(1, users)
    scene = rng.choice(SCENES, places, p=_uneven(rng, SCENES))
    return _Site(
        days=days,
        scene=scene,
        taste=rng.choice(TASTES, places, p=_uneven(rng, TASTES)),
        weight=rng.lognormal(0, 1.35, places),
        opens=np.where(rng.random(places) < 0.35, 0, rng.integers(0, days, places)),
        home=rng.choice(SCENES, users, p=_uneven(rng, SCENES)),
        likes=rng.choice(TASTES, users, p=_uneven(rng, TASTES)),
        begins=begins,
        ends=np.minimum(days, begins + 1 + np.where(count > 1, span, 0).astype(np.int64)),
        count=count,
    )


def _uneven(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    share: NDArray[np.float64] = rng.dirichlet(np.full(count, 3.0))
    return share


def _ordinary(rng: np.random.Generator, site: _Site) -> tuple[Ints, Ints, Ints]:
    """Return what everybody writes by themselves: near home, to their taste, or what is new.

    Some write up several places in one sitting.
    """
    user = np.repeat(np.arange(len(site.count)), site.count)
    length = np.maximum(1, site.ends - site.begins)[user]
    day = site.begins[user] + (rng.random(len(user)) * length).astype(np.int64)
    same = np.append(False, user[1:] == user[:-1]) & (rng.random(len(user)) < 0.3)
    last = np.maximum.accumulate(np.where(same, 0, np.arange(len(user))))
    day = day[last]
    return user, _choose(rng, site, site.home[user], site.likes[user], day), day


def _choose(rng: np.random.Generator, site: _Site, home: Ints, likes: Ints, day: Ints) -> Ints:
    """Return a place for each visit, open by then."""
    n = len(day)
    place = rng.choice(len(site.weight), n, p=site.weight / site.weight.sum())
    local, suits = rng.random(n) < _SCENE, rng.random(n) < _TASTE
    scene, taste = np.where(local, home, -1), np.where(suits, likes, -1)
    for one in range(SCENES * (TASTES + 1)):
        where, what = divmod(one, TASTES + 1)
        at = np.flatnonzero((scene == where) & (taste == what - 1))
        fits = (site.scene == where) & ((what == 0) | (site.taste == what - 1))
        if len(at) and fits.any():
            pool = np.flatnonzero(fits)
            weight = site.weight[pool]
            place[at] = rng.choice(pool, len(at), p=weight / weight.sum())
    order = np.argsort(site.opens, kind="stable")
    opens = site.opens[order]
    first = np.searchsorted(opens, day - _NEW_DAYS)
    fresh = np.searchsorted(opens, day, side="right") - first
    tries = (rng.random(n) < _NEW) & (fresh > 0) & (day > _NEW_DAYS)
    newest = order[np.minimum(first + (rng.random(n) * fresh).astype(np.int64), len(order) - 1)]
    place = np.where(tries, newest, place)
    open_then = np.searchsorted(opens, day, side="right")
    any_open = order[(rng.random(n) * open_then).astype(np.int64)]
    return np.where(site.opens[place] <= day, place, any_open)


def _paid(rng: np.random.Generator, site: _Site) -> tuple[list[_Group], Ints]:
    """Plant groups of 3 to 15 accounts who praise the same 4 to 20 places within days.

    Also returns the accounts that are for nothing else.
    """
    groups: list[Any] = []
    thrown_away = [np.zeros(0, np.int64)]
    unused = rng.permutation(np.flatnonzero(site.count <= 2))
    normal = rng.permutation(np.flatnonzero((site.count >= 4) & (site.count <= 40)))
    for _ in range(max(4, len(site.weight) // 100)):
        size, targets = int(rng.integers(3, 16)), int(rng.integers(4, 21))
        thrown = int(rng.binomial(size, float(rng.choice([0.3, 0.8, 1.0]))))
        people = np.concatenate([unused[:thrown], normal[: size - thrown]])
        thrown_away.append(unused[:thrown])
        unused, normal = unused[thrown:], normal[size - thrown :]
        length = int(rng.integers(30, 400))
        first = int(rng.integers(0, max(1, site.days - length - 5)))
        open_by = np.flatnonzero(site.opens <= first)
        target = rng.choice(open_by, min(targets, len(open_by)), replace=False)
        base = np.sort(rng.integers(first, first + length, len(target)))
        present = rng.random((len(target), len(people))) < float(rng.uniform(0.5, 0.95))
        present[:3, present.sum(0) < 3] = True
        row, who = np.nonzero(present)
        spread = int(rng.integers(0, 3))
        groups.append(
            _Group(
                name="card_pool_rotating",
                user=people[who],
                place=target[row],
                day=base[row] + rng.integers(0, spread + 1, len(row)),
                said={"accounts": size, "thrown_away": thrown, "spread_days": spread},
            )
        )
    return groups, np.concatenate(thrown_away)


def _dining(rng: np.random.Generator, site: _Site) -> tuple[list[_Group], Ints, Ints]:
    """Plant couples and friends who dine together at 3 to 10 places and much more on their own.

    They belong to one scene: also returns who moves, and to which.
    """
    groups: list[Any] = []
    moved, homes = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    lively = rng.permutation(np.flatnonzero((site.count >= 10) & (site.ends - site.begins > 150)))
    lively = lively[np.argsort(site.begins[lively] // 200, kind="stable")]
    at = 0
    while at + 5 < len(lively) and len(groups) < len(site.count) // 400:
        size = int(rng.choice([2, 3, 4], p=[0.75, 0.17, 0.08]))
        people, at = lively[at : at + size], at + 5
        first, last = int(site.begins[people].max()), int(site.ends[people].min())
        if last - first < 60:
            continue
        moved.append(people)
        homes.append(np.full(size, site.home[people[0]]))
        visits = int(rng.integers(3, 11))
        day = np.sort(rng.integers(first, last, visits))
        home = np.full(visits, site.home[people[0]])
        place = _choose(rng, site, home, np.full(visits, site.likes[people[0]]), day)
        row, who = np.nonzero(rng.random((visits, size)) < (1.0 if size == 2 else 0.8))
        later = (rng.random(len(row)) < 0.2).astype(np.int64)
        groups.append(
            _Group(
                name="couple" if size == 2 else "friends",
                user=people[who],
                place=place[row],
                day=day[row] + later,
                said={"visits": visits},
            )
        )
    return groups, np.concatenate(moved), np.concatenate(homes)


def _event(rng: np.random.Generator, site: _Site) -> _Group:
    """Plant a food event: 30 to 200 people of a scene at one place on one day."""
    day = int(rng.integers(site.days // 4, site.days))
    place = int(rng.integers(0, len(site.weight)))
    active = (site.begins <= day) & (site.ends > day) & (site.count > 0)
    near = np.flatnonzero(active & (site.home == site.scene[place]))
    others = np.flatnonzero(active)
    size = int(rng.integers(30, 201))
    people = np.unique(
        np.concatenate([rng.permutation(near)[:size], rng.permutation(others)[: size // 3]])
    )
    return _Group(
        name="food_event",
        user=people,
        place=np.full(len(people), place),
        day=np.full(len(people), day),
        said={"day": day},
    )


def _once(user: Ints, place: Ints, number: Ints) -> NDArray[np.bool_]:
    """Keep one review of a place by a user: that of a group before that of ordinary life."""
    order = np.lexsort((-number, place, user))
    new = np.append(
        True,
        (user[order][1:] != user[order][:-1]) | (place[order][1:] != place[order][:-1]),
    )
    keep = np.zeros(len(user), np.bool_)
    keep[order[new]] = True
    return keep


def _write(
    rng: np.random.Generator, folder: Path, site: _Site, user: Ints, place: Ints, day: Ints
) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Write the reviews in the order of their days; return codes of users, places and reviews."""
    people = numbers(10**13 * 2 + rng.permutation(len(site.count)) * 3)
    places = prefixed("P", 990_101 * 100_000 + 10_000 + rng.permutation(len(site.weight)) * 7)
    reviews = numbers(3 * 10**17 + rng.permutation(len(user)) * 11)
    order = np.lexsort((rng.permutation(len(user)), day))
    n = len(order)
    when = (FIRST_DAY + day[order].astype("timedelta64[D]")).astype("datetime64[s]")
    table = pa.table(
        {
            "setl_id": reviews.take(pa.array(order)),
            "psn_no": people.take(pa.array(user[order])),
            "fixmedins_code": places.take(pa.array(place[order])),
            "setl_time": pa.array(when),
            "medfee_sumamt": money(np.full(n, FEE_FEN)),
            "fund_pay_sumamt": money(np.full(n, FUND_FEN)),
        }
    )
    folder.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(table, folder / "settlements.parquet", compression="zstd")
    return people, places, reviews


def _truth(
    seed: int,
    site: _Site,
    groups: list[_Group],
    user: Ints,
    place: Ints,
    number: Ints,
    codes: tuple[pa.Array, pa.Array, pa.Array],
) -> Truth:
    people, places, reviews = codes
    order = np.argsort(number, kind="stable")
    bounds = np.searchsorted(number[order], np.arange(len(groups) + 1))
    rings: list[PlantedRing] = []
    honest: list[PlantedHonest] = []
    for one, group in enumerate(groups):
        own = order[bounds[one] : bounds[one + 1]]
        named: dict[str, Any] = {
            "people": _names(people, user[own]),
            "places": _names(places, place[own]),
            "doctors": (),
            "staff": (),
            "accounts": (),
            "settlements": _names(reviews, own),
            "parameters": group.said,
        }
        if group.name == "card_pool_rotating":
            loss = FUND_FEN * len(own) / 100
            ring_id = f"R{len(rings) + 1:04d}"
            rings.append(PlantedRing(ring_id=ring_id, kind=group.name, loss=loss, **named))
        elif len(own):
            group_id = f"G{len(honest) + 1:05d}"
            honest.append(PlantedHonest(group_id=group_id, type=group.name, **named))
    return Truth(
        seed=seed,
        persons=len(site.count),
        days=site.days,
        rings=tuple(rings),
        honest=tuple(honest),
        counts={"settlements": len(user)},
    )


def _names(values: pa.Array, which: Ints) -> tuple[str, ...]:
    return tuple(sorted(values.take(pa.array(np.unique(which))).to_pylist()))
