"""``ringfence verify``: every ring of a run shown again by its motif, its money counted again."""

import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.options import AsJson, Lang, Memory, Threads, Timeout, WorkspaceDir
from app.settings import Settings, read_settings
from app.steps import graph_store
from app.terminal import progress_bars, show_json, show_table, show_text
from ingest.errors import RingfenceError
from ingest.telling import listed, to_say
from ingest.texts import Language, say

if TYPE_CHECKING:  # the real import waits until the command runs: '--help' stays quick
    from detectors.verify import Checked

FIRST = 3  # settlement numbers named in the table; all of them are in --json


def verify(
    run: Annotated[str | None, typer.Argument(metavar="RUN")] = None,
    *,
    workspace: WorkspaceDir = None,
    timeout: Timeout = 60.0,
    memory: Memory = None,
    threads: Threads = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Ask the graph again for every ring of a run; exit code 1 where something does not hold."""
    from detectors.verify import verify as check

    settings = read_settings(
        os.environ, workspace=workspace, memory=memory, threads=threads, lang=lang, as_json=as_json
    )
    folder = _run(settings, run)
    with graph_store(settings) as store, progress_bars(settings.language) as progress:
        checked = check(
            store,
            settings.workspace,
            folder,
            progress,
            memory=settings.memory,
            threads=settings.threads,
            timeout_seconds=timeout,
        )
    held = sum(ring.holds for ring in checked)
    if as_json:
        rings = [
            {**asdict(ring), "refused": ring.refused and str(ring.refused), "holds": ring.holds}
            for ring in checked
        ]
        show_json({"run": folder, "rings": rings, "held": held, "total": len(checked)})
    else:
        _show(checked, settings.language)
        show_text(say("cli.verify.ended", settings.language, held=held, total=len(checked)))
    if held < len(checked):
        raise typer.Exit(1)


def _run(settings: Settings, name: str | None) -> Path:
    """Return the folder of a run by its name or path; the newest one where none is named."""
    if name is None:
        return settings.workspace.latest_run()
    for folder in (settings.workspace.runs / name, Path(name)):
        if (folder / "rings.parquet").exists():
            return folder.resolve()
    known = sorted(path.name for path in settings.workspace.runs.glob("run-*"))
    raise RingfenceError(
        to_say(
            "refused.command.no_run", name=name, folder=settings.workspace.runs, known=listed(known)
        )
    )


def _show(checked: "Sequence[Checked]", language: Language) -> None:
    names = ("ring_id", "motif", "expected", "shown", "verdict")
    show_table(
        [say(f"cli.column.{name}", language) for name in names],
        [
            (ring.ring_id, ring.motif, ring.expected, ring.shown, _verdict(ring, language))
            for ring in checked
        ],
        title=say("cli.verify.title", language),
    )


def _verdict(ring: "Checked", language: Language) -> str:
    """Say that a ring holds, or everything that does not."""
    if ring.holds:
        return say("cli.verify.holds", language)
    told = []
    if ring.refused:
        told.append(say("cli.verify.refused", language, reason=ring.refused.told(language)))
    for name in ("missing", "unknown", "differing"):
        numbers: tuple[str, ...] = getattr(ring, name)
        if numbers and not (name == "missing" and ring.refused):
            more = "" if len(numbers) <= FIRST else " …"
            first = ", ".join(numbers[:FIRST]) + more
            told.append(say(f"cli.verify.{name}", language, count=len(numbers), numbers=first))
    counted = ring.fund_counted
    if ring.fund_shown != counted:
        told.append(say("cli.verify.fund", language, said=ring.fund_shown, counted=counted))
    if ring.loss_low > counted:
        told.append(say("cli.verify.loss", language, said=ring.loss_low, counted=counted))
    if not ring.expected:
        told.append(say("cli.verify.nothing", language))
    return "; ".join(told)
