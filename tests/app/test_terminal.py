"""How the command line talks: bars only for people, cells as people read them, exact JSON."""

import json
import sys
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest

from app.terminal import cell_text, progress_bars, show_json, show_table


class Screen(StringIO):
    """A standard error that a person looks at."""

    def isatty(self) -> bool:
        return True


def test_a_person_sees_a_bar_for_each_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with progress_bars("zh") as progress:
        progress("ask", 0, 0)
        progress("ask", 1, 1)
        progress("server", 1, 2)
    assert "查询图数据库" in screen.getvalue()
    assert "100%" in screen.getvalue()
    assert "50%" in screen.getvalue()


def test_a_script_sees_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bars("en") as progress:
        progress("ask", 1, 1)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (1234567, "1,234,567"),
        (Decimal("1234.5"), "1,234.50"),
        (0.123456, "0.1235"),
        (True, "true"),
        (datetime(2025, 3, 4, 5, 6, 7), "2025-03-04 05:06:07"),
        (["P-1", "P-2"], "P-1, P-2"),
        ("[bold]as it is[/bold]", "[bold]as it is[/bold]"),
    ],
)
def test_a_cell_is_written_as_a_person_reads_it(value: object, text: str) -> None:
    assert cell_text(value) == text


def test_a_table_in_a_pipe_is_not_cut_to_a_screen(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(["name", "count"], [("x" * 110, 7)], title="Many")
    shown = capsys.readouterr().out
    assert "x" * 110 in shown
    assert shown.startswith("Many\n")


def test_data_is_never_taken_for_markup(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(["name"], [("[red]A[/red]",)])
    assert "[red]A[/red]" in capsys.readouterr().out


def test_json_is_exact(capsys: pytest.CaptureFixture[str]) -> None:
    held = {"loss": Decimal("0.10"), "at": datetime(2025, 3, 4), "on": date(2025, 3, 4)}
    show_json({**held, "run": Path("runs/latest"), "kind": "集中持卡"})
    shown = capsys.readouterr().out
    assert "集中持卡" in shown
    assert json.loads(shown) == {
        "loss": "0.10",
        "at": "2025-03-04T00:00:00",
        "on": "2025-03-04",
        "run": "runs/latest",
        "kind": "集中持卡",
    }


def test_what_has_no_json_form_is_a_fault() -> None:
    with pytest.raises(TypeError, match="set"):
        show_json({"members": {1, 2}})
