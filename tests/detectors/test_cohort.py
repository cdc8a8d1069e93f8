"""Teams of one clinic are joined by cycle, fee and the few doctors who sign for them."""

import numpy as np
import pyarrow as pa

from detectors.cohort import Teams, _joined, _shared_few


def teams(**other: list[float]) -> Teams:
    plain = {
        "place": np.array([5, 5, 5]),
        "cycle": np.array([12.0, 11.0, 12.0]),
        "spread": np.array([1.0, 1.0, 1.0]),
        "fee": np.array([300.0, 320.0, 310.0]),
    }
    return Teams(**plain | {name: np.array(value) for name, value in other.items()})


def doctors(rows: list[tuple[int, str, int, int, float]], *, choices: int = 4) -> pa.Table:
    """Rows of (group, doctor, joint settlements, of all, usual share at the place)."""
    gid, code, n, total, usual = zip(*rows, strict=True)
    table = pa.table({"gid": gid, "dr_code": code, "n": n, "total": total, "usual": usual})
    table = table.append_column("choices", pa.array([choices] * len(rows)))
    return table.append_column("p", pa.array(_shared_few(table)))


FEW = doctors(
    [(g, d, 30, 90, 0.25) for g in (0, 1) for d in ("A", "B", "C")]
    + [(2, d, 25, 100, 0.25) for d in ("A", "B", "C", "D")]
)
SURE = np.ones(3, np.bool_)


def test_three_of_four_doctors_all_the_time_stand_out_and_four_of_four_do_not() -> None:
    p = FEW["p"].to_numpy()
    assert (p[:6] < 1e-9).all()
    assert (p[6:] == 1.0).all()


def test_teams_with_the_same_few_doctors_and_cycle_are_one_cohort() -> None:
    assert _joined(teams(), FEW, SURE).tolist() == [0, 0, -1]


def test_another_place_cycle_or_fee_or_chance_keeps_teams_apart() -> None:
    apart = [-1, -1, -1]
    assert _joined(teams(place=[5, 6, 5]), FEW, SURE).tolist() == apart
    assert _joined(teams(cycle=[12.0, 30.0, 12.0]), FEW, SURE).tolist() == apart
    assert _joined(teams(fee=[300.0, 90.0, 310.0]), FEW, SURE).tolist() == apart
    assert _joined(teams(), FEW, np.array([True, False, True])).tolist() == apart


def test_where_no_doctor_is_named_they_are_left_out() -> None:
    silent = FEW.slice(0, 0)
    assert _joined(teams(), silent, SURE).tolist() == [0, 0, 0]


def test_two_doctors_who_see_everybody_there_say_nothing() -> None:
    both = [(g, d, 20 + g, 40 + 2 * g, 0.5) for g in (0, 1, 2) for d in ("A", "B")]
    assert _joined(teams(), doctors(both, choices=2), SURE).tolist() == [0, 0, 0]
    assert _joined(teams(), doctors(both, choices=3), SURE).tolist() == [-1, -1, -1]
