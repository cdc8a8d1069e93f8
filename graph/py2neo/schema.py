"""Labels, relationship types, indexes and uniqueness constraints of a graph."""

from time import monotonic, sleep
from typing import Any

from graph.py2neo.cypher.encoding import cypher_escape
from graph.py2neo.errors import DatabaseError

__all__ = ["Schema"]

# An index on a large graph takes minutes to build; longer than this, something is wrong.
LONGEST_BUILD_SECONDS = 600.0
POLL_SECONDS = 0.1


class Schema:
    """The schema of a graph: ``graph.schema``."""

    def __init__(self, graph: Any) -> None:
        self.graph = graph

    @property
    def node_labels(self) -> frozenset[str]:
        """Every label; the embedded server keeps those that no node has any more."""
        return frozenset(record[0] for record in self.graph.run("CALL db.labels()"))

    @property
    def relationship_types(self) -> frozenset[str]:
        """Every type of relationships, as :attr:`node_labels`."""
        return frozenset(record[0] for record in self.graph.run("CALL db.relationshipTypes()"))

    def create_index(self, label: str, *property_keys: str) -> None:
        """Create an index on one property or several, and wait until it is built.

        Raises
        ------
        ClientError
            If there is one.
        TimeoutError
            If it is not built after ten minutes.
        """
        properties = ", ".join(f"_.{cypher_escape(key)}" for key in property_keys)
        self.graph.update(f"CREATE INDEX FOR (_:{cypher_escape(label)}) ON ({properties})")
        self._wait(label, property_keys)

    def create_uniqueness_constraint(self, label: str, property_key: str) -> None:
        """Let no two nodes of a label have the same value of a property; errors as above."""
        self.graph.update(
            f"CREATE CONSTRAINT FOR (_:{cypher_escape(label)}) "
            f"REQUIRE _.{cypher_escape(property_key)} IS UNIQUE"
        )
        self._wait(label, (property_key,))

    def drop_index(self, label: str, *property_keys: str) -> None:
        """Remove the index on just these properties.

        Raises
        ------
        DatabaseError
            If there is none, or if it belongs to a constraint.
        """
        names = [
            each["name"]
            for each in self._indexes(label)
            if tuple(each["properties"]) == property_keys and not each["owningConstraint"]
        ]
        self._drop("INDEX", names, label, property_keys)

    def drop_uniqueness_constraint(self, label: str, property_key: str) -> None:
        """Remove the constraint; errors as above."""
        names = [
            each["owningConstraint"]
            for each in self._indexes(label)
            if each["properties"] == [property_key] and each["owningConstraint"]
        ]
        self._drop("CONSTRAINT", names, label, (property_key,))

    def get_indexes(self, label: str) -> list[tuple[str, ...]]:
        """Return the properties of each index of a label that is built, constraints' too."""
        return [tuple(each["properties"]) for each in self._indexes(label)]

    def get_uniqueness_constraints(self, label: str) -> list[str]:
        """Return the first property of each uniqueness constraint of a label."""
        return [each["properties"][0] for each in self._indexes(label) if each["owningConstraint"]]

    def _indexes(self, label: str) -> list[dict[str, Any]]:
        """Return what there is on nodes of a label; other kinds of index name no properties."""
        rows = self.graph.run(
            "SHOW INDEXES YIELD name, state, entityType, labelsOrTypes, properties, "
            "owningConstraint"
        ).data()
        return [
            row
            for row in rows
            if row["entityType"] == "NODE"
            and row["state"] == "ONLINE"
            and label in (row["labelsOrTypes"] or ())
        ]

    def _wait(self, label: str, keys: tuple[str, ...]) -> None:
        deadline = monotonic() + LONGEST_BUILD_SECONDS
        while keys not in self.get_indexes(label):
            if monotonic() > deadline:
                raise TimeoutError(f"The index on {label} {keys} is not built: look at the server.")
            sleep(POLL_SECONDS)

    def _drop(self, what: str, names: list[str], label: str, keys: tuple[str, ...]) -> None:
        if not names:
            raise DatabaseError(
                f"Unable to drop {what} ON :{label}({', '.join(keys)}): there is none.",
                f"Neo.DatabaseError.Schema.{what.title()}DropFailed",
            )
        for name in names:
            self.graph.update(f"DROP {what} {cypher_escape(name)}")
