"""Tiny worlds from plain rows: what an import leaves in a workspace, without an extract.

A world is written with our words (person, place, device); :func:`write_world` turns it into clean
tables under the platform's names. Nothing is hashed: a card called ``C-1`` is ``C-1`` in the
tables and in the graph, and person ``p1`` has ``person_id`` ``P-p1``. Builders return new worlds:
use :func:`dataclasses.replace`.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.tables import TABLES, Table
from ingest.workspace import Workspace, point

EPOCH = date(1970, 1, 1)
NOON = datetime(2025, 3, 3, 12, 0, 0)  # a Monday
YUAN = Decimal("10.00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """One settlement; ``card`` is ``C-<person>`` unless said, ``device`` None means unknown."""

    setl_id: str
    person: str
    place: str = "P1"
    at: datetime = NOON
    card: str | None = None
    card_kind: str = "social_security"
    device: str | None = "D1"
    device_proxy: bool = False
    clerk: str | None = None
    doctor: str | None = None
    amount: Decimal = YUAN
    fund: Decimal = YUAN
    kind: str = "pharmacy"
    online: bool = True
    is_refund: bool = False
    refunded: bool = False
    refunds: str | None = None
    begins: date | None = None
    ends: date | None = None
    insured_in: str | None = None
    treated_in: str | None = None

    @property
    def card_id(self) -> str:
        return self.card or f"C-{self.person}"

    @property
    def day(self) -> int:
        return (self.at.date() - EPOCH).days

    @property
    def epoch(self) -> int:
        """Local seconds since 1970, as the graph's ``at``."""
        return int((self.at - datetime(1970, 1, 1)) / timedelta(seconds=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    person: str
    phone: str | None = None
    address: str | None = None
    employer: str | None = None
    birth_year: int | None = None
    gender: str | None = None
    division: str | None = None
    alive: bool | None = None
    died: date | None = None
    assisted: str | None = None
    name: str | None = None
    certificate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    place: str
    kind: str | None = None
    grade: str | None = None
    division: str | None = None
    longitude: float | None = None
    latitude: float | None = None
    account: str | None = None
    open_from: date | None = None
    open_to: date | None = None
    day_precision: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    device: str
    place: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """One registered site of one practitioner (``kind`` 1 doctor, 2 nurse, 3 pharmacist)."""

    doctor: str
    place: str | None = None
    kind: str = "1"
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    staff: str
    org: str | None = "agency"
    role: str | None = None
    phone: str | None = None
    address: str | None = None
    account: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualClaim:
    """One manual reimbursement; its settlement (``setl_type`` 1) is written too."""

    setl_id: str
    patient: str
    account: str | None = None
    creator: str | None = None
    reviewer: str | None = None
    agent: str | None = None
    agent_phone: str | None = None
    account_name: str | None = None
    invoice: str | None = None
    place: str = "H1"
    at: datetime = NOON
    amount: Decimal = YUAN
    fund: Decimal = YUAN


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a settlement's fee list."""

    setl_id: str
    drug: str
    trace: str | None = None
    split: bool = False
    returned: bool = False
    total: Decimal = YUAN


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One row of ``mdtrt``."""

    visit: str
    person: str
    place: str
    begins: datetime | None = None
    ends: datetime | None = None
    bed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    tip: str
    received: datetime = NOON
    subject_type: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Rows of a small county. An optional table that is None was not delivered; () is empty."""

    settlements: tuple[Settlement, ...] = ()
    persons: tuple[Person, ...] = ()
    places: tuple[Place, ...] = ()
    terminals: tuple[Terminal, ...] = ()
    resale_drugs: tuple[str, ...] = ()
    registrations: tuple[Registration, ...] | None = None
    staff: tuple[StaffMember, ...] | None = None
    manual_claims: tuple[ManualClaim, ...] | None = None
    lines: tuple[Line, ...] | None = None
    visits: tuple[Visit, ...] | None = None
    tips: tuple[Tip, ...] | None = None

    @property
    def owns(self) -> set[tuple[str, str]]:
        """(person, account): the payee's name is the patient's own name."""
        names = {person.person: person.name for person in self.persons}
        return {
            (claim.patient, claim.account)
            for claim in self.manual_claims or ()
            if claim.account
            and claim.account_name
            and claim.account_name == names.get(claim.patient)
        }


def write_world(world: World, workspace: Workspace | Path) -> Workspace:
    """Write the clean tables of a world as the current import of a workspace."""
    space = workspace if isinstance(workspace, Workspace) else Workspace(workspace)
    name = "world-" + hashlib.sha256(repr(world).encode()).hexdigest()[:16]
    tables = space.root / ".imports" / name / "tables"
    tables.mkdir(mode=0o700, parents=True, exist_ok=True)
    for table, rows in _tables(world).items():
        schema = _schema(TABLES[table])
        columns = {field.name: [row.get(field.name) for row in rows] for field in schema}
        pq.write_table(pa.table(columns, schema=schema), tables / f"{table}.parquet")
    point(space.root / ".current", f".imports/{name}")
    point(space.tables, ".current/tables")
    return space


ADDED: dict[str, tuple[tuple[str, pa.DataType], ...]] = {
    "settlements": (
        ("card_id", pa.string()),
        ("card_kind", pa.string()),
        ("device_id", pa.string()),
        ("device_proxy", pa.bool_()),
        ("med_class", pa.string()),
        ("online", pa.bool_()),
        ("is_refund", pa.bool_()),
        ("refunded", pa.bool_()),
        ("live", pa.bool_()),
        ("net_sum", pa.decimal128(18, 2)),
        ("net_fund", pa.decimal128(18, 2)),
        ("visit_id", pa.string()),
        ("day", pa.int32()),
    ),
    "persons": (
        ("person_id", pa.string()),
        ("birth_year", pa.int64()),
        ("known", pa.bool_()),
        ("employer_id", pa.string()),
    ),
    "providers": (
        ("place_kind", pa.string()),
        ("day_precision", pa.bool_()),
        ("batch", pa.bool_()),
        ("settlements", pa.int64()),
        ("open_days", pa.int64()),
        ("known", pa.bool_()),
    ),
    "terminals": (("proxy", pa.bool_()), ("known", pa.bool_())),
}

TYPES = {
    "str": pa.string(),
    "int": pa.int64(),
    "money": pa.decimal128(18, 2),
    "number": pa.float64(),
    "timestamp": pa.timestamp("s"),
    "date": pa.date32(),
    "flag": pa.int8(),
}


def _schema(table: Table) -> pa.Schema:
    declared = [
        (column.name, TYPES[column.type])
        for column in table.columns
        if column.restricted != "text" and column.name != "ssc_cardno"
    ]
    return pa.schema([*declared, *ADDED.get(table.name, ())])


def _tables(world: World) -> dict[str, list[dict[str, Any]]]:
    rows = _settled(world)
    tables = {
        "settlements": rows,
        "persons": _persons(world, rows),
        "providers": _providers(world, rows),
        "terminals": _terminals(world, rows),
        "resale_drugs": [{"med_list_codg": code} for code in world.resale_drugs],
    }
    if world.registrations is not None:
        tables["practitioners"] = [
            {
                "prac_psn_code": row.doctor,
                "prac_psn_type": row.kind,
                "fixmedins_code": row.place,
                "begntime": row.since,
                "endtime": row.until,
            }
            for row in world.registrations
        ]
    if world.staff is not None:
        tables["staff"] = [
            {
                "staff_id": row.staff,
                "name": row.name,
                "org": row.org,
                "role": row.role,
                "mob": row.phone,
                "live_addr": row.address,
                "bankacct": row.account,
            }
            for row in world.staff
        ]
    if world.manual_claims is not None:
        tables["manual_claims"] = [
            {
                "setl_id": row.setl_id,
                "invono": row.invoice,
                "crter_id": row.creator,
                "rchker_id": row.reviewer,
                "bankacct": row.account,
                "acctname": row.account_name,
                "agnter_certno": row.agent,
                "agnter_tel": row.agent_phone,
                "reg_time": row.at,
                "rchk_time": row.at if row.reviewer else None,
            }
            for row in world.manual_claims
        ]
    if world.lines is not None:
        tables["fee_list"] = [
            {
                "setl_id": row.setl_id,
                "feedetl_sn": str(number),
                "med_list_codg": row.drug,
                "det_item_fee_sumamt": row.total,
                "drug_trac_codg": row.trace,
                "trdn_flag": int(row.split),
                "sel_retn_flag": int(row.returned),
            }
            for number, row in enumerate(world.lines)
        ]
    if world.visits is not None:
        tables["mdtrt"] = [
            {
                "mdtrt_id": row.visit,
                "psn_no": row.person,
                "fixmedins_code": row.place,
                "begntime": row.begins,
                "endtime": row.ends,
                "adm_bed": row.bed,
            }
            for row in world.visits
        ]
    if world.tips is not None:
        tables["tips"] = [
            {
                "tip_id": row.tip,
                "received": row.received,
                "subject_type": row.subject_type,
                "subject_id": row.subject,
            }
            for row in world.tips
        ]
    return tables


def _settled(world: World) -> list[dict[str, Any]]:
    claims = [
        Settlement(
            setl_id=claim.setl_id,
            person=claim.patient,
            place=claim.place,
            at=claim.at,
            amount=claim.amount,
            fund=claim.fund,
            kind="outpatient",
            device=None,
            online=False,
        )
        for claim in world.manual_claims or ()
    ]
    rows_in = (*world.settlements, *claims)
    ordered = sorted(rows_in, key=lambda row: (row.place, row.at, row.setl_id))
    visit: dict[tuple[str, str], tuple[datetime, str]] = {}
    rows = []
    for row in ordered:
        live = not row.is_refund and not row.refunded
        visit_id = None
        if live:
            before, visit_id = visit.get((row.person, row.place), (datetime.min, row.setl_id))
            if row.at - before > timedelta(seconds=60):
                visit_id = row.setl_id
            visit[row.person, row.place] = (row.at, visit_id)
        rows.append(
            {
                "setl_id": row.setl_id,
                "init_setl_id": row.refunds,
                "psn_no": row.person,
                "fixmedins_code": row.place,
                "dev_no": None if row.device_proxy else row.device,
                "opter_id": row.clerk,
                "opter_type": "1" if row.clerk else None,
                "dr_code": row.doctor,
                "setl_type": "2" if row.online else "1",
                "setl_time": row.at,
                "begndate": row.begins,
                "enddate": row.ends,
                "medfee_sumamt": row.amount,
                "fund_pay_sumamt": row.fund,
                "insu_admdvs": row.insured_in,
                "mdtrtarea_admvs": row.treated_in,
                "refd_setl_flag": int(row.is_refund or row.refunded),
                "vali_flag": 1,
                "card_id": row.card_id,
                "card_kind": row.card_kind,
                "device_id": row.device,
                "device_proxy": row.device_proxy,
                "med_class": row.kind,
                "online": row.online,
                "is_refund": row.is_refund,
                "refunded": row.refunded,
                "live": live,
                "net_sum": row.amount if live else Decimal(0),
                "net_fund": row.fund if live else Decimal(0),
                "visit_id": visit_id,
                "day": row.day,
            }
        )
    return rows


def _persons(world: World, settled: list[dict[str, Any]]) -> list[dict[str, Any]]:
    listed = {row.person: row for row in world.persons}
    rows = []
    for key in sorted({*listed, *(row["psn_no"] for row in settled)}):
        row = listed.get(key, Person(person=key))
        rows.append(
            {
                "psn_no": key,
                "person_id": f"P-{key}",
                "psn_name": row.name,
                "certno": row.certificate,
                "mob": row.phone,
                "live_addr": row.address,
                "emp_no": row.employer,
                "employer_id": row.employer,
                "birth_year": row.birth_year,
                "gend": row.gender,
                "insu_admdvs": row.division,
                "surv_stas": None if row.alive is None else str(int(row.alive)),
                "die_date": row.died,
                "sp_psn_type": row.assisted,
                "known": key in listed,
            }
        )
    return rows


def _providers(world: World, settled: list[dict[str, Any]]) -> list[dict[str, Any]]:
    listed = {row.place: row for row in world.places}
    rows = []
    for key in sorted({*listed, *(row["fixmedins_code"] for row in settled)}):
        row = listed.get(key, Place(place=key))
        here = [settlement for settlement in settled if settlement["fixmedins_code"] == key]
        pharmacy = key.startswith("P")
        rows.append(
            {
                "fixmedins_code": key,
                "fixmedins_type": "2" if pharmacy else "1",
                "fixmedins_kind": row.kind,
                "hosp_lv": row.grade,
                "lnt": row.longitude,
                "lat": row.latitude,
                "fix_blng_admdvs": row.division,
                "bankacct": row.account,
                "begntime": row.open_from,
                "endtime": row.open_to,
                "place_kind": "pharmacy" if pharmacy else "institution",
                "day_precision": row.day_precision,
                "batch": False,
                "settlements": len(here),
                "open_days": len({settlement["day"] for settlement in here}),
                "known": key in listed,
            }
        )
    return rows


def _terminals(world: World, settled: list[dict[str, Any]]) -> list[dict[str, Any]]:
    listed = {row.device: row for row in world.terminals}
    seen = {row["device_id"]: row for row in reversed(settled) if row["device_id"]}
    return [
        {
            "dev_no": key,
            "fixmedins_code": (listed[key].place if key in listed else None)
            or (seen[key]["fixmedins_code"] if key in seen else None),
            "proxy": key in seen and seen[key]["device_proxy"],
            "known": key in listed,
        }
        for key in sorted({*listed, *seen})
    ]
