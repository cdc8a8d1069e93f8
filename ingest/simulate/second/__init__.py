"""A second generator: the same tables and truth from other habits, prices, hours and ways to cheat.

It shares only the frame with the first one: who is where, what a table holds, how truth is kept.
"""

from ingest.simulate.second.claims import ordinary_claims
from ingest.simulate.second.life import ordinary_life
from ingest.simulate.second.planters import HONEST, RINGS
from ingest.simulate.second.world import build_world

__all__ = ["HONEST", "RINGS", "build_world", "ordinary_claims", "ordinary_life"]
