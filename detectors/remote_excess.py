"""Remote e-credential sales: who bought in company, and at which places more did than at peers."""

from dataclasses import dataclass

import ibis
import numpy as np
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import nnls
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from detectors.columns import clean
from detectors.visits import numbered
from detectors.world import Floats, Ints
from ingest.workspace import Workspace

WINDOWS = (600, 3_600, 43_200)  # seconds: ten minutes (domain signature 1), an hour, half a day
E_CREDENTIAL = "01"
SURE = 1e-3  # tail below which a place does not take part in saying what is usual
FIRST_FIT = 0.9  # share of places, those with the lowest rates, that the first fit rests on
ROUNDS = 10
AREA = 0.1  # of all settlements from which a four-digit division is the extract's own area

PHARMACY = 2  # classes from here on are pharmacies

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """Settlements at counters in the order of (place, at, setl_id), as arrays.

    ``remote``: by e-credential and insured in another four-digit division than treated.
    """

    person: Ints
    place: Ints
    at: Ints
    day: Ints
    remote: Bools


@dataclass(frozen=True, slots=True, kw_only=True)
class Excess:
    """One entry a place: companions found and expected, tail over all windows, the best window.

    ``apart`` has one entry an event: the seconds between it and the nearest remote purchase of
    another person at the place.
    """

    found: Floats
    expected: Floats
    p_value: Floats
    window: Ints
    apart: Ints


def event_table(backend: Backend, workspace: Workspace) -> Table:
    """Return the live settlements at counters, with person, place, area and whether remote."""
    settlements, persons, providers = (
        clean(backend, workspace, name) for name in ("settlements", "persons", "providers")
    )
    s = settlements.filter(
        settlements.live & settlements.online & (settlements.med_class != "inpatient")
    )
    s = s.join(numbered(persons, "psn_no", "person"), "psn_no")
    p = numbered(providers, "fixmedins_code", "place").join(
        providers.select("fixmedins_code", "place_kind", "fix_blng_admdvs"), "fixmedins_code"
    )
    s = s.join(p, "fixmedins_code")
    home = s.insu_admdvs.left(4)
    area = ibis.coalesce(s.mdtrtarea_admvs, s.fix_blng_admdvs).left(4)
    code = (s.mdtrt_cert_type == E_CREDENTIAL) | (s.card_kind == "e_credential")
    return s.select(
        "setl_id",
        "fixmedins_code",
        "place_kind",
        "device_id",
        "opter_id",
        "day",
        "net_sum",
        person=s.person.cast("int64"),
        place=s.place.cast("int64"),
        at=s.setl_time.epoch_seconds().cast("int64"),
        home=home,
        area=area,
        remote=(code & (home != area)).fill_null(False),
    )


def events_of(backend: Backend, table: Table) -> Events:
    """Return the settlements as arrays."""
    rows = backend.to_pyarrow(
        table.order_by(["place", "at", "setl_id"]).select("person", "place", "at", "day", "remote")
    )
    person, place, at, day = (
        rows[name].to_numpy().astype(np.int64) for name in ("person", "place", "at", "day")
    )
    remote = rows["remote"].to_numpy(zero_copy_only=False).astype(bool)
    return Events(person=person, place=place, at=at, day=day, remote=remote)


def peers_of(backend: Backend, table: Table) -> Ints:
    """Return the class of each place: its kind, and whether it lies in the extract's own area.

    Places elsewhere show only those of their customers who are insured here. −1: no sales at all.
    """
    n = table.group_by(["place", "place_kind", "area"]).aggregate(n=table.count())
    total = n.n.sum().over(ibis.window(group_by="area"))
    best = ibis.row_number().over(ibis.window(group_by="place", order_by=[n.n.desc(), n.area]))
    n = n.mutate(best=best, own=total >= AREA * n.n.sum().over(ibis.window()))
    rows = backend.to_pyarrow(n.filter(n.best == 0).order_by("place"))
    place = rows["place"].to_numpy()
    kind = np.asarray(rows["place_kind"].to_pylist(), dtype=object) == "pharmacy"
    own = rows["own"].to_numpy(zero_copy_only=False).astype(bool)
    classes = np.full(int(place.max(initial=-1)) + 1, -1, np.int64)
    classes[place] = kind * PHARMACY + own
    return classes


def excess_of(events: Events, classes: Ints) -> Excess:
    """Compare the remote buyers in company at each pharmacy with its peers', over the windows."""
    apart = _apart(events)
    count = len(classes)
    shape = (len(WINDOWS), count)
    found, expected, tail = np.zeros(shape), np.zeros(shape), np.ones(shape)
    share = _share(events, classes)
    seen = np.unique(np.stack([events.place, events.person])[:, events.remote], axis=1)
    people = np.bincount(seen[0], minlength=count).astype(np.float64)
    for turn, window in enumerate(WINDOWS):
        found[turn] = _companions(events, window, count)
        met = 1.0 - (1.0 - share[events.place]) ** _neighbours(events, window)
        chance = np.bincount(events.place, share[events.place] * met, minlength=count)
        for kind in np.unique(classes[classes >= PHARMACY]):
            here = np.flatnonzero(classes == kind)
            expected[turn, here], tail[turn, here] = _against_peers(
                found[turn, here], np.column_stack([chance[here], people[here]])
            )
    best = np.argmin(tail, axis=0)
    at = np.arange(count)
    return Excess(
        found=found[best, at],
        expected=expected[best, at],
        p_value=np.minimum(tail[best, at] * len(WINDOWS), 1.0),
        window=np.asarray(WINDOWS)[best],
        apart=apart,
    )


def _apart(events: Events) -> Ints:
    """Return the seconds from each remote purchase to the nearest one of another person there."""
    apart = np.full(len(events.at), np.iinfo(np.int64).max)
    rows = np.flatnonzero(events.remote)
    if len(rows) < 2:
        return apart
    place, person, at = events.place[rows], events.person[rows], events.at[rows]
    # A run is one person's purchases in a row: its neighbours are another's.
    new = np.r_[True, (np.diff(place) != 0) | (np.diff(person) != 0)]
    run = np.cumsum(new) - 1
    starts = np.flatnonzero(new)
    ends = np.r_[starts[1:], len(rows)] - 1
    first, last, where = at[starts], at[ends], place[starts]
    far = np.iinfo(np.int64).max // 4
    same = np.diff(where) == 0
    before = np.r_[-far, np.where(same, last[:-1], -far)]
    after = np.r_[np.where(same, first[1:], far), far]
    apart[rows] = np.minimum(at - before[run], after[run] - at)
    return apart


def _neighbours(events: Events, window: int) -> Ints:
    """Return how many other settlements lie within the window of each, at its place."""
    key = events.place * (1 << 40) + events.at
    low = np.searchsorted(key, key - window, "left")
    return np.asarray(np.searchsorted(key, key + window, "right") - low - 1, dtype=np.int64)


def _share(events: Events, classes: Ints) -> Floats:
    """Return the usual share of remote e-credential sales among a place's peers.

    That of their median place; where most have none, that of all their sales together.
    """
    count = len(classes)
    remote = np.bincount(events.place, events.remote, minlength=count)
    every = np.maximum(np.bincount(events.place, minlength=count), 1)
    share = np.zeros(count)
    for kind in np.unique(classes[classes >= 0]):
        here = classes == kind
        middle = float(np.median(remote[here] / every[here]))
        share[here] = middle or float(remote[here].sum() / every[here].sum())
    return np.clip(share, 1e-6, 1.0)


def _companions(events: Events, window: int, count: int) -> Floats:
    """Return for each place the remote buyers in company, less the parties they form.

    Two buyers within the window are of one party, and so are those whom others tie together. A
    couple counts one however often it comes, so what repeats by habit does not look like many.
    """
    rows = np.flatnonzero(events.remote)
    place, at = events.place[rows], events.at[rows]
    near = np.flatnonzero((np.diff(place) == 0) & (np.diff(at) <= window))
    key = place * (int(events.person.max(initial=0)) + 1) + events.person[rows]
    nodes, node = np.unique(key, return_inverse=True)
    links = coo_array(
        (np.ones(len(near), np.int8), (node[near], node[near + 1])), shape=(len(nodes),) * 2
    )
    parts, part = connected_components(links, directed=False)
    where = nodes // (int(events.person.max(initial=0)) + 1)
    first = np.zeros(parts, np.int64)
    first[part] = where
    found = np.bincount(where, minlength=count) - np.bincount(first, minlength=count)
    return np.asarray(found, dtype=np.float64)


def _against_peers(found: Floats, causes: Floats) -> tuple[Floats, Floats]:
    """Return expectation and tail of each place under what is usual among all of them.

    Negative binomial with variance μ + φμ² and μ = causes · θ, θ ≥ 0: one part for chance meetings
    and one for parties that come together, as many as there are buyers. θ and φ are fitted to the
    places that they do not find beyond chance: first to all but the highest tenth, then again and
    again to all whose tail is above ``SURE``, so that the excess does not define the usual.
    """
    ratio = found / np.maximum(causes[:, 1], 1.0)
    used = ratio <= np.sort(ratio)[max(int(np.ceil(FIRST_FIT * len(ratio))) - 1, 0)]
    mean, tail = np.full(len(found), 1.0), np.ones(len(found))
    # Half a companion more among all, so that a class without any does not expect none.
    prior = 0.5 / max(float(causes[:, 1].sum()), 1.0)
    for _ in range(ROUNDS):
        weight = 1.0 / np.sqrt(np.maximum(mean[used], 1e-3))
        theta = nnls(causes[used] * weight[:, None], found[used] * weight)[0]
        mean = np.maximum(causes @ np.maximum(theta, [0.0, prior]), 1e-9)
        squares = float((mean[used] ** 2).sum())
        spread = float(((found - mean)[used] ** 2 - mean[used]).sum()) / max(squares, 1e-12)
        size = 1.0 / max(spread, 1e-3)
        tail = stats.nbinom.sf(found - 1, size, size / (size + mean))
        used = tail > SURE
    return mean, np.asarray(np.minimum(tail, 1.0))
