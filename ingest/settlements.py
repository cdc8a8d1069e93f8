"""The clean settlements: cards, terminals, classes of care, refunds, visits and days worked out."""

# ruff: noqa: S608 - SQL is put together from declared names, never from data

import duckdb

from ingest.outputs import Output, shipped, write_sorted
from ingest.placeholders import without_placeholders
from ingest.pseudonyms import as_pseudonym
from ingest.rules import SHARE_CHECKED
from ingest.sql import literal, name
from ingest.tables import SETTLEMENTS


def write_settlements(con: duckdb.DuckDBPyConnection, out: Output) -> None:
    """Write the clean settlements, sorted by place, time and number."""
    _name_cards(con)
    declared = [name(c.name) for c in SETTLEMENTS.columns if c.name != "ssc_cardno"]
    live = "NOT is_refund AND NOT refunded"
    derived = {
        "card_kind": "card_kind",
        "device_id": "coalesce(dev_no, 'proxy:' || fixmedins_code || ':' || opter_id)",
        "device_proxy": "dev_no IS NULL AND opter_id IS NOT NULL",
        "med_class": _med_class(),
        "online": "coalesce(setl_type, '2') <> '1'",
        "is_refund": "is_refund",
        "refunded": "refunded",
        "live": live,
        "net_sum": "net_sum",
        "net_fund": "net_fund",
        "visit_id": f"CASE WHEN {live} THEN coalesce(first_of_visit, setl_id) END",
        "day": "(setl_time::DATE - DATE '1970-01-01')::INTEGER",
    }
    write_sorted(
        con,
        f"SELECT {', '.join(f'v.{column}' for column in declared)}, c.card_id, c.card_kind, "
        "x.visit_id AS first_of_visit, coalesce(n.is_refund, false) AS is_refund, "
        "coalesce(n.refunded, false) AS refunded, "
        "coalesce(n.net_sum, v.medfee_sumamt) AS net_sum, "
        "coalesce(n.net_fund, v.fund_pay_sumamt) AS net_fund "
        "FROM carded v JOIN cards c ON c.psn_no = v.psn_no AND c.card_kind = v.card_kind "
        "AND coalesce(c.ssc_cardno, '') = coalesce(v.ssc_cardno, '') "
        "LEFT JOIN netted n ON n.rid = v.rid LEFT JOIN visits x ON x.rid = v.rid",
        "fixmedins_code, setl_time, setl_id",
        out.tables / "settlements.parquet",
        then=", ".join(
            [*declared, "card_id"] + [f"{made} AS {column}" for column, made in derived.items()]
        ),
    )
    con.execute(
        "INSERT INTO clear SELECT DISTINCT 'card', card_id, ssc_cardno FROM cards "
        "WHERE ssc_cardno IS NOT NULL"
    )


def _name_cards(con: duckdb.DuckDBPyConnection) -> None:
    """Create ``carded``, valid rows without placeholders, and ``cards``, their cards by number.

    A card is its number where one is given; else there is one for each person and kind, and one
    whose kind is unknown counts as a social-security card.
    """
    found = con.execute("SELECT DISTINCT field FROM placeholders").fetchall()
    replaced = [
        f"{without_placeholders(field, name(field))} AS {name(field)}"
        for (field,) in sorted(found)
        if field in (*SHARE_CHECKED, "ssc_cardno")
    ]
    replace = f" REPLACE ({', '.join(replaced)})" if replaced else ""
    con.execute(
        "CREATE VIEW carded AS SELECT *, CASE WHEN ssc_cardno IS NOT NULL THEN 'social_security' "
        "WHEN mdtrt_cert_type = '01' THEN 'e_credential' "
        "WHEN mdtrt_cert_type = '02' THEN 'id_card' ELSE 'social_security' END AS card_kind "
        f"FROM (SELECT *{replace} FROM valid)"
    )
    by_kind = " ".join(
        f"WHEN card_kind = '{kind}' THEN {as_pseudonym(kind, 'psn_no', 'C')}"
        for kind in ("social_security", "e_credential", "id_card")
    )
    con.execute(
        "CREATE TABLE cards AS SELECT psn_no, ssc_cardno, card_kind, CASE WHEN ssc_cardno IS NOT "
        f"NULL THEN {as_pseudonym('card', 'ssc_cardno')} {by_kind} END AS card_id "
        "FROM (SELECT DISTINCT psn_no, ssc_cardno, card_kind FROM carded)"
    )


def _med_class() -> str:
    """Return the class of care: by the longest prefix that fits, else by the kind of place."""
    rows = sorted(shipped("med_class.csv"), key=lambda row: (-len(row["prefix"]), row["prefix"]))
    cases = " ".join(
        f"WHEN starts_with(med_type, {literal(row['prefix'])}) THEN {literal(row['class'])}"
        for row in rows
    )
    return (
        "CASE WHEN med_type IS NULL THEN CASE WHEN starts_with(fixmedins_code, 'P') "
        f"THEN 'pharmacy' ELSE 'outpatient' END {cases} ELSE 'other' END"
    )
