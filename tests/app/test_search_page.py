"""The search page: what is found by type, with its rings, and why a group was not raised."""

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from app.explorer import data, search_data
from app.explorer.canvas import services
from app.explorer.launch import LANGUAGE, WORKSPACE
from detectors.rings import CONTRACT
from ingest.texts import catalogue, say
from ingest.workspace import Workspace
from tests.app import canvas_county as county
from tests.app.canvas_county import BROKER, POOL, SECOND, START, node
from tests.app.signed_in import arrive

MAIN = str(Path(__file__).parents[2] / "app" / "explorer" / "main.py")
PAGE = Path(__file__).parents[2] / "app" / "explorer" / "screens" / "search.py"
NAMES = PAGE.parents[1] / "search_names.py"
HONEST = "R-cccccccccccc"
ALONE = county.CROWD[7]


def leave_out(space: Workspace) -> None:
    """Add a group that was looked at and not raised."""
    group = {
        "ring_id": HONEST, "kind": "card_pool", "reason": "honest", "explanation": "family",
        "sentence_zh": "三人同住一址", "sentence_en": "the three live at one address",
        "probability": 0.1, "p_value": 0.01, "q_value": 0.02, "stability": 1.0, "people": 3,
        "places": 1, "settlements": 9, "first_seen": START, "last_seen": START, "loss_mid": None,
        "members": county.CROWD[6:9],
    }  # fmt: skip
    path = space.runs / county.RUN / "not_raised.parquet"
    pq.write_table(pa.Table.from_pylist([group], CONTRACT["not_raised"]), path)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, embedded_folder):
    root = tmp_path_factory.mktemp("search") / "county"
    with county.loaded(root, embedded_folder, leave_out) as space:
        yield space


@pytest.fixture
def visit(monkeypatch, workspace):
    def open_(text: str = "", lang: str = "en") -> AppTest:
        monkeypatch.setenv(WORKSPACE, str(workspace.root))
        monkeypatch.setenv(services.USER, "ann")
        monkeypatch.delenv("NEO4J_URI", raising=False)
        monkeypatch.delenv(LANGUAGE, raising=False)
        page = arrive("search", lang)
        if text:
            page.text_input(key="search_text").set_value(text).run()
        assert not page.exception, page.exception
        return page

    return open_


def links(page: AppTest) -> list[str]:
    return [one.proto.query_string for one in page.get("page_link")]


@pytest.mark.graph
def test_an_empty_field_offers_examples_of_this_run_that_are_found(visit) -> None:
    page = visit()
    assert say("search.empty", "en") in [one.value for one in page.markdown]
    page.button(key=f"search_example_{POOL}").click().run()
    assert not page.exception
    assert page.dataframe[0].value["identifier"].tolist() == [POOL]


@pytest.mark.graph
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_place_is_found_by_its_code_with_the_rings_it_is_in(visit, lang) -> None:
    page = visit("P1", lang)
    (row,) = page.dataframe[0].value.to_dict("records")
    assert row["identifier"] == "P1"
    assert row["rings"].startswith(POOL)
    assert [one for one in links(page) if POOL in one]
    assert not [one for one in links(page) if SECOND in one]


@pytest.mark.graph
def test_a_person_in_a_group_not_raised_comes_with_the_reason(visit) -> None:
    page = visit(county.person_id(ALONE))
    group = page.dataframe[1].value
    assert group["ring_id"].tolist() == [HONEST]
    assert group["reason"].tolist() == [say("explorer.reason.honest", "en")]
    assert group["sentence"].tolist() == ["the three live at one address"]
    page = visit(county.person_id(BROKER))
    assert len(page.dataframe) == 1
    assert say("search.not_raised_none", "en") in [one.value for one in page.markdown]


@pytest.mark.graph
def test_terminal_staff_and_settlement_have_the_rings_they_count_for(visit) -> None:
    assert POOL in visit("D1").dataframe[0].value["rings"].iloc[0]
    assert SECOND in visit("C2").dataframe[0].value["rings"].iloc[0]
    page = visit("S-1-3")
    told = re.sub(r"\\(.)", r"\1", "".join(one.value for one in (*page.markdown, *page.caption)))
    assert POOL in told
    assert county.person_id(county.PEOPLE[3]) in told
    assert county.CLEAR_NAME not in told


@pytest.mark.graph
def test_nothing_found_and_too_short_are_said(visit) -> None:
    assert "nobody" in visit("nobody-here").info[0].value
    page = visit("zz")
    assert "at least 4" in page.info[0].value.replace("\\", "")


@pytest.mark.graph
def test_what_was_found_opens_on_the_canvas_and_the_address_names_nobody(visit) -> None:
    page = visit(county.person_id(BROKER)[:10])
    found = len(page.dataframe[0].value)
    assert found == 10
    page.button(key="search_open").click().run()
    assert not page.exception
    visit_ = page.session_state["visit"]
    assert node(BROKER) in visit_.state.scene.nodes
    assert len(visit_.state.scene.nodes) == found
    assert not [value for value in page.query_params.values() if "P-" in str(value)]


def test_a_graph_that_does_not_answer_is_said_with_a_way_out(monkeypatch, tmp_path) -> None:
    services.forget()
    space = county.build(tmp_path / "county")
    monkeypatch.setenv(WORKSPACE, str(space.root))
    monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:1")
    monkeypatch.setenv("NEO4J_PASSWORD", "none")
    page = arrive("search")
    page.text_input(key="search_text").set_value("D1").run()
    assert say("search.failed", "en") in [one.value for one in page.subheader]
    assert page.code[0].value == "ringfence load"
    services.forget()


@pytest.mark.graph
def test_rings_of_a_card_come_through_settlements_too(workspace) -> None:
    run = data.find(str(workspace.root))
    assert isinstance(run, data.Source)
    frame = pq.read_table(workspace.table("settlements"), columns=["psn_no", "card_id"]).to_pylist()
    cards = {row["psn_no"]: row["card_id"] for row in frame}
    asked = (f"Card:{cards[BROKER]}", f"Card:{cards[ALONE]}")
    assert search_data.rings_of(run, asked)["ring_id"].tolist() == [POOL]
    assert search_data.rings_of(run, ()).empty


def test_every_text_of_the_search_is_used_and_accuses_nobody() -> None:
    code = PAGE.read_text("utf-8") + NAMES.read_text("utf-8")
    for key in (one for one in catalogue() if one.startswith("search.")):
        assert key in code or f"{key.rpartition('.')[0]}.{{" in code, key
        assert not re.search("骗保|诈骗|违法|主犯|罪|涉案", catalogue()[key]["zh"]), key
