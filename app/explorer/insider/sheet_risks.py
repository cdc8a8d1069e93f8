"""What a control sheet found, put into the register of points of risk with one press."""

import streamlit as st

from app.explorer.supervision import common
from app.explorer.supervision.office import Office
from app.explorer.words import name_of, plain
from casework.control import ControlSheet, Found
from casework.risk_points import Entry, add_point, control_key
from ingest.texts import say


def offered(office: Office, sheet: ControlSheet, found: Found, known: dict[str, str]) -> None:
    """Draw the press for a check that found something, or the point that came of it.

    ``known`` are the points of the register by the check they come from. What is put in says what
    was found; post and process are those of the check, and the liaison completes them.
    """
    lang, key = office.lang, control_key(sheet.sheet_id, found.check)
    if key in known:
        st.caption(plain(say("insider.risks.is_in", lang, risk=known[key])))
        return
    if not found.count:
        return
    if st.button(
        say("insider.risks.put", lang), key=f"risk_of_{sheet.sheet_id}_{found.check}",
        icon=":material/playlist_add:",
    ):  # fmt: skip
        common.attempt(
            lambda: add_point(
                office.ledger, office.officer, _entry(office, sheet, found),
                source="control", source_key=key,
            ),
            lambda made: common.chosen(
                "risks", made.risk_id, say("insider.risks.put_in", lang, risk=made.risk_id)
            ),
            lang,
        )  # fmt: skip


def _entry(office: Office, sheet: ControlSheet, found: Found) -> Entry:
    lang = office.lang
    _, words, _ = sheet.answers.get(found.check, ("", "", ""))
    risk = say(
        "insider.risks.found", lang, check=name_of("control_check", found.check, lang),
        month=sheet.month, count=found.count, of=found.of or 0,
    )  # fmt: skip
    return Entry(
        post=say(f"insider.risks.post.{found.check}", lang),
        process=say("insider.risks.process", lang),
        risk=" ".join(part for part in (risk, words) if part),
        measure="",
        owner=office.officer.name,
        grade="middle",
    )
