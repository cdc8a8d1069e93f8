"""Co-swipe: people whose cards are swiped at one place within minutes, again and again.

Needs settlements only. Misses people who use one terminal on different days, and groups whose
members meet on fewer than three days.
"""

from detectors.candidates import Candidates, Context
from detectors.lockstep import lockstep
from detectors.settings import DetectSettings
from detectors.world import Pairs


def find(context: Context) -> Candidates:
    """Return the candidate groups."""
    return lockstep(context, links)


def links(pairs: Pairs, settings: DetectSettings) -> Pairs:
    """Return the pairs that may seed a group: met on three days, less likely than ``link_p``."""
    return pairs.where((pairs.days >= settings.least_days) & (pairs.p_value <= settings.link_p))
