"""The form of a motif, drawn from the ``[params.*]`` of its header."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import streamlit as st

from detectors.motif import Motif, Param, Value
from ingest.texts import Language, catalogue, say

DAYS = "days since 1970-01-01"
SWITCH = "0 or 1"
START = date(1970, 1, 1)
LIST_SEPARATORS = str.maketrans({sign: "," for sign in "，、；;\n\t "})


def form(motif: Motif, lang: Language, *, start: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Draw a widget for every parameter and return what stands in them.

    The type of the default picks the widget, ``least`` bounds it, the meaning is its name and the
    unit stands behind it. ``start`` holds values to begin with instead of the defaults, such as
    those of an earlier run. Nothing is checked here: :func:`detectors.motif.values` does.
    """
    begun = dict(start or {})
    left, right = st.columns(2, gap="medium")
    return {
        name: _widget(motif, param, begun.get(name, param.default), lang, left if even else right)
        for even, (name, param) in _alternating(motif)
    }


def forget(motif: Motif) -> None:
    """Let the next form of a motif begin anew."""
    for name in motif.params:
        st.session_state.pop(key_of(motif, name), None)


def key_of(motif: Motif, name: str) -> str:
    """Return the key of a parameter's widget."""
    return f"param_{motif.name}_{name}"


def meaning(motif: Motif, param: Param, lang: Language) -> str:
    """Return what a parameter means, in the language if the catalogue has the file's words."""
    return worded(f"motif.{motif.name}.param.{param.name}", param.meaning, lang)


def unit(param: Param, lang: Language) -> str:
    """Return a parameter's unit in the language, or as the file says it."""
    return worded(f"motif_unit.{param.unit}", param.unit, lang)


def worded(key: str, english: str, lang: Language) -> str:
    """Return a catalogue's text where it speaks of these very words, else the words themselves."""
    known = catalogue().get(key, {"en": None})["en"] == english
    return catalogue()[key][lang] if known else english


def as_list(text: str) -> list[str]:
    """Return the parts of a list as people type or paste one, without repetitions.

    Examples
    --------
    >>> as_list("P-1，P-2; P-1 P-3")
    ['P-1', 'P-2', 'P-3']
    """
    return list(dict.fromkeys(part for part in text.translate(LIST_SEPARATORS).split(",") if part))


def as_day(number: int) -> date | None:
    """Return a day given as a number; None where it lies outside what anyone would choose.

    Examples
    --------
    >>> as_day(20089), as_day(0), as_day(99999)
    (datetime.date(2025, 1, 1), None, None)
    """
    return START + timedelta(days=number) if 0 < number < 99_999 else None


def _alternating(motif: Motif) -> list[tuple[bool, tuple[str, Param]]]:
    return [(place % 2 == 0, pair) for place, pair in enumerate(motif.params.items())]


def _widget(motif: Motif, param: Param, value: Value, lang: Language, place: Any) -> Any:
    key = key_of(motif, param.name)
    label = meaning(motif, param, lang)
    if param.unit not in (SWITCH, DAYS):
        label = say("console.form.label", lang, meaning=label, unit=unit(param, lang))
    shown = param.default if not isinstance(param.default, tuple) else ", ".join(param.default)
    tip = say(
        "console.form.help", lang, name=param.name, default=shown if shown != "" else "–",
        least=param.least,
    )  # fmt: skip
    told: dict[str, Any] = {"key": key, "help": tip}
    if param.type == "integer" and param.unit == SWITCH:
        return int(place.toggle(label, value=bool(value), **told))
    if param.type == "integer" and param.unit == DAYS:
        chosen = place.date_input(label, value=as_day(int(str(value))), format="YYYY-MM-DD", **told)
        return (chosen - START).days if isinstance(chosen, date) else param.default
    if param.type in ("integer", "number"):
        kind = int if param.type == "integer" else float
        return place.number_input(
            label, min_value=kind(param.least), value=kind(str(value)), step=kind(1), **told
        )
    if param.type == "text":
        return place.text_input(label, value=str(value), **told).strip()
    listed = ", ".join(value) if isinstance(value, tuple | list) else ""
    return as_list(
        place.text_input(
            label, value=listed, placeholder=say("console.form.list_hint", lang), **told
        )
    )
