"""What a command says when it is done, in the language of the reader."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.settings import Settings
from app.terminal import show_table, show_text
from ingest.rules import CODE_REASONS
from ingest.telling import listed
from ingest.texts import Language, say

SCREEN = 25  # rings that fit on a screen


def show_rings(
    rows: Sequence[Mapping[str, Any]], language: Language, *, limit: int | None = None
) -> None:
    """Print the table of rings, at most ``limit`` of them, and how many are not in it."""
    if not rows:
        show_text(say("cli.rings.none", language))
        return
    names = ("rank", "ring_id", "kind", "people", "places", "settlements", "seen", "probability")
    show_table(
        [say(f"cli.column.{name}", language) for name in (*names, "loss_mid", "loss_range")],
        [
            (
                row["rank"],
                row["ring_id"],
                say(f"kind.{row['kind']}", language),
                row["people"],
                row["places"],
                row["settlements"],
                f"{row['first_seen']:%Y-%m-%d} – {row['last_seen']:%Y-%m-%d}",
                f"{row['probability']:.0%}",
                f"{row['loss_mid']:,.0f}",
                f"{row['loss_low']:,.0f} – {row['loss_high']:,.0f}",
            )
            for row in rows[:limit]
        ],
        title=say("cli.rings.title", language, total=len(rows)),
    )
    if limit is not None and len(rows) > limit:
        show_text(say("cli.rings.more", language, more=len(rows) - limit))
    show_text(say("cli.rings.lead", language))


def show_import(manifest: Mapping[str, Any], language: Language) -> None:
    """Print what came in by table, what is suspicious, and what a missing table switches off."""
    names = ("rows_in", "rejected", "duplicates", "void", "kept")
    show_table(
        [say(f"cli.column.{name}", language) for name in ("table", *names)],
        [(table, *(count[name] for name in names)) for table, count in manifest["totals"].items()],
        title=say("cli.import.title", language),
    )
    for line in _remarks(manifest, language):
        show_text(line)


def show_load(report: Mapping[str, Any], language: Language, *, short: bool = False) -> None:
    """Print what the graph holds: by label and type, or ``short`` in one line."""
    if not short:
        show_table(
            [say(f"cli.column.{name}", language) for name in ("label", "count")],
            [(name, count) for name, count in report["counts"].items() if count],
            title=say("cli.load.title", language),
        )
    show_text(
        say(
            "cli.load.changed" if report["changed"] else "cli.load.unchanged",
            language,
            nodes=report["nodes"],
            relationships=report["relationships"],
            seconds=report["seconds"],
        )
    )


def show_measures(measured: Mapping[str, Any], language: Language) -> None:
    """Print an evaluation: found of planted rings by kind and level, honest groups by type."""
    levels = [key for key in measured if key.startswith("at_")]
    kinds = sorted({kind for level in levels for kind in measured[level]["recall_by_kind"]})
    rows = [
        (
            say(f"kind.{kind}", language),
            *(_of(measured[level]["recall_by_kind"].get(kind), "found") for level in levels),
        )
        for kind in kinds
    ]
    precision = [measured[level]["precision"] for level in levels]
    rows.append((say("cli.evaluate.precision", language), *map(_share, precision)))
    show_table(
        [
            say("cli.column.kind", language),
            *(f"J ≥ {level.removeprefix('at_')}" for level in levels),
        ],
        rows,
        title=say(
            "cli.evaluate.rings",
            language,
            raised=measured["raised"],
            planted=measured["planted"],
        ),
    )
    honest = measured["honest"]
    show_table(
        [say("cli.column.honest", language), say("cli.column.raised", language)],
        [(name, _of(counts, "raised")) for name, counts in honest["by_type"].items()],
        title=say(
            "cli.evaluate.honest", language, raised=honest["raised"], groups=honest["groups"]
        ),
    )


def show_where_next(settings: Settings, *, graph: bool) -> None:
    """Print the commands that go on from a finished run."""
    for name in ("title", "explore", "rings", "motifs" if graph else "load", "files"):
        show_text(say(f"cli.next.{name}", settings.language, workspace=settings.workspace.root))


def _remarks(manifest: Mapping[str, Any], language: Language) -> Iterator[str]:
    for reject in manifest["rejects"]:
        told = _worded(reject, "reject", language) | {"first": _first(reject, language)}
        yield say("cli.import.rejected", language, **told)
    for flag in manifest["flags"]:
        yield say("cli.import.flagged", language, **_worded(flag, "flag", language))
    for table, enables in manifest["switched_off"].items():
        off = listed(say(f"enables.{key}", language) for key in enables).told(language)
        yield say("cli.import.missing", language, table=table, off=off)
    for table, columns in manifest["extra_columns"].items():
        yield say("cli.import.extra", language, table=table, columns=listed(columns).told(language))
    for note in manifest["notes"]:
        yield say(note["key"], language, **note["values"])


def _worded(counted: Mapping[str, Any], area: str, language: Language) -> dict[str, Any]:
    """Return table, field, rows and the reason in words of a reject or a flag."""
    place = ".".join(part for part in (counted["table"], counted["field"]) if part)
    if counted["reason"] in CODE_REASONS and counted["example"]:
        place += f" = {counted['example']}"
    return {
        "place": place,
        "rows": counted["rows"],
        "reason": say(f"{area}.{counted['reason']}", language),
    }


def _first(reject: Mapping[str, Any], language: Language) -> str:
    """Say file, line and value of the first row rejected so, where the manifest knows them."""
    if not reject["file"]:
        return ""
    value = f" = {reject['value']}" if reject["field"] and reject["value"] else ""
    first = f"{reject['file']}:{reject['line']}{value}"
    return say("cli.import.first", language, first=first)


def _of(counts: Mapping[str, int] | None, part: str) -> str:
    return f"{counts[part]} / {counts['planted']}" if counts else ""


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"
