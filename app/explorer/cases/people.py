"""The people of a case: masked, shown in clear for a while with a reason, found by name."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args

import pandas as pd
import streamlit as st

from app.explorer import data, pieces, session
from app.explorer.canvas import services
from app.explorer.cases import acts, clear, finding, held, said
from app.explorer.words import name_of
from casework.cases import CaseFile
from casework.reveals import Masked, Reason, reveal
from casework.rights import Officer
from ingest.texts import Language, say

ORDER = ("person", "staff", "doctor", "place", "account", "agent", "card", "device")


def shown(
    run: data.Source | None, file: CaseFile, root: str, officer: Officer, lang: Language
) -> None:
    """Draw the members with masks; a row that is chosen may be shown in clear, with a reason."""
    case_id = file.case.case_id
    st.caption(say("cases.people.hint", lang))
    found = sorted(held.masked(root, officer, case_id), key=_order)
    if not found:
        st.write(say("cases.people.none", lang))
        return
    named = codes(run, root, [(one.entity_type, one.entity_id) for one in found])
    left, right = st.columns([1.7, 1], gap="large")
    with left:
        chosen = _table(found, named, _roles(file, lang), case_id, lang)
    with right:
        _ask(chosen, named, case_id, root, officer, lang)
        clear.shown(case_id, named, root, officer, lang)
        finding.form(run, case_id, root, officer, lang)
    clear.listed(case_id, named, root, officer, lang)


def codes(
    run: data.Source | None, root: str, members: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    """Return how each member is named on pages: people by their pseudonyms."""
    people = tuple(sorted({key for kind, key in members if kind == "person"}))
    known = said.pseudonyms(root, run.import_id if run else "", people)
    hidden = say("cases.people.unknown", session.language())
    return {
        (kind, key): known.get(key, hidden) if kind == "person" else key for kind, key in members
    }


def _order(one: Masked) -> tuple[int, str, str]:
    kind = ORDER.index(one.entity_type) if one.entity_type in ORDER else len(ORDER)
    return kind, one.entity_type, one.entity_id


def _roles(file: CaseFile, lang: Language) -> dict[tuple[str, str], str]:
    """Return the inferred roles of each member in the leads of the case."""
    held_: dict[tuple[str, str], list[str]] = {}
    for lead in file.leads:
        for kind, key, role in lead.facts["members"]:
            held_.setdefault((kind, key), []).append(name_of("role", role, lang))
    joiner = say("cases.people.joiner", lang)
    return {member: joiner.join(dict.fromkeys(told)) for member, told in held_.items()}


def _table(
    found: Sequence[Masked],
    named: Mapping[tuple[str, str], str],
    roles_: Mapping[tuple[str, str], str],
    case_id: str,
    lang: Language,
) -> Masked | None:
    """Draw the members; return the one that is chosen."""
    table = pd.DataFrame([_row(one, named, roles_, lang) for one in found])
    filled = [name for name in table.columns if not table[name].isna().all()]
    row = pieces.row(
        f"people_{case_id}",
        table,
        config={
            name: say("explorer.column.entity_type", lang)
            if name == "entity_type"
            else say(f"cases.column.{name}", lang)
            for name in filled
        },
        alt=say("cases.tab.people", lang),
        order=filled,
        most=520,
    )
    return None if row is None else found[row]


def _row(
    one: Masked,
    named: Mapping[tuple[str, str], str],
    roles_: Mapping[tuple[str, str], str],
    lang: Language,
) -> dict[str, Any]:
    """Return a row; what is a name is in one column, whatever the import calls it."""
    member = (one.entity_type, one.entity_id)
    columns = {
        name: [value for column in of for value in one.values.get(column, ())]
        for name, of in clear.COLUMNS.items()
    }
    return {
        "entity_type": name_of("entity", one.entity_type, lang),
        "code": named[member],
        "role": roles_.get(member),
        **{name: ", ".join(values) or None for name, values in columns.items()},
    }


def _ask(
    chosen: Masked | None,
    named: Mapping[tuple[str, str], str],
    case_id: str,
    root: str,
    officer: Officer,
    lang: Language,
) -> None:
    """Draw the form that shows one field group of the chosen member in clear."""
    st.markdown(f"##### {say('cases.people.reveal', lang)}")
    if chosen is None:
        st.caption(say("cases.people.choose", lang))
        return
    if not chosen.fields:
        st.caption(say("cases.people.nothing", lang))
        return
    subject, form = (chosen.entity_type, chosen.entity_id), f"reveal_{case_id}"
    with st.form(acts.name(form), border=True):
        st.markdown(f"**{named[subject]}**")
        fields = st.selectbox(
            say("cases.people.fields", lang),
            chosen.fields,
            format_func=lambda one: say(f"reveal_fields.{one}", lang),
            key=f"{acts.name(form)}_fields_{chosen.entity_type}",
        )
        reason = st.selectbox(
            say("cases.people.reason", lang),
            get_args(Reason),
            index=None,
            format_func=lambda one: say(f"reveal_reason.{one}", lang),
            placeholder=say("cases.lead.which", lang),
            key=f"{acts.name(form)}_reason",
        )
        text = st.text_input(say("cases.people.text", lang), key=f"{acts.name(form)}_text")
        read = acts.sent(say("cases.people.show", lang), f"{form}_send", subject, icon="visibility")
    if read is None:
        return
    if reason is None:
        st.error(say("cases.people.no_reason", lang))
        return
    ledger = services.ledger(root)
    acts.do(
        lambda: clear.keep(
            officer,
            reveal(
                ledger, ledger.workspace, officer,
                case=case_id, subject=read, fields=fields, reason=reason, text=text,
            ),
        ),
        lang,
        form=form,
        said=lambda one: say(f"cases.people.said_{one.state}", lang),
    )  # fmt: skip
