"""Every number of a run that someone may want to change, with its unit, in one place."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectSettings:
    """Parameters of one detection run.

    The defaults are those of the project's detection page; they were fixed on development counties
    and are not tuned on the data they are judged on.
    """

    seed: int = 1
    threads: int = 2
    memory: str = "2GB"

    # Meetings: two visits at one place within a window.
    pharmacy_window_seconds: int = 600
    institution_window_seconds: int = 1800
    most_chance_partners: float = 6.0  # a busier scope gets a shorter window, so time stays linear
    day_window: int = 2  # days apart, at a sparse place known only to the day
    most_daily_visits: int = 300  # a busier place known only to the day is left out, and named

    stratified: bool = True  # habits and null worlds by weekday and part of day; off: ablation only

    # Pairs.
    least_days: int = 3  # support: days met
    rotating_days: int = 2  # support at two places or more, where chance meetings are rarest
    pair_q: float = 0.01  # false-discovery rate of validated pairs
    link_p: float = 1e-4  # a pair this unlikely may seed a group; the group is tested as a whole

    weak_p: float = 1e-2  # a pair this unlikely may be part of a dense block

    # Groups.
    least_people: int = 3
    most_people: int = 200
    resolution: float = 0.5  # CPM, in units of edge weight (log2 of days met over expected)
    leiden_seeds: int = 20
    stability: float = 0.75
    attendance: float = 0.35  # a member is in at least this share of the sessions of its time
    group_q: float = 0.05
    resamples: int | None = None  # null worlds; None: as many as two million visits allow, 2 to 10

    # Rings.
    factors: Path | None = None  # Bayes factors of one's own; None: those of the product
    probability: float = 0.5
    same_ring: float = 0.5  # Jaccard index from which two groups are one
