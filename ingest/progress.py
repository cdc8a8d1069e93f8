"""How long work says how far it is."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with a stage, steps done and steps in all; ``stage.<stage>`` is in the text catalogue."""


def silent(stage: str, done: int, total: int, /) -> None:
    """Say nothing: for tests and callers that watch in another way."""
    del stage, done, total
