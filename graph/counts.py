"""What the graph holds, counted by the server: the check of every load."""

from collections.abc import Iterable, Mapping

from graph.schema import NODES
from graph.store import Store, reading
from ingest.errors import RingfenceError
from ingest.telling import listed, to_say


def counts(store: Store, names: Iterable[str]) -> dict[str, int]:
    """Return how many nodes or relationships the graph holds of each label or type named."""
    labels = {item.label for item in NODES}
    found = {}
    with reading(store, hints=False) as session:
        for name in names:
            pattern = f"(x:{name})" if name in labels else f"()-[x:{name}]->()"
            record = session.run(f"MATCH {pattern} RETURN count(x) AS n").single(strict=True)
            found[name] = int(record["n"])
    return found


def require_counts(store: Store, expected: Mapping[str, int]) -> None:
    """Compare the graph with the rows of the tables, by label and type.

    Raises
    ------
    RingfenceError
        Naming every label and type that differs, with both numbers.
    """
    found = counts(store, expected)
    different = [
        to_say("refused.graph.count", name=name, found=found[name], rows=rows)
        for name, rows in expected.items()
        if found[name] != rows
    ]
    if different:
        raise RingfenceError(to_say("refused.graph.counts", different=listed(different)))
