"""Who sits at which terminal when: a fixed rule, so that a planter and the county agree."""

import numpy as np
from numpy.typing import NDArray

from ingest.simulate.clock import DAY
from ingest.simulate.places import Places

Ints = NDArray[np.int64]
AFTERNOON_HOUR = 13


def clerk_at(places: Places, place: Ints, device: Ints, time: Ints) -> Ints:
    """Return the clerk on duty at a terminal.

    Where two share a day, a place with T terminals has 2T clerks or more: each sits at one
    terminal for half a day, and who is left over is off. Where one has the whole day, T suffice.
    """
    clerks = places.clerk_first[place + 1] - places.clerk_first[place]
    terminal = device - places.device_first[place]
    shifts = places.shifts[place]
    half = (time % DAY >= AFTERNOON_HOUR * 3600) & (shifts == 2)
    slot = shifts * terminal + half
    clerk: Ints = places.clerk_first[place] + (slot + _turn(place, time // DAY)) % clerks
    return clerk


def post_of(places: Places, clerk: int, day: Ints, place: int) -> tuple[Ints, Ints]:
    """Return terminal and half of the day (0, 1) of a clerk on those days; terminal -1: off.

    Where one has the whole day, the half is 0 and stands for all of it.
    """
    clerks = int(places.clerk_first[place + 1] - places.clerk_first[place])
    slot = (clerk - places.clerk_first[place] - _turn(np.array(place), day)) % clerks
    shifts = int(places.shifts[place])
    terminal = places.device_first[place] + slot // shifts
    return np.where(terminal >= places.device_first[place + 1], -1, terminal), slot % shifts


def _turn(place: Ints, day: Ints) -> Ints:
    mixed = (place * 7_919 + day * 104_729) % 1_000_003
    return mixed * 31 // 7
