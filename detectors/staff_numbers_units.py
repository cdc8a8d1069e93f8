"""Who was served by which number, where and in which half-day; rosters without the suspects."""

from dataclasses import dataclass

import ibis
import numpy as np
import pyarrow as pa
from ibis.expr.types import Table
from numpy.typing import NDArray

from detectors.candidates import Context
from detectors.columns import clean, keep, value
from detectors.pairs import weekday
from detectors.visits import numbered
from detectors.world import Floats, Ints

NOON = 12 * 3_600  # a working day has two shifts
REAL = 0.5  # share of named terminals from which a place's terminals can be told apart
DAYS = 3  # as detectors.staff_numbers
KEYS = ("place", "person", "clerk")


@dataclass(frozen=True, slots=True, kw_only=True)
class Regulars:
    """Persons with three or more visits under a number, in the order of place, clerk and person.

    A visit is a person under a number at a place in a half-day. ``hits`` of the ``visits`` at the
    place were under the number, ``chance`` is the mean chance of that; ``days`` are days of hits.
    ``off`` of the ``known`` hits were off post, ``usual_off`` is the share of the number's ordinary
    visits that are. ``people`` is how many persons could have been found at the place.
    """

    place: Ints
    clerk: Ints
    person: Ints
    hits: Floats
    visits: Floats
    chance: Floats
    days: Ints
    off: Floats
    known: Floats
    usual_off: Floats
    people: Floats

    def where(self, rows: NDArray[np.bool_] | Ints) -> "Regulars":
        """Return some rows."""
        return Regulars(**{name: getattr(self, name)[rows] for name in self.__slots__})


def laid(context: Context) -> None:
    """Keep ``number_settled`` and ``number_visits``: who met which number where, by half-day."""
    backend = context.backend
    rows = keep(backend, "number_settled", settled(context))
    visits = rows.group_by([*KEYS, "half"]).aggregate(day=rows.day.min(), device=rows.device.min())
    keep(backend, "number_visits", visits.mutate(shift=weekday(visits.day) * 2 + visits.half % 2))
    keep(backend, "number_apart", ibis.memtable(_none()))


def settled(context: Context) -> Table:
    """Return the settlements under a number, with terminal (``device``) and half-day.

    Kiosks and mobile terminals are no numbers; a place with one number has no roster. ``device``
    is NULL where unknown, and "all" at places whose terminals cannot be told apart (``real``).
    """
    backend = context.backend
    settlements, persons, providers = (
        clean(backend, context.workspace, name) for name in ("settlements", "persons", "providers")
    )
    s = settlements.filter(settlements.live & settlements.online & settlements.opter_id.notnull())
    s = s.filter((s.opter_type == "1").fill_null(True))
    s = s.mutate(own=~s.device_proxy.fill_null(True) & s.device_id.notnull())
    told = s.group_by("fixmedins_code").aggregate(
        real=s.own.mean() >= REAL, choices=s.opter_id.nunique()
    )
    places = numbered(providers, "fixmedins_code", "place").join(
        providers.select("fixmedins_code", "day_precision"), "fixmedins_code"
    )
    places = places.join(told.filter(told.choices >= 2), "fixmedins_code")
    clerks = numbered(s.select("opter_id").distinct(), "opter_id", "clerk")
    s = s.join(places, "fixmedins_code").join(clerks, "opter_id")
    s = s.join(numbered(persons, "psn_no", "person"), "psn_no")
    s = s.mutate(device=ibis.ifelse(s.real, ibis.ifelse(s.own, s.device_id, None), "all"))
    clock = s.setl_time.epoch_seconds().cast("int64")
    late = ibis.ifelse(s.day_precision, 0, (clock % 86_400 >= NOON).cast("int64"))
    s = s.mutate(at=clock, half=s.day.cast("int64") * 2 + late)
    return s.select(
        "setl_id", "place", "person", "clerk", "device", "real", "half", "at", "day",
        "fixmedins_code", "opter_id", "dr_code", "net_sum",
    )  # fmt: skip


def numbers(context: Context) -> float:
    """Return how many numbers there are, each at each place."""
    visits = context.backend.table("number_visits")
    return float(value(context.backend, visits.select("place", "clerk").distinct().count()))


def set_apart(context: Context, suspects: Regulars) -> None:
    """Leave these people's visits under these numbers out of every roster."""
    table = pa.table(
        {name: getattr(suspects, name).astype(np.int32) for name in KEYS}, schema=_none().schema
    )
    context.backend.create_table("number_apart", table, overwrite=True)


def _none() -> pa.Table:
    return pa.schema([(name, pa.int32()) for name in KEYS]).empty_table()


def regulars(context: Context, *, suspects: bool) -> Regulars:
    """Return everyone with three visits under a number, or only those set apart."""
    backend = context.backend
    visits, apart = backend.table("number_visits"), backend.table("number_apart")
    if suspects:
        visits = visits.semi_join(apart, "place")
    ordinary = keep(backend, "number_ordinary", visits.anti_join(apart, list(KEYS)))
    many = visits.group_by(list(KEYS)).aggregate(hits=visits.count(), days=visits.day.nunique())
    many = many.filter(many.hits >= DAYS)
    if suspects:
        many = many.semi_join(apart, list(KEYS))
    many = keep(backend, "number_many", many)
    chance = _chance(visits, ordinary, many, local=suspects)
    able = visits.group_by(["place", "person"]).aggregate(n=visits.count())
    able = able.filter(able.n >= DAYS)
    able = able.group_by("place").aggregate(people=able.count())
    r = many.join(chance, list(KEYS)).join(able, "place")
    r = _posts(context, r, visits, ordinary, many) if suspects else r
    r = r if suspects else r.mutate(off=0, known=0, usual_off=1.0)
    table = backend.to_pyarrow(r.order_by(["place", "clerk", "person"]))
    whole = ("place", "clerk", "person", "days")
    return Regulars(
        **{name: table[name].to_numpy().astype(np.int64) for name in whole},
        **{
            name: np.round(table[name].to_numpy().astype(np.float64), 9)
            for name in Regulars.__slots__
            if name not in whole
        },
    )


def _posts(context: Context, r: Table, visits: Table, ordinary: Table, many: Table) -> Table:
    """Add how often each person found the number off post, and how often ordinary people do."""
    posts = keep(context.backend, "number_posts", off_post(visits, ordinary))
    usual = posts.filter(posts.ordinary).group_by(["place", "clerk"])
    usual = usual.aggregate(usual_off=ibis._.off.mean())
    own = posts.semi_join(many, list(KEYS)).group_by(list(KEYS))
    own = own.aggregate(off=ibis._.off.sum(), known=ibis._.off.count())
    r = r.left_join(own, list(KEYS)).drop("place_right", "person_right", "clerk_right")
    r = r.left_join(usual, ["place", "clerk"]).drop("place_right", "clerk_right")
    return r.mutate(
        off=r.off.fill_null(0), known=r.known.fill_null(0), usual_off=r.usual_off.fill_null(1.0)
    )


def _chance(visits: Table, ordinary: Table, many: Table, *, local: bool) -> Table:
    """Return place, person, clerk, visits and the mean chance that one is under the number.

    The number's share of the ordinary visits of the terminal in the half-day, drawn towards its
    share of that weekday's half-days with the weight of one visit, or that share itself if larger.
    Without ``local`` only that share: a group that is not yet left out is most of its half-day.
    """
    shift = _part(ordinary, ["place", "shift"], "usual")
    desk = ["place", "device", "half"]
    wanted = many.select(*KEYS)
    v = visits.select("place", "person", "device", "half", "shift")
    v = v.join(wanted, ["place", "person"])
    v = v.left_join(shift, ["place", "shift", "clerk"])
    v = v.select(*KEYS, "device", "half", usual=v.usual.fill_null(0.0))
    v = v.left_join(_part(ordinary, desk, "now"), [*desk, "clerk"])
    v = v.select(*KEYS, "device", "half", "usual", now=v.now_n.fill_null(0))
    every = ordinary.group_by(desk).aggregate(total=ordinary.count())
    v = v.left_join(every, desk)
    v = v.select(*KEYS, "usual", "now", total=v.total.fill_null(0))
    drawn = (v.now + v.usual) / (v.total + 1.0)
    chance = ibis.greatest(drawn, v.usual) if local else v.usual
    v = v.mutate(chance=(chance * 1e9).round().cast("int64"))
    n = v.group_by(list(KEYS)).aggregate(visits=v.count(), total=v.chance.sum())
    return n.select(*KEYS, "visits", chance=n.total.cast("float64") / 1e9 / n.visits)


def _part(visits: Table, keys: list[str], name: str) -> Table:
    """Return the number's visits and its share of the visits by keys; half a visit is none."""
    n = visits.group_by([*keys, "clerk"]).aggregate(n=visits.count())
    total = n.n.sum().over(ibis.window(group_by=keys))
    return n.select(*keys, "clerk", **{f"{name}_n": n.n, name: n.n / total})


def off_post(visits: Table, ordinary: Table) -> Table:
    """Return each visit at a known terminal with ``off``, NULL where nobody else was there to say.

    Off post: of the ordinary other people of the half-day, the number served none at this
    terminal, while another number did, or while it served some at another terminal.
    """
    here = ["place", "device", "half", "clerk"]
    named = ordinary.filter(ordinary.device.notnull())
    own = named.group_by(here).aggregate(own=named.count())
    desk = named.group_by(here[:3]).aggregate(desk=named.count())
    number = named.group_by(["place", "half", "clerk"]).aggregate(number=named.count())
    v = visits.filter(visits.device.notnull()).select(*KEYS, "half", "device", "day")
    mine = ordinary.select(*KEYS, "half", counted=ibis.literal(1))
    v = v.left_join(mine, [*KEYS, "half"])
    v = v.select(v.place, v.person, v.clerk, v.half, v.device, v.day, me=v.counted.fill_null(0))
    v = v.left_join(own, here)
    v = v.select(*KEYS, "half", "device", "day", "me", own=v.own.fill_null(0))
    v = v.left_join(desk, here[:3])
    v = v.select(*KEYS, "half", "device", "day", "me", "own", desk=v.desk.fill_null(0))
    v = v.left_join(number, ["place", "half", "clerk"])
    v = v.select(*KEYS, "half", "device", "day", "me", "own", "desk", number=v.number.fill_null(0))
    served, others, elsewhere = v.own - v.me, v.desk - v.own, v.number - v.own
    absent = (others > 0) | (elsewhere > 0)
    off = ibis.ifelse(served > 0, 0, ibis.ifelse(absent, 1, ibis.null("int8")))
    return v.select(
        *KEYS,
        "half",
        "device",
        "day",
        off=off.cast("int64"),
        ordinary=v.me > 0,
        held=v.own >= v.desk - v.own,
        away=v.number - v.me == 0,
    )
