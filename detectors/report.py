"""The tables of the ring contract, from measured candidates."""

import hashlib
import json
from collections.abc import Iterator
from decimal import Decimal

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table
from numpy.typing import NDArray

from detectors.candidates import Context, Groups
from detectors.columns import clean
from detectors.evidence import (
    PRIOR,
    SIGNS,
    Evidence,
    Factors,
    probability,
    range_factors,
    scores,
    verdicts,
    weighed,
)
from detectors.facts import Facts
from detectors.honest import EXPLANATIONS, PARTLY
from detectors.kinds import kinds
from detectors.loss import losses, window
from detectors.members import core, members, parties
from detectors.overlap import Overlap, overlap
from detectors.rings import CONTRACT, PAIRS, YUAN
from detectors.visits import numbered
from detectors.without import without
from detectors.world import Floats
from ingest.texts import Language, say


def contract(
    context: Context, groups: Groups, facts: Facts, evidence: Evidence, table: Factors
) -> dict[str, pa.Table]:
    """Return the six tables of the contract, validated pairs, scores and what rings hang on.

    A group is raised with probability ≥ ``settings.probability``, q ≤ ``settings.group_q`` and
    stability ≥ ``settings.stability``, unless it is part of another (:mod:`detectors.overlap`);
    every other candidate is in ``not_raised`` with its reason.
    """
    backend, settings, found = context.backend, context.settings, groups.found
    weights = weighed(evidence, table)
    chance = np.round(probability(weights), 6)
    raised = (
        (chance >= settings.probability)
        & (groups.q_value <= settings.group_q)
        & (found.stability >= settings.stability)
    )
    over = overlap(groups, raised, chance, jaccard=settings.same_ring)
    summary = _summary(backend, facts, chance, range_factors(evidence, table))
    kind = kinds(backend, facts, groups)
    hearts = core(backend, facts, groups)
    ring_id = np.array([_ring_id(k, h) for k, h in zip(kind, hearts, strict=True)])
    base = summary.append_column("kind", pa.array(kind.tolist(), pa.string()))
    base = base.append_column("ring_id", pa.array(ring_id.tolist(), pa.string()))
    base = base.append_column("probability", pa.array(chance))
    base = base.append_column("p_value", pa.array(_significant(found.p_value)))
    base = base.append_column("q_value", pa.array(_significant(groups.q_value)))
    base = base.append_column("stability", pa.array(np.round(found.stability, 6)))
    gids = np.flatnonzero(over.stands)
    keys = pa.table({"gid": gids, "ring_id": pa.array(ring_id[gids].tolist(), pa.string())})
    people = members(backend, facts, groups, keys)
    tables = {
        "rings": _rings(_with_places(base.filter(pa.array(over.stands)), people)),
        "ring_members": people,
        "ring_settlements": _settlements(backend, facts, keys),
        "ring_evidence": _evidence(evidence, weights, over, ring_id),
        "ring_honest_tests": _honest_tests(evidence, groups, gids, ring_id),
        "not_raised": _not_raised(context, groups, facts, evidence, base, over, ring_id),
        "pairs": _pairs(context),
    }
    contract = {
        name: table.select(schema.names).cast(schema)
        for name, table, schema in (
            (name, table, PAIRS if name == "pairs" else CONTRACT[name])
            for name, table in tables.items()
        )
    }
    return contract | {
        "scores": _scores(evidence, groups, base, over),
        "ring_without": without(backend, facts, groups, evidence, keys, table=table),
    }


def _with_places(base: pa.Table, people: pa.Table) -> pa.Table:
    """Count the places of a ring from its members: what its own detector named included."""
    places = people.filter(pc.equal(people["entity_type"], "place"))
    counts = places.group_by("ring_id").aggregate([("entity_id", "count_distinct")])
    of = dict(zip(*(column.to_pylist() for column in counts.columns), strict=True))
    number = pa.array([of.get(ring, 0) for ring in base["ring_id"].to_pylist()], pa.int64())
    return base.set_column(base.schema.get_field_index("places"), "places", number)


def _scores(evidence: Evidence, groups: Groups, base: pa.Table, over: Overlap) -> pa.Table:
    """Return what the factors were read from, one row a candidate: for learning from decisions."""
    table = base.select(["ring_id", "kind", "probability", "q_value"])
    table = table.append_column("family", pa.array(groups.family.tolist(), pa.string()))
    table = table.append_column("given", pa.array([evidence.given] * len(groups), pa.string()))
    table = table.append_column("raised", pa.array(over.stands))
    for name, values in sorted(scores(evidence).items()):
        table = table.append_column(name, pa.array(values, pa.float64()))
    return table.sort_by([("ring_id", "ascending"), ("family", "ascending")])


def _summary(
    backend: Backend, facts: Facts, chance: Floats, ends: tuple[Floats, Floats]
) -> pa.Table:
    """Return money, times and counts, one row a group in the order of gid."""
    gid = backend.create_table(
        "candidate_chance",
        pa.table(
            {
                "gid": np.arange(len(chance)),
                "probability": chance,
                "low_factor": ends[0],
                "high_factor": ends[1],
            }
        ),
        overwrite=True,
    )
    fund = losses(facts, gid)
    size = facts.members.group_by("gid").aggregate(people=facts.members.person.nunique())
    held = window(facts)
    seen = (
        held.filter(held.joint)
        .group_by("gid")
        .aggregate(first_at=held["at"].min(), last_at=held["at"].max(), places=held.place.nunique())
    )
    rows = held.group_by("gid").aggregate(settlements=held.setl_id.nunique())
    j = gid.select("gid")
    for table in (size, fund, seen, rows):
        columns = [c for c in table.columns if c != "gid"]
        j = j.left_join(table, "gid").select(j, *[table[c] for c in columns])
    money = {c: j[c].fill_null(0) for c in ("loss_low", "loss_mid", "loss_high")}
    counts = {c: j[c].fill_null(0) for c in ("places", "settlements", "people")}
    j = j.mutate(**money, **counts).order_by("gid")
    table = backend.to_pyarrow(j)
    for name in ("loss_low", "loss_mid", "loss_high"):
        yuan = [Decimal(fen).scaleb(-2) for fen in table[name].to_pylist()]
        place = table.schema.get_field_index(name)
        table = table.set_column(place, name, pa.array(yuan, YUAN))
    for name, column in (("first_seen", "first_at"), ("last_seen", "last_at")):
        table = table.append_column(name, table[column].cast(pa.timestamp("s")))
    return table


def _rings(base: pa.Table) -> pa.Table:
    """Rank by probability × middle loss; ties by number."""
    weight = np.asarray(base["probability"]) * np.asarray(
        base["loss_mid"].cast(pa.float64()).to_numpy(zero_copy_only=False)
    )
    order = np.lexsort((np.asarray(base["ring_id"].to_pylist()), -weight))
    table = base.take(pa.array(order))
    titles = [
        f"{say(f'kind.{kind}', 'zh')} · {say(f'kind.{kind}', 'en')} · {people}"
        for kind, people in zip(table["kind"].to_pylist(), table["people"].to_pylist(), strict=True)
    ]
    table = table.append_column("title", pa.array(titles, pa.string()))
    return table.append_column("rank", pa.array(np.arange(1, table.num_rows + 1)))


def _settlements(backend: Backend, facts: Facts, keys: pa.Table) -> pa.Table:
    """Return joint settlements, and the members' other settlements at the same places and time."""
    raised = backend.create_table("raised", keys, overwrite=True)
    rows = window(facts).join(raised, "gid")
    met = rows.joint.ifelse("joint_session", "same_places")
    named = rows.joint.ifelse("rests_on", "same_parties")
    rows = rows.select("ring_id", "setl_id", why=rows.meets.ifelse(met, named)).distinct()
    return backend.to_pyarrow(rows).sort_by([("ring_id", "ascending"), ("setl_id", "ascending")])


def _evidence(
    evidence: Evidence, weights: dict[str, Floats], over: Overlap, ring_id: NDArray[np.str_]
) -> pa.Table:
    """Return the waterfall; the factors of a ring sum to its log-odds.

    What other detectors measured on a group that is part of the ring is listed with weight 0.
    """
    rows = []
    for gid in np.flatnonzero(over.stands):
        ring, told = str(ring_id[gid]), set()
        rows.append(_row(ring, PRIOR, None, None, "log2 odds", float(weights[PRIOR][gid])))
        for part in (gid, *np.flatnonzero(over.part_of == gid)):
            for measure, seen, usual, unit in _told(evidence, int(part)):
                if measure in told:
                    continue
                told.add(measure)
                factor = float(weights[measure][gid]) if part == gid else 0.0
                rows.append(_row(ring, measure, seen, usual, unit, factor))
    return pa.Table.from_pylist(rows, schema=CONTRACT["ring_evidence"])


def _told(evidence: Evidence, gid: int) -> Iterator[tuple[str, float, float, str]]:
    """Yield measure, observed, expected and unit of all that could be measured on a group."""
    for name, sign in SIGNS.items():
        if name in evidence.observed and not np.isnan(evidence.observed[name][gid]):
            seen, usual = evidence.observed[name][gid], evidence.expected[name][gid]
            yield name, float(seen), float(usual), sign.unit
    for name, share in evidence.share.items():
        if not np.isnan(share[gid]):
            yield f"honest_{name}", float(share[gid]), 0.0, "share"


def _row(
    ring: str, measure: str, observed: float | None, expected: float | None, unit: str, bits: float
) -> dict[str, object]:
    values = {"observed": observed or 0.0, "expected": expected or 0.0}
    return {
        "ring_id": ring,
        "measure": measure,
        "observed": observed,
        "expected": expected,
        "unit": unit,
        "log2_bayes_factor": bits,
        "sentence_zh": say(f"measure.{measure}", "zh", **values),
        "sentence_en": say(f"measure.{measure}", "en", **values),
        "motif": "cards_swiped_together" if measure == "repeat_sessions" else None,
    }


def _honest_tests(
    evidence: Evidence, groups: Groups, gids: NDArray[np.int64], ring_id: NDArray[np.str_]
) -> pa.Table:
    rows = []
    judged = {name: verdicts(share) for name, share in evidence.share.items()}
    peopled = np.bincount(groups.found.gid, minlength=len(groups)) > 0
    for gid in gids:
        for explanation in EXPLANATIONS:
            if explanation.families and groups.family[gid] not in explanation.families:
                continue
            if not explanation.families and not peopled[gid]:
                continue
            name = explanation.name
            share = float(evidence.share[name][gid])
            verdict = judged[name][gid]
            rows.append(
                {
                    "ring_id": str(ring_id[gid]),
                    "explanation": name,
                    "verdict": verdict,
                    "share_explained": None if np.isnan(share) else share,
                    "sentence_zh": _honest(name, verdict, share, "zh"),
                    "sentence_en": _honest(name, verdict, share, "en"),
                }
            )
    return pa.Table.from_pylist(rows, schema=CONTRACT["ring_honest_tests"])


def _honest(name: str, verdict: str, share: float, language: Language) -> str:
    return say(
        f"honest.{verdict}",
        language,
        name=say(f"honest.name.{name}", language),
        share=0.0 if np.isnan(share) else share,
    )


def _not_raised(
    context: Context,
    groups: Groups,
    facts: Facts,
    evidence: Evidence,
    base: pa.Table,
    over: Overlap,
    ring_id: NDArray[np.str_],
) -> pa.Table:
    settings = context.settings
    left = np.flatnonzero(~over.stands)
    share = np.stack([np.nan_to_num(evidence.share[e.name]) for e in EXPLANATIONS])
    best = share.argmax(axis=0)
    people = parties(context.backend, facts, groups)
    reasons: list[str] = []
    names: list[str | None] = []
    sentences: dict[Language, list[str]] = {"zh": [], "en": []}
    for gid in left:
        name = EXPLANATIONS[best[gid]].name
        strongest, q = float(share[best[gid], gid]), float(groups.q_value[gid])
        if over.part_of[gid] >= 0:
            reason = "duplicate"
        elif q > settings.group_q:
            reason = "chance"
        elif strongest >= PARTLY:
            reason = "honest"
        elif groups.found.stability[gid] < settings.stability:
            reason = "unstable"
        else:
            reason = "weak"
        reasons.append(reason)
        names.append(name if reason == "honest" else None)
        for language, told in sentences.items():
            told.append(
                say(
                    f"not_raised.{reason}",
                    language,
                    name=say(f"honest.name.{name}", language),
                    share=strongest,
                    q=q,
                    stability=float(groups.found.stability[gid]),
                    ring=str(ring_id[over.part_of[gid]]),
                )
            )
    rows = base.filter(pa.array(~over.stands))
    rows = rows.append_column("reason", pa.array(reasons, pa.string()))
    rows = rows.append_column("explanation", pa.array(names, pa.string()))
    rows = rows.append_column("sentence_zh", pa.array(sentences["zh"], pa.string()))
    rows = rows.append_column("sentence_en", pa.array(sentences["en"], pa.string()))
    rows = rows.append_column(
        "members", pa.array([people[gid] for gid in left], pa.list_(pa.string()))
    )
    known = pa.array(ring_id[over.stands].tolist(), pa.string())  # the same ring, found twice
    rows = rows.filter(pc.invert(pc.is_in(rows["ring_id"], known)))
    return rows.sort_by([("probability", "descending"), ("ring_id", "ascending")])


def _pairs(context: Context) -> pa.Table:
    """Return the validated pairs (q ≤ ``pair_q``) with the card each person uses most."""
    backend = context.backend
    pairs = context.pairs.where(context.pairs.q_value <= context.settings.pair_q)
    table = backend.create_table("validated", pairs.table(), overwrite=True)
    persons = clean(backend, context.workspace, "persons")
    settlements = clean(backend, context.workspace, "settlements")
    people = numbered(persons, "psn_no", "person")
    cards = _usual_card(settlements)
    a = people.join(cards, "psn_no").select(lo="person", person_a="psn_no", card_a="card_id")
    b = people.join(cards, "psn_no").select(hi="person", person_b="psn_no", card_b="card_id")
    found = backend.to_pyarrow(table.join(a, "lo").join(b, "hi"))
    found = found.set_column(
        found.schema.get_field_index("p_value"),
        "p_value",
        pa.array(_significant(found["p_value"].to_numpy())),
    )
    return found.sort_by([("person_a", "ascending"), ("person_b", "ascending")])


def _usual_card(settlements: Table) -> Table:
    n = settlements.group_by(["psn_no", "card_id"]).aggregate(n=settlements.count())
    order = ibis.window(group_by="psn_no", order_by=[n.n.desc(), n.card_id])
    n = n.mutate(turn=ibis.row_number().over(order))
    return n.filter(n.turn == 0).select("psn_no", "card_id")


def _ring_id(kind: str, heart: list[str]) -> str:
    """Derive a number from kind and core members, so that a decision meets its ring again."""
    named = json.dumps({"kind": kind, "core": sorted(heart)}, ensure_ascii=False)
    return f"R-{hashlib.sha256(named.encode()).hexdigest()[:12]}"


def _significant(values: Floats, digits: int = 6) -> Floats:
    """Round to significant digits: threads add in any order, and nobody reads more."""
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 10.0 ** (digits - 1 - np.floor(np.log10(np.abs(values))))
        rounded = np.round(values * scale) / scale
    return np.where((values == 0) | ~np.isfinite(rounded), values, rounded)
