"""Remote e-credential sales: where buyers who are never seen, or one basket, exceed the peers'."""

from dataclasses import dataclass

import ibis
import numpy as np
import pyarrow as pa
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table
from numpy.typing import NDArray
from scipy import special

from detectors.columns import clean, keep
from detectors.visits import numbered
from detectors.world import Floats, Ints
from ingest.workspace import Workspace

E_CREDENTIAL = "01"
SURE = 1e-3  # tail below which a place does not take part in saying what is usual
FIRST_FIT = 0.75  # share of places, those with the lowest rates, that the first fit rests on
ROUNDS = 10
LEAST_SPREAD = 1e-3  # next to a Poisson distribution
AREA = 0.1  # of all settlements from which a four-digit division is the extract's own area
PHARMACY = 2  # classes from here on are pharmacies
LEVELS = 4  # of what a buyer's other settlements in the area show, see :func:`levels`

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyers:
    """One entry for each remote buyer at a pharmacy of an area, in the order of (place, person).

    ``bought``: remote purchases there; ``coded``: those at all pharmacies of the area; ``total``:
    all settlements in the area, at whatever place, by whatever card.
    """

    place: Ints
    person: Ints
    bought: Ints
    coded: Ints
    total: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Baskets:
    """One entry for each remote buyer of a drug at a pharmacy, in the order of all three.

    ``n``: purchases that hold the drug; ``drugs`` are the codes behind the numbers.
    """

    place: Ints
    person: Ints
    drug: Ints
    drugs: NDArray[np.object_]


def event_table(backend: Backend, workspace: Workspace) -> Table:
    """Return the live online settlements with place, area, home and whether away and remote.

    ``away``: in another four-digit division than the person is insured in; ``remote``: away, by
    e-credential, at a counter.
    """
    settlements, providers = (
        clean(backend, workspace, name) for name in ("settlements", "providers")
    )
    s = settlements.filter(settlements.live & settlements.online)
    p = numbered(providers, "fixmedins_code", "place").join(
        providers.select("fixmedins_code", "place_kind", "fix_blng_admdvs"), "fixmedins_code"
    )
    s = s.join(p, "fixmedins_code")
    home = s.insu_admdvs.left(4)
    area = ibis.coalesce(s.mdtrtarea_admvs, s.fix_blng_admdvs).left(4)
    counter = s.med_class != "inpatient"
    code = (s.mdtrt_cert_type == E_CREDENTIAL) | (s.card_kind == "e_credential")
    return s.select(
        "setl_id",
        "psn_no",
        "fixmedins_code",
        "place_kind",
        "device_id",
        "opter_id",
        "day",
        "net_sum",
        counter=counter.fill_null(False),
        place=s.place.cast("int64"),
        at=s.setl_time.epoch_seconds().cast("int64"),
        home=home,
        area=area,
        away=(home != area).fill_null(False),
        remote=(counter & code & (home != area)).fill_null(False),
    )


def away_table(backend: Backend, workspace: Workspace, table: Table) -> Table:
    """Return the settlements away from home, with the person's number."""
    persons = clean(backend, workspace, "persons")
    away = keep(backend, "remote_away_rows", table.filter(table.away))
    people = numbered(persons, "psn_no", "person").semi_join(away, "psn_no")
    people = people.select("psn_no", person=people.person.cast("int64"))
    return keep(backend, "remote_away", away.join(people, "psn_no"))


def places_of(backend: Backend, table: Table) -> tuple[Table, Ints]:
    """Return the sales and remote sales of each place, and the class of each.

    The class is its kind, and whether it lies in the extract's own area: places elsewhere show only
    those of their customers who are insured here. −1: no sales at all.
    """
    t = table.filter(table.counter)
    n = t.group_by(["place", "place_kind", "area"]).aggregate(n=t.count(), remote=t.remote.sum())
    n = keep(backend, "remote_by_area", n)
    total = n.n.sum().over(ibis.window(group_by="area"))
    best = ibis.row_number().over(ibis.window(group_by="place", order_by=[n.n.desc(), n.area]))
    n = n.mutate(best=best, own=total >= AREA * n.n.sum().over(ibis.window()))
    rows = backend.to_pyarrow(n.filter(n.best == 0).order_by("place"))
    place = rows["place"].to_numpy()
    kind = np.asarray(rows["place_kind"].to_pylist(), dtype=object) == "pharmacy"
    own = rows["own"].to_numpy(zero_copy_only=False).astype(bool)
    classes = np.full(int(place.max(initial=-1)) + 1, -1, np.int64)
    classes[place] = kind * PHARMACY + own
    peers = ibis.memtable(pa.table({"place": np.arange(len(classes)), "peers": classes}))
    counts = n.group_by("place").aggregate(n=n.n.sum(), remote=n.remote.sum())
    return keep(backend, "remote_places", counts.join(peers, "place")), classes


def buyers_of(backend: Backend, away: Table) -> Buyers:
    """Return who bought remotely at which pharmacy, and what else they settled in the area."""
    a = away.mutate(sale=away.remote & (away.place_kind == "pharmacy"))
    at = a.filter(a.sale).group_by(["place", "person", "area"]).aggregate(bought=ibis._.count())
    life = a.group_by(["person", "area"]).aggregate(coded=a.sale.sum(), total=a.count())
    both = at.join(life, ["person", "area"]).group_by(["place", "person"])
    both = both.aggregate(
        bought=ibis._.bought.sum(), coded=ibis._.coded.sum(), total=ibis._.total.sum()
    )
    rows = backend.to_pyarrow(both.order_by(["place", "person"]))
    return Buyers(**{name: rows[name].to_numpy().astype(np.int64) for name in Buyers.__slots__})


def baskets_of(backend: Backend, away: Table, lines: Table) -> Baskets:
    """Return which remote buyer bought which drug at which pharmacy."""
    sales = away.filter(away.remote & (away.place_kind == "pharmacy"))
    b = sales.select("setl_id", "place", "person").join(
        lines.select("setl_id", drug="med_list_codg"), "setl_id"
    )
    b = b.select("place", "person", "drug").distinct()
    rows = backend.to_pyarrow(b.order_by(["place", "person", "drug"]))
    drugs, number = np.unique(
        np.asarray(rows["drug"].to_pylist(), dtype=object), return_inverse=True
    )
    return Baskets(
        place=rows["place"].to_numpy().astype(np.int64),
        person=rows["person"].to_numpy().astype(np.int64),
        drug=number.astype(np.int64),
        drugs=drugs,
    )


def unseen(buyers: Buyers) -> Bools:
    """Return who settled twice or more in the area, and only codes at pharmacies: never in person.

    Who travels, works or studies somewhere shows a card now and then, or sees a doctor.
    """
    return np.asarray((buyers.total >= 2) & (buyers.coded == buyers.total), np.bool_)


def unseen_excess(buyers: Buyers, classes: Ints) -> tuple[Floats, Floats, Floats]:
    """Return found, expected and tail of the unseen at each place, against its peers.

    In proportion to the remote buyers.
    """
    count = len(classes)
    found = np.bincount(buyers.place, unseen(buyers), count).astype(np.float64)
    able = np.bincount(buyers.place, minlength=count).astype(np.float64)
    mean, tail = np.zeros(count), np.ones(count)
    for kind in np.unique(classes[classes >= PHARMACY]):
        here = np.flatnonzero(classes == kind)
        mean[here], tail[here] = against_peers(found[here], able[here])
    return found, mean, np.where(found > 0, tail, 1.0)


def against_peers(found: Floats, able: Floats) -> tuple[Floats, Floats]:
    """Return expectation and tail of each place under what is usual among all of them.

    Negative binomial with mean μ = θ · ``able`` and variance μ + φμ². θ and φ are fitted to the
    places that they do not find beyond chance: first to all but the highest quarter, then again and
    again to all whose tail is above ``SURE``, so that the excess does not define the usual.
    """
    ratio = found / np.maximum(able, 1.0)
    used = ratio <= np.sort(ratio)[max(int(np.ceil(FIRST_FIT * len(ratio))) - 1, 0)]
    mean, tail = np.zeros(len(found)), np.ones(len(found))
    for _ in range(ROUNDS):
        # Half a person more among all, so that a class without any does not expect none.
        theta = found[used].sum() / max(float(able[used].sum()), 1.0) + 0.5 / max(able.sum(), 1.0)
        mean = np.maximum(theta * able, 1e-9)
        tail = beyond(found, mean, _spread(found[used], mean[used]))
        used = tail > SURE
    return mean, tail


def beyond(found: Floats, mean: Floats, spread: float) -> Floats:
    """Return P(X ≥ found), X negative binomial with the mean and variance μ + spread · μ²."""
    size = 1.0 / spread
    tail = special.betainc(np.maximum(found, 1e-9), size, mean / (size + mean))
    return np.asarray(np.where(found > 0, np.clip(tail, 1e-300, 1.0), 1.0), np.float64)


def _spread(found: Floats, mean: Floats) -> float:
    squares = max(float((mean**2).sum()), 1e-12)
    return max(float(((found - mean) ** 2 - mean).sum()) / squares, LEAST_SPREAD)


def basket_excess(
    baskets: Baskets, count: int, places: Ints, usual: Floats
) -> tuple[Ints, Ints, Floats, Floats]:
    """Return place, drug, expected buyers and tail of each drug that remote buyers bought there.

    Expected is the drug's share of what remote buyers bought at all other places, of what they
    bought here; at ``places`` (sorted) the mean of it and of the share ``usual`` there (place ×
    drug). Negative binomial; the spread is fitted to the drugs it does not find beyond chance.
    """
    width = len(baskets.drugs)
    cell, found = np.unique(baskets.place * width + baskets.drug, return_counts=True)
    place, drug = cell // width, cell % width
    here = np.bincount(baskets.place, minlength=count).astype(np.float64)
    every = np.bincount(baskets.drug, minlength=width).astype(np.float64)
    # Half a buyer each, so that a drug not bought elsewhere is not impossible.
    share = (every[drug] - found + 0.5) / (every.sum() - here[place] + 0.5 * width)
    known = np.isin(place, places)
    row = np.searchsorted(places, place[known])
    share[known] = (share[known] + usual[row, drug[known]]) / 2.0
    mean = here[place] * share
    # Begin with no spread, so that the excess does not widen what is usual; it grows as needed.
    tail = beyond(found.astype(np.float64), mean, LEAST_SPREAD)
    even = float(((every / max(every.sum(), 1.0)) ** 2).sum())
    for _ in range(ROUNDS):
        used = tail > SURE
        # What is beyond chance does not raise what is expected of the other drugs there.
        rest = here - np.bincount(place[~used], (found - mean)[~used], count)
        mean = rest[place] * share
        # Drugs that nobody bought there deviate by their expectation.
        missed = max(float((rest**2).sum()) * even - float((mean**2).sum()), 0.0)
        excess = float(((found - mean)[used] ** 2).sum()) + missed
        excess -= float(rest.sum()) - float(mean[~used].sum())
        spread = excess / max(missed + float((mean[used] ** 2).sum()), 1e-12)
        tail = beyond(found.astype(np.float64), mean, max(spread, LEAST_SPREAD))
    return place.astype(np.int64), drug.astype(np.int64), mean, tail


def simes(group: Ints, tail: Floats, tests: int, count: int) -> Floats:
    """Return for each group the p-value that none of its ``tests`` tails is beyond chance."""
    order = np.lexsort((tail, group))
    group, tail = group[order], tail[order]
    first = np.searchsorted(group, np.arange(count))
    rank = np.arange(len(group)) - first[group] + 1
    p = np.ones(count)
    np.minimum.at(p, group, tests * tail / rank)
    return p


def levels(buyers: Buyers) -> Ints:
    """Return what each buyer's settlements in the area show.

    0: most are elsewhere; 1: half or more are here; 2: never seen in person; 3: this one only.
    """
    level = np.where(2 * buyers.bought >= buyers.total, 1, 0)
    level = np.where(unseen(buyers), 2, level)
    return np.where(buyers.total <= 1, 3, level).astype(np.int64)
