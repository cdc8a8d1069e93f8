"""What was planted: the answer that belongs to an invented extract."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ingest.errors import InputError
from ingest.telling import to_say


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedRing:
    """A planted ring in import identifiers; ``loss`` is the fund money of its settlements."""

    ring_id: str
    kind: str
    people: tuple[str, ...]
    places: tuple[str, ...]
    doctors: tuple[str, ...]
    staff: tuple[str, ...]
    accounts: tuple[str, ...]
    settlements: tuple[str, ...]
    loss: float
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedHonest:
    """An honest group that looks like a ring; ``type`` names the honest reason."""

    group_id: str
    type: str
    people: tuple[str, ...]
    places: tuple[str, ...]
    doctors: tuple[str, ...]
    staff: tuple[str, ...]
    accounts: tuple[str, ...]
    settlements: tuple[str, ...]
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """Everything planted in one extract; ``counts`` holds rows by table."""

    seed: int
    persons: int
    days: int
    rings: tuple[PlantedRing, ...]
    honest: tuple[PlantedHonest, ...]
    counts: dict[str, int]


def read_truth(path: Path) -> Truth:
    """Read a ``truth.json``.

    Raises
    ------
    InputError
        If the file is no such answer.
    """
    try:
        raw = json.loads(path.read_text("utf-8"))
        return Truth(
            seed=raw["seed"],
            persons=raw["persons"],
            days=raw["days"],
            rings=tuple(PlantedRing(**_tuples(ring)) for ring in raw["rings"]),
            honest=tuple(PlantedHonest(**_tuples(group)) for group in raw["honest"]),
            counts=raw["counts"],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(to_say("refused.invented.truth", path=path, error=error)) from error


def write_truth(path: Path, truth: Truth) -> None:
    """Write the answer with sorted keys, so that one seed gives the same bytes."""
    text = json.dumps(asdict(truth), ensure_ascii=False, sort_keys=True, indent=1)
    path.write_text(text + "\n", "utf-8")


def _tuples(raw: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(v) if isinstance(v, list) else v for name, v in raw.items()}
