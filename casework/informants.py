"""Who told something, and in which words: kept apart from everything, for the informant desk alone.

It is not in the ledger, so that no query, backup or dump of the ledger holds it. Each tip has a
file of its own in the workspace's folder ``informants``, which only the owner of the workspace can
read. The folder may be a link to an encrypted disk; it is not encrypted by us. Each reading is a
row of the audit log, written before the file is opened, with the tip and the reason alone.
"""

import json
import os
import secrets
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from casework.audit import append
from casework.ledger import Ledger
from casework.rights import NotFound, Officer, Refused, serving
from casework.tips_finding import find_tip
from ingest.telling import to_say
from ingest.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Informant:
    """Who told something, as they said; every field may be empty but one."""

    name: str = ""
    certificate: str = ""
    telephone: str = ""
    address: str = ""
    account: str = ""


def keep_informant(ledger: Ledger, officer: Officer, tip_id: str, informant: Informant) -> None:
    """Keep or replace who gave a tip; the ledger learns nothing but that it was done.

    Raises
    ------
    Refused
        If every field is empty.
    """
    function = "informants.keep_informant"
    with serving(ledger, officer, function, tip_id) as connection:
        find_tip(connection, officer, function, tip_id)
        if not any(value.strip() for value in asdict(informant).values()):
            raise Refused(to_say("refused.informant.empty", tip_id=tip_id))
        held = _read(ledger.workspace, tip_id)
        write_telling(ledger.workspace, tip_id, str(held["telling"]), informant)
        append(
            connection, officer, at=ledger.clock(), action="informant.kept",
            object_class="informant", object=tip_id, count=1,
        )  # fmt: skip


def read_informant(ledger: Ledger, officer: Officer, tip_id: str, *, reason: str) -> Informant:
    """Return who gave a tip.

    Raises
    ------
    NotFound
        If there is no such tip, it is not the desk's, or nobody is known.
    Refused
        If no reason is given.
    """
    _opened(ledger, officer, "informants.read_informant", tip_id, reason, "informant.read")
    held = _read(ledger.workspace, tip_id)["informant"]
    if not isinstance(held, dict):
        raise NotFound(tip_id)
    return Informant(**held)


def read_telling(ledger: Ledger, officer: Officer, tip_id: str, *, reason: str) -> str:
    """Return a tip in the informant's own words, which may say who they are; as read_informant."""
    _opened(ledger, officer, "informants.read_telling", tip_id, reason, "informant.telling_read")
    return str(_read(ledger.workspace, tip_id)["telling"])


def write_telling(
    workspace: Workspace, tip_id: str, telling: str, informant: Informant | None
) -> None:
    """Write the file of a tip, in the transaction of whoever checked the right."""
    folder = _folder(workspace)
    folder.mkdir(mode=0o700, exist_ok=True)
    known = asdict(informant) if informant else None
    content = json.dumps({"telling": telling, "informant": known}, ensure_ascii=False)
    beside = folder / f".{tip_id}.{secrets.token_hex(4)}"
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(folder / f"{tip_id}.json")


def sweep(workspace: Workspace, known: Collection[str]) -> None:
    """Remove files of tips that the ledger does not have: a process died before it kept them.

    To be called in a transaction that writes: nobody else is registering a tip then.
    """
    folder = _folder(workspace)
    if folder.is_dir():
        for path in folder.iterdir():
            if path.name.startswith(".") or path.stem not in known:
                path.unlink()


def _opened(
    ledger: Ledger, officer: Officer, function: str, tip_id: str, reason: str, action: str
) -> None:
    """Check the right and write the row; the file is opened only after this is kept."""
    with serving(ledger, officer, function, tip_id) as connection:
        find_tip(connection, officer, function, tip_id)
        if not reason.strip():
            raise Refused(to_say("refused.informant.reason", tip_id=tip_id))
        append(
            connection, officer, at=ledger.clock(), action=action, object_class="informant",
            object=tip_id, count=1, purpose=reason.strip(),
        )  # fmt: skip


def _read(workspace: Workspace, tip_id: str) -> Mapping[str, dict[str, str] | str | None]:
    path = _folder(workspace) / f"{tip_id}.json"
    if not path.exists():
        raise NotFound(tip_id)
    held: dict[str, dict[str, str] | str | None] = json.loads(path.read_text("utf-8"))
    return held


def _folder(workspace: Workspace) -> Path:
    return workspace.root / "informants"
