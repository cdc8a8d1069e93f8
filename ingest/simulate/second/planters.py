"""What is planted in the second county, and how many of each to 60,000 insured."""

from collections.abc import Callable

import numpy as np

from ingest.simulate.cast import Cast
from ingest.simulate.events import Events
from ingest.simulate.honest.practice import (
    busy_pharmacy,
    kiosk,
    multi_site_doctor,
    registration_hall,
    small_office,
    specialist_desk,
    supervising_signature,
)
from ingest.simulate.plant import Planted
from ingest.simulate.second import care, homes, work
from ingest.simulate.second.cohorts import fake_inpatient, induced_cohort
from ingest.simulate.second.insiders import (
    insider_reimbursement,
    owner_circle,
    staff_number_misuse,
)
from ingest.simulate.second.pools import card_pool, card_pool_rotating
from ingest.simulate.second.prescriptions import doctor_pharmacy, licence_lending
from ingest.simulate.second.resale import remote_credential, swipe_refund, trace_resale
from ingest.simulate.world import World

Planter = Callable[[World, Cast, np.random.Generator, Events], Planted]

HONEST: dict[str, tuple[Planter, float]] = {
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
    "busy_pharmacy": (busy_pharmacy, 4),
    "kiosk": (kiosk, 3),
    "registration_hall": (registration_hall, 3),
    "multi_site_doctor": (multi_site_doctor, 5),
    "supervising_signature": (supervising_signature, 3),
    "specialist_desk": (specialist_desk, 4),
    "small_office": (small_office, 3),
}

RINGS: dict[str, tuple[Planter, float]] = {
    "card_pool": (card_pool, 8),
    "card_pool_rotating": (card_pool_rotating, 8),
    "induced_cohort": (induced_cohort, 3),
    "remote_credential": (remote_credential, 3),
    "doctor_pharmacy": (doctor_pharmacy, 4),
    "licence_lending": (licence_lending, 3),
    "fake_inpatient": (fake_inpatient, 3),
    "insider_reimbursement": (insider_reimbursement, 3),
    "trace_resale": (trace_resale, 3),
    "swipe_refund": (swipe_refund, 2),
    "staff_number_misuse": (staff_number_misuse, 2),
    "owner_circle": (owner_circle, 2),
}
