"""The rules in force as they are set: tables of points and credit, grades, bars."""

import pandas as pd
import streamlit as st

from app.explorer.supervision import common
from app.explorer.supervision.office import Office
from app.explorer.words import name_of, plain
from casework.registers_rules import END_AT, FILE, GRADES, SUSPEND_FROM, WEIGHTS
from ingest.texts import say


def shown(office: Office) -> None:
    """Draw the tables, and say that they are settings and who compared them with their text."""
    lang, held = office.lang, office.rules()
    told = "verified" if held.verified else "unverified"
    st.caption(say(f"supervision.{told}", lang))
    st.caption(plain(say("supervision.rules.file", lang, file=FILE.name)))
    table = pd.DataFrame(
        [
            {
                "proposal_kind": name_of("supervision.proposal_kind", rule.kind, lang),
                "rule": name_of(f"supervision.rule.{rule.kind}", rule.name, lang),
                "range": f"{rule.least} … {rule.most}" if rule.least != rule.most else None,
                "decisions": ", ".join(
                    name_of("case_decision", one, lang) for one in rule.decisions
                )
                or say("supervision.rules.on_answer", lang),
            }
            for rule in held.rules.values()
        ]
    )
    common.listed(table, say("supervision.rules.title", lang), lang, most=500)
    st.markdown(
        plain(
            say(
                "supervision.rules.points", lang, most=held.year_most, suspend=SUSPEND_FROM,
                end=END_AT, bar=held.bar_years,
            )
        )
    )  # fmt: skip
    lowest = {name: str(least) for name, least in GRADES}
    grades = pd.DataFrame(
        [
            {"grade": name, "least": lowest.get(name), "draw_weight": weight}
            for name, weight in WEIGHTS.items()
        ]
    )
    common.listed(grades, say("supervision.rules.grades", lang), lang)
