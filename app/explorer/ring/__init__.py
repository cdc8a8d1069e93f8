"""The parts of a ring's page, one file for each: what is drawn, from values that were read."""
