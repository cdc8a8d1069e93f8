"""A motif while it runs: dry run, start, time and rows every second, stop."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from app.explorer.console import jobs
from app.explorer.words import plain
from casework.audit import Actor
from casework.ledger import Ledger
from detectors import motif_lint
from detectors.motif import Motif, sent, values
from graph.store import open_store, reading
from ingest.errors import RingfenceError
from ingest.telling import tell
from ingest.texts import Language, say


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a dry run says of one thing: its name, how it ended, and why."""

    name: str
    state: str
    reason: str
    error: RingfenceError | None = None


def dry_run(ledger: Ledger, motif: Motif, parameters: Mapping[str, Any]) -> list[Looked]:
    """Look at a question without asking it: header, values, parser, plan with its warnings.

    A motif that is here at all has passed the checks of its file. The plan is made by the server
    for the values given; a server that cannot be reached is a failure of the plan, not of the page.
    """
    told = [Looked(name="header", state="passed", reason=""), _valued(motif, parameters)]
    if told[-1].state == "failed":
        return [*told, replace(told[-1], name="plan", state="not_checked")]
    return [*told, _parsed(motif), _planned(ledger, motif, parameters)]


def shown(found: list[Looked], lang: Language) -> None:
    """Draw what a dry run said."""
    marks = {"passed": ":material/check_circle:", "failed": ":material/error:"}
    for one in found:
        name = say(f"console.dry.{one.name}", lang)
        state = say(f"motif_check.state.{one.state}", lang)
        said = one.reason if one.error is None else one.error.told(lang)
        why = f" – {plain(said)}" if said else ""
        st.markdown(f"{marks.get(one.state, ':material/help:')} **{name}**: {state}{why}")


def start(
    ledger: Ledger,
    actor: Actor,
    motif: Motif,
    parameters: Mapping[str, Any],
    *,
    case_id: str | None = None,
    purpose: str | None = None,
) -> None:
    """Start a job and let the page watch it."""
    job = jobs.start(ledger, motif, actor, parameters=parameters, case_id=case_id, purpose=purpose)
    st.session_state["job"] = job.job_id


def current(ledger: Ledger, actor: Actor) -> jobs.Job | None:
    """Return the job this window watches; after a reload the one that still runs for this user."""
    watched = jobs.job(str(st.session_state.get("job", "")), actor.name)
    found = watched or jobs.running(str(ledger.workspace.root), actor.name)
    if found is not None:
        st.session_state["job"] = found.job_id
    return found


def watch(ledger: Ledger, job: jobs.Job, lang: Language) -> None:
    """Draw a running job, renewed every second, with a button that stops it."""

    @st.fragment(run_every="1s")
    def each_second() -> None:
        if not job.busy:
            st.rerun()
        title = plain(job.motif.name)
        with st.container(border=True):
            left, right = st.columns([5, 1], vertical_alignment="center")
            left.markdown(
                say(
                    f"console.run.{job.state}", lang,
                    motif=title, seconds=f"{job.elapsed():.0f}", rows=f"{job.rows:,}",
                )
            )  # fmt: skip
            left.progress(min(1.0, job.elapsed() / jobs.SECONDS))
            if right.button(
                say("console.run.stop", lang),
                key="job_stop",
                width="stretch",
                disabled=job.state == "stopping",
            ):
                jobs.stop(ledger, job)
                st.rerun()

    each_second()


def ended(job: jobs.Job, lang: Language) -> None:
    """Say how a job ended."""
    seconds = f"{job.elapsed():.1f}"
    if job.state == "ended":
        st.caption(say("console.run.ended", lang, seconds=seconds, rows=f"{job.rows:,}"))
    elif job.state == "stopped":
        st.info(say("console.run.stopped", lang, seconds=seconds))
    else:
        st.error(plain(say("console.run.failed", lang, reason=tell(job.error or "–", lang))))


def _valued(motif: Motif, parameters: Mapping[str, Any]) -> Looked:
    try:
        values(motif, parameters)
    except RingfenceError as error:
        return Looked(name="values", state="failed", reason=error.told("en"), error=error)
    return Looked(name="values", state="passed", reason="")


def _parsed(motif: Motif) -> Looked:
    if not motif_lint.installed():
        return Looked(name="parser", state="not_checked", reason=motif_lint.REMEDY)
    said = motif_lint.lint([motif_lint.question(motif)])
    faults = " ".join(f"Cypher {one.version}, line {one.line}: {one.message}." for one in said)
    return Looked(name="parser", state="failed" if said else "passed", reason=faults)


def _planned(ledger: Ledger, motif: Motif, parameters: Mapping[str, Any]) -> Looked:
    try:
        with open_store(ledger.workspace) as store, reading(store) as session:
            given = sent(values(motif, parameters))
            explained = session.run("EXPLAIN " + motif.text, given)
            summary = explained.consume()
    except RingfenceError as error:
        return Looked(name="plan", state="failed", reason=error.told("en"), error=error)
    said = [one.status_description for one in summary.gql_status_objects if one.is_notification]
    return Looked(name="plan", state="failed" if said else "passed", reason=" ".join(said))
