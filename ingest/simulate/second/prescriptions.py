"""Doctors: slower and wider ways to one pharmacy, licences at two clinics or at all hours."""

import numpy as np
from numpy.typing import NDArray

from ingest.simulate.cast import Cast, pick
from ingest.simulate.catalogue import Basket
from ingest.simulate.clock import DAY
from ingest.simulate.events import AUTO, Events, make
from ingest.simulate.ordinary import visit_time
from ingest.simulate.places import PlaceKind
from ingest.simulate.plant import Draft, Planted, Rewrite
from ingest.simulate.second.world import dealt
from ingest.simulate.sessions import window, within
from ingest.simulate.world import World

Ints = NDArray[np.int64]
_NOBODY = np.zeros(0, np.int64)


def doctor_pharmacy(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a doctor whose patients go across town to one pharmacy, the same day or the next."""
    places = world.places
    clinic, doctor = cast.busy_doctor(rng, least=60)
    off = places.distance_km(clinic)
    shops = places.of(PlaceKind.PHARMACY)
    shops = shops[places.pooled[shops] & (off[shops] > 0.8) & (places.beside[shops] != clinic)]
    pharmacy = int(rng.choice(shops[np.argsort(off[shops], kind="stable")[:40]]))
    seen = within(life, cast.settled_at(clinic), window(rng, world.days, 0.6))
    seen = seen[life.doctor[seen] == doctor]
    share = float(rng.uniform(0.3, 0.9))
    sent = seen[rng.random(len(seen)) < share]
    n = len(sent)
    person, came = life.person[sent].astype(np.int64), life.time[sent]
    place = np.full(n, pharmacy)
    tomorrow = rng.random(n) < float(rng.uniform(0.1, 0.6))
    soon = came + np.exp(rng.uniform(np.log(300), np.log(4 * 3_600), n)).astype(np.int64)
    late = soon % DAY > places.closes[pharmacy] * 3_600 - 60
    late |= soon // DAY != came // DAY
    next_day = visit_time(world, rng, person, place, came // DAY + 1, 0.5)
    wanted = dealt(world, rng, int(rng.integers(2, 8)))
    ordinary = bool(rng.random() < 0.5)
    return Planted(
        draft=Draft(
            name="doctor_pharmacy",
            people=_NOBODY,
            places=(clinic, pharmacy),
            doctors=(doctor,),
            parameters={
                "share_sent": round(share, 2),
                "visits": len(seen),
                "ordinary_drugs": ordinary,
            },
        ),
        events=make(
            n,
            person=person,
            place=place,
            time=np.where(tomorrow | late, next_day, soon),
            basket=Basket.PRESCRIPTION,
            doctor=doctor,
            drug=AUTO if ordinary else wanted[rng.integers(0, len(wanted), n)],
        ),
    )


def licence_lending(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a number lent to one or two clinics, round the clock, or of one who works nowhere."""
    places = world.places
    way = pick(rng, ("two_clinics", "round_the_clock", "idle_home"))
    if way == "idle_home":
        home, doctor = cast.idle_doctor(rng, most=6)
    else:
        home, doctor = cast.busy_doctor(rng, least=40)
    clinics = places.of(PlaceKind.CLINIC, PlaceKind.VILLAGE_CLINIC)
    clinics = clinics[clinics != home]
    count = 2 if way == "two_clinics" else 1
    lent_to = sorted({cast.clinic_of_its_own(rng, clinics) for _ in range(count)})
    span = window(rng, world.days, 0.6)
    there = np.concatenate([cast.settled_at(place) for place in lent_to])
    there = within(life, there, span)
    there = there[life.doctor[there] >= 0]
    share = float(rng.uniform(0.4, 1.0))
    signed = there[rng.random(len(there)) < share]
    events = make(0)
    if way == "round_the_clock" and len(there):
        events = _nights(world, rng, life, there, lent_to[0], doctor, span)
    return Planted(
        draft=Draft(
            name="licence_lending",
            people=_NOBODY,
            places=(home, *lent_to),
            doctors=(doctor,),
            parameters={"way": way, "share_signed": round(share, 2), "visits": len(signed)},
        ),
        events=events,
        rewrites=(Rewrite(which=signed, column="doctor", values=doctor),),
    )


def _nights(
    world: World,
    rng: np.random.Generator,
    life: Events,
    there: Ints,
    place: int,
    doctor: int,
    span: tuple[int, int],
) -> Events:
    """Return visits before opening and after closing under the lent number."""
    n = max(20, len(there) // 2)
    early = rng.random(n) < 0.4
    opens, closes = float(world.places.opens[place]), float(world.places.closes[place])
    hour = np.where(early, rng.uniform(max(0.0, opens - 3), opens, n), rng.uniform(closes, 23.9, n))
    day = rng.integers(span[0], max(span[0] + 1, span[1]), n)
    return make(
        n,
        person=rng.choice(life.person[there], n),
        place=place,
        time=day * DAY + (hour * 3_600).astype(np.int64),
        basket=Basket.CLINIC,
        doctor=doctor,
    )
