"""What the browser is told: nodes, lines and settings, few and small, without clear identifiers."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from app.explorer.canvas.asking import AGENCY, key_shown
from app.explorer.canvas.folding import Fold, folded
from app.explorer.canvas.neighbours import Facts, Line, parted, uncovered
from app.explorer.canvas.state import HARD_LIMIT, ExplorerState, Scene
from app.explorer.canvas.ties import touching
from app.explorer.words import shortened
from ingest.texts import Language, say
from ringfence_canvas import TYPES

NAME_LENGTH = 16
BROWSER_LAYOUT = 500
"""Nodes up to which the browser arranges anew; beyond, and for groups, the server does."""
NOTED = "※"
MENU_KINDS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Nodes and lines as drawn, what was folded for want of room, and short names by node."""

    nodes: tuple[dict[str, Any], ...]
    edges: tuple[dict[str, Any], ...]
    folds: Mapping[str, Fold]
    names: Mapping[str, str]
    lines: tuple[Line, ...]
    gone: int = 0

    def members(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Return nodes with those that stand for many replaced by what they stand for."""
        by_id = {fold.id: fold for fold in self.folds.values()}
        return tuple(
            member for one in ids for member in (by_id[one].members if one in by_id else (one,))
        )


def picture(
    state: ExplorerState,
    facts: Mapping[str, Facts],
    lines: Iterable[Line],
    lang: Language,
    *,
    limit: int = HARD_LIMIT,
) -> Picture:
    """Return what is drawn of a state; nodes that the graph does not know any more are left out.

    Types that are off are part of it, so that the legend can count them.
    """
    scene = state.scene
    shown = [one for one in scene.drawn if one in facts]
    known = set(shown)
    drawn = uncovered([line for line in lines if line.start in known and line.end in known])
    keep = {
        AGENCY,
        *state.selection,
        *scene.pins,
        *scene.notes,
        *(one for path in scene.paths for one in path),
    }
    folds = folded(shown, drawn, facts, limit=limit, keep=keep)
    names = short_names(shown, lang)
    nodes = _nodes(scene, shown, facts, drawn, folds, names, lang)
    return Picture(
        nodes=tuple(nodes),
        edges=tuple(_edges(drawn, folds, lang)),
        folds=folds,
        names=names,
        lines=tuple(drawn),
        gone=len(scene.drawn) - len(shown),
    )


def settings(
    state: ExplorerState, drawn: Picture, lang: Language, *, height: str, **more: Any
) -> dict[str, Any]:
    """Return what the canvas must know beside nodes and lines."""
    scene = state.scene
    on_path = {frozenset(pair) for path in scene.paths for pair in pairwise(path)}
    counts: dict[str, int] = {}
    for node in drawn.nodes:
        counts[node["type"]] = counts.get(node["type"], 0) + int(node.get("fold", 1))
    off = sorted(scene.off & counts.keys())
    visible = sum(count for type_, count in counts.items() if type_ not in scene.off)
    return {
        "height": height,
        "rev": state.placed,
        "heard": state.heard,
        "chosen": state.chosen,
        "selection": list(state.selection),
        "ties": list(state.ties),
        "past": len(state.past),
        "future": len(state.future),
        "hidden": len(scene.hidden) + len(off),
        "off": off,
        "group": scene.group,
        "groups": {
            name: drawn.names.get(name, short_names([name], lang)[name])
            for node in drawn.nodes
            for name in node["groups"]
        },
        "legend": [
            [kind, say(f"canvas.type.{kind}", lang), counts[kind]]
            for kind in TYPES
            if kind in counts
        ],
        "path": {
            "nodes": sorted({one for path in scene.paths for one in path}),
            "edges": [
                line.id for line in drawn.lines if frozenset((line.start, line.end)) in on_path
            ],
        },
        "path_from": state.path_from,
        "info": say(
            "canvas.info.counts",
            lang,
            shown=f"{visible:,}",
            loaded=f"{len(scene.nodes):,}",
            lines=f"{len(drawn.edges):,}",
        ),
        "tips": {name: say(f"canvas.tip.{name}", lang) for name in TIPS},
        "menu": _menu(sorted(counts), lang),
        "browser_layout": BROWSER_LAYOUT,
        **more,
    }


TIPS = (
    "canvas",
    "bar",
    "legend",
    "type_off",
    "type_on",
    "undo",
    "redo",
    "expand",
    "path",
    "note",
    "pin",
    "hide",
    "keep",
    "show",
    "lay",
    "fit",
    "zoomin",
    "zoomout",
    "labels",
    "png",
    "full",
)


def groups(scene: Scene, facts: Mapping[str, Facts], lines: Iterable[Line]) -> dict[str, list[str]]:
    """Return the groups of each node: its rings, or the places it is tied to, as chosen."""
    if scene.group == "none":
        return {}
    if scene.group == "ring":
        return {
            one: [f"Ring:{ring}" for ring, *_ in facts[one].rings]
            for one in scene.drawn
            if one in facts and facts[one].rings
        }
    found: dict[str, dict[str, None]] = {}
    terminals: dict[str, str] = {}
    every = list(lines)
    for line in every:
        if line.end.startswith(("Pharmacy:", "Institution:")):
            found.setdefault(line.start, {})[line.end] = None
            found.setdefault(line.end, {})[line.end] = None
            if line.tie.name == "INSTALLED_AT":
                terminals[line.start] = line.end
    for line in every:
        if line.end in terminals:
            found.setdefault(line.start, {})[terminals[line.end]] = None
    return {one: sorted(places) for one, places in found.items()}


def short_names(ids: Sequence[str], lang: Language) -> dict[str, str]:
    """Return what is written at each node: a short pseudonym, or the identifier's telling end."""
    keys = {one: key_shown(one, lang) for one in ids}
    short = shortened(keys.values())
    named = {}
    for one, key in keys.items():
        name = short[key].removeprefix("proxy:")
        named[one] = name if len(name) <= NAME_LENGTH else f"…{name[-8:]}"
    return named


def _nodes(
    scene: Scene,
    shown: Sequence[str],
    facts: Mapping[str, Facts],
    lines: Sequence[Line],
    folds: Mapping[str, Fold],
    names: Mapping[str, str],
    lang: Language,
) -> Iterable[dict[str, Any]]:
    member_of = groups(scene, facts, lines)
    beside: dict[str, set[str]] = {}
    for line in lines:
        beside.setdefault(line.start, set()).add(line.end)
        beside.setdefault(line.end, set()).add(line.start)
    done: set[str] = set()
    for one in shown:
        fold = folds.get(one)
        if fold is not None and fold.id in done:
            continue
        x, y = scene.at.get(one, (0, 0))
        kind = parted(one)[0]
        type_name = say(f"canvas.type.{kind}", lang)
        if fold is not None:
            done.add(fold.id)
            spots = [scene.at.get(each, (0, 0)) for each in fold.members]
            x = round(sum(spot[0] for spot in spots) / len(spots))
            y = round(sum(spot[1] for spot in spots) / len(spots))
            caption = f"{type_name} ×{len(fold.members)}"
            yield {
                "id": fold.id,
                "type": kind,
                "caption": caption,
                "said": caption,
                "x": x,
                "y": y,
                "risk": round(max(facts[each].risk for each in fold.members), 2),
                "fold": len(fold.members),
                "groups": member_of.get(one, []),
                "pin": False,
            }
            continue
        caption = names[one] + (f" {NOTED}" if one in scene.notes else "")
        near, total = len(beside.get(one, ())), scene.totals.get(one, 0)
        if total > near:
            caption += f"\n{near} / {total:,}"
        yield {
            "id": one,
            "type": kind,
            "caption": caption,
            "said": f"{type_name} {names[one]}, {near}",
            "x": x,
            "y": y,
            "risk": round(facts[one].risk, 2),
            "groups": member_of.get(one, []),
            "pin": one in scene.pins,
            # Drawn as one that stands for many, with the menu of such: it cannot be expanded.
            **({"fold": 1} if one == AGENCY else {}),
        }


def _edges(
    lines: Iterable[Line], folds: Mapping[str, Fold], lang: Language
) -> Iterable[dict[str, Any]]:
    """Yield one line for each kind between two nodes; those of folded nodes are added up."""
    merged: dict[tuple[str, str, str], list[Line]] = {}
    for line in lines:
        start, end = (folds[one].id if one in folds else one for one in (line.start, line.end))
        if start != end:
            merged.setdefault((line.tie.name, start, end), []).append(line)
    for (name, start, end), parts in merged.items():
        times = sum(line.times for line in parts)
        one = parts[0]
        whole = start == one.start and end == one.end
        label = say(f"canvas.tie.{name}", lang) + (f" ×{times:,}" if times > 1 else "")
        yield {
            "id": one.id if whole else f"{name}|{start}|{end}",
            "source": start,
            "target": end,
            "label": label,
            "brief": f"×{times:,}" if times > 1 else "",
            "width": round(1.0 + min(3.0, 0.35 * math.log2(max(1, times))), 1),
            "met": name == "SWIPED_WITH",
            "plain": not one.tie.directed,
        }


def _menu(types: Iterable[str], lang: Language) -> dict[str, Any]:
    def entries(*names: str) -> list[list[str]]:
        return [
            ["-", ""] if one == "-" else [one, say(f"canvas.menu.{one}", lang)] for one in names
        ]

    by_type = {}
    for kind in types:
        kinds: dict[str, str] = {}
        for tie, _ in touching(kind):
            name = say(
                "canvas.expand.kind_plain",
                lang,
                tie=say(f"canvas.tie.{tie.name}", lang),
                type=say(f"canvas.type.{tie.other(kind)}", lang),
            )
            kinds.setdefault(name, tie.id)
        by_type[kind] = [
            ["expand", say("canvas.menu.expand", lang)],
            ["expand_more", say("canvas.menu.expand_more", lang)],
            *[
                [f"expand|{tie}", say("canvas.menu.expand_by", lang, kind=name)]
                for name, tie in list(kinds.items())[:MENU_KINDS]
            ],
            ["-", ""],
        ]
    return {
        "types": by_type,
        "node": entries("path_from", "path_to", "-", "note", "pin", "keep", "hide"),
        "fold": entries("keep", "hide"),
        "line": entries("settlements"),
        "ground": entries("lay", "fit", "all", "show"),
    }
