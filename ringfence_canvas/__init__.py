"""The graph canvas: nodes and lines go in, what the user does comes out.

A Streamlit component (version 2) whose JavaScript is bundled in ``build/`` from ``canvas/``; see
``make canvas``. It knows nothing of insurance: what is drawn, said and allowed is told to it.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

HOME = Path(__file__).parent
NAME = "ringfence-canvas.canvas"
TYPES: dict[str, list[str]] = json.loads((HOME / "types.json").read_text("utf-8"))
"""Chinese name, shape, colour and icon (a path in a square of 24) of every type of node."""


def canvas(
    nodes: Sequence[dict[str, Any]],
    edges: Sequence[dict[str, Any]],
    settings: dict[str, Any],
    *,
    key: str,
    on_event: Callable[[], None],
) -> None:
    """Draw the canvas; ``on_event`` is called before the script runs when the user did something.

    What was done then stands in ``st.session_state[key].event`` as ``{"events": [{"seq": …,
    "action": …, "ids": […]}, …]}``, oldest first. Events come again until ``settings["heard"]`` has
    their number, so whoever reads them passes over those it knows. Without ``key`` each change of
    the data would mount a new canvas.
    """
    _register()
    component = st.components.v2.component(
        NAME, html='<div class="rf"></div>', js="index.js", css="style.css"
    )
    component(
        key=key,
        data={"nodes": list(nodes), "edges": list(edges), "cfg": settings},
        on_event_change=on_event,
    )


def _register() -> None:
    """Tell the running server where the files of the bundle lie.

    Streamlit looks for such components in installed distributions named like their module, which
    in an editable install would take a second distribution; the very call it makes for those it
    finds is made here, once for each server.
    """
    manager = get_bidi_component_manager()
    if manager.get_component_asset_root(NAME) is None:
        package, _, component = NAME.partition(".")
        manager.register_from_manifest(
            ComponentManifest(
                name=package,
                version="1",
                components=[ComponentConfig(name=component, asset_dir="build")],
            ),
            HOME,
        )
