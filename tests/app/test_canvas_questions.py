"""What the canvas asks the graph, on the embedded server and on a real Neo4j."""

from datetime import datetime
from functools import partial

import pytest

from app.explorer.canvas import neighbours, search
from app.explorer.canvas.layout import beside, whole
from app.explorer.canvas.neighbours import Choice, around, facts, lines, settlements_of, uncovered
from app.explorer.canvas.paths import between
from app.explorer.canvas.ties import ties, touching
from app.explorer.canvas.visit import Visit
from graph import schema
from graph.ask import ask
from graph.store import Store, open_store
from ingest.errors import RingfenceError
from tests.app import canvas_county as county
from tests.app.canvas_county import BROKER, CROWD, PEOPLE, POOL, node


@pytest.fixture(scope="module", params=[
    pytest.param("embedded", marks=pytest.mark.graph),
    pytest.param("neo4j", marks=pytest.mark.neo4j),
])  # fmt: skip
def question(request, tmp_path_factory):
    """Return how to ask each server in turn, with the county loaded once for all tests here."""
    fixture = {"embedded": "embedded_folder", "neo4j": "neo4j_server"}[request.param]
    server = request.getfixturevalue(fixture)
    workspace = county.build(tmp_path_factory.mktemp("canvas") / "county")
    environ = {} if request.param == "embedded" else server.environ
    if request.param == "embedded":
        workspace.graph.symlink_to(server)
    with open_store(workspace, environ=environ) as store:
        county.fill(store, workspace)
        yield partial(ask, store)
        _empty(store)


def _empty(store: Store) -> None:
    from graph.load import clear

    clear(store)


def test_neighbours_take_turns_by_kind_and_are_counted(question) -> None:
    found = around(question, node(BROKER), Choice())
    assert found.counts == {
        "MEMBER_OF:Patient:Ring": 1,
        "SWIPED_WITH:Patient:Patient": 1,
        "VISITED:Patient:Device": 1,
        "PRESCRIBED_FOR:Doctor:Patient": 1,
        "RANG_UP:Staff:Patient": 1,
        "USES:Patient:Phone": 1,
    }
    assert found.total == 6
    assert set(found.ids) == {
        f"Ring:{POOL}", node(PEOPLE[1]), "Device:D1", "Doctor:DR1", "Staff:C1", "Phone:T-shared",
    }  # fmt: skip
    assert around(question, node(BROKER), Choice(limit=2)).ids == found.ids[:2]


def test_direction_kind_and_time_narrow_an_expand(question) -> None:
    out = around(question, node(BROKER), Choice(direction="out"))
    assert "Doctor:DR1" not in out.ids
    assert node(PEOPLE[1]) in out.ids, "swiping together has no direction"
    into = around(question, node(BROKER), Choice(direction="in"))
    assert {"Doctor:DR1", "Staff:C1"} <= set(into.ids)
    assert "Device:D1" not in into.ids
    cards = around(question, node(BROKER), Choice(ties=("HOLDS:Patient:Card",)))
    assert cards.ids == (f"Card:C-{BROKER}",)
    epoch = datetime(1970, 1, 1)
    before = int((county.START - epoch).total_seconds()) - 1
    assert around(question, node(BROKER), Choice(until=before)).ids == ()
    after = around(question, node(BROKER), Choice(since=before, order="latest"))
    assert set(after.ids) == {"Device:D1", "Doctor:DR1"}


def test_a_hub_is_counted_whole_and_its_strongest_come_first(question) -> None:
    found = around(question, "Device:D9", Choice())
    assert found.counts["VISITED:Patient:Device"] == 241
    assert found.total == 242
    assert len(found.ids) == neighbours.STRONGEST
    strongest = around(
        question, "Device:D1", Choice(ties=("VISITED:Patient:Device",), order="fund")
    )
    assert strongest.ids == tuple(node(one) for one in PEOPLE), "equal sums: by key"


def test_parallel_relationships_are_one_line_with_count_sum_and_period(question) -> None:
    (line,) = lines(question, [node(BROKER), "Device:D1"])
    assert (line.tie.name, line.times, line.fund) == ("VISITED", county.SESSIONS, 6 * 8850)
    assert line.last - line.first == 35 * 86_400
    assert settlements_of(question, line) == tuple(f"S-{n}-0" for n in reversed(range(6)))
    (rung,) = lines(question, [node(BROKER), "Staff:C1"])
    assert set(settlements_of(question, rung) or ()) == {f"S-{n}-0" for n in range(6)}
    (phone,) = lines(question, [node(BROKER), "Phone:T-shared"])
    assert settlements_of(question, phone) is None


def test_new_nodes_get_the_lines_that_asking_for_all_would_give(question) -> None:
    old = [node(one) for one in PEOPLE[:4]] + ["Device:D1", f"Card:C-{PEOPLE[0]}"]
    new = [node(one) for one in PEOPLE[4:]] + ["Staff:C1", "Pharmacy:P1", f"Card:C-{PEOPLE[1]}"]
    every = {line.id: line for line in lines(question, [*old, *new])}
    apart = {line.id: line for line in lines(question, old)}
    apart |= {line.id: line for line in lines(question, [*old, *new], new)}
    assert apart == every
    pairs = [line for line in every.values() if line.id.startswith("SWIPED_WITH|Patient")]
    assert len(pairs) == 9, "each pair once, whatever its direction"


def test_a_line_through_a_drawn_node_is_left_out(question) -> None:
    card = f"Card:C-{BROKER}"
    every = lines(question, [node(BROKER), card, "Device:D1", "Pharmacy:P1"])
    kept = {(line.tie.name, line.start, line.end) for line in uncovered(every)}
    assert ("SWIPED_AT", card, "Device:D1") in kept
    assert not {line for line in kept if line[0] == "VISITED"}


def test_facts_hold_rings_and_no_clear_value(question) -> None:
    found = facts(question, [node(BROKER), "Patient:P-nobody", "Device:D1"])
    assert set(found) == {node(BROKER), "Device:D1"}
    assert found[node(BROKER)].rings == ((POOL, "collector", 1.0, 0.95),)
    assert found[node(BROKER)].risk == pytest.approx(0.95)
    assert county.CLEAR_NAME not in repr(found)
    assert county.CERTIFICATE not in repr(found)
    with pytest.raises(RingfenceError, match="names no node"):
        facts(question, ["Somebody:1"])


def test_paths_are_the_shortest_and_go_round_hubs(question) -> None:
    found = between(question, node(BROKER), "Staff:C2")
    assert found.chains == ((node(BROKER), "Phone:T-shared", "Staff:C2"),)
    around_hub = between(question, node(PEOPLE[3]), node(CROWD[100]))
    assert around_hub.chains == ()
    assert around_hub.hubs == ("Device:D9",)
    end = between(question, node(PEOPLE[3]), "Device:D9")
    assert end.chains == ((node(PEOPLE[3]), "Device:D9"),), "an end may be a hub"
    far = between(question, node(PEOPLE[0]), node(PEOPLE[2]))
    assert all(len(chain) == 3 for chain in far.chains)
    assert (node(PEOPLE[0]), node(PEOPLE[1]), node(PEOPLE[2])) in far.chains
    assert between(question, node(CROWD[0]), node(BROKER), hops=2).chains == ()
    long = between(question, node(CROWD[0]), node(BROKER))
    assert {len(chain) for chain in long.chains} == {4}
    assert between(question, node(BROKER), node(BROKER)).chains == ()


def test_search_finds_whole_identifiers_and_beginnings(question) -> None:
    assert search.find(question, POOL) == ((f"Ring:{POOL}",), False)
    assert search.find(question, " D9 ") == (("Device:D9",), False)
    assert search.find(question, "D")[0] == (), "too short to be a beginning"
    assert search.find(question, "R-aaaa")[0] == (f"Ring:{POOL}",)
    assert search.find(question, "nobody-here")[0] == ()


def test_every_tie_can_be_asked_from_both_ends(question) -> None:
    """Each statement runs on each server; the lines of one are found from both of its ends."""
    for label in (each.label for each in schema.NODES):
        choice = Choice(ties=tuple(tie.id for tie, _ in touching(label)), order="latest")
        for each in (choice, Choice(ties=choice.ties), Choice(ties=choice.ties, order="fund")):
            around(question, f"{label}:nothing", each)
    ends = [f"{label.label}:nothing" for label in schema.NODES]
    assert lines(question, ends) == []
    assert lines(question, ends, ends[:3]) == []
    assert facts(question, ends) == {}


def test_expanding_moves_nothing_and_undo_brings_back(question) -> None:
    visit = Visit(ask=question)
    visit.open([node(one) for one in PEOPLE])
    before = dict(visit.state.scene.at)
    visit.expand(node(BROKER))
    after = dict(visit.state.scene.at)
    assert {one: after[one] for one in before} == before
    assert set(after) - set(before) == {
        f"Ring:{POOL}", "Device:D1", "Doctor:DR1", "Staff:C1", "Phone:T-shared",
    }  # fmt: skip
    assert visit.state.scene.totals == {node(BROKER): 6}
    assert len(set(after.values())) == len(after)
    visit.hear({"events": [{"seq": 5, "action": "undo", "ids": []}]})
    assert dict(visit.state.scene.at) == before
    visit.hear({"events": [{"seq": 5, "action": "undo"}, {"seq": 6, "action": "redo"}]})
    assert dict(visit.state.scene.at) == after, "an event that comes twice is acted on once"


def test_a_hub_asks_first_and_brings_what_was_chosen(question) -> None:
    visit = Visit(ask=question)
    visit.open(["Device:D9"])
    visit.expand("Device:D9")
    assert visit.ask_for == ("expand", "Device:D9")
    assert visit.state.scene.nodes == ("Device:D9",)
    visit.expand("Device:D9", Choice(ties=("VISITED:Patient:Device",), limit=40))
    assert len(visit.state.scene.nodes) == 41


def test_placing_beside_and_whole_layouts_leave_room(question) -> None:
    ids = [node(one) for one in PEOPLE] + ["Device:D1"]
    pairs = [(line.start, line.end) for line in lines(question, ids)]
    at = whole(ids, pairs)
    assert at == whole(list(reversed(ids)), list(reversed(pairs)))
    more = beside(at, ["Staff:C1", "Pharmacy:P1"], [("Staff:C1", "Device:D1")])
    spots = [*at.values(), *more.values()]
    apart = [
        (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2
        for n, a in enumerate(spots)
        for b in spots[:n]
    ]  # fmt: skip
    assert min(apart) > 45**2


def test_every_tie_is_one_of_the_schema() -> None:
    for tie in ties():
        relation = schema.relationship(tie.name)
        if not tie.via:
            assert (tie.start, tie.end) in relation.pairs or not tie.directed
    asked = {(tie.name, tie.start, tie.end) for tie in ties() if not tie.via}
    declared = {
        (each.type, start, end)
        for each in schema.RELATIONSHIPS
        for start, end in each.pairs
        if each.type != "VISITED"
    }  # fmt: skip
    assert declared == asked, "every relationship of the graph can be drawn"
