"""The visits that every peer is given, and the two ways in which visits of several people meet."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
from numpy.typing import NDArray

from detectors.columns import clean, columns, keep
from detectors.settings import DetectSettings
from detectors.visits import numbered
from detectors.visits import visits as visited
from ingest.workspace import Workspace

Ints = NDArray[np.int64]
LEAST_PEOPLE = 3  # a group of two is a pair; Ringfence's settings say the same
P = ParamSpec("P")
T = TypeVar("T")


def write_visits(workspace: Workspace, path: Path) -> list[str]:
    """Write the visits that Ringfence counts on; return the identifier of each person number.

    Columns: person, place, device (NULL where unknown), at (seconds), day, fee (yuan). Repeated
    settlements of a visit, refunds, stays and manual claims are already out, so that no peer loses
    for want of cleaning.
    """
    with columns(path.parent, DetectSettings()) as backend:
        settlements, persons, providers = (
            clean(backend, workspace, name) for name in ("settlements", "persons", "providers")
        )
        v = keep(backend, "visits", visited(settlements, persons, providers))
        s = settlements.filter(settlements.live & settlements.online)
        s = s.filter(s.visit_id == s.setl_id)
        s = s.join(numbered(persons, "psn_no", "person"), "psn_no")
        s = s.join(numbered(providers, "fixmedins_code", "place"), "fixmedins_code")
        s = s.mutate(at=s.setl_time.epoch_seconds().cast("int64"))
        fees = s.group_by(["person", "place", "at"]).aggregate(
            fee=s.medfee_sumamt.cast("float64").max()
        )
        v = v.left_join(fees, ["person", "place", "at"]).select(v, fee=fees.fee.fill_null(0.0))
        v = v.order_by(["person", "at", "place", "device"])
        pa.parquet.write_table(backend.to_pyarrow(v), path)
        names: list[str] = backend.to_pyarrow(persons.select("psn_no").order_by("psn_no"))[
            "psn_no"
        ].to_pylist()
    return names


def read_visits(path: Path) -> pd.DataFrame:
    """Read what :func:`write_visits` wrote."""
    return pd.read_parquet(path)


def remembered(function: Callable[P, T]) -> Callable[P, T]:
    """Keep the last result, so that settings that differ only later share the work before."""
    last: dict[str, Any] = {}

    @wraps(function)
    def again(*args: P.args, **settings: P.kwargs) -> T:
        asked = (tuple(map(id, args)), tuple(sorted(settings.items())))
        if last.get("asked") != asked:
            last.clear()
            last.update(result=function(*args, **settings), asked=asked, held=args)
        result: T = last["result"]
        return result

    return again


def scopes(visits: pd.DataFrame, by: str) -> Ints:
    """Return where two visits may meet: the place, or the terminal where it is known."""
    place = -1 - visits["place"].to_numpy().astype(np.int64)
    if by == "place":
        return place
    device = visits["device"].fillna(-1).to_numpy().astype(np.int64)
    return np.where(device >= 0, device, place)


@remembered
def met(visits: pd.DataFrame, *, by: str, window: int) -> pd.DataFrame:
    """Return lo < hi, days: how often two people were in one scope within ``window`` seconds."""
    scope = scopes(visits, by)
    at = visits["at"].to_numpy().astype(np.int64)
    order = np.lexsort((at, scope))
    scope, at = scope[order], at[order]
    person = visits["person"].to_numpy().astype(np.int64)[order]
    day = visits["day"].to_numpy().astype(np.int64)[order]
    found = [np.empty((0, 3), np.int64)]
    for step in range(1, len(at)):
        near = (scope[step:] == scope[:-step]) & (at[step:] - at[:-step] <= window)
        if not near.any():
            break
        a, b = person[:-step][near], person[step:][near]
        other = a != b
        a, b, when = a[other], b[other], day[:-step][near][other]
        found.append(np.column_stack([np.minimum(a, b), np.maximum(a, b), when]))
    pairs = pd.DataFrame(np.concatenate(found), columns=["lo", "hi", "day"]).drop_duplicates()
    return pairs.groupby(["lo", "hi"], as_index=False).size().rename(columns={"size": "days"})


@remembered
def sessions(visits: pd.DataFrame, *, by: str, window: int) -> pd.DataFrame:
    """Return person and session (numbered in key order), without repeats, in the order of time.

    A session is one slot of ``window`` seconds in one scope, with two people or more.
    """
    visits = visits.sort_values(["at", "person"])
    frame = pd.DataFrame(
        {
            "person": visits["person"].to_numpy().astype(np.int64),
            "scope": scopes(visits, by),
            "slot": visits["at"].to_numpy().astype(np.int64) // window,
        }
    ).drop_duplicates()
    shared = frame.groupby(["scope", "slot"])["person"].transform("size") > 1
    frame = frame[shared]
    number = frame.groupby(["scope", "slot"], sort=True).ngroup()
    return pd.DataFrame({"person": frame["person"], "session": number}).reset_index(drop=True)


def ranked(groups: list[set[int]], scores: list[float]) -> list[set[int]]:
    """Return the groups by score, the highest first; ties by size, then by their least member."""
    order = sorted(range(len(groups)), key=lambda g: (-scores[g], -len(groups[g]), min(groups[g])))
    return [groups[g] for g in order]


def united(groups: list[set[int]], scores: list[float], *, overlap: float) -> list[set[int]]:
    """Rank, then drop each group whose Jaccard index with a better one is ``overlap`` or more."""
    kept: list[set[int]] = []
    where: dict[int, list[int]] = {}
    for group in ranked(groups, scores):
        rivals = {number for person in group for number in where.get(person, ())}
        if any(len(group & kept[r]) >= overlap * len(group | kept[r]) for r in rivals):
            continue
        for person in group:
            where.setdefault(person, []).append(len(kept))
        kept.append(group)
    return kept
