"""What an officer meets on canvas and search: the agency as one without a name, own rings only."""

import json
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from app.explorer import search_names
from app.explorer.canvas import services
from app.explorer.canvas.asking import AGENCY
from app.explorer.launch import WORKSPACE
from app.explorer.words import plain
from casework.audit import entries
from casework.cases import list_cases
from casework.ledger import open_ledger, reading
from ingest.texts import say
from ingest.workspace import Workspace
from tests.app import agency_county as agency
from tests.app import canvas_county as county
from tests.app.agency_county import ACCOMPLICES, AGENCY_STAFF, CLAIMANTS, INSIDE
from tests.app.canvas_county import BROKER, POOL, node
from tests.app.signed_in import ran, whole

pytestmark = pytest.mark.graph

NAME = say("canvas.agency.name", "en")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, embedded_folder) -> Iterator[Workspace]:
    root = tmp_path_factory.mktemp("agency") / "county"
    with county.loaded(root, embedded_folder, agency.insiders, rows=agency.rows()) as space:
        services.forget()
        agency.staffed(space)
        yield space


@pytest.fixture
def case(workspace: Workspace) -> str:
    with open_ledger(workspace, environ={}) as ledger:
        return list_cases(ledger, agency.officer("ines"))[0].case_id


@pytest.fixture
def visit(monkeypatch, workspace):
    monkeypatch.setenv(WORKSPACE, str(workspace.root))
    monkeypatch.delenv("NEO4J_URI", raising=False)

    def open_(name: str, screen: str = "explore", **query: str) -> AppTest:
        return agency.visit(workspace, name, screen, **query)

    return open_


def sent(page: AppTest) -> str:
    """Return all that reaches the browser of the canvas and its table."""
    told = [one.proto.json for one in page.get("bidi_component")]
    return "".join(told) + "".join(str(frame.value) for frame in page.dataframe)


def act(page: AppTest, does) -> AppTest:
    does(page.session_state["visit"])
    return ran(page)


def expanded(page: AppTest, one: str) -> AppTest:
    return act(page, lambda visit: visit.expand(one))


def beside(page: AppTest, one: str) -> dict[str, int]:
    lines = page.session_state["visit"].drawn.lines
    return {
        (line.end if line.start == one else line.start): line.times
        for line in lines
        if one in (line.start, line.end) and line.tie.name in ("REGISTERED_BY", "REVIEWED_BY")
    }


@pytest.mark.parametrize("name", ["ana", "ines", "sue"])
def test_staff_of_the_agency_are_one_node_that_leads_nowhere(visit, name: str) -> None:
    page = visit(name, ring=POOL)
    for one in CLAIMANTS:
        page = expanded(page, node(one))
    scene = page.session_state["visit"].state.scene
    assert AGENCY in scene.nodes
    assert not [one for one in AGENCY_STAFF if f"Staff:{one}" in scene.nodes or one in sent(page)]
    assert NAME in sent(page)
    assert set(beside(page, AGENCY)) == {"ManualClaim:M-0", "ManualClaim:M-1", "ManualClaim:M-2"}
    before = scene.nodes
    page = act(page, lambda visit: visit.hear({"events": [
        {"seq": 2**53, "action": "expand", "ids": [AGENCY]}]}))  # fmt: skip
    assert page.session_state["visit"].state.scene.nodes == before
    assert [one.value for one in page.toast] == [plain(say("canvas.agency.no_expand", "en"))]


def test_no_path_leads_through_the_agency(visit) -> None:
    ends = node(CLAIMANTS[0]), node(ACCOMPLICES[0])
    page = act(visit("ana", ring=POOL), lambda one: one.find_path(*ends))
    found = page.session_state["visit"].paths
    assert found.agency
    assert not [one for chain in found.chains for one in chain if one.startswith("Staff:S")]
    assert AGENCY not in [one for chain in found.chains for one in chain]
    assert say("canvas.agency.no_path", "en") in [one.value for one in page.caption]
    page = act(page, lambda one: one.find_path(AGENCY, ends[0]))
    assert page.session_state["visit"].paths.chains == ()
    page = act(visit("lin", ring=INSIDE), lambda one: one.find_path(*ends))
    chains = page.session_state["visit"].paths.chains
    assert {"Staff:S-7"} <= {one for chain in chains for one in chain}


def test_the_liaison_tells_them_apart_and_sees_the_ring_they_are_in(visit) -> None:
    page = expanded(visit("lin", ring=INSIDE), node(ACCOMPLICES[0]))
    nodes = set(page.session_state["visit"].state.scene.nodes)
    assert {"Staff:S-7", "Staff:S-9"} <= nodes
    assert AGENCY not in nodes
    facts = page.session_state["visit"].facts
    assert [ring for ring, *_ in facts["Staff:S-9"].rings] == [INSIDE]


@pytest.mark.parametrize("name", ["ana", "ines", "sue"])
def test_a_ring_of_insiders_is_nowhere_for_anybody_else(visit, name: str) -> None:
    page = act(visit(name, ring=POOL), lambda one: one.add([node(ACCOMPLICES[0]), "Staff:S-9"]))
    page = expanded(page, node(ACCOMPLICES[0]))
    visit_ = page.session_state["visit"]
    assert visit_.facts[node(ACCOMPLICES[0])].rings == ()
    assert f"Ring:{INSIDE}" not in visit_.state.scene.nodes
    assert INSIDE not in sent(page)
    page = act(page, lambda one: one.open([f"Ring:{INSIDE}", f"Ring:{POOL}"]))
    assert page.session_state["visit"].state.scene.nodes == (f"Ring:{POOL}",)


def test_a_line_to_the_agency_has_the_settlements_of_all_of_them(visit) -> None:
    page = visit("ana", ring=POOL)
    for one in CLAIMANTS[:2]:
        page = expanded(page, node(one))
    lines = page.session_state["visit"].lines.values()
    (line,) = [
        one for one in lines
        if {one.start, one.end} == {AGENCY, node(CLAIMANTS[0])} and one.tie.name == "REVIEWED_BY"
    ]  # fmt: skip
    page = act(page, lambda visit: visit.hear({"events": [
        {"seq": 2**53, "action": "settlements", "ids": [line.id]}]}))  # fmt: skip
    settlements = page.dataframe[0].value
    assert settlements["setl_id"].tolist() == ["M-0"]


def test_a_view_of_somebody_who_saw_them_opens_with_one_node(visit, workspace) -> None:
    page = visit("ana", ring=POOL)
    with open_ledger(workspace, environ={}) as ledger:
        from casework.views import make_view

        told = page.session_state["visit"].document()
        plain = json.loads(told)
        for key in ("Staff:S-8", "Staff:S-9"):
            plain["first"]["nodes"].append(key)
            plain["first"]["at"][key] = [7, 8]
            plain["first"]["notes"][key] = f"a note on {key[-1]}"
        kept = make_view(ledger, agency.officer("ana"), json.dumps(plain), title="old")
    page = visit("ana", view=kept.view_id)
    scene = page.session_state["visit"].state.scene
    assert [one for one in scene.nodes if one.startswith("Staff:")] == [AGENCY]
    assert scene.at[AGENCY] == (7, 8)
    assert scene.notes[AGENCY] == "a note on 8\na note on 9"


def test_search_finds_the_agency_without_saying_who(visit) -> None:
    for name, found in (("ana", NAME), ("lin", "S-9")):
        page = visit(name, "search")
        whole(page.text_input(key="search_text").set_value("S-9").run())
        (row,) = page.dataframe[0].value.to_dict("records")
        assert row["identifier"] == found
        assert (row["rings"] or "").startswith(INSIDE) is (name == "lin")
    page = visit("ana", "search")
    whole(page.text_input(key="search_text").set_value("M-0").run())
    told = " ".join(one.value for one in page.markdown)
    assert NAME in told
    assert "S-7" not in told.replace("\\", "")


def test_a_name_is_looked_for_in_a_case_and_comes_back_as_a_pseudonym(
    visit, workspace, case: str
) -> None:
    page = visit("ines", "search")
    page.text_input(key=search_names.NAME).set_value(county.CLEAR_NAME)
    submit(page)
    assert page.error[0].value == say("search.name.both", "en")
    assert page.text_input(key=search_names.NAME).value == county.CLEAR_NAME
    page.selectbox(key="search_name_reason").set_value("verify_identity")
    page.text_input(key=search_names.TEXT).set_value("as the tip says")
    submit(page)
    (row,) = page.dataframe[0].value.to_dict("records")
    assert row["identifier"] == county.person_id(BROKER)
    assert row["rings"].startswith(POOL)
    told = [one.value for one in (*page.markdown, *page.caption)]
    assert not [one for one in told if county.CLEAR_NAME in one]
    assert not [one for one in page.query_params.values() if county.CLEAR_NAME in str(one)]
    with open_ledger(workspace, environ={}) as ledger, reading(ledger) as connection:
        log = list(entries(connection))
    (asked,) = [one for one in log if one.action == "identity.searched"]
    assert (asked.who, asked.case_id, asked.count) == ("ines", case, 1)
    assert asked.purpose == "verify_identity: as the tip says"
    assert not [one for one in log if county.CLEAR_NAME in one.details]

    page.text_input(key=search_names.NAME).set_value("nobody of that name")
    submit(page)
    assert page.info[0].value == say("search.name.none", "en")
    page.button(key="search_name_forget").click()
    ran(page)
    assert not page.dataframe


def test_what_was_found_by_name_opens_in_a_view_of_the_case(visit, case: str) -> None:
    page = visit("ines", "search")
    page.text_input(key=search_names.NAME).set_value(county.CLEAR_NAME)
    page.text_input(key=search_names.TEXT).set_value("as the tip says")
    submit(page)
    page.button(key="search_open").click()
    ran(page)
    assert page.session_state["visit"].case_id == case
    assert page.session_state["visit"].state.scene.nodes == (node(BROKER),)


def test_who_has_no_case_is_told_so(visit) -> None:
    page = visit("ana", "search")
    assert say("search.name.not_yours", "en") in [one.value for one in page.markdown]
    page = visit("lin", "search")
    assert say("search.name.no_case", "en") in [one.value for one in page.markdown]


def submit(page: AppTest) -> None:
    label = say("search.name.go", "en")
    next(one for one in page.button if one.label == label).click()
    ran(page)
