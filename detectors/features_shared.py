"""Facts with what all features share: asked one by one, they read settlements and lines once."""

from dataclasses import dataclass, fields

from detectors.facts import Facts
from detectors.features_bought import Bought, bought_by
from detectors.features_usual import Usual, usual_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared(Facts):
    """Facts about groups, with what is usual at their places and what was bought there."""

    at_places: Usual
    in_lines: Bought | None


def shared(facts: Facts) -> Shared:
    """Return the facts with what features share; a run asks its features about these."""
    known = {field.name: getattr(facts, field.name) for field in fields(Facts)}
    places = usual_of(facts)
    return Shared(**known, at_places=places, in_lines=bought_by(facts, places))


def usual(facts: Facts) -> Usual:
    """Return what is usual; read anew, all settlements, for facts that do not bring it."""
    return facts.at_places if isinstance(facts, Shared) else usual_of(facts)


def bought(facts: Facts) -> Bought | None:
    """Return what was bought, read anew for facts that do not bring it; None without lines."""
    return facts.in_lines if isinstance(facts, Shared) else bought_by(facts, usual_of(facts))
