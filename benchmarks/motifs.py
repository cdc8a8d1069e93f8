"""How long each motif takes on a loaded workspace with its default parameters; in motifs.csv.

    python -m benchmarks.motifs WORKSPACE [--times 3]

The workspace must hold a loaded graph, and the rings of a run if those motifs are to find
anything. Every motif is asked once to warm the server up and then ``--times`` times; the middle
one counts. Seconds are from the question to the last row of the answer in Python, at most 5,000
rows, as the command line asks. The table of docs/motifs.md is written anew from the figures.
"""

import argparse
import os
import statistics
from pathlib import Path
from typing import Any

from benchmarks.figures import placed, write
from detectors.motif import Motif, motifs, run_motif
from graph.ask import ask
from graph.store import Store, open_store
from ingest.workspace import Workspace

FIGURES = Path(__file__).parent / "motifs.csv"
PAGE = Path(__file__).parents[1] / "docs" / "motifs.md"


def main() -> None:
    """Measure all motifs and write the figures, and the table of them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--times", type=int, default=3)
    chosen = parser.parse_args()
    with open_store(Workspace(chosen.workspace), environ=os.environ) as store:
        swipes = ask(store, "MATCH (:Card)-[s:SWIPED_AT]->(:Device) RETURN count(s) AS n").rows
        rows = [measured(store, found, chosen.times) for found in motifs()]
    for row in rows:
        row["server"], row["swipes"] = store.flavour, swipes[0][0]
    write(FIGURES, rows)
    PAGE.write_text(shown(PAGE.read_text("utf-8"), rows), "utf-8")


def measured(store: Store, found: Motif, times: int) -> dict[str, Any]:
    """Ask a motif again and again; return its hits and seconds: the first and the middle one."""
    answers = [run_motif(store, found) for _ in range(times + 1)]
    row = {
        "motif": found.name,
        "hits": len(answers[0].rows),
        "truncated": answers[0].truncated,
        "first_seconds": round(answers[0].seconds, 2),
        "seconds": round(statistics.median(answer.seconds for answer in answers[1:]), 2),
    }
    print(row, flush=True)
    return row


def shown(page: str, rows: list[dict[str, Any]]) -> str:
    """Return the page with the table of these figures between its two marks."""
    most = max(row["seconds"] for row in rows)
    middle = statistics.median(row["seconds"] for row in rows)
    lines = [
        f"{rows[0]['swipes']:,} swipes, {rows[0]['server']} server: all within {most:.1f} s, "
        f"the median {middle:.1f} s.",
        "",
        "| motif | hits | seconds | first time |",
        "|---|---:|---:|---:|",
    ]
    for row in rows:
        hits = f"{row['hits']:,}" + (" and more" if row["truncated"] else "")
        lines.append(
            f"| `{row['motif']}` | {hits} | {row['seconds']:.2f} | {row['first_seconds']:.2f} |"
        )
    return placed(page, lines)


if __name__ == "__main__":
    main()
