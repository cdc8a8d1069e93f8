"""The form in which the informant desk takes a tip down.

The telling and who told it go to the desk's own store; the unit reads the summary alone.
"""

from dataclasses import fields as fields_of
from typing import get_args

import streamlit as st

from app.explorer.console.form import as_list
from app.explorer.desk import entities, reading
from app.explorer.keeping import common
from app.explorer.words import name_of
from casework.informants import Informant
from casework.ledger import Ledger
from casework.rights import Officer
from casework.tips import register_tip
from casework.tips_holding import Channel
from ingest.texts import Language, say

PREFIX = "tip_new"
KNOWN = tuple(field.name for field in fields_of(Informant))
PLAIN = ("unit", "summary", "telling", "insider", "concerned")


def shown(ledger: Ledger, officer: Officer, lang: Language) -> None:
    """Draw the form; what was typed stays until the tip is registered."""
    with st.form(PREFIX, border=True):
        first, second, third = st.columns(3)
        unit = first.text_input(
            say("desk.field.unit", lang), key=f"{PREFIX}_unit", max_chars=200,
            help=say("desk.field.unit_help", lang),
        )  # fmt: skip
        channel = second.selectbox(
            say("desk.field.channel", lang),
            get_args(Channel),
            format_func=lambda one: name_of("tip_channel", one, lang),
            key=f"{PREFIX}_channel",
        )
        received = third.date_input(
            say("desk.field.received", lang), key=f"{PREFIX}_received", format="YYYY-MM-DD"
        )
        left, right = st.columns(2)
        summary = left.text_area(
            say("desk.field.summary", lang), key=f"{PREFIX}_summary", height=100,
            help=say("desk.field.summary_help", lang),
        )  # fmt: skip
        telling = right.text_area(
            say("desk.field.telling", lang), key=f"{PREFIX}_telling", height=100,
            help=say("desk.field.telling_help", lang),
        )  # fmt: skip
        about = entities.fields(PREFIX, lang)
        known = informant_fields(PREFIX, lang)
        mark, whom = st.columns([1, 2], vertical_alignment="bottom")
        inside = mark.checkbox(say("desk.field.insider", lang), key=f"{PREFIX}_insider")
        concerned = whom.text_input(
            say("desk.field.concerned", lang), key=f"{PREFIX}_concerned", max_chars=2000,
            help=say("desk.field.concerned_help", lang),
        )  # fmt: skip
        sent = st.form_submit_button(say("desk.register", lang), type="primary")
    if not sent:
        return
    made = common.attempt(
        lambda: register_tip(
            ledger, officer, unit=unit, channel=channel, received=received, summary=summary,
            telling=telling, informant=known, entities=about,
            concerned=as_list(concerned) if inside else None,
        ),
        lang,
    )  # fmt: skip
    if made is not None:
        reading.forget()
        reading.open_tip(made.tip_id)
        gone = [f"{PREFIX}_{name}" for name in (*PLAIN, *KNOWN)]
        common.done(say("desk.registered", lang, tip=made.tip_id), [*gone, *entities.keys(PREFIX)])


def informant_fields(prefix: str, lang: Language, *, across: int = 5) -> Informant | None:
    """Draw the fields of who told it, so many side by side; None if nothing is known."""
    st.caption(say("desk.informant_hint", lang))
    places = st.columns(across)
    typed = {
        name: places[number % across].text_input(
            say(f"desk.informant.{name}", lang),
            key=f"{prefix}_{name}",
            max_chars=500,
            autocomplete="off",
        )
        for number, name in enumerate(KNOWN)
    }
    return Informant(**typed) if any(value.strip() for value in typed.values()) else None
