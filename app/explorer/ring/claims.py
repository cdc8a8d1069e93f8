"""Which settlements of a ring a row of its evidence speaks of."""

from collections.abc import Mapping
from typing import Literal

import pandas as pd

from app.explorer.ring_data import counted
from detectors.showing import SHOWS

Claims = Literal["none", "together", "terminal", "clerk", "doctor", "people", "explained"]
"""Which settlements a row of evidence speaks of, see :func:`claims_of`."""

OF_PEOPLE = frozenset(
    {
        "assisted_share", "found_by", "growth", "heavy_user", "households", "newcomers",
        "out_of_home", "shared_address",
    }
)  # fmt: skip
"""Measures of who the members are: no settlement shows them rather than another."""
BUSIEST: Mapping[str, Claims] = {"terminal": "terminal", "clerk": "clerk", "doctor": "doctor"}
"""Last words of measures that speak of the one the members met most."""


def claims_of(measure: str, rows: pd.DataFrame) -> tuple[pd.DataFrame, Claims]:
    """Return the settlements of a ring that a row of its evidence speaks of, and which they are.

    ``together``: those of joint sessions, or that tie the members otherwise. ``terminal``,
    ``clerk`` and ``doctor``: of those, the ones at the one that was met most (ties to the lowest
    number), which is what such a measure counts. ``people`` and ``explained``: all that the ring
    rests on, since the measure is about who the members are, or the explanation is held against all
    of them. ``none``: the prior, which is about no settlement.
    """
    own = counted(rows)
    if measure == "prior":
        return own.head(0), "none"
    if measure == "sum" or measure.startswith("honest_"):
        return own, "explained"
    if measure in OF_PEOPLE:
        return own, "people"
    together = own[own["why"].isin(SHOWS)]
    together = own if together.empty else together
    what = "doctor" if measure == "doctor_focus" else measure.rpartition("_")[2]
    one = measure == "doctor_focus" or measure.endswith(f"one_{what}")
    column = {"terminal": "device"}.get(what, what)
    if not one or what not in BUSIEST or together[column].isna().all():
        return together, "together"
    met = together[column].value_counts().sort_index(kind="stable")
    return together[together[column] == met.idxmax()], BUSIEST[what]
