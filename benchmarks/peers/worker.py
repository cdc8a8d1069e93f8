"""Run one peer on one file of visits, in a process of its own that can be watched and ended.

    python -m benchmarks.peers.worker PEER VISITS.parquet OUT.jsonl [SETTINGS …]

Each argument after the third is a JSON object of settings; without one, the whole grid is run. A
line is written for each as soon as it is done: settings, seconds, groups (person numbers).
"""

import json
import sys
import time
from pathlib import Path

from benchmarks.peers.frame import read_visits
from benchmarks.peers.registry import peer


def main(arguments: list[str]) -> None:
    """Run it; the time leaves out importing, compiling and reading."""
    name, source, target, *asked = arguments
    chosen = peer(name)
    chosen.prepare()
    visits = read_visits(Path(source))
    with Path(target).open("w", encoding="utf-8") as file:
        for settings in map(json.loads, asked) if asked else chosen.grid:
            start = time.perf_counter()
            groups = chosen.find(visits, settings)
            row = {
                "settings": settings,
                "seconds": round(time.perf_counter() - start, 2),
                "groups": [sorted(group) for group in groups],
            }
            file.write(json.dumps(row) + "\n")
            file.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
