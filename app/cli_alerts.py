"""``ringfence alerts``: the standing alerts, listed, run by cron and removed."""

import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.acting import ActsAs, acting, ledger_of
from app.answers import identity_text
from app.options import AsJson, Lang, WorkspaceDir
from app.settings import Settings, read_settings
from app.steps import graph_store
from app.terminal import note, progress_bars, show_json, show_table, show_text
from ingest.texts import Language, say

if TYPE_CHECKING:  # the real imports wait until a command needs them: '--help' stays quick
    from casework.alert_runs import Ran
    from casework.deliveries import Delivery

app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)


@app.callback()
def alerts(ctx: typer.Context) -> None:
    """List the alerts where no command follows."""
    if ctx.invoked_subcommand is None:
        list_()


@app.command("list", epilog="ringfence alerts list --workspace county")
def list_(*, workspace: WorkspaceDir = None, lang: Lang = None, as_json: AsJson = False) -> None:
    """List the alerts with their schedule and how the newest run ended."""
    from casework.alerts import alerts as kept
    from casework.ledger import reading
    from casework.webhook import host_of

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    with ledger_of(settings) as ledger, reading(ledger) as connection:
        found = kept(connection)
    if as_json:
        show_json({"alerts": [asdict(alert) for alert in found]})
        return
    names = ("alert", "motif", "parameters", "every", "last_ran", "webhook", "last_error")
    show_table(
        [say(f"cli.column.{name}", settings.language) for name in names],
        [
            (
                alert.name,
                alert.motif,
                ", ".join(f"{name}={value}" for name, value in alert.parameters.items()),
                say(f"every.{alert.every}", settings.language),
                alert.last_ran_at,
                host_of(alert.webhook) if alert.webhook else None,
                alert.last_error,
            )
            for alert in found
        ],
    )


@app.command("run", epilog="ringfence alerts run --due-only --workspace county")
def run(
    names: Annotated[list[str] | None, typer.Argument(metavar="[ALERT]...")] = None,
    *,
    due_only: Annotated[bool, typer.Option("--due-only")] = False,
    acts_as: ActsAs = None,
    workspace: WorkspaceDir = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Run alerts and tell only what is new; exit code 1 where one failed."""
    from casework.alert_news import mark_told
    from casework.alert_runs import run_alerts
    from casework.deliveries import deliver, waiting
    from casework.ledger import reading
    from casework.webhook import webhooks

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    actor, sending = acting(acts_as), webhooks(os.environ)
    with ledger_of(settings) as ledger:
        with progress_bars(settings.language) as progress:
            ran = run_alerts(
                ledger,
                lambda: graph_store(settings),
                actor,
                names=names or [],
                due_only=due_only,
                progress=progress,
            )
        sent = deliver(ledger, actor, sending) if sending else []
        with reading(ledger) as connection:
            left = waiting(connection)
        if as_json:
            show_json(_told(ran, sent, left))
        else:
            _show(settings, ran, sent)
            if left:
                off = "cli.alert.waiting" if sending else "cli.alert.webhooks_off"
                note(say(off, settings.language, count=left))
        mark_told(ledger, [(each.alert, news) for each in ran for news in each.news])
    if any(each.state == "failed" for each in ran) or any(each.error for each in sent):
        raise typer.Exit(1)


@app.command("remove", epilog="ringfence alerts remove 'swiped again' --workspace county")
def remove(
    alert: Annotated[str, typer.Argument(metavar="ALERT")],
    *,
    acts_as: ActsAs = None,
    workspace: WorkspaceDir = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Remove an alert; what it found stays in the ledger."""
    from casework.alerts import remove_alert

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    with ledger_of(settings) as ledger:
        removed = remove_alert(ledger, acting(acts_as), alert)
    if as_json:
        show_json({"removed": removed.alert_id, "alert": removed.name})
    else:
        show_text(say("cli.alert.removed", settings.language, alert=removed.name))


def _told(ran: "list[Ran]", sent: "list[Delivery]", left: int) -> dict[str, Any]:
    return {
        "alerts": [
            {
                "alert": each.alert.name,
                "state": each.state,
                "run": each.run_id,
                "rows": each.rows,
                "truncated": each.truncated,
                "error": each.error,
                "motif_file": each.file,
                "new": [{"pseudonym": news.pseudonym, **asdict(news.hit)} for news in each.news],
            }
            for each in ran
        ],
        "deliveries": [asdict(each) for each in sent],
        "waiting": left,
    }


def _show(settings: Settings, ran: "list[Ran]", sent: "list[Delivery]") -> None:
    language = settings.language
    for each in ran:
        for line in _lines(each, language):
            show_text(line)
        if each.news:
            names = ("motif", "run_id", "hit", "identity", "pseudonym")
            show_table(
                [say(f"cli.column.{name}", language) for name in names],
                [
                    (
                        each.alert.motif,
                        news.hit.run_id,
                        news.hit.position,
                        identity_text(news.hit),
                        news.pseudonym,
                    )
                    for news in each.news
                ],
            )
    for delivery in sent:
        if delivery.error:
            note(
                say(
                    "cli.alert.not_delivered",
                    language,
                    alert=delivery.alert,
                    receiver=delivery.receiver,
                    reason=delivery.error,
                )
            )


def _lines(each: "Ran", language: Language) -> list[str]:
    """Return what is to be said of one alert before its news."""
    values = {
        "alert": each.alert.name,
        "rows": each.rows,
        "new": len(each.news),
        "reason": each.error,
    }
    lines = [say(f"alert_state.{each.state}", language, **values)]
    if each.truncated:
        lines.append(say("cli.alert.cut", language, **values))
    if each.file != "same":
        lines.append(say(f"alert_file.{each.file}", language, **values))
    return lines
