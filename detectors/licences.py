"""Licence lending: a practitioner's number that works where its owner does not.

A lent number (domain.md B36, signature 10) signs at a site where it is not registered, or at two
sites at once. Two hypotheses are tested for each number and site besides its home (the registered
site it signs at most; without a register, the site it signs at most):

- *never registered there*: days on which it signs at a site that the register does not name;
- *two places at once*: days on which its working blocks at home and at the site overlap, or lie
  closer together than the way between them takes at the speed limit of an expressway.

A working block is an island of signatures (gaps and islands, in SQL) with no silence above two
hours; blocks of one number and day are swept against each other. Times that are known only to the
day, or were uploaded in batches, and discharges of inpatients (signed by a cashier) say nothing
about presence and make no blocks.

Needs settlements; uses practitioners (else only the second hypothesis), providers (distances) and
fee_list (drug mix, else diagnoses). Misses a number lent to a site where it is duly registered and
whose owner is never seen elsewhere, and pharmacists, who sign no settlement.

Null: numbers are mis-keyed. Stray days fall on sites at the rate that the **other** numbers of the
extract show, at that site or in all, whichever is more; overlapping days at the rate of the other
numbers' days. A number's own rate is a gamma of shape 1 around it (over-dispersed: a wrong log-in
lasts a while), hence geometric tails; twice the smaller of the two p-values counts. All numbers
times all sites are tests. A register that lacks lawful sites is not part of the null: the honest
test ``register_gaps`` says how common that is.
"""

from dataclasses import dataclass

import ibis
import numpy as np
import pyarrow as pa
from ibis.backends.duckdb import Backend
from ibis.expr.types import FloatingValue, Table
from numpy.typing import NDArray

from detectors.candidates import HELD, OTHERS, Candidates, Context
from detectors.columns import clean, delivered, keep
from detectors.licences_signs import HONEST, SIGNS, Lent, moved, registered_sites, signs
from detectors.tallies import nothing

__all__ = ["SIGNS", "find"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
BLOCK_SECONDS = 7_200  # longer silence ends a working block: a lunch break does not
METRES_PER_SECOND = (
    120 / 3.6
)  # speed limit of expressways (road traffic safety regulations, art. 78)
CLOCK_SECONDS = 300  # two terminals' clocks may differ by so much
MOST_SITES = 10  # a number at so many sites is a placeholder (as in ingest/rules.py), nobody's own
MODEST_P = 0.01
MOST_CANDIDATES = 300


def find(context: Context) -> Candidates:
    """Return the candidate groups: a number, its home and the other site."""
    backend = context.backend
    settlements = clean(backend, context.workspace, "settlements")
    places = clean(backend, context.workspace, "providers")
    register = delivered(backend, context.workspace, "practitioners")
    signed = keep(backend, "licence_signed", _signed(settlements, places))
    sites = keep(backend, "licence_sites", _sites(signed, register))
    pairs = keep(backend, "licence_pairs", _pairs(sites))
    blocks = keep(backend, "licence_blocks", _blocks(signed, pairs))
    overlap = keep(backend, "licence_overlap", _overlaps(blocks, pairs, places))
    rows = backend.to_pyarrow(
        pairs.left_join(overlap, ["doctor", "site"])
        .select(pairs, overlap_days=ibis._.overlap_days.fill_null(0))
        .order_by(["doctor", "site"])
    )
    if not rows.num_rows:
        return nothing(SIGNS, HONEST)
    chance = _chances(backend, sites, rows)
    chosen = np.flatnonzero(
        (chance.p_value <= MODEST_P) & (rows["days"].to_numpy() >= context.settings.least_days)
    )
    chosen = chosen[np.argsort(-chance.statistic[chosen], kind="stable")][:MOST_CANDIDATES]
    chosen = np.sort(chosen)
    if not len(chosen):
        return nothing(SIGNS, HONEST)
    lent = Lent(
        backend=backend,
        workspace=context.workspace,
        signed=signed,
        sites=sites,
        blocks=blocks,
        overlap=overlap,
        rows=rows.take(chosen),
        stray_days=chance.stray_days[chosen],
        chance_overlaps=chance.chance_overlaps[chosen],
    )
    covered, gaps = registered_sites(lent, register, context.settings.least_days)
    one, lead = _groups(lent.rows, chance.statistic[chosen])
    reasons = dict(zip(HONEST, (covered, gaps, moved(lent)), strict=True))
    chosen = chosen[lead]
    return Candidates(
        gid=np.empty(0, np.int64),
        person=np.empty(0, np.int64),
        stability=np.ones(len(chosen)),
        statistic=chance.statistic[chosen],
        p_value=chance.p_value[chosen],
        tests=chance.tests,
        others=_others(lent.rows, one),
        settlements=_held(backend, lent, one),
        signs={name: (a[lead], b[lead]) for name, (a, b) in signs(lent).items()},
        honest={name: share[lead] for name, share in reasons.items()},
    )


def _groups(rows: pa.Table, statistic: Floats) -> tuple[Ints, Ints]:
    """Return the group of each row, and the row that speaks for each group: the strongest.

    The sites of one number are one group where the register says the same of them.
    """
    named = rows["registered"].fill_null(False).to_numpy(zero_copy_only=False).astype(np.int64)
    one = np.unique(2 * _codes(rows["doctor"]) + named, return_inverse=True)[1].astype(np.int64)
    best = np.lexsort((np.arange(len(one)), -statistic, one))
    return one, best[np.unique(one[best], return_index=True)[1]]


def _signed(settlements: Table, places: Table) -> Table:
    """Return the settlements a doctor signed at an institution; ``timed`` if the hour is known."""
    known = places.filter(places.place_kind != "pharmacy").select(
        "fixmedins_code", rough=places.day_precision | places.batch
    )
    s = settlements.filter(settlements.live & settlements.dr_code.notnull())
    s = s.join(known, "fixmedins_code")
    return s.select(
        "setl_id",
        "day",
        "dise_no",
        doctor="dr_code",
        site="fixmedins_code",
        at=s.setl_time.epoch_seconds().cast("int64"),
        timed=~s.rough & s.online & (s.med_class != "inpatient"),
    )


def _sites(signed: Table, register: Table | None) -> Table:
    """Return where each number signs: doctor, site, n, days, registered; NULL where unknown."""
    sites = signed.group_by(["doctor", "site"]).aggregate(
        n=signed.count(), days=signed.day.nunique()
    )
    everywhere = sites.group_by("doctor").aggregate(places=sites.count())
    sites = sites.join(everywhere.filter(everywhere.places < MOST_SITES), "doctor").drop("places")
    if register is None:
        return sites.mutate(registered=ibis.null("boolean"))
    listed = register.filter(register.fixmedins_code.notnull()).select(
        doctor="prac_psn_code", site="fixmedins_code"
    )
    listed = listed.distinct().semi_join(sites, "doctor")
    both = sites.outer_join(listed.mutate(listed=True), ["doctor", "site"])
    both = both.select(
        doctor=ibis.coalesce(both.doctor, both.doctor_right),
        site=ibis.coalesce(both.site, both.site_right),
        n=both.n.fill_null(0),
        days=both.days.fill_null(0),
        listed=both.listed.fill_null(False),
    )
    known = both.listed.any().over(ibis.window(group_by="doctor"))
    return both.select(
        "doctor", "site", "n", "days", registered=ibis.ifelse(known, both.listed, None)
    )


def _pairs(sites: Table) -> Table:
    """Return each number's sites besides its home, with the home."""
    order = ibis.window(
        group_by="doctor",
        order_by=[sites.registered.fill_null(False).desc(), sites.days.desc(), sites.site],
    )
    s = sites.mutate(rank=ibis.row_number().over(order))
    home = s.filter(s["rank"] == 0).select(
        "doctor", home="site", home_n="n", home_days="days", home_registered="registered"
    )
    other = s.filter((s["rank"] > 0) & (s.n > 0)).drop("rank")
    return other.join(home, "doctor")


def _blocks(signed: Table, pairs: Table) -> Table:
    """Return the working blocks of numbers with two sites: doctor, day, site, start, end, n."""
    s = signed.filter(signed.timed).semi_join(pairs, "doctor")
    row = ibis.window(group_by=["doctor", "day", "site"], order_by=["at", "setl_id"])
    s = s.mutate(new=((s["at"] - s["at"].lag().over(row)) > BLOCK_SECONDS).fill_null(True))
    s = s.mutate(block=s.new.cast("int64").sum().over(row))
    return s.group_by(["doctor", "day", "site", "block"]).aggregate(
        start=s["at"].min(), end=s["at"].max(), n=s.count()
    )


def _overlaps(blocks: Table, pairs: Table, places: Table) -> Table:
    """Return days with overlapping blocks and days at both: doctor, site, km and counts."""
    here = places.select(site="fixmedins_code", lat="lat", lnt="lnt")
    home = places.select(home="fixmedins_code", home_lat="lat", home_lnt="lnt")
    p = pairs.select("doctor", "site", "home").join(here, "site").left_join(home, "home")
    p = p.select("doctor", "site", "home", km=kilometres(p.lat, p.lnt, p.home_lat, p.home_lnt))
    way = (p.km * 1000.0 / METRES_PER_SECOND - CLOCK_SECONDS).fill_null(0.0)
    p = p.mutate(way=ibis.greatest(way, 0.0))
    at_home = blocks.select("doctor", "day", home="site", from_="start", until="end")
    both = p.join(blocks, ["doctor", "site"]).left_join(at_home, ["doctor", "day", "home"])
    apart = ibis.greatest(both.from_ - both.end, both.start - both.until)
    both = both.select(
        "doctor",
        "site",
        "day",
        "km",
        together=both.from_.notnull(),
        crossed=((apart < both.way) | (apart < 0)).fill_null(False),
        apart=ibis.greatest(apart, 0),
    )
    day = both.group_by(["doctor", "site", "day"]).aggregate(
        km=both.km.max(), together=both.together.any(), crossed=both.crossed.any()
    )
    return day.group_by(["doctor", "site"]).aggregate(
        km=day.km.max(),
        timed_days=day.count(),
        together_days=day.together.sum(),
        overlap_days=day.crossed.sum(),
    )


def kilometres(
    lat: FloatingValue, lnt: FloatingValue, other_lat: FloatingValue, other_lnt: FloatingValue
) -> FloatingValue:
    """Return the great-circle distance (haversine, radius 6,371 km); NULL where one is unknown."""
    north = ((other_lat - lat).radians() / 2).sin()
    east = ((other_lnt - lnt).radians() / 2).sin()
    part = north * north + lat.radians().cos() * other_lat.radians().cos() * east * east
    return ibis.least(part, 1.0).sqrt().asin() * (2 * 6371.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chance:
    p_value: Floats
    statistic: Floats
    stray_days: Floats
    chance_overlaps: Floats
    tests: float


def _chances(backend: Backend, sites: Table, rows: pa.Table) -> _Chance:
    """Test every number and site; ``statistic`` is −ln p."""
    total = sites.group_by("site").aggregate(
        days=sites.days.sum(),
        stray=ibis.ifelse(sites.registered.fill_null(True), 0, sites.days).sum(),
    )
    by_site = backend.to_pyarrow(total.order_by("site"))
    numbers = backend.to_pyarrow(
        sites.group_by("doctor").aggregate(days=sites.days.sum()).order_by("doctor")
    )
    doctors, all_days = numbers.num_rows, float(numbers["days"].to_numpy().sum())
    own_days = numbers["days"].to_numpy()[_row_of(numbers["doctor"], rows["doctor"])]
    at = _row_of(by_site["site"], rows["site"])
    site_days, site_stray = (by_site[name].to_numpy()[at] for name in ("days", "stray"))
    foreign = rows["registered"].fill_null(True).to_numpy(zero_copy_only=False) == 0
    days = np.where(foreign, rows["days"].to_numpy(), 0)
    share = site_days / max(all_days, 1.0)
    everywhere = (by_site["stray"].to_numpy().sum() - days + 1.0) * share
    stray = np.maximum(everywhere, site_stray - days) / max(doctors, 1)
    overlaps = rows["overlap_days"].to_numpy()
    by_doctor = np.bincount(_codes(rows["doctor"]), overlaps)[_codes(rows["doctor"])]
    left = np.maximum(all_days - own_days, 1.0)
    chance = (overlaps.sum() - by_doctor + 1.0) * own_days / left
    log_p = np.minimum(_log_tail(days, stray), _log_tail(overlaps, chance))
    log_p = np.minimum(log_p + np.log(2.0), 0.0)
    return _Chance(
        p_value=np.exp(np.maximum(log_p, -690.0)),
        statistic=-log_p,
        stray_days=stray,
        chance_overlaps=chance,
        tests=float(doctors * by_site.num_rows),
    )


def _log_tail(count: Floats, mean: Floats) -> Floats:
    """Return ln P(N ≥ count) of a geometric count of that mean."""
    return np.asarray(count * (np.log(mean) - np.log1p(mean)), dtype=np.float64)


def _row_of(keys: pa.ChunkedArray, wanted: pa.ChunkedArray) -> Ints:
    sorted_keys, values = (
        column.to_numpy(zero_copy_only=False).astype(str) for column in (keys, wanted)
    )
    return np.asarray(np.searchsorted(sorted_keys, values), dtype=np.int64)


def _codes(keys: pa.ChunkedArray) -> Ints:
    values = keys.to_numpy(zero_copy_only=False).astype(str)
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def _others(rows: pa.Table, one: Ints) -> pa.Table:
    """Return each number with its home and the other sites."""
    found = {
        (gid, kind, row[name], role)
        for gid, row in zip(
            one.tolist(), rows.select(["doctor", "home", "site"]).to_pylist(), strict=True
        )
        for name, kind, role in (
            ("doctor", "doctor", "doctor"),
            ("home", "place", "home_site"),
            ("site", "place", "other_site"),
        )
    }
    names = ("gid", "entity_type", "entity_id", "role", "weight")
    return pa.Table.from_pylist(
        [dict(zip(names, (*row, 1.0), strict=True)) for row in sorted(found)], schema=OTHERS
    )


def _held(backend: Backend, lent: Lent, one: Ints) -> pa.Table:
    """Return what a number signed at the other sites; what it signed at home may belong to it.

    Only where the register does not say which of two sites is the lent one does home count.
    """
    number = pa.table({"gid": np.arange(len(one)), "one": one})
    number = backend.create_table("licence_one", number, overwrite=True)
    group = lent.groups().join(number, "gid").drop("gid").rename(gid="one")
    here = lent.signed.join(group.select("gid", "doctor", "site"), ["doctor", "site"])
    unknown = group.filter(~group.home_registered.fill_null(False))
    home = lent.signed.join(unknown.select("gid", "doctor", site="home"), ["doctor", "site"])
    every = here.select("gid", "setl_id", certain=True).union(
        home.select("gid", "setl_id", certain=False)
    )
    rows = every.group_by(["gid", "setl_id"]).aggregate(certain=every.certain.any())
    return backend.to_pyarrow(rows.order_by(["gid", "setl_id"])).cast(HELD)
