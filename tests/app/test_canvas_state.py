"""The state of the canvas: every event, undo, what is saved, folding, layout."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from app.explorer.canvas.document import from_text, to_text
from app.explorer.canvas.folding import folded
from app.explorer.canvas.layout import NODE, beside, packed, whole
from app.explorer.canvas.neighbours import Facts, Line
from app.explorer.canvas.picture import picture, settings
from app.explorer.canvas.state import (
    HARD_LIMIT,
    NOTE_LENGTH,
    STEPS,
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
from app.explorer.canvas.ties import by_id
from ingest.errors import RingfenceError

A, B, C = "Patient:P-a", "Patient:P-b", "Device:D-1"
START = opened(Scene(nodes=(A, B, C), at={A: (0, 0), B: (100, 0), C: (50, 80)}))

CHANGES: dict[str, tuple[Event, Callable[[Scene], bool]]] = {
    "move": (Moved(at={A: (7, 8), "Patient:gone": (1, 1)}), lambda s: s.at[A] == (7, 8)),
    "pin": (Pinned(ids=(A, B)), lambda s: s.pins == {A, B}),
    "hide": (Hidden(ids=(C,)), lambda s: s.drawn == (A, B)),
    "keep": (Kept(ids=(A, C)), lambda s: s.drawn == (A, C)),
    "type": (TypeToggled(type="Device"), lambda s: s.off == {"Device"}),
    "group": (Grouped(by="ring"), lambda s: s.group == "ring"),
    "note": (Noted(id=B, text=" looked at "), lambda s: s.notes == {B: "looked at"}),
    "add": (
        Added(at={"Staff:S": (9, 9), A: (1, 1)}, around=A, total=40),
        lambda s: s.nodes[-1] == "Staff:S" and s.at[A] == (0, 0) and s.totals == {A: 40},
    ),
    "path": (Added(at={A: (5, 5)}, paths=((A, C),)), lambda s: s.paths == ((A, C),)),
}


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_is_made_undone_and_made_again(name: str) -> None:
    event, holds = CHANGES[name]
    after = reduce(START, event)
    assert holds(after.scene)
    assert after.past == (START.scene,)
    back = reduce(after, Undone())
    assert back.scene == START.scene
    assert back.placed > after.placed, "the browser must take the places from here"
    again = reduce(back, Redone())
    assert again.scene == after.scene
    assert not again.future


@pytest.mark.parametrize(
    "event",
    [
        Moved(at={}),
        Moved(at={"Patient:gone": (1, 1)}),
        Pinned(ids=()),
        Hidden(ids=("Patient:gone",)),
        Kept(ids=()),
        Noted(id="Patient:gone", text="x"),
        Noted(id=A, text="  "),
        Grouped(by="none"),
        Revealed(),
        Added(at={}),
        Undone(),
        Redone(),
        Selected(),
        PathBegun(id="Patient:gone"),
    ],
)
def test_what_changes_nothing_leaves_no_step(event: Event) -> None:
    assert reduce(START, event) == START


def test_pins_turn_both_ways_and_everything_hidden_comes_back() -> None:
    pinned = reduce(START, Pinned(ids=(A,)))
    assert reduce(pinned, Pinned(ids=(A, B))).scene.pins == {A, B}
    assert reduce(pinned, Pinned(ids=(A,))).scene.pins == frozenset()
    gone = reduce(reduce(START, Hidden(ids=(A,))), TypeToggled(type="Device"))
    assert reduce(gone, Revealed()).scene == START.scene
    assert reduce(gone, Added(at={A: (3, 3)})).scene.at[A] == (0, 0), "it kept its place"


def test_selection_is_no_step_and_loses_what_is_hidden() -> None:
    chosen = reduce(START, Selected(ids=(A, C, "Patient:gone")))
    assert chosen.selection == (A, C)
    assert not chosen.past
    assert chosen.chosen == START.chosen
    assert reduce(START, Selected(ids=(A,), outside=True)).chosen == START.chosen + 1
    assert reduce(chosen, Hidden(ids=(C,))).selection == (A,)
    assert reduce(START, PathBegun(id=A)).path_from == A


def test_a_new_change_forgets_what_was_undone() -> None:
    undone = reduce(reduce(START, Hidden(ids=(A,))), Undone())
    assert reduce(undone, Pinned(ids=(B,))).future == ()


def test_at_least_fifty_steps_come_back() -> None:
    assert STEPS >= 50
    state = START
    scenes = []
    for n in range(STEPS + 20):
        scenes.append(state.scene)
        state = reduce(state, Moved(at={A: (n + 1, 0)}))
    for scene in reversed(scenes[-STEPS:]):
        state = reduce(state, Undone())
        assert state.scene == scene
    assert reduce(state, Undone()) == state


def walk(seed: int, steps: int) -> ExplorerState:
    draw = random.Random(seed)  # noqa: S311 - a test
    state = START
    for n in range(steps):
        nodes = draw.sample(state.scene.nodes, 2)
        state = reduce(
            state,
            draw.choice(
                [
                    Moved(at={nodes[0]: (n, draw.randrange(99))}),
                    Pinned(ids=tuple(nodes)),
                    Hidden(ids=(nodes[0],)),
                    Revealed(),
                    Noted(id=nodes[1], text=draw.choice(["", "看", "x"])),
                    Added(at={f"Staff:{n}": (n, n)}, around=nodes[0], total=n),
                    TypeToggled(type="Device"),
                    Grouped(by=draw.choice(["none", "ring", "place"])),
                    Undone(),
                    Redone(),
                ]
            ),
        )
    return state


@pytest.mark.parametrize("seed", range(5))
def test_a_view_with_its_past_survives_being_written(seed: int) -> None:
    state = walk(seed, 120)
    read = from_text(to_text(state), view="V-1")
    assert (read.scene, read.past, read.future) == (state.scene, state.past, state.future)
    assert to_text(read) == to_text(state)


def test_a_long_past_of_a_large_picture_stays_small() -> None:
    at = {f"Patient:P-{n:016x}": (n, n) for n in range(300)}
    state = opened(Scene(nodes=tuple(at), at=at))
    once = len(to_text(state))
    for n in range(STEPS):
        state = reduce(state, Moved(at={f"Patient:P-{n:016x}": (n, n + 1)}))
    assert len(to_text(state)) < once + 100 * STEPS


def test_a_view_that_cannot_be_read_says_so() -> None:
    with pytest.raises(RingfenceError, match="V-9"):
        from_text("{}", view="V-9")
    newer = json.dumps({**json.loads(to_text(START)), "form": 99})
    with pytest.raises(RingfenceError, match="form 99"):
        from_text(newer, view="V-9")


def test_notes_have_a_length() -> None:
    noted = reduce(START, Noted(id=A, text="字" * 5_000)).scene.notes[A]
    assert len(noted) == NOTE_LENGTH


def star(people: int, hubs: int = 1) -> tuple[list[str], list[Line], dict[str, Facts]]:
    """Return people at terminals in turn."""
    tie = by_id("VISITED:Patient:Device")
    nodes = [f"Patient:P-{n:016x}" for n in range(people)]
    devices = [f"Device:D{n}" for n in range(hubs)]
    lines = [
        Line(tie=tie, start=one, end=devices[n % hubs], times=1 + n % 5)
        for n, one in enumerate(nodes)
    ]
    ids = [*nodes, *devices]
    return ids, lines, {one: Facts(id=one, properties={}) for one in ids}


def state_of(ids: list[str]) -> ExplorerState:
    return opened(Scene(nodes=tuple(ids), at={one: (n, n) for n, one in enumerate(ids)}))


def test_up_to_the_limit_every_node_is_drawn() -> None:
    ids, lines, facts = star(HARD_LIMIT - 1)
    drawn = picture(state_of(ids), facts, lines, "en")
    assert len(drawn.nodes) == HARD_LIMIT
    assert not drawn.folds


@pytest.mark.parametrize(("people", "hubs"), [(HARD_LIMIT, 1), (4_000, 3), (5_000, 1_400)])
def test_beyond_the_limit_alike_nodes_are_folded_and_counted(people: int, hubs: int) -> None:
    ids, lines, facts = star(people, hubs)
    state = reduce(state_of(ids), Noted(id=ids[5], text="look"))
    drawn = picture(state, facts, lines, "en")
    assert len(drawn.nodes) <= HARD_LIMIT
    assert sum(node.get("fold", 1) for node in drawn.nodes) == len(ids), "nobody is lost"
    assert ids[5] in {node["id"] for node in drawn.nodes}, "a noted node is never folded"
    ends = {node["id"] for node in drawn.nodes}
    assert all({edge["source"], edge["target"]} <= ends for edge in drawn.edges)
    fold = next(node for node in drawn.nodes if "fold" in node)
    assert len(drawn.members([fold["id"]])) == fold["fold"]
    told = settings(state, drawn, "en", height="1px")
    assert [entry[2] for entry in told["legend"] if entry[0] == "Patient"] == [people]


def test_folding_does_not_depend_on_order() -> None:
    ids, lines, facts = star(2_000, 4)
    one = folded(ids, lines, facts, limit=300)
    two = folded(list(reversed(ids)), list(reversed(lines)), facts, limit=300)
    assert one == two


def test_what_is_drawn_names_pseudonyms_shortly_and_counts_neighbours() -> None:
    ids, lines, facts = star(3)
    state = replace(state_of(ids), scene=replace(state_of(ids).scene, totals={"Device:D0": 412}))
    drawn = picture(state, facts, lines, "en")
    captions = {node["id"]: node["caption"] for node in drawn.nodes}
    assert captions["Device:D0"] == "D0\n3 / 412"
    assert all(len(text) <= 20 for text in captions.values())
    gone = picture(state, {one: facts[one] for one in ids[1:]}, lines, "en")
    assert gone.gone == 1
    assert len(gone.nodes) == 3


@pytest.mark.parametrize("nodes", [1, 2, 40, 300, 900])
def test_layouts_leave_room_and_repeat(nodes: int) -> None:
    ids = [f"Patient:{n}" for n in range(nodes)]
    draw = random.Random(nodes)  # noqa: S311 - a test
    pairs = [(one, draw.choice(ids)) for one in ids if draw.random() < 0.9]
    at = whole(ids, pairs)
    assert set(at) == set(ids)
    assert at == whole(ids[::-1], pairs[::-1])
    if nodes <= 300:
        spots = list(at.values())
        least = min(
            (
                (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2
                for n, a in enumerate(spots)
                for b in spots[:n]
            ),
            default=NODE**2,
        )
        assert least >= (NODE * 0.5) ** 2


def test_groups_stand_apart() -> None:
    ids = [f"Patient:{n}" for n in range(30)]
    groups = {one: f"Ring:{n % 3}" for n, one in enumerate(ids)}
    at = whole(ids, [(ids[0], ids[1])], groups=groups)
    boxes = []
    for name in sorted(set(groups.values())):
        xs, ys = zip(*(at[one] for one in ids if groups[one] == name), strict=True)
        boxes.append((min(xs), min(ys), max(xs), max(ys)))
    for n, a in enumerate(boxes):
        for b in boxes[:n]:
            assert a[2] < b[0] or b[2] < a[0] or a[3] < b[1] or b[3] < a[1]


def test_placing_beside_keeps_what_is_there_and_finds_free_spots() -> None:
    ids = [f"Patient:{n}" for n in range(60)]
    at = whole(ids, list(pairwise(ids)))
    new = [f"Device:{n}" for n in range(30)]
    spots = beside(at, new, [(one, ids[0]) for one in new[:20]], anchor=ids[3])
    assert set(spots) == set(new)
    every = [*at.values(), *spots.values()]
    close = [
        1
        for n, spot in enumerate(spots.values())
        for other in every[: len(at) + n]
        if (spot[0] - other[0]) ** 2 + (spot[1] - other[1]) ** 2 < (NODE * 0.9) ** 2
    ]
    assert not close
    assert beside(at, ids, []) == {}
    assert packed([]) == {}
