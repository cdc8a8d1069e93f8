"""Other methods on the same visits: what each finds, how fast, beside Ringfence in one run.

A peer is a function ``name(visits, **settings) -> list[set[int]]``: groups of person numbers, the
strongest by the peer's own score first. ``visits`` is the frame of :mod:`benchmarks.peers.frame`.
Nothing here is used by the product.
"""
