"""What spoils a naive count: clocks, batches, split rows, placeholders, broken identifiers."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ingest.simulate.clock import DAY
from ingest.simulate.events import NONE, Events, concat, take
from ingest.simulate.places import PlaceKind
from ingest.simulate.plant import Draft, Planted
from ingest.simulate.world import World

Columns = dict[str, pa.Array]
SPLIT_SHARE = 0.03
REFUND_SHARE = 0.02
VOID_SHARE, DUPLICATE_SHARE = 0.006, 0.003
BAD_SHARE = 0.004


def mess_up(world: World, rng: np.random.Generator, events: Events) -> tuple[Events, list[Planted]]:
    """Return events as careless systems would have sent them, and the places they come from."""
    places = world.places
    small = rng.permutation(places.of(PlaceKind.CLINIC, PlaceKind.VILLAGE_CLINIC))
    shops = rng.permutation(places.of(PlaceKind.PHARMACY))
    share = max(1, len(places) // 60)
    batch, hourly = small[:share], shops[:share]
    midnight, nameless = small[share : 2 * share], shops[share : 3 * share]
    unnamed_doctor = np.concatenate([small[2 * share : 6 * share], small[:1]])
    events = _split(rng, events)
    n, place = len(events), events.place
    time = events.time.copy()
    time = np.where(np.isin(place, batch), time // DAY * DAY + 17 * 3600 + 1_800, time)
    time = np.where(np.isin(place, hourly), time // 3600 * 3600, time)
    time = np.where(np.isin(place, midnight), time // DAY * DAY, time)
    doctor = events.doctor.copy()
    placeholder = np.isin(place, unnamed_doctor) & (doctor >= 0) & (rng.random(n) < 0.75)
    doctor[placeholder] = places.doctor_first[-1]
    lost = np.isin(place, nameless) | (rng.random(n) < 0.02)
    clerkless = np.isin(place, nameless[: len(nameless) // 2]) | (rng.random(n) < 0.01)
    manual = events.claim >= 0
    device = np.where(lost, NONE, events.device).astype(np.int32)
    clerk = np.where(clerkless & ~manual, NONE, events.clerk).astype(np.int32)
    refund, delay = events.refund.copy(), events.refund_delay.copy()
    more = (refund == 0) & (rng.random(n) < REFUND_SHARE) & ~manual
    refund[more] = rng.integers(1, 3, int(more.sum()))
    delay[more] = rng.integers(60, DAY, int(more.sum()))
    events = replace(
        events,
        time=time,
        doctor=doctor,
        device=device,
        clerk=clerk,
        refund=refund,
        refund_delay=delay,
    )
    events = take(events, np.argsort(events.time, kind="stable"))
    reasons = (
        ("batch_upload", batch),
        ("rounded_clock", np.concatenate([hourly, midnight])),
        ("sentinel_number", np.unique(unnamed_doctor)),
    )
    return events, [
        Planted(draft=Draft(name=name, people=np.zeros(0, np.int64), places=(int(one),)))
        for name, chosen in reasons
        for one in chosen
    ]


def _split(rng: np.random.Generator, events: Events) -> Events:
    """Settle some purchases in two or three rows within a minute."""
    splittable = (events.claim < 0) & (events.stay == 0) & (events.box < 0) & (events.refund == 0)
    at = np.flatnonzero(splittable & (rng.random(len(events)) < SPLIT_SHARE))
    at = np.concatenate([at, at[rng.random(len(at)) < 0.2]])
    second = take(events, at)
    later = rng.choice([0, 0, 1, 8, 25, 50], len(at))
    return concat([events, replace(second, time=second.time + later)])


def smudge_settlements(slices: Iterator[Columns], rng: np.random.Generator) -> Iterator[Columns]:
    """Blank, shorten or misspell some identifiers; add void rows and rows sent twice."""
    for columns in slices:
        n = len(columns["setl_id"])
        spoilt = dict(columns)
        spoilt["mdtrt_cert_type"] = _misspell(
            rng, columns["mdtrt_cert_type"], 0.02, lambda c: pc.utf8_ltrim(c, characters="0")
        )
        spoilt["dise_no"] = _misspell(rng, columns["dise_no"], BAD_SHARE, pc.utf8_lower)
        spoilt["med_type"] = _blank(rng, columns["med_type"], 0.01)
        spoilt["ssc_cardno"] = _blank(rng, columns["ssc_cardno"], 0.03)
        spoilt["insu_admdvs"] = _blank(rng, columns["insu_admdvs"], 0.005)
        spoilt["opter_id"] = _placeholder(rng, spoilt["opter_id"], 0.005, "000000")
        spoilt["dev_no"] = _placeholder(rng, spoilt["dev_no"], 0.005, "0000000000")
        void = rng.random(n) < VOID_SHARE
        twice = rng.random(n) < DUPLICATE_SHARE
        again = {name: column.filter(pa.array(void)) for name, column in spoilt.items()}
        number = pc.add(pc.cast(again["setl_id"], pa.int64()), 1)
        again["setl_id"] = pc.cast(number, pa.string())
        again["vali_flag"] = pa.array(np.zeros(int(void.sum()), np.int8))
        sent_twice = {name: column.filter(pa.array(twice)) for name, column in spoilt.items()}
        yield {
            name: pa.concat_arrays([_flat(part[name]) for part in (spoilt, again, sent_twice)])
            for name in spoilt
        }


def smudge_lines(slices: Iterator[Columns], rng: np.random.Generator) -> Iterator[Columns]:
    """Shorten some trace and drug codes."""
    for columns in slices:
        spoilt = dict(columns)
        spoilt["drug_trac_codg"] = _misspell(rng, columns["drug_trac_codg"], 0.01, _shorten)
        spoilt["med_list_codg"] = _misspell(rng, columns["med_list_codg"], BAD_SHARE, _shorten)
        yield spoilt


def smudge_persons(slices: Iterator[Columns], rng: np.random.Generator) -> Iterator[Columns]:
    """Break some check digits; lose some telephones, addresses and dates of birth."""
    for columns in slices:
        spoilt = dict(columns)
        spoilt["certno"] = _misspell(rng, columns["certno"], BAD_SHARE, _shorten)
        for name, share in (("mob", 0.06), ("live_addr", 0.04), ("brdy", 0.01), ("emp_no", 0.03)):
            spoilt[name] = _blank(rng, columns[name], share)
        spoilt["mob"] = _placeholder(rng, spoilt["mob"], 0.01, "00000000000")
        yield spoilt


def _misspell(
    rng: np.random.Generator, column: pa.Array, share: float, wrong: Callable[[pa.Array], pa.Array]
) -> pa.Array:
    return pc.if_else(pa.array(rng.random(len(column)) < share), wrong(column), column)


def _blank(rng: np.random.Generator, column: pa.Array, share: float) -> pa.Array:
    hit: NDArray[np.bool_] = rng.random(len(column)) < share
    return pc.if_else(pa.array(hit), pa.scalar(None, column.type), column)


def _placeholder(rng: np.random.Generator, column: pa.Array, share: float, value: str) -> pa.Array:
    return pc.if_else(pa.array(rng.random(len(column)) < share), value, column)


def _shorten(column: pa.Array) -> pa.Array:
    return pc.utf8_slice_codeunits(column, 0, 17)


def _flat(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
