"""The steps of a job, each with its progress bars; what they return is what ``--json`` prints."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from app.settings import Settings
from app.terminal import progress_bars
from ingest.errors import RingfenceError
from ingest.telling import to_say

if TYPE_CHECKING:  # the real imports wait until a command needs them: '--help' stays quick
    from graph.store import Store
    from ingest.simulate import Truth

Summary = dict[str, Any]


def simulate_step(
    folder: Path,
    settings: Settings,
    *,
    persons: int,
    days: int,
    seed: int,
    rings: bool = True,
    messy: bool = False,
    style: Literal["first", "second"] = "first",
    format: Literal["csv", "parquet"] = "csv",
) -> Summary:
    """Write an invented extract with its truth; return how much was planted."""
    from ingest.simulate import Mechanisms, simulate

    with progress_bars(settings.language) as progress:
        truth = simulate(
            folder,
            persons=persons,
            days=days,
            seed=seed,
            rings=rings,
            messy=messy,
            format=format,
            mechanisms=Mechanisms(style=style),
            progress=progress,
        )
    return _planted(folder, truth)


def demo_extract(
    folder: Path, settings: Settings, *, persons: int, days: int, seed: int
) -> Summary:
    """Write the extract of the demo, or take the one that an earlier demo left.

    Raises
    ------
    RingfenceError
        If the folder holds another county: nothing is overwritten.
    """
    from ingest.simulate import read_truth

    answer = folder / "truth.json"
    if not answer.exists():
        return simulate_step(folder, settings, persons=persons, days=days, seed=seed)
    truth = read_truth(answer)
    if (truth.persons, truth.days, truth.seed) != (persons, days, seed):
        raise RingfenceError(
            to_say(
                "refused.command.other_county",
                folder=folder,
                persons=truth.persons,
                days=truth.days,
                seed=truth.seed,
            )
        )
    return _planted(folder, truth)


def _planted(folder: Path, truth: "Truth") -> Summary:
    return {
        "extract": folder,
        "persons": truth.persons,
        "days": truth.days,
        "seed": truth.seed,
        "rings": len(truth.rings),
        "honest_groups": len(truth.honest),
    }


def import_step(extract: Path, settings: Settings, *, mapping: Path | None = None) -> Summary:
    """Import an extract into the workspace; return its manifest."""
    from ingest.importing import import_extract

    with progress_bars(settings.language) as progress:
        manifest = import_extract(
            extract,
            settings.workspace,
            mapping=mapping,
            memory=settings.memory,
            threads=settings.threads,
            progress=progress,
        )
    return asdict(manifest)


def detect_step(
    settings: Settings, *, seed: int, resamples: int | None = None, factors: Path | None = None
) -> Path:
    """Find the rings of the imported extract; return the folder of the run."""
    from detectors.run import detect
    from detectors.settings import DetectSettings

    chosen = DetectSettings(
        seed=seed,
        memory=settings.memory,
        threads=settings.threads,
        resamples=resamples,
        factors=factors,
    )
    with progress_bars(settings.language) as progress:
        return detect(settings.workspace, settings=chosen, progress=progress)


def load_step(settings: Settings) -> Summary:
    """Load the clean tables and their newest run, if any; return what the graph holds.

    A run of an earlier import is left out: its rings name settlements that are gone.
    """
    from graph.load import load, write_rings

    settings.workspace.require_import()
    with graph_store(settings) as store, progress_bars(settings.language) as progress:
        report = load(
            store,
            settings.workspace,
            memory=settings.memory,
            threads=settings.threads,
            progress=progress,
        )
        run = current_run(settings)
        if run is not None:
            write_rings(store, settings.workspace, run, progress=progress)
    return {**asdict(report), "run": run}


def current_run(settings: Settings) -> Path | None:
    """Return the newest run if it rests on the current import, else None."""
    if not (settings.workspace.runs / "latest").exists():
        return None
    run = settings.workspace.latest_run()
    return run if settings.workspace.is_current(run) else None


def ring_rows(run: Path, *, limit: int | None = None) -> list[Summary]:
    """Return the rings of a run by rank, at most ``limit`` of them."""
    from pyarrow import parquet

    table = parquet.read_table(run / "rings.parquet").sort_by("rank")
    rows: list[Summary] = table.slice(0, limit).to_pylist()
    return rows


@contextmanager
def graph_store(settings: Settings) -> "Iterator[Store]":
    """Open the graph; an embedded server that was not running before is stopped afterwards."""
    from graph.store import open_store

    with server_as_found(settings), open_store(settings.workspace) as store:
        yield store


@contextmanager
def server_as_found(settings: Settings) -> Iterator[None]:
    """Leave the embedded server as it was found: stopped, unless it ran before the block.

    Whatever needs the graph starts the server by itself, and a command must not leave a process
    behind that nobody asked for. ``ringfence graph start`` is how one asks for it to stay.
    """
    from graph.embedded import find, stop

    folder = settings.workspace.graph
    ours = settings.neo4j_uri is None and find(folder) is None
    try:
        yield
    finally:
        if ours:
            stop(folder)


def serve_explorer(settings: Settings, *, port: int, address: str) -> int:
    """Serve the explorer until somebody stops it; return its exit code, 0 if that was the user.

    Raises
    ------
    RingfenceError
        If something else listens on the port already.
    """
    from app.explorer.launch import command

    refuse_busy_port(address, port)
    arguments, environment = command(
        settings.workspace.root, port, True, address=address, language=settings.language
    )
    # What the server prints is for people: standard output stays free for --json.
    server = subprocess.Popen(arguments, env=environment, stdout=2)  # noqa: S603 - our own python
    try:
        with server_as_found(settings):
            return server.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        server.terminate()
        server.wait()


def refuse_busy_port(address: str, port: int) -> None:
    """Raise a :class:`RingfenceError` where the port is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise RingfenceError(
                to_say(
                    "refused.command.port",
                    address=address,
                    port=port,
                    reason=os.strerror(error.errno or 0),
                )
            ) from error
