"""How organised visits are laid out in time here: moods, runners, tours, two hands at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.simulate.clock import DAY
from ingest.simulate.places import Places
from ingest.simulate.sessions import Swipes
from ingest.simulate.world import World

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
LEAST_EACH = 5
_SHORTEST, _LONGEST = 15.0, 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sittings:
    """One row for each time somebody stands at a counter: day, place, who is swiped.

    ``tour`` numbers the outings: sittings of one tour follow each other on one day, others start
    whenever the organiser comes by.
    """

    day: Ints
    place: Ints
    present: Mask
    tour: Ints


def party(
    world: World, rng: np.random.Generator, least: int, most: int, *, one_in: int = 60
) -> int:
    """Draw a size from ``least`` to below ``most``, in a small county one in so many at most."""
    cap = max(3, len(world.people) // one_in)
    return int(rng.integers(min(least, cap), min(most, cap + 1)))


def moods(rng: np.random.Generator, span: tuple[int, int], count: int) -> Ints:
    """Return ``count`` days of a span: at exponential gaps, or in spells of activity."""
    first, last = span
    if rng.random() < 0.5:
        at = np.cumsum(rng.exponential(1.0, count + 1))[:-1] / max(1.0, count)
        at = at / max(1.0, at.max(initial=1.0) * 1.02)
        day = first + at * (last - first)
    else:
        centres = rng.uniform(first, last, max(2, count // 6))
        width = (last - first) / len(centres) / 5 + 1
        day = rng.choice(centres, count) + rng.normal(0, width, count)
    days = np.unique(np.clip(day, first, last - 1).astype(np.int64))
    others = np.setdiff1d(np.arange(first, last), days)
    return np.sort(np.concatenate([days, rng.permutation(others)[: max(0, count - len(days))]]))


def turnout(
    rng: np.random.Generator, sessions: int, members: int, share: float, *, leaving: float
) -> Mask:
    """Return sessions × members: who is swiped, each at an own rate around ``share``.

    A share ``leaving`` of the members joins late or leaves early. Everybody comes five times, as
    far as there are sessions, two to each session.
    """
    spread = 8.0
    rate = rng.beta(share * spread, (1 - share) * spread, members)
    begins = np.where(rng.random(members) < leaving / 2, rng.uniform(0, 0.5, members), 0.0)
    ends = np.where(rng.random(members) < leaving / 2, rng.uniform(0.5, 1, members), 1.0)
    at = (np.arange(sessions) + 0.5) / max(1, sessions)
    inside = (at[:, None] >= begins) & (at[:, None] <= ends)
    inside[:, inside.sum(0) < LEAST_EACH] = True
    present: Mask = inside & (rng.random((sessions, members)) < rate)
    for member in np.flatnonzero(present.sum(0) < LEAST_EACH):
        fit = np.flatnonzero(inside[:, member] & ~present[:, member])
        missing = LEAST_EACH - int(present[:, member].sum())
        present[rng.permutation(fit)[:missing], member] = True
    for session in np.flatnonzero(present.sum(1) < min(2, members)):
        present[session, rng.permutation(members)[:2]] = True
    return present


def by_runner(
    rng: np.random.Generator, day: Ints, present: Mask, *, bundles: int, two_days: bool
) -> tuple[Ints, Mask, Ints]:
    """Cut each session into bundles; each member is mostly in the same one.

    Returns day, members and session of each bundle; with ``two_days`` the later bundles are
    carried on the next day.
    """
    sessions, members = present.shape
    usual = rng.permutation(members) % bundles
    other = rng.integers(0, bundles, (sessions, members))
    bundle = np.where(rng.random((sessions, members)) < 0.85, usual, other)
    split = (present[:, None, :] & (bundle[:, None, :] == np.arange(bundles)[:, None])).reshape(
        sessions * bundles, members
    )
    session = np.repeat(np.arange(sessions), bundles)
    later = np.tile(np.arange(bundles) >= -(-bundles // 2), sessions) & two_days
    some = split.any(1)
    return (day[session] + later)[some], split[some], session[some]


def lay_out(
    places: Places,
    rng: np.random.Generator,
    sittings: Sittings,
    *,
    order: str,
    gap: float,
    hands: int,
) -> tuple[Swipes, Ints]:
    """Return the swipes, and which hand holds each card.

    ``order``: "kept", "turned" (every second time from the other end) or "shuffled". Gaps are
    log-normal around ``gap`` seconds, 15 to 600. With two hands the stack is dealt out to two
    terminals that work at the same time. What comes after closing time is not swiped.
    """
    rows, members = sittings.present.shape
    key = np.tile(np.arange(members, dtype=float), (rows, 1))
    if order == "turned":
        key[1::2] *= -1
    if order == "shuffled":
        key = rng.random((rows, members))
    at = np.argsort(np.where(sittings.present, key, np.inf), axis=1, kind="stable")
    there = np.take_along_axis(sittings.present, at, axis=1)
    pause = np.clip(gap * rng.lognormal(0, 0.7, (rows, members)), _SHORTEST, _LONGEST)
    pause = np.where(there, pause, 0.0)
    hand = np.arange(members) % hands
    offset = np.zeros((rows, members))
    for one in range(hands):
        mine = np.flatnonzero(hand == one)
        offset[:, mine] = np.cumsum(pause[:, mine], axis=1) - pause[:, mine[:1]]
    begin = _begin(places, rng, sittings, offset.max(axis=1, initial=0.0))
    row, column = np.nonzero(there)
    time = (begin[row] + offset[row, column]).astype(np.int64)
    closes = (places.closes[sittings.place[row]] * 3_600).astype(np.int64)
    day = sittings.day[row]
    open_still = time < day * DAY + closes - 30
    row, column, time = row[open_still], column[open_still], time[open_still]
    return Swipes(session=row, member=at[row, column], time=time), hand[column]


def _begin(
    places: Places, rng: np.random.Generator, sittings: Sittings, lasts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the first second of each sitting, at any hour but the first and the last.

    Sittings of one tour come after each other, a ride of ten to forty minutes between them.
    """
    rows = len(sittings.day)
    opens = places.opens[sittings.place] * 3_600 + 3_600
    closes = places.closes[sittings.place] * 3_600 - 3_600
    opens = np.where(closes - opens > 18 * 3_600, 7.0 * 3_600, opens)
    latest = np.maximum(opens + 60, closes - lasts)
    begin = rng.uniform(opens, latest)
    ride = rng.uniform(600, 2_400, rows)
    new = np.append(True, sittings.tour[1:] != sittings.tour[:-1])[:rows]
    head = np.maximum.accumulate(np.where(new, np.arange(rows), 0))
    run = np.cumsum(lasts + ride)
    before = run - lasts - ride
    total = np.bincount(sittings.tour, lasts + ride, minlength=1)[sittings.tour]
    first = rng.uniform(opens, np.maximum(opens + 60, closes - total))[head]
    length = np.bincount(sittings.tour, minlength=1)[sittings.tour]
    begin = np.where(length > 1, first + before - before[head], begin)
    result: NDArray[np.float64] = sittings.day * DAY + begin
    return result
