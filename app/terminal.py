"""How the command line talks: tables and JSON on standard output, all else on standard error.

Rich is imported where something is drawn, so that ``--help`` and ``--json`` do not wait for it.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.progress import Progress, silent
from ingest.texts import Language, say

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import TaskID

NARROWEST = 20  # characters of a column that is still read with ease
PIPE_WIDTH = 160  # columns of a table that no terminal limits
_NUMBER = re.compile(r"-?[0-9][0-9,.]*%?")


@contextmanager
def progress_bars(language: Language) -> Iterator[Progress]:
    """Draw one bar for each stage on standard error until the block ends.

    A stage without a known total shows that it moves, not how far it is. Nothing is drawn where
    standard error is no terminal: in a log or a script only an error is worth a line.
    """
    if not sys.stderr.isatty():
        yield silent
        return
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    tasks: dict[str, TaskID] = {}
    with Bars(*columns, console=_console(stderr=True)) as bars:

        def progress(stage: str, done: int, total: int, /) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(say(f"stage.{stage}", language), total=None)
            bars.update(tasks[stage], completed=done, total=total or None)

        yield progress


def show_table(
    headings: Sequence[str], rows: Sequence[Sequence[object]], *, title: str | None = None
) -> None:
    """Print rows under their headings; a column that holds only numbers stands to the right."""
    from rich.table import Table
    from rich.text import Text

    if title:
        show_text(title)
    shown = [[cell_text(cell) for cell in row] for row in rows]
    console = _console(stderr=False)
    longest = [max(map(len, column)) for column in zip(headings, *shown, strict=True)]
    if shown and sum(min(length, NARROWEST) + 3 for length in longest) >= console.width:
        _show_blocks(headings, shown)
        return
    table = Table()
    for place, heading in enumerate(headings):
        numbers = bool(shown) and all(_NUMBER.fullmatch(row[place]) for row in shown)
        table.add_column(heading, justify="right" if numbers else "left", overflow="fold")
    for row in shown:
        table.add_row(*map(Text, row))
    console.print(table)


def _show_blocks(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print each row as a block of lines, where the columns are too many for the width."""
    side = max(map(len, headings))
    for row in rows:
        told = [pair for pair in zip(headings, row, strict=True) if pair[1]]
        show_text("\n".join(f"{heading:<{side}}  {text}" for heading, text in told) + "\n")


def cell_text(value: object) -> str:
    """Return a value as a person reads it: nothing for a missing one, thousands apart."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case int():
            return f"{value:,}"
        case Decimal():
            return f"{value:,.2f}"
        case float():
            return f"{value:.4g}"
        case datetime():
            return value.isoformat(sep=" ", timespec="seconds")
        case list() | tuple():
            return ", ".join(cell_text(item) for item in value)
    return str(value)


def show_json(value: Mapping[str, object]) -> None:
    """Print one JSON object: money as text with two decimals, times as ISO 8601."""
    show_text(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def show_text(text: str) -> None:
    """Print a text on standard output: it is, or belongs to, the result."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """Print a line for a person on standard error: it never mixes with what a script reads."""
    sys.stderr.write(text + "\n")


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal | Path):
        return str(value)
    raise TypeError(f"no JSON form for {type(value).__name__}")


def _console(*, stderr: bool) -> "Console":
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, highlight=False, width=None if stream.isatty() else PIPE_WIDTH)
