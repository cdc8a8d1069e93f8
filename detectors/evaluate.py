"""How well a run meets the planted truth of an invented county."""

import json
from collections import defaultdict
from pathlib import Path

import pyarrow.parquet as pq

from ingest.errors import RingfenceError
from ingest.workspace import Workspace

LEVELS = (0.3, 0.5, 0.7)


def evaluate(workspace: Workspace, truth: Path) -> dict[str, object]:
    """Compare the latest run with ``truth.json`` on people.

    A raised ring is right at level J if its people and those of a planted ring of any kind have a
    Jaccard index of at least J; a second ring on the same truth is a false alarm. Recall is by
    planted ring, also by kind, over the kinds with insured members that the run can raise. An
    honest group counts as raised if one raised ring covers half of its people or more.

    Raises
    ------
    RingfenceError
        If the truth cannot be read.
    """
    try:
        planted = json.loads(truth.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise RingfenceError(f"{truth} is not a truth.json written by 'simulate'.") from error
    run = workspace.latest_run()
    raised = _raised(run)
    rings = [ring for ring in planted["rings"] if len(ring["people"]) >= 2]
    result: dict[str, object] = {"run": run.name, "raised": len(raised), "planted": len(rings)}
    for level in LEVELS:
        result[f"at_{level}"] = _at(level, raised, rings)
    result["honest"] = _honest(raised, planted["honest"])
    return result


def _raised(run: Path) -> list[tuple[str, str, frozenset[str]]]:
    """Return the raised rings by rank: ring_id, kind, people."""
    rings = pq.read_table(run / "rings.parquet").sort_by("rank")
    members = pq.read_table(run / "ring_members.parquet")
    people: defaultdict[str, set[str]] = defaultdict(set)
    for row in members.select(["ring_id", "entity_type", "entity_id"]).to_pylist():
        if row["entity_type"] == "person":
            people[row["ring_id"]].add(row["entity_id"])
    return [
        (ring_id, kind, frozenset(people[ring_id]))
        for ring_id, kind in zip(
            rings["ring_id"].to_pylist(), rings["kind"].to_pylist(), strict=True
        )
    ]


def _at(
    level: float,
    raised: list[tuple[str, str, frozenset[str]]],
    rings: list[dict[str, object]],
) -> dict[str, object]:
    truths = [frozenset(ring["people"]) for ring in rings]  # type: ignore[call-overload]
    scores = sorted(
        (
            (-len(people & true) / len(people | true), place, number)
            for place, (_, _, people) in enumerate(raised)
            for number, true in enumerate(truths)
            if people & true
        ),
    )
    matched: dict[int, int] = {}
    taken: set[int] = set()
    for minus, place, number in scores:
        if -minus >= level and place not in matched and number not in taken:
            matched[place] = number
            taken.add(number)
    kinds: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for number, ring in enumerate(rings):
        kinds[str(ring["kind"])][0] += number in taken
        kinds[str(ring["kind"])][1] += 1
    return {
        "matched": len(matched),
        "precision": len(matched) / len(raised) if raised else None,
        "false_alarms": [raised[place][0] for place in range(len(raised)) if place not in matched],
        "recall_by_kind": {k: {"found": f, "planted": n} for k, (f, n) in sorted(kinds.items())},
    }


def _honest(
    raised: list[tuple[str, str, frozenset[str]]], groups: list[dict[str, object]]
) -> dict[str, object]:
    kinds: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for group in groups:
        people = frozenset(group["people"])  # type: ignore[call-overload]
        if people:
            hit = any(len(people & found) * 2 >= len(people) for _, _, found in raised)
            kinds[str(group["type"])][0] += hit
            kinds[str(group["type"])][1] += 1
    total, raised_groups = sum(n for _, n in kinds.values()), sum(r for r, _ in kinds.values())
    return {
        "groups": total,
        "raised": raised_groups,
        "share": raised_groups / total if total else 0.0,
        "by_type": {k: {"raised": r, "planted": n} for k, (r, n) in sorted(kinds.items())},
    }
