"""What the owner-circle detector looks at: customers of places, ties to staff, circles."""

from dataclasses import dataclass

import ibis
import numpy as np
import pyarrow as pa
from ibis.expr.types import Table
from numpy.typing import NDArray

from detectors.candidates import Context
from detectors.columns import clean, delivered, keep, resale_prone
from detectors.facts import LARGEST_HOUSEHOLD
from detectors.tallies import homes, others_of, share, summed
from detectors.visits import numbered
from detectors.world import Floats, Ints

MOST = 0.5  # of the people registered at an address, or of all people


@dataclass(frozen=True, slots=True, kw_only=True)
class Customers:
    """One row for each person and place, in the order of place and person.

    ``days`` (with a live settlement) and ``fund`` (yuan) are observed, ``usual_*`` what the place's
    ordinary customers of the same age and the same loyalty have; ``home`` numbers homes.
    """

    place: Ints
    person: Ints
    home: Ints
    tied: NDArray[np.bool_]
    days: Floats
    fund: Floats
    usual_days: Floats
    usual_fund: Floats
    places: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Circles:
    """What the circles are made of beside persons, and the signs that need single settlements."""

    others: list[pa.Table]
    held: pa.Table
    signs: dict[str, tuple[Floats, Floats]]


def customers(context: Context) -> Customers | None:
    """Return who went where, how much, and who is tied; None where no staff was delivered."""
    backend = context.backend
    staff = delivered(backend, context.workspace, "staff")
    if staff is None:
        return None
    s = _events(context)
    n = s.group_by(["place", "person"]).aggregate(
        days=s.day.nunique(), fund=s.net_fund.sum().cast("float64")
    )
    most = n.days.max().over(ibis.window(group_by="person"))
    n = n.mutate(loyal=n.days >= most)
    persons = clean(backend, context.workspace, "persons")
    people = numbered(persons, "psn_no", "person").join(homes(persons), "psn_no")
    last = s.setl_time.year().max().as_scalar()
    age = last - people.birth_year
    band = ibis.greatest(ibis.least(age // 10, 9), 0).fill_null(-1)
    people = people.select("person", "home", band=band.cast("int64"))
    ties = keep(backend, "owner_ties", _ties(context, staff, n))
    tied = ties.select("place", "person").distinct().mutate(tied=True)
    n = n.join(people, "person").left_join(tied, ["place", "person"])
    n = n.select(
        "place", "person", "home", "band", "loyal", "days", "fund", tied=n.tied.fill_null(False)
    )
    table = backend.to_pyarrow(n.order_by(["place", "person"]))
    place, person, home, band_of = (
        table[name].to_numpy().astype(np.int64) for name in ("place", "person", "home", "band")
    )
    if not len(place):
        return None
    tied_rows = table["tied"].to_numpy(zero_copy_only=False)
    stratum = (band_of + 1) * 2 + table["loyal"].to_numpy(zero_copy_only=False)
    days = table["days"].to_numpy().astype(np.float64)
    fund = np.maximum(table["fund"].to_numpy(), 0.0)
    return Customers(
        place=place,
        person=person,
        home=home,
        tied=tied_rows,
        days=days,
        fund=fund,
        usual_days=_usual(days, place, stratum, ~tied_rows),
        usual_fund=_usual(fund, place, stratum, ~tied_rows),
        places=int(place.max()) + 1,
    )


def circles(context: Context, customers: Customers, gid: Ints, row: Ints, chosen: Ints) -> Circles:
    """Return the other parties, the settlements and the signs of the chosen circles."""
    backend = context.backend
    heavy = pa.table(
        {
            "gid": gid,
            "place": customers.place[row],
            "person": customers.person[row],
            "mine": np.ones(len(gid), bool),
        }
    )
    heavy = backend.create_table("owner_heavy", heavy, overwrite=True)
    at = pa.table({"g": np.arange(len(chosen)), "place": chosen})
    at = backend.create_table("owner_places", at, overwrite=True)
    events = _events(context).join(at, "place")
    events = events.left_join(heavy.drop("gid"), ["place", "person"])
    events = events.mutate(gid=events.g, mine=events.mine.fill_null(False))
    events = events.drop("place_right", "person_right", "g")
    events = keep(backend, "owner_events", events)
    ties = backend.table("owner_ties").join(heavy, ["place", "person"])
    clerks = keep(backend, "owner_staff", ties.select("gid", "staff_id", "head").distinct())
    staff = backend.to_pyarrow(clerks.order_by(["gid", "staff_id"]))
    head = staff["head"].to_numpy(zero_copy_only=False)
    places = backend.to_pyarrow(events.select("gid", "fixmedins_code").distinct().order_by("gid"))
    held = events.filter(events.mine).select("gid", "setl_id", certain=ibis.literal(True))
    return Circles(
        others=[
            others_of(staff.filter(pa.array(head)), entity="staff", key="staff_id", role="owner"),
            others_of(
                staff.filter(pa.array(~head)), entity="staff", key="staff_id", role="tied_staff"
            ),
            others_of(places, entity="place", key="fixmedins_code", role="place"),
        ],
        held=backend.to_pyarrow(held),
        signs=_signs(context, events, clerks, len(chosen)),
    )


def _events(context: Context) -> Table:
    """Return live online settlements with place and person numbered."""
    backend = context.backend
    settlements, persons, providers = (
        clean(backend, context.workspace, name) for name in ("settlements", "persons", "providers")
    )
    s = settlements.filter(settlements.live & settlements.online)
    s = s.join(numbered(providers, "fixmedins_code", "place"), "fixmedins_code")
    s = s.join(numbered(persons, "psn_no", "person"), "psn_no")
    return s.select(
        "setl_id",
        "place",
        "fixmedins_code",
        "person",
        "opter_id",
        "setl_time",
        "day",
        "net_sum",
        "net_fund",
    )


def _ties(context: Context, staff: Table, customers: Table) -> Table:
    """Return place, person, staff_id, head for everyone tied to a member of the place's staff.

    By a telephone or address shared with the member of staff, or living in the same crowd, then by
    sharing a home with such a person. ``head``: the legal representative by name, or by role.
    """
    backend = context.backend
    persons = clean(backend, context.workspace, "persons")
    providers = clean(backend, context.workspace, "providers")
    people = numbered(persons, "psn_no", "person").join(
        persons.select("psn_no", "live_addr", "mob"), "psn_no"
    )
    links = [_small(people, name) for name in ("live_addr", "mob")]
    places = numbered(providers, "fixmedins_code", "place").join(
        providers.select("fixmedins_code", "legal_rep"), "fixmedins_code"
    )
    own = staff.join(places, staff.org == places.fixmedins_code)
    head = (own.name == own.legal_rep).fill_null(False) | own.role.isin(
        ["owner", "legal_rep", "head", "manager"]
    ).fill_null(False)
    own = own.select("place", "staff_id", "live_addr", "mob", head=head)
    direct = [
        own.filter(own[name].notnull())
        .select("place", "staff_id", "head", key=own[name])
        .join(link, "key")
        .select("place", "staff_id", "head", "person")
        for name, link in zip(("live_addr", "mob"), links, strict=True)
    ]
    crowd = own.join(_crowds(people, customers), ["place", "live_addr"])
    crowd = crowd.select("place", "staff_id", "head", "person")
    first = direct[0].union(direct[1], crowd).distinct()
    near = [
        first.join(link, "person")
        .join(link.select("key", other="person"), "key")
        .select("place", "staff_id", "head", person="other")
        for link in links
    ]
    return first.union(*near).distinct()


def _crowds(people: Table, customers: Table) -> Table:
    """Return place, live_addr, person for crowded addresses that are customers of the place.

    Half of those registered there, more than a household, go to the place at all: relatives who
    gave one address, where a block or a village is served by many places. Only where addresses are
    doors: most people live at one of a household.
    """
    p = people.filter(people.live_addr.notnull()).select("person", "live_addr")
    p = p.mutate(size=p.count().over(ibis.window(group_by="live_addr")))
    p = p.mutate(doors=(p["size"] <= LARGEST_HOUSEHOLD).mean().over(ibis.window()))
    p = p.filter((p["size"] > LARGEST_HOUSEHOLD) & (p.doors >= MOST))
    c = p.join(customers.select("place", "person"), "person")
    c = c.mutate(came=c.count().over(ibis.window(group_by=["place", "live_addr"])))
    return c.filter(c.came >= MOST * c["size"]).select("place", "live_addr", "person")


def _small(people: Table, name: str) -> Table:
    """Return person and key for addresses or telephones of at most a household."""
    p = people.filter(people[name].notnull()).select("person", key=people[name])
    size = p.group_by("key").aggregate(size=p.count())
    return p.join(size.filter(size["size"] <= LARGEST_HOUSEHOLD), "key").select("person", "key")


def _usual(value: Floats, place: Ints, stratum: Ints, ordinary: NDArray[np.bool_]) -> Floats:
    """Return what an ordinary customer of the stratum has at the place (indirect standardisation).

    County means by stratum, scaled so that the place's ordinary customers sum to what they had.
    """
    count = np.bincount(stratum[ordinary], minlength=int(stratum.max()) + 1)
    total = np.bincount(stratum[ordinary], value[ordinary], minlength=len(count))
    overall = max(float(value[ordinary].mean()) if ordinary.any() else 0.0, 1e-9)
    rate = (total + overall) / (count + 1.0)  # one customer's worth of the county's mean
    size = int(place.max()) + 1
    here = np.bincount(place[ordinary], value[ordinary], minlength=size)
    standard = np.bincount(place[ordinary], rate[stratum[ordinary]], minlength=size)
    scale = (here + overall) / (standard + overall)
    return np.asarray(np.maximum(rate[stratum] * scale[place], 1e-9))


def _signs(
    context: Context, events: Table, clerks: Table, count: int
) -> dict[str, tuple[Floats, Floats]]:
    backend = context.backend
    resale = resale_prone(context.backend, context.workspace)
    known = resale is not None
    if resale is not None:
        events = events.left_join(resale, "setl_id").drop("setl_id_right")
    else:
        events = events.mutate(resale=ibis.null("boolean"))
    own = clerks.select("gid", opter_id="staff_id", own=ibis.literal(True)).distinct()
    events = events.left_join(own, ["gid", "opter_id"]).drop("gid_right", "opter_id_right")
    middle = events.setl_time.epoch_seconds()
    half = (middle.min() + middle.max()).over(ibis.window(group_by="gid")) / 2
    e = events.mutate(
        late=middle >= half,
        own=events.own.fill_null(False),
        resale=events.resale.fill_null(False),
        named=events.opter_id.notnull(),
    )
    n = e.group_by(["gid", "mine"]).aggregate(
        n=e.count(),
        fee=e.net_sum.sum().cast("float64"),
        late=e.late.sum(),
        own=e.own.sum(),
        named=e.named.sum(),
        resale=e.resale.sum(),
    )
    rows = backend.to_pyarrow(n)
    cell = rows["gid"].to_numpy() * 2 + rows["mine"].to_numpy(zero_copy_only=False)

    def of(name: str) -> Floats:
        return summed(cell, rows[name].to_numpy(), 2 * count).reshape(-1, 2)

    def both(part: str, whole: str) -> tuple[Floats, Floats]:
        ratio = share(of(part), of(whole))
        return ratio[:, 1], ratio[:, 0]

    unknown = np.full(count, np.nan)
    return {
        "own_fee": both("fee", "n"),
        "own_resale": both("resale", "n") if known else (unknown, unknown),
        "own_clerk": both("own", "named"),
        "own_growth": both("late", "n"),
    }
