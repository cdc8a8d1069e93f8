"""From a list or a hit onto the canvas: nodes are opened there as a view of their own."""

from collections.abc import Iterable, Sequence

import streamlit as st

from app.explorer import data
from app.explorer.canvas import services
from app.explorer.canvas.state import SOFT_LIMIT
from app.explorer.canvas.visit import Visit
from ingest.errors import RingfenceError
from ingest.telling import to_say
from ingest.texts import Language, say

CANVAS = "screens/explore.py"
TITLE = 120
MEMBERS = """
UNWIND $rings AS ring
MATCH (g:Ring {ring_id: ring})
MATCH (n)-[m:MEMBER_OF]->(g)
RETURN ring, labels(n)[0] AS label,
       coalesce(n.person_id, n.card_id, n.place_id, n.device_id, n.practitioner_id, n.staff_id,
                n.account_id, n.agent_id) AS key, m.weight AS weight
ORDER BY ring, weight DESC, label, key
"""


def open_nodes(run: data.Source, ids: Iterable[str], *, title: str, lang: Language) -> None:
    """Lay these nodes out on the canvas and go there; at most as many as stay readable.

    Raises
    ------
    RingfenceError
        If the graph does not answer, or knows none of them.
    """
    visit = Visit(ask=services.graph(run.root), title=title[:TITLE])
    visit.open(list(dict.fromkeys(ids))[:SOFT_LIMIT])
    if not visit.state.scene.nodes:
        raise RingfenceError(to_say("console.canvas.none"))
    st.session_state["visit"], st.session_state["visit_of"] = visit, (run, "", "", "")
    st.switch_page(CANVAS, query_params={"lang": lang})


def open_rings(run: data.Source, ring_ids: Sequence[str], *, lang: Language) -> None:
    """Lay out several rings with their members; the strongest members of each come first.

    Raises
    ------
    RingfenceError
        As :func:`open_nodes`.
    """
    rows = services.graph(run.root)(MEMBERS, {"rings": list(ring_ids)}).rows
    by_ring: dict[str, list[str]] = {ring: [f"Ring:{ring}"] for ring in ring_ids}
    for ring, label, key, _ in rows:
        by_ring[ring].append(f"{label}:{key}")
    share = max(2, SOFT_LIMIT // max(1, len(by_ring)))
    ids = [one for members in by_ring.values() for one in members[:share]]
    title = say("console.canvas.rings", lang, count=len(ring_ids))
    open_nodes(run, ids, title=title, lang=lang)
