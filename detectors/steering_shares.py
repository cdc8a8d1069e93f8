"""How many of a doctor's patients one would expect at a pharmacy: the largest of six answers.

Four of them are laid beside every pair; the two that need the fee list (:func:`drug_shares`) only
beside the few pairs that the four do not explain, so that no pass over all lines is needed.
"""

from dataclasses import dataclass, replace

import ibis
import numpy as np
import pyarrow as pa
from ibis.expr.types import Table
from numpy.typing import NDArray

from detectors.candidates import Context
from detectors.columns import clean, keep

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
UNIT = ("channel", "doctor", "house")  # whose patients vote
PAIR = (*UNIT, "pharmacy")
PRIOR = 1.0  # how many votes the wider share counts beside the narrower one
RANKS = 3  # nearest, second and third nearest pharmacy have shares of their own
LIKE_NEAR = 0.9  # of institutions elsewhere, the share that leaves no more to its nearest pharmacy


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Pairs of doctor and pharmacy with a vote, in the order of channel, doctor, house, pharmacy.

    ``votes`` of ``patients`` go there; ``expected`` is the largest expectation, ``near`` what
    colleagues and nearness alone explain (votes). ``doctor`` and ``trade`` (house with pharmacy)
    number the pairs.
    """

    rows: pa.Table
    channel: Ints
    doctor: Ints
    trade: Ints
    votes: Floats
    patients: Floats
    expected: Floats
    near: Floats

    def __len__(self) -> int:
        return len(self.votes)

    def take(self, chosen: Ints) -> "Shares":
        """Return the pairs of these rows."""
        columns = {name: getattr(self, name)[chosen] for name in self.__slots__ if name != "rows"}
        return Shares(rows=self.rows.take(chosen), **columns)

    def at_least(self, share: Floats) -> "Shares":
        """Return the pairs with so large a share expected of each."""
        most = np.minimum(np.maximum(self.expected, share * self.patients), self.patients)
        return replace(self, expected=_rounded(most))


def expected_votes(
    context: Context, votes: Table, sent: Table, sales: Table, places: Table
) -> Shares:
    """Count the votes and lay the expectations beside them that need no drugs.

    Each expectation leaves the doctor's own patients out, and a narrow one (colleagues, the
    patients' own habit, a drug) is filled up with ``PRIOR`` votes of the wider one.
    """
    backend = context.backend
    division = places.select(house="fixmedins_code", zone="fix_blng_admdvs")
    pairs = votes.group_by([*PAIR]).aggregate(votes=votes.count()).left_join(division, "house")
    pairs = pairs.select(*PAIR, "votes", zone=pairs.zone.fill_null(""))
    pairs = keep(backend, "steer_pairs", pairs)
    full = pairs.left_join(_own(votes, sent, sales), [*PAIR])
    full = full.select(pairs, "own", "free")
    rows = backend.to_pyarrow(full.order_by([*PAIR]))
    spots = backend.to_pyarrow(
        places.select("fixmedins_code", "place_kind", "lat", "lnt").order_by("fixmedins_code")
    )
    return _combined(rows, spots)


def _own(votes: Table, sent: Table, sales: Table) -> Table:
    """Return what the patients' other purchases expect of each pharmacy.

    ``own`` is the sum over a doctor's patients of their own share of the pharmacy, short of the
    part ``free`` that the wider share fills: Σ c_pf / (c_p + 1) and Σ 1 / (c_p + 1), where c counts
    the days on which they bought without this doctor. ``free`` is the same for all pharmacies of
    a doctor.
    """
    day = sales.semi_join(votes, "psn_no").select("psn_no", "pharmacy", "day").distinct()
    every = day.group_by(["psn_no", "pharmacy"]).aggregate(c=day.count())
    theirs = sent.select("doctor", "psn_no", "pharmacy", "day").distinct()
    theirs = theirs.group_by(["doctor", "psn_no", "pharmacy"]).aggregate(k=theirs.count())
    who = votes.select(*UNIT, "psn_no")
    both = who.join(every, "psn_no").left_join(theirs, ["doctor", "psn_no", "pharmacy"])
    both = both.select(*UNIT, "psn_no", "pharmacy", c=both.c - both.k.fill_null(0))
    total = both.group_by([*UNIT, "psn_no"]).aggregate(total=both.c.sum())
    free = total.group_by([*UNIT]).aggregate(free=(PRIOR / (total.total + PRIOR)).sum().round(9))
    both = both.join(total, [*UNIT, "psn_no"])
    own = both.group_by([*PAIR]).aggregate(own=(both.c / (both.total + PRIOR)).sum().round(9))
    return own.join(free, [*UNIT])


def drug_shares(
    context: Context, rows: pa.Table, sent: Table, sales: Table, items: Table
) -> Floats:
    """Return for pairs (``rows``) the share that goes to the pharmacy whoever prescribes.

    A purchase goes where the most place-bound of its drugs is sold; the mean over the doctor's
    purchases is returned. A drug's share at the pharmacy is that of others' purchases: once all
    that go back to another doctor (a costly drug that designated pharmacies give out on
    prescription), once all sales (the pharmacy that alone stocks it); the larger mean counts. A
    single sale elsewhere is not enough to know a drug: each is filled up with ``PRIOR`` sales at
    the pharmacy's usual share. ``items`` are drugs (setl_id, drug) of what was ``sent``.
    """
    backend = context.backend
    number = pa.array(np.arange(rows.num_rows), pa.int64())
    p = backend.create_table(
        "steer_judged", rows.select([*PAIR]).append_column("row", number), overwrite=True
    )
    theirs = sent.join(p.select(*UNIT, "row", goal="pharmacy"), [*UNIT])
    theirs = theirs.select("row", "channel", "goal", "pharmacy", "setl_id").join(items, "setl_id")
    theirs = keep(backend, "steer_theirs", theirs)
    own = theirs.group_by(["row", "channel", "goal", "drug"]).aggregate(
        all_k=theirs.count(), k=(theirs.pharmacy == theirs.goal).sum()
    )
    own = keep(backend, "steer_own_drugs", own.rename(pharmacy="goal"))
    size = sales.group_by("pharmacy").aggregate(size=sales.count())
    usual = size.select("pharmacy", usual=size["size"] / size["size"].sum().over(ibis.window()))
    lines = clean(backend, context.workspace, "fee_list")
    every = lines.select("setl_id", drug="med_list_codg").semi_join(own, "drug").distinct()
    found = np.zeros(rows.num_rows)
    for sold, item, keys in ((sent, items, ["channel", "drug"]), (sales, every, ["drug"])):
        n = sold.select("setl_id", "pharmacy", *keys[:-1]).join(item, "setl_id")
        n = keep(backend, "steer_drugs", n.group_by([*keys, "pharmacy"]).aggregate(c=n.count()))
        total = n.group_by(keys).aggregate(total=n.c.sum())
        both = own.join(usual, "pharmacy").join(total, keys)
        both = both.left_join(n, [*keys, "pharmacy"]).select(both, "c")
        share = (both.c.fill_null(0) - both.k + PRIOR * both.usual) / (
            both.total - both.all_k + PRIOR
        )
        both = theirs.join(both.select("row", "drug", share=share), ["row", "drug"])
        bound = both.group_by(["row", "setl_id"]).aggregate(share=both.share.max())
        bound = bound.group_by("row").aggregate(share=bound.share.mean().round(9))
        got = backend.to_pyarrow(bound)
        at = got["row"].to_numpy()
        found[at] = np.maximum(found[at], got["share"].to_numpy())
    return found


def _combined(rows: pa.Table, spots: pa.Table) -> Shares:
    def codes(*names: str) -> Ints:
        key = np.zeros(rows.num_rows, np.int64)
        for name in names:
            values = rows[name].to_numpy(zero_copy_only=False)
            inner = np.unique(values, return_inverse=True)[1]
            key = np.unique(key * (len(values) + 1) + inner, return_inverse=True)[1]
        return key.astype(np.int64)

    votes = rows["votes"].to_numpy().astype(np.float64)
    channel = rows["channel"].to_numpy().astype(np.int64)

    def total(*names: str) -> Floats:
        key = codes("channel", *names)
        return np.asarray(np.bincount(key, votes)[key], dtype=np.float64)

    patients = total("doctor", "house")
    county = (total("pharmacy") - votes + PRIOR / 100) / (total() - patients + PRIOR)
    zone = _filled(total("zone", "pharmacy") - votes, total("zone") - patients, county)
    house = _filled(total("house", "pharmacy") - votes, total("house") - patients, zone)
    free, own = (rows[name].fill_null(0).to_numpy().astype(np.float64) for name in ("free", "own"))
    usual, most = _near(rows, spots, votes, codes("channel", "house"))
    colleagues = np.maximum(house, zone)
    expected = np.maximum.reduce(
        [
            np.maximum(colleagues, usual) * patients,
            own + free * colleagues,
        ]
    )
    return Shares(
        rows=rows,
        channel=channel,
        doctor=codes("doctor"),
        trade=codes("house", "pharmacy"),
        votes=votes,
        patients=patients,
        expected=_rounded(np.minimum(expected, patients)),
        near=_rounded(np.maximum(house, most) * patients),
    )


def _rounded(values: Floats) -> Floats:
    return np.asarray(np.round(values, 9), dtype=np.float64)


def _filled(count: Floats, size: Floats, wider: Floats) -> Floats:
    return np.asarray((count + PRIOR * wider) / (size + PRIOR), dtype=np.float64)


def _near(rows: pa.Table, spots: pa.Table, votes: Floats, house: Ints) -> tuple[Floats, Floats]:
    """Return by rank of nearness what other institutions leave to such a pharmacy.

    First the mean over the other institutions, by patients; second what nine in ten of them do not
    exceed (the honest reason). Both 0 beyond the third nearest and where coordinates are missing.
    """
    rank = nearness(rows, spots)
    size = np.bincount(house, votes)
    usual, most = np.zeros(len(votes)), np.zeros(len(votes))
    for one in range(RANKS):
        here = rank == one
        got = np.bincount(house[here], votes[here], minlength=len(size))
        placed = np.zeros(len(size), np.bool_)
        placed[house[rank >= 0]] = True
        if placed.sum() < 2:
            continue
        share = np.where(placed, got / size, 0.0)
        rest_size = size[placed].sum() - size
        usual[here] = ((got.sum() - got) / np.maximum(rest_size, 1.0))[house[here]]
        most[here] = np.quantile(share[placed], LIKE_NEAR)
    return usual, most


def nearness(rows: pa.Table, spots: pa.Table) -> Ints:
    """Return how many pharmacies lie nearer to the house of a row than its own; −1 if unknown."""
    name = spots["fixmedins_code"].to_numpy(False).astype(str)
    lat, lnt = (np.radians(spots[c].to_numpy(False).astype(np.float64)) for c in ("lat", "lnt"))
    shop = spots["place_kind"].to_numpy(False) == "pharmacy"
    shop &= ~np.isnan(lat) & ~np.isnan(lnt)
    home = np.searchsorted(name, rows["house"].to_numpy(False).astype(str))
    there = np.searchsorted(name, rows["pharmacy"].to_numpy(False).astype(str))
    home, there = np.minimum(home, len(name) - 1), np.minimum(there, len(name) - 1)
    rank = np.full(rows.num_rows, -1, np.int64)
    east = np.cos(np.nanmean(lat)) if shop.any() else 1.0  # flat enough within a county
    for one in np.unique(home):
        here = np.flatnonzero(home == one)
        if np.isnan(lat[one]) or np.isnan(lnt[one]):
            continue
        away = np.hypot(lat - lat[one], (lnt - lnt[one]) * east)
        order = np.sort(away[shop])
        known = shop[there[here]]
        rank[here[known]] = np.searchsorted(order, away[there[here[known]]], side="left")
    return rank
