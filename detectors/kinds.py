"""Kinds: what a ring is called that was found by its meetings alone."""

import numpy as np
from ibis.backends.duckdb import Backend
from numpy.typing import NDArray

from detectors.candidates import Groups
from detectors.facts import Facts

ONE_PLACE = 0.6  # share of joint sessions at the first place from which a pool is not rotating


def kinds(backend: Backend, facts: Facts, groups: Groups) -> NDArray[np.str_]:
    """Return the kind of each group: its detector's, or by how many places it meets at."""
    s = facts.sessions.group_by(["gid", "place"]).aggregate(n=facts.sessions.count())
    s = s.group_by("gid").aggregate(first=s.n.max().cast("float64") / s.n.sum())
    rows = backend.to_pyarrow(s.order_by("gid"))
    first = np.ones(len(groups))
    first[rows["gid"].to_numpy()] = rows["first"].to_numpy()
    pool = np.where(first >= ONE_PLACE, "card_pool", "card_pool_rotating")
    return np.where(groups.kind == "", pool, groups.kind)
