"""Who may use the tools on the graph: motifs, questions, alerts, saved views.

Somebody who signed in (an :class:`Officer`) is held to this table, to the row-level rights of the
case that a call is for, and to those of the lead of the ring that it is about. A plain ``Actor`` is
the local user of the command line or of an explorer without accounts: whoever can read the files of
the workspace reads all of it anyway, and is written down by name.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, select

from casework.audit import Actor, Role, append
from casework.ledger import Ledger, reading, writing
from casework.rights import NotFound, Officer
from casework.subjects import visible
from casework.tables import case_leads, cases, leads

_LOOKS: frozenset[Role] = frozenset({"analyst", "investigator", "supervisor", "liaison"})
_ASKS: frozenset[Role] = frozenset({"analyst", "investigator", "liaison"})
_WRITES: frozenset[Role] = frozenset({"analyst"})
_TAKES: frozenset[Role] = frozenset({"analyst", "supervisor"})

TOOLS: Mapping[str, frozenset[Role]] = {
    "views.make_view": _LOOKS,
    "views.save_view": _LOOKS,
    "views.load_view": _LOOKS,
    "views.revision_of": _LOOKS,
    "views.list_views": _LOOKS,
    "views.note_picture": _LOOKS,
    "questions.ask_motif": _ASKS,
    "questions.ask_text": _WRITES,
    "questions.record_check": _WRITES,
    "exports.export_hits": _TAKES,
    "saved_filters.save_filter": _LOOKS,
    "saved_filters.list_filters": _LOOKS,
    "saved_filters.rename_filter": _LOOKS,
    "saved_filters.remove_filter": _LOOKS,
    "alerts.make_alert": _WRITES,
    "alerts.remove_alert": _WRITES,
    "alert_runs.run_alerts": _WRITES,
    "ring_hits.attach": _ASKS,
    "ring_hits.read_hits": _LOOKS,
}
"""The roles that may use each tool at all."""

WITHIN_A_CASE: frozenset[Role] = frozenset({"investigator"})
"""Roles that ask a motif only for a case of theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What an officer may see: cases by id, and rings by the id that their leads have."""

    officer: Officer
    cases: frozenset[str]
    rings: frozenset[str]

    def covers(self, *, case: str | None, ring: str | None, author: str | None = None) -> bool:
        """Whether something of a case, else of a ring, else of an author may be seen.

        Both are asked where both are named: a case does not open the ring of another.
        """
        if case is None and ring is None:
            return author is None or author == self.officer.name
        return (case is None or case in self.cases) and (ring is None or ring in self.rings)


def permit(
    ledger: Ledger,
    actor: Actor,
    function: str,
    key: str,
    *,
    case: str | None = None,
    ring: str | None = None,
) -> None:
    """Let somebody use a tool for a case or about a ring, or refuse; a refusal is a row.

    Raises
    ------
    NotFound
        If the role may not, or the case or the ring's lead is not the officer's.
    """
    with asking(ledger, actor, function, key):
        if isinstance(actor, Officer):
            if function == "questions.ask_motif" and actor.role in WITHIN_A_CASE and case is None:
                raise NotFound(key)
            with reading(ledger) as connection:
                reach = reach_of(connection, actor)
            if not reach.covers(case=case, ring=ring):
                raise NotFound(key)


@contextmanager
def asking(ledger: Ledger, actor: Actor, function: str, key: str) -> Iterator[None]:
    """Check the role, and write a row if the block refuses."""
    try:
        if isinstance(actor, Officer) and actor.role not in TOOLS[function]:
            raise NotFound(key)
        yield
    except NotFound:
        with writing(ledger) as connection:
            append(
                connection,
                actor,
                at=ledger.clock(),
                action="access.refused",
                object_class=function,
                object=key,
                details={"why": NotFound.__name__},
            )
        raise


def reach_of(connection: Connection, officer: Officer) -> Reach:
    """Return the cases that an officer may see, and the rings of their leads and of these cases."""
    seen = _cases(connection, officer)
    inside = select(leads.c.ring_id).join(case_leads).where(case_leads.c.case_id.in_(seen))
    rings = {*_rings(connection, officer), *connection.execute(inside).scalars()}
    return Reach(officer=officer, cases=frozenset(seen), rings=frozenset(rings))


def _cases(connection: Connection, officer: Officer) -> list[str]:
    try:
        rows = visible(connection, officer, "cases.list_cases", cases)
    except NotFound:
        return []
    return [row.case_id for row, _ in rows]


def _rings(connection: Connection, officer: Officer) -> list[str]:
    try:
        rows = visible(connection, officer, "leads.list_leads", leads)
    except NotFound:
        return []
    return [row.ring_id for row, _ in rows]
