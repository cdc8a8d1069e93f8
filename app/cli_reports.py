"""``ringfence report``: one paper of any kind, logged before the file is there."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from app.acting import ActsAs, acting, ledger_of
from app.options import AsJson, Lang, WorkspaceDir
from app.settings import read_settings
from app.terminal import show_json, show_text
from casework.reports.model import PaperKind
from ingest.errors import RingfenceError
from ingest.telling import to_say
from ingest.texts import say

if TYPE_CHECKING:  # the real imports wait until the command needs them: '--help' stays quick
    from casework.ledger import Ledger
    from casework.rights import Officer

RoleName = Literal["analyst", "investigator", "supervisor", "liaison"]
Authority = Literal["police", "discipline", "market", "health"]
Inspection = Literal["routine", "unannounced", "recheck", "night", "self_check"]
LOCAL_UNIT = "local"
"""The unit of whoever works on the command line where nobody has an account."""

_PERIOD = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})")


def report(
    subject: Annotated[str, typer.Argument(metavar="RING|CASE|PLAN|PROPOSAL|FIRST..LAST")],
    *,
    kind: Annotated[PaperKind, typer.Option("--kind")] = "ring",
    format_: Annotated[Literal["pdf", "docx"], typer.Option("--format")] = "pdf",
    out: Annotated[Path, typer.Option("--out", metavar="FILE")],
    recipient: Annotated[str, typer.Option("--for", metavar="NAME")] = "",
    purpose: Annotated[str, typer.Option("--purpose", metavar="TEXT")] = "",
    authority: Annotated[Authority | None, typer.Option("--authority")] = None,
    area: Annotated[str, typer.Option("--area", metavar="CODE")] = "",
    inspection: Annotated[Inspection, typer.Option("--inspection")] = "unannounced",
    publication: Annotated[bool, typer.Option("--publication")] = False,
    view: Annotated[str | None, typer.Option("--view", metavar="VIEW")] = None,
    acts_as: ActsAs = None,
    role: Annotated[RoleName, typer.Option("--role")] = "supervisor",
    unit: Annotated[str, typer.Option("--unit", metavar="UNIT")] = LOCAL_UNIT,
    workspace: WorkspaceDir = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Write one paper; the audit log has its SHA-256 first."""
    from casework.issuing import Wanted
    from casework.ordering import Order, issue_order

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    wanted = Wanted(
        language=settings.language, format=format_, recipient=recipient, purpose=purpose
    )
    with ledger_of(settings) as ledger:
        officer = _officer(ledger, acts_as, role, unit)
        if kind == "ring":
            _take_in(ledger, officer, subject)
        order = Order(kind=kind, wanted=wanted, area=area, inspection=inspection)
        if kind == "period":
            first, last = _days(subject)
            order = replace(order, first=first, last=last, publication=publication)
        else:
            order = replace(order, key=subject)
        if kind == "handover":
            if authority is None:
                raise RingfenceError(to_say("refused.command.no_authority"))
            order = replace(order, authority=authority)
        if kind == "ring" and view:
            order = replace(order, positions=_positions(ledger, officer, view))
        made, file = issue_order(order, ledger=ledger, officer=officer)
        _write(out, file)
    if as_json:
        show_json({"file": out, "number": made.number, "sha256": made.sha256, "bytes": made.size})
    else:
        show_text(
            say(
                "cli.report.written",
                settings.language,
                file=out,
                number=made.number,
                sha256=made.sha256,
            )
        )


def _days(subject: str) -> tuple[date, date]:
    found = _PERIOD.fullmatch(subject)
    try:
        first, last = (date.fromisoformat(day) for day in (found.groups() if found else ()))
    except ValueError:
        raise RingfenceError(to_say("refused.command.no_period", subject=subject)) from None
    return first, last


def _officer(ledger: "Ledger", acts_as: str | None, role: RoleName, unit: str) -> "Officer":
    """Return who acts: with an account, in its role and unit; else as said on the command line.

    Raises
    ------
    RingfenceError
        If the workspace has accounts and none of that name may work on leads and cases.
    """
    from sqlalchemy import select

    from casework.ledger import reading
    from casework.rights import Officer
    from casework.tables_people import accounts

    name = acting(acts_as).name
    with reading(ledger) as connection:
        known = connection.execute(select(accounts.c.name, accounts.c.role, accounts.c.unit)).all()
    if not known:
        return Officer(name=name, role=role, unit=unit)
    for row in known:
        if row.name == name.lower():
            return Officer(name=row.name, role=row.role, unit=row.unit)
    raise RingfenceError(to_say("refused.command.no_account", name=name))


def _take_in(ledger: "Ledger", officer: "Officer", subject: str) -> None:
    """Make leads of the newest run where a ring was named that is none yet."""
    from sqlalchemy import select

    from casework.leads import take_in
    from casework.ledger import reading
    from casework.tables import leads

    if not subject.startswith("R-") or officer.role not in ("analyst", "supervisor"):
        return
    with reading(ledger) as connection:
        known = connection.execute(
            select(leads.c.lead_id).where(leads.c.ring_id == subject)
        ).first()
    if known is None:
        take_in(ledger, officer)


def _positions(
    ledger: "Ledger", officer: "Officer", view: str
) -> Mapping[str, tuple[float, float]]:
    from app.explorer.canvas.document import from_text
    from casework.views import load_view

    state = from_text(load_view(ledger, officer, view).document, view=view)
    return {node: (float(x), float(y)) for node, (x, y) in state.scene.at.items()}


def _write(path: Path, file: bytes) -> None:
    """Write the file beside, then give it its name."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        beside.write_bytes(file)
        beside.replace(path)
    except OSError as error:
        raise RingfenceError(
            to_say("refused.file.not_written", path=path, strerror=error.strerror)
        ) from error
    finally:
        beside.unlink(missing_ok=True)
