"""The detectors of a run: one file and one line each."""

from collections.abc import Callable
from dataclasses import dataclass

from detectors import coswipe, rotating
from detectors.candidates import Candidates, Context, Sign


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """A detector, the clean tables it cannot do without, and the kinds of ring it may raise.

    ``family`` names the factors its candidates are weighed with; ``signs`` are what it measures
    itself.
    """

    name: str
    family: str
    kinds: tuple[str, ...]
    needs: tuple[str, ...]
    find: Callable[[Context], Candidates]
    signs: tuple[Sign, ...] = ()


DETECTORS: tuple[Detector, ...] = (
    Detector(
        name="coswipe",
        family="meeting",
        kinds=("card_pool",),
        needs=("settlements",),
        find=coswipe.find,
    ),
    Detector(
        name="rotating",
        family="meeting",
        kinds=("card_pool_rotating",),
        needs=("settlements",),
        find=rotating.find,
    ),
)
