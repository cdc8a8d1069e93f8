"""The explorer's page without a browser, and the texts of the canvas."""

import ast
import json
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.explorer.canvas import services
from app.explorer.launch import WORKSPACE
from ingest.texts import catalogue, say
from tests.app import canvas_county as county
from tests.app.signed_in import arrive

EXPLORER = Path(__file__).parents[2] / "app" / "explorer"
SOURCES = [*sorted((EXPLORER / "canvas").glob("*.py")), EXPLORER / "screens" / "explore.py",
           EXPLORER / "screens" / "ring.py", EXPLORER / "main.py"]  # fmt: skip


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, embedded_folder):
    with county.loaded(tmp_path_factory.mktemp("pages") / "county", embedded_folder) as space:
        yield space


@pytest.fixture
def visit(monkeypatch, workspace):
    def open_(lang: str = "en", **query: str) -> AppTest:
        monkeypatch.setenv(WORKSPACE, str(workspace.root))
        monkeypatch.setenv(services.USER, "ann")
        monkeypatch.delenv("NEO4J_URI", raising=False)
        return arrive("explore", lang, query)

    return open_


def told(page: AppTest) -> dict:
    return json.loads(page.get("bidi_component")[0].proto.json)


@pytest.mark.graph
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_ring_is_drawn_from_its_members_and_nothing_clear_is_sent(visit, lang) -> None:
    page = visit(lang, ring=county.POOL)
    sent = told(page)
    ids = {node["id"] for node in sent["nodes"]}
    assert {county.node(one) for one in county.PEOPLE} | {"Pharmacy:P1", "Device:D1"} == ids
    lines = {edge["id"]: edge for edge in sent["edges"]}
    swiped = lines[f"VISITED|{county.node(county.BROKER)}|Device:D1"]
    assert swiped["label"] == f"{say('canvas.tie.VISITED', lang)} ×6", (
        "parallel swipes are one line"
    )
    text = json.dumps(sent, ensure_ascii=False) + "".join(
        frame.value.to_csv() for frame in page.dataframe
    )
    for clear_value in (county.CLEAR_NAME, county.CERTIFICATE):
        assert clear_value not in text
    assert "test" not in sent["cfg"], "nobody looks into the picture outside tests"


@pytest.mark.graph
def test_an_empty_canvas_says_what_to_do_and_an_unknown_ring_too(visit) -> None:
    page = visit()
    assert say("canvas.page.empty", "en") in [one.value for one in page.subheader]
    page = visit(ring="R-nobody")
    assert "R\\-nobody" in page.warning[0].value
    page = visit(view="V-nobody")
    assert "V\\-nobody" in page.warning[0].value


@pytest.mark.graph
def test_a_search_puts_nodes_on_the_canvas_and_a_settlement_its_parties(visit) -> None:
    page = visit()
    page.text_input(key="canvas_search").set_value("R-aaaa").run()
    assert {node["id"] for node in told(page)["nodes"]} == {f"Ring:{county.POOL}"}
    page.text_input(key="canvas_search").set_value("S-busy-3").run()
    assert not page.exception
    assert {"Device:D9", "Institution:H9"} <= {node["id"] for node in told(page)["nodes"]}
    page.text_input(key="canvas_search").set_value("nobody-here").run()
    assert any("nobody" in one.value for one in page.toast)


def test_a_graph_that_does_not_answer_is_said_with_a_way_out(monkeypatch, tmp_path) -> None:
    space = county.build(tmp_path / "county")
    monkeypatch.setenv(WORKSPACE, str(space.root))
    monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:1")
    monkeypatch.setenv("NEO4J_PASSWORD", "none")
    page = arrive("explore")
    assert say("canvas.page.failed", "en") in [one.value for one in page.subheader]
    assert page.code[0].value == "ringfence load"


def test_every_text_of_the_canvas_is_used_and_accuses_nobody() -> None:
    nodes = [node for path in SOURCES for node in ast.walk(ast.parse(path.read_text("utf-8")))]
    starts = tuple(
        node.values[0].value
        for node in nodes
        if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant)
    )
    starts = (*(each for each in starts if each.startswith("canvas.")), "canvas.type.")
    whole = {
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    keys = {key for key in catalogue() if key.startswith("canvas.")}
    assert {one for one in whole if re.fullmatch(r"canvas(\.\w+){2,}", one)} <= keys
    assert not {key for key in keys if key not in whole and not key.startswith(starts)}
    for key in keys:
        entry = catalogue()[key]
        assert not re.search("骗保|诈骗|违法|主犯|罪|涉案", entry["zh"]), key
        assert not re.search(r"fraud|guilty|criminal|culprit|offend", entry["en"], re.I), key
