"""A motif with its parameters made a standing alert, and the alerts there are."""

from collections.abc import Mapping
from typing import Any, get_args

import pandas as pd
import streamlit as st

from app.explorer import roles, session
from app.explorer.words import local, plain
from casework.alerts import Alert, Every, alerts, make_alert, remove_alert
from casework.audit import Actor
from casework.ledger import Ledger, reading
from detectors.motif import Motif
from ingest.errors import RingfenceError
from ingest.texts import Language, say

COMMAND = "5 * * * *  ringfence alerts run --due-only --workspace {root}"


def make(
    ledger: Ledger, actor: Actor, motif: Motif, parameters: Mapping[str, Any], lang: Language
) -> None:
    """Draw the form of an alert on a motif with the values that stand in its form, for analysts."""
    if not roles.may("write_motifs", session.role()):
        return
    st.caption(say("console.alert.hint", lang))
    name, every, save = st.columns([3, 2, 1.2], vertical_alignment="bottom")
    called = name.text_input(
        say("console.alert.name", lang), key=f"alert_name_{motif.name}", max_chars=100
    )
    how_often = every.selectbox(
        say("console.alert.every", lang),
        get_args(Every),
        index=1,
        format_func=lambda one: say(f"console.every.{one}", lang),
        key=f"alert_every_{motif.name}",
    )
    if save.button(
        say("console.alert.save", lang),
        key=f"alert_save_{motif.name}",
        disabled=not called.strip(),
        width="stretch",
    ):
        try:
            made = make_alert(
                ledger, actor, motif, name=called.strip(), every=how_often, parameters=parameters
            )
            st.success(plain(say("console.alert.made", lang, alert=made.name)))
        except RingfenceError as error:
            st.error(plain(error.told(lang)))


def standing(ledger: Ledger, actor: Actor, lang: Language, *, motif: str | None = None) -> None:
    """Draw the alerts there are, of one motif if it is named; one that is chosen may be removed."""
    with reading(ledger) as connection:
        found = [one for one in alerts(connection) if motif in (None, one.motif)]
    if not found:
        st.caption(say("console.alert.none", lang))
        return
    frame = pd.DataFrame([_row(one, lang) for one in found])
    event = st.dataframe(
        frame,
        column_config={name: say(f"console.column.{name}", lang) for name in frame.columns},
        hide_index=True,
        placeholder="–",
        on_select="rerun",
        selection_mode="single-row",
        key=f"alerts_{motif or 'all'}",
        alt=say("console.tab.alert", lang),
    )
    st.caption(say("console.alert.cron", lang))
    st.code(COMMAND.format(root="DIR"), language=None)
    if not roles.may("write_motifs", session.role()):
        return
    for place in event.selection.rows:
        named = found[place].name
        if st.button(say("console.alert.remove", lang, alert=named), key=f"alert_gone_{named}"):
            try:
                remove_alert(ledger, actor, named)
            except RingfenceError as error:
                st.error(plain(error.told(lang)))
                return
            st.rerun()


def _row(alert: Alert, lang: Language) -> dict[str, Any]:
    return {
        "alert": alert.name,
        "motif": alert.motif,
        "every": say(f"console.every.{alert.every}", lang),
        "parameters": ", ".join(f"{name} = {value}" for name, value in alert.parameters.items()),
        "last_ran": local(alert.last_ran_at) if alert.last_ran_at else None,
        "last_error": alert.last_error,
        "who": alert.made_by,
    }
