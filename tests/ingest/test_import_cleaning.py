"""The rules of cleaning, each with a hit and a near miss on a world of a few rows."""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from ingest.manifest import Manifest
from ingest.pseudonyms import pseudonym
from ingest.rules import RULES
from ingest.workspace import Workspace
from tests.ingest.extracts import by_id, flags, load, rows_of, settlement, table, write_extract

NOON = datetime(2024, 3, 1, 12)


def at(seconds: float) -> str:
    """Return a time some seconds after noon."""
    return str(NOON + timedelta(seconds=seconds))


def paid(number: int | str, seconds: float, fee: str, **changes: object) -> dict[str, object]:
    """Return a settlement of a fee, all of it from the fund, some seconds after noon."""
    return settlement(
        number, setl_time=at(seconds), medfee_sumamt=fee, fund_pay_sumamt=fee, **changes
    )


def cleaned(
    tmp_path: Path, *rows: dict[str, object], **tables: object
) -> tuple[Manifest, Workspace]:
    """Import settlements and other tables."""
    return load(write_extract(tmp_path / "e", settlements=rows, **tables), tmp_path / "ws")  # type: ignore[arg-type]


def state(workspace: Workspace, number: int | str) -> tuple[bool, bool, bool, Decimal]:
    """Return is_refund, refunded, live and net_sum of a settlement."""
    row = by_id(workspace)[f"S{number}"]
    return row["is_refund"], row["refunded"], row["live"], row["net_sum"]  # type: ignore[return-value]


LIVE, REFUNDED, REFUND = (False, False, True), (False, True, False), (True, False, False)


def test_void_rows_are_dropped_and_counted(tmp_path: Path) -> None:
    manifest, workspace = cleaned(
        tmp_path, settlement(1), settlement(2, vali_flag="0"), settlement(3, vali_flag="")
    )
    assert sorted(by_id(workspace)) == ["S1", "S3"]
    count = manifest.totals["settlements"]
    assert (count.rows_in, count.void, count.kept) == (3, 1, 2)


def test_a_full_refund_takes_both_rows_out_of_the_count(tmp_path: Path) -> None:
    manifest, workspace = cleaned(
        tmp_path, paid(1, 0, "80.00"), paid(2, 900, "-80.00", init_setl_id="S1")
    )
    assert state(workspace, 1) == (*REFUNDED, 0)
    assert state(workspace, 2) == (*REFUND, 0)
    assert {row["visit_id"] for row in table(workspace)} == {None}
    assert not flags(manifest)


def test_partial_refunds_are_netted_and_the_payment_stays(tmp_path: Path) -> None:
    _, workspace = cleaned(
        tmp_path,
        paid(1, 0, "80.00", refd_setl_flag="1"),
        paid(2, 900, "-30.00", init_setl_id="S1"),
        paid(3, 950, "-20.00", init_setl_id="S1"),
    )
    assert state(workspace, 1) == (*LIVE, Decimal("30.00"))
    assert by_id(workspace)["S1"]["net_fund"] == Decimal("30.00")
    assert by_id(workspace)["S1"]["visit_id"] == "S1"


def test_a_refund_without_its_payment_stands_alone_and_is_flagged(tmp_path: Path) -> None:
    manifest, workspace = cleaned(
        tmp_path, paid(1, 0, "80.00"), paid(2, 900, "-80.00", init_setl_id="S9")
    )
    assert state(workspace, 1) == (*LIVE, 80)
    assert state(workspace, 2) == (*REFUND, -80)
    assert flags(manifest) == {("settlements", "init_setl_id", "refund_without_original"): 1}


def test_a_refund_of_another_persons_payment_is_not_netted(tmp_path: Path) -> None:
    manifest, workspace = cleaned(
        tmp_path, paid(1, 0, "80.00"), paid(2, 9, "-80.00", init_setl_id="S1", psn_no="other")
    )
    assert state(workspace, 1) == (*LIVE, 80)
    assert flags(manifest) == {("settlements", "init_setl_id", "refund_of_another_person"): 1}


def test_a_refund_may_carry_positive_money(tmp_path: Path) -> None:
    manifest, workspace = cleaned(
        tmp_path,
        paid(1, 0, "80.00", refd_setl_flag="1"),
        paid(2, 900, "80.00", init_setl_id="S1", refd_setl_flag="1"),
        paid(3, 1900, "50.00", init_setl_id="S1"),
    )
    assert state(workspace, 1) == (*REFUNDED, 0)
    assert state(workspace, 2) == (*REFUND, 0)
    assert state(workspace, 3) == (*LIVE, 50)
    assert flags(manifest) == {
        ("settlements", "medfee_sumamt", "refund_unsigned"): 1,
        ("settlements", "init_setl_id", "init_setl_id_on_payment"): 1,
    }


def test_more_refunded_than_paid_is_flagged(tmp_path: Path) -> None:
    manifest, workspace = cleaned(
        tmp_path, paid(1, 0, "80.00"), paid(2, 900, "-90.00", init_setl_id="S1")
    )
    assert state(workspace, 1) == (*REFUNDED, -10)
    assert flags(manifest) == {("settlements", "medfee_sumamt", "refund_exceeds_original"): 1}


def test_marked_as_refunded_without_a_refund_row_counts_as_refunded(tmp_path: Path) -> None:
    manifest, workspace = cleaned(tmp_path, paid(1, 0, "80.00", refd_setl_flag="1"))
    assert state(workspace, 1) == (*REFUNDED, 0)
    assert flags(manifest) == {("settlements", "refd_setl_flag", "refund_row_missing"): 1}


def test_refunds_that_name_nothing_close_the_last_open_payment(tmp_path: Path) -> None:
    day = 86400
    manifest, workspace = cleaned(
        tmp_path,
        paid("early", -500, "-80.00"),
        paid("a", 0, "80.00"),
        paid("b", 600, "80.00"),
        paid("undo_b", 900, "-80.00"),
        paid("c", 1200, "80.00", init_setl_id=""),
        paid("undo_c", 1500, "-80.00"),
        paid("undo_a", 1800, "-80.00"),
        paid("late", 2100, "-80.00"),
        paid("other_fee", 3000, "70.00"),
        paid("elsewhere", 3000, "80.00", fixmedins_code="H32010200001"),
        paid("old", 100 * day, "33.00"),
        paid("undo_old", (100 + RULES.refund_days) * day + 1, "-33.00"),
        paid("young", 200 * day, "44.00"),
        paid("undo_young", (200 + RULES.refund_days) * day, "-44.00"),
    )
    for name in ("a", "b", "c", "young"):
        assert state(workspace, name) == (*REFUNDED, 0), name
        assert state(workspace, f"undo_{name}") == (*REFUND, 0), name
    assert state(workspace, "early") == (*REFUND, -80)
    assert state(workspace, "late") == (*REFUND, -80)
    assert state(workspace, "undo_old") == (*REFUND, -33)
    for name in ("other_fee", "elsewhere", "old"):
        assert state(workspace, name)[:3] == LIVE, name
    assert flags(manifest) == {
        ("settlements", "init_setl_id", "refund_matched_by_amount"): 4,
        ("settlements", "init_setl_id", "refund_without_original"): 3,
    }


def test_net_sums_add_up_to_the_fees(tmp_path: Path) -> None:
    _, workspace = cleaned(
        tmp_path,
        paid(1, 0, "80.00"),
        paid(2, 5, "-30.00", init_setl_id="S1"),
        paid(3, 6, "-12.34", init_setl_id="S77"),
        paid(4, 7, "55.55"),
    )
    rows = table(workspace)
    assert sum(row["net_sum"] for row in rows) == sum(row["medfee_sumamt"] for row in rows)  # type: ignore[misc]


def test_rows_within_a_minute_of_each_other_are_one_visit(tmp_path: Path) -> None:
    _, workspace = cleaned(
        tmp_path,
        settlement("c", setl_time=at(120)),
        settlement("b", setl_time=at(60)),
        settlement("a", setl_time=at(0)),
        settlement("d", setl_time=at(181)),
        settlement("e", setl_time=at(0), psn_no="other"),
        settlement("f", setl_time=at(0), fixmedins_code="P2"),
        settlement("g", setl_time=at(181)),
    )
    visits = {setl_id: row["visit_id"] for setl_id, row in by_id(workspace).items()}
    assert visits == {
        "Sa": "Sa", "Sb": "Sa", "Sc": "Sa", "Sd": "Sd", "Sg": "Sd", "Se": "Se", "Sf": "Sf",
    }  # fmt: skip


def test_a_refunded_row_does_not_bridge_two_visits(tmp_path: Path) -> None:
    _, workspace = cleaned(
        tmp_path,
        paid(1, 0, "5.00"),
        paid(2, 50, "8.00"),
        paid(3, 100, "6.00"),
        paid(4, 5000, "-8.00", init_setl_id="S2"),
    )
    visits = {setl_id: row["visit_id"] for setl_id, row in by_id(workspace).items()}
    assert visits == {"S1": "S1", "S2": None, "S3": "S3", "S4": None}


def test_of_two_rows_with_one_number_the_rule_decides_not_the_order(tmp_path: Path) -> None:
    rows = [
        settlement(1, vali_flag="0", setl_time=at(900)),
        settlement(1, setl_time=at(0), medfee_sumamt="10.00"),
        settlement(1, setl_time=at(60), medfee_sumamt="20.00"),
        settlement(1, setl_time=at(60), medfee_sumamt="20.00"),
        settlement(2, medfee_sumamt="1.00"),
        settlement(2, medfee_sumamt="2.00"),
    ]
    outcomes = []
    for number, order in enumerate((rows, rows[::-1])):
        manifest, workspace = load(
            write_extract(tmp_path / str(number), settlements=order), tmp_path / "ws"
        )
        outcomes.append(table(workspace))
        assert by_id(workspace)["S1"]["medfee_sumamt"] == Decimal("20.00")
        count = manifest.totals["settlements"]
        assert (count.rows_in, count.duplicates, count.void, count.kept) == (6, 4, 0, 2)
        assert flags(manifest) == {
            ("settlements", "setl_id", "same_copy"): 1,
            ("settlements", "setl_id", "conflicting_copy"): 3,
        }
    assert outcomes[0] == outcomes[1]


def test_of_two_persons_with_one_number_the_fuller_row_stays(tmp_path: Path) -> None:
    persons = [
        {"psn_no": "32010001", "gend": "1", "brdy": ""},
        {"psn_no": "32010001", "gend": "2", "brdy": "1950-02-03"},
    ]
    manifest, workspace = cleaned(tmp_path, settlement(1), persons=persons)
    (person,) = table(workspace, "persons")
    assert (person["gend"], person["birth_year"], person["known"]) == ("2", 1950, True)
    assert manifest.totals["persons"].duplicates == 1


@pytest.mark.parametrize(
    ("changes", "kind", "named"),
    [
        ({"ssc_cardno": "A1234", "mdtrt_cert_type": "03"}, "social_security", ("card", "A1234")),
        ({"ssc_cardno": "A1234", "mdtrt_cert_type": "01"}, "social_security", ("card", "A1234")),
        ({"mdtrt_cert_type": "01"}, "e_credential", ("e_credential", "32010001")),
        ({"mdtrt_cert_type": "02"}, "id_card", ("id_card", "32010001")),
        ({"mdtrt_cert_type": "03"}, "social_security", ("social_security", "32010001")),
        ({}, "social_security", ("social_security", "32010001")),
    ],
)
def test_a_card_is_its_number_or_one_for_each_person_and_kind(
    changes: dict[str, str], kind: str, named: tuple[str, str], tmp_path: Path
) -> None:
    _, workspace = cleaned(tmp_path, settlement(1, **changes))
    row = by_id(workspace)["S1"]
    key = workspace.key_file.read_bytes()
    assert (row["card_kind"], row["card_id"]) == (kind, pseudonym(key, *named, prefix="C"))
    assert "ssc_cardno" not in row


def test_a_terminal_without_a_number_is_a_marked_proxy(tmp_path: Path) -> None:
    terminals = [{"dev_no": "POS9", "fixmedins_code": "P9"}]
    _, workspace = cleaned(
        tmp_path,
        settlement(1),
        settlement(2, dev_no=""),
        settlement(3, dev_no="", opter_id=""),
        settlement(4, fixmedins_code="P2"),
        settlement(5),
        terminals=terminals,
    )
    read = {
        setl_id: (row["device_id"], row["device_proxy"])
        for setl_id, row in by_id(workspace).items()
    }
    proxy = "proxy:P32010200001:clerk1"
    assert read == {
        "S1": ("POS1", False),
        "S2": (proxy, True),
        "S3": (None, False),
        "S4": ("POS1", False),
        "S5": ("POS1", False),
    }
    devices = [
        (row["dev_no"], row["fixmedins_code"], row["proxy"], row["known"])
        for row in table(workspace, "terminals")
    ]
    assert devices == [
        ("POS1", "P32010200001", False, False),
        ("POS9", "P9", False, True),
        (proxy, "P32010200001", True, False),
    ]


@pytest.mark.parametrize(
    ("med_type", "place", "expected"),
    [
        ("41", "P1", "pharmacy"),
        ("11", "H1", "outpatient"),
        ("140104", "H1", "chronic"),
        ("21", "H1", "inpatient"),
        ("2101", "H1", "inpatient"),
        ("51", "H1", "outpatient"),
        ("52", "H1", "inpatient"),
        ("99", "H1", "other"),
        ("77", "H1", "other"),
        ("", "P1", "pharmacy"),
        ("", "H1", "outpatient"),
    ],
)
def test_the_longest_prefix_names_the_class_of_care(
    med_type: str, place: str, expected: str, tmp_path: Path
) -> None:
    _, workspace = cleaned(tmp_path, settlement(1, med_type=med_type, fixmedins_code=place))
    assert by_id(workspace)["S1"]["med_class"] == expected


def test_manual_reimbursements_are_not_online(tmp_path: Path) -> None:
    _, workspace = cleaned(
        tmp_path, settlement(1, setl_type="1"), settlement(2), settlement(3, setl_type="")
    )
    assert [by_id(workspace)[f"S{n}"]["online"] for n in (1, 2, 3)] == [False, True, True]


def test_days_are_counted_from_1970_in_local_time(tmp_path: Path) -> None:
    _, workspace = cleaned(tmp_path, settlement(1, setl_time="1999-12-31 23:59:59"))
    assert by_id(workspace)["S1"]["day"] == 10956


def places(workspace: Workspace) -> dict[str, tuple[bool, bool]]:
    """Return day_precision and batch of every place."""
    return {
        str(row["fixmedins_code"]): (bool(row["day_precision"]), bool(row["batch"]))
        for row in table(workspace, "providers")
    }


def test_how_far_the_clock_of_a_place_can_be_trusted(tmp_path: Path) -> None:
    rows = []

    def add(place: str, *times: str) -> None:
        for time in times:
            number = len(rows)
            rows.append(
                settlement(number, psn_no=f"p{number}", fixmedins_code=place, setl_time=time)
            )

    add("midnights", "2024-03-01", "2024-03-02")
    add("one_hour", "2024-03-01 09:00:00")
    add("hours", *(f"2024-03-{n % 28 + 1:02} {n % 12 + 8:02}:00:00" for n in range(20)))
    add("few_hours", *(f"2024-03-{n % 28 + 1:02} 09:00:00" for n in range(19)))
    add("hours_19", *(f"2024-03-{n % 28 + 1:02} 09:00:00" for n in range(19)), "2024-03-01 9:01:00")
    add("batch", *["2024-03-01 18:30:05"] * 6, *(f"2024-03-02 10:{n:02}:01" for n in range(14)))
    add(
        "small_batch", *["2024-03-01 18:30:05"] * 5, *(f"2024-03-02 10:{n:02}:1" for n in range(15))
    )
    add(
        "rare_batch", *["2024-03-01 18:30:05"] * 6, *(f"2024-03-02 10:{n:02}:01" for n in range(15))
    )
    _, workspace = cleaned(tmp_path, *rows)
    assert places(workspace) == {
        "midnights": (True, False),
        "one_hour": (False, False),
        "hours": (True, False),
        "few_hours": (False, False),
        "hours_19": (False, False),
        "batch": (False, True),
        "small_batch": (False, False),
        "rare_batch": (False, False),
    }
    batch = next(r for r in table(workspace, "providers") if r["fixmedins_code"] == "batch")
    assert (batch["settlements"], batch["open_days"], batch["known"]) == (20, 2, False)


def test_persons_and_places_exist_for_whoever_is_seen(tmp_path: Path) -> None:
    persons = [{"psn_no": "idle", "emp_no": "E1"}]
    providers = [{"fixmedins_code": "X7", "fixmedins_type": "2"}]
    _, workspace = cleaned(
        tmp_path, settlement(1, fixmedins_code="H1"), persons=persons, providers=providers
    )
    people = {row["psn_no"]: row for row in table(workspace, "persons")}
    key = workspace.key_file.read_bytes()
    assert {no: row["known"] for no, row in people.items()} == {"idle": True, "32010001": False}
    assert people["idle"]["person_id"] == pseudonym(key, "person", "idle")
    assert people["idle"]["employer_id"] == pseudonym(key, "employer", "E1")
    kinds = {
        row["fixmedins_code"]: (row["place_kind"], row["known"], row["settlements"])
        for row in table(workspace, "providers")
    }
    assert kinds == {"H1": ("institution", False, 1), "X7": ("pharmacy", True, 0)}


def test_one_code_on_most_rows_is_missing_but_a_small_world_keeps_its_doctor(
    tmp_path: Path,
) -> None:
    def rows(count: int, places: int) -> list[dict[str, object]]:
        return [
            settlement(
                n,
                fixmedins_code=f"H{n % places}",
                dr_code="D320102000001" if n % 3 else f"D32010200{n:04}",
            )
            for n in range(count)
        ]

    manifest, workspace = cleaned(tmp_path, *rows(1200, 20))
    assert sum(row["dr_code"] is None for row in table(workspace)) == 800
    assert flags(manifest)["settlements", "dr_code", "placeholder_by_share"] == 800
    for count, places in ((900, 20), (1200, 5)):
        _, workspace = cleaned(tmp_path, *rows(count, places))
        assert all(row["dr_code"] for row in table(workspace))


def test_values_of_very_many_people_link_nobody(tmp_path: Path) -> None:
    people = RULES.shared_people
    persons = [
        {
            "psn_no": f"p{n:04}",
            "mob": "13800000000" if n < people else "13900000001",
            "live_addr": f"村{n}",
        }
        for n in range(2 * people - 1)
    ]
    rows = [settlement(n, psn_no=f"p{n:04}", ssc_cardno="SAME") for n in range(RULES.card_people)]
    manifest, workspace = cleaned(tmp_path, *rows, persons=persons)
    phones = [row["mob"] for row in table(workspace, "persons")]
    assert phones[:people] == [None] * people
    assert len(set(phones[people:])) == 1
    assert phones[-1].startswith("T-")  # type: ignore[union-attr]
    assert len({row["card_id"] for row in table(workspace)}) == RULES.card_people
    assert flags(manifest)["persons", "mob", "shared_by_many"] == people
    clear = rows_of(workspace.restricted / "clear.parquet")
    assert {row["value"] for row in clear if row["kind"] == "phone"} == {"13900000001"}


def test_the_starter_list_covers_classes_of_the_fee_list(tmp_path: Path) -> None:
    lines = [{"setl_id": "S1", "med_list_codg": c} for c in ("XL01EBJ", "XA01AAA", "XL01EBJ")]
    manifest, workspace = cleaned(tmp_path, settlement(1), fee_list=lines)
    assert [row["med_list_codg"] for row in table(workspace, "resale_drugs")] == ["XL01EBJ"]
    assert "note.starter_list" in {note.key for note in manifest.notes}
    delivered = [{"med_list_codg": "XA01AAA"}]
    manifest, workspace = cleaned(tmp_path, settlement(1), fee_list=lines, resale_drugs=delivered)
    assert [row["med_list_codg"] for row in table(workspace, "resale_drugs")] == ["XA01AAA"]
    assert "note.starter_list" not in {note.key for note in manifest.notes}
