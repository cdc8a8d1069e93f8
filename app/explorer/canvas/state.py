"""What one visit to the network explorer holds, and how an event changes it.

Everything here is frozen and pure: :func:`reduce` takes a state and an event and returns the next
state. A node is named ``Label:key``, such as ``Patient:P-7f3a91…``; nothing else about it is kept,
so that a saved view holds no facts that may change, and no clear identifier.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

Group = Literal["none", "ring", "place"]
Spot: TypeAlias = tuple[int, int]

STEPS = 100
"""How many changes can be undone."""
SOFT_LIMIT = 300
"""Nodes above which a picture gets hard to read: the page says so."""
HARD_LIMIT = 1_500
"""Nodes that are ever drawn: beyond, nodes are folded into one."""
NOTE_LENGTH = 2_000


def _none() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What is on the canvas: everything that undo brings back.

    ``nodes`` are in order of arrival; ``hidden`` ones are kept and not drawn. ``at`` has a place
    for every node, in canvas units. ``totals`` says how many neighbours an expanded node has in the
    graph. ``paths`` are the chains of nodes last asked for.
    """

    nodes: tuple[str, ...] = ()
    at: Mapping[str, Spot] = field(default_factory=_none)
    pins: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    off: frozenset[str] = frozenset()
    group: Group = "none"
    notes: Mapping[str, str] = field(default_factory=_none)
    totals: Mapping[str, int] = field(default_factory=_none)
    paths: tuple[tuple[str, ...], ...] = ()

    @property
    def drawn(self) -> tuple[str, ...]:
        """The nodes that are not hidden, types that are off included."""
        return tuple(one for one in self.nodes if one not in self.hidden)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplorerState:
    """A scene with its past and future, and what does not belong to either.

    ``placed`` rises when the browser must take every position from here; while it stays, nodes
    that are drawn stay where they are. ``chosen`` rises when the selection was made outside the
    canvas. ``heard`` is the number of the last event of the browser that was acted on.
    """

    scene: Scene = field(default_factory=Scene)
    past: tuple[Scene, ...] = ()
    future: tuple[Scene, ...] = ()
    selection: tuple[str, ...] = ()
    ties: tuple[str, ...] = ()
    path_from: str | None = None
    placed: int = 0
    chosen: int = 0
    heard: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """Nodes and ties were selected; ``outside`` if not on the canvas."""

    ids: tuple[str, ...] = ()
    ties: tuple[str, ...] = ()
    outside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Nodes were dragged, or arranged; ``outside`` if the browser does not know their places."""

    at: Mapping[str, Spot]
    outside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """Nodes are pinned; those that all are become loose."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """Nodes are taken off the canvas."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Revealed:
    """Every hidden node and type is shown again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Only these nodes stay: the page adds the neighbours of the selected ones."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeToggled:
    """A type is switched off in the legend, or on again."""

    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """Nodes of one ring or place are drawn on one ground."""

    by: Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """Nodes came from the graph, with a place each; ``total`` neighbours ``around`` has there."""

    at: Mapping[str, Spot]
    around: str | None = None
    total: int = 0
    paths: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A note was written on a node; an empty one removes it."""

    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PathBegun:
    """A path will be asked for from this node."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """The last change is taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redone:
    """A change that was taken back is made again."""


Event: TypeAlias = (
    Selected | Moved | Pinned | Hidden | Revealed | Kept | TypeToggled | Grouped | Added | Noted
    | PathBegun | Undone | Redone
)  # fmt: skip


def reduce(state: ExplorerState, event: Event) -> ExplorerState:
    """Return the state after an event; the same state where it changes nothing.

    Nodes that are not on the canvas are passed over: an event of the browser may come late.
    Selecting and beginning a path are no changes that can be undone; everything else is.
    """
    match event:
        case Selected():
            return _selected(state, event)
        case PathBegun(id=one):
            return replace(state, path_from=one) if one in state.scene.nodes else state
        case Undone():
            return _undone(state)
        case Redone():
            return _redone(state)
        case _:
            return _changed(state, event)


def opened(scene: Scene) -> ExplorerState:
    """Return the state of a scene that was just loaded: no past, every position from here."""
    return ExplorerState(scene=scene, placed=1)


def _changed(state: ExplorerState, event: Event) -> ExplorerState:
    scene = _next_scene(state.scene, event)
    if scene == state.scene:
        return state
    known = set(scene.drawn)
    outside = isinstance(event, Moved) and event.outside
    return replace(
        state,
        scene=scene,
        past=(*state.past, state.scene)[-STEPS:],
        future=(),
        selection=tuple(one for one in state.selection if one in known),
        path_from=None if isinstance(event, Added) and event.paths else state.path_from,
        placed=state.placed + outside,
    )


def _next_scene(scene: Scene, event: Event) -> Scene:
    here = set(scene.nodes)
    match event:
        case Moved(at=at):
            moved = {one: spot for one, spot in at.items() if one in here}
            return replace(scene, at=_with(scene.at, moved))
        case Pinned(ids=ids):
            wanted = here.intersection(ids)
            pins = scene.pins - wanted if wanted <= scene.pins else scene.pins | wanted
            return replace(scene, pins=pins)
        case Hidden(ids=ids):
            return replace(scene, hidden=scene.hidden | here.intersection(ids))
        case Revealed():
            return replace(scene, hidden=frozenset(), off=frozenset())
        case Kept(ids=ids):
            return replace(scene, hidden=frozenset(here.difference(ids))) if ids else scene
        case TypeToggled(type=type_):
            return replace(scene, off=scene.off ^ {type_})
        case Grouped(by=by):
            return replace(scene, group=by)
        case Added():
            return _added(scene, event)
        case Noted(id=one, text=text) if one in here:
            notes = {key: note for key, note in scene.notes.items() if key != one}
            if text.strip():
                notes[one] = text.strip()[:NOTE_LENGTH]
            return replace(scene, notes=MappingProxyType(notes))
        case _:
            return scene


def _added(scene: Scene, event: Added) -> Scene:
    here = set(scene.nodes)
    new = {one: spot for one, spot in event.at.items() if one not in here}
    totals = scene.totals
    if event.around is not None and event.total:
        totals = _with(totals, {event.around: event.total})
    return replace(
        scene,
        nodes=(*scene.nodes, *new),
        at=_with(scene.at, new),
        hidden=scene.hidden.difference(event.at),
        totals=totals,
        paths=event.paths or scene.paths,
    )


def _selected(state: ExplorerState, event: Selected) -> ExplorerState:
    here = set(state.scene.drawn)
    ids = tuple(one for one in event.ids if one in here)
    if (ids, event.ties) == (state.selection, state.ties):
        return state
    return replace(state, selection=ids, ties=event.ties, chosen=state.chosen + event.outside)


def _undone(state: ExplorerState) -> ExplorerState:
    if not state.past:
        return state
    *past, scene = state.past
    return _turned(state, scene, tuple(past), (state.scene, *state.future))


def _redone(state: ExplorerState) -> ExplorerState:
    if not state.future:
        return state
    scene, *future = state.future
    return _turned(state, scene, (*state.past, state.scene), tuple(future))


def _turned(
    state: ExplorerState, scene: Scene, past: tuple[Scene, ...], future: tuple[Scene, ...]
) -> ExplorerState:
    return replace(
        state,
        scene=scene,
        past=past,
        future=future,
        selection=_still(state.selection, scene.drawn),
        path_from=None,
        placed=state.placed + 1,
    )


def _still(ids: Iterable[str], drawn: Iterable[str]) -> tuple[str, ...]:
    known = set(drawn)
    return tuple(one for one in ids if one in known)


def _with(old: Mapping[str, Any], new: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType({**old, **new}) if new else old
