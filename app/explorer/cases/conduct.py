"""What was done in a case: each move with who drafted and approved it, and what runs changed."""

import streamlit as st

from app.explorer.cases import said
from app.explorer.words import plain
from casework.cases import CaseFile, Made
from ingest.texts import Language, say


def shown(file: CaseFile, lang: Language) -> None:
    """Draw what was done, the last first."""
    told = [(one.at, _move(one, lang), one.reason) for one in file.moves]
    told += [
        (
            one.at,
            say("cases.conduct.run", lang, lead=one.lead_id, run=one.run,
                change=say(f"lead_change.{one.change}", lang)),
            said.change(one, lang),
        )
        for one in file.news
    ]  # fmt: skip
    opened = say("cases.conduct.opened", lang, who=file.case.made_by)
    told.append((file.case.made_at, opened, ""))
    for at, line, why in sorted(told, reverse=True):
        st.markdown(f":gray[{plain(said.at(at))}] **{plain(line)}**  \n{plain(why)}")


def _move(one: Made, lang: Language) -> str:
    words = {
        "move": say(f"case_move.{one.move}", lang),
        "before": say(f"case_state.{one.before}", lang),
        "after": say(f"case_state.{one.after}", lang),
    }
    if one.choice:
        words["move"] += f" · {say(f'case_decision.{one.choice}', lang)}"
    if one.drafted_by == one.who:
        return say("cases.conduct.made", lang, who=one.who, **words)
    return say("cases.conduct.approved", lang, drafted=one.drafted_by, who=one.who, **words)
