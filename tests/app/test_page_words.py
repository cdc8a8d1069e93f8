"""What pages say and offer where they once misled: outcomes, chances, alerts, names, times."""

import json
import os
import time
from collections.abc import Iterator

import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from app.explorer import session
from app.explorer.launch import WORKSPACE
from app.explorer.lists import left_out
from app.explorer.screens import quality
from app.explorer.words import local
from detectors.motif import in_words, motif
from ingest.texts import Language, say
from ingest.workspace import Workspace
from tests.app.signed_in import at_work, door, said
from tests.casework.office import INES, SUE, judge
from tests.casework.paper_county import BIG, POOL


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A county with one lead that was judged as not confirmed, and one that was confirmed."""
    with at_work(tmp_path_factory.mktemp("words") / "county") as ledger:
        judge(ledger, POOL, "rejected", by=INES)
        judge(ledger, BIG, "confirmed", by=INES)
        yield ledger.workspace


def test_an_outcome_is_not_headed_by_the_word_for_rows_of_an_import(monkeypatch, space) -> None:
    page = door(monkeypatch, space, lang="zh")(SUE, "quality")
    assert say("explorer.quality.judged", "zh") in said(page)
    for judged in _judged(page):
        heads = json.loads(judged.proto.columns)
        for outcome in quality.OUTCOMES:
            assert heads[outcome]["label"] == say(f"lead_outcome.{outcome}", "zh")


def test_outcomes_are_counted_by_kind_and_by_the_motif_that_shows_the_ring(
    monkeypatch, space
) -> None:
    page = door(monkeypatch, space)(SUE, "quality")
    kinds, by_motif = [one.value.to_dict("records") for one in _judged(page)]
    counts = {"confirmed": 1, "look_alike": 0, "rejected": 1, "share": 0.5}
    assert kinds == [{"kind": say("kind.card_pool", "en")} | counts]
    held = pq.read_table(space.latest_run() / "ring_motifs.parquet").to_pylist()
    assert [one["ring_id"] for one in held] == [BIG], "the rejected ring has no motif"
    title = in_words(motif(held[0]["motif"]), "title", language="en")
    assert by_motif == [{"motif": title, **counts, "rejected": 0, "share": 1.0}]


def _judged(page: AppTest) -> list:
    return [one for one in page.dataframe if "look_alike" in one.value.columns]


def test_a_chance_is_never_certain_at_either_end() -> None:
    told = {value: left_out._chance(value) for value in (0.0, 0.00004, 0.25, 0.99999, 1.0)}
    assert told == {0.0: "<0.1%", 0.00004: "<0.1%", 0.25: "25.0%", 0.99999: ">99.9%", 1.0: ">99.9%"}


def _alerts() -> None:
    import os

    from app.explorer.canvas import services
    from app.explorer.console import alerting
    from app.explorer.launch import WORKSPACE
    from casework.audit import Actor
    from detectors.motif import motifs

    ledger = services.ledger(os.environ[WORKSPACE])
    alerting.make(ledger, Actor(name="a", role="analyst"), motifs()[0], {}, "en")


@pytest.mark.parametrize(
    ("role", "offered"),
    [("analyst", True), (None, True), ("investigator", False), ("liaison", False)],
)
def test_an_alert_is_offered_to_whom_the_service_serves(monkeypatch, space, role, offered) -> None:
    monkeypatch.setenv(WORKSPACE, str(space.root))
    monkeypatch.setattr(session, "role", lambda: role)
    page = AppTest.from_function(_alerts).run()
    assert not page.exception
    assert bool(page.text_input) is offered
    assert bool(page.button) is offered


def _own() -> None:
    import os

    from app.explorer.canvas import services
    from app.explorer.console import own
    from app.explorer.launch import WORKSPACE
    from casework.audit import Actor

    own.editor(services.ledger(os.environ[WORKSPACE]), Actor(name="a", role="analyst"), "en")


def test_a_motif_file_asks_for_its_name_before_anything_is_typed(monkeypatch, space) -> None:
    monkeypatch.setenv(WORKSPACE, str(space.root))
    page = AppTest.from_function(_own).run()
    assert page.info[0].value == say("console.own.name_first", "en")
    assert not page.text_area
    page.text_input(key="own_name").set_value("busy_days").run()
    assert not page.exception
    assert page.text_area
    assert len(page.button) == 2


@pytest.mark.parametrize(("zone", "hour"), [("Asia/Shanghai", 4), ("UTC", 20)])
def test_times_are_those_of_this_machine(zone: str, hour: int) -> None:
    before = os.environ.get("TZ")
    try:
        os.environ["TZ"] = zone
        time.tzset()
        assert local("2026-03-02T20:00:00.000000Z").hour == hour
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_button_that_is_off_keeps_the_colour_of_its_label(lang: Language) -> None:
    assert say("explorer.page.report", lang) == say("report_page.title", lang)
    for kind in ("primary", "primaryFormSubmit"):
        assert f'[data-testid="stBaseButton-{kind}"]:not(:disabled) *' in session._LEGIBLE
        assert f'[data-testid="stBaseButton-{kind}"] *' not in session._LEGIBLE
