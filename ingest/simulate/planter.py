"""What plants a group, and how many rings of each kind there are to 60,000 insured in a year."""

from collections.abc import Callable
from types import ModuleType

import numpy as np

from ingest.simulate.cast import Cast
from ingest.simulate.events import Events
from ingest.simulate.plant import Planted
from ingest.simulate.world import World

Planter = Callable[[World, Cast, np.random.Generator, Events], Planted]
Planters = dict[str, tuple[Planter, float]]

# The order is that of the streams of chance: a new kind goes to the end.
RINGS_PER_60_000: dict[str, float] = {
    "card_pool": 8,
    "card_pool_rotating": 8,
    "induced_cohort": 3,
    "remote_credential": 3,
    "doctor_pharmacy": 4,
    "licence_lending": 3,
    "fake_inpatient": 3,
    "insider_reimbursement": 3,
    "trace_resale": 3,
    "swipe_refund": 2,
    "staff_number_misuse": 2,
    "owner_circle": 2,
}


def rings_by(*modules: ModuleType) -> Planters:
    """Return the planters of some modules, each a function named like the kind, with its number.

    Raises
    ------
    KeyError
        If none of the modules plants a kind.
    """
    found: dict[str, Planter] = {
        kind: getattr(module, kind)
        for module in modules
        for kind in RINGS_PER_60_000
        if hasattr(module, kind)
    }
    return {kind: (found[kind], number) for kind, number in RINGS_PER_60_000.items()}
