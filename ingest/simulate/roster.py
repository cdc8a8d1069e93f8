"""Who sits at which terminal when: a fixed rule, so that a planter and the county agree."""

import numpy as np
from numpy.typing import NDArray

from ingest.simulate.clock import DAY
from ingest.simulate.places import Places

Ints = NDArray[np.int64]
AFTERNOON_HOUR = 13


def clerk_at(places: Places, place: Ints, device: Ints, time: Ints) -> Ints:
    """Return the clerk on duty at a terminal.

    A place with T terminals has 2T + 1 clerks: each day one is off, every other one sits at one
    terminal for half a day.
    """
    clerks = places.clerk_first[place + 1] - places.clerk_first[place]
    terminal = device - places.device_first[place]
    half = time % DAY >= AFTERNOON_HOUR * 3600
    return places.clerk_first[place] + (2 * terminal + half + _turn(place, time // DAY)) % clerks


def post_of(places: Places, clerk: int, day: Ints, place: int) -> tuple[Ints, Ints]:
    """Return terminal and half of the day (0, 1) of a clerk on those days; terminal -1: off."""
    clerks = int(places.clerk_first[place + 1] - places.clerk_first[place])
    slot = (clerk - places.clerk_first[place] - _turn(np.array(place), day)) % clerks
    return np.where(slot == clerks - 1, -1, places.device_first[place] + slot // 2), slot % 2


def _turn(place: Ints, day: Ints) -> Ints:
    mixed = (place * 7_919 + day * 104_729) % 1_000_003
    return mixed * 31 // 7
