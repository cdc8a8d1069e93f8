"""Refunds set against the payments they reverse.

Every valid row with negative money is a refund, and so is a row marked as refunded that names
another settlement as its original. A refund that names its original is set against it if both are
of one person. One that names none is set against the payment of the same person, place and
opposite amount that was open last before it, as brackets close, if that is at most
``refund_days`` old. What finds no payment is flagged and stands alone.
"""

# ruff: noqa: S608 - SQL is put together from declared names, never from data

import duckdb

from ingest.flags import flag
from ingest.rules import RULES, FlagReason


def net_refunds(con: duckdb.DuckDBPyConnection) -> None:
    """Create ``netted`` for the rows of ``valid`` that a refund touches.

    Columns: ``rid``, ``is_refund``, ``refunded`` (fully reversed), ``net_sum`` and ``net_fund``. A
    refund set against a payment has net nought; one that stands alone keeps its negative money.
    The sum of ``net_sum`` over all rows equals the sum of the fees, but for payments marked as
    refunded without a refund row: those have net nought.
    """
    negative = "(medfee_sumamt < 0 OR (medfee_sumamt = 0 AND fund_pay_sumamt < 0))"
    named = "(init_setl_id IS NOT NULL AND init_setl_id <> setl_id)"
    con.execute(
        "CREATE TABLE refunds AS SELECT rid, setl_id, "
        f"CASE WHEN {named} THEN init_setl_id END AS original, psn_no, fixmedins_code, setl_time, "
        f"CASE WHEN {negative} THEN medfee_sumamt ELSE -medfee_sumamt END AS fee, "
        f"CASE WHEN {negative} THEN fund_pay_sumamt ELSE -fund_pay_sumamt END AS fund, "
        f"NOT {negative} AS unsigned FROM valid "
        f"WHERE {negative} OR ({named} AND refd_setl_flag = 1)"
    )
    con.execute(
        "CREATE TABLE refund_links AS SELECT r.rid AS refund, o.rid AS payment, "
        "o.psn_no = r.psn_no AS same_person FROM refunds r "
        "JOIN (SELECT rid, setl_id, psn_no FROM valid "
        "WHERE setl_id IN (SELECT original FROM refunds)) o ON o.setl_id = r.original "
        "WHERE o.rid NOT IN (SELECT rid FROM refunds)"
    )
    _match_by_amount(con)
    con.execute(
        "CREATE TABLE netted AS "
        "WITH reversed AS (SELECT l.payment AS rid, sum(r.fee) AS fee, sum(r.fund) AS fund "
        "FROM refund_links l JOIN refunds r ON r.rid = l.refund WHERE l.same_person GROUP BY 1), "
        "payments AS (SELECT v.rid, v.medfee_sumamt + coalesce(x.fee, 0) AS fee, "
        "v.fund_pay_sumamt + coalesce(x.fund, 0) AS fund, x.rid IS NULL AS alone "
        "FROM valid v LEFT JOIN reversed x ON x.rid = v.rid "
        "WHERE (x.rid IS NOT NULL OR v.refd_setl_flag = 1) "
        "AND v.rid NOT IN (SELECT rid FROM refunds)) "
        "SELECT rid, false AS is_refund, alone OR fee <= 0 AS refunded, "
        "(CASE WHEN alone THEN 0 ELSE fee END)::DECIMAL(18,2) AS net_sum, "
        "(CASE WHEN alone THEN 0 ELSE fund END)::DECIMAL(18,2) AS net_fund, alone, "
        "fee < 0 AS beyond FROM payments "
        "UNION ALL SELECT r.rid, true, false, "
        "(CASE WHEN l.refund IS NULL THEN r.fee ELSE 0 END)::DECIMAL(18,2), "
        "(CASE WHEN l.refund IS NULL THEN r.fund ELSE 0 END)::DECIMAL(18,2), false, false "
        "FROM refunds r LEFT JOIN (SELECT refund FROM refund_links WHERE same_person) l "
        "ON l.refund = r.rid"
    )
    _flag(con)


def _match_by_amount(con: duckdb.DuckDBPyConnection) -> None:
    """Add links of refunds that name no original, the last open payment first.

    Payments open and refunds close, in the order of time; ``depth`` is how many are open. A refund
    that finds none open is left alone. Payment and refund of one pair are neighbours within their
    depth.
    """
    con.execute(
        "INSERT INTO refund_links "
        "WITH closing AS (SELECT rid, setl_id, psn_no, fixmedins_code, setl_time, -fee AS amount "
        "FROM refunds WHERE original IS NULL AND fee < 0), "
        "opening AS (SELECT rid, setl_id, psn_no, fixmedins_code, setl_time, "
        "medfee_sumamt AS amount FROM valid v SEMI JOIN closing c USING (psn_no, fixmedins_code) "
        "WHERE v.medfee_sumamt > 0 AND v.rid NOT IN (SELECT rid FROM refunds) "
        "AND v.rid NOT IN (SELECT payment FROM refund_links WHERE same_person)), "
        "events AS (SELECT *, 1 AS step FROM opening SEMI JOIN closing "
        "USING (psn_no, fixmedins_code, amount) UNION ALL SELECT *, -1 FROM closing), "
        "summed AS (SELECT *, sum(step) OVER turn AS level FROM events "
        "WINDOW turn AS (PARTITION BY psn_no, fixmedins_code, amount "
        "ORDER BY setl_time, step DESC, setl_id)), "
        "lowest AS (SELECT *, coalesce(min(level) OVER (PARTITION BY psn_no, fixmedins_code, "
        "amount ORDER BY setl_time, step DESC, setl_id "
        "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS below FROM summed), "
        "deep AS (SELECT *, level - least(below, 0) + CASE WHEN step < 0 THEN 1 ELSE 0 END "
        "AS depth FROM lowest), "
        "paired AS (SELECT rid, step, setl_time, lag(rid) OVER near AS payment, "
        "lag(step) OVER near AS before, lag(setl_time) OVER near AS paid FROM deep WHERE depth > 0 "
        "WINDOW near AS (PARTITION BY psn_no, fixmedins_code, amount, depth "
        "ORDER BY setl_time, step DESC, setl_id)) "
        "SELECT rid, payment, true FROM paired WHERE step < 0 AND before > 0 "
        f"AND setl_time - paid <= INTERVAL {RULES.refund_days} DAY"
    )


def _flag(con: duckdb.DuckDBPyConnection) -> None:
    of_refund = "SELECT count(*), min(r.setl_id) FROM refunds r"
    linked = f"{of_refund} JOIN refund_links l ON l.refund = r.rid"
    netted = "SELECT count(*), min(v.setl_id) FROM netted n JOIN valid v ON v.rid = n.rid"
    queries: tuple[tuple[str, FlagReason, str], ...] = (
        (
            "init_setl_id",
            "refund_without_original",
            f"{of_refund} WHERE rid NOT IN (SELECT refund FROM refund_links)",
        ),
        ("init_setl_id", "refund_of_another_person", f"{linked} WHERE NOT l.same_person"),
        ("init_setl_id", "refund_matched_by_amount", f"{linked} WHERE r.original IS NULL"),
        ("medfee_sumamt", "refund_unsigned", f"{of_refund} WHERE unsigned"),
        ("medfee_sumamt", "refund_exceeds_original", f"{netted} WHERE n.beyond"),
        ("refd_setl_flag", "refund_row_missing", f"{netted} WHERE n.alone"),
        (
            "init_setl_id",
            "init_setl_id_on_payment",
            "SELECT count(*), min(setl_id) FROM valid WHERE init_setl_id <> setl_id "
            "AND rid NOT IN (SELECT rid FROM refunds)",
        ),
    )
    for field, reason, query in queries:
        flag(con, "settlements", field, reason, query)
