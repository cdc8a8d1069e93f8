"""Honest groups that move together: the controls every ring is measured against."""

from collections.abc import Callable

import numpy as np

from ingest.simulate.cast import Cast
from ingest.simulate.events import Events
from ingest.simulate.honest.households import family, neighbours, one_buys_for_another
from ingest.simulate.honest.institutions import nursing_home, school, works_clinic
from ingest.simulate.honest.one_day import health_check, vaccination_day
from ingest.simulate.honest.practice import (
    busy_pharmacy,
    kiosk,
    multi_site_doctor,
    registration_hall,
    small_office,
    specialist_desk,
    supervising_signature,
)
from ingest.simulate.honest.treatments import dialysis, infusion, methadone, rehabilitation
from ingest.simulate.honest.village import chronic_day, village_doctor
from ingest.simulate.plant import Planted
from ingest.simulate.world import World

Planter = Callable[[World, Cast, np.random.Generator, Events], Planted]

PER_60_000: dict[str, tuple[Planter, float]] = {
    "family": (family, 96),
    "one_buys_for_another": (one_buys_for_another, 20),
    "neighbours": (neighbours, 24),
    "dialysis": (dialysis, 6),
    "infusion": (infusion, 6),
    "rehabilitation": (rehabilitation, 6),
    "methadone": (methadone, 4),
    "chronic_day": (chronic_day, 12),
    "village_doctor": (village_doctor, 16),
    "nursing_home": (nursing_home, 6),
    "school": (school, 4),
    "works_clinic": (works_clinic, 5),
    "health_check": (health_check, 8),
    "vaccination_day": (vaccination_day, 5),
    "busy_pharmacy": (busy_pharmacy, 4),
    "kiosk": (kiosk, 3),
    "registration_hall": (registration_hall, 3),
    "multi_site_doctor": (multi_site_doctor, 5),
    "supervising_signature": (supervising_signature, 3),
    "specialist_desk": (specialist_desk, 4),
    "small_office": (small_office, 3),
}
