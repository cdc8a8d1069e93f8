"""What the list of rings is narrowed to, in values and in an address that reproduces it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date

import pandas as pd

Range = tuple[float, float]
WHOLE: Range = (float("-inf"), float("inf"))
CENT = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Conditions that hold together; an empty one leaves everything in.

    Ranges include both ends: ``probability`` as a share, ``loss`` (middle estimate) in yuan,
    ``people`` a number. ``since`` and ``until`` are days between which a ring was first seen.
    """

    kinds: tuple[str, ...] = ()
    probability: Range = WHOLE
    loss: Range = WHOLE
    people: Range = WHOLE
    since: date | None = None
    until: date | None = None
    places: tuple[str, ...] = ()
    new: bool = False
    person: str = ""


EMPTY = Filter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What a filter asks that is no column: rings of a person, at places, new ones."""

    of_person: frozenset[str] = frozenset()
    at_places: Mapping[str, frozenset[str]]
    new: frozenset[str] = frozenset()


def narrowed(rings: pd.DataFrame, by: Filter, beside: Beside) -> pd.DataFrame:
    """Return the rings that pass every condition, in their order."""
    keep = pd.Series(True, index=rings.index)
    if by.kinds:
        keep &= rings["kind"].isin(by.kinds)
    keep &= _within(rings["probability"], by.probability)
    keep &= _within(rings["loss_mid"], by.loss)
    keep &= _within(rings["people"], by.people)
    first = rings["first_seen"].dt.date
    if by.since is not None:
        keep &= first >= by.since
    if by.until is not None:
        keep &= first <= by.until
    if by.places:
        wanted = frozenset[str]().union(*(beside.at_places.get(one, ()) for one in by.places))
        keep &= rings["ring_id"].isin(wanted)
    if by.new:
        keep &= rings["ring_id"].isin(beside.new)
    if by.person:
        keep &= rings["ring_id"].isin(beside.of_person)
    return rings[keep]


def active(by: Filter) -> list[str]:
    """Return the names of the conditions that are set."""
    return [one.name for one in fields(by) if getattr(by, one.name) != getattr(EMPTY, one.name)]


def emptying(rings: pd.DataFrame, by: Filter, beside: Beside) -> list[str]:
    """Return the conditions that exclude every ring all by themselves."""
    return [name for name in active(by) if narrowed(rings, _alone(by, name), beside).empty]


def loosening(rings: pd.DataFrame, by: Filter, beside: Beside) -> dict[str, int]:
    """Return how many rings would pass without one condition, for each whose absence helps."""
    without = {
        name: len(narrowed(rings, replace(by, **{name: getattr(EMPTY, name)}), beside))
        for name in active(by)
    }
    return {name: count for name, count in without.items() if count}


def to_query(by: Filter) -> dict[str, str]:
    """Return the address of a filter: only what is set, in words that hold no personal data.

    The person, a pseudonym, is one of them: it is how people are named everywhere.
    """
    told: dict[str, str] = {}
    if by.kinds:
        told["kind"] = ",".join(by.kinds)
    for name, pair in (("p", by.probability), ("loss", by.loss), ("people", by.people)):
        if pair != WHOLE:
            told[name] = "~".join("" if abs(end) == float("inf") else f"{end:g}" for end in pair)
    for name, day in (("since", by.since), ("until", by.until)):
        if day is not None:
            told[name] = day.isoformat()
    if by.places:
        told["place"] = ",".join(by.places)
    if by.new:
        told["new"] = "1"
    if by.person:
        told["person"] = by.person
    return told


def from_query(query: Mapping[str, str], kinds: Collection[str]) -> Filter:
    """Return the filter of an address; what cannot be read, or is no kind, is left out.

    Examples
    --------
    >>> from_query({"p": "0.9~", "kind": "card_pool,nonsense"}, {"card_pool"})
    ... # doctest: +NORMALIZE_WHITESPACE
    Filter(kinds=('card_pool',), probability=(0.9, inf), loss=(-inf, inf), people=(-inf, inf),
           since=None, until=None, places=(), new=False, person='')
    """
    return Filter(
        kinds=tuple(one for one in query.get("kind", "").split(",") if one in kinds),
        probability=_range(query.get("p", "")),
        loss=_range(query.get("loss", "")),
        people=_range(query.get("people", "")),
        since=_day(query.get("since", "")),
        until=_day(query.get("until", "")),
        places=tuple(one for one in query.get("place", "").split(",") if one),
        new=query.get("new") == "1",
        person=query.get("person", "").strip(),
    )


NAMES = ("kind", "p", "loss", "people", "since", "until", "place", "new", "person")
"""The words of an address that belong to the filter."""


def _alone(by: Filter, name: str) -> Filter:
    return replace(EMPTY, **{name: getattr(by, name)})


def _within(column: pd.Series, pair: Range) -> pd.Series:
    """Whether a value lies in a range; ends are those a slider shows, rounded to cents."""
    return (column >= pair[0] - CENT / 100) & (column <= pair[1] + CENT / 100)


def _range(text: str) -> Range:
    low, mark, high = text.partition("~")
    if not mark:
        return WHOLE
    try:
        return (float(low) if low else WHOLE[0], float(high) if high else WHOLE[1])
    except ValueError:
        return WHOLE


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
