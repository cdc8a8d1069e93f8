"""Find nodes by identifier: what somebody holds in hand, whole or from its beginning."""

import re

from app.explorer.canvas.asking import Asked, shown
from app.explorer.canvas.neighbours import all_of
from graph import schema

FOUND = 50
"""Nodes that a search puts on the canvas at most."""
SHORTEST = 4
"""Signs that a beginning must have, so that a search is not a list of everybody."""

PSEUDONYMS = {
    "P": "Patient", "C": "Card", "B": "Account", "T": "Phone", "L": "Address", "E": "Employer",
    "G": "Agent",
}  # fmt: skip
NUMBERED = (
    "Device", "Pharmacy", "Institution", "Doctor", "Staff", "Ring", "ManualClaim", "Stay", "Box",
    "Drug",
)  # fmt: skip


def find(ask: Asked, text: str) -> tuple[tuple[str, ...], bool]:
    """Return the nodes whose identifier is, or begins with, the text; and whether there are more.

    Exact hits are first. A pseudonym is looked for without regard to case, and only where its
    letter belongs. A text shorter than ``SHORTEST`` must be a whole identifier.
    """
    wanted = text.strip()
    if not wanted:
        return (), False
    labels = list(schema_labels(wanted))
    exact = _asked(ask, labels, _spellings(wanted), "=")
    if exact or len(wanted) < SHORTEST:
        return exact[:FOUND], len(exact) > FOUND
    begun = _asked(ask, labels, _spellings(wanted), "STARTS WITH")
    return begun[:FOUND], len(begun) > FOUND


def schema_labels(text: str) -> tuple[str, ...]:
    """Return the labels that an identifier of this shape can belong to."""
    coded = re.fullmatch(r"([A-Za-z])-[0-9a-fA-F]{1,16}", text)
    if coded and coded[1].upper() in PSEUDONYMS:
        label = PSEUDONYMS[coded[1].upper()]
        return (label, "Ring") if coded[1].upper() == "R" else (label,)
    if re.fullmatch(r"[0-9a-fA-F]{6,16}", text):
        return (*NUMBERED, *dict.fromkeys(PSEUDONYMS.values()))
    return NUMBERED


def _spellings(text: str) -> list[str]:
    """Return the text as typed, and as a pseudonym or a number is written."""
    coded = text[:1].upper() + text[1:].lower() if text[1:2] == "-" else text
    bare = [
        f"{letter}-{text.lower()}"
        for letter in PSEUDONYMS
        if re.fullmatch(r"[0-9a-fA-F]{6,16}", text)
    ]
    return list(dict.fromkeys([text, text.upper(), coded, *bare]))


def _asked(ask: Asked, labels: list[str], spellings: list[str], how: str) -> tuple[str, ...]:
    asked = []
    for label in labels:
        key = f"n.{schema.node(label).key}"
        text = (
            f"UNWIND $spellings AS text MATCH (n:{label}) WHERE {key} {how} text "
            f"RETURN DISTINCT {key} AS key ORDER BY key LIMIT {FOUND + 1}"
        )
        asked.append((text, {"spellings": spellings}))
    answers = all_of(ask, asked)
    return shown(
        ask,
        (
            f"{label}:{key}"
            for label, answer in zip(labels, answers, strict=True)
            for (key,) in answer.rows
        ),
    )
