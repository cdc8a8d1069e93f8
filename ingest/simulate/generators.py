"""The generators: each a world, its ordinary life and claims, its honest groups and rings."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ingest.simulate import honest, rings, second
from ingest.simulate.claims import ordinary_claims
from ingest.simulate.events import Events
from ingest.simulate.mechanisms import Style
from ingest.simulate.ordinary import ordinary_life
from ingest.simulate.plant import Claims
from ingest.simulate.planter import Planters
from ingest.simulate.world import World, build_world


class Founder(Protocol):
    """Founds a county of a size from a seed."""

    def __call__(self, *, persons: int, days: int, seed: int) -> World:
        """Return the county before anybody falls ill."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Generator:
    """One way to invent a county; planters with how many groups each 60,000 insured have."""

    world: Founder
    life: Callable[[World, np.random.Generator], Events]
    claims: Callable[[World, np.random.Generator], tuple[Events, Claims]]
    honest: Planters
    rings: Planters


GENERATORS: dict[Style, Generator] = {
    "first": Generator(
        world=build_world,
        life=ordinary_life,
        claims=ordinary_claims,
        honest=honest.PER_60_000,
        rings=rings.PER_60_000,
    ),
    "second": Generator(
        world=second.build_world,
        life=second.ordinary_life,
        claims=second.ordinary_claims,
        honest=second.HONEST,
        rings=second.RINGS,
    ),
}
