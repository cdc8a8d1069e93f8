"""The rules that proposals follow: data, each with the range it allows and what must be decided."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args

from ingest.errors import RingfenceError
from ingest.telling import to_say
from ingest.workspace import Workspace

Kind = Literal["points", "credit", "exit"]
Grade = Literal["A", "B", "C", "D"]
Consequence = Literal["none", "suspend", "end_one_year", "end_three_years"]
FILE = Path(__file__).with_name("registers_rules.toml")
GRADES: tuple[tuple[Grade, int], ...] = (("A", 1), ("B", -9), ("C", -29))
"""The least sum of credit items of each grade; below the last it is D."""

WEIGHTS: Mapping[Grade, int] = {"A": 1, "B": 1, "C": 2, "D": 3}
"""How often a place of each grade comes into a draw, against grade A."""

SUSPEND_FROM, END_AT = 9, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: points or items it allows, decisions it needs; ``repeated`` an earlier one too.

    ``plan`` is whether it rests on a place's answer in a plan instead of a case.
    """

    kind: Kind
    name: str
    least: int
    most: int
    decisions: tuple[str, ...] = ()
    repeated: bool = False
    plan: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All rules by kind and name; whether they were compared with their text."""

    rules: Mapping[tuple[str, str], Rule]
    bar_years: int
    year_most: int
    verified: bool


def read_rules(workspace: Workspace) -> Rules:
    """Return the rules of the package, those of the workspace's file in their place.

    Raises
    ------
    RingfenceError
        If a file is not of that form: it names file and rule.
    """
    held: dict[str, Any] = {}
    for path in (FILE, workspace.root / FILE.name):
        if path.exists():
            held = _merged(held, _file(path))
    rules = {
        (kind, name): Rule(
            kind=kind,
            name=name,
            **{**values, "decisions": tuple(values.get("decisions", ()))},
        )
        for kind in get_args(Kind)
        for name, values in held[kind].items()
    }
    return Rules(
        rules=rules,
        bar_years=held["bar_years"],
        year_most=held["year_most"],
        verified=held["verified"],
    )


def bar(rules: Rules, day: date) -> date:
    """Return the first day on which a new agreement may be made; 29 February becomes 1 March.

    Examples
    --------
    >>> from pathlib import Path
    >>> bar(read_rules(Workspace(Path("nowhere"))), date(2024, 2, 29))
    datetime.date(2027, 3, 1)
    """
    try:
        return day.replace(year=day.year + rules.bar_years)
    except ValueError:
        return date(day.year + rules.bar_years, 3, 1)


def consequence(points: Sequence[int]) -> Consequence:
    """Return what points of one natural year may lead to; somebody decides it.

    Twelve at once bar for three years, twelve in sum for one, nine or more suspend.

    Examples
    --------
    >>> consequence([12]), consequence([6, 6]), consequence([9]), consequence([4])
    ('end_three_years', 'end_one_year', 'suspend', 'none')
    """
    if any(one >= END_AT for one in points):
        return "end_three_years"
    if sum(points) >= END_AT:
        return "end_one_year"
    return "suspend" if sum(points) >= SUSPEND_FROM else "none"


def grade(items: Sequence[int]) -> Grade:
    """Return the grade of a sum of credit items; without any it is B.

    Examples
    --------
    >>> grade([5]), grade([]), grade([-10]), grade([-30])
    ('A', 'B', 'C', 'D')
    """
    for name, least in GRADES:
        if sum(items) >= least:
            return name
    return "D"


def weighted(weights: Mapping[str, int], grades: Mapping[str, Grade]) -> dict[str, int]:
    """Return the weights of a draw, multiplied by what each place's grade asks for."""
    return {place: weight * WEIGHTS[grades.get(place, "B")] for place, weight in weights.items()}


def _merged(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    tables = {name: {**ours.get(name, {}), **theirs.get(name, {})} for name in get_args(Kind)}
    return {**ours, **theirs, **tables}


def _file(path: Path) -> dict[str, Any]:
    try:
        held = tomllib.loads(path.read_text("utf-8"))
        for kind in get_args(Kind):
            for name, values in held.get(kind, {}).items():
                if not values["least"] <= values["most"]:
                    raise ValueError(f"{kind}.{name} allows nothing")
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise RingfenceError(
            to_say("refused.register.file", path=path, error=error, file=FILE.name)
        ) from error
    return held
