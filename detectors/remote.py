"""Remote credentials: people from far away whose e-credentials are used at a few pharmacies.

Domain signature 6 and kind 电子凭证套现: QR codes of people elsewhere are scanned at a counter, in
bursts or a few a week, for goods that are sold on. Remote is a sale by e-credential to a person
insured in another four-digit division than that of the place. Each pharmacy is compared with its
peers (pharmacies of the extract's own area, or those elsewhere, which show none of their own
customers) in two ways:

- the unseen: remote buyers who settle twice or more in the area and only codes at pharmacies, no
  card, no doctor, no stay, in proportion to all remote buyers;
- the basket: the buyers of each drug, against its share of what remote buyers buy at other places
  and of what everybody else buys here, so that neither a costly nor a local drug stands out.

Pharmacies that share such people are one group. Its members come from a mixture of two kinds of
buyers: those as at other places, and those of the excess (:mod:`detectors.remote_members`).

Null: the unseen follow the negative binomial fitted to the peers that it does not find unusual, and
so do the buyers of each drug; p is the smaller of the tail of the one and of Simes' combination of
the others, times two. Every pharmacy is a test.

Needs settlements; without ``fee_list`` the unseen alone speak. Misses buyers of ordinary goods who
are seen in the area, and rings of the extract's own people in its own area.
"""

from dataclasses import dataclass

import ibis
import numpy as np
import pyarrow as pa
from ibis.expr.types import Table
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from detectors.candidates import Candidates, Context
from detectors.columns import delivered, keep
from detectors.pairs import benjamini_hochberg
from detectors.remote_excess import (
    LEVELS,
    PHARMACY,
    Baskets,
    Buyers,
    away_table,
    basket_excess,
    baskets_of,
    buyers_of,
    event_table,
    levels,
    places_of,
    simes,
    unseen,
    unseen_excess,
)
from detectors.remote_members import belonging
from detectors.remote_signs import HONEST, SIGNS, held, measured, others
from detectors.tallies import nothing
from detectors.world import Floats, Ints

__all__ = ["SIGNS", "find"]

BAR = 0.01  # tail from which a pharmacy is looked at
DRUG_Q = 0.05  # false-discovery rate of a group's drugs
SHARED = 0.2  # of the smaller group's people from which two pharmacies are one group
HALF = 0.5  # probability from which a buyer belongs to the group
WAYS = 2  # in which a pharmacy may stand out


@dataclass(frozen=True, slots=True, kw_only=True)
class Excess:
    """By place the unseen found and expected and the tail; by place and drug the basket's."""

    found: Floats
    expected: Floats
    p_value: Floats
    place: Ints
    drug: Ints
    mean: Floats
    tail: Floats


def find(context: Context) -> Candidates:
    """Return the candidate groups."""
    backend, settings = context.backend, context.settings
    table = event_table(backend, context.workspace)
    away = away_table(backend, context.workspace, table)
    counts, classes = places_of(backend, table)
    buyers = buyers_of(backend, away)
    lines = delivered(backend, context.workspace, "fee_list")
    baskets = None if lines is None else baskets_of(backend, away, lines)
    tests = float((classes >= PHARMACY).sum())
    none = np.empty(0, np.int64)
    excess = _excess(buyers, classes, baskets, none, np.empty((0, 0)))
    places = np.flatnonzero((excess.p_value <= BAR) & (classes >= PHARMACY))
    chosen = ibis.memtable(pa.table({"place": places}))
    here = keep(backend, "remote_here", table.filter(table.counter).semi_join(chosen, "place"))
    if baskets is not None and lines is not None and len(places):
        usual = _usual(context, here, lines, baskets, places)
        excess = _excess(buyers, classes, baskets, places, usual)
        places = np.flatnonzero((excess.p_value <= BAR) & (classes >= PHARMACY))
    one = _joined(buyers, baskets, excess, places, settings.least_people)
    members, drugs, lead = _members(context, away, buyers, baskets, excess, classes, places, one)
    if not len(lead):
        return nothing(SIGNS, HONEST, tests=tests)
    numbers = away.select("person", "psn_no").distinct()
    m = keep(backend, "remote_members", ibis.memtable(members).join(numbers, "person"))
    people = np.unique(np.stack([members["gid"].to_numpy(), members["person"].to_numpy()]), axis=1)
    own = _table(one, places, lead)
    gid, place = own["gid"].to_numpy(), own["place"].to_numpy()
    alone = (
        np.bincount(gid, excess.found[place], len(lead)).astype(np.float64),
        np.bincount(gid, excess.expected[place], len(lead)).astype(np.float64),
    )
    signs, honest = measured(context, here, away, m, counts, drugs, alone)
    return Candidates(
        gid=people[0],
        person=people[1],
        stability=np.ones(len(lead)),
        statistic=-np.log(np.maximum(excess.p_value[lead], 1e-300)),
        p_value=excess.p_value[lead],
        tests=tests,
        others=others(context, away, m),
        settlements=held(context, away, m),
        signs=signs,
        honest=honest,
    )


def _excess(
    buyers: Buyers, classes: Ints, baskets: Baskets | None, places: Ints, usual: Floats
) -> Excess:
    """Compare every place with its peers; ``usual`` is what others buy at some ``places``."""
    count = len(classes)
    found, expected, tail = unseen_excess(buyers, classes)
    none = np.empty(0, np.int64)
    cells = none, none, np.empty(0), np.empty(0)
    if baskets is not None and len(baskets.place):
        cells = basket_excess(baskets, count, places, usual)
        tail = np.minimum(tail, simes(cells[0], cells[3], len(baskets.drugs), count))
    return Excess(
        found=found,
        expected=expected,
        p_value=np.minimum(WAYS * tail, 1.0),
        place=cells[0],
        drug=cells[1],
        mean=cells[2],
        tail=cells[3],
    )


def _usual(context: Context, here: Table, lines: Table, baskets: Baskets, places: Ints) -> Floats:
    """Return the share of each drug in what all but the remote buyers bought, place × drug."""
    sales = here.filter(~here.remote).select("setl_id", "place", "psn_no")
    bought = sales.join(lines.select("setl_id", drug="med_list_codg"), "setl_id")
    n = bought.group_by(["place", "drug"]).aggregate(n=bought.psn_no.nunique())
    rows = context.backend.to_pyarrow(n.order_by(["place", "drug"]))
    drug = np.asarray(rows["drug"].to_pylist(), dtype=object)
    spot = np.minimum(np.searchsorted(baskets.drugs, drug), len(baskets.drugs) - 1)
    known = baskets.drugs[spot] == drug
    place = np.searchsorted(places, rows["place"].to_numpy())
    counts = rows["n"].to_numpy().astype(np.float64)
    usual = np.zeros((len(places), len(baskets.drugs)))
    usual[place[known], spot[known]] = counts[known]
    total = np.bincount(place, counts, len(places))
    return np.asarray(usual / np.maximum(total, 1.0)[:, None], np.float64)


def _joined(
    buyers: Buyers, baskets: Baskets | None, excess: Excess, places: Ints, least: int
) -> Ints:
    """Return the group of each place: those that share the unseen or buyers of their drugs."""
    pairs = [np.stack([buyers.place, buyers.person])[:, unseen(buyers)]]
    if baskets is not None and len(excess.place):
        width = len(baskets.drugs)
        own = excess.tail * width <= DRUG_Q
        hot = excess.place[own] * width + excess.drug[own]
        bought = np.isin(baskets.place * width + baskets.drug, hot)
        pairs.append(np.stack([baskets.place, baskets.person])[:, bought])
    both = np.unique(np.concatenate(pairs, axis=1), axis=1)
    both = both[:, np.isin(both[0], places)]
    row = np.searchsorted(places, both[0])
    person = np.unique(both[1], return_inverse=True)[1]
    held = coo_array(
        (np.ones(len(row), np.int64), (row, person)),
        shape=(len(places), int(person.max(initial=-1)) + 1),
    ).tocsr()
    shared = (held @ held.T).toarray() if held.shape[1] else np.zeros((len(places),) * 2)
    size = np.diag(shared)
    bar = np.maximum(SHARED * np.minimum(size[:, None], size[None, :]), least)
    return np.asarray(connected_components(shared >= bar, directed=False)[1], np.int64)


def _members(
    context: Context,
    away: Table,
    buyers: Buyers,
    baskets: Baskets | None,
    excess: Excess,
    classes: Ints,
    places: Ints,
    one: Ints,
) -> tuple[pa.Table, pa.Table, Ints]:
    """Return gid, person and place; gid and drug; and each group's place furthest from chance."""
    rest = ~np.isin(buyers.place, places)
    level = levels(buyers)
    groups = [places[one == number] for number in range(int(one.max(initial=-1)) + 1)]
    drugs = [_drugs(baskets, excess, at) for at in groups]
    codes = [[] if baskets is None else [str(baskets.drugs[d]) for d in own] for own, _ in drugs]
    hits = _hits(context, away, groups, codes)
    members = [np.empty((3, 0), np.int64)]
    kept: list[int] = []
    for number, at in enumerate(groups):
        group = _together(buyers, at)
        peers = rest & (classes[buyers.place] == classes[at[0]])
        usual = np.bincount(level[peers], minlength=LEVELS) + 1.0
        known = len(codes[number]) > 0
        belongs = belonging(
            np.asarray([hits.get((number, int(person)), 0) for person in group.person], np.int64),
            group.bought if known else np.zeros_like(group.bought),
            levels(group),
            chance=drugs[number][1] / max(float(group.bought.sum()), 1.0),
            usual=usual / usual.sum(),
        )
        people = group.person[belongs >= HALF]
        if len(people) < context.settings.least_people:
            continue
        mine = np.isin(buyers.place, at) & np.isin(buyers.person, people)
        gid = np.full(int(mine.sum()), len(kept), np.int64)
        members.append(np.stack([gid, buyers.person[mine], buyers.place[mine]]))
        kept.append(number)
    rows = np.concatenate(members, axis=1)
    lead = [int(groups[k][np.argmin(excess.p_value[groups[k]])]) for k in kept]
    kinds = [(gid, code) for gid, k in enumerate(kept) for code in codes[k]]
    return (
        pa.table({"gid": rows[0], "person": rows[1], "place": rows[2]}),
        _drug_table(kinds),
        np.asarray(lead, np.int64),
    )


def _drug_table(rows: list[tuple[int, str]]) -> pa.Table:
    return pa.table(
        {
            "gid": pa.array([gid for gid, _ in rows], pa.int64()),
            "drug": pa.array([code for _, code in rows], pa.string()),
        }
    )


def _together(buyers: Buyers, places: Ints) -> Buyers:
    """Return the buyers of some places as if these were one."""
    mine = np.isin(buyers.place, places)
    people, at = np.unique(buyers.person[mine], return_inverse=True)
    most = {name: np.zeros(len(people), np.int64) for name in ("coded", "total")}
    for name, column in most.items():
        np.maximum.at(column, at, getattr(buyers, name)[mine])
    bought = np.bincount(at, buyers.bought[mine], len(people)).astype(np.int64)
    return Buyers(place=np.full(len(people), places[0]), person=people, bought=bought, **most)


def _drugs(baskets: Baskets | None, excess: Excess, places: Ints) -> tuple[Ints, float]:
    """Return the drugs bought beyond expectation at places, and how many buyers were expected."""
    if baskets is None:
        return np.empty(0, np.int64), 0.0
    width = len(baskets.drugs)
    here = np.isin(excess.place, places)
    tail = np.ones(width)
    np.minimum.at(tail, excess.drug[here], np.minimum(excess.tail[here] * len(places), 1.0))
    drugs = np.flatnonzero(benjamini_hochberg(tail, float(width)) <= DRUG_Q)
    return drugs, float(excess.mean[here & np.isin(excess.drug, drugs)].sum())


def _hits(
    context: Context, away: Table, groups: list[Ints], codes: list[list[str]]
) -> dict[tuple[int, int], int]:
    """Return how many remote purchases of (group, person) hold one of the group's drugs."""
    lines = delivered(context.backend, context.workspace, "fee_list")
    kinds = [(number, code) for number, own in enumerate(codes) for code in own]
    if lines is None or not kinds:
        return {}
    at = pa.table(
        {
            "gid": np.repeat(np.arange(len(groups)), [len(places) for places in groups]),
            "place": np.concatenate(groups),
        }
    )
    wanted = ibis.memtable(_drug_table(kinds))
    sales = away.filter(away.remote).join(ibis.memtable(at), "place")
    sales = sales.select("gid", "person", "setl_id")
    bought = lines.select("setl_id", drug="med_list_codg").semi_join(wanted, "drug")
    bought = sales.join(bought, "setl_id").semi_join(wanted, ["gid", "drug"])
    n = bought.group_by(["gid", "person"]).aggregate(n=bought.setl_id.nunique())
    rows = context.backend.to_pyarrow(n).to_pydict()
    return dict(zip(zip(rows["gid"], rows["person"], strict=True), rows["n"], strict=True))


def _table(one: Ints, places: Ints, lead: Ints) -> pa.Table:
    """Return the places of the groups that were kept."""
    of = one[np.searchsorted(places, lead)]
    rows = [(gid, int(p)) for gid, number in enumerate(of) for p in places[one == number]]
    table = np.asarray(rows, np.int64).reshape(-1, 2)
    return pa.table({"gid": table[:, 0], "place": table[:, 1]})
