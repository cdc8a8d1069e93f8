"""``ringfence api``: the HTTP API served, and the systems that may call it."""

import os
from dataclasses import asdict
from typing import Annotated

import typer

from app.acting import ledger_of
from app.cli_accounts import By, RoleName, Unit, administrator
from app.options import LOOPBACK, AsJson, Lang, WorkspaceDir
from app.settings import read_settings
from app.steps import refuse_busy_port
from app.terminal import note, show_json, show_table, show_text
from ingest.texts import say

DEFAULT_API_PORT = 8601

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
clients = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(clients, name="client", epilog="ringfence api client list --by root")

ClientName = Annotated[str, typer.Argument(metavar="CLIENT")]


@app.command("serve", epilog="ringfence api serve --workspace county --port 8601")
def serve(
    *,
    api_port: Annotated[
        int, typer.Option("--port", metavar="PORT", min=1, max=65535)
    ] = DEFAULT_API_PORT,
    address: Annotated[str, typer.Option("--address", metavar="ADDRESS")] = LOOPBACK,
    workspace: WorkspaceDir = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Serve the API until it is stopped."""
    import uvicorn

    from app.api.service import make_api

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    refuse_busy_port(address, api_port)
    url = f"http://{address}:{api_port}"
    with ledger_of(settings) as ledger:
        if as_json:
            show_json({"url": url, "workspace": settings.workspace.root})
        note(say("cli.api.serving", settings.language, url=url))
        if address not in (LOOPBACK, "::1", "localhost"):
            note(say("cli.api.open", settings.language))
        uvicorn.run(
            make_api(ledger),
            host=address,
            port=api_port,
            log_level="warning",
            access_log=False,  # the audit log has every call
            server_header=False,
            proxy_headers=False,
        )


@clients.command(
    "add", epilog="ringfence api client add platform --role analyst --unit U1 --by root"
)
def add(
    client: ClientName,
    *,
    account_role: RoleName,
    account_unit: Unit,
    by_account: By,
    rate: Annotated[int, typer.Option("--rate", metavar="CALLS", min=1)] = 60,
    workspace: WorkspaceDir = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Let a system call, and print its token, once."""
    from casework.accounts_clients import add_client

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    with ledger_of(settings) as ledger, administrator(ledger, settings, by_account) as officer:
        token = add_client(
            ledger, officer, name=client, role=account_role, unit=account_unit, per_minute=rate
        )
    if as_json:
        show_json({"client": client, "token": token})
        return
    note(say("cli.api.token", settings.language, client=client))
    show_text(token)


@clients.command("list", epilog="ringfence api client list --by root")
def list_(
    *, by_account: By, workspace: WorkspaceDir = None, lang: Lang = None, as_json: AsJson = False
) -> None:
    """List the systems that may call."""
    from casework.accounts_clients import list_clients

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    with ledger_of(settings) as ledger, administrator(ledger, settings, by_account) as officer:
        found = list_clients(ledger, officer)
    if as_json:
        show_json({"clients": [asdict(each) for each in found]})
        return
    names = ("client", "role", "unit", "per_minute", "made_at")
    show_table(
        [say(f"cli.column.{name}", settings.language) for name in names],
        [
            (
                each.name,
                say(f"role.{each.role}", settings.language),
                each.unit,
                each.per_minute,
                each.made_at,
            )
            for each in found
        ],
    )


@clients.command("remove", epilog="ringfence api client remove platform --by root")
def remove(
    client: ClientName,
    *,
    by_account: By,
    workspace: WorkspaceDir = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Take away a system's right to call, at once."""
    from casework.accounts_clients import remove_client

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    with ledger_of(settings) as ledger, administrator(ledger, settings, by_account) as officer:
        remove_client(ledger, officer, client)
    if as_json:
        show_json({"client": client, "done": "removed"})
    else:
        show_text(say("cli.api.removed", settings.language, client=client))
