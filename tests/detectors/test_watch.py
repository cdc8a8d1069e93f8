"""New settlements against known rings: hit, near miss, unknown place, and plain loops."""

import json
import random
import shutil
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from detectors.rings import CONTRACT
from detectors.settings import DetectSettings
from detectors.warned import read_warnings, since_run
from detectors.watch import overtaken, rescore, take, watching
from ingest.errors import RingfenceError
from ingest.imports import only_one
from ingest.pseudonyms import pseudonym
from ingest.workspace import Workspace, point
from tests.ingest.extracts import load, rows_of, settlement, to_csv, write_extract

HERE, ELSEWHERE, NEVER_SEEN = "P32010200001", "P32010200002", "P32010200003"
DOCTOR = "D320102000001"
RINGS = {
    "R-pool": {"person": ["m1", "m2", "m3"], "place": [HERE]},
    "R-desk": {"person": ["m1", "n1"], "doctor": [DOCTOR]},
}
MORNING = datetime(2024, 5, 1, 9)
WINDOW = DetectSettings().pharmacy_window_seconds


def row(number: str, person: str, seconds: int = 0, **changes: object) -> dict[str, object]:
    """A settlement some seconds after the morning of the first new day."""
    at = MORNING + timedelta(seconds=seconds)
    told = {"psn_no": person, "setl_time": f"{at:%Y-%m-%d %H:%M:%S}"}
    return settlement(number, **(told | changes))


def write_run(workspace: Workspace, name: str = "run-hand") -> Path:
    """Write a run that raised the rings, as the newest one."""
    folder = workspace.runs / name
    folder.mkdir(parents=True)
    rings = [{"ring_id": ring, "kind": "card_pool"} for ring in RINGS]
    members = [
        {"ring_id": ring, "entity_type": entity, "entity_id": key}
        for ring, parties in RINGS.items()
        for entity, keys in parties.items()
        for key in keys
    ]
    for table, rows in (("rings", rings), ("ring_members", members)):
        pq.write_table(
            pa.Table.from_pylist(rows, schema=CONTRACT[table]), folder / f"{table}.parquet"
        )
    imported = json.loads(workspace.manifest.read_text("utf-8"))["import_id"]
    note = {"import_id": imported, "parameters": asdict(DetectSettings())}
    (folder / "run.json").write_text(json.dumps(note), "utf-8")
    point(workspace.runs / "latest", name)
    return folder


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An import of quiet and busy places with a run; its settlements lie two months back."""
    quiet = [
        settlement(f"q{day}-{at}", psn_no=f"b{day}{at}", fixmedins_code=place,
                   setl_time=f"2024-03-{day:02} {9 + at}:{day:02}:07")
        for day in range(1, 21) for at in range(3) for place in (HERE,)
    ]  # fmt: skip
    busy = [
        settlement(f"e{day}-{at}", psn_no=f"c{at}", fixmedins_code=ELSEWHERE,
                   setl_time=f"2024-03-{day:02} 09:{at:02}:30")
        for day in range(1, 21) for at in range(40)
    ]  # fmt: skip
    folder = tmp_path_factory.mktemp("watched")
    _, made = load(write_extract(folder / "extract", settlements=quiet + busy), folder / "w")
    write_run(made)
    return made.root


@pytest.fixture
def workspace(county: Path, tmp_path: Path) -> Workspace:
    """A copy of it for each test."""
    shutil.copytree(county, tmp_path / "w", symlinks=True)
    return Workspace(tmp_path / "w")


def arrive(workspace: Workspace, *files: Iterable[dict[str, object]]) -> list[dict[str, object]]:
    """Take files one after the other; return all warnings."""
    incoming = workspace.root.parent / "incoming"
    incoming.mkdir(exist_ok=True)
    with watching(workspace, threads=1) as watch:
        for content in files:
            path = incoming / f"new-{len(list(incoming.iterdir()))}.csv"
            path.write_text(to_csv(content), "utf-8")
            take(watch, path, incoming)
    found: list[dict[str, object]] = read_warnings(workspace).to_pylist()
    return found


def told(warnings: list[dict[str, object]]) -> set[tuple[object, object, object]]:
    return {(one["ring_id"], one["setl_id"], one["why"]) for one in warnings}


def test_two_members_within_the_window_are_together_at_their_place(workspace: Workspace) -> None:
    found = arrive(workspace, [row("a", "m1"), row("b", "m2", WINDOW), row("c", "stranger", 9_000)])
    assert told(found) == {
        ("R-pool", "Sa", "joint_session"), ("R-pool", "Sa", "member_at_place"),
        ("R-pool", "Sb", "joint_session"), ("R-pool", "Sb", "member_at_place"),
    }  # fmt: skip
    key = workspace.key_file.read_bytes().strip()
    first = found[0]
    assert first["person_id"] == pseudonym(key, "person", "m1")
    assert (first["fixmedins_code"], first["at"], str(first["fund"])) == (HERE, MORNING, "60.00")
    assert (first["run"], first["kind"], first["members"]) == ("run-hand", "card_pool", 2)
    assert "2 members" in str(first["sentence_en"])
    assert "2 名成员" in str(first["sentence_zh"])
    (pool,) = since_run(workspace, "run-hand").to_pylist()
    assert (pool["ring_id"], pool["settlements"], pool["together"]) == ("R-pool", 2, 2)
    assert pool["last"] == MORNING + timedelta(seconds=WINDOW)


def test_a_second_too_late_is_not_together(workspace: Workspace) -> None:
    found = arrive(workspace, [row("a", "m1"), row("b", "m2", WINDOW + 1)])
    assert {why for _, _, why in told(found)} == {"member_at_place"}


def test_a_member_alone_elsewhere_and_a_stranger_are_no_warning(workspace: Workspace) -> None:
    alone = row("a", "m1", fixmedins_code=ELSEWHERE)
    assert arrive(workspace, [alone, row("b", "stranger"), row("c", "m2", vali_flag="0")]) == []


def test_a_place_the_run_never_saw_has_the_window_of_its_kind(workspace: Workspace) -> None:
    rows = [row("a", "m1", fixmedins_code=NEVER_SEEN)]
    rows += [row("b", "m2", WINDOW, fixmedins_code=NEVER_SEEN)]
    assert told(arrive(workspace, rows)) == {
        ("R-pool", "Sa", "joint_session"),
        ("R-pool", "Sb", "joint_session"),
    }


def test_a_member_with_the_doctor_of_the_ring(workspace: Workspace) -> None:
    rows = [row("a", "n1", fixmedins_code=ELSEWHERE, dr_code=DOCTOR)]
    assert told(arrive(workspace, rows)) == {("R-desk", "Sa", "member_with_doctor")}


def test_many_cards_with_a_member_count_beyond_chance_only(workspace: Workspace) -> None:
    crowd = [row(f"x{turn}", f"x{turn}", 30 * turn) for turn in range(6)]
    found = arrive(workspace, [row("a", "m1"), *crowd])
    assert {one["setl_id"] for one in found if one["why"] == "joint_cards"} == {
        "Sa",
        *(f"Sx{turn}" for turn in range(6)),
    }
    assert {one["people"] for one in found if one["why"] == "joint_cards"} == {7}


def test_as_many_at_a_busy_counter_are_no_surprise(workspace: Workspace) -> None:
    members = pq.read_table(workspace.latest_run() / "ring_members.parquet").to_pylist()
    members = [
        one | {"entity_id": ELSEWHERE} if one["entity_type"] == "place" else one for one in members
    ]
    pq.write_table(
        pa.Table.from_pylist(members, schema=CONTRACT["ring_members"]),
        workspace.latest_run() / "ring_members.parquet",
    )
    crowd = [row(f"x{turn}", f"x{turn}", 10 * turn, fixmedins_code=ELSEWHERE) for turn in range(3)]
    found = arrive(workspace, [row("a", "m1", fixmedins_code=ELSEWHERE), *crowd])
    assert told(found) == {("R-pool", "Sa", "member_at_place")}


def by_plain_loops(rows: list[dict[str, object]]) -> set[tuple[str, str, str]]:
    """Members at the place of the ring, and chains of two and a fifth of the members."""
    found = set()
    for ring, parties in RINGS.items():
        own = [one for one in rows if one["psn_no"] in parties["person"]]
        found |= {
            (ring, str(one["setl_id"]), "member_at_place")
            for one in own
            if one["fixmedins_code"] in parties.get("place", [])
        }
        for place in {one["fixmedins_code"] for one in own}:
            chain: list[dict[str, object]] = []
            there = sorted((one for one in own if one["fixmedins_code"] == place),
                           key=lambda one: str(one["setl_time"]))  # fmt: skip
            for one in [*there, None]:
                if chain and (one is None or _seconds(chain[-1], one) > WINDOW):
                    if len({each["psn_no"] for each in chain}) >= 2:
                        found |= {(ring, str(each["setl_id"]), "joint_session") for each in chain}
                    chain = []
                if one is not None:
                    chain.append(one)
    return found


def _seconds(before: dict[str, object], after: dict[str, object]) -> float:
    times = [datetime.fromisoformat(str(one["setl_time"])) for one in (before, after)]
    return (times[1] - times[0]).total_seconds()


@pytest.mark.parametrize("seed", range(2))
def test_any_parting_into_files_gives_what_plain_loops_give(
    workspace: Workspace, seed: int
) -> None:
    draw = random.Random(seed)  # noqa: S311 - a test
    people = ["m1", "m2", "m3", "n1"]
    rows = [
        row(f"r{number}", draw.choice(people), draw.randrange(0, 30_000, 61),
            fixmedins_code=draw.choice([HERE, NEVER_SEEN]))
        for number in range(60)
    ]  # fmt: skip
    files: list[list[dict[str, object]]] = [[], [], []]
    for one in rows:
        draw.choice(files).append(one)
    found = told(arrive(workspace, *files))
    assert {one for one in found if one[2] != "joint_cards"} == by_plain_loops(rows), seed


def test_the_same_again_adds_nothing(workspace: Workspace) -> None:
    rows = [row("a", "m1"), row("b", "m2", 60)]
    assert len(arrive(workspace, rows)) == 4
    before = (workspace.root / "watch" / "warnings.parquet").read_bytes()
    assert len(arrive(workspace, rows, [*rows, row("z", "stranger", 9_000)])) == 4
    assert (workspace.root / "watch" / "warnings.parquet").read_bytes() == before


def test_what_the_import_holds_already_is_not_new(workspace: Workspace) -> None:
    known = rows_of(workspace.table("settlements"))[0]
    again = row("x", "m1", setl_id=known["setl_id"])
    assert arrive(workspace, [again, row("b", "m2", 60)]) != []
    assert {one["setl_id"] for one in read_warnings(workspace).to_pylist()} == {"Sb"}


def test_rejected_rows_are_kept_with_their_reason(workspace: Workspace) -> None:
    arrive(workspace, [row("a", "m1"), row("b", "m2", setl_time="soon")], [row("c", "")])
    rejects = rows_of(workspace.root / "watch" / "rejects.parquet")
    assert [(one["file"], one["line"], one["field"], one["value"], one["reason"])
            for one in rejects] == [
        ("new-0.csv", 3, "setl_time", "soon", "not_a_timestamp"),
        ("new-1.csv", 2, "psn_no", None, "missing"),
    ]  # fmt: skip


def test_a_refund_within_the_file_takes_the_payment_out(workspace: Workspace) -> None:
    back = row("b", "m1", 300, init_setl_id="Sa", medfee_sumamt="-100.00",
               fund_pay_sumamt="-60.00", refd_setl_flag="1")  # fmt: skip
    assert arrive(workspace, [row("a", "m1"), back]) == []


def test_a_process_killed_between_its_two_steps_loses_nothing(workspace: Workspace) -> None:
    whole = arrive(workspace, [row("a", "m1"), row("b", "m2", 60)])
    home = workspace.root / "watch"
    (home / "warnings.parquet").unlink()  # the file was read, the warnings were not yet written
    (home / "files" / ".half.0123abcd.partial").mkdir()
    with watching(workspace, threads=1) as watch:
        assert rescore(watch).to_pylist() == whole
    assert read_warnings(workspace).to_pylist() == whole
    arrive(workspace, [row("c", "stranger")])
    assert not list((home / "files").glob(".*"))


def test_a_newer_run_is_noticed_and_judges_what_came_before(workspace: Workspace) -> None:
    first = arrive(workspace, [row("a", "m1"), row("b", "m2", 60)])
    with watching(workspace, threads=1) as watch:
        assert not overtaken(watch)
        write_run(workspace, "run-later")
        assert overtaken(watch)
    with watching(workspace, threads=1) as watch:
        again = rescore(watch).to_pylist()
    assert [one | {"run": "run-hand"} for one in again] == first
    assert since_run(workspace, "run-later").num_rows == 1


def test_one_watcher_at_a_time_and_an_import_may_come(workspace: Workspace) -> None:
    with watching(workspace, threads=1) as watch:
        assert watch.known.run == "run-hand"
        with only_one(workspace):
            pass
        with pytest.raises(RingfenceError, match="Another 'ringfence watch'"), watching(workspace):
            pass


def test_a_file_taken_away_before_it_is_read_is_one_sentence(
    workspace: Workspace, tmp_path: Path
) -> None:
    with (
        watching(workspace, threads=1) as watch,
        pytest.raises(RingfenceError, match=r"gone\.csv: No such file or directory; check"),
    ):
        take(watch, tmp_path / "gone.csv", tmp_path)
