"""What may be done next with a case: the allowed moves, with what each requires and what lacks."""

from dataclasses import dataclass

import streamlit as st

from app.explorer import roles
from app.explorer.canvas import services
from app.explorer.cases import acts
from app.explorer.words import plain
from casework import decisions
from casework.cases import CaseFile
from casework.rights import Officer
from casework.workflow import MOVES, Move
from ingest.texts import Language, say


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One thing that a move requires, in words, and whether the file has it."""

    text: str
    met: bool


def shown(file: CaseFile, root: str, officer: Officer, lang: Language) -> None:
    """Draw the moves that the case allows; one is drafted for approval or made at once."""
    st.markdown(f"##### {say('cases.moves.title', lang)}")
    allowed = from_state(file.case.state)
    if not allowed:
        st.write(say("cases.moves.none", lang))
        return
    makes = roles.serves("decisions.propose_move", officer.role)
    if not makes:
        st.caption(say("cases.moves.others", lang))
    move = st.selectbox(
        say("cases.moves.which", lang),
        allowed,
        format_func=lambda one: say(f"case_move.{one.name}", lang),
        key=f"move_{file.case.case_id}_{file.case.state}",
    )
    choice: str | None = None
    if move.choices:
        choice = st.selectbox(
            say("cases.moves.choice", lang),
            move.choices,
            format_func=lambda one: say(f"case_decision.{one}", lang),
            key=f"choice_{file.case.case_id}",
        )
    drafter = officer.name if makes else None
    lacking = _needs(move, file, choice, drafter, lang)
    if makes:
        _form(move, file, choice, root, officer, lang, ready=not lacking)


def from_state(state: str) -> list[Move]:
    """Return the moves of a case in this state, those that lead on with papers first."""
    allowed = [one for one in MOVES if one.subject == "case" and state in one.before]
    return sorted(allowed, key=lambda one: not one.papers)


def needs(
    move: Move, file: CaseFile, choice: str | None, drafter: str | None, lang: Language
) -> list[Need]:
    """Return what a move requires beside a reason, as :func:`casework.workflow.check` sees it."""
    have = {one.paper for one in file.attachments}
    found: list[Need] = []
    if move.officers:
        certified = sum(number is not None for number in file.certificates.values())
        text = say("cases.need.officers", lang, count=move.officers, have=certified)
        found.append(Need(text=text, met=certified >= move.officers))
    for paper in (*move.papers, *move.by_choice.get(choice or "", ())):
        found.append(Need(text=say(f"case_paper.{paper}", lang), met=paper in have))
    if not move.choices:
        return found
    if file.case.grave or choice in move.reviewed:
        outside = {one.signed_by for one in file.attachments if one.paper == "legal_review"}
        met = bool(outside - {*file.certificates, drafter, None})
        found.append(Need(text=say("cases.need.review", lang), met=met))
    if file.case.grave:
        met = "group_minutes" in have
        found.append(Need(text=say("cases.need.minutes", lang), met=met))
    return found


def _needs(
    move: Move, file: CaseFile, choice: str | None, drafter: str | None, lang: Language
) -> bool:
    """Draw what a move requires, and return whether something lacks."""
    found = needs(move, file, choice, drafter, lang)
    lines = [
        f":material/check_circle: {plain(one.text)}"
        if one.met
        else f":material/cancel: {plain(one.text)} – **{say('cases.need.lacks', lang)}**"
        for one in found
    ]
    second = "cases.need.second" if move.four_eyes else "cases.need.alone"
    lines.append(f":material/group: {plain(say(second, lang))}")
    st.markdown("  \n".join(lines))
    if any(sign.isdigit() for sign in move.source):  # without an article it only names the move
        st.caption(plain(say("cases.moves.source", lang, source=move.source)))
    return any(not one.met for one in found)


def _form(
    move: Move,
    file: CaseFile,
    choice: str | None,
    root: str,
    officer: Officer,
    lang: Language,
    *,
    ready: bool,
) -> None:
    key, ledger = file.case.case_id, services.ledger(root)
    form = f"move_form_{key}"
    with st.form(acts.name(form), border=False):
        reason = st.text_area(
            say("cases.act.reason", lang), key=f"{acts.name(form)}_reason", height=90
        )
        label = say("cases.moves.propose" if move.four_eyes else "cases.moves.make", lang)
        if not ready:
            st.caption(say("cases.moves.lacks", lang))
        read = acts.sent(label, f"{form}_send", file.case.revision, disabled=not ready)
    if read is None:
        return
    if move.four_eyes:
        acts.do(
            lambda: decisions.propose_move(
                ledger, officer, key, move=move.name, reason=reason, revision=read, choice=choice
            ),
            lang,
            form=form,
            said=say("cases.act.proposed", lang),
        )
        return
    acts.do(
        lambda: decisions.make_move(
            ledger, officer, key, move=move.name, reason=reason, revision=read
        ),
        lang,
        form=form,
        said=say("cases.moves.made", lang, move=say(f"case_move.{move.name}", lang)),
    )
