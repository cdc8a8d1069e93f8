"""Whom and what a tip is about: typed as keys of the import, a kind at a time."""

from collections.abc import Sequence

import streamlit as st

from app.explorer.console.form import as_list
from app.explorer.words import name_of
from casework.tips_holding import Entity
from ingest.texts import Language, say

KINDS = ("place", "person", "device", "staff")
"""What people tell of: places, persons, terminals, staff."""


def fields(prefix: str, lang: Language, *, across: int = len(KINDS)) -> list[Entity]:
    """Draw a field for each kind, so many side by side, and return what stands in them.

    Each takes several keys, however they are parted.
    """
    st.caption(say("desk.entities_hint", lang))
    found: list[Entity] = []
    places = st.columns(across)
    for number, kind in enumerate(KINDS):
        typed = places[number % across].text_input(
            name_of("explorer.entity", kind, lang), key=f"{prefix}_{kind}", max_chars=2000
        )
        found += [(kind, key) for key in as_list(typed)]
    return found


def keys(prefix: str) -> Sequence[str]:
    """Return the keys of the fields, to be forgotten once they were sent."""
    return [f"{prefix}_{kind}" for kind in KINDS]
