"""The first page: what the last run found and rests on, and what to look at first."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.explorer.canvas import services
from app.explorer.launch import WORKSPACE
from casework.audit import Actor
from casework.ledger import open_ledger
from casework.views import make_view
from ingest.texts import say
from tests.app import sample

MAIN = str(Path(__file__).parents[2] / "app" / "explorer" / "main.py")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory):
    yield sample.build(tmp_path_factory.mktemp("home") / "county")
    services.forget()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_figures_of_the_run_and_what_to_look_at_first(monkeypatch, workspace, lang) -> None:
    monkeypatch.setenv(WORKSPACE, str(workspace.root))
    with open_ledger(workspace) as ledger:
        make_view(ledger, Actor(name="ann"), "{}", title=f"a broker, {lang}")
    page = AppTest.from_file(MAIN, default_timeout=30)
    page.query_params["lang"] = lang
    page.run()
    assert not page.exception
    assert "failed" not in page.session_state
    figures = {one.label: one.value for one in page.metric}
    assert figures[say("home.figure.rings", lang)] == "2"
    assert figures[say("home.figure.not_raised", lang)] == "1"
    assert figures[say("home.figure.off", lang)] != "0", "the sample lacks a table"
    assert page.dataframe[0].value["ring_id"].tolist() == [sample.POOL, sample.STEERED]
    links = "\n".join(one.proto.label for one in page.get("page_link"))
    assert f"a broker, {lang}".replace(",", "") in links.replace("\\", "").replace(",", "")
    assert not any(one in links for one in sample.POOL_PEOPLE)
