"""Settlements that are one visit: systems split one purchase into several rows."""

# ruff: noqa: S608 - SQL is put together from declared names, never from data

import duckdb

from ingest.rules import RULES


def chain_visits(con: duckdb.DuckDBPyConnection) -> None:
    """Create ``visits`` (``rid``, ``visit_id``) for live rows that belong to an earlier one.

    Rows of one person at one place are chained while each is at most ``visit_seconds`` after the
    one before it; the first by time, then by ``setl_id``, names the visit. Rows that name their
    own visit are left out: there are few others.
    """
    gap = f"INTERVAL {RULES.visit_seconds} SECOND"
    con.execute(
        "CREATE TABLE close_rows AS SELECT rid, setl_id, psn_no, fixmedins_code, setl_time, joins "
        "FROM (SELECT rid, setl_id, psn_no, fixmedins_code, setl_time, "
        f"coalesce(setl_time - lag(setl_time) OVER turn <= {gap}, false) AS joins, "
        f"coalesce(lead(setl_time) OVER turn - setl_time <= {gap}, false) AS joined "
        "FROM valid WHERE rid NOT IN (SELECT rid FROM netted WHERE is_refund OR refunded) "
        "WINDOW turn AS (PARTITION BY psn_no, fixmedins_code ORDER BY setl_time, setl_id)) "
        "WHERE joins OR joined"
    )
    con.execute(
        "CREATE TABLE visits AS SELECT rid, visit_id FROM (SELECT rid, setl_id, "
        "last_value(CASE WHEN NOT joins THEN setl_id END IGNORE NULLS) OVER "
        "(PARTITION BY psn_no, fixmedins_code ORDER BY setl_time, setl_id "
        "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS visit_id FROM close_rows) "
        "WHERE visit_id <> setl_id"
    )
    con.execute("DROP TABLE close_rows")
