"""The motif console: form, dry run, jobs that can be stopped, comparison, alerts, own motifs."""

import hashlib
import json
import threading
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.explorer.canvas import services
from app.explorer.console import catalogue, compare, form, jobs, own, results, running
from app.explorer.launch import WORKSPACE
from casework.alerts import alerts
from casework.audit import Actor, entries
from casework.ledger import open_ledger, reading
from casework.runs import compare as compared
from casework.runs import hits, runs
from detectors.motif import motif, motifs, values
from detectors.motif_template import template
from graph.store import open_store
from ingest.errors import RingfenceError
from ingest.texts import say
from tests.app import canvas_county as county
from tests.app.signed_in import arrive, ran, whole

EXPLORER = Path(__file__).parents[2] / "app" / "explorer"
ANN = Actor(name="ann")
SLOW = template("slow_one").replace(
    "MATCH (device:Device)\n",
    "UNWIND range(1, 30000) AS a\nUNWIND range(1, 30000) AS b\nWITH sum(a % 7 + b % 5) AS busy\n"
    "MATCH (device:Device)\n",
)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, embedded_folder):
    with county.loaded(tmp_path_factory.mktemp("console") / "county", embedded_folder) as space:
        yield space


@pytest.fixture
def ledger(workspace, monkeypatch):
    monkeypatch.delenv("NEO4J_URI", raising=False)
    with open_ledger(workspace) as opened:
        yield opened


@pytest.fixture
def visit(monkeypatch, workspace):
    def open_(lang: str = "en", **query: str) -> AppTest:
        monkeypatch.setenv(WORKSPACE, str(workspace.root))
        monkeypatch.setenv(services.USER, "ann")
        monkeypatch.delenv("NEO4J_URI", raising=False)
        return arrive("motifs", lang, query)

    return open_


def ended(job: jobs.Job, seconds: float = 60) -> jobs.Job:
    until = time.monotonic() + seconds
    while job.busy and time.monotonic() < until:
        time.sleep(0.02)
    assert not job.busy, job.state
    return job


def said(page: AppTest) -> str:
    kinds = ("markdown", "caption", "info", "error", "warning", "success", "subheader")
    return "\n".join(str(one.value) for kind in kinds for one in page.get(kind)).replace("\\", "")


def asks(page: AppTest, seconds: float = 60) -> AppTest:
    """Press the button and wait until the job that it started has ended."""
    page.button(key="run_motif").click()
    ran(page)
    job = jobs.job(page.session_state["job"], "ann")
    assert job is not None
    ended(job, seconds)
    return ran(page)


def test_a_list_is_read_as_people_paste_it() -> None:
    assert form.as_list(" P-1，P-2;P-1\nP-3、 P-4 ") == ["P-1", "P-2", "P-3", "P-4"]
    assert form.as_day(20_089) == date(2025, 1, 1)
    assert (form.as_day(0), form.as_day(99_999)) == (None, None)


@pytest.mark.graph
def test_every_kind_of_parameter_has_its_widget(visit) -> None:
    """One visit walks through motifs that have every type and every special unit among them."""
    lang = "zh"
    page = visit(lang)
    chosen = [*motifs()[::6], motif("cards_swiped_together")]
    for one in chosen:
        page.query_params["motif"] = one.name
        ran(page)
        assert page.subheader[0].value == results_title(one, lang)
        widgets = {each.key for kind in ("number_input", "text_input", "toggle", "date_input")
                   for each in page.get(kind) if each.key}  # fmt: skip
        wanted = {form.key_of(one, name) for name in one.params}
        assert wanted <= widgets, one.name
        assert not page.error, (one.name, [each.value for each in page.error])


def results_title(one, lang: str) -> str:
    from detectors.motif import in_words

    return in_words(one, "title", language=lang)


@pytest.mark.graph
def test_the_question_says_the_values_in_use_and_least_bounds_them(visit) -> None:
    page = visit(motif="cards_swiped_together")
    page.number_input(key="param_cards_swiped_together_min_days").set_value(5)
    ran(page)
    assert "on 5 or more different days" in said(page)
    assert page.number_input(key="param_cards_swiped_together_min_days").min == 1
    assert say("motif.cards_swiped_together.honest", "en")[:30] in said(page)


@pytest.mark.graph
def test_an_unknown_motif_is_said_and_the_catalogue_is_there(visit) -> None:
    page = visit(motif="no_such_thing")
    assert "no_such_thing" in page.warning[0].value.replace("\\", "")
    assert len(page.dataframe[0].value) >= len(motifs())
    page.text_input(key="catalogue_search").set_value("reviewer account").run()
    shown = whole(page).dataframe[0].value
    assert 0 < len(shown) < 10
    assert "one_account_one_reviewer" in set(shown["name"])


def test_the_catalogue_finds_by_words_of_either_language() -> None:
    one = motif("one_account_one_reviewer")
    assert catalogue.matches(one, "reviewer Account", "zh")
    assert catalogue.matches(one, say("motif.one_account_one_reviewer.title", "zh")[:2], "zh")
    assert not catalogue.matches(one, "reviewer zebra", "en")


@pytest.mark.graph
def test_a_dry_run_plans_and_asks_nothing(ledger) -> None:
    with reading(ledger) as connection:
        before = len(runs(connection))
    one = motif("cards_swiped_together")
    told = {each.name: each for each in running.dry_run(ledger, one, values(one, {}))}
    assert told["plan"].state == "passed", told["plan"].reason
    refused = running.dry_run(ledger, one, {"min_days": 0})
    assert [each.state for each in refused] == ["passed", "failed", "not_checked"]
    assert "min_days" in refused[1].reason
    with reading(ledger) as connection:
        assert len(runs(connection)) == before


@pytest.mark.graph
def test_a_job_counts_its_rows_and_leaves_its_run_in_the_ledger(ledger) -> None:
    job = ended(jobs.start(ledger, motif("cards_swiped_together"), ANN, parameters={"min_days": 4}))
    assert (job.state, job.error) == ("ended", None)
    with reading(ledger) as connection:
        run = next(one for one in runs(connection) if one.run_id == job.run_id)
        found = hits(connection, run.run_id)
        told = [one.action for one in entries(connection) if job.run_id in one.details]
    pairs = len(county.PEOPLE) * (len(county.PEOPLE) - 1) // 2
    assert job.rows == run.rows == len(found) == pairs
    assert run.parameters["min_days"] == 4
    assert told == ["motif.asked", "motif.answered"]
    assert jobs.job(job.job_id, "ben") is None, "a job is its user's alone"


@pytest.mark.graph
def test_a_limit_that_is_reached_is_said(ledger) -> None:
    job = ended(jobs.start(ledger, motif("cards_swiped_together"), ANN, parameters={}, limit=7))
    with reading(ledger) as connection:
        run = next(one for one in runs(connection) if one.run_id == job.run_id)
    assert (job.rows, run.truncated) == (7, True)


@pytest.mark.graph
def test_a_job_stops_within_two_seconds_and_nothing_goes_on_computing(ledger, workspace) -> None:
    slow = results.from_text("slow_one", SLOW)
    job = jobs.start(ledger, slow, ANN, parameters={})
    assert jobs.running(str(workspace.root), "ann") is job
    _until_computing(workspace, job)
    begun = time.monotonic()
    jobs.stop(ledger, job)
    ended(job, 10)
    took = time.monotonic() - begun
    assert job.state == "stopped"
    assert took < 2, f"{took:.2f} seconds"
    assert jobs.running(str(workspace.root), "ann") is None
    jobs.stop(ledger, job)
    with reading(ledger) as connection:
        run = runs(connection, motif="slow_one")[0]
    assert run.outcome == "stopped"
    assert not _computing(workspace, job), "the server was told too"


@pytest.mark.neo4j
def test_a_job_on_neo4j_is_recorded_as_stopped_too(ledger, neo4j_server, monkeypatch) -> None:
    for name, value in neo4j_server.environ.items():
        monkeypatch.setenv(name, value)
    slow = results.from_text("slow_one", SLOW)
    job = jobs.start(ledger, slow, ANN, parameters={})
    _until_computing(ledger.workspace, job, environ=neo4j_server.environ)
    jobs.stop(ledger, job)
    assert ended(job, 10).state == "stopped"
    with reading(ledger) as connection:
        assert runs(connection, motif="slow_one")[0].outcome == "stopped"


def _computing(workspace, job: jobs.Job, environ: Mapping[str, str] | None = None) -> bool:
    with (
        open_store(workspace, environ=environ or {}) as store,
        store.writer.session(database=store.database) as session,
    ):
        return any(job.job_id in str(row) for row in session.run("SHOW TRANSACTIONS").data())


def _until_computing(
    workspace, job: jobs.Job, seconds: float = 15, environ: Mapping[str, str] | None = None
) -> None:
    until = time.monotonic() + seconds
    while not _computing(workspace, job, environ):
        assert job.busy, (job.state, job.error)
        assert time.monotonic() < until, "the question never reached the server"
        time.sleep(0.05)


@pytest.mark.graph
def test_a_job_that_is_stopped_before_it_asks_is_stopped_all_the_same(ledger) -> None:
    job = jobs.start(ledger, motif("cards_swiped_together"), ANN, parameters={})
    jobs.stop(ledger, job)
    assert ended(job, 10).state in ("stopped", "ended")
    assert job.thread is not None
    assert job.thread is not threading.current_thread()


@pytest.mark.graph
def test_a_graph_that_does_not_answer_fails_the_job_with_its_reason(ledger, monkeypatch) -> None:
    monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:1")
    monkeypatch.setenv("NEO4J_PASSWORD", "none")
    job = ended(jobs.start(ledger, motif("cards_swiped_together"), ANN, parameters={}))
    assert job.state == "failed"
    assert "does not answer" in str(job.error)


@pytest.mark.graph
def test_run_change_compare_and_alert(visit, ledger) -> None:
    """The analyst's way: ask, change a value, ask again, compare, put on the canvas, alert."""
    page = asks(visit(motif="cards_swiped_together"))
    first = page.dataframe[0].value
    pairs = len(county.PEOPLE) * (len(county.PEOPLE) - 1) // 2
    assert len(first) == pairs
    assert county.person_id(county.BROKER) in set(first["person_a"])
    page.number_input(key="param_cards_swiped_together_min_days").set_value(county.SESSIONS + 1)
    page = asks(ran(page))
    assert say("console.hits.none", "en") in said(page)
    page.session_state["motif_tab"] = say("console.tab.compare", "en")
    ran(page)
    figures = {each.label: each.value for each in page.metric}
    assert figures[say("console.compare.gone", "en")] == str(pairs)
    assert say("difference.parameters", "en") in said(page)
    page.session_state["motif_tab"] = say("console.tab.alert", "en")
    ran(page)
    page.text_input(key="alert_name_cards_swiped_together").set_value("stacks of cards").run()
    page.button(key="alert_save_cards_swiped_together").click()
    ran(page)
    with reading(ledger) as connection:
        (alert,) = [one for one in alerts(connection) if one.name == "stacks of cards"]
    assert alert.parameters["min_days"] == county.SESSIONS + 1
    assert alert.made_by == "ann"


@pytest.mark.graph
def test_runs_are_compared_by_identity(ledger) -> None:
    one = motif("cards_swiped_together")
    narrow = ended(jobs.start(ledger, one, ANN, parameters={"person_ids": [
        county.person_id(each) for each in county.PEOPLE[:3]]}))  # fmt: skip
    wide = ended(jobs.start(ledger, one, ANN, parameters={}))
    with reading(ledger) as connection:
        found = compared(connection, str(narrow.run_id), str(wide.run_id))
    table = compare.rows(found, "en")
    assert found.same + len(found.changed) == 3
    assert (table["verdict"] == say("console.compare.new", "en")).sum() == len(found.new) == 42
    assert table["identity"].is_unique


@pytest.mark.graph
def test_hits_leave_through_the_audited_export_alone(ledger) -> None:
    one = motif("cards_swiped_together")
    job = ended(jobs.start(ledger, one, ANN, parameters={}))
    with reading(ledger) as connection:
        run = next(each for each in runs(connection) if each.run_id == job.run_id)
        asked = results.asked_of(one, run, hits(connection, run.run_id))
    for shape in ("csv", "json", "parquet"):
        content = results.exported(ledger, ANN, asked, format=shape)
        with reading(ledger) as connection:
            last = list(entries(connection))[-1]
        assert last.action == "motif.exported"
        assert last.export_hash == hashlib.sha256(content).hexdigest()
        assert last.count == job.rows
    assert county.CLEAR_NAME.encode() not in content


def test_a_hit_names_its_nodes_subject_first() -> None:
    one = motif("cards_swiped_together")
    row = {"person_a": "P-1", "person_b": "P-2", "person_ids": ["P-1", "P-2"],
           "device_ids": ["D1"], "place_id": "S1", "setl_ids": ["S-1"]}  # fmt: skip
    assert results.nodes_of(one, row) == [
        "Patient:P-1", "Patient:P-2", "Device:D1", "Pharmacy:S1", "Institution:S1",
    ]  # fmt: skip


def test_cells_are_read_as_their_meaning_says() -> None:
    assert results.cell(20_089, "first day (days since 1970-01-01)") == "2025-01-01"
    assert results.cell(86_400, "begin (seconds since 1970-01-01)") == "1970-01-02 00:00:00"
    assert results.cell(20_089, "how many") == 20_089
    assert results.cell(["a"] * 4, "") == "a, a, a … (4)"
    assert results.cell({"b": 1, "a": "x"}, "") == json.dumps({"a": "x", "b": 1})


def test_a_motif_is_saved_whole_and_never_over_a_shipped_one(tmp_path: Path) -> None:
    path = own.save(tmp_path / "motifs", "my_question", template("my_question"))
    assert path.read_text("utf-8") == template("my_question")
    assert [one.name for one in motifs(tmp_path / "motifs") if one.name == "my_question"]
    assert [each.name for each in path.parent.iterdir()] == ["my_question.cypher"]
    with pytest.raises(RingfenceError, match="comes with Ringfence"):
        own.save(tmp_path / "motifs", "cards_swiped_together", "x")
    with pytest.raises(RingfenceError, match="lower case"):
        own.save(tmp_path / "motifs", "../Out", "x")


@pytest.mark.graph
def test_an_own_motif_is_checked_before_it_is_kept(visit, workspace, ledger) -> None:
    page = visit()
    page.session_state["console_tab"] = say("console.tab.own", "en")
    ran(page)
    page.text_input(key="own_name").set_value("busy_days").run()
    broken = template("busy_days").replace("RETURN device.device_id", "DELETE device.device_id")
    page.text_area(key="own_text_busy_days").set_value(broken).run()
    page.button(key="own_save").click()
    ran(page)
    assert say("console.own.not_saved", "en") in said(page)
    assert not (workspace.motifs / "busy_days.cypher").exists()
    page.text_area(key="own_text_busy_days").set_value(template("busy_days")).run()
    page.button(key="own_save").click()
    ran(page)
    assert (workspace.motifs / "busy_days.cypher").read_text("utf-8") == template("busy_days")
    with reading(ledger) as connection:
        checked = [one for one in entries(connection) if one.action == "motif.checked"]
    assert checked[-1].object == "busy_days"
    assert "busy_days" in {one.name for one in motifs(workspace.motifs)}
    (workspace.motifs / "busy_days.cypher").unlink()
