"""The rows of the audit log: filtered, turned page by page, one looked at whole, taken along."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any, cast

import streamlit as st

from app.explorer.keeping import common
from app.explorer.words import local, name_of, plain
from casework.audit import Entry
from casework.audit_reading import LARGEST, PAGE, Filter, Page, export_audit, search_audit
from casework.ledger import Ledger
from casework.rights import Officer
from ingest.texts import Language, say

WORDS = ("who", "action", "object_class", "object", "case_id")
HELD = "audit_search"
UPTO = "audit_upto"
PAGER = "audit_page"
SHOWN = "audit_shown"
NUMBERS = ("seq", "count")


def shown(ledger: Ledger, officer: Officer, lang: Language) -> None:
    """Draw the filter, the page of rows that fit, and the one that is chosen."""
    asked = st.session_state.get(HELD, Filter())
    turned = int(st.session_state.get(PAGER, 1))
    page = common.attempt(lambda: _page(ledger, officer, asked, turned), lang)
    _filter(asked, page, lang)
    if page is None:
        return  # what was asked for cannot be: the filter stays to be mended
    _head(ledger, officer, asked, page, lang)
    if not page.rows:
        st.info(say("keeping.rows.none", lang))
        return
    keys = [str(row.seq) for row in page.rows]
    chosen = common.picked(
        "audit_rows",
        [_row(row, lang) for row in page.rows],
        keys,
        lang,
        alt=say("keeping.audit.tab.rows", lang),
        most=14,
        numbers=NUMBERS,
    )
    if page.pages > 1:
        st.pagination(page.pages, key=PAGER)
    if chosen is None:
        st.caption(say("keeping.rows.tick", lang))
    else:
        whole(page.rows[keys.index(chosen)], lang)


def whole(row: Entry, lang: Language) -> None:
    """Draw every value of one row, also those that no table has room for."""
    with st.container(border=True):
        st.markdown(f"##### {plain(say('keeping.rows.one', lang, seq=row.seq))}")
        left, right = st.columns(2, gap="large")
        role = name_of("role", row.role, lang)
        first = {"at": f"{local(row.at):%Y-%m-%d %H:%M:%S}", "who": row.who, "role": role}
        second = {"case_id": row.case_id, "purpose": row.purpose, "object": row.object}
        for place, values in ((left, first), (right, second)):
            for name, value in values.items():
                label = say(f"keeping.column.{name}", lang)
                place.markdown(f"{plain(label)}: **{plain(str(value or '–'))}**")
        st.caption(say("keeping.column.details", lang))
        st.json(json.loads(row.details), expanded=2)
        hashes = {"hash": row.hash, "previous_hash": row.previous_hash}
        hashes |= {"export_hash": row.export_hash} if row.export_hash else {}
        for name, value in hashes.items():
            st.caption(say(f"keeping.column.{name}", lang))
            st.code(value, language=None)


def _filter(asked: Filter, page: Page | None, lang: Language) -> None:
    """Draw the form of the filter; sending it searches anew, up to the newest row."""
    known = {
        "who": page.people if page else (),
        "action": page.actions if page else (),
        "object_class": page.classes if page else (),
    }
    _in_force(asked, known)
    with st.form("audit_filter", border=True):
        places = st.columns([1.1, 1.3, 1.3, 1.1, 1.1, 2.1, 0.9], vertical_alignment="bottom")
        given: dict[str, str | None] = {}
        for place, name in zip(places, WORDS, strict=False):
            label = say(f"keeping.column.{name}", lang)
            if name in known:
                given[name] = place.selectbox(
                    label,
                    known[name],
                    placeholder=say("keeping.rows.any", lang),
                    key=f"audit_{name}",
                )
            else:
                given[name] = place.text_input(label, key=f"audit_{name}", max_chars=200)
        days = places[5].date_input(
            say("keeping.rows.days", lang), key="audit_days", format="YYYY-MM-DD"
        )
        sent = places[6].form_submit_button(
            say("keeping.rows.search", lang), type="primary", width="stretch"
        )
    if sent:
        words = {name: (value or "").strip() for name, value in given.items()}
        first, last = _days(days)
        st.session_state[HELD] = replace(Filter(), **words, first=first, last=last)
        for key in (UPTO, PAGER, SHOWN):
            st.session_state.pop(key, None)
        st.rerun()


def _in_force(asked: Filter, known: Mapping[str, Sequence[str]]) -> None:
    """Let the form begin with the filter in force: its fields forget while another tab is open."""
    for name in WORDS:
        value = getattr(asked, name)
        empty = None if name in known else ""
        fits = value if name not in known or value in known[name] else None
        st.session_state.setdefault(f"audit_{name}", fits or empty)
    days = (asked.first, asked.last) if asked.first and asked.last else ()
    st.session_state.setdefault("audit_days", days)


def _head(ledger: Ledger, officer: Officer, asked: Filter, page: Page, lang: Language) -> None:
    told, take = st.columns([5, 1.4], vertical_alignment="center")
    first = (page.number - 1) * PAGE + 1
    last = first + len(page.rows) - 1
    told.caption(
        say("keeping.rows.count", lang, first=first if page.rows else 0, last=max(last, 0),
            total=f"{page.total:,}", upto=f"{page.upto:,}")
    )  # fmt: skip
    take.download_button(
        say("keeping.rows.export", lang),
        data=partial(_exported, ledger, officer, asked),
        file_name="audit-extract.csv",
        mime="text/csv",
        on_click="ignore",
        key="audit_export",
        disabled=not 0 < page.total <= LARGEST,
        help=say("keeping.rows.export_help", lang),
        width="stretch",
    )


def _exported(ledger: Ledger, officer: Officer, asked: Filter) -> bytes:
    """Return the extract; the service keeps its digest before it is handed out."""
    return export_audit(ledger, officer, asked).content


def _days(chosen: Any) -> tuple[date | None, date | None]:
    """Return the days of a range; one day alone is both ends."""
    days = list(chosen) if isinstance(chosen, tuple | list) else [chosen]
    return (days[0], days[-1]) if days else (None, None)


def _page(ledger: Ledger, officer: Officer, asked: Filter, number: int) -> Page:
    """Return a page, asked of the service once: every asking is a row of the log itself."""
    wanted = (officer, asked, number)
    of, page = st.session_state.get(SHOWN, (None, None))
    if page is None or of != wanted:
        upto = st.session_state.get(UPTO)
        page = search_audit(ledger, officer, asked, page=number, upto=upto)
        st.session_state[SHOWN] = (wanted, page)
        st.session_state[UPTO] = page.upto
    return cast(Page, page)


def _row(row: Entry, lang: Language) -> dict[str, Any]:
    return {
        "seq": row.seq,
        "at": f"{local(row.at):%Y-%m-%d %H:%M:%S}",
        "who": row.who,
        "role": name_of("role", row.role, lang),
        "action": row.action,
        "object_class": row.object_class,
        "object": row.object,
        "case_id": row.case_id,
        "count": row.count,
        "purpose": row.purpose,
    }
