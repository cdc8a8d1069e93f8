"""What stands beside and below the canvas: details, paths in words, settlements, the table."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pandas as pd
import streamlit as st

from app.explorer import data, session
from app.explorer.canvas import dialogs, records, services
from app.explorer.canvas.asking import AGENCY, key_shown, unnamed
from app.explorer.canvas.neighbours import MANY, Facts, Line, parted, settlements_of
from app.explorer.canvas.paths import HOPS
from app.explorer.canvas.picture import short_names
from app.explorer.canvas.state import Selected
from app.explorer.canvas.visit import Visit
from app.explorer.words import money, name_of, plain, share
from graph import schema
from ingest.errors import RingfenceError
from ingest.telling import tell
from ingest.texts import Language, catalogue, say

SETTLEMENTS = 1_000
LISTED = 30
START = datetime(1970, 1, 1)


def hints(visit: Visit, lang: Language, *, soft: int, hard: int) -> None:
    """Say what was just done, and what to know of the picture."""
    for key, values in visit.said:
        shown = {
            name: dialogs.named(value, lang) if name == "node" else tell(value, lang)
            for name, value in values.items()
        }
        st.toast(plain(say(key, lang, **shown)))
    visit.said = []
    drawn = visit.drawn
    if drawn is None:
        return
    if drawn.folds:
        st.warning(
            say(
                "canvas.info.folded",
                lang,
                total=f"{len(visit.state.scene.drawn):,}",
                limit=f"{hard:,}",
                folded=f"{len(drawn.folds):,}",
            )
        )
    elif len(drawn.nodes) > soft:
        st.caption(say("canvas.info.soft", lang, limit=soft))
    if drawn.gone:
        st.caption(say("canvas.view.gone", lang, count=drawn.gone))
    if visit.state.path_from:
        node = dialogs.named(visit.state.path_from, lang)
        st.info(say("canvas.info.path_begun", lang, node=node))
    _paths(visit, lang)


def details(visit: Visit, lang: Language) -> None:
    """Draw what is known of the selection."""
    state = visit.state
    line = chosen_line(visit)
    with st.container(height="stretch", border=True):
        if line is not None:
            _line(line, lang)
        elif len(state.selection) == 1 and state.selection[0] in visit.facts:
            _node(visit, visit.facts[state.selection[0]], lang)
        elif len(state.selection) > 1:
            _several(visit, lang)
        else:
            st.markdown(f"**{say('canvas.details.title', lang)}**")
            st.caption(say("canvas.details.nothing", lang))
            st.caption(say("canvas.tip.canvas", lang))


def chosen_line(visit: Visit) -> Line | None:
    """Return the line that is selected, if one alone is."""
    ties = visit.state.ties
    if len(ties) != 1 or visit.state.selection:
        return None
    return visit.lines.get(ties[0])


def settlements(run: data.Source, visit: Visit, lang: Language) -> None:
    """Draw the settlements that the selected line stands for."""
    line = chosen_line(visit)
    if line is None:
        return
    st.markdown(f"##### {plain(say('canvas.table.settlements', lang, line=_said(line, lang)))}")
    try:
        if line.tie.name == "SWIPED_WITH" and line.start.startswith("Patient:"):
            frame = records.together(run, parted(line.start)[1], parted(line.end)[1])
            st.caption(say("canvas.table.together", lang))
            total = len(frame)
        else:
            ids = settlements_of(visit.ask, line, limit=SETTLEMENTS)
            if not ids:
                st.caption(say("canvas.table.settlements_none", lang))
                return
            frame, total = records.settlements(run, ids), max(line.times, len(ids))
    except RingfenceError as error:
        st.error(plain(say("canvas.page.failed_text", lang, reason=error.told(lang))))
        return
    st.caption(say("canvas.table.settlements_hint", lang, total=f"{len(frame):,}"))
    if total > SETTLEMENTS:
        st.caption(say("canvas.table.settlements_cut", lang, shown=f"{SETTLEMENTS:,}"))
    _settlement_table(records.unnamed(frame, unnamed(visit.ask), lang), lang)


def table(visit: Visit, lang: Language) -> None:
    """Draw the table of what is on the canvas, linked both ways with its selection."""
    drawn, state = visit.drawn, visit.state
    if drawn is None or not drawn.nodes:
        return
    beside: dict[str, int] = {}
    for line in drawn.lines:
        for one in (line.start, line.end):
            beside[one] = beside.get(one, 0) + 1
    shown = [
        one
        for one in state.scene.drawn
        if one in visit.facts and parted(one)[0] not in state.scene.off
    ]
    rows: list[dict[str, Any]] = [
        {
            "type": say(f"canvas.type.{parted(one)[0]}", lang),
            "identifier": key_shown(one, lang),
            "risk": visit.facts[one].risk,
            "lines": beside.get(one, 0),
            "rings": ", ".join(ring for ring, *_ in visit.facts[one].rings) or None,
            "pinned": one in state.scene.pins,
            "note": state.scene.notes.get(one),
        }
        for one in shown
    ]
    order = sorted(range(len(rows)), key=lambda n: (-rows[n]["risk"], -rows[n]["lines"], shown[n]))
    shown, rows = [shown[n] for n in order], [rows[n] for n in order]
    place = {one: n for n, one in enumerate(shown)}
    chosen = [place[one] for one in state.selection if one in place]
    key = f"canvas_table_{visit.picked}_{hash(tuple(shown))}"
    st.markdown(f"##### {say('canvas.table.nodes', lang)}")
    st.caption(say("canvas.table.nodes_hint", lang))

    def ticked() -> None:
        picked = st.session_state[key]["selection"]["rows"]
        ids = tuple(shown[n] for n in picked if n < len(shown))
        visit.do(Selected(ids=ids, outside=True))

    text = {
        name: st.column_config.TextColumn(say(f"canvas.table.{name}", lang))
        for name in ("type", "identifier", "rings", "note")
    }
    st.dataframe(
        pd.DataFrame(rows),
        key=key,
        hide_index=True,
        height=session.table_height(len(rows)) if len(rows) <= 18 else 420,
        placeholder="–",
        on_select=ticked,
        selection_mode="multi-row",
        selection_default={"selection": {"rows": chosen, "columns": [], "cells": []}},
        alt=say("canvas.table.nodes", lang),
        column_config={
            **text,
            "risk": st.column_config.ProgressColumn(
                say("canvas.details.risk", lang),
                format="%.2f",
                min_value=0,
                max_value=1,
                help=say("canvas.details.risk_help", lang),
            ),
            "lines": st.column_config.NumberColumn(say("canvas.table.lines", lang)),
            "pinned": st.column_config.CheckboxColumn(say("canvas.table.pinned", lang)),
        },
    )


def views(run: data.Source, visit: Visit, lang: Language) -> None:
    """List saved views; opening one changes the address."""
    try:
        found = services.Views(run.root, services.actor()).listed(visit.case_id)
    except RingfenceError as error:
        st.caption(plain(say("canvas.view.no_ledger", lang, reason=error.told(lang))))
        return
    for view in found[:LISTED]:
        at = view.saved_at.astimezone().strftime("%m-%d %H:%M")
        label = say("canvas.view.entry", lang, title=view.title, who=view.saved_by, at=at)
        st.page_link(
            "screens/explore.py",
            label=plain(label),
            query_params={"lang": lang, "view": view.view_id},
            disabled=visit.view is not None and view.view_id == visit.view.view_id,
        )
    st.page_link(
        "screens/explore.py",
        label=say("canvas.page.blank", lang),
        icon=":material/add:",
        query_params={"lang": lang, "view": "new"},
    )


def _paths(visit: Visit, lang: Language) -> None:
    found, ends = visit.paths, visit.path_ends
    if found is None or ends is None:
        return
    first, second = (dialogs.named(one, lang) for one in ends)
    with st.container(border=True):
        if not found.chains:
            st.markdown(plain(say("canvas.path.none", lang, first=first, second=second, hops=HOPS)))
        else:
            hops = len(found.chains[0]) - 1
            told = say(
                "canvas.path.found",
                lang,
                first=first,
                second=second,
                count=len(found.chains),
                hops=hops,
            )
            st.markdown(plain(told))
            for chain in found.chains:
                st.markdown("- " + plain(_in_words(visit, chain, lang)))
        if found.hubs:
            names = short_names(found.hubs, lang)
            shown = ", ".join(names[one] for one in found.hubs[:8])
            told = say("canvas.path.hubs", lang, count=len(found.hubs), many=MANY, names=shown)
            st.caption(plain(told))
        if found.partial:
            st.caption(say("canvas.path.partial", lang))
        if found.agency:
            st.caption(say("canvas.agency.no_path", lang))


def _in_words(visit: Visit, chain: tuple[str, ...], lang: Language) -> str:
    """Return a chain as a sentence: each node, and what joins it to the next."""
    words = dialogs.named(chain[0], lang)
    for a, b in pairwise(chain):
        names = sorted(
            {
                say(f"canvas.tie.{line.tie.name}", lang)
                + (f" ×{line.times}" if line.times > 1 else "")
                for line in visit.lines.values()
                if {line.start, line.end} == {a, b}
            }
        )
        words += f" —{' / '.join(names)}— {dialogs.named(b, lang)}"
    return words


def _node(visit: Visit, facts: Facts, lang: Language) -> None:
    st.markdown(f"**{say(f'canvas.type.{facts.label}', lang)}**")
    if facts.id == AGENCY:
        st.markdown(f"**{key_shown(facts.id, lang)}**")
        st.caption(say("canvas.agency.text", lang))
    else:
        st.code(facts.key, language=None, wrap_lines=True)
    if facts.risk:
        st.progress(
            min(1.0, facts.risk), text=f"{say('canvas.details.risk', lang)} {facts.risk:.2f}"
        )
    for ring, role, weight, probability in facts.rings:
        st.page_link(
            "screens/ring.py",
            label=plain(
                say(
                    "canvas.details.ring_entry",
                    lang,
                    ring=ring,
                    role=name_of("role", role or None, lang),
                    weight=f"{weight:.2f}",
                    probability=share(probability),
                )
            ),
            query_params={"lang": lang, "ring": ring},
        )
    if facts.label == "Ring":
        st.page_link(
            "screens/ring.py",
            label=plain(facts.key),
            query_params={"lang": lang, "ring": facts.key},
        )
    rows = [
        (say(f"canvas.property.{item.name}", lang), value(item, facts.properties[item.name], lang))
        for item in schema.node(facts.label).properties
        if item.name in facts.properties and item.name != "title"
    ]
    if rows:
        st.markdown("  \n".join(f":gray[{plain(name)}] {plain(told)}" for name, told in rows))
    if dialogs.note_form(visit, facts.id, lang, key="canvas_note"):
        st.rerun(scope="fragment")


def _several(visit: Visit, lang: Language) -> None:
    chosen = visit.state.selection
    st.markdown(f"**{say('canvas.details.several', lang, count=len(chosen))}**")
    counts: dict[str, int] = {}
    for one in chosen:
        counts[parted(one)[0]] = counts.get(parted(one)[0], 0) + 1
    for label, count in sorted(counts.items(), key=lambda each: -each[1]):
        st.markdown(f"- {say(f'canvas.type.{label}', lang)}: {count}")
    st.code("\n".join(key_shown(one, lang) for one in chosen[:200]), language=None)


def _line(line: Line, lang: Language) -> None:
    st.markdown(f"**{plain(_said(line, lang))}**")
    unit = "days_together" if line.tie.name == "SWIPED_WITH" else "times"
    rows = [(say(f"canvas.details.{unit}", lang), f"{line.times:,}")]
    if line.fund is not None:
        rows.append((say("canvas.details.fund", lang), money(line.fund / 100, lang)))
    if line.first is not None and line.last is not None:
        rows.append(
            (
                say("canvas.details.period", lang),
                f"{_at(line.first):%Y-%m-%d} – {_at(line.last):%Y-%m-%d}",
            )
        )
    for name, told in rows:
        st.metric(name, told)


def _said(line: Line, lang: Language) -> str:
    return say(
        "canvas.details.line" if line.tie.directed else "canvas.details.line_plain",
        lang,
        tie=say(f"canvas.tie.{line.tie.name}", lang),
        first=dialogs.named(line.start, lang),
        second=dialogs.named(line.end, lang),
    )


def value(item: schema.Property, held: Any, lang: Language) -> str:
    """Return a property of the graph as it is read."""
    if isinstance(held, bool):
        return say(f"canvas.details.{'yes' if held else 'no'}", lang)
    if item.unit == schema.FEN:
        return money(held / 100, lang)
    if item.unit == schema.SECONDS:
        return f"{_at(held):%Y-%m-%d %H:%M:%S}"
    if item.unit == schema.DAYS:
        return f"{START + timedelta(days=held):%Y-%m-%d}"
    if item.name in ("opens", "closes"):
        return f"{START + timedelta(seconds=held):%H:%M}"
    if isinstance(held, float):
        return share(held) if item.name == "probability" else f"{held:.4g}"
    for key in (f"canvas.value.{held}", f"kind.{held}"):
        if key in catalogue():
            return say(key, lang)
    return str(held)


def _at(seconds: int) -> datetime:
    return START + timedelta(seconds=seconds)


def _settlement_table(frame: pd.DataFrame, lang: Language) -> None:
    rows = frame.assign(
        med_class=[name_of("med_class", one, lang) for one in frame["med_class"]],
        card_kind=[name_of("card_kind", one, lang) for one in frame["card_kind"]],
    )
    names = ("person", "place", "device", "clerk", "doctor", "med_class", "card_kind", "setl_id")
    st.dataframe(
        rows,
        column_order=("settled_at", *names[:-1], "total", "fund", "setl_id"),
        column_config={
            **{
                name: st.column_config.TextColumn(say(f"explorer.column.{name}", lang))
                for name in names
            },
            **{
                name: st.column_config.NumberColumn(
                    say(f"explorer.column.{name}", lang), format="¥%,.2f"
                )
                for name in ("total", "fund")
            },
            "settled_at": st.column_config.DatetimeColumn(
                say("explorer.column.settled_at", lang), format="YYYY-MM-DD HH:mm:ss"
            ),
        },
        hide_index=True,
        height=session.table_height(len(rows)) if len(rows) <= 10 else 380,
        placeholder="–",
        alt=say("canvas.table.settlements", lang, line=""),
    )
