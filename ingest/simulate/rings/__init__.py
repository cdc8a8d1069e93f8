"""Planted rings, one file for each family of kinds."""

from ingest.simulate.planter import rings_by
from ingest.simulate.rings import cohorts, insiders, pools, prescriptions, resale

PER_60_000 = rings_by(cohorts, insiders, pools, prescriptions, resale)
