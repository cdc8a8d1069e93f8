"""How well a run meets the planted truth of an invented county."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from scipy.optimize import linear_sum_assignment

from ingest.simulate.truth import PlantedHonest, PlantedRing, Truth, read_truth
from ingest.workspace import Workspace

LEVELS = (0.3, 0.5, 0.7)
TOPS = (10, 20, 50)
BINS = 10
PEOPLE = 2  # a planted group with so many insured persons is judged on them
PARTIES = ("party", "place", "doctor", "staff", "account")
WITHOUT_PEOPLE = ("doctor_pharmacy", "licence_lending")
Parties = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group of a run: raised or a candidate that was not; ``reason`` is empty where raised."""

    ring_id: str
    kind: str
    probability: float
    loss: tuple[float, float, float]
    people: Parties
    parties: Parties
    reason: str = ""


def evaluate(workspace: Workspace, truth: Path) -> dict[str, object]:
    """Compare the latest run with ``truth.json``.

    Planted rings with insured members are judged on people, the others on places, doctors, staff
    and accounts. A raised ring is right at level J if it and a planted ring of any kind have a
    Jaccard index of at least J; a second ring on the same truth is a false alarm. An honest group
    counts as raised if one raised ring covers half of its people or more. Brier score and
    reliability are over all candidates but those that are part of another ring; a candidate is a
    ring from 0.5.

    Raises
    ------
    InputError
        If the truth cannot be read.
    """
    planted = read_truth(truth)
    run = workspace.latest_run()
    raised, left = groups(run)
    rings = [party(ring) for ring in planted.rings]
    overlap = jaccards(raised, rings)
    result: dict[str, object] = {
        "run": run.name,
        "raised": len(raised),
        "planted": len(rings),
    }
    for level in LEVELS:
        result[f"at_{level}"] = _at(level, overlap, raised, planted)
    right = np.zeros(len(raised), np.bool_)
    right[list(matched(overlap, 0.5))] = True
    result["ranking"] = _ranking(right, len(rings))
    result["best_match_f1"] = _best_match_f1(overlap)
    result["honest"] = _honest(raised, planted.honest)
    result["calibration"] = calibration(*labelled(raised, left, rings))
    result["loss"] = _loss(overlap, raised, planted)
    return result


def groups(run: Path) -> tuple[list[Group], list[Group]]:
    """Return the raised rings by rank, and the candidates that were not raised."""
    rings = pq.read_table(run / "rings.parquet").sort_by("rank").to_pylist()
    held: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in pq.read_table(run / "ring_members.parquet").to_pylist():
        held[row["ring_id"]].add((row["entity_type"], row["entity_id"]))
    raised = [_group(row, frozenset(held[row["ring_id"]])) for row in rings]
    left = [
        _group(
            row, frozenset((_of_kind(row["kind"]), name) for name in row["members"]), row["reason"]
        )
        for row in pq.read_table(run / "not_raised.parquet").to_pylist()
    ]
    return raised, left


def party(planted: PlantedRing | PlantedHonest) -> Parties:
    """Return what a planted group is judged on."""
    if len(planted.people) >= PEOPLE:
        return frozenset(("person", name) for name in planted.people)
    names = (*planted.places, *planted.doctors, *planted.staff, *planted.accounts)
    return frozenset(("party", name) for name in names)


def jaccards(found: list[Group], truths: list[Parties]) -> np.ndarray:
    """Return the Jaccard index of every group with every planted ring, groups × rings."""
    table = np.zeros((len(found), len(truths)))
    for row, group in enumerate(found):
        for column, truth in enumerate(truths):
            on_people = any(kind == "person" for kind, _ in truth)
            own = group.people if on_people else group.parties
            both = len(own & truth)
            if both:
                table[row, column] = both / len(own | truth)
    return table


def matched(overlap: np.ndarray, level: float) -> dict[int, int]:
    """Match groups and planted rings one to one, best first; ties by rank."""
    rows, columns = np.nonzero(overlap >= level)
    order = np.lexsort((columns, rows, -overlap[rows, columns]))
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if row not in pairs and column not in taken:
            pairs[row] = column
            taken.add(column)
    return pairs


def labelled(
    raised: list[Group], left: list[Group], rings: list[Parties]
) -> tuple[np.ndarray, np.ndarray]:
    """Return probability and truth (0, 1) of every candidate that is not part of another ring."""
    every = raised + [group for group in left if group.reason != "duplicate"]
    best = jaccards(every, rings).max(axis=1, initial=0.0)
    return np.array([group.probability for group in every]), (best >= 0.5).astype(float)


def calibration(
    probability: np.ndarray,
    true: np.ndarray,
) -> dict[str, object]:
    """Return the Brier score and the reliability by tenths: mean probability, share true, n."""
    place = np.minimum((probability * BINS).astype(int), BINS - 1)
    bins = [
        {
            "mean": round(float(probability[place == b].mean()), 4),
            "true": round(float(true[place == b].mean()), 4),
            "n": int((place == b).sum()),
        }
        for b in range(BINS)
        if (place == b).any()
    ]
    brier = float(((probability - true) ** 2).mean()) if len(true) else None
    return {"brier": brier, "candidates": len(true), "bins": bins}


def _of_kind(kind: str) -> str:
    return "party" if kind in WITHOUT_PEOPLE else "person"


def _group(row: dict[str, Any], members: Parties, reason: str = "") -> Group:
    people = frozenset(m for m in members if m[0] == "person")
    named = frozenset(("party", m[1]) for m in members if m[0] in PARTIES)
    loss = tuple(float(row.get(name) or 0) for name in ("loss_low", "loss_mid", "loss_high"))
    return Group(
        ring_id=row["ring_id"],
        kind=row["kind"],
        probability=row["probability"],
        loss=(loss[0], loss[1], loss[2]),
        people=people,
        parties=named,
        reason=reason,
    )


def _at(
    level: float,
    overlap: np.ndarray,
    raised: list[Group],
    planted: Truth,
) -> dict[str, object]:
    pairs = matched(overlap, level)
    taken = set(pairs.values())
    kinds: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for number, ring in enumerate(planted.rings):
        kinds[ring.kind][0] += number in taken
        kinds[ring.kind][1] += 1
    quality = sum(overlap[row, column] for row, column in pairs.items())
    total = (len(raised) + len(planted.rings)) / 2
    return {
        "matched": len(pairs),
        "precision": len(pairs) / len(raised) if raised else None,
        "recall": len(pairs) / len(planted.rings) if planted.rings else None,
        "pq": round(float(quality / total), 4) if total else None,
        "false_alarms": [raised[row].ring_id for row in range(len(raised)) if row not in pairs],
        "recall_by_kind": {k: {"found": f, "planted": n} for k, (f, n) in sorted(kinds.items())},
    }


def _ranking(right: np.ndarray, planted: int) -> dict[str, float | None]:
    """Return precision among the first k, and NDCG of the first fifty (gain 1 for a ring)."""
    found: dict[str, float | None] = {
        f"precision_at_{top}": float(right[:top].mean()) if len(right) else None for top in TOPS
    }
    gain = 1.0 / np.log2(np.arange(2, 52))
    ideal = gain[: min(planted, 50)].sum()
    found["ndcg_50"] = (
        float((right[:50] * gain[: len(right[:50])]).sum() / ideal) if ideal else None
    )
    return found


def _best_match_f1(overlap: np.ndarray) -> float | None:
    """Return the mean F1 (from Jaccard) of the best assignment, over planted and raised rings."""
    if not overlap.size:
        return None
    f1 = 2 * overlap / (1 + overlap)
    rows, columns = linear_sum_assignment(-f1)
    return float(f1[rows, columns].sum() * 2 / sum(overlap.shape))


def _honest(raised: list[Group], honest: tuple[PlantedHonest, ...]) -> dict[str, object]:
    kinds: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for group in honest:
        of = party(group)
        if of:
            on_people = len(group.people) >= PEOPLE
            hit = any(_raises(found, of, on_people) for found in raised)
            kinds[group.type][0] += hit
            kinds[group.type][1] += 1
    total, hits = sum(n for _, n in kinds.values()), sum(r for r, _ in kinds.values())
    return {
        "groups": total,
        "raised": hits,
        "share": hits / total if total else 0.0,
        "by_type": {k: {"raised": r, "planted": n} for k, (r, n) in sorted(kinds.items())},
    }


def _raises(found: Group, of: Parties, on_people: bool) -> bool:
    """Say whether a raised ring is about an honest group.

    It covers half of its people; where the group is places, doctors or staff, a ring that only
    touches one of them is not about it: both must be the same by half (Jaccard).
    """
    if on_people:
        return len(of & found.people) * 2 >= len(of)
    both = len(of & found.parties)
    return not found.people and both * 2 >= len(of | found.parties)


def _loss(overlap: np.ndarray, raised: list[Group], planted: Truth) -> dict[str, object]:
    """Return how often the range holds the planted loss, and its share in the first fifty."""
    pairs = matched(overlap, 0.5)
    rings = planted.rings
    inside = [
        raised[row].loss[0] - 0.005 <= rings[column].loss <= raised[row].loss[2] + 0.005
        for row, column in pairs.items()
    ]
    total = sum(ring.loss for ring in rings)
    top = sum(rings[column].loss for row, column in pairs.items() if row < max(TOPS))
    return {
        "covered": float(np.mean(inside)) if inside else None,
        "share_in_top_50": top / total if total else None,
    }
