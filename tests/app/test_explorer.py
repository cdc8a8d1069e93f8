"""The explorer's pages on a small workspace, without a browser."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from app.explorer.launch import LANGUAGE, WORKSPACE
from ingest.texts import Language, say
from tests.app import sample

MAIN = str(Path(__file__).parents[2] / "app" / "explorer" / "main.py")
LANGUAGES: tuple[Language, ...] = ("zh", "en")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample.build(tmp_path_factory.mktemp("explorer") / "county").root


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch):
    """Return a function that opens a page of a workspace as a browser would."""

    def open_(
        root: Path | None, lang: Language = "en", ring: str = "", screen: str = "", **query: str
    ) -> AppTest:
        monkeypatch.setenv(WORKSPACE, str(root) if root else "")
        monkeypatch.delenv(LANGUAGE, raising=False)
        page = AppTest.from_file(MAIN, default_timeout=20)
        page.query_params["lang"] = lang
        if ring:
            page.query_params["ring"] = ring
        page.run()
        if screen:
            page.switch_page(f"screens/{screen}.py")
            for name, value in query.items():
                page.query_params[name] = value
            page.run()
        return whole(page)

    return open_


def whole(page: AppTest) -> AppTest:
    """Return a page that was drawn without a fault, neither Streamlit's nor one it tells itself."""
    assert not page.exception, page.exception
    assert "failed" not in page.session_state, [one.value for one in page.error]
    return page


def texts(page: AppTest) -> str:
    """Return everything the page sends for reading, tables included."""
    parts = [
        str(getattr(one, "value", "")) + str(getattr(one, "label", ""))
        for kind in (
            "markdown",
            "caption",
            "subheader",
            "metric",
            "code",
            "info",
            "warning",
            "error",
        )
        for one in page.get(kind)
    ]
    parts += [frame.value.to_csv() for frame in page.dataframe]
    parts += [chart.proto.SerializeToString().decode("utf-8", "ignore") for chart in charts(page)]
    return "\n".join(parts)


def charts(page: AppTest) -> list:
    return list(page.get("vega_lite_chart"))


def open_tab(page: AppTest, name: str, lang: Language) -> AppTest:
    page.session_state["ring_tab"] = say(f"explorer.tab.{name}", lang)
    return whole(page.run())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_list_shows_rings_by_rank_and_the_groups_left_out(visit, workspace, lang) -> None:
    page = visit(workspace, lang, screen="rings")
    raised = page.dataframe[0].value
    assert raised["ring_id"].tolist() == [sample.POOL, sample.STEERED]
    assert raised["kind"].tolist() == [
        say("kind.card_pool", lang),
        say("kind.doctor_pharmacy", lang),
    ]
    left_out = visit(workspace, lang, screen="rings", tab="not_raised").dataframe[0].value
    assert left_out["ring_id"].tolist() == [sample.HONEST]
    assert left_out["reason"].tolist() == [say("explorer.reason.honest", lang)]
    assert left_out["explanation"].tolist() == [say("honest.name.family", lang)]


def test_language_of_the_deployment_holds_where_the_address_names_none(
    monkeypatch, workspace
) -> None:
    monkeypatch.setenv(WORKSPACE, str(workspace))
    monkeypatch.setenv(LANGUAGE, "en")
    page = AppTest.from_file(MAIN, default_timeout=20).run()
    assert say("home.title", "en") in [one.value for one in page.subheader]


def test_switching_language_changes_every_word(visit, workspace) -> None:
    page = visit(workspace, "zh", screen="rings")
    page.session_state["lang"] = "en"
    whole(page.run())
    assert not re.search(r"[\u4e00-\u9fff]", "".join(one.value for one in page.caption))
    assert say("explorer.rings.title", "en") in [one.value for one in page.subheader]


def test_filters_narrow_the_list_and_name_the_one_that_empties_it(visit, workspace) -> None:
    page = visit(workspace, screen="rings")
    page.multiselect(key="kinds").set_value(["card_pool"]).run()
    assert page.dataframe[0].value["ring_id"].tolist() == [sample.POOL]
    assert page.query_params["kind"] == "card_pool"
    page.text_input(key="person").set_value("P-none").run()
    named = say("explorer.filter.person", "en")
    assert page.info[0].value == say("explorer.filter.excludes", "en", which=named)
    assert say("explorer.filter.person_nowhere", "en") in texts(page)
    page.button(key="filter_reset").click()
    whole(page.run())
    assert len(page.dataframe[0].value) == 2
    assert not {"kind", "person"} & set(page.query_params)


def test_an_address_reproduces_the_list(visit, workspace) -> None:
    page = visit(workspace, screen="rings", kind="doctor_pharmacy", p="0.5~0.99")
    assert page.dataframe[0].value["ring_id"].tolist() == [sample.STEERED]
    assert page.multiselect(key="kinds").value == ["doctor_pharmacy"]


@pytest.mark.parametrize("person", [sample.POOL_PEOPLE[2], sample.FAMILY[0]])
def test_a_pseudonym_finds_its_groups(visit, workspace, person) -> None:
    """Also the way from a person who was not raised to the reason why."""
    named = sample.pseudonym("P", person)
    raised = person in sample.POOL_PEOPLE
    for asked in (named, named[:9], named[2:12].upper()):
        page = visit(workspace, screen="rings", person=asked)
        if raised:
            assert page.dataframe[0].value["ring_id"].tolist() == [sample.POOL]
            continue
        assert not page.dataframe, "no ring has this person"
        page.button(key="see_why").click()
        whole(page.run())
        assert page.dataframe[0].value["ring_id"].tolist() == [sample.HONEST]
        told = texts(page).replace("\\", "")
        assert say("explorer.why_not.honest", "en") in told
        assert named in told
        assert page.query_params["tab"] == "not_raised"


def test_a_group_that_nobody_matches_is_said(visit, workspace) -> None:
    page = visit(workspace, screen="rings", tab="not_raised", person="P-none")
    assert page.info[0].value == say("explorer.not_raised.no_match", "en")
    page.button(key="group_reset").click()
    assert whole(page.run()).dataframe[0].value["ring_id"].tolist() == [sample.HONEST]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_ring_by_deep_link_says_what_is_claimed_and_how_sure(visit, workspace, lang) -> None:
    page = visit(workspace, lang, ring=sample.POOL)
    kind = say("kind.card_pool", lang)
    assert page.subheader[0].value == say("explorer.ring.title", lang, kind=kind)
    assert page.metric[0].value == "97.5%"
    shown = texts(page)
    assert "103" in shown
    assert "2025\\-03\\-03" in shown
    assert "2025\\-06\\-13" in shown
    verdicts = ("refuted", "partly", "not_testable")
    assert all(say(f"explorer.verdict.{verdict}", lang) in shown for verdict in verdicts)


def test_waterfall_adds_up_to_the_stored_probability(visit, workspace) -> None:
    page = visit(workspace, ring=sample.POOL)
    assert any("+5.30" in one.value and "97.5%" in one.value for one in page.caption)
    assert not page.error


def test_waterfall_that_does_not_add_up_is_reported(visit, tmp_path) -> None:
    root = sample.build(tmp_path / "county").root
    path = root / "runs" / sample.RUN / "rings.parquet"
    rings = pd.read_parquet(path)
    rings["probability"] = rings["probability"] - 0.01
    rings.to_parquet(path)
    page = visit(root, ring=sample.POOL)
    assert "97.5%" in page.error[0].value
    assert "96.5%" in page.error[0].value


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_the_ring_hangs_on_comes_with_both_probabilities(visit, workspace, lang) -> None:
    shown = texts(visit(workspace, lang, ring=sample.POOL)).replace("\\", "")
    assert say("explorer.hangs_on.title", lang) in shown
    for kind, after in (("device", "62.0%"), ("person", "91.0%")):
        (line,) = [one for one in shown.splitlines() if after in one]
        assert say(f"explorer.entity.{kind}", lang) in line
        assert "97.5%" in line


def test_a_run_without_such_parts_says_nothing_of_them(visit, tmp_path) -> None:
    root = sample.build(tmp_path / "county").root
    (root / "runs" / sample.RUN / "ring_without.parquet").unlink()
    page = visit(root, ring=sample.POOL)
    assert not page.exception
    assert say("explorer.hangs_on.title", "en") not in texts(page)


@pytest.mark.parametrize("tab", ["evidence", "time", "network", "members", "settlements"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_only_pseudonyms_reach_the_browser(visit, workspace, lang, tab) -> None:
    page = open_tab(visit(workspace, lang, ring=sample.POOL), tab, lang)
    shown = texts(page)
    assert len(shown) > 400
    if tab in ("time", "network", "members", "settlements"):
        assert sample.pseudonym("P", sample.POOL_PEOPLE[0]) in shown
    for person in (*sample.POOL_PEOPLE, *sample.FAMILY):
        assert person not in shown


def test_lists_hold_no_import_identifier_of_a_person(visit, workspace) -> None:
    pages = [visit(workspace), visit(workspace, screen="rings")]
    pages.append(visit(workspace, screen="rings", tab="not_raised"))
    shown = "".join(texts(page) for page in pages)
    assert sample.HONEST in shown
    assert not any(person in shown for person in (*sample.POOL_PEOPLE, *sample.FAMILY))


def test_settlements_are_paged_and_say_why_they_count(visit, workspace) -> None:
    page = open_tab(visit(workspace, ring=sample.POOL), "settlements", "en")
    first = page.dataframe[0].value
    total = len(sample.pool_sessions())
    assert len(first) == 50
    assert set(first["why"]) == {
        say(f"explorer.why.{why}", "en") for why in ("joint_session", "same_places")
    }
    page.session_state["settlement_page"] = 2
    second = page.run().dataframe[0].value
    assert len(second) == total - 50
    assert not set(first["setl_id"]) & set(second["setl_id"])
    page.toggle(key="others").set_value(True).run()
    assert say("explorer.raster.alone", "en") in set(page.dataframe[0].value["why"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_data_page_tells_what_came_in_and_what_is_off(visit, workspace, lang) -> None:
    page = visit(workspace, lang, screen="quality")
    shown = texts(page)
    assert "fee_list" in shown
    assert "settlements.csv" in shown
    assert "extract/" not in shown
    assert sample.POOL_PEOPLE[0] not in shown, "the example of a flag may be an identifier"
    assert say("enables.trace_codes", lang) in shown.replace("\\", "")
    assert say("note.empty_table", lang, table="staff") in shown.replace("\\", "")
    assert say("kind.trace_resale", lang) in shown.replace("\\", "")


def test_data_page_names_the_codes_that_no_table_lists(visit, tmp_path) -> None:
    county = sample.build(tmp_path / "county")
    account = json.loads(county.manifest.read_text("utf-8"))
    flagged = {"table": "settlements", "field": "med_type", "reason": "unknown_code", "rows": 3}
    account["flags"] += [flagged | {"example": "9917"}]
    county.manifest.write_text(json.dumps(account), "utf-8")
    shown = texts(visit(county.root, screen="quality"))
    assert "9917" in shown
    assert say("flag.unknown_code", "en") in shown
    assert sample.POOL_PEOPLE[0] not in shown


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_empty_state_names_the_command_to_run(visit, tmp_path, lang) -> None:
    states = {
        "no_workspace": tmp_path / "nowhere",
        "no_import": sample.build(tmp_path / "bare", import_=False).root,
        "no_run": sample.build(tmp_path / "imported", run=False).root,
        "no_rings": sample.build(tmp_path / "quiet", rings=False).root,
    }
    commands = set()
    for state, root in states.items():
        page = visit(root, lang, screen="rings" if state == "no_rings" else "")
        assert say(f"explorer.empty.{state}.title", lang) in [one.value for one in page.subheader]
        assert page.code[0].value == say(f"explorer.empty.{state}.command", lang)
        commands.add(page.code[0].value)
    assert len(commands) == len(states)


def test_no_workspace_given_at_all(visit) -> None:
    page = visit(None)
    assert page.code[0].value == say("explorer.empty.no_workspace.command", "en")


def test_unknown_ring_says_so(visit, workspace) -> None:
    page = visit(workspace, ring="R-nobody")
    assert page.subheader[0].value == say("explorer.ring.unknown", "en")


def test_rings_of_an_older_import_carry_a_warning(visit, tmp_path) -> None:
    root = sample.build(tmp_path / "county").root
    path = root / "runs" / sample.RUN / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"import_id": "older"}))
    assert visit(root, screen="rings").warning[0].value == say("explorer.off.other_import", "en")


@pytest.mark.parametrize("screen", ["home", "rings", "quality"])
def test_a_page_that_fails_says_what_and_leaves_no_trace(
    monkeypatch, tmp_path, caplog, screen
) -> None:
    """Of a broken file neither page nor log tell more than a number that both have."""
    root = sample.build(tmp_path / "county").root
    broken = "manifest.json" if screen == "quality" else f"runs/{sample.RUN}/rings.parquet"
    (root / broken).write_text("secret-value is not what belongs here")
    monkeypatch.setenv(WORKSPACE, str(root))
    page = AppTest.from_file(MAIN, default_timeout=20)
    page.query_params["lang"] = "en"
    page.run()
    page.switch_page(f"screens/{screen}.py").run()
    number = page.session_state["failed"]
    title = say(f"explorer.page.{screen}", "en")
    named = [one.value for one in page.subheader]
    assert say("explorer.failed.title", "en", page=title) in named
    assert say("explorer.failed.reference", "en", number=number) in texts(page)
    assert [one.label for one in page.button][-1] == say("explorer.failed.retry", "en")
    told = texts(page) + caplog.text
    assert number in caplog.text
    assert not re.search(r"secret|Traceback|parquet|json", told)


def test_the_front_door_leads_a_deep_link_to_its_page(monkeypatch, workspace) -> None:
    monkeypatch.setenv(WORKSPACE, str(workspace))
    titles = {"ring": "explorer.ring.unknown", "motif": "console.title"}
    for word, title in titles.items():
        page = AppTest.from_file(MAIN, default_timeout=20)
        page.query_params["lang"] = "en"
        page.query_params[word] = "nobody"
        whole(page.run())
        assert say(title, "en") in [one.value for one in page.subheader]
