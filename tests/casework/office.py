"""An invented agency: its officers, rings of a run, and cases brought to any state."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import pyarrow as pa
from pyarrow import parquet

from casework.audit import Actor, Entry, entries
from casework.cases import Case, assign_case, open_case, read_case
from casework.decisions import approve, make_move, propose_move, propose_outcome
from casework.leads import Lead, assign_lead, list_leads, take_in
from casework.ledger import Ledger, reading
from casework.papers import attach_evidence, attach_paper
from casework.rights import Officer
from casework.workflow import EVIDENCE, MOVES
from detectors.rings import CONTRACT
from ingest.workspace import Workspace, point

UNIT, OTHER, DISCIPLINE = "fund-supervision", "district-2", "discipline"


def officer(name: str, role: str, unit: str = UNIT) -> Officer:
    return Officer(name=name, role=role, unit=unit)  # type: ignore[arg-type]  # a Role


ANALYST = officer("analyst a", "analyst")
INES, IVO = officer("ines", "investigator"), officer("ivo", "investigator")
SUE, SAM = officer("sue", "supervisor"), officer("sam", "supervisor")
LIN, LEO = officer("lin", "liaison", DISCIPLINE), officer("leo", "liaison", DISCIPLINE)
CERTIFICATES = {"ines": "C-1", "ivo": "C-2"}


@dataclass(frozen=True, kw_only=True)
class Ring:
    """One ring of a run; ``staff`` maps a staff number to its role in the ring."""

    ring_id: str
    kind: str = "card_pool"
    probability: float = 0.9
    loss: str = "1000.00"
    people: Sequence[str] = ("p1", "p2")
    staff: Mapping[str, str] | None = None


def write_run(
    workspace: Workspace,
    *rings: Ring,
    staff: Mapping[str, str | None] | None = None,
) -> str:
    """Leave a run with these rings as the newest, and who employs which staff; return its name."""
    at = datetime(2025, 3, 3, 12)
    members = [
        (ring.ring_id, kind, key, role, 1.0, at, at)
        for ring in rings
        for kind, key, role in [
            *(("person", person, "holder") for person in ring.people),
            *(("staff", key, role) for key, role in (ring.staff or {}).items()),
        ]
    ]
    seen = (at, at)
    told = []
    for rank, ring in enumerate(rings, start=1):
        title, loss = f"{ring.kind} of {len(ring.people)}", [Decimal(ring.loss)] * 3
        head = (ring.ring_id, ring.kind, title, ring.probability, 0.0, 0.0)
        told.append((*head, *loss, *seen, len(ring.people), 1, 9, 1.0, rank))
    name = "run-" + hashlib.sha256(repr(rings).encode()).hexdigest()[:12]
    folder = workspace.runs / name
    folder.mkdir(parents=True, exist_ok=True)
    for table, rows in {"rings": told, "ring_members": members}.items():
        schema = CONTRACT[table]
        columns = list(zip(*rows, strict=True)) or [[] for _ in schema]
        arrays = [pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)]
        parquet.write_table(
            pa.Table.from_arrays(arrays, schema=schema), folder / f"{table}.parquet"
        )
    if staff is not None:
        workspace.tables.mkdir(exist_ok=True)
        held = pa.table({"staff_id": list(staff), "org": pa.array(staff.values(), pa.string())})
        parquet.write_table(held, workspace.table("staff"))
    point(workspace.runs / "latest", name)
    return name


def lead_of(ledger: Ledger, who: Officer, ring_id: str) -> Lead:
    (found,) = [lead for lead in list_leads(ledger, who) if lead.ring_id == ring_id]
    return found


def county(ledger: Ledger) -> None:
    """Take in one ring of places and people, and one with agency staff."""
    write_run(
        ledger.workspace,
        Ring(ring_id="R-plain"),
        Ring(ring_id="R-inside", kind="mixed", staff={"S-9": "handler"}),
        staff={"S-9": "agency", "S-1": "H1"},
    )
    take_in(ledger, ANALYST)


def case(ledger: Ledger, ring_id: str = "R-plain") -> Case:
    """A case of that ring, given to Ines and Ivo, or to nobody if it is one of insiders."""
    if ring_id == "R-inside":
        lead = lead_of(ledger, LIN, ring_id)
        return open_case(ledger, LIN, {lead.lead_id: lead.revision}, title="An invented case")
    lead = give(ledger, ring_id)
    made = open_case(ledger, INES, {lead.lead_id: lead.revision}, title="An invented case")
    return assign_case(ledger, SUE, made.case_id, to=CERTIFICATES, revision=made.revision)


def give(ledger: Ledger, ring_id: str) -> Lead:
    """Let Sue give the lead of that ring to Ines, and return it as it is then."""
    lead = lead_of(ledger, SUE, ring_id)
    return assign_lead(ledger, SUE, lead.lead_id, to=["ines"], revision=lead.revision)


def judge(
    ledger: Ledger,
    ring_id: str,
    choice: str,
    explanation: str | None = None,
    *,
    by: Officer = ANALYST,
) -> None:
    """Let somebody propose an outcome of the lead of that ring, Ines once she is given it.

    Sue approves it.
    """
    lead = give(ledger, ring_id) if by is INES else lead_of(ledger, by, ring_id)
    draft = propose_outcome(
        ledger, by, lead.lead_id, move="judge", reason="looked at", revision=lead.revision,
        choice=choice, explanation=explanation,
    )  # fmt: skip
    approve(ledger, SUE, draft.draft_id, revision=lead.revision)


WAY = ("file", "begin", "conclude", "notify", "decide", "serve", "close", "archive")


def attach(
    ledger: Ledger, who: Officer, case_id: str, *papers: str, signed_by: str = "law"
) -> None:
    for paper in papers:
        content = f"an invented {paper}".encode()
        if paper in EVIDENCE:
            attach_evidence(ledger, who, case_id, content, name=f"{paper}.pdf", paper=paper)
        else:
            attach_paper(
                ledger, who, case_id, content, name=f"{paper}.pdf", paper=paper, signed_by=signed_by
            )


def go(
    ledger: Ledger,
    case_id: str,
    *moves: str,
    choice: str = "penalty",
    drafter: Officer = INES,
    approver: Officer = SUE,
) -> Case:
    """Make these moves with all they require, and return the case."""
    for name in moves:
        (move,) = [one for one in MOVES if one.name == name]
        extra = ("legal_review", *move.by_choice.get(choice, ())) if move.choices else ()
        attach(ledger, drafter, case_id, *move.papers, *extra)
        revision = read_case(ledger, approver, case_id).case.revision
        if not move.four_eyes:
            make_move(ledger, drafter, case_id, move=name, reason="due", revision=revision)
            continue
        chosen = choice if move.choices else None
        draft = propose_move(
            ledger, drafter, case_id, move=name, reason="due", revision=revision, choice=chosen
        )
        approve(ledger, approver, draft.draft_id, revision=revision)
    return read_case(ledger, approver, case_id).case


def log(ledger: Ledger, action: str) -> list[Entry]:
    with reading(ledger) as connection:
        return [entry for entry in entries(connection) if entry.action == action]


def details(entry: Entry) -> dict[str, object]:
    return dict(json.loads(entry.details))


def as_actor(who: Officer) -> Actor:
    return Actor(name=who.name, role=who.role)
