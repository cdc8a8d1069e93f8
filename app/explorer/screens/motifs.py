"""The motif console: choose a question, set it, ask it, look at hits, compare, make an alert."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app.explorer import data, roles, session
from app.explorer.canvas import services
from app.explorer.console import alerting, catalogue, compare, own, running
from app.explorer.console import form as forms
from app.explorer.console.hits import shown as hits_shown
from app.explorer.words import plain
from casework.audit import Actor
from casework.ledger import Ledger
from detectors.motif import Motif, in_words, motifs, values
from ingest.errors import RingfenceError
from ingest.texts import Language, say


def show() -> None:
    """Draw the catalogue, or the motif that the address names."""
    lang = session.language()
    root, _ = session.current_import()
    ledger, actor = services.ledger(root), session.acting()
    known = {one.name: one for one in motifs(ledger.workspace.motifs)}
    named = st.query_params.get("motif", "")
    if named and named not in known:
        st.warning(say("console.unknown", lang, motif=plain(named)))
    if named in known:
        _motif(ledger, actor, known, named, lang)
    else:
        _catalogue(ledger, actor, list(known.values()), lang)


def _catalogue(ledger: Ledger, actor: Actor, known: list[Motif], lang: Language) -> None:
    st.subheader(say("console.title", lang), anchor=False)
    _watched(ledger, actor, lang)
    names = ["catalogue", "alert", *(["own"] if roles.may("write_motifs", session.role()) else [])]
    tabs = st.tabs(
        [say(f"console.tab.{name}", lang) for name in names], key="console_tab", on_change="rerun"
    )
    for tab, name in zip(tabs, names, strict=True):
        if not tab.open:
            continue
        with tab:
            if name == "catalogue" and (chosen := catalogue.shown(ledger, known, lang)):
                _go(chosen, lang)
            elif name == "alert":
                alerting.standing(ledger, actor, lang)
            elif name == "own":
                own.editor(ledger, actor, lang)


def _go(motif: str, lang: Language) -> None:
    st.query_params["motif"] = motif
    st.query_params["lang"] = lang
    st.rerun()


def _motif(
    ledger: Ledger, actor: Actor, known: Mapping[str, Motif], named: str, lang: Language
) -> None:
    motif = known[named]
    _head(known, motif, lang)
    left, right = st.columns([1.15, 1], gap="large")
    with left:
        parameters = forms.form(motif, lang, start=_begun(motif))
        case_id, purpose, free = _reason(ledger, lang)
        asks = st.columns([1, 1, 1.4])
        looks = asks[0].button(say("console.run.dry", lang), key="dry_run", width="stretch")
        job = running.current(ledger, actor)
        busy = job is not None and job.busy
        runs = asks[1].button(
            say("console.run.start", lang),
            key="run_motif",
            type="primary",
            width="stretch",
            disabled=busy or not free,
        )
        asks[2].caption(say("console.run.caps", lang))
        said = st.container()
    fault = _fault(motif, parameters, lang)
    with right:
        _words(motif, parameters, fault, lang)
    with said:
        if fault:
            st.error(plain(fault))
        elif looks:
            with st.spinner(say("console.run.planning", lang)):
                found = running.dry_run(ledger, motif, parameters)
            running.shown(found, lang)
        elif runs:
            st.session_state.pop(f"run_of_{named}", None)
            running.start(ledger, actor, motif, parameters, case_id=case_id, purpose=purpose)
            st.rerun()
        _watched(ledger, actor, lang, named)
    _parts(ledger, actor, motif, parameters, lang)


def _head(known: Mapping[str, Motif], motif: Motif, lang: Language) -> None:
    left, right = st.columns([2.2, 1], vertical_alignment="bottom")
    left.subheader(in_words(motif, "title", language=lang), anchor=False)
    with right:
        names = list(known)
        chosen = st.selectbox(
            say("console.other", lang),
            names,
            index=names.index(motif.name),
            format_func=lambda one: in_words(known[one], "title", language=lang),
            key=f"motif_choice_{motif.name}",
        )
    if chosen != motif.name:
        _go(chosen, lang)
    if st.button(say("console.back", lang), icon=":material/arrow_back:", type="tertiary"):
        del st.query_params["motif"]
        st.rerun()


def _words(motif: Motif, parameters: Mapping[str, Any], fault: str | None, lang: Language) -> None:
    """Draw the question with the values in use, and beside it what it cannot tell."""
    used = {} if fault else dict(parameters)
    with st.container(border=True):
        for field in ("question", "honest", "unknown"):
            said = in_words(motif, field, language=lang, parameters=used)
            strong = f"**{plain(said)}**" if field == "question" else plain(said)
            st.markdown(f":gray[{say(f'console.word.{field}', lang)}]  \n{strong}")
    with st.expander(say("console.word.sources", lang)):
        for source in motif.sources:
            st.markdown(f"- {plain(source)}")
    with st.expander(say("console.word.text", lang)):
        st.code(motif.text, language="cypher")


def _reason(ledger: Ledger, lang: Language) -> tuple[str | None, str | None, bool]:
    """Return case and purpose of the question, and whether it may be asked.

    Whoever works on cases asks within one of their own; the audit log holds it.
    """
    if not roles.within_case(session.role()):
        return None, None, True
    from casework.cases import list_cases

    officer = session.officer()
    mine = list_cases(ledger, officer) if officer else []
    if not mine:
        st.info(say("console.run.no_case", lang))
        return None, None, False
    where, why = st.columns(2)
    case_id = where.selectbox(
        say("console.run.case", lang), [one.case_id for one in mine], key="case_of_question"
    )
    purpose = why.text_input(say("console.run.purpose", lang), key="purpose_of_question").strip()
    return case_id, purpose or None, bool(purpose)


def _fault(motif: Motif, parameters: Mapping[str, Any], lang: Language) -> str | None:
    try:
        values(motif, parameters)
    except RingfenceError as error:
        return error.told(lang)
    return None


def _begun(motif: Motif) -> Mapping[str, Any]:
    """Return the values with which a form begins: those of a run that is to be asked again."""
    held: Mapping[str, Any] = st.session_state.get(f"begin_{motif.name}", {})
    return held


def _watched(ledger: Ledger, actor: Actor, lang: Language, motif: str | None = None) -> None:
    """Draw the job of this user: any that runs, and how that of this motif ended."""
    job = running.current(ledger, actor)
    if job is None:
        return
    if job.busy:
        running.watch(ledger, job, lang)
        return
    if job.motif.name != motif:
        return
    running.ended(job, lang)
    if job.run_id and st.session_state.get("job_seen") != job.job_id:
        st.session_state["job_seen"] = job.job_id
        st.session_state[f"run_of_{job.motif.name}"] = job.run_id


def _parts(
    ledger: Ledger, actor: Actor, motif: Motif, parameters: Mapping[str, Any], lang: Language
) -> None:
    """Draw hits, earlier runs, the comparison and alerts; only the open part is drawn."""
    runs = compare.runs_of(ledger, motif.name)
    names = ("hits", "runs", "compare", "alert")
    tabs = st.tabs(
        [say(f"console.tab.{name}", lang) for name in names], key="motif_tab", on_change="rerun"
    )
    for tab, name in zip(tabs, names, strict=True):
        if not tab.open:
            continue
        with tab:
            match name:
                case "hits":
                    found = session.found()
                    run = found if isinstance(found, data.Source) else None
                    hits_shown(ledger, actor, motif, runs, run, lang)
                case "runs":
                    _runs(runs, motif, lang)
                case "compare":
                    compare.side_by_side(ledger, actor, runs, motif, lang)
                case "alert":
                    alerting.make(ledger, actor, motif, parameters, lang)
                    alerting.standing(ledger, actor, lang, motif=motif.name)


def _runs(runs: list[Any], motif: Motif, lang: Language) -> None:
    if not runs:
        st.caption(say("console.runs.none", lang))
        return
    chosen = compare.table(runs, motif, lang)
    if chosen is None:
        st.caption(say("console.runs.hint", lang))
        return
    run = next(one for one in runs if one.run_id == chosen)
    st.session_state[f"run_of_{motif.name}"] = chosen
    st.caption(say("console.runs.chosen", lang, run=chosen))
    if st.button(say("console.runs.again", lang), key="run_again"):
        st.session_state[f"begin_{motif.name}"] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in run.parameters.items()
            if name in motif.params
        }
        forms.forget(motif)
        st.rerun()


if __name__ == "__main__":
    show()
