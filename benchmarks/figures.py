"""Where measured figures are kept: a CSV for each benchmark, and a table in a page of the docs."""

import csv
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

BEGINS, ENDS = "<!-- figures: begin -->\n", "<!-- figures: end -->"


def write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as CSV with a header; a column that a row lacks stays empty."""
    rows = list(rows)
    columns = dict.fromkeys(name for row in rows for name in row)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def placed(page: str, lines: Iterable[str]) -> str:
    """Return the page with these lines between its two marks."""
    table = "\n".join(lines) + "\n"
    return re.sub(
        f"{re.escape(BEGINS)}.*?{re.escape(ENDS)}",
        lambda _: BEGINS + table + ENDS,
        page,
        flags=re.DOTALL,
    )
