"""Rotating lockstep: a set of cards that moves together through several places.

Two people who meet twice, at two different places, have hardly any chance to do so: pairs count
from two days at two places. The groups they seed are then grown by alternation between members and
sessions (:func:`detectors.sessions.grown`). Needs settlements only. Misses a set of cards that is
carried to one place only (that is :mod:`detectors.coswipe`).
"""

from detectors.candidates import Candidates, Context
from detectors.lockstep import lockstep
from detectors.settings import DetectSettings
from detectors.world import Pairs


def find(context: Context) -> Candidates:
    """Return the candidate groups."""
    return lockstep(context, links)


def links(pairs: Pairs, settings: DetectSettings) -> Pairs:
    """Return the pairs that may seed a group: met at two places, less likely than ``link_p``."""
    return pairs.where((pairs.places >= 2) & (pairs.p_value <= settings.link_p))
