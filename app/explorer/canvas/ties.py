"""Which lines the canvas can draw: one declaration for each kind of tie between two labels.

Most are relationships of :mod:`graph.schema`. Some lead through a node that is usually not worth a
place of its own, such as a person's card between person and terminal: ``via`` names its label, and
where such a node is drawn between the two, the line itself is not.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from graph import schema

COUNT = "count(*)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """One kind of line from ``start`` to ``end``, and how the graph is asked for it.

    ``pattern`` is Cypher with ``{a}`` and ``{b}`` for the two ends; ``times``, ``at``, ``fund`` and
    ``setl`` are expressions over it: how often, when (seconds local), what the fund paid (fen), and
    the settlement. ``at`` empty: the tie has no time. ``quick`` is a cheaper pattern that tells how
    often well enough to say who is strongest. ``few`` is the end that has fewer such lines.
    ``records`` is the pattern that reaches the settlements where the line itself holds none.
    """

    name: str
    start: str
    end: str
    pattern: str
    times: str = COUNT
    at: str = ""
    fund: str = ""
    setl: str = ""
    quick: str = ""
    quick_times: str = COUNT
    via: str = ""
    few: Literal["a", "b"] = "a"
    records: str = ""
    directed: bool = True

    @property
    def id(self) -> str:
        """What tells it from every other tie."""
        return f"{self.name}:{self.start}:{self.end}"

    def other(self, label: str) -> str:
        """Return the label at the end that is not ``label``."""
        return self.end if label == self.start else self.start

    def seen_from(self, side: Literal["a", "b"], *, quick: bool = False) -> str:
        """Return the pattern written from one end on: a server may begin where it is written."""
        pattern = self.quick if quick else self.pattern
        return pattern if side == "a" else _reversed(pattern)

    def default(self, label: str) -> bool:
        """Whether it counts among the neighbours of ``label`` that are shown unasked.

        Cards stand behind their holders, who was at a place stands behind its terminals, and boxes
        of medicine are too many to be of use unless somebody looks for them.
        """
        return self.other(label) not in ("Card", "Box") and self.via != "Device"


def ties() -> tuple[Tie, ...]:
    """Return every tie, in the order in which their kinds take turns."""
    return _TIES


def touching(label: str) -> list[tuple[Tie, Literal["a", "b"]]]:
    """Return the ties of a label, each with the end it stands at; both where it can be either."""
    found: list[tuple[Tie, Literal["a", "b"]]] = []
    for tie in _TIES:
        if tie.start == label:
            found.append((tie, "a"))
        if tie.end == label and (tie.start != label):
            found.append((tie, "b"))
    return found


def by_id(id_: str) -> Tie:
    """Return the tie of that id; KeyError if there is none."""
    return _BY_ID[id_]


_ARROW = re.compile(r"(<?-\[[^\]]*\]->?)")


def _reversed(pattern: str) -> str:
    """Return the same path written from its other end."""
    parts = []
    for part in reversed(_ARROW.split(pattern)):
        if _ARROW.fullmatch(part):
            inner = part[part.index("[") : part.index("]") + 1]
            part = f"{'<' if part.endswith('>') else ''}-{inner}-{'>' if part[0] == '<' else ''}"
        parts.append(part)
    return "".join(parts)


SWIPE: dict[str, Any] = {"at": "r.at", "fund": "r.fund", "setl": "r.setl_id"}


def _declared() -> Iterator[Tie]:
    yield Tie(name="MEMBER_OF", start="Patient", end="Ring", pattern="{a}-[r:MEMBER_OF]->{b}")
    for label in schema.relationship("MEMBER_OF").starts[1:]:
        yield Tie(name="MEMBER_OF", start=label, end="Ring", pattern="{a}-[r:MEMBER_OF]->{b}")
    yield Tie(
        name="SWIPED_WITH", start="Patient", end="Patient", via="Card", times="max(r.days)",
        pattern="{a}-[:HOLDS]->(:Card)-[r:SWIPED_WITH]-(:Card)<-[:HOLDS]-{b}", directed=False,
    )  # fmt: skip
    yield Tie(
        name="SWIPED_WITH", start="Card", end="Card", times="max(r.days)",
        pattern="{a}-[r:SWIPED_WITH]-{b}", directed=False,
    )  # fmt: skip
    yield Tie(
        name="VISITED", start="Patient", end="Device", via="Card", **SWIPE,
        pattern="{a}-[:HOLDS]->(:Card)-[r:SWIPED_AT]->{b}",
        quick="{a}-[r:VISITED]->{b}", quick_times="sum(r.settlements)",
    )  # fmt: skip
    yield Tie(
        name="SWIPED_AT", start="Card", end="Device", pattern="{a}-[r:SWIPED_AT]->{b}", **SWIPE
    )
    for place in schema.PLACES:
        yield Tie(
            name="VISITED", start="Patient", end=place, via="Device", **SWIPE,
            pattern="{a}-[:HOLDS]->(:Card)-[r:SWIPED_AT]->(:Device)-[:INSTALLED_AT]->{b}",
            quick="{a}-[r:VISITED]->(:Device)-[:INSTALLED_AT]->{b}",
            quick_times="sum(r.settlements)",
        )  # fmt: skip
        yield Tie(
            name="INSTALLED_AT", start="Device", end=place, pattern="{a}-[r:INSTALLED_AT]->{b}"
        )
    yield from _practice()
    yield from _claims()
    yield from _shared()
    yield Tie(name="HOLDS", start="Patient", end="Card", pattern="{a}-[r:HOLDS]->{b}")
    bought: dict[str, Any] = {"at": "r.at", "setl": "r.setl_id"}
    yield Tie(
        name="BOUGHT", start="Patient", end="Box", via="Card", **bought,
        pattern="{a}-[:HOLDS]->(:Card)-[r:BOUGHT]->{b}",
    )  # fmt: skip
    yield Tie(name="BOUGHT", start="Card", end="Box", pattern="{a}-[r:BOUGHT]->{b}", **bought)
    yield Tie(name="IS_DRUG", start="Box", end="Drug", pattern="{a}-[r:IS_DRUG]->{b}")


def _practice() -> Iterator[Tie]:
    yield Tie(
        name="PRESCRIBED_FOR", start="Doctor", end="Patient", few="b",
        pattern="{a}-[r:PRESCRIBED_FOR]->{b}", at="r.at", setl="r.setl_id",
    )  # fmt: skip
    signed = "{a}-[r:PRESCRIBED_FOR {{place_id: b.place_id}}]->(:Patient)"
    for place in schema.PLACES:
        yield Tie(
            name="SIGNED_AT", start="Doctor", end=place, times="sum(r.settlements)",
            pattern="{a}-[r:SIGNED_AT]->{b}", records=signed,
        )  # fmt: skip
        yield Tie(
            name="REGISTERED_AT", start="Doctor", end=place, pattern="{a}-[r:REGISTERED_AT]->{b}"
        )
        yield Tie(name="WORKS_FOR", start="Staff", end=place, pattern="{a}-[r:WORKS_FOR]->{b}")
    yield Tie(
        name="SENT_TO", start="Doctor", end="Pharmacy", times="sum(r.prescriptions)",
        pattern="{a}-[r:SENT_TO]->{b}", records=signed,
    )  # fmt: skip
    rung: dict[str, Any] = {"times": "sum(r.settlements)", "fund": "r.fund"}
    yield Tie(
        name="RANG_UP", start="Staff", end="Patient", via="Card", few="b", **rung,
        pattern="{a}-[r:RANG_UP]->(:Card)<-[:HOLDS]-{b}",
        records="{b}-[:HOLDS]->(:Card)-[r:SWIPED_AT {{clerk_id: a.staff_id}}]->(:Device)",
    )  # fmt: skip
    yield Tie(
        name="RANG_UP", start="Staff", end="Card", few="b", **rung,
        pattern="{a}-[r:RANG_UP]->{b}",
        records="{b}-[r:SWIPED_AT {{clerk_id: a.staff_id}}]->(:Device)",
    )  # fmt: skip


def _claims() -> Iterator[Tie]:
    ends = {"PAID_INTO": "Account", "FILED_BY": "Agent", "REGISTERED_BY": "Staff",
            "REVIEWED_BY": "Staff"}  # fmt: skip
    claim = {"at": "{r}.at", "fund": "{r}.fund", "setl": "{r}.setl_id"}
    through: dict[str, Any] = {name: text.format(r="c") for name, text in claim.items()}
    itself: dict[str, Any] = {name: text.format(r="a") for name, text in claim.items()}
    for name, end in ends.items():
        yield Tie(
            name=name, start="Patient", end=end, via="ManualClaim", **through,
            pattern=f"{{a}}<-[:CLAIMED_FOR]-(c:ManualClaim)-[:{name}]->{{b}}",
        )  # fmt: skip
        yield Tie(
            name=name, start="ManualClaim", end=end, pattern=f"{{a}}-[r:{name}]->{{b}}", **itself
        )
    yield Tie(
        name="CLAIMED_FOR", start="ManualClaim", end="Patient",
        pattern="{a}-[r:CLAIMED_FOR]->{b}", **itself,
    )  # fmt: skip
    yield Tie(name="STAY_OF", start="Stay", end="Patient", pattern="{a}-[r:STAY_OF]->{b}", **itself)
    for place in schema.PLACES:
        yield Tie(
            name="STAYED_IN", start="Patient", end=place, via="Stay", **through,
            pattern="{a}<-[:STAY_OF]-(c:Stay)-[:STAYED_IN]->{b}",
        )  # fmt: skip
        yield Tie(
            name="STAYED_IN", start="Stay", end=place, pattern="{a}-[r:STAYED_IN]->{b}", **itself
        )


def _shared() -> Iterator[Tie]:
    for name in ("OWNS", "USES", "LIVES_AT", "EMPLOYED_BY"):
        for start, end in schema.relationship(name).pairs:
            yield Tie(name=name, start=start, end=end, pattern=f"{{a}}-[r:{name}]->{{b}}")


_TIES = tuple(_declared())
_BY_ID = {tie.id: tie for tie in _TIES}
