"""``ringfence motifs run|runs|compare|attach|alert``: motifs asked, recorded and made alerts."""

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from app.acting import ActsAs, acting, ledger_of
from app.answers import (
    Format,
    identity_text,
    print_answer,
    show_comparison,
    show_run,
    show_runs,
    write_answer,
)
from app.options import AsJson, Hits, Lang, Timeout, WorkspaceDir
from app.settings import read_settings
from app.steps import graph_store
from app.terminal import progress_bars, show_json, show_table, show_text
from ingest.errors import RingfenceError
from ingest.telling import to_say
from ingest.texts import say

if TYPE_CHECKING:  # the real imports wait until a command needs them: '--help' stays quick
    from casework.audit import Actor
    from casework.ledger import Ledger
    from detectors.motif import Motif

ENDINGS: dict[str, Format] = {".json": "json", ".csv": "csv", ".parquet": "parquet"}
Name = Annotated[str, typer.Argument(metavar="NAME")]
Params = Annotated[list[str] | None, typer.Option("--param", metavar="K=V")]
RunId = Annotated[str, typer.Argument(metavar="RUN")]


def run(
    name: Name,
    *,
    param: Params = None,
    limit: Hits = 100,
    timeout: Timeout = 60.0,
    format_: Annotated[Format | None, typer.Option("--format")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE")] = None,
    acts_as: ActsAs = None,
    workspace: WorkspaceDir = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Ask the graph one motif, print or write its hits, and keep both in the ledger."""
    from casework.questions import ask_motif
    from detectors.motif import motif as motif_named

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    shape = _shape(format_, out, as_json=as_json)
    pairs = dict(_pair(text) for text in param or [])
    motif, actor = motif_named(name, settings.workspace.motifs), acting(acts_as)
    with ledger_of(settings) as ledger:
        values = _values(ledger, actor, motif, pairs, limit=limit, timeout=timeout)
        with graph_store(settings) as store, progress_bars(settings.language) as progress:
            progress("ask", 0, 0)
            asked = ask_motif(
                ledger,
                store,
                motif,
                actor,
                parameters=values,
                limit=limit,
                timeout_seconds=timeout,
            )
            progress("ask", 1, 1)
        if out is not None:
            write_answer(settings, ledger, actor, asked, out, shape)
        else:
            print_answer(settings, asked, shape)


def runs(
    question_run: Annotated[str | None, typer.Argument(metavar="RUN")] = None,
    *,
    motif: Annotated[str | None, typer.Option("--motif", metavar="NAME")] = None,
    limit: Hits = 20,
    workspace: WorkspaceDir = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """List the recorded runs, the newest first, or show the hits of one."""
    from casework.ledger import reading
    from casework.runs import find_run
    from casework.runs import hits as hits_of
    from casework.runs import runs as recorded

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    with ledger_of(settings) as ledger, reading(ledger) as connection:
        if question_run is not None:
            run = find_run(connection, question_run)
            show_run(settings, run, hits_of(connection, run.run_id))
            return
        found = recorded(connection, motif=motif, limit=limit)
    if as_json:
        show_json({"runs": [asdict(each) for each in found]})
        return
    show_runs(found, settings.language)


def compare(
    before: Annotated[str, typer.Argument(metavar="RUN_A")],
    now: Annotated[str, typer.Argument(metavar="RUN_B")],
    *,
    workspace: WorkspaceDir = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Say which hits are new, gone or changed from one run to another."""
    from casework.ledger import reading
    from casework.runs import compare as compared

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    with ledger_of(settings) as ledger, reading(ledger) as connection:
        found = compared(connection, before, now)
    if as_json:
        certain = {"new_is_certain": found.new_is_certain, "gone_is_certain": found.gone_is_certain}
        show_json({**asdict(found), **certain})
    else:
        show_comparison(found, settings.language)


def attach(
    question_run: RunId,
    hit: Annotated[int, typer.Argument(metavar="HIT", min=1)],
    ring: Annotated[str, typer.Argument(metavar="RING")],
    *,
    acts_as: ActsAs = None,
    workspace: WorkspaceDir = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Put one hit of a recorded run beside a ring as evidence, and list those of the ring."""
    from casework.ledger import reading
    from casework.ring_hits import attach as attached
    from casework.ring_hits import hits_of_ring

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    with ledger_of(settings) as ledger:
        attached(ledger, acting(acts_as), question_run, hit, ring)
        with reading(ledger) as connection:
            found = hits_of_ring(connection, ring)
    if as_json:
        show_json({"ring_id": ring, "hits": [asdict(each) for each in found]})
        return
    names = ("motif", "run_id", "hit", "identity", "who", "at")
    show_table(
        [say(f"cli.column.{name}", settings.language) for name in names],
        [
            (
                each.run.motif,
                each.hit.run_id,
                each.hit.position,
                identity_text(each.hit),
                each.who,
                each.at,
            )
            for each in found
        ],
        title=say("cli.ring_hits", settings.language, ring=ring),
    )


def alert(
    name: Name,
    *,
    alert: Annotated[str, typer.Option("--alert", metavar="TEXT")],
    every: Annotated[Literal["hour", "day", "week", "month"], typer.Option("--every")] = "day",
    param: Params = None,
    limit: Hits = 5000,
    timeout: Timeout = 60.0,
    webhook: Annotated[str | None, typer.Option("--webhook", metavar="URL")] = None,
    acts_as: ActsAs = None,
    workspace: WorkspaceDir = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Make a motif with its parameters a standing alert."""
    from casework.alerts import make_alert
    from detectors.motif import from_texts
    from detectors.motif import motif as motif_named

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    pairs = dict(_pair(text) for text in param or [])
    motif = motif_named(name, settings.workspace.motifs)
    with ledger_of(settings) as ledger:
        made = make_alert(
            ledger,
            acting(acts_as),
            motif,
            name=alert,
            every=every,
            parameters=from_texts(motif, pairs),
            limit=limit,
            timeout_seconds=timeout,
            webhook=webhook,
        )
    if as_json:
        show_json(asdict(made))
    else:
        show_text(say("cli.alert.made", settings.language, alert=made.name))


def _shape(format_: Format | None, out: Path | None, *, as_json: bool) -> Format:
    """Return how hits are given out; without a format the file's ending says it."""
    if format_ is None and out is not None and (ending := out.suffix.lower()) in ENDINGS:
        return ENDINGS[ending]
    shape: Format = format_ or ("json" if as_json and out is None else "table")
    if out is not None and shape == "table":
        raise RingfenceError(to_say("refused.command.no_format", out=out))
    if out is None and shape == "parquet":
        raise RingfenceError(to_say("refused.command.parquet"))
    if out is None and as_json and shape != "json":
        raise RingfenceError(to_say("refused.command.two_formats", shape=shape))
    return shape


def _values(
    ledger: "Ledger",
    actor: "Actor",
    motif: "Motif",
    pairs: dict[str, str],
    *,
    limit: int,
    timeout: float,
) -> dict[str, Any]:
    """Return the parameters as typed, in their types; what does not fit is recorded as refused."""
    from casework.questions import record_refused
    from detectors.motif import from_texts

    try:
        return dict(from_texts(motif, pairs))
    except RingfenceError as error:
        record_refused(
            ledger,
            actor,
            motif,
            parameters=pairs,
            error=error,
            limit=limit,
            timeout_seconds=timeout,
        )
        raise


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise RingfenceError(to_say("refused.command.parameter", text=text))
    return name, value
