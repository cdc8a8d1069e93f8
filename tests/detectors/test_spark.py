"""The pair projection on DuckDB and on Spark: one expression, the same pairs."""

import os

import ibis
import pyarrow as pa
import pytest

from detectors import pairs as p
from detectors.settings import DetectSettings
from detectors.visits import place_windows, scoped
from tests.detectors.test_pairs import places, visits

pytestmark = [pytest.mark.spark, pytest.mark.filterwarnings("ignore")]


def projected(backend, table: pa.Table, where: pa.Table) -> list[tuple]:
    """Count pairs and their expectation with one engine."""
    settings = DetectSettings()
    events = backend.create_view("visits_of_test", ibis.memtable(table), overwrite=True)
    known = backend.create_view("places_of_test", ibis.memtable(where), overwrite=True)
    able = scoped(events, place_windows(known, events, settings))
    found = p.counted(p.meetings(able, least_days=2), least_days=3, rotating_days=2)
    rates = p.expected(p.terms(found, p.habits(able), p.rates(able)))
    both = found.join(rates, ["lo", "hi"]).order_by(["lo", "hi"])
    rows = backend.to_pyarrow(both.select("lo", "hi", "days", "places", "expected")).to_pylist()
    return [tuple(row.values()) for row in rows]


def test_the_same_pairs_on_both_engines() -> None:
    session = pytest.importorskip("pyspark.sql", reason="run 'make test-spark'").SparkSession
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    spark = (
        session.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    try:
        table, where = visits(11), places(day_precision=1)
        on_spark = projected(ibis.pyspark.connect(spark), table, where)
        on_duckdb = projected(ibis.duckdb.connect(), table, where)
    finally:
        spark.stop()
    assert len(on_duckdb) > 20
    assert [row[:4] for row in on_spark] == [row[:4] for row in on_duckdb]
    for ours, theirs in zip(on_duckdb, on_spark, strict=True):
        assert theirs[4] == pytest.approx(ours[4], abs=1e-6)
