"""How the columns of both lists are named and shown."""

from typing import Any

import pandas as pd
import streamlit as st

from ingest.texts import Language, say


def unsure(probability: pd.Series) -> pd.Series:
    """Return probabilities in four digits, so that none reads as certainty.

    Examples
    --------
    >>> unsure(pd.Series([0.58, 0.999982])).to_list()
    [0.58, 0.9999]
    """
    return probability.round(4).clip(upper=0.9999)


def config(lang: Language) -> dict[str, Any]:
    """Return the configuration of every column that a list of rings or groups may show."""

    def named(word: str) -> str:
        return say(f"explorer.column.{word}", lang)

    as_is, figures = st.column_config.TextColumn, st.column_config.NumberColumn
    columns: dict[str, Any] = {
        name: figures(named(name), format="%,d")
        for name in ("rank", "people", "places", "settlements")
    }
    columns |= {
        name: figures(named(name), format="¥%,.0f")
        for name in ("loss_low", "loss_mid", "loss_high")
    }
    columns |= {
        name: st.column_config.DateColumn(named(name), format="YYYY-MM-DD")
        for name in ("first_seen", "last_seen")
    }
    columns |= {
        name: as_is(named(name))
        for name in ("kind", "q_value", "reason", "explanation", "ring_id", "lead_state")
    }
    return columns | {
        "news": as_is(named("news"), width=60),
        "probability": st.column_config.ProgressColumn(
            named("probability"), format="percent", min_value=0, max_value=1, width=130
        ),
        "stability": figures(named("stability"), format="%.2f"),
        "sentence": as_is(named("sentence"), width="large"),
    }
