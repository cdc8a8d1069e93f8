"""Rows of every node and relationship, derived set-based from the clean tables in DuckDB.

:func:`prepared` yields a database with one table for each label (``node_<label>``: the schema's
columns) and one for each type (``rel_<type>``: start_label, start_key, end_label, end_key, then
the schema's properties). No relationship can miss an end: a key that only a relationship mentions
gets a node row of its own, with ``known`` false where the label has that property.
"""

# ruff: noqa: S608 - SQL is put together from names in this file and the schema, never from data

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from graph.rows_near import NEAR
from graph.schema import NODES, RELATIONSHIPS, Node, Relationship
from ingest.progress import Progress, silent
from ingest.tables import TABLES
from ingest.workspace import Workspace

BATCH = 10_000
SQL_TYPES = {"str": "VARCHAR", "int": "BIGINT", "float": "DOUBLE", "bool": "BOOLEAN"}
CLEAN_TYPES = {
    "str": "VARCHAR",
    "int": "BIGINT",
    "money": "DECIMAL(18,2)",
    "number": "DOUBLE",
    "timestamp": "TIMESTAMP",
    "date": "DATE",
    "flag": "TINYINT",
}

MACROS = """
CREATE MACRO seconds(t) AS epoch(t::TIMESTAMP)::BIGINT;
CREATE MACRO day_number(d) AS date_diff('day', DATE '1970-01-01', d::DATE)::BIGINT;
CREATE MACRO fen(x) AS round(x * 100)::BIGINT;
CREATE MACRO flag(x) AS coalesce(x::VARCHAR IN ('1', 'true'), false);
"""

# What several derivations below share.
SHARED = {
    "place": """
        SELECT fixmedins_code AS place_id,
               CASE place_kind WHEN 'pharmacy' THEN 'Pharmacy' ELSE 'Institution' END AS label
        FROM providers
        UNION ALL
        SELECT place_id, CASE WHEN place_id[1] = 'P' THEN 'Pharmacy' ELSE 'Institution' END
        FROM (SELECT fixmedins_code AS place_id FROM practitioners
              UNION SELECT org FROM staff
              UNION SELECT fixmedins_code FROM terminals) AS named
        WHERE place_id IS NOT NULL AND place_id NOT IN (SELECT fixmedins_code FROM providers)
    """,
    # Without terminal and clerk the place itself is the (proxy) device: nothing is left out.
    "settled": """
        SELECT s.* REPLACE (
                   coalesce(device_id, 'proxy:' || fixmedins_code || ':') AS device_id,
                   CASE WHEN coalesce(opter_type, '1') = '1' THEN opter_id END AS opter_id),
               p.person_id
        FROM settlements AS s JOIN persons AS p USING (psn_no)
        WHERE NOT s.is_refund
    """,
    "line": """
        SELECT f.drug_trac_codg AS box, f.med_list_codg AS drug, s.card_id, s.setl_id,
               s.setl_time, s.fixmedins_code AS place_id, s.refunded,
               flag(f.trdn_flag) AS split, flag(f.sel_retn_flag) AS returned
        FROM fee_list AS f JOIN settled AS s USING (setl_id)
        WHERE f.drug_trac_codg IS NOT NULL
    """,
    "box": """
        SELECT box FROM line
        GROUP BY box
        HAVING count(DISTINCT setl_id) FILTER (NOT refunded AND NOT returned AND NOT split) > 1
            OR bool_or(drug IN (SELECT med_list_codg FROM resale_drugs))
    """,
    "claim": """
        SELECT coalesce(m.setl_id, s.setl_id) AS setl_id, s.* EXCLUDE (setl_id),
               m.* EXCLUDE (setl_id)
        FROM manual_claims AS m
        FULL JOIN (SELECT setl_id, person_id, setl_time, day, medfee_sumamt, fund_pay_sumamt,
                          fixmedins_code, refunded FROM settled WHERE NOT online) AS s
        ON m.setl_id = s.setl_id
        WHERE s.setl_id IS NOT NULL OR m.setl_id NOT IN (SELECT setl_id FROM settlements
                                                         WHERE is_refund)
    """,
    "outside": """
        SELECT s.dr_code, s.fixmedins_code, s.psn_no,
               coalesce(p.fix_blng_admdvs, s.mdtrtarea_admvs, '') AS division
        FROM settled AS s JOIN providers AS p USING (fixmedins_code)
        WHERE s.live AND s.dr_code IS NOT NULL AND p.place_kind = 'pharmacy'
    """,
} | NEAR

PLACE_NODES = """
    SELECT fixmedins_code AS place_id, fixmedins_kind AS kind, hosp_lv AS grade,
           fix_blng_admdvs AS division, lnt AS longitude, lat AS latitude,
           day_number(begntime) AS open_from, day_number(endtime) AS open_to,
           day_precision,
           CASE WHEN NOT coalesce(day_precision, false) THEN opens END AS opens,
           CASE WHEN NOT coalesce(day_precision, false) THEN closes END AS closes, known
    FROM providers JOIN place ON place.place_id = fixmedins_code
    LEFT JOIN hours ON hours.place_id = fixmedins_code WHERE label = '{}'
"""

# Labels without a query hold exactly the keys their relationships mention.
NODE_SQL = {
    "Patient": """
        SELECT person_id, birth_year,
               CASE gend WHEN '1' THEN 'male' WHEN '2' THEN 'female' END AS gender,
               insu_admdvs AS division, surv_stas = '1' AS alive, day_number(die_date) AS died,
               sp_psn_type AS assisted, usual_place, double_days, day_kilometres,
               known
        FROM persons LEFT JOIN usual USING (person_id)
    """,
    "Card": """
        SELECT card_id, min(card_kind) AS kind,
               count(*) FILTER (online AND refunded AND NOT is_refund) AS reversed
        FROM settlements WHERE card_id IS NOT NULL GROUP BY card_id
    """,
    "Device": """
        SELECT dev_no AS device_id, proxy,
               CASE WHEN proxy THEN 'clerk' ELSE 'terminal' END AS basis, known
        FROM terminals
        UNION ALL
        SELECT DISTINCT device_id, true, 'place', false FROM settled
        WHERE online AND device_id = 'proxy:' || fixmedins_code || ':'
          AND device_id NOT IN (SELECT dev_no FROM terminals)
    """,
    "Pharmacy": PLACE_NODES.format("Pharmacy"),
    "Institution": PLACE_NODES.format("Institution")
    + "UNION ALL SELECT 'agency', 'agency', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, "
    "true "
    "WHERE EXISTS (FROM staff WHERE org = 'agency')",
    "Doctor": """
        SELECT prac_psn_code AS practitioner_id,
               CASE min(prac_psn_type) WHEN '1' THEN 'doctor' WHEN '2' THEN 'nurse'
                    WHEN '3' THEN 'pharmacist' WHEN '4' THEN 'technician' END AS kind,
               true AS known
        FROM practitioners GROUP BY prac_psn_code
    """,
    "Staff": """
        SELECT staff_id, min(role) AS role, min(seconds) AS least_gap, bool_or(known) AS known
        FROM (SELECT staff_id, role, NULL::BIGINT AS seconds, true AS known FROM staff
              UNION ALL
              SELECT opter_id, NULL, seconds, false FROM settled JOIN clerk_gap USING (setl_id))
        GROUP BY staff_id
    """,
    "Agent": """
        SELECT agnter_certno AS agent_id, min(person_id) AS person_id
        FROM manual_claims LEFT JOIN persons ON certno = agnter_certno
        WHERE agnter_certno IS NOT NULL GROUP BY agnter_certno
    """,
    "Phone": "SELECT mob AS phone_id, count(DISTINCT person_id) AS people FROM persons "
    "WHERE mob IS NOT NULL GROUP BY mob",
    "Address": "SELECT live_addr AS address_id, count(DISTINCT person_id) AS people FROM persons "
    "WHERE live_addr IS NOT NULL GROUP BY live_addr",
    "Box": """
        SELECT box AS code,
               count(DISTINCT card_id) FILTER (NOT refunded AND NOT returned AND NOT split)
                   AS cards,
               count(DISTINCT place_id) FILTER (NOT refunded AND NOT returned AND NOT split)
                   AS places
        FROM line SEMI JOIN box USING (box) GROUP BY box
    """,
    "Drug": """
        SELECT code, bool_or(resale) AS resale
        FROM (SELECT med_list_codg AS code, true AS resale FROM resale_drugs
              UNION ALL SELECT drug, false FROM line SEMI JOIN box USING (box))
        GROUP BY code
    """,
    "ManualClaim": """
        SELECT setl_id, seconds(setl_time) AS "at", day, fen(medfee_sumamt) AS amount,
               fen(fund_pay_sumamt) AS fund, fixmedins_code AS place_id, manl_reim_rea AS reason,
               invono AS invoice, seconds(reg_time) AS registered, seconds(rchk_time) AS reviewed,
               refunded
        FROM claim
    """,
    "Stay": """
        SELECT setl_id, day_number(begndate) AS begins, day_number(enddate) AS ends,
               seconds(setl_time) AS "at", fen(medfee_sumamt) AS amount,
               fen(fund_pay_sumamt) AS fund, refunded, coalesce(swiped_days, 0) AS swiped_days
        FROM settled LEFT JOIN (
            SELECT stay.setl_id, count(DISTINCT entry.day) AS swiped_days
            FROM settled AS stay JOIN entry USING (person_id)
            WHERE stay.med_class = 'inpatient' AND entry.day > day_number(stay.begndate)
              AND entry.day < day_number(stay.enddate)
            GROUP BY stay.setl_id) USING (setl_id)
        WHERE med_class = 'inpatient'
    """,
}


def _pairs(label: str, start: str, end_label: str, end: str, table: str) -> str:
    return (
        f"SELECT DISTINCT '{label}' AS start_label, {start} AS start_key, "
        f"'{end_label}' AS end_label, {end} AS end_key FROM {table} "
        f"WHERE {start} IS NOT NULL AND {end} IS NOT NULL"
    )


def _to_place(label: str, start: str, place: str, table: str, properties: str = "") -> str:
    return (
        f"SELECT '{label}' AS start_label, t.{start} AS start_key, place.label AS end_label, "
        f"place.place_id AS end_key{properties} "
        f"FROM ({table}) AS t JOIN place ON place.place_id = t.{place}"
    )


RELATIONSHIP_SQL = {
    "HOLDS": _pairs("Patient", "person_id", "Card", "card_id", "settled"),
    "SWIPED_AT": """
        SELECT 'Card' AS start_label, card_id AS start_key, 'Device' AS end_label,
               device_id AS end_key, setl_id, seconds(setl_time) AS "at", day,
               fen(medfee_sumamt) AS amount, fen(fund_pay_sumamt) AS fund, med_class AS kind,
               opter_id AS clerk_id, refunded, neighbour.seconds AS neighbour, clerk_terminals,
               clerk_gap.seconds AS clerk_gap
        FROM settled LEFT JOIN neighbour USING (setl_id) LEFT JOIN clerk_gap USING (setl_id)
        LEFT JOIN clerk_day USING (opter_id, day) WHERE online
    """,
    "INSTALLED_AT": _to_place(
        "Device",
        "device_id",
        "fixmedins_code",
        "SELECT dev_no AS device_id, fixmedins_code FROM terminals "
        "UNION SELECT device_id, fixmedins_code FROM settled "
        "WHERE online AND device_id = 'proxy:' || fixmedins_code || ':'",
    ),
    "VISITED": """
        WITH put AS (SELECT entry.*, start_key IS NOT NULL AS placed, end_key AS place,
                            seconds(setl_time) % 86400 AS clock
                     FROM entry LEFT JOIN rel_INSTALLED_AT ON start_key = device_id),
             whole AS (SELECT person_id, place, count(DISTINCT day) AS place_days,
                              count(DISTINCT day) FILTER (clock < opens + 3600
                                                          OR clock > closes - 3600) AS edge_days
                       FROM put LEFT JOIN hours ON hours.place_id = place
                       WHERE placed GROUP BY person_id, place)
        SELECT 'Patient' AS start_label, put.person_id AS start_key, 'Device' AS end_label,
               device_id AS end_key, count(*) AS settlements, count(DISTINCT day) AS days,
               any_value(left(insu_admdvs, 4) <> left(fix_blng_admdvs, 4)) AS far,
               any_value(put.place) AS place_id, any_value(put.place = usual_place) AS usual,
               any_value(place_days) AS place_days, any_value(edge_days) AS edge_days
        FROM put JOIN persons USING (person_id) JOIN usual USING (person_id)
        LEFT JOIN whole ON whole.person_id = put.person_id AND whole.place = put.place
        LEFT JOIN providers ON fixmedins_code = put.place
        GROUP BY put.person_id, device_id
    """,
    "PRESCRIBED_FOR": """
        SELECT 'Doctor' AS start_label, dr_code AS start_key, 'Patient' AS end_label,
               person_id AS end_key, setl_id, seconds(setl_time) AS "at", day,
               fixmedins_code AS place_id, refunded, gap, coalesce(shops, 0) AS shops
        FROM settled LEFT JOIN signed_gap USING (setl_id)
        LEFT JOIN (SELECT held.start_key AS person_id, day, count(DISTINCT put.end_key) AS shops
                   FROM rel_SWIPED_AT AS swipe JOIN rel_HOLDS AS held
                        ON held.end_key = swipe.start_key
                   JOIN rel_INSTALLED_AT AS put ON put.start_key = swipe.end_key
                   WHERE NOT refunded AND put.end_label = 'Pharmacy'
                   GROUP BY ALL) USING (person_id, day)
        WHERE dr_code IS NOT NULL
    """,
    "SIGNED_AT": _to_place(
        "Doctor",
        "dr_code",
        "fixmedins_code",
        "SELECT dr_code, fixmedins_code, count(*) AS settlements, count(DISTINCT day) AS days, "
        "count(DISTINCT person_id) AS patients FROM settled "
        "WHERE dr_code IS NOT NULL AND NOT refunded GROUP BY dr_code, fixmedins_code",
        ", settlements, days, patients",
    ),
    "REGISTERED_AT": _to_place(
        "Doctor",
        "prac_psn_code",
        "fixmedins_code",
        "FROM practitioners",
        ", day_number(t.begntime) AS since, day_number(t.endtime) AS until",
    ),
    "WORKS_FOR": _to_place("Staff", "staff_id", "org", "SELECT DISTINCT staff_id, org FROM staff"),
    "RANG_UP": """
        SELECT 'Staff' AS start_label, opter_id AS start_key, 'Card' AS end_label,
               card_id AS end_key, count(*) AS settlements, seconds(min(setl_time)) AS first,
               seconds(max(setl_time)) AS last, fen(sum(net_fund)) AS fund,
               coalesce(any_value(holder_days), 0) AS holder_days
        FROM settled LEFT JOIN under USING (opter_id, card_id)
        WHERE online AND opter_id IS NOT NULL
        GROUP BY opter_id, card_id
    """,
    "SENT_TO": """
        WITH pair AS (
            SELECT dr_code, fixmedins_code, division, count(*) AS prescriptions,
                   count(DISTINCT psn_no) AS patients
            FROM outside GROUP BY ALL)
        SELECT 'Doctor' AS start_label, dr_code AS start_key, 'Pharmacy' AS end_label,
               fixmedins_code AS end_key, sum(prescriptions)::BIGINT AS prescriptions,
               sum(expected) AS expected, max(patients) AS patients
        FROM (SELECT *,
                     sum(prescriptions) OVER (PARTITION BY dr_code, division)
                     * sum(prescriptions) OVER (PARTITION BY fixmedins_code, division)
                     / sum(prescriptions) OVER (PARTITION BY division) AS expected
              FROM pair)
        GROUP BY dr_code, fixmedins_code
    """,
    "CLAIMED_FOR": _pairs("ManualClaim", "setl_id", "Patient", "person_id", "claim"),
    "REGISTERED_BY": _pairs("ManualClaim", "setl_id", "Staff", "crter_id", "claim"),
    "REVIEWED_BY": _pairs("ManualClaim", "setl_id", "Staff", "rchker_id", "claim"),
    "PAID_INTO": _pairs("ManualClaim", "setl_id", "Account", "bankacct", "claim"),
    "FILED_BY": _pairs("ManualClaim", "setl_id", "Agent", "agnter_certno", "claim"),
    "STAY_OF": _pairs(
        "Stay",
        "setl_id",
        "Patient",
        "person_id",
        "(FROM settled WHERE med_class = 'inpatient') AS stay",
    ),
    "STAYED_IN": _to_place(
        "Stay", "setl_id", "fixmedins_code", "FROM settled WHERE med_class = 'inpatient'"
    ),
    "OWNS": " UNION ALL ".join(
        (
            _pairs("Staff", "staff_id", "Account", "bankacct", "staff"),
            "SELECT DISTINCT place.label, place_id, 'Account', bankacct FROM providers "
            "JOIN place ON place_id = fixmedins_code WHERE bankacct IS NOT NULL",
            "SELECT DISTINCT 'Patient', claim.person_id, 'Account', claim.bankacct FROM claim "
            "JOIN persons ON persons.person_id = claim.person_id AND psn_name = acctname "
            "WHERE claim.bankacct IS NOT NULL",
        )
    ),
    "USES": " UNION ALL ".join(
        (
            _pairs("Patient", "person_id", "Phone", "mob", "persons"),
            _pairs("Staff", "staff_id", "Phone", "mob", "staff"),
            _pairs("Agent", "agnter_certno", "Phone", "agnter_tel", "manual_claims"),
        )
    ),
    "LIVES_AT": " UNION ALL ".join(
        (
            _pairs("Patient", "person_id", "Address", "live_addr", "persons"),
            _pairs("Staff", "staff_id", "Address", "live_addr", "staff"),
        )
    ),
    "EMPLOYED_BY": _pairs("Patient", "person_id", "Employer", "employer_id", "persons"),
    "BOUGHT": """
        SELECT 'Card' AS start_label, card_id AS start_key, 'Box' AS end_label, box AS end_key,
               setl_id, seconds(setl_time) AS "at", place_id, split, returned, basket, refunded
        FROM line SEMI JOIN box USING (box)
        LEFT JOIN (SELECT setl_id, string_agg(DISTINCT drug, '+' ORDER BY drug) AS basket
                   FROM line SEMI JOIN box USING (box) WHERE NOT returned
                   GROUP BY setl_id HAVING count(DISTINCT drug) > 1) USING (setl_id)
    """,
    "IS_DRUG": _pairs("Box", "box", "Drug", "drug", "line SEMI JOIN box USING (box)"),
}

LOADED_NODES = tuple(item for item in NODES if item.writer == "load")
LOADED_RELATIONSHIPS = tuple(item for item in RELATIONSHIPS if item.writer == "load")


@contextmanager
def prepared(
    workspace: Workspace,
    *,
    memory: str = "2GB",
    threads: int = 2,
    progress: Progress = silent,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a throw-away database with the rows of every node and relationship of an import.

    What exceeds ``memory`` goes to :func:`scratch`. Optional tables that were not delivered count
    as empty.
    """
    workspace.require_import()
    with scratch(workspace) as folder, duckdb.connect() as connection:
        spill = str(folder).replace("'", "''")
        connection.execute(
            f"SET temp_directory = '{spill}'; SET memory_limit = '{memory}'; "
            f"SET threads = {threads}; SET preserve_insertion_order = false"
        )
        connection.execute(MACROS)
        for name in TABLES:
            connection.execute(_clean_table(workspace, name))
        steps = [
            *((name, sql) for name, sql in SHARED.items()),
            *((f"rel_{item.type}", _relationship_sql(item)) for item in LOADED_RELATIONSHIPS),
            *((f"node_{item.label}", _node_sql(item)) for item in LOADED_NODES),
        ]
        for done, (name, sql) in enumerate(steps):
            progress("graph_prepare", done, len(steps))
            connection.execute(f"CREATE TABLE {name} AS {sql}")
        progress("graph_prepare", len(steps), len(steps))
        yield connection


@contextmanager
def scratch(workspace: Workspace) -> Iterator[Path]:
    """Yield a new folder below the workspace, removed with the block.

    What a killed load left there goes too; the caller holds the lock of the load.
    """
    home = workspace.graph / ".loading"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in home.iterdir():
        if not left.name.startswith(f"{os.getpid()}-"):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=home, prefix=f"{os.getpid()}-") as folder:
        yield Path(folder)


def expected_counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return the rows of each label and type, in the schema's order."""
    names = [(item.label, f"node_{item.label}") for item in LOADED_NODES]
    names += [(item.type, f"rel_{item.type}") for item in LOADED_RELATIONSHIPS]
    query = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM {table}" for name, table in names)
    found = dict(connection.execute(query).fetchall())
    return {name: found[name] for name, _ in names}


def batches(
    rows: duckdb.DuckDBPyConnection, query: str, size: int = BATCH
) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of a query as maps, ``size`` at a time, never the whole table at once."""
    reader: pa.RecordBatchReader = rows.sql(query).to_arrow_reader(size)
    for batch in reader:
        if batch.num_rows:
            yield batch.to_pylist()


def _clean_table(workspace: Workspace, name: str) -> str:
    path = workspace.table(name)
    if path.exists():
        quoted = str(path).replace("'", "''")
        return f"CREATE VIEW {name} AS FROM read_parquet('{quoted}')"
    columns = ", ".join(
        f"NULL::{CLEAN_TYPES[column.type]} AS {column.name}" for column in TABLES[name].columns
    )
    return f"CREATE VIEW {name} AS SELECT {columns} WHERE false"


def _relationship_sql(item: Relationship) -> str:
    return (
        f"SELECT start_label, start_key, end_label, end_key{_typed(item)} "
        f"FROM ({RELATIONSHIP_SQL[item.type]})"
    )


def _node_sql(item: Node) -> str:
    """Return the declared rows and a bare row for each key that only relationships mention."""
    ends = [
        f"SELECT DISTINCT {side}_key AS key FROM rel_{each.type} "
        f"WHERE {side}_label = '{item.label}'"
        for each in LOADED_RELATIONSHIPS
        for side, labels in (("start", each.starts), ("end", each.ends))
        if item.label in labels
    ]
    mentioned = " UNION ".join(ends)
    bare = "".join(f", {'false' if each.name == 'known' else 'NULL'}" for each in item.properties)
    declared = NODE_SQL.get(item.label)
    if declared is None:
        return f"SELECT key AS {item.key} FROM ({mentioned})"
    return (
        f"WITH declared AS ({declared}) "
        f"SELECT {item.key}{_typed(item)} FROM declared UNION ALL "
        f"SELECT key{bare} FROM ({mentioned}) WHERE key NOT IN (SELECT {item.key} FROM declared)"
    )


def _typed(item: Node | Relationship) -> str:
    return "".join(
        f', CAST("{each.name}" AS {SQL_TYPES[each.type]}) AS "{each.name}"'
        for each in item.properties
    )
