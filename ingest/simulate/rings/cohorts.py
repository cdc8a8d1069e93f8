"""People brought in: vans to the same doctors, and admissions in name only."""

import numpy as np

from ingest.simulate import clock
from ingest.simulate.cast import Cast, pick, where
from ingest.simulate.catalogue import Basket
from ingest.simulate.clock import DAY
from ingest.simulate.events import Events, concat, make
from ingest.simulate.places import PlaceKind
from ingest.simulate.plant import Draft, Planted
from ingest.simulate.sessions import attendance, rhythm, starts, swipe, window
from ingest.simulate.world import World


def induced_cohort(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant teams of three to seven who come to one clinic's doctors on a fixed cycle by van."""
    del life
    place = int(cast.place(rng, PlaceKind.CLINIC, PlaceKind.HOSPITAL, most_size=4.0)[0])
    at = where(world.places, place)
    villages = np.hypot(world.towns.x - at[0], world.towns.y - at[1])
    far = np.flatnonzero((villages > 6) & (villages < 45))
    far = far if len(far) else np.arange(len(villages))
    period = float(pick(rng, (7, 12, 12, 24)))
    span = window(rng, world.days, 0.5)
    doctors = rng.permutation(world.places.doctors(place))[: int(rng.integers(1, 4))]
    share = float(rng.uniform(0.6, 0.95))
    parts, members = [], []
    for _ in range(int(rng.integers(3, 8))):
        team = cast.strangers(
            rng, int(rng.integers(3, 8)), village=int(rng.choice(far)), least_age=45
        )
        if len(team) < 3:
            continue
        lag = int(rng.integers(0, int(period)))
        day = rhythm(rng, (span[0] + lag, span[1] + lag), period=period, jitter=0.8)
        day = clock.next_open(day, world.places.closed_weekday[place])
        start = starts(
            rng, day, opens=8.1, closes=16.0, hour=float(rng.uniform(8.6, 11)), spread=0.6
        )
        present = attendance(rng, len(day), len(team), share)
        swipes = swipe(rng, start, present, gap=(60, 480), disorder=0.5)
        parts.append(
            make(
                len(swipes),
                person=team[swipes.member],
                place=place,
                time=swipes.time,
                basket=Basket.COHORT,
                doctor=doctors[rng.integers(0, len(doctors), len(swipes))],
            )
        )
        members.append(team)
    return Planted(
        draft=Draft(
            name="induced_cohort",
            people=np.concatenate([np.zeros(0, np.int64), *members]),
            places=(place,),
            doctors=tuple(sorted(int(d) for d in doctors)),
            parameters={
                "period_days": period,
                "teams": len(members),
                "attendance": round(share, 2),
            },
        ),
        events=concat([make(0), *parts]),
        keep=float(rng.choice([0.6, 1.0])),
    )


def fake_inpatient(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant people admitted together again and again, in and out on the same days."""
    del life
    place = int(cast.place(rng, PlaceKind.HOSPITAL, most_size=6.0)[0])
    village = int(rng.integers(0, len(world.towns.village_town)))
    count = int(rng.integers(6, 26))
    people = cast.strangers(rng, count, village=village, least_age=40)
    if len(people) < count:
        more = cast.strangers(
            rng, count - len(people), near=where(world.places, place), least_age=40
        )
        people = np.concatenate([people, more])
    period = float(rng.uniform(24, 55))
    nights = int(rng.integers(4, 11))
    day = rhythm(rng, (nights + 2, world.days), period=period, jitter=4, least=3)
    share = float(rng.uniform(0.6, 0.95))
    present = attendance(rng, len(day), len(people), share)
    start = starts(rng, day, opens=9.0, closes=15.0, hour=10.0, spread=1.0)
    swipes = swipe(rng, start, present, gap=(60, 600), disorder=0.4)
    slack = (rng.random(len(swipes)) < 0.15) * rng.choice([-1, 1], len(swipes))
    doctors = rng.permutation(world.places.doctors(place))[: int(rng.integers(1, 3))]
    beds = rng.choice(240, max(2, len(people) // 2), replace=False)
    events = make(
        len(swipes),
        person=people[swipes.member],
        place=place,
        time=swipes.time,
        basket=Basket.LIGHT_STAY,
        stay=nights + 1 + slack,
        bed=beds[swipes.member % len(beds)],
        doctor=doctors[swipes.member % len(doctors)],
    )
    return Planted(
        draft=Draft(
            name="fake_inpatient",
            people=people,
            places=(place,),
            doctors=tuple(sorted(int(d) for d in doctors)),
            parameters={
                "nights": nights,
                "admissions": len(day),
                "period_days": round(period, 1),
                "attendance": round(share, 2),
                "last_day": int(events.time.max(initial=0) // DAY),
            },
        ),
        events=events,
    )
