"""What is measured about a number that works at two sites, and the honest reasons tested."""

from dataclasses import dataclass

import ibis
import numpy as np
import pyarrow as pa
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table
from numpy.typing import NDArray

from detectors.candidates import Sign
from detectors.columns import delivered
from detectors.tallies import dense, seen
from ingest.workspace import Workspace

Floats = NDArray[np.float64]

SIGNS: tuple[Sign, ...] = (
    Sign(name="lent_days", unit="days", score="log2_ratio"),
    Sign(name="lent_overlap_days", unit="days", score="log2_ratio"),
    Sign(name="lent_same_days", unit="share", score="difference"),
    Sign(name="lent_home_share", unit="share", score="difference", rising=False),
    Sign(name="lent_site_share", unit="share", score="difference"),
    Sign(name="lent_long_day", unit="hours", score="difference"),
    Sign(name="lent_distance", unit="km", score="log2_ratio"),
    Sign(name="lent_switch", unit="minutes", score="log2_ratio", rising=False),
    Sign(name="lent_mix", unit="bits", score="difference"),
)
HONEST = ("registered_sites", "register_gaps", "moved_site")
LEAST_ROWS = 20  # settlements at each site before two mixes are compared
SPLITS = 20  # random splits of the pooled mix


@dataclass(frozen=True, slots=True, kw_only=True)
class Lent:
    """The chosen numbers and sites (``rows``, one a candidate) and the tables they come from."""

    backend: Backend
    workspace: Workspace
    signed: Table
    sites: Table
    blocks: Table
    overlap: Table
    rows: pa.Table
    stray_days: Floats
    chance_overlaps: Floats

    def groups(self) -> Table:
        """Return the candidates as a table with gid."""
        number = pa.array(np.arange(self.rows.num_rows), pa.int64())
        return self.backend.create_table(
            "licence_groups", self.rows.append_column("gid", number), overwrite=True
        )


def signs(lent: Lent) -> dict[str, tuple[Floats, Floats]]:
    """Return every sign."""
    group = lent.groups()
    rows = {
        name: lent.rows[name].to_numpy().astype(np.float64) for name in ("days", "overlap_days")
    }
    foreign = ~lent.rows["registered"].fill_null(True).to_numpy(zero_copy_only=False).astype(bool)

    def of(table: Table) -> tuple[Floats, Floats]:
        return seen(lent.backend, table, lent.rows.num_rows)

    return {
        "lent_days": (
            np.where(foreign, rows["days"], np.nan),
            np.where(foreign, lent.stray_days, np.nan),
        ),
        "lent_overlap_days": (rows["overlap_days"], lent.chance_overlaps),
        "lent_same_days": of(_same_days(lent, group)),
        "lent_home_share": of(_home_share(lent, group)),
        "lent_site_share": of(_site_share(lent, group)),
        "lent_long_day": of(_long_day(lent, group)),
        "lent_distance": of(_distance(lent, group)),
        "lent_switch": of(_switch(lent, group)),
        "lent_mix": _mix(lent, group),
    }


def registered_sites(lent: Lent, register: Table | None, least_days: int) -> tuple[Floats, Floats]:
    """Return the shares that registration covers, and that gaps of the register may explain.

    The first is the share of what the number signed at the other site on days on which it was
    registered there; lawful practice at several sites and supervising signatures are registered.
    The second is how many of the register's numbers are met for ``least_days`` at a site it does
    not name, as far as no overlapping days speak against it. Both are NaN where the register was
    not delivered or does not know the number.
    """
    count = lent.rows.num_rows
    nothing = np.full(count, np.nan)
    if register is None:
        return nothing, nothing.copy()
    group = lent.groups()
    known = register.select(
        doctor="prac_psn_code", site="fixmedins_code", since="begntime", until="endtime"
    )
    epoch = ibis.date("1970-01-01")
    signed = lent.signed.join(
        group.filter(group.registered.notnull()).select("gid", "doctor", "site"),
        ["doctor", "site"],
    )
    listed = signed.left_join(known, ["doctor", "site"])
    day = epoch + listed.day.as_interval("D")
    valid = (
        listed.site_right.notnull()
        & (listed.since.isnull() | (listed.since.cast("date") <= day))
        & (listed.until.isnull() | (listed.until.cast("date") >= day))
    )
    listed = listed.select("gid", "setl_id", valid=valid.fill_null(False))
    covered = listed.group_by(["gid", "setl_id"]).aggregate(valid=listed.valid.any())
    covered = covered.group_by("gid").aggregate(share=covered.valid.mean())
    (share,) = dense(lent.backend, covered, count, "share")
    sites = lent.sites.filter(lent.sites.registered.notnull())
    stray = ~sites.registered & (sites.days >= least_days)
    by_doctor = sites.group_by("doctor").aggregate(stray=stray.any())
    common = lent.backend.to_pyarrow(by_doctor.stray.mean()).as_py() or 0.0
    overlap, days = (lent.rows[name].to_numpy() for name in ("overlap_days", "days"))
    gaps = common * (1.0 - np.minimum(overlap / np.maximum(days, 1), 1.0))
    return share, np.where(np.isnan(share), np.nan, gaps)


def moved(lent: Lent, least_days: int = 3) -> Floats:
    """Return the share of the other site's days before the first or after the last at home.

    A doctor who changed the place of work leaves a register that names only one of the two. NaN
    where the number is hardly seen at home (fewer than ``least_days`` days).
    """
    group = lent.groups().filter(ibis._.home_days >= least_days)
    day = lent.signed.select("doctor", "site", "day").distinct()
    span = day.group_by(doctor=day.doctor, home=day.site)
    span = span.aggregate(begin=day.day.min(), end=day.day.max())
    here = day.join(group.select("gid", "doctor", "site", "home"), ["doctor", "site"])
    here = here.join(span, ["doctor", "home"])
    apart = (here.day < here.begin) | (here.day > here.end)
    share = here.mutate(apart=apart).group_by("gid").aggregate(share=ibis._.apart.mean())
    return dense(lent.backend, share, lent.rows.num_rows, "share")[0]


def _same_days(lent: Lent, group: Table) -> Table:
    """Share of the site's days on which the number also signed at home, against chance.

    Independent calendars would share as many days as home has of those the site was open.
    """
    day = lent.signed.select("doctor", "site", "day").distinct()
    here = day.join(group.select("gid", "doctor", "site", "home"), ["doctor", "site"])
    home = day.select("doctor", "day", home="site", also=True)
    both = here.left_join(home, ["doctor", "day", "home"])
    met = both.group_by("gid").aggregate(observed=both.also.fill_null(False).mean())
    open_days = lent.signed.group_by("site").aggregate(open=lent.signed.day.nunique())
    base = group.join(open_days.select(home="site", open="open"), "home")
    base = base.select("gid", expected=base.home_days / base.open)
    return met.join(base, "gid")


def _home_share(lent: Lent, group: Table) -> Table:
    """Share of the number's settlements signed at home, against that of all other numbers."""
    s = lent.sites
    best = s.group_by("doctor").aggregate(most=s.n.max(), total=s.n.sum())
    best = best.filter(best.total > 0)
    usual = best.aggregate(every_most=best.most.sum(), every=best.total.sum())
    both = group.join(best, "doctor").cross_join(usual)
    return both.select(
        "gid",
        observed=both.home_n / both.total,
        expected=(both.every_most - both.most) / ibis.greatest(both.every - both.total, 1),
    )


def _site_share(lent: Lent, group: Table) -> Table:
    """Share of the site's signed settlements under this number, against an equal share."""
    here = lent.sites.filter(lent.sites.n > 0).group_by("site")
    total = here.aggregate(total=ibis._.n.sum(), doctors=ibis._.doctor.nunique())
    both = group.join(total, "site")
    return both.select("gid", observed=both.n / both.total, expected=1.0 / both.doctors)


def _long_day(lent: Lent, group: Table) -> Table:
    """Hours from first to last signature on the number's longest tenth of days, against others.

    Both sites count for this number. The others are the numbers that sign at either site.
    """
    timed = lent.signed.filter(lent.signed.timed)
    ours = timed.semi_join(group, "doctor").group_by(["doctor", "day"])
    day = ours.aggregate(hours=(ibis._["at"].max() - ibis._["at"].min()) / 3600.0)
    long = day.group_by("doctor").aggregate(observed=day.hours.quantile(0.9))
    ends = group.select("gid", "site", own="doctor").union(
        group.select("gid", site="home", own="doctor")
    )
    peers = timed.join(ends, "site")
    peers = peers.filter(peers.doctor != peers.own)
    peer = peers.group_by(["gid", "site", "doctor", "day"]).aggregate(
        hours=(peers["at"].max() - peers["at"].min()) / 3600.0
    )
    usual = peer.group_by("gid").aggregate(expected=peer.hours.quantile(0.9))
    both = group.select("gid", "doctor").join(long, "doctor")
    return both.left_join(usual, "gid").select("gid", "observed", "expected")


def _distance(lent: Lent, group: Table) -> Table:
    """Kilometres between the two sites, against the median of all numbers with two sites."""
    known = lent.overlap.filter(lent.overlap.km.notnull())
    usual = known.aggregate(expected=known.km.quantile(0.5))
    both = group.join(known.select("doctor", "site", "km"), ["doctor", "site"])
    both = both.cross_join(usual)
    return both.select("gid", observed=both.km, expected=both.expected)


def _switch(lent: Lent, group: Table) -> Table:
    """Median minutes from a signature at one site to the next at the other, same day.

    Expected is the way between the two at 60 km/h, at least half an hour: somebody has to pack up.
    """
    s = lent.signed.filter(lent.signed.timed)
    ends = group.select("gid", "doctor", "site").union(group.select("gid", "doctor", site="home"))
    s = s.join(ends, ["doctor", "site"])
    row = ibis.window(group_by=["gid", "day"], order_by=["at", "setl_id"])
    s = s.mutate(before=s.site.lag().over(row), wait=s["at"] - s["at"].lag().over(row))
    s = s.filter(s.before.notnull() & (s.before != s.site))
    wait = s.group_by("gid").aggregate(observed=s.wait.quantile(0.5) / 60.0)
    way = group.join(lent.overlap.select("doctor", "site", "km"), ["doctor", "site"])
    way = way.select("gid", expected=ibis.greatest(way.km.fill_null(0.0), 30.0))
    return wait.join(way, "gid")


def _mix(lent: Lent, group: Table) -> tuple[Floats, Floats]:
    """Jensen–Shannon divergence of what is prescribed at the two sites, against random splits.

    Of drugs and items where the fee list was delivered, else of diagnoses. A random split of the
    pooled mix into as many lines shows what small numbers alone produce.
    """
    count = lent.rows.num_rows
    ends = group.select("gid", "doctor", "site", end=ibis.literal(0)).union(
        group.select("gid", "doctor", site="home", end=ibis.literal(1))
    )
    s = lent.signed.join(ends, ["doctor", "site"]).select("gid", "end", "setl_id", "dise_no")
    lines = delivered(lent.backend, lent.workspace, "fee_list")
    if lines is None:
        s = s.select("gid", "end", "setl_id", item="dise_no")
    else:
        s = s.join(lines.select("setl_id", item="med_list_codg"), "setl_id")
    s = s.filter(s.item.notnull())
    n = s.group_by(["gid", "end", "item"]).aggregate(n=s.count())
    rows = lent.backend.to_pyarrow(n.order_by(["gid", "item", "end"]))
    gid, end, number = (rows[name].to_numpy().astype(np.int64) for name in ("gid", "end", "n"))
    item = np.unique(rows["item"].to_numpy(zero_copy_only=False).astype(str), return_inverse=True)[
        1
    ]
    both = np.full((2, count), np.nan)
    for one in range(count):
        here = gid == one
        kinds, kind = np.unique(item[here], return_inverse=True)
        mix = np.zeros((2, len(kinds)))
        np.add.at(mix, (end[here], kind), number[here])
        size = mix.sum(axis=1)
        if size.min() >= LEAST_ROWS:
            draw = np.random.default_rng(one)
            pooled = mix.sum(axis=0) / size.sum()
            split = [
                divergence(np.stack([draw.multinomial(int(total), pooled) for total in size]))
                for _ in range(SPLITS)
            ]
            both[:, one] = divergence(mix), np.mean(split)
    return np.round(both[0], 9), np.round(both[1], 9)


def divergence(mix: NDArray[np.float64] | NDArray[np.int64]) -> float:
    """Return the Jensen–Shannon divergence of two rows of counts, in bits (Lin 1991)."""
    p = mix / mix.sum(axis=1, keepdims=True)
    middle = np.broadcast_to(p.mean(axis=0), p.shape)
    seen = p > 0
    return float(np.sum(p[seen] * np.log2(p[seen] / middle[seen])) / 2.0)
