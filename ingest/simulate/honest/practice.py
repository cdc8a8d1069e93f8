"""Work that concentrates honestly: hubs, lawful second sites, desks with one person."""

import numpy as np
from numpy.typing import NDArray

from ingest.simulate import clock
from ingest.simulate.cast import Cast
from ingest.simulate.catalogue import Basket
from ingest.simulate.clock import DAY
from ingest.simulate.events import Events
from ingest.simulate.places import PlaceKind
from ingest.simulate.plant import Draft, Planted, Rewrite
from ingest.simulate.planter import Planters
from ingest.simulate.world import World

Ints = NDArray[np.int64]
_NOBODY = np.zeros(0, np.int64)


def busy_pharmacy(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Name a pharmacy beside a hospital: its prescriptions concentrate, and nobody arranged it."""
    beside = world.places.beside
    place = cast.hub(rng, np.flatnonzero(beside >= 0), "busy_pharmacy")
    places = () if place < 0 else (place, int(beside[place]))
    del life
    visits = len(cast.settled_at(place)) if place >= 0 else 0
    return Planted(
        draft=Draft(
            name="busy_pharmacy", people=_NOBODY, places=places, parameters={"visits": visits}
        )
    )


def kiosk(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Name a hospital with a self-service terminal that everybody uses."""
    places = world.places
    with_kiosk = np.flatnonzero(places.kiosk[places.device_first[1:] - 1] & ~places.far)
    return _hub(cast.hub(rng, with_kiosk, "kiosk"), "kiosk", cast, life)


def registration_hall(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Name a hospital whose registration hall sees hundreds within minutes."""
    hospitals = world.places.of(PlaceKind.HOSPITAL)
    return _hub(cast.hub(rng, hospitals, "registration_hall"), "registration_hall", cast, life)


def multi_site_doctor(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant a doctor registered at two sites, at each on other weekdays."""
    places = world.places
    home, doctor = cast.busy_doctor(rng, least=20)
    off = places.distance_km(home)
    clinics = places.of(PlaceKind.CLINIC, PlaceKind.VILLAGE_CLINIC)
    clinics = clinics[clinics != home]
    clinics = clinics[np.argsort(off[clinics], kind="stable")[:20]]
    place = cast.clinic_of_its_own(rng, clinics)
    weekdays = rng.permutation(6)[: int(rng.integers(1, 4))]
    at_site, at_home = cast.settled_at(place), cast.settled_at(home)
    at_site = at_site[_on(life, at_site, weekdays) & (life.doctor[at_site] >= 0)]
    at_site = at_site[rng.random(len(at_site)) < rng.uniform(0.5, 0.9)]
    missed = at_home[_on(life, at_home, weekdays) & (life.doctor[at_home] == doctor)]
    colleagues = np.setdiff1d(places.doctors(home), [doctor])
    instead = rng.choice(colleagues, len(missed)) if len(colleagues) else np.full(len(missed), -2)
    return Planted(
        draft=Draft(
            name="multi_site_doctor",
            people=_NOBODY,
            places=(home, place),
            doctors=(doctor,),
            parameters={"weekdays": len(weekdays), "visits": len(at_site)},
        ),
        rewrites=(
            Rewrite(which=at_site, column="doctor", values=doctor),
            Rewrite(which=missed, column="doctor", values=instead),
        ),
        registrations=((doctor, place),),
    )


def supervising_signature(
    world: World, cast: Cast, rng: np.random.Generator, life: Events
) -> Planted:
    """Plant a head doctor whose number signs at a second registered site, whoever is there."""
    places = world.places
    home, doctor = cast.busy_doctor(rng, least=20)
    off = places.distance_km(home)
    clinics = places.of(PlaceKind.CLINIC, PlaceKind.VILLAGE_CLINIC)
    clinics = clinics[clinics != home]
    place = cast.clinic_of_its_own(rng, clinics[np.argsort(off[clinics], kind="stable")[:20]])
    there = cast.settled_at(place)
    there = there[life.doctor[there] >= 0]
    signed = there[rng.random(len(there)) < rng.uniform(0.25, 0.6)]
    return Planted(
        draft=Draft(
            name="supervising_signature",
            people=_NOBODY,
            places=(home, place),
            doctors=(doctor,),
            parameters={"visits": len(signed)},
        ),
        rewrites=(Rewrite(which=signed, column="doctor", values=doctor),),
        registrations=((doctor, place),),
    )


def specialist_desk(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Name the desk that takes every claim from outside the area."""
    del life
    desks = world.staff.agency_first + np.arange(world.staff.offices) * 6
    desk = cast.hub(rng, desks, "specialist_desk")
    return Planted(
        draft=Draft(name="specialist_desk", people=_NOBODY, staff=() if desk < 0 else (desk,))
    )


def small_office(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Name an office with a single reviewer."""
    del life
    offices = np.arange(1, world.staff.offices, 2)
    office = cast.hub(rng, offices, "small_office")
    staff = () if office < 0 else (int(world.staff.reviewers(office)[0]),)
    return Planted(draft=Draft(name="small_office", people=_NOBODY, staff=staff))


def _on(life: Events, which: Ints, weekdays: Ints) -> NDArray[np.bool_]:
    return np.isin(clock.weekday(life.time[which] // DAY), weekdays)


def _hub(place: int, name: str, cast: Cast, life: Events) -> Planted:
    here = cast.settled_at(place) if place >= 0 else _NOBODY
    registered = int((life.basket[here] == Basket.REGISTRATION).sum())
    return Planted(
        draft=Draft(
            name=name,
            people=_NOBODY,
            places=() if place < 0 else (place,),
            parameters={"visits": len(here), "registrations": registered},
        )
    )


# Who works like this in every county, however the rest of it is invented.
PRACTICE: Planters = {
    "busy_pharmacy": (busy_pharmacy, 4),
    "kiosk": (kiosk, 3),
    "registration_hall": (registration_hall, 3),
    "multi_site_doctor": (multi_site_doctor, 5),
    "supervising_signature": (supervising_signature, 3),
    "specialist_desk": (specialist_desk, 4),
    "small_office": (small_office, 3),
}
