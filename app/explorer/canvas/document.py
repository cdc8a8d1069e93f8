"""A state as text and back, so that a view with its past survives the visit.

The past is written as what each step changed, so that a hundred steps of a large picture stay a few
kilobytes longer than one. The selection is not kept.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from app.explorer.canvas.asking import Asked, shown
from app.explorer.canvas.state import ExplorerState, Scene
from ingest.errors import RingfenceError
from ingest.telling import to_say

FORM = 1
MAPS = ("at", "notes", "totals")
SETS = ("pins", "hidden", "off")


def to_text(state: ExplorerState) -> str:
    """Return the scene with its past and future as JSON."""
    scenes = [*state.past, state.scene, *state.future]
    plain = [_plain(scene) for scene in scenes]
    steps = [_difference(before, after) for before, after in pairwise(plain)]
    whole = {"form": FORM, "first": plain[0], "steps": steps, "now": len(state.past)}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def from_text(text: str, *, view: str) -> ExplorerState:
    """Return the state that :func:`to_text` wrote.

    Raises
    ------
    RingfenceError
        If the text is none of ours, or of a form that a newer version wrote.
    """
    try:
        whole = json.loads(text)
        form = whole["form"]
        if form == FORM:
            plain = [whole["first"]]
            for step in whole["steps"]:
                plain.append(_changed(plain[-1], step))
            scenes = [_scene(each) for each in plain]
            now = int(whole["now"])
            return ExplorerState(
                scene=scenes[now],
                past=tuple(scenes[:now]),
                future=tuple(scenes[now + 1 :]),
                placed=1,
            )
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise RingfenceError(
            to_say("refused.page.view_unreadable", view=view, error=error)
        ) from error
    raise RingfenceError(to_say("refused.page.view_form", view=view, form=form, expected=FORM))


def forgotten(state: ExplorerState) -> ExplorerState:
    """Return the state without its past and future."""
    return replace(state, past=(), future=())


def veiled(state: ExplorerState, ask: Asked) -> ExplorerState:
    """Return a state with the nodes that who asks may be shown, in its past and future too.

    Of several that become one, the first has the place, and the notes of all are its.
    """
    return replace(
        state,
        scene=_veiled(state.scene, ask),
        past=tuple(_veiled(one, ask) for one in state.past),
        future=tuple(_veiled(one, ask) for one in state.future),
    )


def _veiled(scene: Scene, ask: Asked) -> Scene:
    if shown(ask, scene.nodes) == scene.nodes:
        return scene
    kept: dict[str, dict[str, Any]] = {name: {} for name in MAPS}
    for name in MAPS:
        for one, value in getattr(scene, name).items():
            for each in shown(ask, [one]):
                before = kept[name].get(each)
                both = name == "notes" and before is not None
                kept[name][each] = f"{before}\n{value}" if both else before or value
    chains = (shown(ask, path) for path in scene.paths)
    whole = {path: chain for path, chain in zip(scene.paths, chains, strict=True) if path == chain}
    return replace(
        scene,
        nodes=shown(ask, scene.nodes),
        paths=tuple(whole),
        pins=frozenset(shown(ask, scene.pins)),
        hidden=frozenset(shown(ask, scene.hidden)),
        at=MappingProxyType(kept["at"]),
        notes=MappingProxyType(kept["notes"]),
        totals=MappingProxyType(kept["totals"]),
    )


def _plain(scene: Scene) -> dict[str, Any]:
    return {
        "nodes": list(scene.nodes),
        "group": scene.group,
        "paths": [list(path) for path in scene.paths],
        **{name: sorted(getattr(scene, name)) for name in SETS},
        **{name: dict(getattr(scene, name)) for name in MAPS},
    }


def _scene(plain: Mapping[str, Any]) -> Scene:
    at = {one: (int(x), int(y)) for one, (x, y) in plain["at"].items()}
    return Scene(
        nodes=tuple(plain["nodes"]),
        group=plain["group"],
        paths=tuple(tuple(path) for path in plain["paths"]),
        pins=frozenset(plain["pins"]),
        hidden=frozenset(plain["hidden"]),
        off=frozenset(plain["off"]),
        at=MappingProxyType(at),
        notes=MappingProxyType(dict(plain["notes"])),
        totals=MappingProxyType(dict(plain["totals"])),
    )


def _difference(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return what changed; of a map the entries that did and, under ``gone``, those that went."""
    step: dict[str, Any] = {}
    for name, new in after.items():
        old = before[name]
        if new == old:
            continue
        if name in MAPS:
            step[name] = {key: value for key, value in new.items() if old.get(key) != value}
            gone = sorted(old.keys() - new.keys())
            if gone:
                step.setdefault("gone", {})[name] = gone
        elif name == "nodes" and new[: len(old)] == old:
            step["more"] = new[len(old) :]
        else:
            step[name] = new
    return step


def _changed(before: dict[str, Any], step: dict[str, Any]) -> dict[str, Any]:
    after = dict(before)
    for name, value in step.items():
        if name == "more":
            after["nodes"] = [*before["nodes"], *value]
        elif name == "gone":
            continue
        else:
            after[name] = {**before[name], **value} if name in MAPS else value
    for name, keys in step.get("gone", {}).items():
        after[name] = {key: value for key, value in after[name].items() if key not in keys}
    return after
