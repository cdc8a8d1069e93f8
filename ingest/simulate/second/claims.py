"""Another way of manual reimbursement: more claims, any desk, relatives and employers file too."""

import numpy as np
from numpy.typing import NDArray

from ingest.simulate.claims import (
    claim_events,
    claim_places,
    desks,
    housemate,
    office_hours,
    office_of,
    village_elder,
)
from ingest.simulate.clock import DAY
from ingest.simulate.events import Events
from ingest.simulate.plant import Claims
from ingest.simulate.world import World

Ints = NDArray[np.int64]

CLAIMS_PER_YEAR = 0.028


def ordinary_claims(world: World, rng: np.random.Generator) -> tuple[Events, Claims]:
    """Return honest manual claims; an office's first desk takes two in five, whatever they are."""
    people = world.people
    n = int(rng.poisson(len(people) * CLAIMS_PER_YEAR * world.days / 365))
    person = rng.choice(np.flatnonzero(people.age > 0.5), n)
    reason = rng.choice([1, 2, 3, 4, 5, 7], n, p=[0.3, 0.1, 0.28, 0.1, 0.12, 0.1])
    registered = office_hours(world, rng, n) + rng.integers(-1_800, 1_800, n)
    kin = rng.random(n) < 0.3
    payee = np.where(kin, housemate(world, rng, person), person)
    helped = rng.random(n)
    agent = np.where(helped < 0.4, housemate(world, rng, person), -1)
    agent = np.where(helped > 0.92, village_elder(world)[people.village[person]], agent)
    handlers, reviewers = desks(world)
    office = office_of(world, person)
    desk = np.where(rng.random(n) < 0.4, 0, rng.integers(0, handlers.shape[1], n))
    second = np.where(office % 3 == 0, 0, rng.integers(0, 2, n))
    fee = np.clip(rng.lognormal(7.4, 1.05, n), 60, 80_000)
    claims = Claims(
        reason=reason,
        invoice=rng.integers(10**9, 10**10, n),
        registrar=handlers[office, desk],
        reviewer=reviewers[office, second],
        account=payee,
        payee=payee,
        agent=agent,
        agent_phone=np.where(agent >= 0, people.phone[np.maximum(agent, 0)], -1),
        registered=registered,
        reviewed=looked_at(world, rng, registered, 6.0),
    )
    return claim_events(person, claim_places(world, rng, reason), claims, fee), claims


def looked_at(world: World, rng: np.random.Generator, registered: Ints, days: float) -> Ints:
    """Return when each claim was reviewed: after so many days on average, inside the time."""
    wait = (rng.gamma(2.0, days / 2, len(registered)) * DAY).astype(np.int64) + 600
    reviewed: Ints = np.minimum(registered + wait, world.days * DAY - 7 * 3_600)
    return reviewed
