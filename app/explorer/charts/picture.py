"""A chart on a page, without the button by which Streamlit lets a picture leave unrecorded.

A picture that is to be kept goes into a report, or leaves the canvas, whose export is in the audit
log. Streamlit has no setting for that button, so a rule of style takes it away, for the keyboard
and for screen readers too; the name is Streamlit's own and in English in every language.
"""

from typing import Any

import streamlit as st

UNRECORDED = ("Download as PNG", "Copy Vega-Lite spec")
STYLE = "".join(f'button[aria-label^="{name}"]{{display:none !important}}' for name in UNRECORDED)


def put(drawn: Any, *, alt: str, key: str, **more: Any) -> Any:
    """Draw an Altair chart and return what is selected on it.

    ``alt`` says what it shows; ``more`` is what ``st.altair_chart`` takes besides.
    """
    st.html(f"<style>{STYLE}</style>")
    return st.altair_chart(drawn, alt=alt, key=key, **more)
