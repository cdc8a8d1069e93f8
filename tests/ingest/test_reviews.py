"""The invented review site: days only, lively couples, and groups who are paid."""

from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from ingest.importing import import_extract
from ingest.simulate import Truth, read_truth
from ingest.simulate.reviews import write_reviews
from ingest.workspace import Workspace

USERS, PLACES, YEARS = 20_000, 600, 5


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    folder = tmp_path_factory.mktemp("reviews") / "x"
    return folder, write_reviews(folder, USERS, PLACES, YEARS, 3)


@pytest.fixture(scope="module")
def reviews(site: tuple[Path, Truth]) -> pa.Table:
    return pyarrow.parquet.read_table(site[0] / "settlements.parquet")


def test_there_are_users_places_and_days_and_nothing_else(
    site: tuple[Path, Truth], reviews: pa.Table
) -> None:
    folder, truth = site
    assert sorted(path.name for path in folder.iterdir()) == ["settlements.parquet", "truth.json"]
    assert reviews.column_names == [
        "setl_id",
        "psn_no",
        "fixmedins_code",
        "setl_time",
        "medfee_sumamt",
        "fund_pay_sumamt",
    ]
    second = reviews["setl_time"].to_numpy().astype("datetime64[s]").astype(np.int64)
    assert (second % 86_400 == 0).all()
    assert (np.diff(second) >= 0).all()
    assert len(set(reviews["setl_id"].to_pylist())) == reviews.num_rows
    assert truth.counts == {"settlements": reviews.num_rows}
    assert read_truth(folder / "truth.json") == truth


def test_most_write_little_some_write_much_and_nobody_twice_on_one_place(
    reviews: pa.Table,
) -> None:
    rows = list(
        zip(reviews["psn_no"].to_pylist(), reviews["fixmedins_code"].to_pylist(), strict=True)
    )
    assert len(set(rows)) == len(rows)
    each = np.array(list(Counter(user for user, _ in rows).values()))
    assert 0.8 < (each <= 3).mean() < 0.97
    assert each.max() > 100
    place = np.sort(list(Counter(place for _, place in rows).values()))
    assert place[-1] > 10 * np.median(place)


def test_the_site_grows(reviews: pa.Table) -> None:
    year = reviews["setl_time"].to_numpy().astype("datetime64[Y]").astype(np.int64)
    counts = np.unique(year, return_counts=True)[1]
    assert len(counts) == YEARS
    assert (np.diff(counts) > 0).all()


def test_paid_groups_meet_within_days_at_many_places(
    site: tuple[Path, Truth], reviews: pa.Table
) -> None:
    rows = {row["setl_id"]: row for row in reviews.to_pylist()}
    assert len(site[1].rings) >= 4
    for ring in site[1].rings:
        own = [rows[setl_id] for setl_id in ring.settlements]
        assert 3 <= len(ring.people) <= 15
        assert 4 <= len(ring.places) <= 20
        assert {row["psn_no"] for row in own} == set(ring.people)
        assert ring.loss == pytest.approx(sum(float(row["fund_pay_sumamt"]) for row in own))
        days = defaultdict(list)
        for row in own:
            days[row["fixmedins_code"]].append(row["setl_time"])
        assert all((max(when) - min(when)).days <= 2 for when in days.values())
        assert min(Counter(row["psn_no"] for row in own).values()) >= 3


def test_couples_have_lives_of_their_own_and_events_are_one_day(
    site: tuple[Path, Truth], reviews: pa.Table
) -> None:
    each = Counter(reviews["psn_no"].to_pylist())
    rows = {row["setl_id"]: row for row in reviews.to_pylist()}
    groups = site[1].honest
    assert {group.type for group in groups} == {"couple", "friends", "food_event"}
    couples = [group for group in groups if group.type == "couple"]
    alone = [1 - len(g.settlements) / sum(each[p] for p in g.people) for g in couples]
    assert np.median(alone) > 0.4
    for group in groups:
        if group.type == "food_event":
            assert len({rows[setl_id]["setl_time"] for setl_id in group.settlements}) == 1
            assert len(group.people) >= 20


def test_the_same_seed_gives_the_same_bytes_and_imports(tmp_path: Path) -> None:
    for name, seed in (("one", 1), ("two", 1), ("other", 2)):
        write_reviews(tmp_path / name, 3_000, 160, 3, seed)
    for path in sorted((tmp_path / "one").iterdir()):
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
        assert path.read_bytes() != (tmp_path / "other" / path.name).read_bytes()
    manifest = import_extract(tmp_path / "one", Workspace(tmp_path / "w"))
    assert manifest.rejects == ()
    assert {flag.reason for flag in manifest.flags} == {"day_precision"}
