"""``ringfence watch``: new files of settlements, scored one by one as they arrive."""

import os
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.options import AsJson, Lang, Mapping, Memory, Threads, WorkspaceDir
from app.settings import Settings, read_settings
from app.terminal import note, progress_bars, show_json, show_table, show_text
from ingest.errors import RingfenceError
from ingest.mapping import read_mapping
from ingest.telling import to_say
from ingest.texts import Language, say

if TYPE_CHECKING:  # the real imports wait until the command runs: '--help' stays quick
    import pyarrow as pa

    from detectors.watch import Batch, Watch

SCREEN = 20  # warnings of one file that are printed; all of them are in the table
SETTLE_SECONDS = 1.0  # with --once: how long a file must keep its size to count as whole

Sizes = dict[Path, tuple[int, int]]


def watch(
    watched: Annotated[Path, typer.Argument(metavar="FOLDER")],
    *,
    workspace: WorkspaceDir = None,
    mapping: Mapping = None,
    once: Annotated[bool, typer.Option("--once")] = False,
    pause: Annotated[float, typer.Option("--every", metavar="SECONDS")] = 10.0,
    memory: Memory = None,
    threads: Threads = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Score settlements as they arrive against the rings of the newest run."""
    settings = read_settings(
        os.environ, workspace=workspace, memory=memory, threads=threads, lang=lang, as_json=as_json
    )
    if pause <= 0:
        raise RingfenceError(to_say("refused.watch.pause", value=pause))
    done: Sizes = {}
    seen = _sizes(watched)
    read_mapping(mapping, watched)  # a wrong one is said once, not with every file
    while True:
        ended = _with_one_run(watched, settings, mapping, done, seen, once=once, pause=pause)
        if ended is not None:
            raise typer.Exit(ended)


def show_since(settings: Settings, run: str) -> None:
    """Print how many settlements arrived at rings of a run since then; nothing where none did."""
    from detectors.warned import of_run, warnings_file

    since = of_run(settings.workspace, run)
    if since.num_rows:
        told = {"settlements": _different(since, "setl_id"), "rings": _different(since, "ring_id")}
        file = warnings_file(settings.workspace)
        show_text(say("cli.watch.since", settings.language, file=file, **told))


def _with_one_run(
    folder: Path,
    settings: Settings,
    mapping: Path | None,
    done: Sizes,
    seen: Sizes,
    *,
    once: bool,
    pause: float,
) -> int | None:
    """Watch until a newer run or import is there (None) or the end (the exit code)."""
    from detectors.warned import warnings_file
    from detectors.watch import overtaken, rescore, watching

    with watching(
        settings.workspace, mapping=mapping, memory=settings.memory, threads=settings.threads
    ) as watch:
        _begin(watch, folder, settings)
        before = rescore(watch)
        if before.num_rows and not settings.as_json:
            told = {"run": watch.known.run, "warnings": before.num_rows}
            show_text(say("cli.watch.rescored", settings.language, **told))
        told_again: list[dict[str, Any]] = []
        failed = False
        while not overtaken(watch):
            time.sleep(min(pause, SETTLE_SECONDS) if once else pause)
            for path in _whole(folder, done, seen, settings.language):
                try:
                    told_again.append(_one(watch, path, folder, settings, once=once))
                except RingfenceError as error:  # one bad file does not keep the next from reading
                    failed = True
                    sentence = error.told(settings.language)
                    note(say("cli.error", settings.language, sentence=sentence))
            if once:
                if told_again or not failed or settings.as_json:
                    _end(told_again, before, warnings_file(settings.workspace), settings)
                return 1 if failed else 0
    return None


def _begin(watch: "Watch", folder: Path, settings: Settings) -> None:
    told = {"folder": folder, "run": watch.known.run, "rings": watch.known.rings}
    note(say("cli.watch.begun", settings.language, **told))
    if not settings.workspace.is_current(settings.workspace.latest_run()):
        note(say("cli.watch.outdated", settings.language))


def _sizes(folder: Path) -> Sizes:
    """Return size and time of change of every file, as they are now."""
    from ingest.arriving import new_files

    found = {}
    for path in new_files(folder):
        state = path.stat()
        found[path] = (state.st_size, state.st_mtime_ns)
    return found


def _whole(folder: Path, done: Sizes, seen: Sizes, language: Language) -> Iterator[Path]:
    """Yield the files that look as they did at the look before and were not taken yet."""
    now = _sizes(folder)
    for path, state in now.items():
        if done.get(path) == state:
            continue
        if seen.get(path) == state:
            done[path] = state
            yield path
        else:
            note(say("cli.watch.waiting", language, file=path.name))
    seen.clear()
    seen.update(now)


def _one(
    watch: "Watch", path: Path, folder: Path, settings: Settings, *, once: bool
) -> dict[str, Any]:
    """Take one file and tell what came of it."""
    from detectors.warned import rejects_file, warnings_file
    from detectors.watch import take

    begun = time.monotonic()
    with progress_bars(settings.language) as progress:
        progress("watch", 0, 0)
        batch = take(watch, path, folder)
    told = _facts(batch) | {"seconds": time.monotonic() - begun}
    if settings.as_json:
        row = {**told, "seconds": round(told["seconds"], 3), "new": batch.new.to_pylist()}
        if not once:
            show_json(row)
        return row
    if batch.again:
        show_text(say("cli.watch.again", settings.language, **told))
    else:
        show_text(say("cli.watch.batch", settings.language, **told))
        if told["kept"] < told["rows_in"]:
            rejects = rejects_file(settings.workspace)
            show_text(say("cli.watch.left_out", settings.language, rejects=rejects, **told))
    if batch.new.num_rows:
        _show(batch.new, settings.language, warnings_file(settings.workspace))
    return told


def _facts(batch: "Batch") -> dict[str, Any]:
    new = batch.new
    return asdict(batch.account) | {
        "again": batch.again,
        "warnings": new.num_rows,
        "settlements": _different(new, "setl_id"),
        "rings": _different(new, "ring_id"),
    }


def _different(warnings: "pa.Table", column: str) -> int:
    return len(warnings[column].unique())


def _show(new: "pa.Table", language: Language, file: Path) -> None:
    names = ("ring_id", "settled_at", "setl_id", "person_id", "place", "like")
    show_table(
        [say(f"cli.column.{name}", language) for name in names],
        [
            (
                row["ring_id"],
                row["at"],
                row["setl_id"],
                row["person_id"],
                row["fixmedins_code"],
                row[f"sentence_{language}"],
            )
            for row in new.slice(0, SCREEN).to_pylist()
        ],
    )
    if new.num_rows > SCREEN:
        show_text(say("cli.watch.more", language, more=new.num_rows - SCREEN, file=file))


def _end(told: list[dict[str, Any]], before: "pa.Table", file: Path, settings: Settings) -> None:
    warned = sum(one["warnings"] for one in told) + before.num_rows
    if settings.as_json:
        show_json({"files": told, "rescored": before.to_pylist(), "warnings": warned, "file": file})
    elif told:
        show_text(
            say("cli.watch.ended", settings.language, files=len(told), warnings=warned, file=file)
        )
    else:
        show_text(say("cli.watch.nothing", settings.language))
