"""The ground a run stands on: visits that can meet, habits, and the pairs beyond chance."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table
from numpy.typing import NDArray

from detectors import pairs as p
from detectors.columns import clean, keep, value
from detectors.settings import DetectSettings
from detectors.visits import numbered, place_windows, scoped, visits
from ingest.workspace import Workspace

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
SURE = 1e-3  # a pair above this Poisson tail is not worth an exact one


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Tables of one extract: see :mod:`detectors.visits` and :mod:`detectors.pairs`.

    ``visits`` are in the order of person and time, so that a null world does not depend on the
    order of the extract.
    """

    visits: Table
    windows: Table
    scoped: Table
    habits: Table
    rates: Table
    tests: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Pairs with support, in the order of (lo, hi): persons, days met, places, λ, p and q."""

    lo: Ints
    hi: Ints
    days: Ints
    places: Ints
    expected: Floats
    p_value: Floats
    q_value: Floats

    def where(self, mask: NDArray[np.bool_]) -> "Pairs":
        """Return the pairs a mask selects."""
        return Pairs(**{name: getattr(self, name)[mask] for name in self.__slots__})

    def table(self) -> pa.Table:
        """Return them as an Arrow table."""
        return pa.table({name: getattr(self, name) for name in self.__slots__})


def ground(backend: Backend, workspace: Workspace, settings: DetectSettings) -> Ground:
    """Lay the ground from the clean tables."""
    settlements, persons, providers = (
        clean(backend, workspace, name) for name in ("settlements", "persons", "providers")
    )
    events = visits(settlements, persons, providers)
    events = keep(backend, "visits", events.order_by(["person", "at", "place"]))
    places = numbered(providers, "fixmedins_code", "place").join(
        providers.select("fixmedins_code", "place_kind", "day_precision"), "fixmedins_code"
    )
    windows = keep(backend, "windows", place_windows(places, events, settings))
    able = scoped(events, windows, stratified=settings.stratified)
    able = keep(backend, "scoped", able)
    least = min(settings.least_days, settings.rotating_days)
    return Ground(
        visits=events,
        windows=windows,
        scoped=able,
        habits=keep(backend, "habits", p.habits(able)),
        rates=keep(backend, "rates", p.rates(able)),
        tests=float(value(backend, p.testable(able, least_days=least)) or 0.0),
    )


def pairs_beyond(backend: Backend, ground: Ground, able: Table, settings: DetectSettings) -> Pairs:
    """Return the pairs with support among visits, each with its tail under the ground's habits.

    ``able`` is ``ground.scoped`` or the same of a null world.
    """
    least = min(settings.least_days, settings.rotating_days)
    meet = keep(backend, "meetings", p.meetings(able, least_days=least))
    found = p.counted(meet, least_days=settings.least_days, rotating_days=settings.rotating_days)
    found = keep(backend, "supported", found.order_by(["lo", "hi"]))
    parts = keep(backend, "terms", p.terms(found, ground.habits, ground.rates))
    both = found.left_join(p.expected(parts), ["lo", "hi"])
    both = both.select(found, expected=both.expected.fill_null(0.0)).order_by(["lo", "hi"])
    table = backend.to_pyarrow(both)
    days = table["days"].to_numpy()
    expected = table["expected"].to_numpy()
    tail = _exact_where_it_matters(
        backend, parts, table, days, expected, p.poisson_tail(days, expected)
    )
    return Pairs(
        lo=table["lo"].to_numpy().astype(np.int64),
        hi=table["hi"].to_numpy().astype(np.int64),
        days=days,
        places=table["places"].to_numpy(),
        expected=expected,
        p_value=tail,
        q_value=p.benjamini_hochberg(tail, max(ground.tests, float(len(tail)))),
    )


def _exact_where_it_matters(
    backend: Backend, parts: Table, table: pa.Table, days: Ints, expected: Floats, tail: Floats
) -> Floats:
    """Replace the Poisson tail by the exact one where λ > ½ and the tail is not plainly large."""
    chosen = np.flatnonzero((expected > 0.5) & (tail < SURE) & (tail > 1e-12))
    if not len(chosen):
        return tail
    wanted = table.take(pa.array(chosen)).select(["lo", "hi"])
    wanted = wanted.append_column("pair", pa.array(np.arange(len(chosen))))
    joined = parts.join(keep(backend, "exact_pairs", wanted), ["lo", "hi"])
    rows = backend.to_pyarrow(
        joined.select("pair", "trials", "chance").order_by(["pair", "trials", "chance"])
    )
    exact = p.exact_tail(
        days[chosen], rows["pair"].to_numpy(), rows["trials"].to_numpy(), rows["chance"].to_numpy()
    )
    better = tail.copy()
    better[chosen] = np.minimum(exact, tail[chosen])
    return better
