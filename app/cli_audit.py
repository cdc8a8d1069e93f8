"""``ringfence audit``: the log of who did what, listed, and proved to be as it was written."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from app.acting import ledger_of
from app.options import AsJson, Hits, Lang, WorkspaceDir
from app.settings import read_settings
from app.terminal import show_json, show_table, show_text
from ingest.errors import RingfenceError
from ingest.telling import to_say
from ingest.texts import say

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command("list", epilog="ringfence audit list --workspace county --limit 50")
def list_(
    *,
    limit: Hits = 100,
    workspace: WorkspaceDir = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """List the newest rows of the audit log in their order."""
    from casework.audit import entries
    from casework.ledger import reading

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    with ledger_of(settings) as ledger, reading(ledger) as connection:
        found = list(entries(connection, newest=limit))
    if as_json:
        show_json(
            {"rows": [{**asdict(each), "details": json.loads(each.details)} for each in found]}
        )
        return
    names = ("seq", "at", "who", "role", "action", "object", "count")
    show_table(
        [say(f"cli.column.{name}", settings.language) for name in names],
        [[getattr(each, name) for name in names] for each in found],
    )


@app.command(
    "verify", epilog="ringfence audit verify --workspace county --anchor kept/ledger.anchor"
)
def verify(
    *,
    anchor: Annotated[Path | None, typer.Option("--anchor", metavar="FILE")] = None,
    workspace: WorkspaceDir = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Check the audit log row by row and against its anchor; exit code 1 if it was changed."""
    from casework.anchor import read_anchor
    from casework.audit import verify as verified
    from casework.ledger import reading

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    with ledger_of(settings) as ledger:
        held = read_anchor(anchor or ledger.anchor)
        if anchor is not None and held is None:
            raise RingfenceError(to_say("refused.command.no_anchor", anchor=anchor))
        with reading(ledger) as connection:
            verdict = verified(connection, held)
    if as_json:
        show_json({**asdict(verdict), "holds": not verdict.faults})
    else:
        for fault in verdict.faults:
            show_text(say(f"audit_fault.{fault.kind}", settings.language, **asdict(fault)))
        ended = "cli.audit.changed" if verdict.faults else "cli.audit.whole"
        show_text(
            say(
                ended,
                settings.language,
                rows=verdict.rows,
                faults=len(verdict.faults),
                head=verdict.head.hash if verdict.head else "-",
            )
        )
    if verdict.faults:
        raise typer.Exit(1)
