"""How far a place's times can be trusted: to the second, in batches, or only to the day."""

# ruff: noqa: S608 - SQL is put together from declared names, never from data

import duckdb

from ingest.flags import flag
from ingest.rules import RULES


def judge_clocks(con: duckdb.DuckDBPyConnection) -> None:
    """Create ``clocks``: a row for each place with a live settlement.

    Columns: ``fixmedins_code``, ``settlements`` (live ones), ``open_days`` (different days with
    one), ``day_precision`` and ``batch``. Times are known to the day where all are at midnight, or
    where more than ``precision_share`` of at least ``precision_rows`` are on the whole hour. They
    are batch times where at least ``batch_share`` of as many rows share their second with
    ``batch_people`` or more people in all.
    """
    con.execute(
        "CREATE TABLE clocks AS "
        "WITH live AS (SELECT fixmedins_code, psn_no, setl_time FROM valid "
        "WHERE rid NOT IN (SELECT rid FROM netted WHERE is_refund OR refunded)), "
        "crowded AS (SELECT hash(fixmedins_code, setl_time) AS h FROM live "
        f"GROUP BY h HAVING count(*) >= {RULES.batch_people}), "
        "seconds AS (SELECT fixmedins_code, setl_time, count(*) AS n FROM live "
        "WHERE hash(fixmedins_code, setl_time) IN (SELECT h FROM crowded) "
        f"GROUP BY 1, 2 HAVING count(DISTINCT psn_no) >= {RULES.batch_people}), "
        "shared AS (SELECT fixmedins_code, sum(n) AS n FROM seconds GROUP BY 1), "
        "places AS (SELECT fixmedins_code, count(*) AS settlements, "
        "count(DISTINCT setl_time::DATE) AS open_days, "
        "count(*) FILTER (epoch(setl_time)::BIGINT % 86400 = 0) AS midnights, "
        "count(*) FILTER (epoch(setl_time)::BIGINT % 3600 = 0) AS hours FROM live GROUP BY 1), "
        "judged AS (SELECT *, midnights = settlements OR "
        f"(settlements >= {RULES.precision_rows} AND "
        f"hours > {RULES.precision_share} * settlements) AS day_precision FROM places) "
        "SELECT fixmedins_code, settlements::INTEGER AS settlements, "
        "open_days::INTEGER AS open_days, "
        f"day_precision, NOT day_precision AND settlements >= {RULES.precision_rows} "
        f"AND coalesce(shared.n, 0) >= {RULES.batch_share} * settlements AS batch "
        "FROM judged LEFT JOIN shared USING (fixmedins_code)"
    )
    for field, reason in (("day_precision", "day_precision"), ("batch", "batch_times")):
        flag(
            con, "settlements", "setl_time", reason,  # type: ignore[arg-type]  # both are reasons
            f"SELECT sum(settlements), min(fixmedins_code) FROM clocks WHERE {field}",
        )  # fmt: skip
