"""Plant every group of a county: the honest ones, then the rings, then who is in two rings."""

import numpy as np

from ingest.progress import Progress
from ingest.simulate.bend import bend, join_pools
from ingest.simulate.cast import Cast
from ingest.simulate.events import Events
from ingest.simulate.generators import Generator
from ingest.simulate.mechanisms import Mechanisms
from ingest.simulate.plant import Planted
from ingest.simulate.world import World, stream

_HONEST_STREAM, _RING_STREAM = 1_000, 1_000_000
_BEND_STREAM, _BROKER_STREAM = 3_000_000, 4_000_000
_FAMILIES = ("family", "one_buys_for_another")


def plant(
    world: World,
    life: Events,
    generator: Generator,
    *,
    rings: bool,
    mechanisms: Mechanisms,
    progress: Progress,
) -> list[Planted]:
    """Plant honest groups, then rings; without rings the honest ones are the same."""
    cast = Cast(world, life)
    scale = len(world.people) / 60_000
    todo = [
        (planter, max(1, round(number * scale)), _HONEST_STREAM + kind * 10_000)
        for kind, (planter, number) in enumerate(generator.honest.values())
    ]
    honest = len(todo)
    if rings:
        todo += [
            (
                planter,
                max(1, round(number * scale * world.days / 365)),
                _RING_STREAM + kind * 10_000,
            )
            for kind, (planter, number) in enumerate(generator.rings.values())
        ]
    total, tried = sum(count for _, count, _ in todo), 0
    planted: list[Planted] = []
    for position, (planter, count, first) in enumerate(todo):
        if position == honest:
            cast.release_places()
            cast.resize(mechanisms.size)
            cast.lend(_families(planted))
        for i in range(count):
            group = planter(world, cast, stream(world.seed, first + i), life)
            if position >= honest and mechanisms.bends:
                drawn = stream(world.seed, _BEND_STREAM + position * 10_000 + i)
                group = bend(world, cast, drawn, group, mechanisms)
            draft = group.draft
            if len(draft.people) or draft.doctors or draft.places or draft.staff:
                planted.append(group)
            tried += 1
            progress("simulate_groups", tried, total)
    if rings and mechanisms.brokers:
        drawn = stream(world.seed, _BROKER_STREAM)
        planted = join_pools(world, cast, drawn, planted, mechanisms.brokers)
    return planted


def _families(planted: list[Planted]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    people = [group.draft.people for group in planted if group.draft.name in _FAMILIES]
    return np.concatenate([np.zeros(0, np.int64), *people])
