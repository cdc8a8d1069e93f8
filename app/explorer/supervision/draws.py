"""Random draws: each with its pool, seed and result, and drawn again from its record."""

import pandas as pd
import streamlit as st

from app.explorer.supervision import common, drawing
from app.explorer.supervision.office import Office
from app.explorer.words import name_of, plain
from casework.draws import Draw, list_draws, repeated
from ingest.errors import RingfenceError
from ingest.texts import Language, say


def shown(office: Office) -> None:
    """Draw the draws of the unit, the newest first, and the record of the one that is chosen."""
    lang = office.lang
    st.caption(say("supervision.draw.hint", lang))
    found = list_draws(office.ledger, office.officer)
    if office.may("draws.draw"):
        with st.expander(
            say("supervision.draw.new", lang),
            icon=":material/casino:",
            expanded=not found or bool(st.session_state.pop("draw_drawing", False)),
            key="draw_new",
        ):
            drawing.form(office)
    if not found:
        st.write(say("supervision.draw.none", lang))
        return
    table = pd.DataFrame(
        [
            {
                "at": common.clock(one.at),
                "draw_kind": name_of("draw_kind", one.kind, lang),
                "purpose": one.purpose,
                "pool": len(one.pool),
                "excluded": len(one.excluded),
                "drawn": ", ".join(one.drawn),
                "draw_id": one.draw_id,
            }
            for one in found
        ]
    )
    chosen = common.choose(
        "draws",
        table,
        {one.draw_id: one for one in found},
        lambda one: f"{common.day(one.at)} · {one.purpose} · {one.draw_id}",
        lang,
    )
    _record(chosen, lang)


def _record(made: Draw, lang: Language) -> None:
    with st.container(border=True):
        kind = name_of("draw_kind", made.kind, lang)
        st.markdown(f"##### {plain(kind)} · {plain(made.purpose)}")
        st.caption(
            plain(
                say(
                    "supervision.draw.made", lang,
                    who=made.who, at=common.clock(made.at), pool=len(made.pool),
                    excluded=len(made.excluded), wanted=made.wanted,
                )
            )
        )  # fmt: skip
        left, right = st.columns(2)
        with left:
            st.markdown(f"**{say('supervision.draw.drawn', lang)}**")
            rows = [
                {"order": n, "candidate": one, "weight": made.pool[one]}
                for n, one in enumerate(made.drawn, start=1)
            ]
            common.listed(pd.DataFrame(rows), say("supervision.draw.drawn", lang), lang)
        with right:
            st.markdown(f"**{say('supervision.draw.excluded', lang)}**")
            if made.excluded:
                gone = [{"candidate": one, "reason": why} for one, why in made.excluded.items()]
                common.listed(pd.DataFrame(gone), say("supervision.draw.excluded", lang), lang)
            else:
                st.caption(say("supervision.draw.nobody_out", lang))
        st.markdown(f"**{say('supervision.draw.seed', lang)}**")
        st.code(made.seed, language=None, wrap_lines=True)
        with st.expander(say("supervision.draw.pool", lang, count=len(made.pool))):
            pool = [{"candidate": one, "weight": weight} for one, weight in made.pool.items()]
            common.listed(pd.DataFrame(pool), say("supervision.column.pool", lang), lang)
        if st.button(
            say("supervision.draw.again", lang), key="draw_again", icon=":material/replay:"
        ):
            _again(made, lang)


def _again(made: Draw, lang: Language) -> None:
    """Draw again from the record, and say whether the same come out in the same order."""
    try:
        now = repeated(made)
    except RingfenceError as refusal:
        st.error(plain(refusal.told(lang)))
        return
    if now == made.drawn:
        st.success(plain(say("supervision.draw.same", lang, drawn=", ".join(now))))
    else:
        st.error(plain(say("supervision.draw.other", lang, now=", ".join(now))))
