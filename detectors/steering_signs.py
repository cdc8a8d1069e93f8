"""What is measured about a doctor and a pharmacy, and the honest reason that is tested."""

from dataclasses import dataclass

import ibis
import numpy as np
import pyarrow as pa
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table
from numpy.typing import NDArray
from scipy import special

from detectors.candidates import Sign
from detectors.columns import delivered, keep, resale_bought
from detectors.steering_shares import Shares
from detectors.tallies import compared, dense, seen
from ingest.workspace import Workspace

Floats = NDArray[np.float64]
HONEST = ("beside_each_other", "designated_drug")
LEVEL = 0.05  # of the bound of a share, over all doctors looked at

SIGNS: tuple[Sign, ...] = (
    Sign(name="sent_share", unit="share", score="difference"),
    Sign(name="sent_eb05", unit="ratio", score="log2_ratio"),
    Sign(name="sent_top_drug", unit="share", score="difference"),
    Sign(name="sent_resale", unit="share", score="difference"),
    Sign(name="sent_further", unit="km", score="difference"),
    Sign(name="sent_newcomers", unit="share", score="difference"),
    Sign(name="sent_linked", unit="ties", score="observed"),
    Sign(name="sent_minutes", unit="minutes", score="log2_ratio", rising=False),
    Sign(name="sent_equal_totals", unit="share", score="difference"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Steered:
    """The chosen pairs (``shares``, one a candidate) and the tables they come from."""

    backend: Backend
    workspace: Workspace
    sent: Table
    sales: Table
    places: Table
    items: Table | None
    shares: Shares
    eb05: Floats

    def groups(self) -> Table:
        """Return the candidates: gid, channel, doctor, house, pharmacy."""
        number = pa.array(np.arange(len(self.shares)), pa.int64())
        chosen = self.shares.rows.select(["channel", "doctor", "house", "pharmacy"])
        return self.backend.create_table(
            "steer_groups", chosen.append_column("gid", number), overwrite=True
        )

    def theirs(self, group: Table) -> Table:
        """Return the purchases of each group, with gid."""
        return self.sent.join(
            group.select("gid", "channel", "doctor", "house", "pharmacy"),
            ["channel", "doctor", "house", "pharmacy"],
        )

    def colleagues(self, group: Table) -> Table:
        """Return the purchases that go back to other doctors of the same house, with gid."""
        other = group.select("gid", "channel", "house", own="doctor")
        both = self.sent.join(other, ["channel", "house"])
        return both.filter(both.doctor != both.own)


def beside(steered: Steered) -> Floats:
    """Return the share of the votes that colleagues and nearness alone explain.

    Colleagues of the same house send there too, or the pharmacy is so near that nine in ten houses
    elsewhere leave no more to theirs.
    """
    share = np.minimum(steered.shares.near / np.maximum(steered.shares.votes, 1.0), 1.0)
    return np.asarray(np.round(share, 9), dtype=np.float64)


def designated(steered: Steered) -> Floats:
    """Return the share of the purchases that a drug decides, not the doctor.

    Such is a drug that a doctor of another house sends to the same pharmacy as well, and more than
    what else that doctor's patients buy: the exact lower bound (Clopper & Pearson 1934) of the
    drug's share there, at 5 % over all doctors who prescribe it, less the share of the rest. A
    purchase with several drugs counts by the highest. NaN without a fee list.
    """
    if steered.items is None:
        return np.full(len(steered.shares), np.nan)
    group = steered.groups()
    ours = steered.theirs(group).select("gid", "setl_id").join(steered.items, "setl_id")
    ours = keep(steered.backend, "steer_bought", ours)
    drug = ours.select("gid", "drug").distinct()
    drug = drug.join(group.select("gid", "channel", "pharmacy", own="house"), "gid")
    sold = steered.sent.select("setl_id", "channel", "doctor", "house", "pharmacy")
    return _mean_of_best(steered, ours, _elsewhere(steered, sold, drug))


def _elsewhere(steered: Steered, sold: Table, drug: Table) -> pa.Table:
    """Return, of each doctor of another house who sends a group's drug to its pharmacy, counts.

    ``n`` purchases with the drug, ``k`` of them there, ``total`` purchases, ``c`` of them there;
    ``doctors`` of other houses who prescribe the drug at all. Purchases are counted before they
    meet the groups: a common drug is prescribed by thousands and belongs to hundreds of groups.
    """
    backend = steered.backend
    sent = sold.filter(sold.house.notnull()).join(steered.items, "setl_id")
    place = sent.group_by(["drug", "channel", "doctor", "house", "pharmacy"])
    place = keep(backend, "steer_drug_places", place.aggregate(k=sent.count()))
    by_house = place.group_by(["drug", "channel", "doctor", "house"]).aggregate(n=place.k.sum())
    by_house = keep(backend, "steer_drug_doctors", by_house)
    here = drug.filter(drug.own.notnull()).rename(goal="pharmacy")
    there = place.rename(goal="pharmacy").join(here, ["drug", "channel", "goal"])
    there = there.filter(there.house != there.own)
    there = there.group_by(["gid", "drug", "channel", "own", "goal", "doctor"])
    there = there.aggregate(k=ibis._.k.sum())
    n = there.drop("k").join(by_house, ["drug", "channel", "doctor"])
    n = n.filter(n.house != n.own).group_by(["gid", "drug", "doctor"]).aggregate(n=n.n.sum())
    doctor = by_house.group_by(["drug", "channel", "doctor"])
    doctor = doctor.aggregate(houses=by_house.house.nunique(), house=by_house.house.min())
    doctors = doctor.group_by(["drug", "channel"]).aggregate(prescribers=doctor.count())
    only = doctor.filter(doctor.houses == 1).group_by(["drug", "channel", "house"])
    only = only.aggregate(theirs=ibis._.count()).rename(own="house")
    every = sold.group_by(["channel", "doctor", "pharmacy"]).aggregate(c=sold.count())
    total = every.group_by(["channel", "doctor"]).aggregate(total=every.c.sum())
    rows = there.join(n, ["gid", "drug", "doctor"]).join(total, ["channel", "doctor"])
    rows = rows.join(doctors, ["drug", "channel"])
    rows = rows.left_join(only, ["drug", "channel", "own"]).select(rows, "theirs")
    rows = rows.left_join(every.rename(goal="pharmacy"), ["channel", "doctor", "goal"]).select(
        rows, "c"
    )
    wanted = rows.select(
        "gid",
        "drug",
        "n",
        "k",
        "total",
        c=rows.c.fill_null(0),
        doctors=rows.prescribers - rows.theirs.fill_null(0),
    )
    return backend.to_pyarrow(wanted.order_by(["gid", "drug", "n", "k", "total", "c"]))


def _mean_of_best(steered: Steered, ours: Table, rows: pa.Table) -> Floats:
    gid, n, k, total, c, doctors = (
        rows[name].to_numpy().astype(np.float64)
        for name in ("gid", "n", "k", "total", "c", "doctors")
    )
    drugs, drug = np.unique(
        rows["drug"].to_numpy(zero_copy_only=False).astype(str), return_inverse=True
    )
    key, at = np.unique(gid.astype(np.int64) * max(len(drugs), 1) + drug, return_inverse=True)
    low = special.betaincinv(k, n - k + 1.0, LEVEL / doctors)
    best = np.zeros(len(key))
    np.maximum.at(best, at, np.maximum(low - (c - k) / np.maximum(total - n, 1.0), 0.0))
    known = steered.backend.create_table(
        "steer_designated",
        pa.table(
            {
                "gid": key // max(len(drugs), 1),
                "drug": pa.array(drugs[key % max(len(drugs), 1)], pa.string()),
                "best": best,
            }
        ),
        overwrite=True,
    )
    both = ours.left_join(known, ["gid", "drug"]).select(ours, best=ibis._.best.fill_null(0.0))
    both = both.group_by(["gid", "setl_id"]).aggregate(best=both.best.max())
    share = both.group_by("gid").aggregate(share=both.best.mean())
    return dense(steered.backend, share, len(steered.shares), "share")[0]


def signs(steered: Steered) -> dict[str, tuple[Floats, Floats]]:
    """Return every sign."""
    group = steered.groups()
    ours = keep(steered.backend, "steer_ours", steered.theirs(group))
    rest = keep(steered.backend, "steer_rest", steered.colleagues(group))
    shares = steered.shares
    top, resale = None, None
    if steered.items is not None:
        top = _top_drug(ours, rest, steered.items)
        items = steered.items.rename(med_list_codg="drug")
        prone = resale_bought(steered.backend, steered.workspace, items)
        if prone is not None:
            resale = _resale(ours, rest, prone.select("setl_id").distinct().mutate(hit=True))

    def of(table: Table | None) -> tuple[Floats, Floats]:
        return seen(steered.backend, table, len(shares))

    return {
        "sent_share": (
            shares.votes / shares.patients,
            np.round(shares.expected / shares.patients, 9),
        ),
        "sent_eb05": (steered.eb05, np.ones(len(shares))),
        "sent_top_drug": of(top),
        "sent_resale": of(resale),
        "sent_further": of(_further(steered, group)),
        "sent_newcomers": of(_newcomers(steered, group)),
        "sent_linked": of(_linked(steered, group)),
        "sent_minutes": of(_minutes(steered, ours, rest)),
        "sent_equal_totals": of(_equal_totals(steered, ours, group)),
    }


def _top_drug(ours: Table, rest: Table, item: Table) -> Table:
    """Share of the purchases with the commonest drug, against that drug among colleagues'."""
    size = ours.group_by("gid").aggregate(size=ours.setl_id.nunique())
    n = ours.join(item, "setl_id").group_by(["gid", "drug"]).aggregate(n=ibis._.count())
    order = ibis.window(group_by="gid", order_by=[n.n.desc(), n.drug])
    n = n.mutate(turn=ibis.row_number().over(order))
    top = n.filter(n.turn == 0).drop("turn").join(size, "gid")
    base = rest.group_by("gid").aggregate(base=rest.setl_id.nunique())
    same = rest.join(item, "setl_id").join(top.select("gid", "drug"), ["gid", "drug"])
    same = same.group_by("gid").aggregate(same=same.setl_id.nunique())
    both = top.left_join(base, "gid").select(top, "base").left_join(same, "gid")
    return both.select(
        "gid", observed=both.n / both["size"], expected=both.same.fill_null(0) / both.base
    )


def _resale(ours: Table, rest: Table, hit: Table) -> Table:
    """Share of the purchases with a resale-prone drug, against colleagues' patients."""

    def share(rows: Table, name: str) -> Table:
        both = rows.left_join(hit, "setl_id")
        return both.group_by("gid").aggregate(**{name: both.hit.fill_null(False).mean()})

    return compared(share(ours, "observed"), share(rest, "expected"))


def _further(steered: Steered, group: Table) -> Table:
    """Kilometres from the house to the pharmacy, against the nearest pharmacy."""
    spot = steered.places.filter(steered.places.lat.notnull() & steered.places.lnt.notnull())
    house = spot.select(house="fixmedins_code", a_lat="lat", a_lnt="lnt")
    shop = spot.filter(spot.place_kind == "pharmacy")
    shop = shop.select(shop="fixmedins_code", b_lat="lat", b_lnt="lnt")
    both = group.join(house, "house").cross_join(shop)
    # Within a county the earth is flat: 111.2 km a degree of latitude.
    east = (both.b_lnt - both.a_lnt) * both.a_lat.radians().cos()
    both = both.mutate(km=((both.b_lat - both.a_lat).pow(2) + east.pow(2)).sqrt() * 111.2)
    km = both.group_by("gid").aggregate(
        observed=both.km.max(where=both.shop == both.pharmacy), expected=both.km.min()
    )
    return km.filter(km.observed.notnull())


def _newcomers(steered: Steered, group: Table) -> Table:
    """Share of the pharmacy's patients from this doctor who never bought there otherwise.

    Against the same share of the patients who came to that pharmacy from other doctors.
    """
    sent = steered.sent.semi_join(group, "pharmacy")
    who = sent.select("doctor", "psn_no", "pharmacy").distinct()
    every = steered.sales.semi_join(group, "pharmacy")
    every = every.group_by(["psn_no", "pharmacy"]).aggregate(total=every.count())
    part = sent.group_by(["doctor", "psn_no", "pharmacy"]).aggregate(part=sent.count())
    who = who.join(every, ["psn_no", "pharmacy"]).join(part, ["doctor", "psn_no", "pharmacy"])
    who = who.join(group.select("gid", "pharmacy", own="doctor"), "pharmacy")
    new = who.total == who.part
    ours = who.doctor == who.own
    return who.group_by("gid").aggregate(
        observed=new.mean(where=ours), expected=new.mean(where=~ours)
    )


def _minutes(steered: Steered, ours: Table, rest: Table) -> Table:
    """Median minutes from the doctor to the till, against colleagues' patients, else all."""
    every = steered.sent.aggregate(every=steered.sent.minutes.median())
    a = ours.group_by("gid").aggregate(observed=ours.minutes.median())
    b = rest.group_by("gid").aggregate(base=rest.minutes.median())
    both = a.left_join(b, "gid").select(a, "base").cross_join(every)
    both = both.filter(both.observed.notnull())
    return both.select("gid", "observed", expected=both.base.fill_null(both.every))


def _equal_totals(steered: Steered, ours: Table, group: Table) -> Table:
    """Chance that two purchases have the same total, against other doctors' at the pharmacy."""

    def twins(rows: Table, name: str) -> Table:
        n = rows.group_by(["gid", "net_sum"]).aggregate(n=rows.count().cast("float64"))
        total = n.n.sum()
        same = (n.n * (n.n - 1)).sum() / ibis.greatest(total * (total - 1), 1.0)
        return n.group_by("gid").aggregate(**{name: same})

    rest = steered.sent.join(
        group.select("gid", "pharmacy", "channel", own="doctor"), ["pharmacy", "channel"]
    )
    rest = rest.filter(rest.doctor != rest.own)
    both = twins(ours, "observed").left_join(twins(rest, "expected"), "gid")
    return both.select("gid", "observed", expected=both.expected.fill_null(0.0))


def _linked(steered: Steered, group: Table) -> Table | None:
    """Ties of name, telephone, address or account between the doctor and the pharmacy's people.

    Expected is the share of all doctors with as good a tie to that pharmacy: names repeat by
    chance. None without practitioners.
    """
    register = delivered(steered.backend, steered.workspace, "practitioners")
    if register is None:
        return None
    name = register.filter(register.prac_psn_name.notnull())
    mark = name.select(doctor="prac_psn_code", mark="prac_psn_name").distinct()
    owner = steered.places.select(pharmacy="fixmedins_code", mark="legal_rep")
    theirs = owner.union(steered.places.select(pharmacy="fixmedins_code", mark="bankacct"))
    staff = delivered(steered.backend, steered.workspace, "staff")
    if staff is not None:
        at_work = name.join(staff, [name.prac_psn_name == staff.name])
        at_work = at_work.filter(at_work.org == at_work.fixmedins_code)
        for column in ("mob", "live_addr", "bankacct"):
            mark = mark.union(at_work.select(doctor="prac_psn_code", mark=column))
            theirs = theirs.union(staff.select(pharmacy="org", mark=column))
        theirs = theirs.union(staff.select(pharmacy="org", mark="name"))
    theirs = theirs.semi_join(group, "pharmacy").filter(ibis._.mark.notnull()).distinct()
    tie = mark.filter(mark.mark.notnull()).distinct().join(theirs, "mark")
    tie = tie.group_by(["doctor", "pharmacy"]).aggregate(ties=tie.count())
    doctors = mark.aggregate(doctors=mark.doctor.nunique())
    usual = tie.group_by("pharmacy").aggregate(tied=tie.doctor.nunique())
    both = group.left_join(tie, ["doctor", "pharmacy"]).select(group, "ties")
    both = both.left_join(usual, "pharmacy").select(both, "tied").cross_join(doctors)
    return both.select(
        "gid",
        observed=both.ties.fill_null(0),
        expected=(both.tied.fill_null(0) - both.ties.notnull().cast("int64"))
        / ibis.greatest(both.doctors - 1, 1),
    )
