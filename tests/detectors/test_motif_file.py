"""Each check of a motif file has an example that it refuses, and the example is one edit away."""

import hashlib
from pathlib import Path

import pytest

from detectors.motif_file import Param, Subject, read_motif
from ingest.errors import RingfenceError

GOOD = """/*
title    = "Many cards"
question = "Which people hold {min_cards} or more cards?"
honest   = "A lost card is replaced."
unknown  = "A card without a holder is not counted."
subject  = { label = "Patient", column = "person_id" }
identity = ["person_id"]
sources  = ["a county, 2020"]

[members]
Patient = "person_id"
Card    = "card_ids"

[columns]
person_id = "who holds them"
card_ids  = "the cards"
setl_ids  = "the settlements"

[params.min_cards]
default = 3
least   = 2
unit    = "cards"
meaning = "fewest cards worth a look"

[params.kinds]
default = ["a", "b"]
least   = 1
unit    = "kinds"
meaning = "kinds looked at"
*/
MATCH (person:Patient)
CALL (person) {
  MATCH (person)-[:HOLDS]->(card:Card)-[swipe:SWIPED_AT]->(:Device)  // $not_a_parameter
  WHERE card.kind IN $kinds AND card.card_id <> '$neither'
  RETURN collect(DISTINCT card.card_id) AS card_ids, collect(swipe.setl_id) AS setl_ids
}
WITH person, card_ids, setl_ids
WHERE size(card_ids) >= $min_cards
RETURN person.person_id AS person_id, card_ids, setl_ids
ORDER BY person_id
"""


def written(folder: Path, text: str, name: str = "many_cards") -> Path:
    path = folder / f"{name}.cypher"
    path.write_text(text, "utf-8")
    return path


def test_a_good_file_is_read_whole(tmp_path: Path) -> None:
    motif = read_motif(written(tmp_path, GOOD))
    assert motif.name == "many_cards"
    assert motif.title == "Many cards"
    assert motif.subject == Subject(label="Patient", column="person_id")
    assert motif.identity == ("person_id",)
    assert motif.members == {"Patient": "person_id", "Card": "card_ids"}
    assert list(motif.columns) == ["person_id", "card_ids", "setl_ids"]
    assert motif.params["min_cards"] == Param(
        name="min_cards",
        type="integer",
        default=3,
        least=2,
        unit="cards",
        meaning="fewest cards worth a look",
    )
    assert motif.params["kinds"].default == ("a", "b")
    assert motif.params["kinds"].type == "texts"
    assert motif.text == GOOD
    assert motif.digest == hashlib.sha256(GOOD.encode()).hexdigest()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        # 1. the header
        ("/*\ntitle", "title", "the header is missing"),
        ('"Many cards"', "Many cards", "the header is not TOML"),
        ('title    = "Many cards"\n', "", "header lacks 'title'"),
        ("[members]", "author = 'x'\n[members]", "header has an unknown entry 'author'"),
        ('"Many cards"', '" "', "title must be a text that is not empty"),
        ('"Many cards"', "7", "title must be a text that is not empty"),
        ('["person_id"]', "[]", "identity must be a list with at least one text"),
        ('["person_id"]', '"person_id"', "identity must be a list"),
        ('["a county, 2020"]', '[""]', "sources must be a text that is not empty"),
        ('Patient = "person_id"\nCard    = "card_ids"\n', "", "members must be a table"),
        ('card_ids  = "the cards"', 'card_ids  = ""', "columns.card_ids must be a text"),
        ('label = "Patient", ', "", "subject lacks 'label'"),
        ('unit    = "cards"\n', "", "params.min_cards lacks 'unit'"),
        ('unit    = "cards"', 'unit = "cards"\nmost = 9', "unknown entry 'most'"),
        ('meaning = "kinds looked at"', 'meaning = ""', "params.kinds.meaning must be a text"),
        ("[params.kinds]", "[params]\nx = 1\n[params.kinds]", "params.x must be a table"),
        # 2. parameters
        ("{min_cards} or", "{min_card} or", "question names {min_card}, which [params]"),
        ("is replaced.", "is {why}.", "honest names {why}, which [params]"),
        ("{min_cards} or", "{min_cards or", "question has a stray brace"),
        ("more cards?", "more cards.", "question must end with '?'"),
        (">= $min_cards", ">= $fewest", "query uses $fewest, which [params] does not declare"),
        (">= $min_cards", ">= 3", "params.min_cards is declared but the query does not use it"),
        (">= $min_cards", ">= 3 // $min_cards", "params.min_cards is declared but the query"),
        ("default = 3", "default = 1", "params.min_cards.default is 1, below its least of 2"),
        ('["a", "b"]', "[]", "params.kinds.default is (), below its least of 1"),
        ('["a", "b"]', "[1]", "params.kinds.default must be a number, a text or a list"),
        ("default = 3", "default = true", "params.min_cards.default must be a number"),
        ("least   = 2", 'least = "2"', "params.min_cards.least must be a number"),
        # 3. columns and labels
        ('column = "person_id" }', 'column = "who" }', "subject.column points at 'who'"),
        ('identity = ["person_id"]', 'identity = ["who"]', "identity[0] points at 'who'"),
        ('Card    = "card_ids"', 'Card = "cards"', "members.Card points at 'cards'"),
        ('label = "Patient"', 'label = "Person"', "subject.label names 'Person'"),
        ('Card    = "card_ids"', 'Karte = "card_ids"', "members.Karte names 'Karte'"),
        ('setl_ids  = "the settlements"\n', "", "columns lacks 'setl_ids'"),
        # 4. what the query says
        ("ORDER BY", "SET person.seen = 1 ORDER BY", "query line 11 of the query: SET"),
        ("MATCH (person:Patient)\n", "CALL db.labels() YIELD label\n", "no procedure"),
        ("Many cards", "Many \\\\u0063ards", "query holds a \\u escape"),
    ],
)
def test_a_file_that_is_one_edit_away_is_refused(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    assert GOOD.count(old) >= 1
    path = written(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(RingfenceError) as refused:
        read_motif(path)
    assert str(refused.value).startswith("many_cards.cypher: ")
    assert says in str(refused.value)


def test_a_name_that_is_no_word_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RingfenceError, match="lower case letters"):
        read_motif(written(tmp_path, GOOD, "Many-Cards"))


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "many_cards.cypher"
    path.write_bytes(GOOD.replace("Many cards", "多卡").encode("gb18030"))
    with pytest.raises(RingfenceError, match=r"many_cards\.cypher: the file is not UTF-8"):
        read_motif(path)
