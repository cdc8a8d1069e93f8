"""Honest groups that move together: the controls every ring is measured against."""

from ingest.simulate.honest.households import family, neighbours, one_buys_for_another
from ingest.simulate.honest.institutions import nursing_home, school, works_clinic
from ingest.simulate.honest.one_day import health_check, vaccination_day
from ingest.simulate.honest.practice import PRACTICE
from ingest.simulate.honest.treatments import dialysis, infusion, methadone, rehabilitation
from ingest.simulate.honest.village import chronic_day, village_doctor
from ingest.simulate.planter import Planters

PER_60_000: Planters = {
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
    **PRACTICE,
}
