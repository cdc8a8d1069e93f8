"""CopyCatch re-implemented: temporally near-bipartite cores grown from seeds.

Beutel, Xu, Guruswami, Palow & Faloutsos 2013, doi:10.1145/2488388.2488400: find n users and m
columns so that each user is in at least ρ of the columns within Δt of the column's centre; from a
seed, alternate between the centre of each column, the columns and the users until nothing changes.
A page there is liked once; here a column is one place on one day, with the first visit of each
person. Departure: columns are added while they fit, where the paper holds their number at m.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.peers.frame import LEAST_PEOPLE, Ints, united

ROUNDS = 8
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    """Visits by column and by person: where each begins, who or which, when."""

    start: Ints
    person: Ints
    at: Floats
    first: Ints
    column: Ints
    when: Floats


def copycatch(
    visits: pd.DataFrame, *, window: int, least_columns: int, share: float
) -> list[set[int]]:
    """Return the cores with ``LEAST_PEOPLE`` people or more; score: people × columns."""
    table = _columns(visits)
    degree = np.diff(table.first)
    groups: list[set[int]] = []
    scores: list[float] = []
    seen: set[int] = set()
    for seed in np.flatnonzero(degree >= least_columns).tolist():
        if seed in seen:
            continue
        people, columns = _grown(table, seed, window, least_columns, share)
        if len(people) >= LEAST_PEOPLE and len(columns) >= least_columns:
            groups.append(set(people.tolist()))
            scores.append(float(len(people) * len(columns)))
            seen.update(groups[-1])
    return united(groups, scores, overlap=0.5)


def _columns(visits: pd.DataFrame) -> _Columns:
    frame = visits.groupby(["place", "day", "person"], as_index=False)["at"].min()
    frame = frame[frame.groupby(["place", "day"])["person"].transform("size") > 1]
    column = frame.groupby(["place", "day"], sort=True).ngroup().to_numpy().astype(np.int64)
    person = frame["person"].to_numpy().astype(np.int64)
    at = frame["at"].to_numpy().astype(np.float64)
    by_column, by_person = np.lexsort((person, column)), np.lexsort((column, person))
    return _Columns(
        start=np.searchsorted(column[by_column], np.arange(column.max(initial=-1) + 2)),
        person=person[by_column],
        at=at[by_column],
        first=np.searchsorted(person[by_person], np.arange(person.max(initial=-1) + 2)),
        column=column[by_person],
        when=at[by_person],
    )


def _grown(table: _Columns, seed: int, window: int, least: int, share: float) -> tuple[Ints, Ints]:
    """Alternate from one seed; return people and columns, both empty if the seed is alone."""
    own = slice(table.first[seed], table.first[seed + 1])
    columns, centres = table.column[own], table.when[own]
    _, which = _present(table, columns, centres, window)
    company = np.bincount(which, minlength=len(columns))
    top = np.sort(np.lexsort((columns, -company))[:least])
    if (company[top] < 2).any():
        return np.empty(0, np.int64), np.empty(0, np.int64)
    columns, centres = columns[top], centres[top]
    people = _users(table, columns, centres, window, share)
    for _ in range(ROUNDS):
        if len(people) < LEAST_PEOPLE:
            break
        columns, centres = _fitting(table, people, window, least, share)
        if len(columns) < least:
            break
        again = _users(table, columns, centres, window, share)
        if np.array_equal(again, people):
            break
        people = again
    return people, columns


def _users(table: _Columns, columns: Ints, centres: Floats, window: int, share: float) -> Ints:
    """Return who is in at least ``share`` of the columns near their centres."""
    person, _ = _present(table, columns, centres, window)
    people, count = np.unique(person, return_counts=True)
    return people[count >= share * len(columns)]


def _fitting(
    table: _Columns, people: Ints, window: int, least: int, share: float
) -> tuple[Ints, Floats]:
    """Return the columns in which at least ``share`` of the people meet; else the ``least`` best.

    The centre is the middle time of those people there.
    """
    rows = _slices(table.first[people], table.first[people + 1])
    column, when = table.column[rows], table.when[rows]
    order = np.lexsort((when, column))
    column, when = column[order], when[order]
    found, start, count = np.unique(column, return_index=True, return_counts=True)
    centre = when[start + count // 2]
    near = np.abs(when - np.repeat(centre, count)) <= window
    inside = np.add.reduceat(near.astype(np.int64), start) if len(start) else count
    fit = inside >= max(2.0, share * len(people))
    if fit.sum() < least:
        fit = np.zeros(len(found), np.bool_)
        fit[np.lexsort((found, -inside))[:least]] = True
        fit &= inside >= 2
    return found[fit], centre[fit]


def _present(table: _Columns, columns: Ints, centres: Floats, window: int) -> tuple[Ints, Ints]:
    """Return person and position in ``columns`` of the visits near the centres."""
    begin, end = table.start[columns], table.start[columns + 1]
    rows = _slices(begin, end)
    which = np.repeat(np.arange(len(columns)), end - begin)
    near = np.abs(table.at[rows] - centres[which]) <= window
    return table.person[rows][near], which[near]


def _slices(begin: Ints, end: Ints) -> Ints:
    """Return all row numbers of several slices, one after another."""
    size = end - begin
    jump = np.repeat(begin - np.concatenate([[0], np.cumsum(size)[:-1]]), size)
    return np.arange(size.sum()) + jump
