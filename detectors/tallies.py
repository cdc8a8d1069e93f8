"""Tallies: what detectors that work on aggregates share — ratios, bounds, tables of candidates."""

from collections.abc import Sequence

import ibis
import numpy as np
import pyarrow as pa
from ibis.backends.duckdb import Backend
from ibis.common.deferred import Deferred
from ibis.expr.types import Table
from numpy.typing import NDArray
from scipy import special

from detectors.candidates import HELD, OTHERS, Candidates, Sign
from detectors.facts import LARGEST_HOUSEHOLD
from detectors.world import Floats, Ints

Mask = NDArray[np.bool_]
ROWS: Deferred = ibis._.count()
# Parties of a settlement at a counter: entity type, column, role.
COUNTER = (
    ("place", "fixmedins_code", "place"),
    ("device", "device_id", "terminal"),
    ("staff", "opter_id", "cashier"),
)


def nothing(signs: Sequence[Sign], honest: Sequence[str], *, tests: float = 0.0) -> Candidates:
    """Return no candidates of a detector that looked at ``tests`` groups."""
    none = np.empty(0)
    return Candidates(
        gid=np.empty(0, np.int64),
        person=np.empty(0, np.int64),
        stability=none,
        statistic=none,
        p_value=none,
        tests=tests,
        others=OTHERS.empty_table(),
        settlements=HELD.empty_table(),
        signs={sign.name: (none, none) for sign in signs},
        honest={name: none for name in honest},
    )


def dense(backend: Backend, table: Table | None, count: int, *names: str) -> tuple[Floats, ...]:
    """Return columns of a table keyed by gid, one value a group 0 … count − 1.

    NaN where a group has no row or the column is NULL, and throughout where there is no table.
    Rounded to nine places: threads add in any order.
    """
    values = tuple(np.full(count, np.nan) for _ in names)
    if table is not None:
        rows = backend.to_pyarrow(table.select("gid", *names))
        for name, column in zip(names, values, strict=True):
            filled = rows[name].cast(pa.float64()).to_numpy(zero_copy_only=False)
            column[rows["gid"].to_numpy()] = np.round(filled, 9)
    return values


def seen(backend: Backend, table: Table | None, count: int) -> tuple[Floats, Floats]:
    """Return :func:`dense` of the columns observed and expected: what a sign is made of."""
    observed, expected = dense(backend, table, count, "observed", "expected")
    return observed, expected


def compared(found: Table, usual: Table) -> Table:
    """Return gid, observed of ``found`` and expected of ``usual``, NULL where that has no row."""
    return found.left_join(usual, "gid").select("gid", "observed", "expected")


def commonest(own: Table, rest: Table, column: str) -> Table:
    """Return gid, observed, expected: the share of a group's commonest value, and of it elsewhere.

    Observed among the group's ``own`` rows, expected among the ``rest`` (both with gid), rows
    without the value left out. Ties go to the smallest value; expected is NULL where no row of the
    rest has one.
    """
    known = own.filter(own[column].notnull())
    n = known.group_by(["gid", column]).aggregate(n=ibis._.count())
    rank = ibis.row_number().over(ibis.window(group_by="gid", order_by=[n.n.desc(), n[column]]))
    total = n.n.sum().over(ibis.window(group_by="gid"))
    top = n.mutate(rank=rank, observed=n.n / total)
    top = top.filter(top["rank"] == 0).select("gid", "observed", value=top[column])
    base = rest.filter(rest[column].notnull()).join(top, "gid")
    base = base.group_by("gid").aggregate(expected=(base[column] == base.value).mean())
    return compared(top, base)


def weights(own: Table, key: str, count: Deferred = ROWS) -> Table:
    """Return gid, ``key``, weight: what share of a group's rows (or of ``count``) a value has."""
    total = own.group_by("gid").aggregate(total=count)
    n = own.filter(own[key].notnull()).group_by(["gid", key]).aggregate(n=count).join(total, "gid")
    return n.select("gid", key, weight=(n.n / n.total).round(6))


def summed(group: Ints, values: Floats | Ints | None, count: int) -> Floats:
    """Return Σ values (None: 1) of each group 0 … count − 1."""
    return np.bincount(group, values, minlength=count).astype(np.float64)


def share(part: Floats, whole: Floats) -> Floats:
    """Return part ÷ whole, NaN where there is no whole."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole > 0, np.asarray(part) / np.asarray(whole), np.nan)


def upper_tail(hits: Floats | Ints, trials: Floats | Ints, chance: Floats) -> Floats:
    """Return P(Binomial(trials, chance) ≥ hits).

    With ``chance`` the mean over trials of unequal chances it is an upper bound of the tail above
    the mean (Hoeffding 1956), so it never overstates.
    """
    hits, trials = np.asarray(hits, np.float64), np.asarray(trials, np.float64)
    chance = np.clip(chance, 0.0, 1.0)
    tail = special.betainc(np.maximum(hits, 0.5), np.maximum(trials - hits + 1.0, 0.5), chance)
    return np.asarray(np.where(hits <= 0, 1.0, np.maximum(tail, 1e-300)), np.float64)


def assembled(schema: pa.Schema, parts: Sequence[pa.Table]) -> pa.Table:
    """Return the rows of all parts, each once, in the order of their columns."""
    table = pa.concat_tables(
        [schema.empty_table(), *(p.select(schema.names).cast(schema) for p in parts)]
    )
    keys = [name for name in schema.names if name != "weight"]
    return table.sort_by([(name, "ascending") for name in keys])


def others_of(rows: pa.Table, *, entity: str, key: str, role: str) -> pa.Table:
    """Return rows (gid, ``key``, weight) as members that are no insured persons."""
    n = rows.num_rows
    return pa.table(
        {
            "gid": rows["gid"],
            "entity_type": pa.array([entity] * n, pa.string()),
            "entity_id": rows[key],
            "role": pa.array([role] * n, pa.string()),
            "weight": rows["weight"] if "weight" in rows.column_names else pa.array(np.ones(n)),
        },
    )


def homes(persons: Table) -> Table:
    """Return psn_no, birth_year, home: a small address, else a small telephone, else oneself."""
    p = persons.select("psn_no", "birth_year", "live_addr", "mob")
    window = {name: ibis.window(group_by=name) for name in ("live_addr", "mob")}
    for name in ("live_addr", "mob"):
        size = p[name].count().over(window[name])
        p = p.mutate(
            **{f"{name}_home": ibis.ifelse(size.between(2, LARGEST_HOUSEHOLD), p[name], None)}
        )
    key = ibis.coalesce(p.live_addr_home, p.mob_home, p.psn_no)
    number = ibis.dense_rank().over(ibis.window(order_by=key))
    return p.select("psn_no", "birth_year", home=number.cast("int64"))
