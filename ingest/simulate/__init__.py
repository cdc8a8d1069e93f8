"""An invented county with planted rings and the honest groups that look like them."""

from ingest.simulate.county import simulate
from ingest.simulate.mechanisms import Mechanisms
from ingest.simulate.truth import PlantedHonest, PlantedRing, Truth, read_truth

__all__ = ["Mechanisms", "PlantedHonest", "PlantedRing", "Truth", "read_truth", "simulate"]
