"""What is planted in the second county, and how many of each to 60,000 insured."""

from ingest.simulate.honest.practice import PRACTICE
from ingest.simulate.planter import Planters, rings_by
from ingest.simulate.second import (
    care,
    cohorts,
    homes,
    insiders,
    pools,
    prescriptions,
    resale,
    work,
)

HONEST: Planters = {
    "family": (homes.family, 80),
    "one_buys_for_another": (homes.one_buys_for_another, 24),
    "neighbours": (homes.neighbours, 24),
    "dance_group": (homes.dance_group, 6),
    "dormitory": (homes.dormitory, 6),
    "market_day": (homes.market_day, 8),
    "stock_up_day": (homes.stock_up_day, 4),
    "dialysis": (care.dialysis, 6),
    "infusion": (care.infusion, 6),
    "rehabilitation": (care.rehabilitation, 6),
    "methadone": (care.methadone, 3),
    "day_ward": (care.day_ward, 5),
    "tcm_clinic": (care.tcm_clinic, 6),
    "home_nurse": (care.home_nurse, 6),
    "nursing_home": (care.nursing_home, 6),
    "village_doctor": (care.village_doctor, 14),
    "chronic_day": (care.chronic_day, 8),
    "health_check": (care.health_check, 6),
    "vaccination_day": (care.vaccination_day, 5),
    "school": (work.school, 4),
    "works_clinic": (work.works_clinic, 5),
    "staff_clinic": (work.staff_clinic, 3),
    "border_pharmacy": (work.border_pharmacy, 3),
    "dual_channel_pharmacy": (work.dual_channel_pharmacy, 3),
    "village_agent": (work.village_agent, 4),
    "employer_files": (work.employer_files, 3),
    "lazy_scanning": (work.lazy_scanning, 3),
    "faulty_terminal": (work.faulty_terminal, 4),
    "shared_login": (work.shared_login, 4),
    **PRACTICE,
}

RINGS = rings_by(cohorts, insiders, pools, prescriptions, resale)
