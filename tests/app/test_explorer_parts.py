"""The parts the explorer's pages are made of: pictures, words, queries, start-up, catalogue."""

import ast
import math
import random
import re
import string
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.explorer import data, words
from app.explorer.charts import network, raster, waterfall
from app.explorer.launch import LANGUAGE, WORKSPACE, command
from ingest.texts import catalogue, say
from tests.app import sample

EXPLORER = Path(__file__).parents[2] / "app" / "explorer"
SOURCES = sorted(EXPLORER.rglob("*.py"))
OURS = ("explorer.", "console.", "home.", "sign_in.")
FACTORS = st.lists(st.floats(-12, 12), min_size=1, max_size=12)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> data.Source:
    found = data.find(str(sample.build(tmp_path_factory.mktemp("parts") / "county").root))
    assert isinstance(found, data.Source)
    return found


def rows(factors: list[float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "measure": ["prior", *(f"m{n}" for n in range(1, len(factors)))],
            "observed": 1.0,
            "expected": 2.0,
            "log2_bayes_factor": factors,
            "sentence_zh": [f"第 {n} 行" for n in range(len(factors))],
            "sentence_en": [f"row {n}" for n in range(len(factors))],
        }
    )


@settings(deadline=None, max_examples=50)
@given(FACTORS)
def test_waterfall_bars_join_up_and_end_at_the_probability(factors: list[float]) -> None:
    evidence = rows(factors)
    bars = waterfall.steps(evidence, "en")
    assert bars["side"].iloc[0] == "prior"
    ups = bars.iloc[:-1]
    gaps = ups["begin"].iloc[1:].to_numpy() - ups["end"].iloc[:-1].to_numpy()
    assert all(abs(gap) <= waterfall.SILENT * len(factors) for gap in gaps)
    assert bars["end"].iloc[-1] == pytest.approx(sum(factors), abs=1e-9)
    stored = 1 / (1 + math.pow(2, -sum(factors)))
    assert waterfall.probability(evidence) == pytest.approx(stored)
    assert waterfall.adds_up(evidence, round(stored, 6))
    assert not waterfall.adds_up(evidence, stored - 0.001 if stored > 0.5 else stored + 0.001)


def test_waterfall_leaves_out_what_adds_nothing_but_never_the_prior() -> None:
    bars = waterfall.steps(rows([0.0, 3.0, 0.0, -1.0]), "en")
    assert bars["side"].tolist() == ["prior", "for", "against", "sum"]


def test_waterfall_without_evidence_does_not_add_up() -> None:
    assert not waterfall.adds_up(rows([1.0]).head(0), 0.5)


def test_raster_orders_cards_by_first_joint_session_then_by_first_settlement() -> None:
    at = pd.to_datetime([f"2025-01-0{day} 09:30" for day in (1, 5, 2, 3, 4)])
    frame = pd.DataFrame(
        {
            "settled_at": at,
            "card_id": ["C-late", "C-late", "C-alone", "C-early", "C-same"],
            "card_kind": "social_security",
            "person": ["P-1", "P-1", "P-2", "P-3", "P-4"],
            "place": "S1",
            "why": [None, "joint_session", None, "joint_session", "same_places"],
        }
    )
    drawn = raster.lines(frame, "en")
    order = drawn.drop_duplicates("line").sort_values("line")["card_id"].tolist()
    assert order == ["C-early", "C-late", "C-alone", "C-same"]
    assert drawn["state"].tolist() == [
        "alone",
        "joint_session",
        "alone",
        "joint_session",
        "counted",
    ]
    assert drawn["hour"].iloc[0] == 9.5


def test_raster_tells_two_cards_of_one_person_apart() -> None:
    frame = pd.DataFrame(
        {
            "settled_at": pd.to_datetime(["2025-01-01"] * 3),
            "card_id": ["C-1", "C-2", "C-3"],
            "card_kind": ["social_security", "e_credential", "e_credential"],
            "person": ["P-1"] * 3,
            "place": "S1",
            "why": [None] * 3,
        }
    )
    assert raster.lines(frame, "en")["card_name"].nunique() == 3


def test_raster_holds_every_settlement_of_the_members(source: data.Source) -> None:
    frame, total = data.raster(source, sample.POOL)
    assert total == len(frame) == len(sample.pool_sessions()) + 4 * len(sample.POOL_PEOPLE)
    assert frame["why"].isna().sum() == 4 * len(sample.POOL_PEOPLE)


def test_raster_is_cut_to_its_limit_counted_settlements_first(source, monkeypatch) -> None:
    monkeypatch.setattr(data, "RASTER_LIMIT", 40)
    data.raster.clear()
    frame, total = data.raster(source, sample.POOL)
    data.raster.clear()
    assert len(frame) == 40 < total
    assert frame["why"].notna().all()


def test_settlement_pages_cover_each_settlement_once(source: data.Source) -> None:
    seen: list[str] = []
    for page in range(1, 10):
        frame, _ = data.settlements(source, sample.POOL, others=False, page=page, size=20)
        seen += frame["setl_id"].tolist()
    assert len(seen) == len(set(seen)) == len(sample.pool_sessions())


def test_pictures_do_not_depend_on_the_order_of_edges(source: data.Source) -> None:
    ties = data.ties(source, sample.POOL)
    state = random.getstate()
    one = network.picture(ties)
    other = network.picture(ties.sample(frac=1, random_state=3).reset_index(drop=True))
    pd.testing.assert_frame_equal(one.nodes, other.nodes)
    assert random.getstate() == state, "the layout's seed stays its own"
    assert set(one.nodes["type"]) == {"Patient", "Device", "Pharmacy"}
    assert (one.edges["tie"] == "swiped_with").sum() == len(sample.POOL_PEOPLE) - 1
    assert not one.left_out


def test_doctors_who_are_members_are_tied_to_their_patients(source: data.Source) -> None:
    ties = data.ties(source, sample.STEERED)
    assert set(ties.loc[ties["tie"] == "prescribed_for", "right"]) == {sample.DOCTOR}


def test_large_pictures_keep_the_busiest_and_say_how_many_are_left_out() -> None:
    ties = pd.DataFrame(
        {
            "left": [f"P-{n}" for n in range(400)],
            "left_type": "Patient",
            "right": "T-1",
            "right_type": "Device",
            "tie": "swiped_at",
            "times": range(400),
        }
    )
    drawn = network.picture(ties)
    assert len(drawn.nodes) == network.LIMIT
    assert drawn.left_out == 101
    assert "P-399" in set(drawn.nodes["id"])
    assert "P-0" not in set(drawn.nodes["id"])


@settings(deadline=None, max_examples=50)
@given(st.lists(st.text(string.hexdigits.lower()[:16], min_size=16, max_size=16), max_size=30))
def test_short_pseudonyms_stay_apart(codes: list[str]) -> None:
    every = {f"P-{code}" for code in codes}
    short = words.shortened(every)
    assert len(set(short.values())) == len(every)
    assert all(whole.startswith(name) for whole, name in short.items())


@settings(deadline=None, max_examples=50)
@given(st.text("团伙线索，。abc de", max_size=120), st.integers(8, 40))
def test_wrapping_loses_no_word_and_keeps_to_the_width(text: str, width: int) -> None:
    broken = words.wrapped(text, width)
    assert re.sub(r"\s", "", broken) == re.sub(r"\s", "", text)
    columns = [
        sum(2 if ord(sign) >= 0x2E80 else 1 for sign in line.rstrip("，。"))
        for line in broken.split("\n")
    ]
    longest = max((len(word) for word in re.findall("[a-z]+", text)), default=0)
    assert max(columns) <= max(width, longest) + 2


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [(26400.0, "2.64 万元", "¥26,400"), (999.4, "999 元", "¥999"), (float("nan"), "–", "–")],
)
def test_money_reads_as_each_language_writes_it(value: float, zh: str, en: str) -> None:
    assert (words.money(value, "zh"), words.money(value, "en")) == (zh, en)


def test_markup_in_data_is_shown_and_not_obeyed() -> None:
    assert words.plain("[x](http://a) **b** :red[c] <i>") == (
        r"\[x\]\(http\://a\) \*\*b\*\* \:red\[c\] \<i\>"
    )


def test_start_up_shuts_what_could_leak(tmp_path: Path) -> None:
    arguments, environment = command(tmp_path, 9000, True, language="en")
    given_ = dict(zip(arguments[3::2], arguments[4::2], strict=True))
    assert given_["--server.address"] == "127.0.0.1"
    assert given_["--server.port"] == "9000"
    assert given_["--server.headless"] == "true"
    assert given_["--client.showErrorDetails"] == "none"
    assert given_["--client.disableDataExport"] == "true"
    assert given_["--browser.gatherUsageStats"] == "false"
    assert environment[WORKSPACE] == str(tmp_path)
    assert environment[LANGUAGE] == "en"
    assert str(tmp_path) not in " ".join(arguments)


def test_no_file_is_named_like_a_package() -> None:
    """Streamlit puts the script's folder first on the path."""
    names = {path.stem if path.is_file() else path.name for path in EXPLORER.iterdir()}
    names -= {"__init__", "__pycache__", "__main__"}
    ours = {"ingest", "graph", "detectors", "casework", "app"}
    assert not names & (set(sys.stdlib_module_names) | set(packages_distributions()) | ours)


def test_every_text_is_used_and_every_text_used_is_there() -> None:
    nodes = [node for path in SOURCES for node in ast.walk(ast.parse(path.read_text("utf-8")))]
    starts = {
        node.values[0].value
        for node in nodes
        if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant)
    }
    whole = {
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    } - starts
    keys = {key for key in catalogue() if key.startswith(OURS)}
    ours = r"(explorer|console|home|sign_in)(\.\w+)+"
    asked = {one for one in whole if re.fullmatch(ours, one)}
    assert not {one for one in asked - keys if not any(key.startswith(f"{one}.") for key in keys)}
    closed = (
        "verdict", "role", "entity", "reason", "why", "med_class", "card_kind", "why_not",
        "setting",
    )  # fmt: skip
    built = (*(f"explorer.{area}." for area in closed), *(s for s in starts if len(s) > 9))
    unused = {key for key in keys if key not in whole and not key.startswith(built)}
    assert not unused


def test_texts_name_leads_and_accuse_nobody() -> None:
    for key, entry in catalogue().items():
        if key.startswith(OURS):
            assert not re.search("骗保|诈骗|违法|主犯|罪|涉案", entry["zh"]), key
            assert not re.search(r"fraud|guilty|criminal|culprit|offend", entry["en"], re.I), key
            fields = [
                {name for _, name, _, _ in string.Formatter().parse(text) if name}
                for text in entry.values()
            ]
            assert fields[0] == fields[1], key
    title = say("explorer.ring.title", "zh", kind="集中持卡刷卡")
    assert re.fullmatch("疑似.+线索（待核查）", title)


def test_the_pages_say_nothing_that_is_not_in_the_catalogue() -> None:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                chinese = re.findall("[\u4e00-\u9fff]+", node.value)
                assert set(chinese) <= {"语言", "中文", "万元", "元"}, (path.name, node.value)
