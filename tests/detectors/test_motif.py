"""The library as a whole: words in both languages, and values checked before they are sent."""

import string
from pathlib import Path

import pytest

from detectors.motif import (
    FOLDER,
    Motif,
    from_texts,
    in_words,
    motif,
    motifs,
    values,
)
from graph.schema import relationship
from ingest.errors import RingfenceError
from ingest.texts import catalogue, say

LIBRARY = {found.name: found for found in motifs()}
POOL = LIBRARY["cards_swiped_together"]
each = pytest.mark.parametrize("found", LIBRARY.values(), ids=LIBRARY)


def test_the_folder_is_the_list() -> None:
    assert list(LIBRARY) == sorted(path.stem for path in FOLDER.iterdir())
    assert set(LIBRARY) == {
        "admitted_together",
        "bills_a_minute_apart",
        "box_settled_twice",
        "boxes_pass_from_place_to_place",
        "card_used_in_stay",
        "cards_move_between_pharmacies",
        "cards_swiped_together",
        "charged_back_again",
        "claims_through_one_hand",
        "customers_of_the_edge_hours",
        "doctor_at_two_places",
        "doctor_sends_to_pharmacy",
        "far_credentials_one_place",
        "foreign_cards_one_terminal",
        "invoice_paid_twice",
        "invoice_series_one_agent",
        "met_by_known_people",
        "one_account_one_reviewer",
        "one_agent_many_claimants",
        "one_drug_many_places",
        "one_operator_two_terminals",
        "one_phone_many_insured",
        "owners_circle",
        "patients_inside_one_ring",
        "payee_shared_by_strangers",
        "people_between_two_rings",
        "people_under_one_number",
        "pharmacy_lives_on_pairs",
        "registrar_is_reviewer",
        "remote_manual_claims",
        "reviewer_passed_kin_claim",
        "same_basket_one_session",
        "same_cards_return",
        "same_interval_one_place",
        "settled_after_death",
        "shortest_tie_to_payee",
        "staff_two_steps_from_payee",
        "swipe_refund_swipe",
        "too_far_too_soon",
    }


def words(found: Motif) -> dict[str, str]:
    """Every English text of a motif file by its key in the catalogue."""
    prose = {field: getattr(found, field) for field in ("title", "question", "honest", "unknown")}
    columns = {f"column.{name}": meaning for name, meaning in found.columns.items()}
    params = {f"param.{name}": param.meaning for name, param in found.params.items()}
    return {f"motif.{found.name}.{key}": text for key, text in (prose | columns | params).items()}


@each
def test_the_catalogue_repeats_the_english_of_the_file(found: Motif) -> None:
    for key, english in words(found).items():
        assert catalogue()[key]["en"] == english, key


@each
def test_the_chinese_has_the_same_placeholders_and_is_chinese(found: Motif) -> None:
    for key, english in words(found).items():
        chinese = catalogue()[key]["zh"]
        assert placeholders(chinese) == placeholders(english), key
        assert any("\u4e00" <= sign <= "\u9fff" for sign in chinese), key


def test_the_catalogue_names_no_motif_column_or_parameter_that_is_gone() -> None:
    wanted = {key for found in LIBRARY.values() for key in words(found)}
    assert {key for key in catalogue() if key.startswith("motif.")} == wanted


@each
def test_every_unit_has_a_chinese_word(found: Motif) -> None:
    for param in found.params.values():
        assert say(f"motif_unit.{param.unit}", "en") == param.unit
        assert say(f"motif_unit.{param.unit}", "zh")


@each
def test_the_question_is_said_with_the_values_in_use(found: Motif) -> None:
    for language in ("en", "zh"):
        for field in ("title", "question", "honest", "unknown"):
            text = in_words(found, field, language=language)
            assert "{" not in text
    name = next(name for name in found.params if f"{{{name}}}" in found.question)
    for language in ("en", "zh"):
        assert " 4711 " in in_words(found, "question", language=language, parameters={name: 4711})


def test_the_given_example_is_read_as_written() -> None:
    found = motif("one_account_one_reviewer")
    assert found.params["min_patients"].default == 3
    assert found.identity == ("account", "staff_id")
    assert list(found.members) == ["Account", "Staff", "Patient"]
    assert list(found.columns)[-1] == "setl_ids"


def test_a_motif_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(RingfenceError, match="no motif 'nope'; there are admitted_together, "):
        motif("nope")
    with pytest.raises(RingfenceError, match="no motif"):
        motif("../motifs/box_settled_twice")


def test_values_are_defaults_unless_given() -> None:
    assert values(POOL, {}) == {name: param.default for name, param in POOL.params.items()}
    given = values(POOL, {"person_ids": ["P-1", "P-2"], "min_days": 7})
    assert given["person_ids"] == ("P-1", "P-2")
    assert given["min_days"] == 7
    assert given["window_seconds"] == 600


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"min_day": 3}, "takes no parameter 'min_day'; it takes person_ids, "),
        ({"min_days": 0}, "parameter min_days is 0; the least is 1 \\(days\\)"),
        ({"min_days": "3"}, "parameter min_days is '3'; give a whole number"),
        ({"min_days": True}, "parameter min_days is True; give a whole number"),
        ({"min_days": 3.0}, "parameter min_days is 3.0; give a whole number"),
        ({"min_days": None}, "parameter min_days is None"),
        ({"min_days": 2**63}, "give a whole number"),
        ({"device_id": 7}, "parameter device_id is 7; give a text"),
        ({"person_ids": "P-1"}, "parameter person_ids is 'P-1'; give a list of texts"),
        ({"person_ids": ["P-1", 2]}, "give a list of texts"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(given: dict[str, object], says: str) -> None:
    with pytest.raises(RingfenceError, match=says):
        values(POOL, given)


def test_values_are_read_from_what_is_typed() -> None:
    typed = from_texts(POOL, {"person_ids": "P-1, P-2,", "min_days": "5", "device_id": "D-1"})
    assert typed["person_ids"] == ("P-1", "P-2")
    assert typed["min_days"] == 5
    assert typed["device_id"] == "D-1"
    with pytest.raises(RingfenceError, match="parameter min_days is 'five'; give a whole number"):
        from_texts(POOL, {"min_days": "five"})
    with pytest.raises(RingfenceError, match="takes no parameter 'x'"):
        from_texts(POOL, {"x": "1"})


@each
def test_every_relationship_is_in_the_schema(found: Motif) -> None:
    query = found.text.partition("*/")[2]
    types = {part.split("]")[0] for part in query.split("[")[1:] if ":" in part.split("]")[0]}
    for text in types:
        for name in text.split(":")[1].split("*")[0].split("|"):
            assert relationship(name)


@each
def test_the_documentation_names_the_motif(found: Motif) -> None:
    page = (Path(__file__).parents[2] / "docs" / "motifs.md").read_text("utf-8")
    assert f"`{found.name}`" in page


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
