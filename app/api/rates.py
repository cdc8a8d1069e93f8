"""How many calls a client may make: so many in any sixty seconds."""

from collections import defaultdict, deque
from collections.abc import Callable

WINDOW_SECONDS = 60.0


class Rates:
    """Calls of the last minute by client, in the memory of the one process that serves.

    Not safe for several threads: the event loop alone asks. ``clock`` is in seconds and never goes
    back.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._calls: defaultdict[str, deque[float]] = defaultdict(deque)
        self._told: set[str] = set()

    def wait(self, key: str, per_minute: int) -> float | None:
        """Count a call; return None if it may go on, else the seconds until one may."""
        now, calls = self._clock(), self._calls[key]
        while calls and calls[0] <= now - WINDOW_SECONDS:
            calls.popleft()
        if len(calls) < per_minute:
            calls.append(now)
            self._told.discard(key)
            return None
        return calls[0] + WINDOW_SECONDS - now

    def first(self, key: str) -> bool:
        """Whether this is the first refusal since a call of the key went on: one row is enough."""
        new = key not in self._told
        self._told.add(key)
        return new
