"""The parts of a ring's page: each with something to show, and each with nothing."""

import json
import re
from datetime import datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from app.explorer import data, ring_data
from app.explorer.canvas import services
from app.explorer.charts import waterfall
from app.explorer.launch import LANGUAGE, WORKSPACE
from app.explorer.ring.claims import claims_of
from app.explorer.ring_data import Window
from casework.audit import Actor
from casework.ledger import open_ledger
from casework.questions import _close, _open  # a run without a graph to ask
from detectors.warned import WARNINGS, warnings_file
from ingest.texts import Language, catalogue, say
from ingest.workspace import Workspace
from tests.app import sample

MAIN = str(Path(__file__).parents[2] / "app" / "explorer" / "main.py")
SCREENS = Path(__file__).parents[2] / "app" / "explorer" / "screens"
LANGUAGES: tuple[Language, ...] = ("zh", "en")
SETTLEMENT = "S000000000"


def enrich(workspace: Workspace) -> Workspace:
    """Add what a whole import and run have: coordinates, lines, measures, the ring's question."""
    providers = pd.read_parquet(workspace.table("providers"))
    at = {"P33010000001": (120.10, 30.20), "P33010000002": (120.30, 30.25)}
    providers["lnt"] = [at.get(one, (None, None))[0] for one in providers["fixmedins_code"]]
    providers["lat"] = [at.get(one, (None, None))[1] for one in providers["fixmedins_code"]]
    providers.to_parquet(workspace.table("providers"))
    lines = pd.DataFrame(
        [
            {
                "setl_id": SETTLEMENT, "feedetl_sn": str(n), "med_list_codg": f"XA{n}", "cnt": 2.0,
                "pric": 10.5, "det_item_fee_sumamt": 21.0, "drug_trac_codg": None,
            }
            for n in (2, 10, 1)
        ]
    )  # fmt: skip
    lines.to_parquet(workspace.table("fee_list"))
    folder = workspace.runs / sample.RUN
    scores = pd.DataFrame(
        [
            {"ring_id": sample.POOL, "stack_order": 0.82, "fee_level": 90.0, "honest_family": 0.07},
            {"ring_id": sample.STEERED, "stack_order": None, "fee_level": 80.0,
             "honest_family": 0.0},
            {"ring_id": sample.HONEST, "stack_order": 0.1, "fee_level": 30.0, "honest_family": 1.0},
        ]
    )  # fmt: skip
    for name, value in (
        ("kind", "card_pool"), ("probability", 0.5), ("q_value", 0.01), ("family", "meeting"),
        ("given", ""), ("raised", True),
    ):  # fmt: skip
        scores[name] = value
    scores.to_parquet(folder / "scores.parquet")
    people = sorted(sample.pseudonym("P", one) for one in sample.POOL_PEOPLE)
    question = {
        "ring_id": sample.POOL, "motif": "cards_swiped_together",
        "parameters": json.dumps({"person_ids": people, "min_days": 1}),
        "settlements": [SETTLEMENT],
    }  # fmt: skip
    pq.write_table(pa.Table.from_pylist([question]), folder / "ring_motifs.parquet")
    return workspace


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return enrich(sample.build(tmp_path_factory.mktemp("ring") / "county"))


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return sample.build(tmp_path_factory.mktemp("bare") / "county")


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch):
    def open_(
        workspace: Workspace, tab: str = "evidence", lang: Language = "en", ring: str = sample.POOL
    ) -> AppTest:
        monkeypatch.setenv(WORKSPACE, str(workspace.root))
        monkeypatch.setenv(services.USER, "ann")
        monkeypatch.delenv(LANGUAGE, raising=False)
        page = AppTest.from_file(MAIN, default_timeout=30)
        page.query_params["ring"] = ring
        page.query_params["lang"] = lang
        area = "ring_page" if f"ring_page.tab.{tab}" in catalogue() else "explorer"
        page.session_state["ring_tab"] = say(f"{area}.tab.{tab}", lang)
        page.run()
        assert not page.exception, page.exception
        return page

    return open_


def texts(page: AppTest) -> str:
    kinds = ("markdown", "caption", "code", "info", "warning", "success", "error")
    parts = [str(one.value) for kind in kinds for one in page.get(kind)]
    parts += [frame.value.to_csv() for frame in page.dataframe]
    parts += [one.proto.SerializeToString().decode("utf-8", "ignore")
              for one in page.get("vega_lite_chart")]  # fmt: skip
    parts += [one.label for one in page.get("expander")]
    return re.sub(r"\\(.)", r"\1", "\n".join(parts))


def source(workspace: Workspace) -> data.Source:
    found = data.find(str(workspace.root))
    assert isinstance(found, data.Source)
    return found


def test_months_add_up_to_the_ring_and_gaps_are_nought(whole) -> None:
    rows, _ = data.raster(source(whole), sample.POOL)
    monthly = ring_data.monthly(rows)
    own = rows[rows["why"].notna()]
    assert monthly["fund"].sum() == own["fund"].sum()
    assert monthly["settlements"].sum() == own["setl_id"].nunique()
    gap = own[own["settled_at"].dt.month != 4]
    assert ring_data.monthly(gap).set_index("month")["settlements"].loc["2025-04-01"] == 0
    assert ring_data.monthly(rows.iloc[:0]).empty


def test_ties_of_the_whole_period_are_those_of_the_ring_and_of_a_part_fewer(whole) -> None:
    rows, _ = data.raster(source(whole), sample.POOL)
    ties = data.ties(source(whole), sample.POOL)
    again = ring_data.ties_within(ties, rows)
    pd.testing.assert_frame_equal(again, ties, check_dtype=False)
    part = ring_data.within(rows, Window(since=datetime(2025, 3, 1), until=datetime(2025, 3, 20)))
    some = ring_data.ties_within(ties, part)
    counted = some[some["tie"] == "swiped_at"]["times"].sum()
    assert counted == part[part["why"].notna()]["setl_id"].nunique()
    assert 0 < counted < ties[ties["tie"] == "swiped_at"]["times"].sum()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_period_filters_pictures_and_table_together(visit, whole, lang) -> None:
    page = visit(whole, "time", lang)
    assert len(page.get("vega_lite_chart")) == 4, "months, raster, network, map"
    every = len(page.dataframe[0].value)
    key = f"period_{sample.POOL}_0_months"
    page.select_slider(key=key).set_range("2025-03", "2025-03").run()
    assert not page.exception
    shown = page.dataframe[0].value
    assert 0 < len(shown) < every
    assert set(shown["settled_at"].dt.month) == {3}
    drawn = [one.proto.SerializeToString() for one in page.get("vega_lite_chart")]
    assert len(drawn) == 4
    chosen = [one.value for one in page.caption if "2025-03-31" in one.value]
    assert len(chosen) == 1
    page.button(key=f"period_{sample.POOL}_0_whole").click().run()
    assert len(page.dataframe[0].value) == every


def test_a_period_without_settlements_says_so(visit, whole) -> None:
    rows, _ = data.raster(source(whole), sample.POOL)
    nothing = ring_data.within(rows, Window(since=datetime(2030, 1, 1), until=datetime(2030, 2, 1)))
    assert nothing.empty
    page = visit(whole, "map", ring=sample.STEERED)
    assert len(page.get("vega_lite_chart")) == 2


def test_map_draws_places_with_coordinates_and_names_those_without(visit, whole, bare) -> None:
    page = visit(whole, "map")
    assert say("ring_page.map.missing", "en", count=1, places="H33010000003") in texts(page)
    page = visit(bare, "map")
    assert say("ring_page.map.none", "en") in texts(page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_was_not_testable_is_listed_with_the_reason(visit, whole, lang) -> None:
    shown = texts(visit(whole, "evidence", lang))
    roof = say("honest.name.common_roof", lang)
    reason = {"zh": "缺少单位信息", "en": "employers were not delivered"}[lang]
    assert say("ring_page.untested.explanation", lang, name=roof, sentence=reason) in shown
    assert "fee_list" in shown


@pytest.mark.parametrize("lang", LANGUAGES)
def test_settlements_that_arrived_since_the_run_are_counted_at_their_ring(
    visit, tmp_path, lang
) -> None:
    county = sample.build(tmp_path / "county")
    assert not visit(county, lang=lang).info
    told = [
        {"run": run, "ring_id": sample.POOL, "setl_id": number, "why": why,
         "at": datetime(2030, 5, int(number))}
        for run, number, why in (
            (sample.RUN, "1", "member_at_place"), (sample.RUN, "1", "joint_session"),
            (sample.RUN, "2", "member_at_place"), ("run-before", "3", "member_at_place"),
        )
    ]  # fmt: skip
    file = warnings_file(county)
    file.parent.mkdir()
    pq.write_table(pa.Table.from_pylist(told, schema=WARNINGS), file)
    said = say("ring_page.since", lang, settlements="2", together="1", last="2030-05-02")
    assert [one.value for one in visit(county, lang=lang).info] == [said]


def test_hits_put_beside_a_ring_are_shown_with_question_and_settlements(visit, tmp_path) -> None:
    from casework.ring_hits import attach
    from detectors.motif import motif
    from graph.ask import Answer

    workspace = enrich(sample.build(tmp_path / "county"))
    assert say("ring_page.hits.none", "en") in texts(visit(workspace))
    asked = motif("cards_swiped_together")
    row = [None] * len(asked.columns)
    for name, value in {"setl_ids": [SETTLEMENT, "S9"]}.items():
        row[list(asked.columns).index(name)] = value
    answer = Answer(columns=tuple(asked.columns), rows=(tuple(row),), truncated=False, seconds=0.1)
    ann = Actor(name="ann", role="investigator")
    with open_ledger(workspace, environ={}) as ledger:
        options = {"parameters": {}, "limit": 10, "timeout_seconds": 5.0}
        run_id = _open(ledger, ann, asked, asked=options, alert_id=None, reason={})
        _close(ledger, ann, run_id, asked, outcome="answered", answer=answer, held=(None, None))
        attach(ledger, ann, run_id, 1, sample.POOL)
    services.forget()
    shown = texts(visit(workspace))
    assert say("motif.cards_swiped_together.title", "en") in shown
    assert f"{SETTLEMENT}, S9" in shown
    assert run_id in shown


def test_the_question_of_a_ring_is_shown_whole_and_can_be_copied(visit, whole, bare) -> None:
    page = visit(whole, "query")
    command, cypher = (one.value for one in page.code)
    assert command.startswith("ringfence motifs run cards_swiped_together --param person_ids=P-")
    assert cypher.startswith(":params {")
    assert "MATCH" in cypher
    assert say("ring_page.query.none", "en") in texts(visit(bare, "query"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_beside_the_nearest_honest_group_and_beside_another_ring(visit, whole, lang) -> None:
    page = visit(whole, "compare", lang)
    assert sample.HONEST in page.selectbox(key=f"compare_{sample.POOL}").options[0]
    shown = texts(page)
    assert say("honest.name.family", lang) in page.info[0].value.replace("\\", "")
    assert "0.82" in shown
    assert len(page.get("vega_lite_chart")) == 3
    for person in (*sample.POOL_PEOPLE, *sample.FAMILY):
        assert person not in shown
    page.selectbox(key=f"compare_{sample.POOL}").set_value(sample.STEERED).run()
    assert not page.exception
    assert not page.info


def test_comparing_without_measures_or_partners_says_so(visit, bare, tmp_path) -> None:
    assert say("ring_page.compare.no_measures", "en") in texts(visit(bare, "compare"))
    alone = sample.build(tmp_path / "alone")
    folder = alone.runs / sample.RUN
    rings = pd.read_parquet(folder / "rings.parquet")
    rings[rings["ring_id"] == sample.POOL].to_parquet(folder / "rings.parquet")
    groups = pq.read_table(folder / "not_raised.parquet")
    pq.write_table(groups.slice(0, 0), folder / "not_raised.parquet")
    assert say("ring_page.compare.none", "en") in texts(visit(alone, "compare"))


def test_the_nearest_honest_group_is_the_one_whose_measures_are_nearest(whole, tmp_path) -> None:
    workspace = enrich(sample.build(tmp_path / "county"))
    folder = workspace.runs / sample.RUN
    group = pd.read_parquet(folder / "not_raised.parquet")
    scores = pd.read_parquet(folder / "scores.parquet")
    near = scores[scores["ring_id"] == sample.HONEST].assign(
        ring_id="R-near", stack_order=0.8, fee_level=88.0
    )
    pd.concat([scores, near]).to_parquet(folder / "scores.parquet")
    pd.concat([group, group.assign(ring_id="R-near")]).to_parquet(folder / "not_raised.parquet")
    assert ring_data.nearest_honest(source(workspace), sample.POOL) == "R-near"
    assert ring_data.nearest_honest(source(whole), sample.POOL) == sample.HONEST
    assert ring_data.nearest_honest(source(whole), sample.STEERED) == sample.HONEST


def test_a_record_opens_with_its_lines_in_order_and_nothing_clear(whole, bare) -> None:
    found = ring_data.record(source(whole), SETTLEMENT)
    assert found is not None
    assert found["person"] == sample.pseudonym("P", sample.POOL_PEOPLE[1])
    assert not {"psn_no", "dise_no", "certno"} & set(found)
    assert sample.POOL_PEOPLE[1] not in map(str, found.values())
    lines = ring_data.lines(source(whole), SETTLEMENT)
    assert lines is not None
    assert lines["line"].tolist() == ["1", "2", "10"]
    assert ring_data.lines(source(bare), SETTLEMENT) is None
    assert ring_data.record(source(whole), "S-nobody") is None


def swipes(*rows: tuple[str, str | None, str | None, str | None]) -> pd.DataFrame:
    """Return settlements of a ring from why, device, clerk and doctor."""
    frame = pd.DataFrame(rows, columns=["why", "device", "clerk", "doctor"])
    return frame.assign(setl_id=[f"S{n}" for n in range(len(rows))])


SWIPES = swipes(
    ("joint_session", "D2", "C1", "A"),
    ("joint_session", "D2", "C2", "B"),
    ("joint_session", "D1", "C2", "A"),
    ("same_places", "D1", "C2", "B"),
    ("same_places", "D1", None, "B"),
    (None, "D1", "C2", "B"),
)


@pytest.mark.parametrize(
    ("measure", "which", "found"),
    [
        ("prior", "none", []),
        ("repeat_sessions", "together", [0, 1, 2]),
        ("session_gap", "together", [0, 1, 2]),
        ("one_terminal", "terminal", [0, 1]),
        ("refund_one_clerk", "clerk", [1, 2]),
        ("doctor_focus", "doctor", [0, 2]),
        ("households", "people", [0, 1, 2, 3, 4]),
        ("honest_family", "explained", [0, 1, 2, 3, 4]),
        ("sum", "explained", [0, 1, 2, 3, 4]),
    ],
)
def test_a_row_of_evidence_has_the_settlements_it_speaks_of(measure, which, found) -> None:
    rows, told = claims_of(measure, SWIPES)
    assert told == which
    assert rows["setl_id"].tolist() == [f"S{n}" for n in found]


def test_evidence_without_joint_sessions_speaks_of_all_that_counts() -> None:
    alone = swipes(("same_parties", None, "C1", None), ("same_parties", None, "C1", None))
    rows, told = claims_of("repeat_sessions", alone)
    assert (told, len(rows)) == ("together", 2)
    rows, told = claims_of("one_terminal", alone)
    assert (told, len(rows)) == ("together", 2), "no terminal is known"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_bar_shows_its_settlements_and_one_of_them_opens(visit, whole, lang) -> None:
    page = visit(whole, "evidence", lang)
    before = len(page.dataframe)
    assert page.button(key="waterfall_show").disabled
    choose(page, "sessions")
    rows, _ = data.raster(source(whole), sample.POOL)
    own, which = claims_of("sessions", rows)
    assert len(page.dataframe) == before + 1
    shown = next(one.value for one in page.dataframe if "setl_id" in one.value)
    assert shown["setl_id"].tolist() == own.sort_values(["settled_at", "setl_id"])[
        "setl_id"].tolist()  # fmt: skip
    count, fund = f"{len(own):,}", f"{own['fund'].sum():,.0f}"
    assert say(f"explorer.claims.{which}", lang, count=count, fund=fund) in [
        one.value for one in page.markdown
    ]
    choose(page, "prior")
    assert say("explorer.claims.none", lang) in [one.value for one in page.markdown]
    assert len(page.dataframe) == before


def choose(page: AppTest, measure: str) -> None:
    page.selectbox(key="waterfall_bar").set_value(measure).run()
    page.button(key="waterfall_show").click().run()
    assert not page.exception, page.exception


def test_a_click_is_read_and_nothing_else() -> None:
    told = {"selection": {"bar": [{"measure": "one_clerk"}]}}
    assert waterfall.clicked(told) == "one_clerk"
    for nothing in (None, {}, {"selection": {}}, {"selection": {"bar": []}},
                    {"selection": {"bar": [{}]}}):  # fmt: skip
        assert waterfall.clicked(nothing) is None


def test_every_text_of_the_ring_page_is_used_and_accuses_nobody() -> None:
    folder = SCREENS.parent
    paths = [*(folder / "ring").glob("*.py"), *(folder / "charts").glob("*.py"),
             SCREENS / "ring.py"]  # fmt: skip
    code = "\n".join(path.read_text("utf-8") for path in paths)
    for key in (one for one in catalogue() if one.startswith("ring_page.")):
        area, _, name = key.rpartition(".")
        assert key in code or f'"{area}.' in code or f"{area}.{{" in code or name in code, key
        entry = catalogue()[key]
        assert not re.search("骗保|诈骗|违法|主犯|罪|涉案", entry["zh"]), key
        assert not re.search(r"fraud|guilty|criminal|culprit|offend", entry["en"], re.I), key
