"""The list of rings: filters, their address, histograms, what is new, and the groups left out."""

import os
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from app.explorer import data
from app.explorer.canvas import services
from app.explorer.launch import WORKSPACE
from app.explorer.lists import columns, filters, histogram, measured
from app.explorer.lists.filters import EMPTY, WHOLE, Beside, Filter
from app.explorer.words import plain
from benchmarks.quality import SETTINGS
from ingest.texts import catalogue, say
from ingest.workspace import point
from tests.app import sample
from tests.app.signed_in import arrive, ran

MAIN = str(Path(__file__).parents[2] / "app" / "explorer" / "main.py")
FOLDER = Path(__file__).parents[2] / "app" / "explorer" / "lists"
RINGS = pd.DataFrame(
    {
        "ring_id": ["R-1", "R-2", "R-3"],
        "kind": ["card_pool", "card_pool", "trace_resale"],
        "probability": [0.99, 0.6, 0.8],
        "loss_mid": [90_000.0, 500.0, 20_000.55],
        "people": [12, 3, 40],
        "first_seen": pd.to_datetime(["2025-01-05", "2025-03-01", "2025-02-10"]),
    }
)
BESIDE = Beside(
    of_person=frozenset({"R-2"}),
    at_places={"P1": frozenset({"R-1", "R-3"}), "P2": frozenset({"R-3"})},
    new=frozenset({"R-3"}),
)
KINDS = ("card_pool", "trace_resale")
ENDS = st.one_of(st.just(float("inf")), st.integers(0, 100_000).map(lambda n: n / 100))
RANGES = st.tuples(ENDS.map(lambda end: -end if end == float("inf") else end), ENDS)
FILTERS = st.builds(
    Filter,
    kinds=st.lists(st.sampled_from(KINDS), unique=True).map(tuple),
    probability=RANGES,
    loss=RANGES,
    people=RANGES,
    since=st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    until=st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    places=st.lists(st.sampled_from(["P1", "P2"]), unique=True).map(tuple),
    new=st.booleans(),
    person=st.sampled_from(["", "P-7f3a91"]),
)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> data.Source:
    found = data.find(str(sample.build(tmp_path_factory.mktemp("lists") / "county").root))
    assert isinstance(found, data.Source)
    return found


@pytest.mark.parametrize(
    ("by", "left"),
    [
        (EMPTY, ["R-1", "R-2", "R-3"]),
        (Filter(kinds=("card_pool",)), ["R-1", "R-2"]),
        (Filter(probability=(0.8, WHOLE[1])), ["R-1", "R-3"]),
        (Filter(loss=(WHOLE[0], 20_000.55)), ["R-2", "R-3"]),
        (Filter(people=(12, 40)), ["R-1", "R-3"]),
        (Filter(since=date(2025, 2, 10), until=date(2025, 3, 1)), ["R-2", "R-3"]),
        (Filter(places=("P2",)), ["R-3"]),
        (Filter(places=("P1", "P2")), ["R-1", "R-3"]),
        (Filter(new=True), ["R-3"]),
        (Filter(person="P-7f3a91"), ["R-2"]),
        (Filter(kinds=("card_pool",), new=True), []),
    ],
)
def test_each_condition_keeps_what_it_says_ends_included(by: Filter, left: list[str]) -> None:
    assert filters.narrowed(RINGS, by, BESIDE)["ring_id"].tolist() == left


@settings(deadline=None, max_examples=80)
@given(FILTERS)
def test_an_address_reproduces_its_filter(by: Filter) -> None:
    assert filters.from_query(filters.to_query(by), KINDS) == by
    assert set(filters.to_query(by)) <= set(filters.NAMES)
    assert bool(filters.to_query(by)) == bool(filters.active(by))


@settings(deadline=None, max_examples=60)
@given(FILTERS)
def test_what_excludes_everything_is_named_and_what_would_help_too(by: Filter) -> None:
    left = set(filters.narrowed(RINGS, by, BESIDE)["ring_id"])
    for name in filters.active(by):
        alone = filters.narrowed(RINGS, Filter(**{name: getattr(by, name)}), BESIDE)
        assert left <= set(alone["ring_id"])
        assert (name in filters.emptying(RINGS, by, BESIDE)) == alone.empty
    for count in filters.loosening(RINGS, by, BESIDE).values():
        assert count >= max(1, len(left))


@pytest.mark.parametrize(
    "query", [{"p": "x~y"}, {"since": "yesterday"}, {"kind": "nonsense"}, {"loss": "5"}]
)
def test_an_address_that_cannot_be_read_leaves_everything_in(query: dict[str, str]) -> None:
    assert filters.from_query(query, KINDS) == EMPTY


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60), st.sampled_from([1.0, 5.0, 1000.0]))
def test_a_histogram_counts_every_ring_once(values: list[float], step: float) -> None:
    low, high = histogram.ends(values, step=step)
    assert low <= min(values)
    assert max(values) <= high
    assert low < high
    table = histogram.bins(pd.Series(values), low, high, chosen=WHOLE)
    assert table["rings"].sum() == len(values)
    assert len(table) == histogram.BINS
    assert table["chosen"].all()


def test_a_histogram_shows_which_bins_are_chosen() -> None:
    table = histogram.bins(pd.Series([0.0, 100.0]), 0, 100, chosen=(50, 60))
    assert table.loc[table["chosen"], "begin"].tolist() == [50.0, 55.0, 60.0]


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    root = sample.build(tmp_path / "county").root
    monkeypatch.setenv(WORKSPACE, str(root))
    monkeypatch.setenv(services.USER, "ann")
    services.forget()

    def open_(**query: str) -> AppTest:
        return arrive("rings", query=query)

    yield open_
    services.forget()


def press(page: AppTest, key: str, **values: object) -> AppTest:
    label = say(key, "en", **values)
    next(one for one in page.button if one.label == label).click()
    return ran(page)


def named(page: AppTest) -> list[str]:
    return [one.label for one in page.button if str(one.key).startswith("filter_open_")]


def test_a_filter_is_kept_by_name_opened_again_renamed_and_removed(visit) -> None:
    page = visit(kind="doctor_pharmacy", p="0.5~")
    page.text_input(key="filter_name").set_value("steered")
    page = press(page, "lists.kept.save")
    assert [one.value for one in page.toast] == [
        plain(say("lists.kept.saved", "en", name="steered"))
    ]
    assert named(page) == ["steered"]

    page = visit()
    assert len(page.dataframe[0].value) == 2
    assert named(page) == ["steered"]
    next(one for one in page.button if one.label == "steered").click()
    ran(page)
    assert page.query_params["kind"] == "doctor_pharmacy"
    assert page.dataframe[0].value["ring_id"].tolist() == [sample.STEERED]
    assert page.multiselect(key="kinds").value == ["doctor_pharmacy"]

    page.text_input(key="filter_new_name").set_value("sent to one pharmacy")
    page = press(page, "lists.kept.rename")
    assert named(page) == ["sent to one pharmacy"]
    assert page.dataframe[0].value["ring_id"].tolist() == [sample.STEERED]
    page = press(page, "lists.kept.remove")
    assert named(page) == []
    assert say("lists.kept.none", "en") in [one.value for one in page.caption]


def test_a_name_that_cannot_be_used_is_refused_beside_the_form(visit) -> None:
    page = visit(kind="doctor_pharmacy")
    page.text_input(key="filter_name").set_value("   ")
    page = press(page, "lists.kept.save")
    assert "expected 1 to 60 printable characters" in page.error[0].value.replace("\\", "")
    assert page.text_input(key="filter_name").value == "   "
    assert named(page) == []


def test_every_text_of_the_lists_is_used() -> None:
    code = "".join(path.read_text("utf-8") for path in FOLDER.glob("*.py"))
    assert not [key for key in catalogue() if key.startswith("lists.") and key not in code]


def test_no_probability_reads_as_certainty() -> None:
    assert columns.unsure(pd.Series([1.0, 0.999999, 0.97, 0.0])).tolist() == [
        0.9999,
        0.9999,
        0.97,
        0,
    ]


def test_a_second_run_tells_what_came_and_went(tmp_path: Path) -> None:
    workspace = sample.build(tmp_path / "county")
    one = data.find(str(workspace.root))
    assert isinstance(one, data.Source)
    assert data.since_last(one) is None, "there is no earlier run"
    before, now = workspace.runs / sample.RUN, workspace.runs / "run-2"
    now.mkdir()
    for path in before.glob("*"):
        (now / path.name).write_bytes(path.read_bytes())
    rings = pd.read_parquet(now / "rings.parquet")
    rings.loc[rings["ring_id"] == sample.STEERED, "ring_id"] = "R-other"
    rings.to_parquet(now / "rings.parquet")
    os.utime(before / "rings.parquet", ns=(1, 1))
    point(workspace.runs / "latest", "run-2")
    two = data.find(str(workspace.root))
    assert isinstance(two, data.Source)
    since = data.since_last(two)
    assert since is not None
    assert since.run == sample.RUN
    assert (since.new, since.vanished) == ({"R-other"}, {sample.STEERED})


def test_rings_are_found_by_the_place_they_are_at(source: data.Source) -> None:
    at = data.rings_at(source)
    members = pd.read_parquet(source.workspace.runs / sample.RUN / "ring_members.parquet")
    places = members[members["entity_type"] == "place"]
    assert {(place, ring) for place, rings in at.items() for ring in rings} == set(
        zip(places["entity_id"], places["ring_id"], strict=True)
    )


def test_a_group_is_told_with_its_people_by_pseudonym(source: data.Source) -> None:
    told = data.group(source, sample.HONEST)
    assert told is not None
    facts, people = told
    assert facts["reason"] == "honest"
    assert people == sorted(sample.pseudonym("P", one) for one in sample.FAMILY)
    assert data.group(source, "R-nobody") is None


def test_measured_figures_are_sums_and_shares_of_sums() -> None:
    rows = pd.DataFrame(
        {
            "setting": ["a", "a", "null"],
            "seed": [1, 2, 3],
            "planted": [10, 30, 0],
            "raised": [10, 20, 0],
            "right_0.5": [10, 15, 0],
            "honest_raised": [0, 1, 0],
            "brier": [0.1, 0.3, 0.0],
        }
    )
    told = measured.by_setting(rows).set_index("setting")
    assert told.loc["a", "recall"] == 25 / 40
    assert told.loc["a", "precision"] == 25 / 30
    assert told.loc["a", "counties"] == 2
    assert pd.isna(told.loc["null", "recall"]), "a share of nothing is missing, not nought"


def test_every_setting_that_is_measured_is_named_in_both_languages() -> None:
    assert {f"explorer.setting.{one.name}" for one in SETTINGS} <= set(catalogue())


def test_reliability_leaves_out_tenths_with_few_candidates() -> None:
    rows = pd.DataFrame({"probability": [0.95] * 8 + [0.35] * 2, "ring": [1] * 6 + [0] * 4})
    told = measured.reliability(rows)
    assert told["candidates"].tolist() == [8]
    assert told["found"].tolist() == [0.75]
