"""Procedures as attributes: ``graph.call.dbms.components()``."""

from collections.abc import Iterator
from typing import Any

from typing_extensions import override

from graph.py2neo.cypher import Cursor, cypher_escape

__all__ = ["Procedure", "ProcedureLibrary"]


class Procedure:
    """A procedure, or the first part of the names of several."""

    def __init__(self, graph: Any, name: str) -> None:
        self.graph = graph
        self.name = name

    def __getattr__(self, name: str) -> "Procedure":
        if name.startswith("__"):
            raise AttributeError(name)
        return Procedure(self.graph, f"{self.name}.{name}")

    __getitem__ = __getattr__

    @override
    def __dir__(self) -> list[str]:
        start = f"{self.name}."
        return [name.removeprefix(start) for name in _names(self.graph) if name.startswith(start)]

    def __call__(self, *args: Any, keys: Any = None) -> Cursor:
        """Call it with these arguments; ``keys`` picks columns of what it yields."""
        name = ".".join(map(cypher_escape, self.name.split(".")))
        values = {f"a{at}": value for at, value in enumerate(args)}
        yielded = f" YIELD {', '.join(map(cypher_escape, keys))}" if keys else ""
        arguments = ", ".join(f"${each}" for each in values)
        cursor: Cursor = self.graph.run(f"CALL {name}({arguments}){yielded}", values)
        return cursor


class ProcedureLibrary:
    """Every procedure of a graph: by attribute, by item, or called by name."""

    def __init__(self, graph: Any) -> None:
        self.graph = graph

    def __getattr__(self, name: str) -> Procedure:
        if name.startswith("__"):
            raise AttributeError(name)
        return Procedure(self.graph, name)

    __getitem__ = __getattr__

    @override
    def __dir__(self) -> list[str]:
        return list(self)

    def __iter__(self) -> Iterator[str]:
        return iter(_names(self.graph))

    def __call__(self, procedure: str, *args: Any) -> Cursor:
        """Call the procedure of that name."""
        return Procedure(self.graph, procedure)(*args)


def _names(graph: Any) -> list[str]:
    return [record[0] for record in graph.run("SHOW PROCEDURES YIELD name")]
