"""Run one peer on one file of visits, in a process of its own that can be watched and ended.

    python -m benchmarks.peers.worker PEER VISITS.parquet OUT.jsonl [SETTINGS …]

Each argument after the third is a JSON object of settings; without one, the whole grid is run. A
line is written for each as soon as it is done: settings, status, seconds, groups (person numbers).
Settings that take more than ``MOST_SECONDS`` of CPU are given up, with status "over time": CPU, so
that what else runs on the machine does not decide.
"""

import json
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from benchmarks.peers.frame import read_visits
from benchmarks.peers.registry import peer

MOST_SECONDS = 300.0


def main(arguments: list[str]) -> None:
    """Run it; the time leaves out importing, compiling and reading."""
    name, source, target, *asked = arguments
    chosen = peer(name)
    chosen.prepare()
    visits = read_visits(Path(source))
    signal.signal(signal.SIGPROF, _given_up)
    with Path(target).open("w", encoding="utf-8") as file:
        for settings in map(json.loads, asked) if asked else chosen.grid:
            start, status = time.perf_counter(), "finished"
            groups: list[set[int]] = []
            signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
            try:
                groups = chosen.find(visits, settings)
            except TimeoutError:
                status = "over time"
            signal.setitimer(signal.ITIMER_PROF, 0)
            row = {
                "settings": settings,
                "status": status,
                "seconds": round(time.perf_counter() - start, 2),
                "groups": [sorted(group) for group in groups],
            }
            file.write(json.dumps(row) + "\n")
            file.flush()


def _given_up(_: int, __: FrameType | None) -> None:
    raise TimeoutError(f"given up after {MOST_SECONDS:.0f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
