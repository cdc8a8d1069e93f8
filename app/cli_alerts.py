"""``ringfence alerts``: the standing alerts, listed, run by cron and removed; messages sent.

Messages tell receivers what alerts found, and clients of the API what became of their leads.
"""

import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.acting import ActsAs, acting, ledger_of
from app.answers import identity_text
from app.cli_accounts import By, administrator
from app.options import AsJson, Lang, WorkspaceDir
from app.settings import Settings, read_settings
from app.steps import graph_store
from app.terminal import note, progress_bars, show_json, show_table, show_text
from ingest.errors import RingfenceError
from ingest.telling import to_say
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


@app.command("send", epilog="ringfence alerts send --workspace county")
def send(
    *,
    acts_as: ActsAs = None,
    workspace: WorkspaceDir = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Send the news of leads and what else waits, without running alerts; exit code 1 on failure.

    Raises
    ------
    RingfenceError
        If webhooks are off.
    """
    from casework.deliveries import deliver, waiting
    from casework.ledger import reading
    from casework.webhook import SECRET, SWITCH, webhooks

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    sending = webhooks(os.environ)
    if sending is None:
        raise RingfenceError(
            to_say("refused.command.webhooks_off", switch_name=SWITCH, secret=SECRET)
        )
    with ledger_of(settings) as ledger:
        sent = deliver(ledger, acting(acts_as), sending)
        with reading(ledger) as connection:
            left = waiting(connection)
    if as_json:
        show_json({"deliveries": [asdict(each) for each in sent], "waiting": left})
    else:
        _show_sent(sent, settings.language)
        taken = sum(each.error is None for each in sent)
        show_text(say("cli.alert.sent", settings.language, taken=taken, left=left))
    if any(each.error for each in sent):
        raise typer.Exit(1)


@app.command("tell", epilog="ringfence alerts tell platform --webhook https://HOST/PATH --by root")
def tell(
    client: Annotated[str, typer.Argument(metavar="CLIENT")],
    *,
    by_account: By,
    webhook: Annotated[str | None, typer.Option("--webhook", metavar="URL")] = None,
    tell_no_more: Annotated[bool, typer.Option("--no-more")] = False,
    workspace: WorkspaceDir = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Tell a client of the API of its leads at an address from now on, or no more.

    Raises
    ------
    RingfenceError
        If neither an address nor ``--no-more`` is given, or both are.
    """
    from casework.news import remove_address, set_address

    if (webhook is None) is not tell_no_more:
        raise RingfenceError(to_say("refused.command.no_address"))
    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    with ledger_of(settings) as ledger, administrator(ledger, settings, by_account) as officer:
        if webhook is None:
            remove_address(ledger, officer, client)
            told = {"client": client, "done": "removed"}
        else:
            address = set_address(ledger, officer, client, webhook=webhook)
            told = {"client": client, "receiver": address.receiver}
    if as_json:
        show_json(told)
    else:
        key = "cli.alert.no_more" if webhook is None else "cli.alert.tells"
        show_text(say(key, settings.language, **told))


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
    _show_sent(sent, language)


def _show_sent(sent: "list[Delivery]", language: Language) -> None:
    """Say which messages were not taken."""
    for each in sent:
        if each.error:
            note(
                say(
                    "cli.alert.not_delivered",
                    language,
                    alert=each.alert or each.client,
                    receiver=each.receiver,
                    reason=each.error,
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
