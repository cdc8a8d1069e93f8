"""The queue of leads: what waits, for whom, what a later run changed; several given out at once."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.explorer import data, pieces, roles
from app.explorer.canvas import services
from app.explorer.cases import acts, held, lead_forms, said
from app.explorer.lists import columns
from app.explorer.words import name_of, plain
from casework.cases import mark_passed
from casework.deadlines import Deadline
from casework.leads import Lead, assign_lead
from casework.limits import local_day
from casework.rights import Officer
from ingest.errors import RingfenceError
from ingest.texts import Language, say

WAITING, ALL, NOBODY = "waiting", "", "-"
STATES: Mapping[str, tuple[str, ...]] = {
    WAITING: ("open", "checking", "in_case"),
    "open": ("open",),
    "checking": ("checking",),
    "in_case": ("in_case",),
    "judged": ("judged",),
}
SHOWN = (
    "news", "kind", "probability", "loss_mid", "people", "last_seen", "lead_state", "officers",
    "waits", "due", "outcome",
)  # fmt: skip
BULK = "leads_bulk"


def shown(run: data.Source | None, root: str, officer: Officer, lang: Language) -> None:
    """Draw the queue; choosing a cell opens the lead, ticking rows offers what many can do."""
    every = held.leads(root, officer)
    if run is not None:
        lead_forms.take_in(root, run, officer, every, lang)
    if not every:
        st.subheader(say("cases.queue.none", lang), anchor=False)
        st.write(say(f"cases.queue.none_{officer.role}", lang))
        return
    news = held.news(root, officer)
    found = _chosen(every, news, officer, lang)
    if not found:
        st.info(say("cases.queue.empty", lang))
        return
    now = services.ledger(root).clock()
    waits = {one.lead_id: said.waits(one.changed_at, now) for one in found}
    over = _passed(root, officer)
    found.sort(
        key=lambda one: (
            one.case_id not in over or one.state == "judged",
            -said.weight(one, waits[one.lead_id]),
            one.lead_id,
        )
    )
    st.caption(say("cases.queue.hint", lang, shown=len(found), total=len(every)))
    _table(found, waits, news, held.deadlines(root, officer), over, root, officer, lang)


def _passed(root: str, officer: Officer) -> Mapping[str | None, str]:
    """Return the open cases whose day of supervision is past, with that day; none without cases."""
    if not roles.serves("cases.list_cases", officer.role):
        return {}
    today = local_day(services.ledger(root).clock())
    return {
        one.case_id: one.supervised_until or ""
        for one in held.cases(root, officer)
        if mark_passed(one, today)
    }


def _chosen(
    every: Sequence[Lead], news: Mapping[str, Any], officer: Officer, lang: Language
) -> list[Lead]:
    """Draw the filters and return the leads that they leave."""
    state, kinds, who, changed = st.columns([3.4, 2.2, 1.8, 1.4], vertical_alignment="bottom")
    counts = {name: sum(one.state in states for one in every) for name, states in STATES.items()}
    wanted = state.segmented_control(
        say("cases.queue.state", lang),
        list(STATES),
        format_func=lambda one: f"{_state(one, lang)} {counts[one]:,}",
        default=WAITING,
        required=True,
        key="queue_state",
        persist_state="session",
    )
    of_kind = kinds.multiselect(
        say("explorer.filter.kinds", lang),
        sorted({str(one.facts["kind"]) for one in every}),
        format_func=lambda one: name_of("kind", one, lang),
        placeholder=say("explorer.filter.all", lang),
        key="queue_kinds",
        persist_state="session",
    )
    names = sorted({name for one in every for name in one.officers})
    whose = who.selectbox(
        say("cases.queue.who", lang),
        [ALL, NOBODY, *names],
        format_func=lambda one: {
            ALL: say("explorer.filter.all", lang),
            NOBODY: say("cases.queue.nobody", lang),
            officer.name: say("cases.queue.me", lang, name=officer.name),
        }.get(one, one),
        key="queue_who",
        persist_state="session",
    )
    only_news = changed.toggle(
        say("cases.queue.changed", lang), key="queue_changed", persist_state="session"
    )
    return [
        one
        for one in every
        if one.state in STATES[wanted or WAITING]
        and (not of_kind or one.facts["kind"] in of_kind)
        and (whose == ALL or (not one.officers if whose == NOBODY else whose in one.officers))
        and (not only_news or one.lead_id in news)
    ]


def _table(
    found: Sequence[Lead],
    waits: Mapping[str, int],
    news: Mapping[str, Any],
    due: Mapping[str, tuple[Deadline, ...]],
    over: Mapping[str | None, str],
    root: str,
    officer: Officer,
    lang: Language,
) -> None:
    table = pd.DataFrame(
        [_row(one, waits[one.lead_id], news.get(one.lead_id), due, over, lang) for one in found]
    )
    table["probability"] = columns.unsure(table["probability"])
    empty = {name for name in ("news", "due", "outcome") if table[name].isna().all()}
    opened, rows = pieces.opening(
        "queue",
        table,
        config=columns.config(lang) | _config(lang),
        alt=say("cases.part.leads", lang),
        order=[name for name in SHOWN if name not in empty],
        most=560,
        ticks=True,
    )
    if opened is not None:
        acts.go(lang, lead=found[opened].lead_id)
    ticked = [found[row] for row in rows]
    if ticked:
        _many(ticked, root, officer, lang)
    else:
        st.caption(say("cases.queue.tick", lang))


def _row(
    one: Lead,
    waits: int,
    news: Any,
    due: Mapping[str, tuple[Deadline, ...]],
    over: Mapping[str | None, str],
    lang: Language,
) -> dict[str, Any]:
    facts = said.facts(one.facts)
    nearest = said.urgent(due.get(one.case_id or "", ()))
    told = said.left(nearest, lang) if nearest else None
    if one.case_id in over:
        told = say("cases.mark.supervised_over", lang, day=over[one.case_id])
    return {
        **{name: facts[name] for name in ("probability", "loss_mid", "people", "last_seen")},
        "kind": name_of("kind", facts["kind"], lang),
        "news": say(f"lead_change.{news.change}", lang) if news else None,
        "lead_state": say(f"lead_state.{one.state}", lang),
        "officers": ", ".join(one.officers) or None,
        "waits": waits,
        "due": told,
        "outcome": say(f"lead_outcome.{one.outcome}", lang) if one.outcome else None,
    }


def _config(lang: Language) -> dict[str, Any]:
    text = st.column_config.TextColumn
    return {
        **{
            name: text(say(f"cases.column.{name}", lang))
            for name in ("news", "officers", "due", "outcome")
        },
        "waits": st.column_config.NumberColumn(
            say("cases.column.waits", lang),
            format="%d",
            width=90,
            help=say("cases.queue.waits", lang),
        ),
    }


def _many(ticked: Sequence[Lead], root: str, officer: Officer, lang: Language) -> None:
    """Draw what can be done with the leads that are ticked."""
    give, case = st.columns(2, gap="medium")
    if roles.serves("leads.assign_lead", officer.role):
        with give:
            _give(ticked, root, officer, lang)
    if roles.serves("cases.open_case", officer.role):
        with case:
            lead_forms.open_case(ticked, root, officer, lang, key="bulk")


def _give(ticked: Sequence[Lead], root: str, officer: Officer, lang: Language) -> None:
    """Draw the form that gives several leads out; each is given alone, and told if it was not."""
    with st.form(acts.name(BULK), border=True):
        to = lead_forms.officers(
            held.colleagues(root, officer), (), lang, key=f"{acts.name(BULK)}_to"
        )
        revisions = {one.lead_id: one.revision for one in ticked}
        label = say("cases.queue.assign", lang, count=len(ticked))
        read = acts.sent(label, f"{BULK}_send", revisions)
    if read is None:
        return
    done, failed = 0, []
    for lead_id, revision in read.items():
        try:
            assign_lead(services.ledger(root), officer, lead_id, to=to, revision=revision)
            done += 1
        except RingfenceError as error:
            failed.append(f"{lead_id}: {error.told(lang)}")
    if not failed:
        acts.finish(
            say("cases.queue.assigned", lang, count=done, names=", ".join(sorted(to))), form=BULK
        )
    held.forget()
    st.warning(say("cases.queue.some_failed", lang, done=done, failed=len(failed)))
    for one in failed:
        st.caption(plain(one))


def _state(name: str, lang: Language) -> str:
    return say("cases.queue.waiting" if name == WAITING else f"lead_state.{name}", lang)
