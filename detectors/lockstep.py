"""Groups that move together: linked pairs, communities, null worlds, then growth."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
from ibis.backends.duckdb import Backend

from detectors.candidates import Candidates, Context
from detectors.chance import group_p_values
from detectors.communities import Communities, communities
from detectors.null import dealt, deck
from detectors.sessions import grown
from detectors.settings import DetectSettings
from detectors.visits import scoped
from detectors.world import Floats, Ground, Ints, Pairs, pairs_beyond

Links = Callable[[Pairs, DetectSettings], Pairs]
Grouping = Callable[[Pairs, DetectSettings], Communities]


def lockstep(context: Context, links: Links, grouping: Grouping | None = None) -> Candidates:
    """Return the groups that a way of linking pairs finds, each with its p-value, then grown.

    ``grouping`` makes groups of linked pairs, by default consensus communities. The p-value is that
    of the group before it grows: null worlds run the same links, grouping and statistic.
    """
    grouped = grouping or linked_communities
    settings = context.settings
    pairs = links(context.pairs, settings)
    found = grouped(pairs, settings)
    observed = statistic(pairs, found)
    null = []
    for world in context.null_pairs:
        dealt = links(world, settings)
        null.append(statistic(dealt, grouped(dealt, settings)))
    members = pa.table({"gid": found.group, "person": found.person.astype(np.int32)})
    if len(observed):
        ground = context.ground
        table = context.backend.create_table("lockstep_members", members, overwrite=True)
        members = grown(
            context.backend, table, ground.scoped, ground.habits, ground.rates, settings
        )
    return Candidates(
        gid=members["gid"].to_numpy(),
        person=members["person"].to_numpy().astype(np.int64),
        stability=found.stability,
        statistic=observed,
        p_value=group_p_values(observed, null),
    )


def statistic(pairs: Pairs, found: Communities) -> Floats:
    """Return how far each group exceeds chance, in nats for each member.

    The log-likelihood ratio of the days its linked pairs met against their expectation,
    Σ n ln(n/λ) − (n − λ), divided by the members: a larger group needs more of it.
    """
    count = len(found.stability)
    inside = _group_of(pairs.lo, found.person, found.group)
    same = (inside >= 0) & (inside == _group_of(pairs.hi, found.person, found.group))
    n = pairs.days[same].astype(np.float64)
    rate = np.maximum(pairs.expected[same], 1e-9)
    ratio = np.bincount(inside[same], n * np.log(n / rate) - (n - rate), minlength=count)
    return ratio / np.maximum(np.bincount(found.group, minlength=count), 1)


def null_pairs(
    backend: Backend,
    ground: Ground,
    settings: DetectSettings,
    tell: Callable[[int, int], None],
) -> tuple[Pairs, ...]:
    """Return the pairs with support of each null world, for every detector that counts pairs.

    One world costs one shuffle and one count of pairs.
    """
    w = ground.windows
    sparse = backend.to_pyarrow(w.filter(w.day_precision & (w.window > 0)).select("place"))
    cards = deck(
        backend.to_pyarrow(ground.visits.order_by(["person", "at", "place"])),
        sparse["place"].to_numpy(),
        stratified=settings.stratified,
    )
    worlds = settings.resamples
    if worlds is None:
        worlds = int(np.clip(2_000_000 // max(1, cards.visits.num_rows), 2, 10))
    kept = []
    for world in range(worlds):
        tell(world, worlds)
        moved = dealt(cards, seed=settings.seed * 1_000 + world)
        moved = backend.create_table("null_visits", moved, overwrite=True)
        able = scoped(moved, ground.windows, stratified=settings.stratified)
        able = backend.create_table("null_scoped", able, overwrite=True)
        kept.append(pairs_beyond(backend, ground, able, settings))
    tell(worlds, worlds)
    return tuple(kept)


def weight(pairs: Pairs) -> Floats:
    """Return the weight of each pair in bits: days met against days expected."""
    return np.asarray(np.log2((pairs.days + 0.5) / (pairs.expected + 0.5)), np.float64)


def linked_communities(pairs: Pairs, settings: DetectSettings) -> Communities:
    """Return the consensus communities of linked pairs."""
    return communities(
        pairs.lo,
        pairs.hi,
        weight(pairs),
        resolution=settings.resolution,
        seeds=settings.leiden_seeds,
        seed=settings.seed,
        least=settings.least_people,
    )


def _group_of(person: Ints, member: Ints, group: Ints) -> Ints:
    """Return the group of each person, −1 for none; consensus groups do not overlap."""
    if not len(member):
        return np.full(len(person), -1, np.int64)
    order = np.argsort(member)
    place = np.minimum(np.searchsorted(member[order], person), len(member) - 1)
    return np.where(member[order][place] == person, group[order][place], -1)
