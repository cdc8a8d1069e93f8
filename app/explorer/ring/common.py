"""What several parts of a ring's page share: columns of tables and the inks of the theme."""

from typing import Any

import streamlit as st

from app.explorer.words import share
from casework.reports.words import SUREST as SUREST
from ingest.texts import Language, say


def config(
    lang: Language, *texts: str, numbers: dict[str, str] | None = None, days: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return how columns are shown: texts, numbers by their format, and days."""
    columns: dict[str, Any] = {
        name: st.column_config.TextColumn(say(f"explorer.column.{name}", lang)) for name in texts
    }
    for name, form in (numbers or {}).items():
        columns[name] = st.column_config.NumberColumn(
            say(f"explorer.column.{name}", lang), format=form
        )
    for name in days:
        columns[name] = st.column_config.DateColumn(
            say(f"explorer.column.{name}", lang), format="YYYY-MM-DD"
        )
    return columns


def chance(probability: float) -> str:
    """Return a probability as a percentage; one that was rounded up to one is not certain."""
    return share(min(float(probability), SUREST))


def ink() -> tuple[str, str]:
    """Return the colours of text and ground of the theme in use."""
    return ("#E6E6E6", "#0E1117") if st.context.theme.type == "dark" else ("#262730", "#FFFFFF")
