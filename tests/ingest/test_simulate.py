"""The invented county: what is planted, what must hold in any extract, what must not leak."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
import pytest

from detectors.rings import KINDS
from ingest.errors import RingfenceError
from ingest.simulate import Truth, read_truth, simulate
from ingest.simulate.honest import PER_60_000 as HONEST
from ingest.tables import TABLES

PERSONS, DAYS, SEED = 3_000, 120, 11


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    folder = tmp_path_factory.mktemp("county") / "extract"
    return folder, simulate(folder, persons=PERSONS, days=DAYS, seed=SEED, format="parquet")


@pytest.fixture(scope="module")
def settlements(county: tuple[Path, Truth]) -> pa.Table:
    return _table(county[0], "settlements")


def _table(folder: Path, name: str) -> pa.Table:
    return pyarrow.parquet.read_table(folder / f"{name}.parquet")


def _fen(column: pa.ChunkedArray) -> np.ndarray:
    return np.rint(pc.cast(column, pa.float64()).to_numpy() * 100).astype(np.int64)


def test_every_table_is_written_with_its_declared_columns(county: tuple[Path, Truth]) -> None:
    folder, truth = county
    for name, table in TABLES.items():
        written = _table(folder, name)
        assert written.column_names == [column.name for column in table.columns]
        assert written.num_rows == truth.counts[name] > 0
        for column in table.columns:
            if column.required:
                assert written[column.name].null_count == 0, (name, column.name)
        if len(table.key) == 1:
            assert len(pc.unique(written[table.key[0]])) == written.num_rows, name


def test_every_kind_of_ring_and_honest_group_is_planted(county: tuple[Path, Truth]) -> None:
    _, truth = county
    assert {ring.kind for ring in truth.rings} == set(KINDS) - {"mixed"}
    assert {group.type for group in truth.honest} == set(HONEST)


def test_a_large_county_has_44_rings_and_about_242_honest_groups() -> None:
    from ingest.simulate.rings import PER_60_000

    assert sum(number for _, number in PER_60_000.values()) == 44
    assert 236 <= sum(number for _, number in HONEST.values()) <= 248
    most_frequent = sorted(PER_60_000, key=lambda kind: -PER_60_000[kind][1])[:2]
    assert set(most_frequent) == {"card_pool", "card_pool_rotating"}


def test_the_number_of_settlements_follows_persons_and_days(county: tuple[Path, Truth]) -> None:
    _, truth = county
    expected = 5.7 * PERSONS * DAYS / 365
    assert 0.85 * expected < truth.counts["settlements"] < 1.5 * expected
    assert 1.8 < truth.counts["fee_list"] / truth.counts["settlements"] < 2.8


def test_the_truth_is_read_back_and_joins_to_the_extract(
    county: tuple[Path, Truth], settlements: pa.Table
) -> None:
    folder, truth = county
    assert read_truth(folder / "truth.json") == truth
    known = set(settlements["setl_id"].to_pylist())
    people = set(_table(folder, "persons")["psn_no"].to_pylist())
    places = set(_table(folder, "providers")["fixmedins_code"].to_pylist())
    doctors = set(_table(folder, "practitioners")["prac_psn_code"].to_pylist())
    staff = set(_table(folder, "staff")["staff_id"].to_pylist())
    accounts = set(_table(folder, "manual_claims")["bankacct"].to_pylist())
    for group in (*truth.rings, *truth.honest):
        assert known.issuperset(group.settlements)
        assert people.issuperset(group.people)
        assert places.issuperset(group.places)
        assert doctors.issuperset(group.doctors)
        assert staff.issuperset(group.staff)
        assert accounts.issuperset(group.accounts)
    assert all(ring.settlements and ring.places for ring in truth.rings)


def test_loss_is_what_the_fund_paid_in_the_ring(
    county: tuple[Path, Truth], settlements: pa.Table
) -> None:
    fund = dict(
        zip(settlements["setl_id"].to_pylist(), _fen(settlements["fund_pay_sumamt"]), strict=True)
    )
    for ring in county[1].rings:
        assert round(ring.loss * 100) == sum(fund[s] for s in ring.settlements)
        assert ring.loss > 0


def test_money_adds_up(settlements: pa.Table) -> None:
    fee, fund, own, family, cash = (
        _fen(settlements[name])
        for name in (
            "medfee_sumamt",
            "fund_pay_sumamt",
            "acct_pay",
            "acct_mulaid_pay",
            "psn_cash_pay",
        )
    )
    assert (fee == fund + own + family + cash).all()
    back = settlements["init_setl_id"].is_valid().to_numpy()
    assert back.any()
    assert (fee[back] <= 0).all()
    for part in (fund, own, family, cash):
        assert (part[~back] >= 0).all()


def test_personal_accounts_follow_from_row_to_row(settlements: pa.Table) -> None:
    person = settlements["psn_no"].to_numpy().astype(str)
    before, after = _fen(settlements["crov_old_balc"]), _fen(settlements["crov_new_balc"])
    paid = _fen(settlements["acct_pay"])
    assert (before - paid == after).all()
    assert after.min() >= 0
    order = np.argsort(person, kind="stable")
    same = person[order][1:] == person[order][:-1]
    credit = before[order][1:] - after[order][:-1]
    assert (credit[same] >= 0).all()
    month = settlements["setl_time"].to_numpy().astype("datetime64[M]")[order]
    assert (credit[same & (month[1:] == month[:-1])] == 0).all()


def test_lines_sum_to_their_settlement(county: tuple[Path, Truth], settlements: pa.Table) -> None:
    lines = _table(county[0], "fee_list").group_by("setl_id")
    lines = lines.aggregate([("det_item_fee_sumamt", "sum")])
    joined = settlements.select(["setl_id", "medfee_sumamt"]).join(
        lines, "setl_id", join_type="inner"
    )
    assert joined.num_rows > 0.95 * settlements.num_rows
    assert pc.all(pc.equal(joined["medfee_sumamt"], joined["det_item_fee_sumamt_sum"])).as_py()


def test_a_refund_reverses_an_earlier_row_of_the_same_person_and_place(
    settlements: pa.Table,
) -> None:
    rows = {row["setl_id"]: row for row in settlements.to_pylist()}
    refunds = [row for row in rows.values() if row["init_setl_id"]]
    for refund in refunds:
        first = rows[refund["init_setl_id"]]
        assert (first["psn_no"], first["fixmedins_code"]) == (
            refund["psn_no"],
            refund["fixmedins_code"],
        )
        assert first["setl_time"] <= refund["setl_time"]
        assert first["refd_setl_flag"] == refund["refd_setl_flag"] == 1
        assert -refund["medfee_sumamt"] <= first["medfee_sumamt"]


@pytest.mark.parametrize(
    ("table", "column", "pattern"),
    [
        ("settlements", "fixmedins_code", r"^[HP]\d{11}$"),
        ("settlements", "dr_code", r"^D\d{12}$"),
        ("settlements", "insu_admdvs", r"^\d{6}$"),
        ("fee_list", "drug_trac_codg", r"^8\d{19}$"),
        ("resale_drugs", "med_list_codg", r"^[XZ][A-Z0-9]{22}$"),
        ("practitioners", "prac_psn_code", r"^(D|N|HY)\d{12}$"),
        ("persons", "certno", r"^\d{17}[\dX]$"),
        ("persons", "mob", r"^1\d{10}$"),
    ],
)
def test_identifiers_have_their_national_format(
    county: tuple[Path, Truth], table: str, column: str, pattern: str
) -> None:
    values = _table(county[0], table)[column].drop_null()
    assert len(values)
    assert pc.all(pc.match_substring_regex(values, pattern)).as_py()


def test_id_numbers_have_a_valid_check_digit_birth_date_and_sex(
    county: tuple[Path, Truth],
) -> None:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    people = _table(county[0], "persons").select(["certno", "brdy", "gend"]).to_pylist()
    for row in people:
        number = row["certno"]
        total = sum(w * int(c) for w, c in zip(weights, number[:17], strict=True))
        assert "10X98765432"[total % 11] == number[17]
        assert number[6:14] == row["brdy"].strftime("%Y%m%d")
        assert int(number[16]) % 2 == int(row["gend"]) % 2
    assert len({row["certno"] for row in people}) == len(people)


def test_a_place_code_holds_its_division(county: tuple[Path, Truth]) -> None:
    for row in _table(county[0], "providers").to_pylist():
        assert row["fixmedins_code"][1:7] == row["fix_blng_admdvs"]


def test_trace_codes_are_of_their_drug_and_repeat_only_for_a_reason(
    county: tuple[Path, Truth],
) -> None:
    folder, truth = county
    lines = [row for row in _table(folder, "fee_list").to_pylist() if row["drug_trac_codg"]]
    drug_of = {row["drug_trac_codg"][:7]: row["med_list_codg"] for row in lines}
    assert all(drug_of[row["drug_trac_codg"][:7]] == row["med_list_codg"] for row in lines)
    resold = {s for r in truth.rings if r.kind == "trace_resale" for s in r.settlements}
    whole = [row for row in lines if row["trdn_flag"] == 0]
    seen: dict[str, set[str]] = {}
    for row in whole:
        seen.setdefault(row["drug_trac_codg"], set()).add(row["setl_id"])
    repeated = [where for where in seen.values() if len(where) > 1]
    assert repeated
    assert all(where <= resold for where in repeated)


def test_life_is_ordinary_around_the_rings(settlements: pa.Table) -> None:
    hour = pc.hour(settlements["setl_time"]).to_numpy()
    assert 0.3 < np.isin(hour, (8, 9, 10)).mean() < 0.65
    assert np.isin(hour, (23, 0, 1, 2, 3, 4, 5)).mean() < 0.001
    pharmacy = pc.starts_with(settlements["fixmedins_code"], "P").to_numpy()
    assert 0.4 < pharmacy.mean() < 0.65
    away = pc.not_equal(settlements["insu_admdvs"], settlements["mdtrtarea_admvs"]).to_numpy()
    assert 0.02 < away.mean() < 0.4
    per_place = np.sort(pc.value_counts(settlements["fixmedins_code"]).field("counts").to_numpy())
    assert per_place[-1] > 5 * np.median(per_place)
    assert len(pc.unique(settlements["psn_no"])) > 0.5 * PERSONS


def test_identifiers_do_not_give_the_answer_away(
    county: tuple[Path, Truth], settlements: pa.Table
) -> None:
    folder, truth = county
    persons = sorted(_table(folder, "persons")["psn_no"].to_pylist())
    members = {person for ring in truth.rings for person in ring.people}
    places = sorted(set(settlements["fixmedins_code"].to_pylist()))
    used = {place for ring in truth.rings for place in ring.places}
    number = np.array(sorted(int(s) for s in settlements["setl_id"].to_pylist()))
    of_rings = [int(s) for ring in truth.rings for s in ring.settlements]
    _ranks_look_random(persons, members)
    _ranks_look_random([p[7:] + p for p in places], {p[7:] + p for p in used})
    rank = np.searchsorted(number, of_rings) / len(number)
    assert abs(rank.mean() - 0.5) < 5 / np.sqrt(12 * len(rank))
    in_time = np.array([int(s) for s in settlements["setl_id"].to_pylist()])
    assert abs(np.corrcoef(np.arange(len(in_time)), in_time)[0, 1]) < 5 / np.sqrt(len(in_time))
    for ring in truth.rings:
        if len(ring.people) >= 8:
            rank = np.searchsorted(persons, sorted(ring.people)) / len(persons)
            assert np.ptp(rank) > 0.3, ring.ring_id


def _ranks_look_random(every: list[str], chosen: set[str]) -> None:
    rank = np.flatnonzero([one in chosen for one in sorted(every)]) / len(every)
    assert len(rank)
    assert abs(rank.mean() - 0.5) < 5 / np.sqrt(12 * len(rank))


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("one", 5), ("two", 5), ("other", 6)):
        simulate(tmp_path / name, persons=1_000, days=60, seed=seed, messy=True)
    for path in sorted((tmp_path / "one").iterdir()):
        content = path.read_bytes()
        assert content == (tmp_path / "two" / path.name).read_bytes(), path.name
        assert content != (tmp_path / "other" / path.name).read_bytes(), path.name


def test_csv_and_parquet_hold_the_same_rows(county: tuple[Path, Truth], tmp_path: Path) -> None:
    simulate(tmp_path / "csv", persons=PERSONS, days=DAYS, seed=SEED)
    for name in TABLES:
        text = pyarrow.csv.read_csv(tmp_path / "csv" / f"{name}.csv")
        table = _table(county[0], name)
        assert (text.num_rows, text.column_names) == (table.num_rows, table.column_names)
    ids = pyarrow.csv.read_csv(tmp_path / "csv" / "settlements.csv")["setl_id"]
    assert (
        pc.cast(ids, pa.string()).to_pylist()
        == _table(county[0], "settlements")["setl_id"].to_pylist()
    )


def test_a_null_county_has_honest_groups_and_no_ring(
    county: tuple[Path, Truth], tmp_path: Path
) -> None:
    truth = simulate(tmp_path / "null", persons=PERSONS, days=DAYS, seed=SEED, rings=False)
    with_rings = county[1]
    assert truth.rings == ()
    assert [g.type for g in truth.honest] == [g.type for g in with_rings.honest]
    assert [g.people for g in truth.honest] == [g.people for g in with_rings.honest]
    assert truth.counts["settlements"] < with_rings.counts["settlements"]


def test_a_messy_county_has_what_spoils_a_naive_count(tmp_path: Path) -> None:
    truth = simulate(
        tmp_path / "x", persons=PERSONS, days=DAYS, seed=SEED, messy=True, format="parquet"
    )
    rows = _table(tmp_path / "x", "settlements")
    ids = pc.value_counts(rows["setl_id"]).field("counts")
    void = pc.equal(rows["vali_flag"], 0)
    assert pc.max(ids).as_py() == 2
    assert 0 < pc.sum(void).as_py() < 0.02 * rows.num_rows
    assert pc.sum(pc.equal(rows["dr_code"], "D000000000000")).as_py() > 10
    assert 0.01 < rows["dev_no"].null_count / rows.num_rows < 0.2
    assert pc.sum(pc.equal(rows["mdtrt_cert_type"], "3")).as_py() > 0
    refunds = rows.filter(rows["init_setl_id"].is_valid())
    assert refunds.num_rows > 0.02 * rows.num_rows
    second = rows["setl_time"].to_numpy().astype("datetime64[s]").astype(np.int64)
    assert (second % 86_400 == 0).sum() > 10
    on_one_second = rows.group_by(["fixmedins_code", "setl_time"]).aggregate([([], "count_all")])
    assert pc.max(on_one_second["count_all"]).as_py() >= 8
    types = {group.type for group in truth.honest}
    assert {"batch_upload", "rounded_clock", "sentinel_number"} <= types
    assert pc.any(pc.less(pc.utf8_length(_table(tmp_path / "x", "persons")["certno"]), 18)).as_py()


def test_a_folder_in_use_and_a_tiny_county_are_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(RingfenceError, match="not empty"):
        simulate(tmp_path, persons=PERSONS, days=DAYS, seed=1)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
    with pytest.raises(RingfenceError, match="at least 1000 persons"):
        simulate(tmp_path / "new", persons=10, days=DAYS, seed=1)
    assert not (tmp_path / "new").exists()


def test_progress_names_every_stage_once_done(tmp_path: Path) -> None:
    heard: dict[str, tuple[int, int]] = {}
    simulate(
        tmp_path / "x",
        persons=1_000,
        days=60,
        seed=3,
        progress=lambda stage, done, total: heard.update({stage: (done, total)}),
    )
    assert list(heard) == [
        "simulate_people",
        "simulate_life",
        "simulate_groups",
        "simulate_prices",
        "simulate_write",
    ]
    assert all(done == total for stage, (done, total) in heard.items())


@pytest.mark.slow
def test_twenty_thousand_over_half_a_year_take_seconds(tmp_path: Path) -> None:
    from time import process_time

    start = process_time()
    truth = simulate(tmp_path / "x", persons=20_000, days=180, seed=1)
    assert process_time() - start < 15
    assert {ring.kind for ring in truth.rings} == set(KINDS) - {"mixed"}
    assert {group.type for group in truth.honest} == set(HONEST)
