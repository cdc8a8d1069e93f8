"""Communities: planted groups are found, alike for every order, and always connected."""

import itertools

import networkx as nx
import numpy as np
import pytest

from detectors.communities import communities


def planted(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[set[int]]]:
    draw = np.random.default_rng(seed)
    groups = [set(range(20 * g, 20 * g + size)) for g, size in enumerate([4, 7, 12, 3])]
    edges = {
        pair
        for group in groups
        for pair in itertools.combinations(sorted(group), 2)
        if draw.random() < 0.9
    }
    noise = {tuple(sorted(draw.choice(90, 2, replace=False).tolist())) for _ in range(15)}
    lo, hi = np.array(sorted(edges | noise)).T
    return lo, hi, 3.0 + 2.0 * draw.random(len(lo)), groups


def found(lo, hi, weight, seed=1):
    return communities(lo, hi, weight, resolution=0.5, seeds=20, seed=seed, least=3)


@pytest.mark.parametrize("seed", range(4))
def test_planted_groups_are_found(seed: int) -> None:
    lo, hi, weight, groups = planted(seed)
    result = found(lo, hi, weight)
    sets = [set(result.person[result.group == g]) for g in range(len(result.stability))]
    for group in groups[1:3]:
        assert max(len(group & s) / len(group | s) for s in sets) >= 0.7
    # Four people are few enough that one chance link each may bring bystanders along.
    best = max(sets, key=lambda s: len(groups[0] & s))
    assert groups[0] <= best
    assert len(best - groups[0]) <= 2
    assert (result.stability <= 1.0).all()
    assert result.stability.max() > 0.9


def test_the_order_of_edges_does_not_matter() -> None:
    lo, hi, weight, _ = planted(2)
    shuffle = np.random.default_rng(9).permutation(len(lo))
    a, b = found(lo, hi, weight), found(lo[shuffle], hi[shuffle], weight[shuffle])
    assert (a.group == b.group).all()
    assert (a.person == b.person).all()
    assert (a.stability == b.stability).all()


def test_an_unrelated_clique_changes_nothing() -> None:
    lo, hi, weight, _ = planted(3)
    far = np.array(list(itertools.combinations(range(500, 505), 2)))
    more = found(
        np.concatenate([lo, far[:, 0]]),
        np.concatenate([hi, far[:, 1]]),
        np.concatenate([weight, np.full(len(far), 4.0)]),
    )
    few = found(lo, hi, weight)
    sets = {frozenset(more.person[more.group == g]) for g in range(len(more.stability))}
    old = {frozenset(few.person[few.group == g]) for g in range(len(few.stability))}
    assert sets - old == {frozenset(range(500, 505))}


def test_every_group_is_connected() -> None:
    for seed in range(4):
        lo, hi, weight, _ = planted(seed)
        graph = nx.Graph(zip(lo.tolist(), hi.tolist(), strict=True))
        result = found(lo, hi, weight)
        for g in range(len(result.stability)):
            assert nx.is_connected(graph.subgraph(result.person[result.group == g].tolist()))


def test_no_edges_no_groups() -> None:
    empty = np.empty(0, np.int64)
    result = found(empty, empty, np.empty(0))
    assert len(result.stability) == 0
