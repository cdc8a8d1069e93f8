"""What holds for every extract: counts add up, order does not matter, plain loops agree."""

# ruff: noqa: S608 - queries over files of the test

import hashlib
import random
from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.rules import RULES
from tests.ingest.extracts import load, rows_of, settlement, table, to_csv, write_extract

NOON = datetime(2024, 3, 1, 12)
IDS = st.sampled_from(["1", "2", "3", "4", "5", "6", "7", "", "无"])
DIRTY = st.fixed_dictionaries(
    {
        "setl_id": IDS,
        "init_setl_id": st.sampled_from(["", "1", "2", "3", "99"]),
        "psn_no": st.sampled_from(["p1", "p2", "p3", "", "NULL", "000"]),
        "fixmedins_code": st.sampled_from(["P1", "H1", "-"]),
        "setl_time": st.sampled_from(
            ["2024-03-01 12:00:00", "2024-03-01 12:00:30", "2024/3/2", "", "later", "9999-12-31"]
        ),
        "medfee_sumamt": st.sampled_from(["10", "-10", "1,000.5", "", "x", "0"]),
        "fund_pay_sumamt": st.sampled_from(["5", "-5", "0", "?"]),
        "vali_flag": st.sampled_from(["1", "0", "", "maybe"]),
        "refd_setl_flag": st.sampled_from(["0", "1", ""]),
    }
)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(DIRTY, min_size=1, max_size=12),
    junk=st.sampled_from(["", "a,b\n", "1,2,3,4,5,6,7,8,9,10,11,12,13\n", "\n\n"]),
    persons=st.lists(st.fixed_dictionaries({"psn_no": IDS, "gend": IDS}), max_size=6),
)
def test_every_row_in_is_counted_once(
    rows: list[dict[str, str]], junk: str, persons: list[dict[str, str]]
) -> None:
    good = settlement("good") | {"setl_time": "2024-03-01 12:00:00"}
    columns = list(good | rows[0])
    tables = {"persons": persons} if persons else {}
    with TemporaryDirectory() as root:
        text = to_csv([good, *rows], columns) + junk
        extract = write_extract(Path(root) / "e", settlements=text, **tables)
        manifest, workspace = load(extract, Path(root) / "ws")
        rejects = rows_of(workspace.rejects)
        assert manifest.totals["settlements"].rows_in == 1 + len(rows) + ("," in junk)
        for name, count in manifest.totals.items():
            parts = count.rejected + count.duplicates + count.void + count.kept
            assert count.rows_in == parts, name
            assert count.rejected == sum(row["table"] == name for row in rejects)
            assert count.rejected == sum(r.rows for r in manifest.rejects if r.table == name)
        assert manifest.totals["settlements"].kept == len(table(workspace))
        if persons and "persons" in manifest.totals:
            known = [row for row in table(workspace, "persons") if row["known"]]
            assert manifest.totals["persons"].kept == len(known)
        for file in manifest.inputs:
            assert file.rows_in == file.rejected + file.duplicates + file.void + file.kept


def busy_world(seed: int) -> dict[str, list[dict[str, object]]]:
    """Return tables with refunds, split settlements, void rows and copies."""
    chance = random.Random(seed)  # noqa: S311 - a test world, not a secret
    rows: list[dict[str, object]] = []
    for number in range(260):
        time = NOON + timedelta(
            seconds=chance.choice([0, 20, 45, 60, 61, 130]) + 900 * (number % 9)
        )
        fee = chance.choice(["10.00", "20.00", "-10.00", "-20.00"])
        rows.append(
            settlement(
                number,
                psn_no=f"p{chance.randrange(12)}",
                fixmedins_code=chance.choice(["P1", "P2", "H1"]),
                setl_time=str(time + timedelta(days=chance.choice([0, 0, 1, 29, 45]))),
                medfee_sumamt=fee,
                fund_pay_sumamt=fee,
                ssc_cardno=chance.choice(["", f"C{chance.randrange(9)}"]),
                mdtrt_cert_type=chance.choice(["01", "02", "03", ""]),
                init_setl_id=chance.choice(["", "", f"S{chance.randrange(260)}"])
                if fee.startswith("-")
                else "",
                dev_no=chance.choice(["POS1", "POS2", ""]),
            )
        )
    rows += [dict(chance.choice(rows)) for _ in range(10)]
    rows += [dict(chance.choice(rows), acct_pay="1") for _ in range(10)]
    persons = [
        {"psn_no": f"p{n % 11}", "mob": f"139{n % 7:08}", "live_addr": "村", "gend": str(n % 2)}
        for n in range(14)
    ]
    lines = [
        {"setl_id": f"S{n % 200}", "feedetl_sn": str(n % 3), "med_list_codg": f"X{n % 5}"}
        for n in range(600)
    ]
    return {"settlements": rows, "persons": persons, "fee_list": lines}


@pytest.mark.parametrize("seed", [11, 12])
def test_order_splitting_threads_and_format_do_not_change_a_byte(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = busy_world(seed)
    first, workspace = load(write_extract(tmp_path / "a", **world), tmp_path / "one")
    monkeypatch.setenv("RINGFENCE_KEY_FILE", str(workspace.key_file))
    chance = random.Random(seed + 1)  # noqa: S311 - a test world, not a secret
    for name, rows in world.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        chance.shuffle(rows)
        chance.shuffle(columns)
        folder = tmp_path / "b" / name
        folder.mkdir(parents=True)
        cut = len(rows) // 3
        for part, some in enumerate((rows[:cut], rows[cut:])):
            (folder / f"{9 - part}.csv").write_text(to_csv(some, columns), "utf-8")
    second, other = load(tmp_path / "b", tmp_path / "two", threads=1, memory="1GB")
    assert digests(workspace.root) == digests(other.root)
    assert first.totals == second.totals
    assert first.flags == second.flags


def test_importing_twice_equals_importing_once(tmp_path: Path) -> None:
    extract = write_extract(tmp_path / "e", **busy_world(3))
    first, workspace = load(extract, tmp_path / "ws")
    before = digests(workspace.root) | {"manifest": workspace.manifest.read_text()}
    again, _ = load(extract, tmp_path / "ws")
    assert first == again
    assert before == digests(workspace.root) | {"manifest": workspace.manifest.read_text()}
    assert len(list((workspace.root / ".imports").iterdir())) == 1


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_refunds_and_visits_agree_with_plain_loops(seed: int, tmp_path: Path) -> None:
    _, workspace = load(write_extract(tmp_path / "e", **busy_world(seed)), tmp_path / "ws")
    rows = table(workspace)
    expected = by_loops(rows)
    for row in rows:
        found = (row["is_refund"], row["refunded"], row["net_sum"], row["visit_id"])
        assert found == expected[str(row["setl_id"])], row["setl_id"]
    assert any(refund for refund, _, net, _ in expected.values() if refund and net == 0)
    assert any(visit not in (None, setl_id) for setl_id, (*_, visit) in expected.items())


def by_loops(rows: list[dict]) -> dict[str, tuple[bool, bool, Decimal, str | None]]:  # type: ignore[type-arg]
    """Answer refunds and visits by plain loops over the rows in the order of time."""
    number = {row["setl_id"]: row for row in rows}
    net = {row["setl_id"]: row["medfee_sumamt"] for row in rows}
    refunds = {row["setl_id"] for row in rows if row["medfee_sumamt"] < 0}
    touched: set[str] = set()
    for row in rows:
        original = number.get(row["init_setl_id"])
        if row["setl_id"] not in refunds or original is None:
            continue
        if original["setl_id"] in refunds or original["psn_no"] != row["psn_no"]:
            continue
        net[original["setl_id"]] += row["medfee_sumamt"]
        net[row["setl_id"]] = Decimal(0)
        touched.add(original["setl_id"])
    taken = set(touched)
    piles: defaultdict[tuple[str, str, Decimal], list[dict]] = defaultdict(list)  # type: ignore[type-arg]
    for row in sorted(rows, key=lambda r: (r["setl_time"], r["medfee_sumamt"] < 0, r["setl_id"])):
        pile = piles[row["psn_no"], row["fixmedins_code"], abs(row["medfee_sumamt"])]
        if row["setl_id"] in taken:
            continue
        if row["setl_id"] not in refunds:
            pile.append(row)
        elif row["init_setl_id"] is None and pile:
            paid = pile.pop()
            if row["setl_time"] - paid["setl_time"] <= timedelta(days=RULES.refund_days):
                net[paid["setl_id"]] = net[row["setl_id"]] = Decimal(0)
                touched.add(paid["setl_id"])
    refunded = {setl_id for setl_id in touched if net[setl_id] <= 0}
    visits: dict[str, str] = {}
    last: dict[tuple[str, str], tuple[datetime, str]] = {}
    for row in sorted(rows, key=lambda r: (r["setl_time"], r["setl_id"])):
        if row["setl_id"] in refunds | refunded:
            continue
        where = (row["psn_no"], row["fixmedins_code"])
        time, visit = last.get(where, (datetime.min, ""))
        if row["setl_time"] - time > timedelta(seconds=RULES.visit_seconds):
            visit = row["setl_id"]
        last[where] = (row["setl_time"], visit)
        visits[row["setl_id"]] = visit
    return {
        setl_id: (setl_id in refunds, setl_id in refunded, net[setl_id], visits.get(setl_id))
        for setl_id in number
    }


def digests(root: Path) -> dict[str, str]:
    """Return the digest of every clean table and of the clear values."""
    files = [*sorted((root / "tables").iterdir()), root / "restricted" / "clear.parquet"]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.slow
def test_many_row_groups_are_sorted_and_the_same_with_any_number_of_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    con = duckdb.connect()
    workspaces = []
    for number, order in enumerate(("i", "hash(i)")):
        extract = tmp_path / str(number)
        extract.mkdir()
        con.execute(
            "COPY (SELECT 'S' || i AS setl_id, 'p' || i % 9973 AS psn_no, 'P' || i % 97 AS "
            "fixmedins_code, TIMESTAMP '2024-01-01' + to_seconds((i * 7919) % 31536000) AS "
            "setl_time, 10.5 AS medfee_sumamt, 5 AS fund_pay_sumamt, 'D' || i % 31 AS dev_no, "
            f"'C' || i % 4999 AS ssc_cardno FROM range(300000) t(i) ORDER BY {order}) "
            f"TO '{extract / 'settlements.parquet'}' (FORMAT parquet)"
        )
        _, workspace = load(extract, tmp_path / f"ws{number}", threads=2 - number)
        monkeypatch.setenv("RINGFENCE_KEY_FILE", str(workspace.key_file))
        workspaces.append(workspace)
    assert digests(workspaces[0].root) == digests(workspaces[1].root)
    clean = con.execute(
        "SELECT fixmedins_code, setl_time, setl_id FROM read_parquet(?)",
        [str(workspaces[0].table("settlements"))],
    ).fetchall()
    assert len(clean) == 300_000
    assert clean == sorted(clean)
