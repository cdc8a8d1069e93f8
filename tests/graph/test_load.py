"""Loading, on both servers: what is in the graph is what is in the tables, whatever happened."""

import multiprocessing
import os
import signal
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph import embedded
from graph import load as loading
from graph.ask import ask
from graph.counts import counts
from graph.load import clear, load
from graph.store import Store, open_store, writing
from ingest.errors import RingfenceError
from ingest.workspace import Workspace
from tests.world import (
    Line,
    ManualClaim,
    Person,
    Place,
    Registration,
    Settlement,
    StaffMember,
    World,
    write_world,
)

SMALL_COUNTY = World(
    settlements=(
        Settlement(setl_id="s1", person="p1", doctor="D9", clerk="K1"),
        Settlement(setl_id="s2", person="p1", device=None),
        Settlement(setl_id="s3", person="p3", place="H1", kind="inpatient"),
        Settlement(setl_id="s4", person="p3", device="D2", refunded=True),
        Settlement(setl_id="s5", person="p3", device="D2", is_refund=True, refunds="s4"),
    ),
    persons=(Person(person="p1", phone="T-1", address="L-1", employer="E-1", birth_year=1950),),
    places=(Place(place="P1", account="A-1", longitude=121.5),),
    registrations=(Registration(doctor="D1", place="H7"),),
    staff=(StaffMember(staff="K1", org="agency", account="A-2", phone="T-1"),),
    manual_claims=(
        ManualClaim(
            setl_id="m1",
            patient="p2",
            account="A-2",
            agent="G-1",
            agent_phone="T-9",
            creator="K8",
            reviewer="K9",
        ),
    ),
    lines=(Line(setl_id="s1", drug="X", trace="81"), Line(setl_id="s2", drug="X", trace="81")),
    resale_drugs=("Y",),
)


def filled(store: Store, world: World) -> loading.LoadReport:
    return load(store, write_world(world, store.workspace))


def test_every_label_and_type_is_loaded(store: Store) -> None:
    report = filled(store, SMALL_COUNTY)

    expected = {
        "Patient": 3, "Card": 3, "Device": 3, "Pharmacy": 1, "Institution": 3, "Doctor": 2,
        "Staff": 3, "Account": 2, "Phone": 2, "Address": 1, "Employer": 1, "Agent": 1, "Drug": 2,
        "Box": 1, "ManualClaim": 1, "Stay": 1, "HOLDS": 3, "SWIPED_AT": 4, "INSTALLED_AT": 3,
        "PRESCRIBED_FOR": 1, "REGISTERED_AT": 1, "WORKS_FOR": 1, "RANG_UP": 1, "SENT_TO": 1,
        "CLAIMED_FOR": 1, "REGISTERED_BY": 1, "REVIEWED_BY": 1, "PAID_INTO": 1, "FILED_BY": 1,
        "STAY_OF": 1, "STAYED_IN": 1, "OWNS": 2, "USES": 3, "LIVES_AT": 1, "EMPLOYED_BY": 1,
        "BOUGHT": 2, "IS_DRUG": 1, "SIGNED_AT": 1, "VISITED": 2,
    }  # fmt: skip
    assert report.changed
    assert report.counts == expected
    assert counts(store, expected) == expected
    assert (report.nodes, report.relationships) == (30, 35)


def test_properties_arrive_typed_and_absent_ones_are_absent(store: Store) -> None:
    filled(store, SMALL_COUNTY)

    answer = ask(
        store,
        "MATCH (p:Patient {person_id: 'P-p1'})-[:HOLDS]->(:Card)-[s:SWIPED_AT]->"
        "(d:Device {device_id: 'D1'}) RETURN p, s, keys(p) AS names",
    )

    assert answer.rows == (
        (
            {
                "labels": ["Patient"],
                "properties": {
                    "birth_year": 1950,
                    "double_days": 0,
                    "known": True,
                    "person_id": "P-p1",
                    "usual_place": "P1",
                },
            },
            {
                "type": "SWIPED_AT",
                "properties": {
                    "amount": 1000,
                    "at": SMALL_COUNTY.settlements[0].epoch,
                    "clerk_id": "K1",
                    "clerk_terminals": 1,
                    "day": SMALL_COUNTY.settlements[0].day,
                    "fund": 1000,
                    "kind": "pharmacy",
                    "refunded": False,
                    "setl_id": "s1",
                },
            },
            ["birth_year", "double_days", "known", "person_id", "usual_place"],
        ),
    )


def test_a_second_load_changes_nothing(store: Store) -> None:
    filled(store, SMALL_COUNTY)
    before = everything(store)

    again = load(store, store.workspace)

    assert not again.changed
    assert everything(store) == before


def test_a_newer_extract_replaces_what_is_gone(store: Store) -> None:
    filled(store, SMALL_COUNTY)
    newer = replace(SMALL_COUNTY, settlements=SMALL_COUNTY.settlements[2:], manual_claims=None)

    report = filled(store, newer)

    assert report.changed
    assert report.counts["SWIPED_AT"] == 2
    assert counts(store, ["SWIPED_AT", "ManualClaim", "Agent"]) == {
        "SWIPED_AT": 2,
        "ManualClaim": 0,
        "Agent": 0,
    }


def test_row_order_of_the_tables_does_not_matter(store: Store) -> None:
    filled(store, SMALL_COUNTY)
    before = everything(store)
    clear(store)

    filled(store, replace(SMALL_COUNTY, settlements=SMALL_COUNTY.settlements[::-1]))

    assert everything(store) == before


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("MATCH (p:Phone {phone_id: 'T-9'}) DETACH DELETE p", "Phone 1 instead of 2"),
        (
            "MATCH (a:Card {card_id: 'C-p1'}), (b:Device {device_id: 'D1'}) "
            "CREATE (a)-[:SWIPED_AT {setl_id: 's1'}]->(b)",
            "SWIPED_AT 5 instead of 4",
        ),
    ],
)
def test_a_planted_difference_is_named_and_the_next_load_mends_it(
    store: Store, change: str, named: str
) -> None:
    filled(store, SMALL_COUNTY)
    before = everything(store)
    with writing(store) as session:
        session.run(change).consume()

    with pytest.raises(RingfenceError, match=named):
        load(store, store.workspace)
    with pytest.raises(RingfenceError, match="ringfence load"):
        ask(store, "MATCH (p:Phone) RETURN p")

    assert load(store, store.workspace).changed
    assert everything(store) == before


def test_a_row_that_does_not_arrive_fails_the_load(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A statement that matches nothing is silent in Cypher; only the count tells."""
    honest = loading.schema.create_relationships

    def wrong(item: loading.schema.Relationship, start: str, end: str) -> str:
        text = honest(item, start, end)
        return text.replace("row.end_key", "'nowhere'") if item.type == "USES" else text

    monkeypatch.setattr(loading.schema, "create_relationships", wrong)
    with pytest.raises(RingfenceError, match="USES 0 instead of 3"):
        filled(store, SMALL_COUNTY)
    monkeypatch.undo()

    assert load(store, store.workspace).changed


def test_nothing_imported_is_one_sentence(store: Store) -> None:
    with pytest.raises(RingfenceError, match="holds no imported extract yet"):
        load(store, store.workspace)


def test_stages_of_progress_are_in_the_catalogue(store: Store) -> None:
    from ingest.texts import catalogue

    write_world(SMALL_COUNTY, store.workspace)
    told: list[tuple[str, int, int]] = []
    load(store, store.workspace, progress=lambda *step: told.append(step))

    assert {f"stage.{stage}" for stage, _, _ in told} <= set(catalogue())
    assert {stage for stage, _, _ in told} == {"graph_prepare", "graph_write", "graph_check"}
    assert all(0 <= done <= total for _, done, total in told)


CARDS = st.sampled_from(["C-1", "C-2", "C-3"])
SETTLED = st.builds(
    lambda person, card, place, device, clerk, doctor, refund: Settlement(
        setl_id="",
        person=person,
        card=card,
        place=place,
        device=device,
        clerk=clerk,
        doctor=doctor,
        is_refund=refund,
    ),
    st.sampled_from(["p1", "p2"]),
    CARDS,
    st.sampled_from(["P1", "P2", "H1"]),
    st.sampled_from(["D1", "D2", None]),
    st.sampled_from(["K1", "K2", None]),
    st.sampled_from(["Z1", None]),
    st.booleans(),
)


@given(rows=st.lists(SETTLED, min_size=1, max_size=25))
@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_parallel_relationships_equal_plain_loops(store: Store, rows: list[Settlement]) -> None:
    world = World(
        settlements=tuple(replace(row, setl_id=f"s{n:03d}") for n, row in enumerate(rows))
    )
    filled(store, world)
    kept = [row for row in world.settlements if not row.is_refund]

    swiped = ask(
        store,
        "MATCH (c:Card)-[s:SWIPED_AT]->(d:Device) "
        "RETURN c.card_id AS card, d.device_id AS device, count(s) AS n ORDER BY card, device",
    )
    rang = ask(
        store,
        "MATCH (k:Staff)-[r:RANG_UP]->(c:Card) RETURN k.staff_id AS clerk, c.card_id AS card, "
        "r.settlements AS n, r.fund AS fund ORDER BY clerk, card",
    )

    pairs = Counter((row.card, row.device or f"proxy:{row.place}:") for row in kept)
    clerks = Counter((row.clerk, row.card) for row in kept if row.clerk)
    assert swiped.rows == tuple((*pair, n) for pair, n in sorted(pairs.items()))
    assert rang.rows == tuple((*pair, n, 1000 * n) for pair, n in sorted(clerks.items()))


BUSY = World(
    settlements=tuple(
        Settlement(
            setl_id=f"s{n:05d}",
            person=f"p{n % 90}",
            device=f"D{n % 40}",
            clerk=f"K{n % 7}",
            doctor=f"Z{n % 11}",
        )
        for n in range(400)
    )
)


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, embedded_folder: Path) -> Workspace:
    """A workspace whose load fills a fresh database beside the current one, as large ones do."""
    monkeypatch.setattr(loading, "SMALL", 100)
    space = Workspace(tmp_path / "space")
    space.root.mkdir()
    space.graph.symlink_to(embedded_folder)
    return write_world(BUSY, space)


@pytest.mark.graph
def test_a_load_beside_equals_the_load_in_place(
    beside: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(beside, environ={}) as store:
        before = store.database
        assert load(store, beside).changed
        held, database = everything(store), store.database
        assert database != before
        assert not load(store, beside).changed
        assert store.database == database
        clear(store)

        monkeypatch.setattr(loading, "SMALL", 1_000_000)
        assert load(store, beside).changed
        assert everything(store) == held
        clear(store)


@pytest.mark.graph
def test_the_old_graph_answers_until_the_new_one_is_whole(beside: Workspace) -> None:
    with open_store(beside, environ={}) as store:
        load(store, beside)
        old = store.database
        write_world(replace(BUSY, settlements=BUSY.settlements[:300]), beside)
        seen = []

        def watch(stage: str, _done: int, _total: int) -> None:
            if stage == "graph_check":
                seen.append((store.database, counts(store, ["SWIPED_AT"])["SWIPED_AT"]))

        load(store, beside, progress=watch)

        assert seen[0] == (old, 400)
        assert counts(store, ["SWIPED_AT"]) == {"SWIPED_AT": 300}
        clear(store)


@pytest.mark.graph
@pytest.mark.parametrize("moment", [("graph_prepare", 9), ("graph_write", 0), ("graph_check", 0)])
def test_a_load_killed_beside_is_completed_by_the_next(
    beside: Workspace, moment: tuple[str, int]
) -> None:
    _killed_load(beside, {}, moment)

    with open_store(beside, environ={}) as store:
        assert load(store, beside).changed
        assert counts(store, ["SWIPED_AT", "RANG_UP"]) == _busy_counts()
        assert store.server is not None
        left = embedded.command(store.server, "list databases")["result"]
        assert sorted(left) == sorted({"neo4j", store.database})
        clear(store)


@pytest.mark.parametrize("moment", [("graph_write", 0), ("graph_write", 300), ("graph_check", 0)])
def test_a_load_killed_in_place_is_completed_by_the_next(
    store: Store, environ: dict[str, str], moment: tuple[str, int]
) -> None:
    write_world(BUSY, store.workspace)
    _killed_load(store.workspace, environ, moment)

    with pytest.raises(RingfenceError, match="broke off"):
        ask(store, "RETURN 1 AS one")
    assert load(store, store.workspace).changed
    assert counts(store, ["SWIPED_AT", "RANG_UP"]) == _busy_counts()


def _busy_counts() -> dict[str, int]:
    pairs = {(row.clerk, row.card_id) for row in BUSY.settlements}
    return {"SWIPED_AT": 400, "RANG_UP": len(pairs)}


def everything(store: Store) -> Counter[str]:
    """Every node and relationship with all it holds, however often."""
    nodes = ask(store, "MATCH (n) WHERE NOT n:Import RETURN n", limit=1_000_000)
    rels = ask(store, "MATCH (a)-[r]->(b) RETURN a, r, b", limit=1_000_000)
    return Counter(repr(row) for row in (*nodes.rows, *rels.rows))


def _killed_load(space: Workspace, environ: dict[str, str], moment: tuple[str, int]) -> None:
    """Load in another process, killed -9 at a moment: a stage and rows done by then."""
    child = multiprocessing.get_context("fork").Process(
        target=_die_loading, args=(space, environ, moment)
    )
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    child.close()


def _die_loading(space: Workspace, environ: dict[str, str], moment: tuple[str, int]) -> None:
    def die(stage: str, done: int, _total: int) -> None:
        if stage == moment[0] and done >= moment[1]:
            os.kill(os.getpid(), signal.SIGKILL)

    with open_store(space, environ=environ) as store:
        load(store, space, progress=die)
