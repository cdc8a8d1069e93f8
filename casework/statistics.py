"""Figures of a period: for the yearly report, and for publication with small counts kept back.

For publication a count from 1 to 9 is not told, and neither is what would let a reader work it out
by subtraction: where a group of counts adds up to a total that is told, the next smallest is kept
back too. Leads and cases with agency staff are in the figures of nobody but the discipline liaison.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from casework.audit import append
from casework.canonical import stamp
from casework.draws import CALL_BACK
from casework.issuing import Issued, Wanted, issue_draft
from casework.joint import handed
from casework.ledger import Ledger
from casework.limits import midnight
from casework.paper_drafts import Draft
from casework.reports.period_paper import period_paper
from casework.rights import Officer, Refused, serving
from casework.subjects import visible
from casework.tables import cases, draws, leads, moves
from casework.tables_papers import agreement_history, plan_targets, plans
from casework.tables_people import recoveries
from ingest.telling import to_say
from ingest.texts import Language

SMALL = 10
"""Counts below this are kept back from publication."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Counts of a period, both days included; None is a count that is kept back.

    ``totals`` are counts by name, ``groups`` counts by what they are of, each adding up to one of
    the totals. Money is fen.
    """

    first: date
    last: date
    totals: Mapping[str, int | None]
    groups: Mapping[str, Mapping[str, int | None]]
    recovered_fen: int | None


def period_figures(ledger: Ledger, officer: Officer, *, first: date, last: date) -> Figures:
    """Return the figures of the officer's unit for a period.

    Raises
    ------
    NotFound
        If the role may not do this.
    Refused
        If the last day lies before the first.
    """
    with serving(ledger, officer, "statistics.period_figures", "period") as connection:
        found = _figures(connection, officer, "statistics.period_figures", first, last)
        append(
            connection,
            officer,
            at=ledger.clock(),
            action="statistics.read",
            object_class="period",
            object=f"{first} {last}",
        )
        return found


def issue_period(
    ledger: Ledger,
    officer: Officer,
    wanted: Wanted,
    *,
    first: date,
    last: date,
    publication: bool = False,
) -> tuple[Issued, bytes]:
    """Return the report of a period, for publication with small counts kept back.

    Raises as :func:`period_figures`.
    """
    function = "statistics.issue_period"
    with serving(ledger, officer, function, "period") as connection:
        draft = draft_period(
            connection,
            officer,
            function,
            wanted.language,
            first=first,
            last=last,
            publication=publication,
        )
        return issue_draft(connection, ledger, officer, draft, wanted)


def draft_period(
    connection: Connection,
    officer: Officer,
    function: str,
    lang: Language,
    *,
    first: date,
    last: date,
    publication: bool,
) -> Draft:
    """Return the report of a period as it stands; errors as :func:`period_figures`."""
    figures = _figures(connection, officer, function, first, last)
    paper = period_paper(
        suppressed(figures) if publication else figures,
        officer.unit,
        lang,
        publication=publication,
        insider=officer.role == "liaison",
    )
    return Draft(paper=paper, unit=officer.unit, subject=None)


def suppressed(figures: Figures) -> Figures:
    """Return the figures as they may be published.

    A total below ten is kept back. In a group, counts from 1 to 9 are kept back; if those hidden
    could be worked out from the total (only one is hidden, or they sum to less than ten), the next
    smallest are hidden too until they cannot.
    """
    groups = {name: _hidden(group) for name, group in figures.groups.items()}
    totals = {name: _safe(value) for name, value in figures.totals.items()}
    few = figures.totals["decided"]
    return replace(
        figures,
        groups=groups,
        totals=totals,
        recovered_fen=None if few is not None and 0 < few < SMALL else figures.recovered_fen,
    )


def _safe(value: int | None) -> int | None:
    return None if value is not None and 0 < value < SMALL else value


def _hidden(group: Mapping[str, int | None]) -> dict[str, int | None]:
    """Hide the small counts of a group, and as many others as a reader could subtract them from."""
    known = {name: value for name, value in group.items() if value is not None}
    hidden = {name for name, value in known.items() if 0 < value < SMALL}
    while hidden:
        rest = sorted(
            (value, name) for name, value in known.items() if value and name not in hidden
        )
        enough = len(hidden) > 1 and sum(known[name] for name in hidden) >= SMALL
        if enough or not rest:
            break
        hidden.add(rest[0][1])
    return {name: None if name in hidden else value for name, value in group.items()}


def _figures(
    connection: Connection, officer: Officer, function: str, first: date, last: date
) -> Figures:
    if last < first:
        raise Refused(to_say("refused.paper.period", last=last, first=first))
    begin, end = stamp(midnight(first)), stamp(midnight(last + timedelta(days=1)))
    of_leads = {row.lead_id: row for row, _ in visible(connection, officer, function, leads)}
    of_cases = {row.case_id: row for row, _ in visible(connection, officer, function, cases)}
    made = [row for row in of_leads.values() if begin <= row.made_at < end]
    opened = [row for row in of_cases.values() if begin <= row.made_at < end]
    done = [
        row
        for row in connection.execute(select(moves).where(moves.c.at >= begin, moves.c.at < end))
        if row.subject in of_leads or row.subject in of_cases
    ]
    decided = [row for row in done if row.move == "decide"]
    judged = [row for row in done if row.move == "judge"]
    money = [
        row.amount_fen
        for row in connection.execute(select(recoveries))
        if row.case_id in of_cases and first.isoformat() <= row.day <= last.isoformat()
    ]
    sent = [
        authority
        for (case_id, authority), (at, _) in handed(connection).items()
        if case_id in of_cases and begin <= at < end
    ]
    return Figures(
        first=first,
        last=last,
        totals={
            "leads": len(made),
            "judged": len(judged),
            "cases": len(opened),
            **{name: sum(row.move == move for row in done) for name, move in _MOVES.items()},
            **_unit_counts(connection, officer.unit, begin, end),
            "handed_over": len(sent),
        },
        groups={
            "kinds": _counted([_kind(row) for row in made]),
            "outcomes": _counted([row.choice for row in judged]),
            "decisions": _counted([row.choice for row in decided]),
            "authorities": _counted(sent),
        },
        recovered_fen=sum(money),
    )


_MOVES = {"filed": "file", "concluded": "conclude", "decided": "decide", "closed": "close"}


def _unit_counts(connection: Connection, unit: str, begin: str, end: str) -> dict[str, int]:
    """Return what the unit did beside cases: draws, places checked, agreements ended."""
    drawn = select(draws.c.draw_id).where(
        draws.c.unit == unit,
        draws.c.kind != CALL_BACK,  # a case's own, and of insiders where the case is
        draws.c.at >= begin,
        draws.c.at < end,
    )
    checked = (
        select(plan_targets.c.place, plan_targets.c.state)
        .join(plans, plans.c.plan_id == plan_targets.c.plan_id)
        .where(
            plans.c.unit == unit,
            plan_targets.c.changed_at >= begin,
            plan_targets.c.changed_at < end,
        )
    )
    ended = select(agreement_history.c.state).where(
        agreement_history.c.at >= begin,
        agreement_history.c.at < end,
        agreement_history.c.unit == unit,
    )
    places = connection.execute(checked).all()
    return {
        "draws": len(connection.execute(drawn).all()),
        "places_checked": len({row.place for row in places if row.state == "checked"}),
        "self_checks": len({row.place for row in places if row.state == "answered"}),
        "agreements_ended": sum(row.state == "ended" for row in connection.execute(ended)),
    }


def _counted(names: Sequence[str | None]) -> dict[str, int | None]:
    held: dict[str, int | None] = {}
    for name in sorted(one for one in names if one):
        held[name] = (held.get(name) or 0) + 1
    return held


def _kind(row: Row[Any]) -> str:
    return str(json.loads(row.facts)["kind"])
