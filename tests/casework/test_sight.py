"""What a motif answers an officer: without rings and parties that are not theirs to see."""

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from casework.audit import Actor
from casework.exports import export_hits
from casework.leads import take_in
from casework.ledger import Ledger, reading
from casework.questions import Asked, ask_motif
from casework.rights import NotFound, Officer
from casework.runs import Changed, Comparison, Hit, compare, hits
from casework.sight import Sight, agency_staff, cut, seen_comparison, seen_hits, sight
from graph.ask import Answer
from graph.store import Store
from tests.casework.county import AFTER_DEATH, people
from tests.casework.office import ANALYST, INES, LIN, SUE, Ring, case, log, officer, write_run

COLUMNS = ("staff_id", "ring_id", "person_ids", "count")


def prepared(ledger: Ledger) -> None:
    """Two rings, one of insiders who also has somebody of the first; claims and staff."""
    write_run(
        ledger.workspace,
        Ring(ring_id="R-plain", people=("p1", "p2")),
        Ring(ring_id="R-inside", kind="mixed", people=("p2", "p3"), staff={"S-9": "handler"}),
        staff={"S-9": "agency", "S-8": None, "S-1": "H1"},
    )
    space = ledger.workspace
    known = {"psn_no": ["p1", "p2", "p3"], "person_id": ["P-p1", "P-p2", "P-p3"]}
    pq.write_table(pa.table(known), space.table("persons"))
    claims = {"crter_id": ["S-9", "S-1"], "rchker_id": ["S-7", None]}
    pq.write_table(pa.table(claims), space.table("manual_claims"))
    take_in(ledger, ANALYST)


def answer(*rows: tuple[object, ...]) -> Answer:
    return Answer(columns=COLUMNS, rows=rows, truncated=False, seconds=0.1)


ROWS = (
    ("S-1", "R-plain", ["P-p1", "P-p2", "P-p3"], 3),
    ("S-8", None, ["P-p3"], 1),
    ("S-9", None, ["P-p1"], 1),
    ("S-1", "R-inside", ["P-p1"], 1),
    ("P-p3", "R-plain", [], 0),
)


def test_agency_staff_are_those_of_the_table_and_who_does_its_work(sqlite: Ledger) -> None:
    prepared(sqlite)
    assert agency_staff(sqlite.workspace) == {"S-7", "S-8", "S-9"}


def test_an_analyst_is_told_nothing_of_insiders(sqlite: Ledger) -> None:
    prepared(sqlite)
    kept = sight(sqlite, ANALYST)
    assert kept == Sight(
        rings=frozenset({"R-inside"}),
        parties=frozenset({"P-p3", "S-9"}),
        staff=frozenset({"S-7", "S-8", "S-9"}),
    )
    assert cut(kept, answer(*ROWS)).rows == (
        ("S-1", "R-plain", ["P-p1", "P-p2"], 3),
        ("*", None, [], 1),
    )
    many = answer(("S-1", None, ["P-p1", "S-7", "S-8", "S-1"], 4))
    assert cut(kept, many).rows == (("S-1", None, ["P-p1", "*", "S-1"], 4),)


def test_others_are_told_of_rings_of_theirs_alone(sqlite: Ledger) -> None:
    prepared(sqlite)
    nobody = officer("olga", "investigator")
    found = sight(sqlite, nobody)
    assert found is not None
    assert found.rings == {"R-plain", "R-inside"}
    # Nobody is theirs, so whoever is in the insider lead is kept from them.
    assert found.parties == {"P-p2", "P-p3", "S-9"}
    case(sqlite)
    own = sight(sqlite, INES)
    assert own is not None
    assert (own.rings, own.parties) == ({"R-inside"}, {"P-p3", "S-9"})


def test_the_liaison_sees_insiders_and_no_other_ring(sqlite: Ledger) -> None:
    prepared(sqlite)
    kept = sight(sqlite, LIN)
    assert kept == Sight(rings=frozenset({"R-plain"}), parties=frozenset(), staff=frozenset())
    assert cut(kept, answer(*ROWS)).rows == ROWS[1:4]


def test_the_local_user_sees_all(sqlite: Ledger) -> None:
    prepared(sqlite)
    assert sight(sqlite, Actor(name="local")) is None
    assert cut(None, answer(*ROWS)).rows == ROWS


def test_before_the_first_run_nothing_is_kept(sqlite: Ledger) -> None:
    assert sight(sqlite, ANALYST) == Sight(
        rings=frozenset(), parties=frozenset(), staff=frozenset()
    )


@pytest.mark.graph
def test_what_an_officer_asks_is_answered_and_kept_without_it(sqlite: Ledger, graph: Store) -> None:
    prepared(sqlite)
    people(graph, "p1", "p2", "p3")
    whole = ask_motif(sqlite, graph, AFTER_DEATH, Actor(name="local"))
    assert [row[0] for row in whole.answer.rows] == ["P-p1", "P-p2", "P-p3"]
    asked = ask_motif(sqlite, graph, AFTER_DEATH, ANALYST)
    assert [row[0] for row in asked.answer.rows] == ["P-p1", "P-p2"]
    with reading(sqlite) as connection:
        kept, every = hits(connection, asked.run_id), hits(connection, whole.run_id)
    assert [hit.identity["person_id"] for hit in kept] == ["P-p1", "P-p2"]
    assert [hit.position for hit in seen_hits(sqlite, ANALYST, every)] == [1, 2]
    assert seen_hits(sqlite, LIN, every) == every
    assert seen_hits(sqlite, Actor(name="local"), every) == every


def test_a_recorded_hit_is_cut_in_its_identity_too(sqlite: Ledger) -> None:
    prepared(sqlite)
    hit = Hit(
        run_id="Q-1", position=1, identity_hash="h", identity={"staff_id": "S-8"},
        row={"staff_id": "S-8", "person_ids": ["P-p1", "P-p3"]},
    )  # fmt: skip
    (seen,) = seen_hits(sqlite, ANALYST, [hit])
    assert seen.identity == {"staff_id": "*"}
    assert seen.row == {"staff_id": "*", "person_ids": ["P-p1"]}


@pytest.mark.graph
def test_two_runs_side_by_side_are_cut_like_their_hits(sqlite: Ledger, graph: Store) -> None:
    prepared(sqlite)
    local = Actor(name="local")
    people(graph, "p1", "p2")
    before = ask_motif(sqlite, graph, AFTER_DEATH, local).run_id
    people(graph, "p1", "p3")
    now = ask_motif(sqlite, graph, AFTER_DEATH, local).run_id
    with reading(sqlite) as connection:
        found = compare(connection, before, now)

    def named(seen: Comparison) -> tuple[list[Any], ...]:
        return tuple([hit.identity["person_id"] for hit in hits] for hits in (seen.new, seen.gone))

    assert named(seen_comparison(sqlite, local, found)) == (["P-p3"], ["P-p2"])
    assert named(seen_comparison(sqlite, ANALYST, found)) == ([], ["P-p2"])
    assert named(seen_comparison(sqlite, LIN, found)) == (["P-p3"], ["P-p2"])

    # What changed in hidden values alone is not told.
    other = replace(found.new[0], row={"staff_id": "S-8", "person_ids": ["P-p1"]})
    gained = replace(other, row={"staff_id": "S-7", "person_ids": ["P-p1", "P-p2"]})
    unseen = replace(other, row={"staff_id": "S-7", "person_ids": ["P-p1", "P-p3"]})
    columns = ("staff_id", "person_ids")
    both = tuple(Changed(before=other, now=now, columns=columns) for now in (gained, unseen))
    (told,) = seen_comparison(sqlite, ANALYST, replace(found, changed=both)).changed
    assert told.columns == ("person_ids",)


def exported(ledger: Ledger, who: Actor, folder: Path) -> list[list[str]]:
    asked = Asked(run_id="Q-1", motif=AFTER_DEATH, parameters={}, answer=answer(*ROWS))
    path = folder / f"{who.name}.csv"
    export_hits(ledger, who, asked, path, format="csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))[1:]


def test_a_file_holds_what_its_officer_may_see_whoever_asked(
    sqlite: Ledger, tmp_path: Path
) -> None:
    prepared(sqlite)
    assert [row[0] for row in exported(sqlite, ANALYST, tmp_path)] == ["S-1", "*"]
    assert [row[0] for row in exported(sqlite, SUE, tmp_path)] == ["S-1", "*"]
    assert len(exported(sqlite, Actor(name="local"), tmp_path)) == len(ROWS)
    assert [row.count for row in log(sqlite, "motif.exported")] == [2, 2, len(ROWS)]


@pytest.mark.parametrize(
    "who", [INES, LIN, officer("adam", "administrator"), officer("audrey", "auditor")]
)
def test_who_may_take_no_hits_away_leaves_a_row_and_no_file(
    sqlite: Ledger, tmp_path: Path, who: Officer
) -> None:
    prepared(sqlite)
    with pytest.raises(NotFound):
        exported(sqlite, who, tmp_path)
    assert list(tmp_path.glob("*.csv")) == []
    (row,) = log(sqlite, "access.refused")
    assert (row.who, row.object_class, row.object) == (who.name, "exports.export_hits", "Q-1")
