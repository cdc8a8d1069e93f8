"""A county in which some people are settled for after their death, and motifs to ask about it."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from detectors.motif import Motif, motif
from graph.load import load
from graph.store import Store
from tests.world import NOON, Person, Settlement, World, write_world

DIED = date(2025, 2, 1)
AFTER_DEATH = motif("settled_after_death")


def county(*people: str, swipes: int = 1) -> World:
    """Return a world in which each of these people died, and was swiped for on later days."""
    return World(
        persons=tuple(Person(person=name, died=DIED) for name in people),
        settlements=tuple(
            Settlement(setl_id=f"{name}-{n}", person=name, at=NOON + timedelta(days=n))
            for name in people
            for n in range(swipes)
        ),
    )


def fill(store: Store, world: World) -> None:
    """Put that world, and no other, into the graph and its workspace."""
    write_world(world, store.workspace.root)
    load(store, store.workspace)


def people(store: Store, *names: str) -> None:
    """Put just these people into the graph, settled for after their death: quicker than a load."""
    with store.writer.session(database=store.database) as session:
        session.run("MATCH (n) DETACH DELETE n").consume()
        session.run(
            "UNWIND $names AS name "
            "CREATE (:Patient {person_id: 'P-' + name, died: $died})-[:HOLDS]->"
            "(:Card {card_id: 'C-' + name})-[:SWIPED_AT {setl_id: name + '-0', day: $day, "
            "kind: 'pharmacy', refunded: false}]->(:Device {device_id: 'D-' + name})",
            names=list(names),
            died=(DIED - date(1970, 1, 1)).days,
            day=(NOON.date() - date(1970, 1, 1)).days,
        ).consume()


def slow_motif() -> Motif:
    """Return a motif that a server does not answer in time."""
    question = (
        "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b WITH a, b WHERE a + b < 0 "
        "RETURN a AS person_id"
    )
    return asking(question)


def asking(question: str) -> Motif:
    """Return a motif that sends this text; its header is that of another."""
    return replace(AFTER_DEATH, name="made_up", text=question, digest=question[:64].ljust(64, "."))


def motif_file(folder: Path, name: str, *, least: int = 1) -> Path:
    """Write the motif as a user's own file of that name; ``least`` makes it another text."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.cypher"
    path.write_text(AFTER_DEATH.text.replace("default = 1\n", f"default = {least}\n"), "utf-8")
    return path
