"""Planted rings, one file for each family of kinds."""

from collections.abc import Callable

import numpy as np

from ingest.simulate.cast import Cast
from ingest.simulate.events import Events
from ingest.simulate.plant import Planted
from ingest.simulate.rings.cohorts import fake_inpatient, induced_cohort
from ingest.simulate.rings.insiders import (
    insider_reimbursement,
    owner_circle,
    staff_number_misuse,
)
from ingest.simulate.rings.pools import card_pool, card_pool_rotating
from ingest.simulate.rings.prescriptions import doctor_pharmacy, licence_lending
from ingest.simulate.rings.resale import remote_credential, swipe_refund, trace_resale
from ingest.simulate.world import World

Planter = Callable[[World, Cast, np.random.Generator, Events], Planted]

PER_60_000: dict[str, tuple[Planter, float]] = {
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
