"""The codes of the extract, dealt out at random after everything is planted."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ingest.simulate.catalogue import CODES, DRUGS
from ingest.simulate.clock import START
from ingest.simulate.people import People
from ingest.simulate.places import PlaceKind, Places
from ingest.simulate.world import World

Ints = NDArray[np.int64]
_TRACE_DIGITS = 10**13
_TRACE_STEP = 7_345_813_579
_CERTIFICATE_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = np.array(list("10X98765432"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """Strings by row number of person, place, doctor, staff number, terminal and billing code.

    ``account`` is the bank account of a person; ``settlement`` a number for each row. One past
    the last doctor stands the placeholder of systems that know none.
    """

    person: pa.Array
    card: pa.Array
    account: pa.Array
    phone: pa.Array
    certificate: pa.Array
    place: pa.Array
    place_account: pa.Array
    doctor: pa.Array
    staff: pa.Array
    device: pa.Array
    billing: pa.Array
    trace_prefix: Ints
    trace_offset: int
    settlement: Ints


def deal(world: World, rng: np.random.Generator, settlements: int) -> Codes:
    """Deal out every code."""
    people, places = world.people, world.places
    persons = len(people)
    return Codes(
        person=numbers(10**13 * 2 + _unlike(rng, persons, 10**13)),
        card=prefixed("L", 10**8 + _unlike(rng, persons, 9 * 10**8)),
        account=prefixed("62", 10**16 + _unlike(rng, persons, 9 * 10**16)),
        phone=numbers(13 * 10**9 + _unlike(rng, persons, 69 * 10**8)),
        certificate=_certificates(rng, people),
        place=_place_codes(rng, places),
        place_account=prefixed("63", 10**16 + _unlike(rng, len(places), 9 * 10**16)),
        doctor=pa.concat_arrays(
            [
                prefixed("D", 10**11 + _unlike(rng, int(places.doctor_first[-1]), 9 * 10**11)),
                pa.array(["D000000000000"]),
            ]
        ),
        staff=prefixed("S", 10**7 + _unlike(rng, len(world.staff), 9 * 10**7)),
        device=prefixed("T", 10**9 + _unlike(rng, int(places.device_first[-1]), 9 * 10**9)),
        billing=pa.array(_billing_codes(rng)),
        trace_prefix=rng.choice(np.arange(100_000, 900_000), DRUGS, replace=False),
        trace_offset=int(rng.integers(0, _TRACE_DIGITS)),
        settlement=3 * 10**17 + _unlike(rng, settlements, 10**17),
    )


def trace_codes(codes: Codes, drug: Ints, box: Ints) -> pa.Array:
    """Return the 20-digit trace codes of boxes; drug gives the first seven digits."""
    serial = (box * _TRACE_STEP + codes.trace_offset) % _TRACE_DIGITS
    return pc.binary_join_element_wise(
        "8", pc.cast(pa.array(codes.trace_prefix[drug] * _TRACE_DIGITS + serial), pa.string()), ""
    )


def numbers(values: Ints) -> pa.Array:
    """Return numbers as strings."""
    return pc.cast(pa.array(values), pa.string())


def prefixed(prefix: str, values: Ints) -> pa.Array:
    """Return numbers as strings behind a prefix."""
    return pc.binary_join_element_wise(prefix, numbers(values), "")


def _unlike(rng: np.random.Generator, count: int, space: int) -> Ints:
    """Return ``count`` different numbers below ``space`` in random order."""
    step = max(1, space // max(1, count))
    return rng.permutation(count).astype(np.int64) * step + rng.integers(0, step, count)


def _place_codes(rng: np.random.Generator, places: Places) -> pa.Array:
    number = np.zeros(len(places), np.int64)
    for division in np.unique(places.division):
        here = np.flatnonzero(places.division == division)
        number[here] = 10_000 + _unlike(rng, len(here), 90_000)
    letter = np.where(places.kind == PlaceKind.PHARMACY, "P", "H")
    return pc.binary_join_element_wise(
        pa.array(letter), numbers(places.division * 100_000 + number), ""
    )


def _certificates(rng: np.random.Generator, people: People) -> pa.Array:
    """Return ID numbers that no real person bears (division 99…) with a valid check digit."""
    n = len(people)
    born = (START.astype("datetime64[D]") + (people.birth - START.astype(np.int64))).astype(
        "datetime64[D]"
    )
    month = born.astype("datetime64[M]")
    date = (born.astype("datetime64[Y]").astype(np.int64) + 1970) * 10_000
    date += (month.astype(np.int64) % 12 + 1) * 100 + (born - month).astype(np.int64) + 1
    group = (people.division * 10**8 + date) * 2 + people.male
    order = np.lexsort((rng.random(n), group))
    new = np.concatenate([[True], group[order][1:] != group[order][:-1]])
    start = np.maximum.accumulate(np.where(new, np.arange(n), 0))
    rank = np.empty(n, np.int64)
    rank[order] = np.arange(n) - start
    serial = (rank * 2 + 100 * rng.integers(0, 9, 1)) % 998 // 2 * 2 + people.male
    seventeen = (people.division * 10**8 + date) * 1_000 + serial
    total = np.zeros(n, np.int64)
    for place, weight in enumerate(_CERTIFICATE_WEIGHTS):
        total += seventeen // 10 ** (16 - place) % 10 * weight
    return pc.binary_join_element_wise(numbers(seventeen), pa.array(_CHECK[total % 11]), "")


def _billing_codes(rng: np.random.Generator) -> list[str]:
    letters = np.array(list("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"))
    codes: list[str] = []
    for code, number in enumerate(rng.choice(np.arange(10**5, 10**6), CODES, replace=False)):
        if code < DRUGS:
            tail = "".join(rng.choice(letters, 11))
            codes.append(f"{'XZ'[int(rng.random() < 0.25)]}A{number}{tail}{number % 97:02d}B1"[:23])
        elif code < CODES - 2:
            codes.append(f"00{number}{number * 7 % 10**9:09d}-{number % 10**6:06d}")
        else:
            codes.append(f"C{number}{number * 13 % 10**13:013d}")
    return codes
