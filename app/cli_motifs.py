"""``ringfence motifs``: the library of questions to the graph, listed, shown and asked."""

import os
from typing import Annotated

import typer

from app.options import AsJson, Hits, Lang, Timeout, WorkspaceDir
from app.settings import read_settings
from app.steps import graph_store
from app.terminal import progress_bars, show_json, show_table, show_text
from ingest.errors import RingfenceError
from ingest.texts import say

app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)

Name = Annotated[str, typer.Argument(metavar="NAME")]


@app.callback()
def motifs(ctx: typer.Context) -> None:
    """List the motifs where no command follows."""
    if ctx.invoked_subcommand is None:
        list_()


@app.command("list", epilog="ringfence motifs list")
def list_(*, lang: Lang = None, as_json: AsJson = False) -> None:
    """List every motif with its question."""
    from detectors.motif import in_words
    from detectors.motif import motifs as all_motifs

    settings = read_settings(os.environ, lang=lang, as_json=as_json)
    rows = [
        (motif.name, in_words(motif, "question", language=settings.language))
        for motif in all_motifs()
    ]
    if as_json:
        show_json({"motifs": [{"name": name, "question": question} for name, question in rows]})
    else:
        headings = [say(f"cli.column.{name}", settings.language) for name in ("motif", "question")]
        show_table(headings, rows)


@app.command("show", epilog="ringfence motifs show one_account_one_reviewer")
def show(name: Name, *, lang: Lang = None, as_json: AsJson = False) -> None:
    """Print one motif: what it asks, what may be honest, what is unknown, and its Cypher."""
    from detectors.motif import in_words
    from detectors.motif import motif as motif_named

    settings = read_settings(os.environ, lang=lang, as_json=as_json)
    motif = motif_named(name)
    words = {
        field: in_words(motif, field, language=settings.language)
        for field in ("title", "question", "honest", "unknown")
    }
    parameters = [
        {
            "name": parameter.name,
            "default": parameter.default,
            "least": parameter.least,
            "unit": parameter.unit,
            "meaning": parameter.meaning,
        }
        for parameter in motif.params.values()
    ]
    if as_json:
        show_json({"name": name, **words, "parameters": parameters, "text": motif.text})
        return
    for field, text in words.items():
        show_text(f"{say(f'cli.motif.{field}', settings.language)}: {text}")
    columns = ("name", "default", "least", "unit", "meaning")
    show_table(
        [say(f"cli.column.{column}", settings.language) for column in columns],
        [[parameter[column] for column in columns] for parameter in parameters],
    )
    show_text(motif.text)


@app.command("run", epilog="ringfence motifs run one_account_one_reviewer --param min_patients=5")
def run(
    name: Name,
    *,
    param: Annotated[list[str] | None, typer.Option("--param", metavar="K=V")] = None,
    limit: Hits = 100,
    timeout: Timeout = 60.0,
    workspace: WorkspaceDir = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Ask the graph one motif and print its hits."""
    from detectors.motif import from_texts, run_motif
    from detectors.motif import motif as motif_named

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    motif = motif_named(name)
    values = from_texts(motif, dict(_pair(text) for text in param or []))
    with graph_store(settings) as store, progress_bars(settings.language) as progress:
        progress("ask", 0, 0)
        answer = run_motif(store, motif, parameters=values, limit=limit, timeout_seconds=timeout)
        progress("ask", 1, 1)
    if as_json:
        show_json(
            {
                "motif": name,
                "digest": motif.digest,
                "parameters": values,
                "columns": answer.columns,
                "rows": answer.rows,
                "truncated": answer.truncated,
                "seconds": round(answer.seconds, 3),
            }
        )
        return
    show_table(answer.columns, answer.rows)
    ended = "cli.answer.truncated" if answer.truncated else "cli.answer.whole"
    show_text(say(ended, settings.language, rows=len(answer.rows), seconds=answer.seconds))


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise RingfenceError(f"--param is '{text}', expected name=value, such as min_patients=5.")
    return name, value
