"""The peers: what each is, where it comes from, and its eight settings.

The same number of settings for all is the same budget. Pairs of (by, window) are the two readings
of a meeting: within ten minutes at one place, within half an hour at one terminal.
``least_people``, the size from which a group counts, is common to all.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any

import pandas as pd

BUDGET = 8
Settings = dict[str, Any]
READINGS = (("place", 600), ("device", 1800))
SHORT = (("place", 600), ("device", 600))  # half-hours of a busy terminal explode in item sets
SIZES = (3, 6)  # a family is seldom larger than five: the first thing that an analyst would try


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A peer; ``source`` says whose code runs: a package, or ours after a paper."""

    name: str
    module: str
    source: str
    grid: tuple[Settings, ...]

    def prepare(self) -> None:
        """Import what the peer needs and let it compile what it compiles at first use."""
        module = importlib.import_module(f"benchmarks.peers.{self.module}")
        getattr(module, "warm", lambda: None)()

    def function(self) -> Callable[..., list[set[int]]]:
        """Return the function; importing it needs the peer's packages."""
        module = importlib.import_module(f"benchmarks.peers.{self.module}")
        found: Callable[..., list[set[int]]] = getattr(module, self.name)
        return found

    def find(self, visits: pd.DataFrame, settings: Settings) -> list[set[int]]:
        """Run the peer; groups of fewer than ``least_people`` are dropped, the order is kept."""
        least = settings["least_people"]
        own = {name: value for name, value in settings.items() if name != "least_people"}
        return [group for group in self.function()(visits, **own) if len(group) >= least]


def _grid(**choices: tuple[Any, ...]) -> tuple[Settings, ...]:
    """Return every combination; ``reading`` gives ``by`` and ``window``."""
    grid = []
    for values in product(*choices.values()):
        chosen = dict(zip(choices, values, strict=True))
        if "reading" in chosen:
            by, window = chosen.pop("reading")
            chosen = {"by": by, "window": window} | chosen
        grid.append(chosen)
    return tuple(grid)


PEERS = (
    Peer(
        name="components",
        module="linked",
        source="own: co-count and connected components",
        grid=_grid(reading=READINGS, least_days=(3, 5), least_people=SIZES),
    ),
    Peer(
        name="leiden",
        module="linked",
        source="own: co-count; package igraph: Leiden",
        grid=_grid(reading=READINGS, least_days=(3,), resolution=(1.0, 3.0), least_people=SIZES),
    ),
    Peer(
        name="hypergeometric",
        module="linked",
        source="own after Tumminello 2011, BH; package igraph: Leiden",
        grid=_grid(reading=READINGS, alpha=(0.01, 1e-4), resolution=(0.3,), least_people=SIZES),
    ),
    Peer(
        name="bicm_leiden",
        module="bipartite",
        source="package bicm: poisson, FDR; package igraph: Leiden",
        grid=_grid(reading=READINGS, alpha=(0.01, 1e-4), resolution=(0.3,), least_people=SIZES),
    ),
    Peer(
        name="fraudar",
        module="fraudar",
        source="re-implemented after Hooi 2016, binary edges",
        grid=_grid(reading=READINGS, blocks=(3, 10), least_people=SIZES),
    ),
    Peer(
        name="synchrotrap",
        module="synchrotrap",
        source="re-implemented after Cao 2014",
        grid=_grid(reading=READINGS, similarity=(0.1, 0.3), least_people=SIZES),
    ),
    Peer(
        name="copycatch",
        module="copycatch",
        source="re-implemented after Beutel 2013",
        grid=_grid(window=(600, 1800), least_columns=(3, 6), share=(0.5,), least_people=SIZES),
    ),
    Peer(
        name="item_sets",
        module="itemsets",
        source="package mlxtend: FP-max; joined as in patents",
        grid=_grid(reading=SHORT, support=(3, 5), overlap=(0.34,), least_people=SIZES),
    ),
    Peer(
        name="flasc",
        module="featured",
        source="re-implemented after He 2025; package pyflasc: FLASC",
        grid=_grid(
            quantile=(0.8, 0.9),
            high=(0.5, 0.9),
            least_cluster=(10,),
            least_days=(2,),
            least_people=SIZES,
        ),
    ),
    Peer(
        name="isolation_forest",
        module="featured",
        source="package scikit-learn",
        grid=_grid(contamination=(0.005, 0.01, 0.03, 0.06), least_days=(2,), least_people=SIZES),
    ),
)


def peer(name: str) -> Peer:
    """Return the peer of that name."""
    return next(each for each in PEERS if each.name == name)
