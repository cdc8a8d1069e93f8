"""What is usual at the places of a group: the ground that the features stand on.

Every live settlement is read once into a narrow table, the group's own are looked up in it, and a
feature is then one small question: the mean of something over the settlements that show the group,
against its mean over other people's settlements at the same places (:func:`against`). The members'
own settlements there are taken out of the expectation, so that a group that fills a small clinic is
not its own yardstick.
"""

from dataclasses import dataclass
from typing import cast

import ibis
from ibis.backends.duckdb import Backend
from ibis.common.exceptions import TableNotFound
from ibis.expr.types import IntegerColumn, StringValue, Table, Value

from detectors.columns import keep
from detectors.facts import Facts
from detectors.visits import numbered

FEWEST_OTHERS = 5  # a place with fewer settlements of other people says nothing about what is usual
PARTS = 1_000_003  # a prime: fractions of a sample are drawn in such parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """Tables all features share; a column is NULL where it cannot be said.

    ``rows``: every live settlement: setl_id, place, person, day, at, first (of its visit), counter,
    chronic, registration, stay, dr_code, illness (first three characters), fee (fen), drain (share
    of the account taken), cash (share of the fee), away (insured in another division), begin and
    end (days of a stay), lot (0 … 1, drawn from person and time).
    ``mine``: gid, joint, session and the same of the group's settlements.
    ``customers``: place, person, n (settlements), first, last (days), away, assisted, rank (of the
    person's spending among people of the same age and chronic state, 0 … 1).
    ``again``: as :func:`again_in_a_day`.
    ``people``: person, psn_no, birth_year, assisted, died (day). ``sites``: place, fixmedins_code,
    place_kind, lnt, lat (where the place has a clock).
    """

    rows: Table
    mine: Table
    customers: Table
    again: Table
    people: Table
    sites: Table


def usual_of(facts: Facts) -> Usual:
    """Read every live settlement once and return the tables all features share."""
    backend = engine(facts)
    people = keep(backend, "features_people", _people(facts))
    sites = keep(backend, "features_sites", _sites(facts))
    rows = keep(backend, "features_rows", _rows(facts.events))
    swipes = facts.swipes.select("gid", "setl_id", "joint", "session")
    mine = keep(backend, "features_mine", swipes.join(rows, "setl_id"))
    customers = keep(backend, "features_customers", _customers(rows, people))
    return Usual(
        rows=rows,
        mine=mine,
        customers=customers,
        again=keep(backend, "features_again", again_in_a_day(rows)),
        people=people,
        sites=sites,
    )


def engine(facts: Facts) -> Backend:
    """Return the engine that holds the facts."""
    return cast(Backend, facts.swipes.get_backend())


def imported(facts: Facts, name: str) -> Table | None:
    """Return a clean table as the gathering of facts left it; None where it was not delivered."""
    try:
        return engine(facts).table(f"clean_{name}")
    except TableNotFound:
        return None


def counted(rows: Table, value: Value) -> Table:
    """Return place, all_n, all_s: how many rows can tell, and the sum of what they tell."""
    known = value.cast("float64")
    return rows.group_by("place").aggregate(
        all_n=known.count().cast("float64"), all_s=known.sum().fill_null(0.0)
    )


def against(own: Table, value: Value, everyone: Table) -> Table:
    """Return gid, observed, expected of a value.

    ``own``: gid, place, shows and what the value is made of, for all that the members did at a
    place; the observation is the mean where ``shows``. ``everyone``: place, all_n, all_s. The
    expectation takes each place as often as the observation does. Where nobody at its places shows
    the value, it may not have been recorded, and nothing is said of a group.
    """
    value = value.cast("float64")
    shows = own.shows & value.notnull()
    g = own.group_by(["gid", "place"]).aggregate(
        own_n=value.count(),
        own_s=value.sum().fill_null(0.0),
        n=shows.sum().cast("float64"),
        s=ibis.ifelse(shows, value, 0.0).sum(),
    )
    j = g.join(everyone, "place")
    j = j.filter((j.n > 0) & (j.all_n - j.own_n >= FEWEST_OTHERS))
    rate = (j.all_s - j.own_s) / (j.all_n - j.own_n)
    j = j.group_by("gid").aggregate(
        observed=j.s.sum() / j.n.sum(), expected=(rate * j.n).sum() / j.n.sum(), any=j.all_s.max()
    )
    return j.filter(j["any"] > 0).drop("any")


def marked(own: Table, rows: Table, found: Table) -> Table:
    """Return :func:`against` of whether a settlement is among those ``found`` (setl_id, place)."""
    hits = found.select(hit="setl_id")
    own = own.left_join(hits, own.setl_id == hits.hit)
    n = rows.group_by("place").aggregate(all_n=rows.count().cast("float64"))
    s = found.group_by("place").aggregate(s=found.count().cast("float64"))
    everyone = n.left_join(s, "place").select("place", "all_n", all_s=s.s.fill_null(0.0))
    return against(own, own.hit.notnull(), everyone)


def shown(own: Table) -> Table:
    """Mark the settlements that show the group."""
    return own.mutate(shows=own.joint)


def whole(own: Table) -> Table:
    """Mark all that members did at the places of the group, for what is rare in one life."""
    here = own.filter(own.joint).select("gid", "place").distinct()
    return own.semi_join(here, ["gid", "place"]).mutate(shows=ibis.literal(True))


def _rows(e: Table) -> Table:
    paid = (e.acct_pay > 0) & (e.crov_old_balc > 0)
    left = e.crov_new_balc.cast("float64") / e.crov_old_balc.cast("float64")
    total = e.medfee_sumamt.cast("float64")
    stay = e.med_class == "inpatient"
    kind = cast(StringValue, e.med_type)
    lot = (e["at"] * 2_654_435_761 + e.person.fill_null(0).cast("int64") * 805_459_861) % PARTS
    return e.select(
        "setl_id",
        "place",
        "person",
        "counter",
        "dr_code",
        "at",
        day=e.day.cast("int32"),
        first=e.visit_id == e.setl_id,
        chronic=e.med_class == "chronic",
        registration=kind.startswith("12").fill_null(False),
        stay=stay,
        illness=e.dise_no.upper().left(3),
        fee=(e.net_sum * 100).round().cast("int64"),
        drain=ibis.ifelse(paid, (1.0 - left).clip(0.0, 1.0), None),
        cash=ibis.ifelse(total > 0, (e.psn_cash_pay.cast("float64") / total).clip(0.0, 1.0), None),
        away=e.insu_admdvs != e.mdtrtarea_admvs,
        begin=_days(e.begndate),
        end=_days(e.enddate),
        lot=lot / float(PARTS),
    )


def again_in_a_day(rows: Table) -> Table:
    """Return the settlements at a counter of people who made two visits or more that day.

    Columns: setl_id, place, person, day, at, registration, visit (its number that day).
    """
    c = rows.filter(rows.counter & rows.person.notnull())
    n = c.group_by(["person", "day"]).aggregate(visits=c["first"].sum())
    c = c.semi_join(n.filter(n.visits >= 2), ["person", "day"])
    so_far = ibis.cumulative_window(group_by=["person", "day"], order_by=["at", "setl_id"])
    return c.select(
        "setl_id",
        "place",
        "person",
        "day",
        "at",
        "registration",
        visit=c["first"].cast("int64").sum().over(so_far),
    )


def _people(facts: Facts) -> Table:
    persons = cast(Table, imported(facts, "persons"))
    number = numbered(persons, "psn_no", "person")
    group = persons.sp_psn_type.strip()
    told = persons.select(
        "psn_no",
        "birth_year",
        assisted=group.notnull() & ~group.isin(["", "0"]),
        died=_days(persons.die_date),
    )
    return number.join(told, "psn_no")


def _sites(facts: Facts) -> Table:
    providers = cast(Table, imported(facts, "providers"))
    number = numbered(providers, "fixmedins_code", "place")
    clock = ~(providers.day_precision | providers.batch).fill_null(False)
    told = providers.select(
        "fixmedins_code",
        "place_kind",
        lnt=ibis.ifelse(clock, providers.lnt, None),
        lat=ibis.ifelse(clock, providers.lat, None),
    )
    return number.join(told, "fixmedins_code")


def _customers(rows: Table, people: Table) -> Table:
    """Return who came to a place, and how a person's spending ranks among its like."""
    known = rows.filter(rows.person.notnull())
    c = known.group_by(["place", "person"]).aggregate(
        n=known.count(),
        first=known.day.min(),
        last=known.day.max(),
        away=known.away.max(),
        fee=known.fee.sum(),
        chronic=known.chronic.any(),
    )
    spent = c.group_by("person").aggregate(fee=c.fee.sum(), chronic=c.chronic.any())
    spent = spent.join(people.select("person", "birth_year", "assisted"), "person")
    like = {"decade": spent.birth_year // 10, "state": spent.chronic}
    spent = spent.mutate(**like)
    window = ibis.window(group_by=["decade", "state"], order_by="fee")
    # Half of those who spend the same count as below: the mean rank is then one half.
    rank = (spent.fee.percent_rank().over(window) + spent.fee.cume_dist().over(window)) / 2.0
    spent = spent.select("person", "assisted", rank=rank)
    c = c.join(spent, "person")
    return c.select("place", "person", "n", "first", "last", "away", "assisted", "rank")


def _days(date: Value) -> IntegerColumn:
    return cast(IntegerColumn, date.cast("timestamp").epoch_seconds() // 86_400)
