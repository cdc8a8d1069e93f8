"""The time limits of a case, as data; days are those of China (UTC+8)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import get_args

from casework.working_days import FOLDER, Unit
from ingest.errors import RingfenceError
from ingest.telling import to_say

CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A time limit: so many days of a unit; ``extend`` the most each further extension may add."""

    name: str
    days: int
    unit: Unit
    extend: tuple[int, ...]
    verified: bool
    source: str


def read_limits(folder: Path | None = None) -> Mapping[str, Limit]:
    """Return the time limits by name; those in ``folder/limits.toml`` replace ours.

    Raises
    ------
    RingfenceError
        If a file is not of that form: it names file and limit.
    """
    held: dict[str, Limit] = {}
    for path in [FOLDER / "limits.toml", *([folder / "limits.toml"] if folder else [])]:
        if path.exists():
            held |= _limits(path)
    return held


def local_day(at: datetime) -> date:
    """Return the day of a time in China."""
    return at.astimezone(CHINA).date()


def midnight(day: date) -> datetime:
    """Return the first moment of a day in China."""
    return datetime.combine(day, time(), tzinfo=CHINA)


def _limits(path: Path) -> dict[str, Limit]:
    try:
        held = tomllib.loads(path.read_text("utf-8"))
        found = {
            name: Limit(name=name, **{**values, "extend": tuple(values["extend"])})
            for name, values in held.items()
        }
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise RingfenceError(
            to_say("refused.deadline.limits", path=path, error=error, folder=FOLDER.name)
        ) from error
    for limit in found.values():
        counts = all(type(n) is int and n >= 1 for n in (limit.days, *limit.extend))
        if not counts or limit.unit not in get_args(Unit) or limit.verified not in (True, False):
            raise RingfenceError(
                to_say(
                    "refused.deadline.limit",
                    path=path,
                    name=limit.name,
                    days=limit.days,
                    unit=limit.unit,
                    extend=list(limit.extend),
                )
            )
    return found
