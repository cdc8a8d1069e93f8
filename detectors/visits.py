"""Visits: who was where, when — the one table that every co-presence count starts from.

Ibis expressions only, so that the same code runs on DuckDB and, where one machine is too small, on
Spark. Persons and places are numbered by their position in the sorted clean tables: integers join
and group several times faster than identifiers, and the numbering does not depend on the order of
the extract.
"""

import ibis
from ibis.expr.types import IntegerValue, Table

from detectors.settings import DetectSettings

DAY = 86_400  # seconds


def visits(settlements: Table, persons: Table, providers: Table) -> Table:
    """Return one row for each visit: person, place, device, clerk, at, day.

    ``person`` and ``place`` are row numbers (int32) in the key order of ``persons`` and
    ``providers``. ``device`` numbers the terminals within the whole extract, NULL where none is
    known. ``at`` is seconds and ``day`` days since 1970-01-01, local. Stays and manual claims are
    not visits: nobody swipes a card for them at a counter.
    """
    s = settlements.filter(
        settlements.live & settlements.online & (settlements.med_class != "inpatient")
    )
    s = s.filter(s.visit_id == s.setl_id)
    people = numbered(persons, "psn_no", "person")
    places = numbered(providers, "fixmedins_code", "place")
    devices = numbered(
        settlements.filter(settlements.device_id.notnull()).select("device_id").distinct(),
        "device_id",
        "device",
    )
    s = s.join(people, "psn_no").join(places, "fixmedins_code")
    s = s.left_join(devices, "device_id")
    return s.select(
        "person",
        "place",
        "device",
        at=s.setl_time.epoch_seconds().cast("int64"),
        day=s.day.cast("int32"),
    )


def numbered(table: Table, key: str, name: str) -> Table:
    """Return ``key`` with ``name``, its position from 0 in the order of the key."""
    window = ibis.window(order_by=table[key])
    return table.select(key, **{name: ibis.row_number().over(window).cast("int32")})


def place_windows(places: Table, visits: Table, settings: DetectSettings) -> Table:
    """Return for each place how its visits may meet: window in seconds, by terminal or as a whole.

    A window is 10 minutes at a pharmacy and 30 at an institution. Where more chance partners than
    ``most_chance_partners`` would fall into it, the place is divided into its terminals (if nine in
    ten visits name one), and where that is still too many, the window shrinks in proportion. So the
    number of meetings grows linearly with the visits even at a counter that is never empty, and
    cards swiped one after another still meet. A place known only to the day has a window of the
    same day (``window`` 0, ``width`` one day); it is ``skipped`` above ``most_daily_visits``. Where
    it is sparse, so that within ``day_window`` days (else one) of a visit less than one other is
    expected over the place's whole time, the window is as many days: people sent there come within
    a day or two.

    Columns: place, window, width (slot length, seconds), by_device, skipped.
    """
    base = ibis.ifelse(
        places.place_kind == "pharmacy",
        settings.pharmacy_window_seconds,
        settings.institution_window_seconds,
    )
    p = places.select("place", "day_precision", base=base.cast("int64"))
    v = visits.join(p, "place")
    v = v.mutate(slot=ibis.ifelse(v.day_precision, v.day.cast("int64"), v.at // v.base))
    whole = _partners(v, ["place", "slot"], "whole_partners")
    known = v.filter(v.device.notnull())
    single = _partners(known, ["place", "device", "slot"], "device_partners")
    share = v.group_by("place").aggregate(named=v.device.notnull().mean())
    j = p.left_join(whole, "place").select(p, whole.whole_partners)
    j = j.left_join(single, "place").select(j, single.device_partners)
    j = j.left_join(share, "place").select(j, share.named)
    j = j.mutate(
        whole_partners=j.whole_partners.fill_null(0.0),
        by_device=~j.day_precision
        & (j.whole_partners > settings.most_chance_partners)
        & (j.named >= 0.9).fill_null(False),
    )
    j = j.mutate(
        partners=ibis.ifelse(j.by_device, j.device_partners.fill_null(0.0), j.whole_partners)
    )
    j = j.left_join(_time_of(v), "place").select(j, "rate")
    near = ibis.cases(
        *(
            (j.rate.fill_null(1.0) * (2 * days + 1) < 1.0, days)
            for days in sorted({settings.day_window, min(1, settings.day_window)}, reverse=True)
        ),
        else_=0,
    )
    j = j.mutate(near=ibis.ifelse(j.day_precision, near, 0).cast("int64") * DAY)
    shrunk = (j.base * settings.most_chance_partners / j.partners).floor().cast("int64")
    window = ibis.ifelse(j.partners > settings.most_chance_partners, shrunk, j.base)
    window = ibis.ifelse(j.day_precision, j.near, ibis.greatest(window, 1))
    j = j.mutate(
        window=window,
        width=ibis.ifelse(j.day_precision, ibis.greatest(j.near, DAY), window),
        skipped=j.day_precision & (j.whole_partners > settings.most_daily_visits),
    )
    return j.select("place", "window", "width", "by_device", "skipped", "day_precision")


def scoped(visits: Table, windows: Table, *, stratified: bool = True) -> Table:
    """Return the visits that can meet others: person, place, scope, at, day, window, slot, strata.

    ``scope`` is the place (−1 − place) or, where ``by_device``, the terminal: two visits can only
    meet within one scope. Visits without a terminal at a place that is divided by terminals are
    left out, as are skipped places. At day precision ``at`` is the start of the day. Strata are
    ``weekday`` (0 Monday … 6, and 0 everywhere at a sparse place known only to the day, where
    visits of different days meet) and ``part``, the two-hour part of the day (0 without a clock);
    both are 0 where not ``stratified``.
    """
    v = visits.join(windows.filter(~windows.skipped), "place")
    v = v.filter(~v.by_device | v.device.notnull())
    at = ibis.ifelse(v.day_precision, v.day.cast("int64") * DAY, v.at)
    scope = ibis.ifelse(v.by_device, v.device.cast("int32"), (-1 - v.place).cast("int32"))
    v = v.mutate(scope=scope, at=at)
    return v.select(
        "person",
        "place",
        "scope",
        "at",
        "day",
        "window",
        slot=v.at // v.width,
        weekday=ibis.ifelse(v.window < DAY, (v.day + 3) % 7, 0).cast("int32")
        if stratified
        else ibis.literal(0, "int32"),
        part=part(v.at, v.window) if stratified else ibis.literal(0, "int64"),
    )


def part(at: IntegerValue, window: IntegerValue) -> IntegerValue:
    """Return the two-hour part of the day of a time, 0 everywhere at day precision."""
    return ibis.ifelse((window > 0) & (window < DAY), (at % DAY) // 7_200, 0)


def _time_of(visits: Table) -> Table:
    """Return how many visits a place has for each day between its first and its last."""
    n = visits.group_by("place").aggregate(
        n=visits.count(), days=visits.day.max() - visits.day.min() + 1
    )
    return n.select("place", rate=n.n.cast("float64") / n.days)


def _partners(visits: Table, keys: list[str], name: str) -> Table:
    """Return how many other visits lie within one window of a visit, on average by place."""
    slots = visits.group_by(keys).aggregate(n=visits.count())
    mean = (slots.n * (slots.n - 1)).sum() / slots.n.sum()
    by_place = slots.group_by("place").aggregate(mean=mean)
    return by_place.select("place", **{name: 2.0 * by_place["mean"].cast("float64")})
