"""Run a command and watch it: wall time, CPU time, the most memory it held; end it at a limit."""

import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LOOK_SECONDS = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a process took; ``status``: "finished", "over time", "over memory" or "failed"."""

    status: str
    seconds: float
    cpu_seconds: float
    peak_gb: float


def watched(
    command: Sequence[str],
    *,
    most_seconds: float = float("inf"),
    most_gb: float = float("inf"),
    quiet: bool = True,
) -> Usage:
    """Run a command to its end or to a limit.

    Memory is the high-water mark of its resident set, read from /proc while it runs: what
    ``wait4`` reports also counts the process that started it. So Linux only, and a peak within the
    last ``LOOK_SECONDS`` may be missed.
    """
    nowhere = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)] if quiet else []
    start = time.perf_counter()
    process = os.posix_spawn(command[0], list(command), os.environ, file_actions=nowhere)
    peak, status, code = 0.0, "", 0
    while True:
        done, code, used = os.wait4(process, os.WNOHANG)
        if done:
            break
        peak = max(peak, _peak_gb(process))
        over = "over time" if time.perf_counter() - start > most_seconds else ""
        over = "over memory" if peak > most_gb else over
        if over and not status:
            status = over
            os.kill(process, signal.SIGKILL)
        time.sleep(LOOK_SECONDS)
    return Usage(
        status=status or ("failed" if code else "finished"),
        seconds=round(time.perf_counter() - start, 1),
        cpu_seconds=round(used.ru_utime + used.ru_stime, 1),
        peak_gb=round(peak, 2),
    )


def _peak_gb(process: int) -> float:
    """Return the high-water mark in GB; 0 once it has ended."""
    try:
        text = Path(f"/proc/{process}/status").read_text("utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    for line in text.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e9
    return 0.0
