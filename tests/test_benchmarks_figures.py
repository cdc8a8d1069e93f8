"""Files of figures and the pages that show them."""

import csv
from pathlib import Path

from benchmarks import explorer
from benchmarks.figures import BEGINS, ENDS, placed, write


def test_a_row_may_lack_a_column(tmp_path: Path) -> None:
    write(tmp_path / "f.csv", [{"a": 1}, {"a": 2, "b": "x,y"}])
    assert (tmp_path / "f.csv").read_text() == 'a,b\n1,\n2,"x,y"\n'


def test_only_what_stands_between_the_marks_is_replaced() -> None:
    page = f"before\n{BEGINS}old\n{ENDS} after"
    assert placed(page, ["new", "er"]) == f"before\n{BEGINS}new\ner\n{ENDS} after"
    assert placed("without marks", ["new"]) == "without marks"


def test_the_page_of_the_explorer_shows_the_figures_that_are_kept() -> None:
    with explorer.FIGURES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["what"] for row in rows] == list(explorer.BARS)
    page = explorer.PAGE.read_text("utf-8")
    assert explorer.shown(page, rows) == page
    slower = [{**row, "middle": "9.87"} for row in rows]
    assert explorer.shown(page, slower).count("| 9.87 |") == len(rows)
