"""The HTTP API for other systems: leads to read, tips and outcomes to hand in."""
