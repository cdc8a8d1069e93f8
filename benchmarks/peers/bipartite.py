"""The `bicm` package: projection validated against the bipartite configuration model.

Saracco, Straka, Di Clemente, Gabrielli, Caldarelli & Squartini 2017, doi:10.1088/1367-2630/aa6b38.
Rows are people, columns are sessions. The Poisson option is the one that returns the right tail.
Its cost is pairs × columns in a Python loop, so people who cannot reach ``least_sessions`` shared
sessions are left out first; the package itself would validate few of them.
"""

import numpy as np
import pandas as pd
from bicm import BipartiteGraph
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix

from benchmarks.peers.frame import remembered, sessions
from benchmarks.peers.linked import clustered, scored

LEAST_SESSIONS = 3
MOST_CELLS = 20_000_000  # a dense matrix of 160 MB


def bicm_leiden(
    visits: pd.DataFrame, *, by: str, window: int, alpha: float, resolution: float
) -> list[set[int]]:
    """Link pairs that `bicm` validates at FDR ``alpha``; a group is a Leiden community.

    Score: mean −log10 p of a member with all others of the group.
    """
    lo, hi, p = validated(visits, by=by, window=window, alpha=alpha)
    surprise = -np.log10(np.maximum(p, 1e-300))
    return scored(clustered(lo, hi, np.ones(len(lo)), resolution), lo, hi, surprise)


def warm() -> None:
    """Project a small graph, so that what numba compiles at first use is not timed."""
    rng = np.random.default_rng(1)
    _graph(coo_matrix(rng.random((30, 20)) < 0.3).astype(np.int64).tocsr())


def validated(
    visits: pd.DataFrame, *, by: str, window: int, alpha: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return lo, hi and p of the validated pairs of the rows projection."""
    people, graph = _projected(visits, by=by, window=window)
    # The package validates at another level from the p-values it keeps.
    kept = graph._projection_from_pvals(alpha=alpha, validation_method="fdr")
    rows = [(a, b, graph.rows_pvals[a][b]) for a, others in kept.items() for b in others]
    table = np.array(rows, dtype=float).reshape(-1, 3)
    order = np.lexsort((table[:, 1], table[:, 0]))
    table = table[order]
    return people[table[:, 0].astype(int)], people[table[:, 1].astype(int)], table[:, 2]


@remembered
def _projected(
    visits: pd.DataFrame, *, by: str, window: int
) -> tuple[NDArray[np.int64], BipartiteGraph]:
    held = sessions(visits, by=by, window=window)
    often = held.groupby("person")["session"].transform("size") >= LEAST_SESSIONS
    held = held[often]
    held = held[held.groupby("session")["person"].transform("size") > 1]
    people, row = np.unique(held["person"].to_numpy(), return_inverse=True)
    column = np.unique(held["session"].to_numpy(), return_inverse=True)[1]
    table = coo_matrix((np.ones(len(row), np.int64), (row, column)))
    return people.astype(np.int64), _graph(table.tocsr())


def _graph(table: csr_matrix) -> BipartiteGraph:
    """Solve and project; the light mode holds no dense matrix, the full one knows full rows."""
    graph = BipartiteGraph()
    graph.set_biadjacency_matrix(table)
    large = table.shape[0] * table.shape[1] > MOST_CELLS
    graph.solve_tool(light_mode=large, print_error=False)
    graph.compute_projection(
        rows=True, alpha=0.05, approx_method="poisson", threads_num=1, progress_bar=False
    )
    return graph
