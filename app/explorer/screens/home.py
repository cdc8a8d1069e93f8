"""The first page: what is waiting for whom, whether the last run is sound, what was asked last."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.explorer import data, pieces, roles, session
from app.explorer.canvas import services
from app.explorer.lists import columns
from app.explorer.words import count, local, money, name_of, plain
from casework.leads import Lead
from casework.ledger import reading
from casework.runs import runs as recorded
from casework.views import list_views
from detectors.motif import in_words, motifs
from ingest.texts import Language, say

FIRST = 8
RECENT = 6
SHOWN = ("kind", "probability", "loss_mid", "people", "last_seen", "lead_state", "ring_id")


def show() -> None:
    """Draw the page for the role that is signed in."""
    lang = session.language()
    run = session.source()
    if run is None:
        return
    rings, leads = session.rings(run)
    st.subheader(say("home.title", lang), anchor=False)
    session.limits(run, lang)
    _sound(run, rings, lang)
    left, right = st.columns([1.9, 1], gap="large")
    with left:
        _first(rings, leads, lang)
    with right:
        _search(lang)
        _asked(run, lang)
        _views(run, lang)


def _sound(run: data.Source, rings: pd.DataFrame, lang: Language) -> None:
    """Say in figures what the last run found, and what it rests on."""
    facts, since = data.run_facts(run), data.since_last(run)
    account = data.manifest(run.root, run.import_id)
    rejected = sum(one.rejected for one in account.inputs) if account else None
    rows = sum(one.rows_in for one in account.inputs) if account else None
    news = f"{len(since.new & set(rings['ring_id'])):+,}" if since else None
    figures: list[tuple[str, str, str | None]] = [
        ("rings", f"{len(rings):,}", news),
        ("loss", money(float(rings["loss_mid"].sum()), lang), None),
        ("not_raised", f"{len(session.groups(run)):,}", None),
        ("rows", count(rows), None),
        ("rejected", count(rejected), None),
        ("off", f"{len(facts.get('off', [])):,}", None),
    ]
    for place, (name, value, delta) in zip(st.columns(len(figures)), figures, strict=True):
        place.metric(say(f"home.figure.{name}", lang), value, delta, delta_color="off")
    told = {"run": run.run, "data": run.import_id[:8], "seed": facts.get("seed", "–")}
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(say("home.rests_on", lang, **told), width="content")
        if "quality" in roles.pages(session.role()):
            _link("quality", lang, "explorer.page.quality")


def _first(rings: pd.DataFrame, leads: Sequence[Lead], lang: Language) -> None:
    """Draw what deserves attention first: own leads, else the rings of the highest rank."""
    st.markdown(f"##### {say('home.leads' if session.officer() else 'home.rings', lang)}")
    if rings.empty:
        given_out = session.role() == "investigator"
        st.write(say("cases.queue.none_investigator" if given_out else "home.no_rings", lang))
        _link("rings", lang, "home.to_rings")
        return
    states = {lead.ring_id: lead.state for lead in leads}
    first = rings.head(FIRST).reset_index(drop=True)
    table = first.assign(
        kind=[name_of("kind", kind, lang) for kind in first["kind"]],
        probability=columns.unsure(first["probability"]),
        lead_state=[name_of("lead_state", states.get(one), lang) for one in first["ring_id"]],
    )
    opened, _ = pieces.opening(
        "home_rings",
        table,
        config=columns.config(lang),
        alt=say("home.rings", lang),
        order=[name for name in SHOWN if states or name != "lead_state"],
    )
    if opened is not None:
        ring_id = str(first["ring_id"].iloc[opened])
        st.switch_page("screens/ring.py", query_params={"ring": ring_id, "lang": lang})
    _link("rings", lang, "home.to_rings")


def _search(lang: Language) -> None:
    st.markdown(f"##### {say('home.search', lang)}")
    _link("search", lang, "home.to_search")


def _asked(run: data.Source, lang: Language) -> None:
    """Draw the motifs asked last; each leads to its console."""
    if "motifs" not in roles.pages(session.role()):
        return
    st.markdown(f"##### {say('home.asked', lang)}")
    ledger = services.ledger(run.root)
    with reading(ledger) as connection:
        last = [one for one in recorded(connection, limit=RECENT) if one.outcome == "answered"]
    known = {one.name: one for one in motifs(ledger.workspace.motifs)}
    for one in last:
        title = in_words(known[one.motif], "title", language=lang) if one.motif in known else ""
        st.page_link(
            "screens/motifs.py",
            label=plain(
                say(
                    "home.asked_line", lang, title=title or one.motif, rows=f"{one.rows or 0:,}",
                    at=f"{local(one.at):%m-%d %H:%M}",
                )
            ),
            query_params={"motif": one.motif, "lang": lang},
        )  # fmt: skip
    if not last:
        st.caption(say("home.nothing_asked", lang))
    _link("motifs", lang, "home.to_motifs")


def _views(run: data.Source, lang: Language) -> None:
    st.markdown(f"##### {say('home.views', lang)}")
    found = list_views(services.ledger(run.root), session.acting(), limit=RECENT)
    if not found:
        st.caption(say("home.no_views", lang))
    for one in found:
        at = one.saved_at.astimezone()
        st.page_link(
            "screens/explore.py",
            label=plain(say("home.view_line", lang, title=one.title, at=f"{at:%m-%d %H:%M}")),
            query_params={"view": one.view_id, "lang": lang},
        )


def _link(page: str, lang: Language, key: str) -> None:
    st.page_link(
        f"screens/{page}.py",
        label=say(key, lang),
        icon=":material/arrow_forward:",
        query_params={"lang": lang},
    )


if __name__ == "__main__":
    show()
