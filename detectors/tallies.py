"""Tallies: what detectors that work on aggregates share — ratios, bounds, tables of candidates."""

from collections.abc import Sequence

import ibis
import numpy as np
import pyarrow as pa
from ibis.expr.types import Table
from numpy.typing import NDArray
from scipy import special

from detectors.candidates import HELD, OTHERS, Candidates, Sign
from detectors.world import Floats, Ints

Mask = NDArray[np.bool_]

LARGEST_HOME = 8  # as detectors.facts: an address or telephone of more people is no home


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
        p = p.mutate(**{f"{name}_home": ibis.ifelse(size.between(2, LARGEST_HOME), p[name], None)})
    key = ibis.coalesce(p.live_addr_home, p.mob_home, p.psn_no)
    number = ibis.dense_rank().over(ibis.window(order_by=key))
    return p.select("psn_no", "birth_year", home=number.cast("int64"))
