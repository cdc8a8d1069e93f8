"""The county of the canvas with an agency in it: claims by hand, insiders, and who has an account.

Nobody in it exists. Members of the pool had claims paid that S-8 or S-9 of the agency registered
and S-7, whom no table names, reviewed; S-9 is in a ring of insiders with two of the crowd.
"""

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from streamlit.testing.v1 import AppTest

from casework.audit import Role
from casework.cases import Case, open_case
from casework.leads import take_in
from casework.ledger import open_ledger
from casework.reveals_values import name_pseudonym
from casework.rights import Officer
from ingest.workspace import Workspace
from tests.app import canvas_county as county
from tests.app.signed_in import arrive, hire, token_of
from tests.casework.office import DISCIPLINE, INES, SUE, UNIT, give
from tests.world import ManualClaim, StaffMember, World

INSIDE = "R-dddddddddddd"
CLAIMANTS = county.PEOPLE[1:4]
ACCOMPLICES = county.CROWD[30:32]
AGENCY_STAFF = ("S-7", "S-8", "S-9")
PEOPLE: dict[str, tuple[Role, str]] = {
    "ana": ("analyst", UNIT),
    "ines": ("investigator", UNIT),
    "sue": ("supervisor", UNIT),
    "lin": ("liaison", DISCIPLINE),
}


def rows() -> World:
    """Return the rows of the county."""
    base = county.world()
    claims = [
        ManualClaim(
            setl_id=f"M-{n}", patient=one, account=f"B-{n:016d}", creator=f"S-{8 + n % 2}",
            reviewer="S-7", place="H9", at=county.START,
        )
        for n, one in enumerate((*CLAIMANTS, *ACCOMPLICES))
    ]  # fmt: skip
    staff = tuple(StaffMember(staff=one, org="agency", role="clerk") for one in AGENCY_STAFF[1:])
    return replace(base, staff=(*(base.staff or ()), *staff), manual_claims=tuple(claims))


def insiders(workspace: Workspace) -> None:
    """Add a ring of insiders to the run, and hide the names as an import does."""
    folder = workspace.runs / county.RUN
    first = pq.read_table(folder / "rings.parquet").to_pylist()[0]
    ring = first | {"ring_id": INSIDE, "kind": "insider_reimbursement", "rank": 3, "people": 2}
    members = [("staff", "S-9", "handler"), *(("person", one, "claimant") for one in ACCOMPLICES)]
    told: list[dict[str, Any]] = [
        {
            "ring_id": INSIDE, "entity_type": kind, "entity_id": key, "role": role, "weight": 0.9,
            "since": county.START, "until": county.START,
        }
        for kind, key, role in members
    ]  # fmt: skip
    counted = [{"ring_id": INSIDE, "setl_id": "M-3", "why": "rests_on"}]
    for name, more in (("rings", [ring]), ("ring_members", told), ("ring_settlements", counted)):
        path = folder / f"{name}.parquet"
        held = pq.read_table(path)
        pq.write_table(pa.concat_tables([held, pa.Table.from_pylist(more, held.schema)]), path)
    path = workspace.table("persons")
    table = pq.read_table(path)
    names = [
        name_pseudonym(workspace, county.CLEAR_NAME if key == county.BROKER else "李四")
        for key in table["psn_no"].to_pylist()
    ]
    place = table.column_names.index("psn_name")
    pq.write_table(table.set_column(place, "psn_name", pa.array(names, pa.string())), path)


def staffed(workspace: Workspace) -> Case:
    """Give everybody an account, take the rings in, and open a case of the pool for Ines."""
    with open_ledger(workspace, environ={}) as ledger:
        hire(ledger, *map(officer, PEOPLE))
        take_in(ledger, SUE)
        lead = give(ledger, county.POOL)
        return open_case(ledger, INES, {lead.lead_id: lead.revision}, title="An invented case")


def officer(name: str) -> Officer:
    role, unit = PEOPLE[name]
    return Officer(name=name, role=role, unit=unit)


def visit(workspace: Workspace, name: str, screen: str, **query: str) -> AppTest:
    """Return a page as somebody sees it who has signed in; RINGFENCE_WORKSPACE must be set."""
    with open_ledger(workspace, environ={}) as ledger:
        token = token_of(ledger, name)
    return arrive(screen, query=query, token=token, seconds=120)
