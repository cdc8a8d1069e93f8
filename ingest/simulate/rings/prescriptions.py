"""Doctors: one who sends everybody to one pharmacy, and a licence that works elsewhere."""

import numpy as np
from numpy.typing import NDArray

from ingest.simulate.cast import Cast
from ingest.simulate.catalogue import Basket
from ingest.simulate.clock import DAY
from ingest.simulate.events import Events, make
from ingest.simulate.places import PlaceKind
from ingest.simulate.plant import Draft, Planted, Rewrite
from ingest.simulate.sessions import window, within
from ingest.simulate.world import World

Ints = NDArray[np.int64]
_NOBODY = np.zeros(0, np.int64)


def doctor_pharmacy(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a doctor whose patients go to one pharmacy not near by, for two to five drugs."""
    places = world.places
    clinic, doctor = cast.busy_doctor(rng, least=40)
    off = places.distance_km(clinic)
    shops = places.of(PlaceKind.PHARMACY)
    shops = shops[places.pooled[shops] & (off[shops] > 1.5) & (places.beside[shops] < 0)]
    pharmacy = int(rng.choice(shops[np.argsort(off[shops])[:12]]))
    seen = within(life, cast.settled_at(clinic), window(rng, world.days, 0.5))
    seen = seen[(life.doctor[seen] == doctor) & (life.time[seen] % DAY < 18 * 3600)]
    share = float(rng.uniform(0.45, 0.85))
    sent = seen[rng.random(len(seen)) < share]
    wanted = rng.choice(world.catalogue.resale, int(rng.integers(2, 6)), replace=False)
    linked = bool(rng.random() < 0.4)
    return Planted(
        draft=Draft(
            name="doctor_pharmacy",
            people=_NOBODY,
            places=(clinic, pharmacy),
            doctors=(doctor,),
            parameters={"share_sent": round(share, 2), "visits": len(seen), "linked": linked},
        ),
        events=make(
            len(sent),
            person=life.person[sent],
            place=pharmacy,
            time=life.time[sent] + rng.integers(480, 4_500, len(sent)),
            basket=Basket.PRESCRIPTION,
            doctor=doctor,
            drug=wanted[rng.integers(0, len(wanted), len(sent))],
        ),
        owner_name=(pharmacy, doctor) if linked else None,
    )


def licence_lending(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a doctor's number in use at a clinic where its owner is neither registered nor seen."""
    places = world.places
    home, doctor = cast.busy_doctor(rng, least=20 if rng.random() < 0.6 else 1)
    clinics = places.of(PlaceKind.CLINIC, PlaceKind.VILLAGE_CLINIC)
    off = places.distance_km(home)
    away = clinics[(places.town[clinics] != places.town[home]) & (off[clinics] > 5)]
    place = cast.clinic_of_its_own(rng, away if len(away) else clinics[clinics != home])
    span = window(rng, world.days, 0.5)
    share = float(rng.uniform(0.5, 0.9))
    there = within(life, cast.settled_at(place), span)
    there = there[life.doctor[there] >= 0]
    lent = there[rng.random(len(there)) < share]
    return Planted(
        draft=Draft(
            name="licence_lending",
            people=_NOBODY,
            places=(home, place),
            doctors=(doctor,),
            parameters={
                "share_signed": round(share, 2),
                "distance_km": round(float(off[place]), 1),
            },
        ),
        rewrites=(Rewrite(which=lent, column="doctor", values=doctor),),
    )
