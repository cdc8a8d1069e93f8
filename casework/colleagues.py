"""The officers of one's own unit, for whoever gives leads and cases to them."""

from dataclasses import dataclass

from sqlalchemy import select

from casework.audit import Role, noted
from casework.ledger import Ledger
from casework.rights import RIGHTS, Officer, serving
from casework.tables_people import accounts

_WORK = "decisions.propose_move"
"""The right that whoever works on a case has, and whoever only decides on it has not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """An officer whom work can be given to: the name of the account, and how it is shown."""

    name: str
    display: str
    role: Role


def list_colleagues(ledger: Ledger, officer: Officer) -> list[Colleague]:
    """Return whom of the officer's own unit work can be given to, by name of the account.

    They are the accounts that may sign in and whose role drafts the moves of a case: investigators
    for a supervisor, and for a liaison, whose cases nobody else sees, the liaisons. An officer
    without a unit has no colleagues.

    Raises
    ------
    NotFound
        If the officer gives no leads or cases out.
    """
    with serving(ledger, officer, "colleagues.list_colleagues", "colleagues") as connection:
        inside = officer.role == "liaison"
        roles = [role for role, scope in RIGHTS[_WORK].items() if (scope == "insider") == inside]
        query = select(accounts.c.name, accounts.c.display, accounts.c.role).where(
            accounts.c.unit == officer.unit,
            accounts.c.unit != "",
            accounts.c.locked_at.is_(None),
            accounts.c.role.in_(roles),
        )
        rows = connection.execute(query.order_by(accounts.c.name)).all()
        noted(
            connection, officer, ledger.clock(), "colleague.listed", "list",
            object_class="account", count=len(rows),
        )  # fmt: skip
        return [Colleague(**row._mapping) for row in rows]
