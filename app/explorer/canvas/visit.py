"""One visit to the network explorer: the state it works on, and what each event leads to.

Reading the graph and saving happen here, around the pure :func:`app.explorer.canvas.state.reduce`.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.explorer.canvas import layout
from app.explorer.canvas import neighbours as graph
from app.explorer.canvas.asking import AGENCY, Asked, shown
from app.explorer.canvas.document import from_text, to_text, veiled
from app.explorer.canvas.neighbours import Choice, Facts, Line
from app.explorer.canvas.paths import HOPS, Paths, between
from app.explorer.canvas.picture import Picture, groups, picture
from app.explorer.canvas.state import (
    HARD_LIMIT,
    Added,
    Event,
    ExplorerState,
    Grouped,
    Hidden,
    Kept,
    Moved,
    Noted,
    PathBegun,
    Pinned,
    Redone,
    Revealed,
    Scene,
    Selected,
    TypeToggled,
    Undone,
    opened,
    reduce,
)
from casework.views import StaleView, View
from ingest.texts import Language

FAR = 1_000_000


@dataclass(slots=True, kw_only=True)
class Visit:
    """What one browser window works on. The only thing here that changes in place.

    ``facts`` and ``lines`` hold what the graph said of every node seen so far; ``said`` are
    messages to show once, as (key of the catalogue, values); ``ask_for`` opens a dialog: what, and
    for which node.
    """

    ask: Asked
    title: str = ""
    about: str | None = None
    case_id: str | None = None
    state: ExplorerState = field(default_factory=ExplorerState)
    facts: dict[str, Facts] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    joined: set[str] = field(default_factory=set)
    said: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    ask_for: tuple[str, str] | None = None
    paths: Paths | None = None
    path_ends: tuple[str, str] | None = None
    view: View | None = None
    stale: StaleView | None = None
    saved: ExplorerState | None = None
    drawn: Picture | None = None
    drawn_of: tuple[Scene, Language, int, int, tuple[str, ...]] | None = None
    fit: int = 0
    picked: int = 0
    png: int = 0

    def do(self, event: Event) -> None:
        """Act on an event."""
        self.state = reduce(self.state, event)

    def hear(self, payload: Mapping[str, Any]) -> None:
        """Act on the events of the browser that were not yet acted on, oldest first."""
        for one in payload.get("events", []):
            seq = int(one["seq"])
            if seq > self.state.heard:
                self._act(one)
                self.state = replace(self.state, heard=seq)

    def learn(self) -> None:
        """Ask the graph about nodes of the scene that are new to this visit."""
        nodes = set(self.state.scene.nodes)
        unknown = nodes - self.joined
        if not unknown:
            return
        self.facts |= graph.facts(self.ask, unknown)
        here = nodes | self.joined
        known = [one for one in here if one in self.facts]
        new = [one for one in unknown if one in self.facts]
        if new:
            every = len(new) == len(known)
            self.lines |= {
                line.id: line for line in graph.lines(self.ask, known, None if every else new)
            }
        self.joined |= unknown

    def open(self, ids: Iterable[str], *, around: str | None = None) -> None:
        """Start from these nodes, laid out anew."""
        self.state = opened(Scene(nodes=shown(self.ask, ids)))
        self.learn()
        known = tuple(one for one in self.state.scene.nodes if one in self.facts)
        at = layout.whole(known, self._pairs(known))
        self.state = opened(Scene(nodes=known, at=at))
        self.about = around
        self.saved = self.state
        self.fit += 1

    def load(self, view: View) -> None:
        """Take up a saved view where it was left, with its past."""
        heard = self.state.heard
        self.view, self.stale = view, None
        self.title, self.about, self.case_id = view.title, view.about, view.case_id
        loaded = veiled(from_text(view.document, view=view.view_id), self.ask)
        self.state = replace(
            loaded, heard=heard, placed=self.state.placed + 1, chosen=self.state.chosen + 1
        )
        self.saved = self.state
        self.learn()
        self.fit += 1

    def add(self, ids: Iterable[str], *, around: str | None = None, total: int = 0,
            paths: tuple[tuple[str, ...], ...] = ()) -> None:  # fmt: skip
        """Put nodes on the canvas beside what they are tied to; nothing that stands there moves."""
        scene = self.state.scene
        wanted = list(shown(self.ask, ids))
        unknown = [one for one in wanted if one not in self.joined]
        self.facts |= graph.facts(self.ask, unknown)
        new = [one for one in wanted if one in self.facts and one not in scene.at]
        fresh = [one for one in unknown if one in self.facts]
        if fresh:
            known = [one for one in {*self.joined, *scene.nodes, *fresh} if one in self.facts]
            self.lines |= {line.id: line for line in graph.lines(self.ask, known, fresh)}
            self.joined.update(fresh)
        anchor = around if around in scene.at else None
        spots = layout.beside(scene.at, new, self._pairs({*scene.nodes, *new}), anchor=anchor)
        at = {one: scene.at.get(one) or spots[one] for one in wanted if one in self.facts}
        if not scene.nodes:
            self.fit += 1
        self.do(Added(at=at, around=around, total=total, paths=paths))

    def expand(self, one: str, choice: Choice | None = None) -> None:
        """Bring the neighbours of a node, or ask which ones where it is a hub."""
        found = graph.around(self.ask, one, choice or Choice())
        if choice is None and found.total > graph.MANY:
            self.ask_for = ("expand", one)
            return
        before = set(self.state.scene.drawn)
        total = (
            found.total if choice is None else graph.around(self.ask, one, Choice(limit=1)).total
        )
        self.add(found.ids, around=one, total=total)
        if before == set(self.state.scene.drawn):
            self.said.append(("canvas.info.nothing_new", {"node": one}))

    def find_path(self, first: str, second: str) -> None:
        """Look for the shortest chains between two nodes and put them on the canvas."""
        self.paths = between(self.ask, first, second, hops=HOPS)
        self.path_ends = (first, second)
        ids = [one for chain in self.paths.chains for one in chain]
        if ids:
            self.add(ids, paths=self.paths.chains)

    def draw(self, lang: Language) -> Picture:
        """Return what is drawn; worked out anew only where the scene or what is known changed."""
        # A selection counts only where nodes are folded: what is selected never is.
        many = len(self.state.scene.drawn) > HARD_LIMIT
        chosen = self.state.selection if many else ()
        of = (self.state.scene, lang, len(self.facts), len(self.lines), chosen)
        if self.drawn is None or self.drawn_of is None or self.drawn_of != of:
            self.drawn = picture(self.state, self.facts, self.lines.values(), lang)
            self.drawn_of = of
        return self.drawn

    def unsaved(self) -> bool:
        """Whether the scene or its past is not what was last saved."""
        saved = self.saved or ExplorerState()
        mine = self.state
        return (mine.scene, mine.past, mine.future) != (saved.scene, saved.past, saved.future)

    def document(self) -> str:
        """Return what is saved."""
        return to_text(self.state)

    def _act(self, one: Mapping[str, Any]) -> None:
        """Do what was asked on the picture.

        Nothing is done of nodes that are gone by now, nor at ``save``: all is saved as it changes.
        """
        ids = self.drawn.members(map(str, one.get("ids", []))) if self.drawn else ()
        ids = tuple(each for each in ids if each in self.facts)
        folded = bool(one.get("ids")) and str(one["ids"][0]).startswith("Fold:")
        match one.get("action"):
            case "expand" | "expand_more" if ids[:1] == (AGENCY,):
                self.said.append(("canvas.agency.no_expand", {}))
            case "select":
                self.do(Selected(ids=ids, ties=tuple(map(str, one.get("ties", [])))))
                self.picked += 1
            case "move":
                self.do(Moved(at=_spots(one.get("at", {}))))
            case "pin":
                self.do(Pinned(ids=ids))
            case "hide":
                self.do(Hidden(ids=ids))
            case "show":
                self.do(Revealed())
            case "keep":
                self.do(Kept(ids=ids if folded else self._with_neighbours(ids)))
            case "type":
                self.do(TypeToggled(type=str(one.get("type", ""))))
            case "group":
                self.do(Grouped(by=one["by"]))
            case "arrange":
                self.arrange()
            case "undo":
                self.do(Undone())
            case "redo":
                self.do(Redone())
            case "expand" if ids and not folded:
                tie = one.get("tie")
                self.expand(ids[0], Choice(ties=(str(tie),)) if tie else None)
            case "expand":
                self.said.append(("canvas.info.fold_expand", {"count": len(ids)}))
            case "expand_more" if ids:
                self.ask_for = ("expand", ids[0])
            case "note" if ids:
                self.ask_for = ("note", ids[0])
            case "path" if len(ids) == 2:
                self.find_path(ids[0], ids[1])
            case "path_from" if ids:
                self.do(PathBegun(id=ids[0]))
            case "path_to" if ids and self.state.path_from:
                self.find_path(self.state.path_from, ids[0])
            case "settlements":
                self.do(Selected(ties=tuple(map(str, one.get("ids", []))), outside=True))
            case "png":
                self.ask_for = ("png", "")

    def note(self, one: str, text: str) -> None:
        """Write a note on a node."""
        self.do(Noted(id=one, text=text))

    def arrange(self) -> None:
        """Lay the scene out anew, its groups apart from each other; pinned nodes stay."""
        scene = self.state.scene
        drawn = [one for one in scene.drawn if one in self.facts]
        grouped = {
            one: names[0] for one, names in groups(scene, self.facts, self._drawn_lines()).items()
        }
        at = layout.whole(drawn, self._pairs(drawn), groups=grouped or None)
        loose = {one: spot for one, spot in at.items() if one not in scene.pins}
        self.do(Moved(at=loose, outside=True))
        self.fit += 1

    def _drawn_lines(self) -> list[Line]:
        here = set(self.state.scene.drawn)
        return graph.uncovered(
            [line for line in self.lines.values() if line.start in here and line.end in here]
        )

    def _with_neighbours(self, ids: Iterable[str]) -> tuple[str, ...]:
        wanted = set(ids)
        beside = {
            one
            for line in self._drawn_lines()
            for one in (line.start, line.end)
            if line.start in wanted or line.end in wanted
        }
        return tuple(sorted(wanted | beside))

    def _pairs(self, ids: Iterable[str]) -> list[tuple[str, str]]:
        here = set(ids)
        inside = [x for x in self.lines.values() if x.start in here and x.end in here]
        return [(line.start, line.end) for line in graph.uncovered(inside)]


def _spots(at: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """Return places as the browser gave them; what is no number in reach is passed over."""
    spots = {}
    for one, place in at.items():
        x, y = (float(part) for part in place)
        if math.isfinite(x) and math.isfinite(y) and max(abs(x), abs(y)) < FAR:
            spots[str(one)] = (round(x), round(y))
    return spots
