"""How answers of motifs are given out: tables, JSON, files; each hit with its number."""

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from app.settings import Settings
from app.terminal import cell_text, show_json, show_table, show_text
from ingest.texts import Language, say

if TYPE_CHECKING:  # the real imports wait until a command needs them: '--help' stays quick
    from casework.audit import Actor
    from casework.ledger import Ledger
    from casework.questions import Asked
    from casework.runs import Comparison, Hit, Recorded

Format = Literal["table", "json", "csv", "parquet"]
BRIEF = 3  # members of a list that a table shows; files and JSON hold all


def print_answer(settings: Settings, asked: "Asked", shape: Format) -> None:
    """Print the hits of a run that was just asked."""
    from detectors.hits_file import save

    answer = asked.answer
    if shape == "json":
        show_json({**_summary(asked), "columns": answer.columns, "rows": answer.rows})
    elif shape == "table":
        _show_hits(answer.columns, answer.rows, settings.language)
        ended = "cli.answer.truncated" if answer.truncated else "cli.answer.whole"
        show_text(say(ended, settings.language, rows=len(answer.rows), seconds=answer.seconds))
        show_text(say("cli.answer.recorded", settings.language, run=asked.run_id))
    else:
        with tempfile.TemporaryDirectory(prefix="ringfence-") as folder:
            path = Path(folder) / "hits.csv"
            save(answer.columns, answer.rows, path, format="csv")
            sys.stdout.write(path.read_bytes().decode())
            sys.stdout.flush()


def write_answer(
    settings: Settings, ledger: "Ledger", actor: "Actor", asked: "Asked", out: Path, shape: Format
) -> None:
    """Write the hits of a run into a file and say so."""
    from casework.exports import export_hits

    assert shape != "table"  # noqa: S101 - _shape refused it
    sha256 = export_hits(ledger, actor, asked, out, format=shape)
    if settings.as_json:
        show_json({**_summary(asked), "file": out, "sha256": sha256})
        return
    told = {"rows": len(asked.answer.rows), "file": out, "run": asked.run_id}
    ended = "cli.answer.file_truncated" if asked.answer.truncated else "cli.answer.file_whole"
    show_text(say(ended, settings.language, **told))


def show_runs(found: "Sequence[Recorded]", language: Language) -> None:
    """List runs."""
    names = ("run_id", "at", "who", "motif", "outcome", "rows", "seconds")
    show_table(
        [say(f"cli.column.{name}", language) for name in names],
        [
            [
                say(f"outcome.{each.outcome}", language)
                if name == "outcome"
                else getattr(each, name)
                for name in names
            ]
            for each in found
        ],
    )


def show_run(settings: Settings, run: "Recorded", found: "Sequence[Hit]") -> None:
    """Show one run of the ledger with its hits."""
    if settings.as_json:
        show_json({**asdict(run), "hits": [asdict(hit) for hit in found]})
        return
    show_runs([run], settings.language)
    if run.error:
        show_text(run.error)
    rows = [[hit.row[name] for name in run.columns] for hit in found]
    _show_hits(run.columns, rows, settings.language)


def show_comparison(found: "Comparison", language: Language) -> None:
    """Show what differs between two runs, and what else than the county may be the reason."""
    for difference in found.differences:
        show_text(say(f"difference.{difference}", language))
    rows = [
        *(("new", identity_text(hit), "") for hit in found.new),
        *(("gone", identity_text(hit), "") for hit in found.gone),
        *(
            (
                "changed",
                identity_text(each.now),
                "; ".join(
                    f"{name}: {each.before.row.get(name)} → {each.now.row.get(name)}"
                    for name in each.columns
                ),
            )
            for each in found.changed
        ),
    ]
    show_table(
        [say(f"cli.column.{name}", language) for name in ("verdict", "identity", "what")],
        [(say(f"cli.compare.{kind}", language), identity, what) for kind, identity, what in rows],
    )
    counts = {name: len(getattr(found, name)) for name in ("new", "gone", "changed")}
    show_text(say("cli.compare.ended", language, same=found.same, **counts))


def identity_text(hit: "Hit") -> str:
    """Return what makes a hit itself, as a person reads it."""
    return ", ".join(f"{name} {value}" for name, value in hit.identity.items())


def _show_hits(
    columns: Sequence[str], rows: Sequence[Sequence[object]], language: Language
) -> None:
    """Show hits with the number by which 'motifs attach' names them; long lists by their begin."""
    show_table(
        [say("cli.column.hit", language), *columns],
        [(number, *map(_brief, row)) for number, row in enumerate(rows, start=1)],
    )


def _brief(cell: object) -> object:
    if isinstance(cell, list | tuple) and len(cell) > BRIEF:
        return f"{cell_text(cell[:BRIEF])} … ({len(cell)})"
    return cell


def _summary(asked: "Asked") -> dict[str, Any]:
    return {
        "motif": asked.motif.name,
        "run": asked.run_id,
        "digest": asked.motif.digest,
        "parameters": asked.parameters,
        "count": len(asked.answer.rows),
        "truncated": asked.answer.truncated,
        "seconds": round(asked.answer.seconds, 3),
    }
