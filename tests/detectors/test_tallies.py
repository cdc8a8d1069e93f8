"""What detectors that work on aggregates share, on tables small enough to read."""

from pathlib import Path

import ibis
import numpy as np
import pyarrow as pa
import pytest
from ibis.backends.duckdb import Backend

from detectors.candidates import Sign
from detectors.tallies import commonest, compared, dense, nothing, seen, weights

ROWS = {
    "gid": [0, 0, 0, 0, 2, 2],
    "clerk": ["a", "a", "b", None, "b", "a"],
}
REST = {"gid": [0, 0, 0, 1], "clerk": ["a", "b", None, "a"]}


@pytest.fixture
def backend(tmp_path: Path) -> Backend:
    return ibis.duckdb.connect(tmp_path / "t.duckdb", threads=1)


def rows(backend: Backend, table: ibis.Table) -> list[dict[str, object]]:
    return backend.to_pyarrow(table.order_by(table.columns[:2])).to_pylist()


def test_dense_fills_what_has_no_row_with_nan_and_rounds(backend: Backend) -> None:
    table = backend.create_table("t", pa.table({"gid": [2, 0], "x": [1 / 3, None], "n": [7, 8]}))
    x, n = dense(backend, table, 3, "x", "n")
    assert x.tolist()[2] == 0.333333333
    assert np.isnan(x[:2]).all()
    assert n.tolist()[::2] == [8.0, 7.0]
    assert np.isnan(n[1])


def test_what_was_not_delivered_is_nan_for_every_group(backend: Backend) -> None:
    observed, expected = seen(backend, None, 2)
    assert np.isnan([*observed, *expected]).all()
    assert observed is not expected


def test_compared_keeps_a_group_that_has_nothing_to_compare_with(backend: Backend) -> None:
    found = backend.create_table("f", pa.table({"gid": [0, 1], "observed": [0.5, 0.25]}))
    usual = backend.create_table("u", pa.table({"gid": [1, 2], "expected": [0.125, 1.0]}))
    assert rows(backend, compared(found, usual)) == [
        {"gid": 0, "observed": 0.5, "expected": None},
        {"gid": 1, "observed": 0.25, "expected": 0.125},
    ]


def test_the_commonest_value_and_its_share_elsewhere(backend: Backend) -> None:
    own = backend.create_table("o", pa.table(ROWS))
    rest = backend.create_table("r", pa.table(REST))
    assert rows(backend, commonest(own, rest, "clerk")) == [
        {"gid": 0, "observed": pytest.approx(2 / 3), "expected": 0.5},
        {"gid": 2, "observed": 0.5, "expected": None},  # a and b tie: a; nobody else there
    ]


def test_weights_are_shares_of_all_rows_the_unnamed_included(backend: Backend) -> None:
    own = backend.create_table("o", pa.table(ROWS))
    assert rows(backend, weights(own, "clerk")) == [
        {"gid": 0, "clerk": "a", "weight": 0.5},
        {"gid": 0, "clerk": "b", "weight": 0.25},
        {"gid": 2, "clerk": "a", "weight": 0.5},
        {"gid": 2, "clerk": "b", "weight": 0.5},
    ]


def test_nothing_found_still_names_what_would_have_been_measured() -> None:
    none = nothing([Sign(name="x", unit="share", score="difference")], ["y"], tests=4.0)
    assert len(none) == 0
    assert none.tests == 4.0
    assert list(none.signs) == ["x"]
    assert list(none.honest) == ["y"]
    assert none.others is not None
    assert none.others.num_rows == 0
