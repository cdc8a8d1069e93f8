"""``ringfence accounts``: made, listed, locked and reset by an administrator who signs in.

Passwords are typed at the terminal, unseen, or come as lines of standard input; never in the
command, where every user of the machine could read them. A password for one use goes to standard
output, once.
"""

import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from app.acting import ledger_of
from app.options import AsJson, Lang, WorkspaceDir
from app.settings import Settings, read_settings
from app.terminal import note, show_json, show_table, show_text
from ingest.errors import RingfenceError
from ingest.telling import to_say
from ingest.texts import say

if TYPE_CHECKING:  # the real imports wait until a command needs them: '--help' stays quick
    from casework.ledger import Ledger
    from casework.rights import Officer

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

AccountName = Annotated[str, typer.Argument(metavar="ACCOUNT")]
By = Annotated[str, typer.Option("--by", metavar="ADMINISTRATOR")]
Unit = Annotated[str, typer.Option("--unit", metavar="UNIT")]
RoleName = Annotated[str, typer.Option("--role", metavar="ROLE")]


# Who works in the demo, in which unit. The liaison is in another one: who takes leads in never sees
# those with staff of the own agency.
_DEMO = (
    ("admin", "administrator", "it"),
    ("analyst", "analyst", "inspection"),
    ("investigator", "investigator", "inspection"),
    ("colleague", "investigator", "inspection"),
    ("supervisor", "supervisor", "inspection"),
    ("liaison", "liaison", "discipline"),
    ("desk", "informant_desk", "inspection"),
    ("auditor", "auditor", "audit"),
)


@app.command("first", epilog="ringfence accounts first root --workspace county")
def first(
    account: AccountName,
    *,
    account_unit: Unit = "",
    workspace: WorkspaceDir = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Make the first account, an administrator's; only while there is none."""
    from casework.accounts import first_account

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    with ledger_of(settings) as ledger:
        _show_password(settings, account, first_account(ledger, account, account_unit))


@app.command("add", epilog="ringfence accounts add ines --role investigator --unit U1 --by root")
def add(
    account: AccountName,
    *,
    account_role: RoleName,
    by_account: By,
    account_unit: Unit = "",
    account_display: Annotated[str, typer.Option("--display", metavar="TEXT")] = "",
    workspace: WorkspaceDir = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Make an account, and print its password for one use."""
    from casework.accounts import create_account

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    with ledger_of(settings) as ledger, administrator(ledger, settings, by_account) as officer:
        password = create_account(
            ledger,
            officer,
            name=account,
            role=account_role,
            unit=account_unit,
            display=account_display,
        )
        _show_password(settings, account, password)


@app.command("list", epilog="ringfence accounts list --by root")
def list_(
    *, by_account: By, workspace: WorkspaceDir = None, lang: Lang = None, as_json: AsJson = False
) -> None:
    """List the accounts."""
    from casework.accounts import list_accounts

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    with ledger_of(settings) as ledger, administrator(ledger, settings, by_account) as officer:
        found = list_accounts(ledger, officer)
    if as_json:
        show_json({"accounts": [asdict(each) for each in found]})
        return
    names = ("account", "account_display", "role", "unit", "locked_at", "signed_in_at")
    show_table(
        [say(f"cli.column.{name}", settings.language) for name in names],
        [
            (
                each.name,
                each.display,
                say(f"role.{each.role}", settings.language),
                each.unit,
                each.locked_at,
                each.signed_in_at,
            )
            for each in found
        ],
    )


@app.command("lock", epilog='ringfence accounts lock ines --by root --reason "left the office"')
def lock(
    account: AccountName,
    *,
    by_account: By,
    lock_reason: Annotated[str, typer.Option("--reason", metavar="TEXT")],
    workspace: WorkspaceDir = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Lock an account; its sessions end at once."""
    from casework.accounts import lock_account

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    with ledger_of(settings) as ledger, administrator(ledger, settings, by_account) as officer:
        lock_account(ledger, officer, account, reason=lock_reason)
    _done(settings, account, "locked")


@app.command("unlock", epilog="ringfence accounts unlock ines --by root")
def unlock(
    account: AccountName,
    *,
    by_account: By,
    workspace: WorkspaceDir = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Let an account sign in again."""
    from casework.accounts import unlock_account

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    with ledger_of(settings) as ledger, administrator(ledger, settings, by_account) as officer:
        unlock_account(ledger, officer, account)
    _done(settings, account, "unlocked")


@app.command("reset", epilog="ringfence accounts reset ines --by root")
def reset(
    account: AccountName,
    *,
    by_account: By,
    workspace: WorkspaceDir = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Replace an account's password by one for one use, and print it."""
    from casework.accounts import reset_password

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    with ledger_of(settings) as ledger, administrator(ledger, settings, by_account) as officer:
        _show_password(settings, account, reset_password(ledger, officer, account))


@app.command(
    "link", epilog="ringfence accounts link ines --issuer https://ID --subject 7 --by root"
)
def link(
    account: AccountName,
    *,
    issuer: Annotated[str, typer.Option("--issuer", metavar="URL")],
    sub: Annotated[str, typer.Option("--subject", metavar="SUB")],
    by_account: By,
    workspace: WorkspaceDir = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Say who an account is to the agency's own sign-in."""
    from casework.accounts import link_account

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    with ledger_of(settings) as ledger, administrator(ledger, settings, by_account) as officer:
        link_account(ledger, officer, account, issuer=issuer, subject=sub)
    _done(settings, account, "linked")


@app.command("password", epilog="ringfence accounts password root")
def password(
    account: AccountName,
    *,
    workspace: WorkspaceDir = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Change the password of an account: the old one, then the new one twice."""
    from casework.accounts import change_password, sign_in, sign_out

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    with ledger_of(settings) as ledger:
        old = typed(settings, "old_password", account)
        session = sign_in(ledger, account, old)
        try:
            new = typed(settings, "new_password", account)
            if typed(settings, "again", account) != new:
                raise RingfenceError(to_say("refused.command.differ"))
            change_password(ledger, session.token, old, new)
        finally:
            sign_out(ledger, session.token)
    _done(settings, account, "changed")


@contextmanager
def administrator(ledger: "Ledger", settings: Settings, name: str) -> "Iterator[Officer]":
    """Sign an administrator in for the time of one command.

    Raises
    ------
    RingfenceError
        If name or password is wrong, or the password has to be changed first.
    """
    from casework.accounts import officer_of, sign_in, sign_out

    session = sign_in(ledger, name, typed(settings, "password", name))
    try:
        yield officer_of(ledger, session.token)
    finally:
        sign_out(ledger, session.token)


def typed(settings: Settings, what: str, account: str) -> str:
    """Return a password: unseen from the terminal, else the next line of standard input."""
    if sys.stdin.isatty():
        return getpass.getpass(say(f"cli.accounts.{what}", settings.language, account=account))
    line = sys.stdin.readline()
    if not line:
        raise RingfenceError(to_say("refused.command.no_password"))
    return line.rstrip("\r\n")


def invented_accounts(settings: Settings) -> list[dict[str, str]]:
    """Make an account for each role of the demo, with leads for them; none where there are any.

    Each entry has ``account``, ``role``, ``unit`` and the ``password`` for one use.
    """
    from casework.accounts import create_account, exists, first_account
    from casework.leads import take_in
    from casework.rights import Officer

    made = []
    with ledger_of(settings) as ledger:
        if exists(ledger):
            return []
        (account, role, unit), *others = _DEMO
        given = first_account(ledger, account, unit)
        made.append({"account": account, "role": role, "unit": unit, "password": given})
        officer = Officer(name=account, role="administrator", unit=unit)
        for account, role, unit in others:
            given = create_account(
                ledger, officer, name=account, role=role, unit=unit, display=account
            )
            made.append({"account": account, "role": role, "unit": unit, "password": given})
        take_in(ledger, Officer(name="supervisor", role="supervisor", unit="inspection"))
    return made


def show_accounts(settings: Settings, made: list[dict[str, str]]) -> None:
    """Print the accounts of the demo with their passwords, or why there are none."""
    if not made:
        note(say("cli.accounts.there_are", settings.language))
        return
    note(say("cli.accounts.invented", settings.language))
    show_table(
        [say(f"cli.column.{name}", settings.language) for name in made[0]],
        [
            (one["account"], say(f"role.{one['role']}", settings.language), one["unit"],
             one["password"])
            for one in made
        ],
    )  # fmt: skip


def _show_password(settings: Settings, account: str, password: str) -> None:
    if settings.as_json:
        show_json({"account": account, "password": password})
        return
    note(say("cli.accounts.one_time", settings.language, account=account))
    show_text(password)


def _done(settings: Settings, account: str, what: str) -> None:
    if settings.as_json:
        show_json({"account": account, "done": what})
    else:
        show_text(say(f"cli.accounts.{what}", settings.language, account=account))
