"""The tables of the ring contract, from measured candidates."""

import hashlib
import json
from decimal import Decimal

import ibis
import numpy as np
import pyarrow as pa
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table
from numpy.typing import NDArray

from detectors.candidates import Candidates, Context
from detectors.columns import clean
from detectors.evidence import PRIOR, Evidence, probability, scores, verdicts, weighed
from detectors.facts import Facts
from detectors.honest import EXPLANATIONS
from detectors.loss import losses, window
from detectors.measures import MEASURES
from detectors.members import core, members, numbered_people
from detectors.rings import CONTRACT, PAIRS, YUAN
from detectors.visits import numbered
from detectors.world import Floats
from ingest.texts import Language, say

ONE_PLACE = 0.6  # share of joint sessions at the first place from which a pool is not rotating


def contract(
    context: Context, found: Candidates, facts: Facts, evidence: Evidence, q_value: Floats
) -> dict[str, pa.Table]:
    """Return the six tables of the contract and the validated pairs.

    A group is raised with probability ≥ ``settings.probability``, q ≤ ``settings.group_q`` and
    stability ≥ ``settings.stability``; every other candidate is in ``not_raised`` with its reason.
    """
    backend, settings = context.backend, context.settings
    weights = weighed(scores(evidence), len(found))
    chance = np.round(probability(weights), 6)
    raised = (
        (chance >= settings.probability)
        & (q_value <= settings.group_q)
        & (found.stability >= settings.stability)
    )
    summary = _summary(backend, facts, found, chance)
    kind = np.where(
        summary["first_share"].to_numpy() >= ONE_PLACE, "card_pool", "card_pool_rotating"
    )
    ring_id = np.array(
        [
            _ring_id(k, heart)
            for k, heart in zip(kind, core(backend, facts, len(found)), strict=True)
        ]
    )
    base = summary.append_column("kind", pa.array(kind)).append_column("ring_id", pa.array(ring_id))
    base = base.append_column("probability", pa.array(chance))
    base = base.append_column("p_value", pa.array(_significant(found.p_value)))
    base = base.append_column("q_value", pa.array(_significant(q_value)))
    base = base.append_column("stability", pa.array(np.round(found.stability, 6)))
    rings = _rings(base.filter(pa.array(raised)))
    gids = np.flatnonzero(raised)
    keys = pa.table({"gid": gids, "ring_id": ring_id[gids]})
    tables = {
        "rings": rings,
        "ring_members": members(backend, facts, keys),
        "ring_settlements": _settlements(backend, facts, keys),
        "ring_evidence": _evidence(evidence, weights, gids, ring_id),
        "ring_honest_tests": _honest_tests(evidence, gids, ring_id),
        "not_raised": _not_raised(context, found, facts, evidence, base, ~raised),
        "pairs": _pairs(context),
    }
    return {
        name: table.select(schema.names).cast(schema)
        for name, table, schema in (
            (name, table, PAIRS if name == "pairs" else CONTRACT[name])
            for name, table in tables.items()
        )
    }


def _summary(backend: Backend, facts: Facts, found: Candidates, chance: Floats) -> pa.Table:
    """Return money, times and counts, one row a group in the order of gid."""
    gid = backend.create_table(
        "candidate_chance",
        pa.table({"gid": np.arange(len(found)), "probability": chance}),
        overwrite=True,
    )
    fund = losses(facts, gid)
    sessions = facts.sessions
    by_place = sessions.group_by(["gid", "place"]).aggregate(n=sessions.count())
    by_place = by_place.group_by("gid").aggregate(
        first_share=by_place.n.max().cast("float64") / by_place.n.sum().cast("float64")
    )
    size = facts.members.group_by("gid").aggregate(people=facts.members.person.nunique())
    held = window(facts)
    seen = (
        held.filter(held.joint)
        .group_by("gid")
        .aggregate(first_at=held["at"].min(), last_at=held["at"].max(), places=held.place.nunique())
    )
    rows = held.group_by("gid").aggregate(settlements=held.setl_id.nunique())
    j = gid.select("gid")
    for table in (size, fund, by_place, seen, rows):
        columns = [c for c in table.columns if c != "gid"]
        j = j.left_join(table, "gid").select(j, *[table[c] for c in columns])
    money = {c: j[c].fill_null(0) for c in ("loss_low", "loss_mid", "loss_high")}
    counts = {c: j[c].fill_null(0) for c in ("places", "settlements", "people")}
    j = j.mutate(**money, **counts, first_share=j.first_share.fill_null(1.0)).order_by("gid")
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
    why = rows.joint.ifelse("joint_session", "same_places")
    return backend.to_pyarrow(rows.select("ring_id", "setl_id", why=why)).sort_by(
        [("ring_id", "ascending"), ("setl_id", "ascending")]
    )


def _evidence(
    evidence: Evidence,
    weights: dict[str, Floats],
    gids: NDArray[np.int64],
    ring_id: NDArray[np.str_],
) -> pa.Table:
    """Return the waterfall; the factors of a ring sum to its log-odds."""
    units = {m.name: m.unit for m in MEASURES}
    rows = []
    for gid in gids:
        ring = str(ring_id[gid])
        rows.append(_row(ring, PRIOR, None, None, "log2 odds", float(weights[PRIOR][gid])))
        for name, unit in units.items():
            seen, usual = float(evidence.observed[name][gid]), float(evidence.expected[name][gid])
            if not np.isnan(seen):
                rows.append(_row(ring, name, seen, usual, unit, float(weights[name][gid])))
        for name, share in evidence.share.items():
            if not np.isnan(share[gid]):
                measure = f"honest_{name}"
                factor = float(weights[measure][gid])
                rows.append(_row(ring, measure, float(share[gid]), 0.0, "share", factor))
    return pa.Table.from_pylist(rows, schema=CONTRACT["ring_evidence"])


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
    evidence: Evidence, gids: NDArray[np.int64], ring_id: NDArray[np.str_]
) -> pa.Table:
    rows = []
    judged = {name: verdicts(share) for name, share in evidence.share.items()}
    for gid in gids:
        for explanation in EXPLANATIONS:
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
    found: Candidates,
    facts: Facts,
    evidence: Evidence,
    base: pa.Table,
    left: NDArray[np.bool_],
) -> pa.Table:
    settings = context.settings
    gids = np.flatnonzero(left)
    share = np.stack([np.nan_to_num(evidence.share[e.name]) for e in EXPLANATIONS])
    best = share.argmax(axis=0)
    people = numbered_people(context.backend, facts, len(found))
    rows = base.filter(pa.array(left))
    reasons: list[str] = []
    names: list[str | None] = []
    zh: list[str] = []
    en: list[str] = []
    both: tuple[tuple[list[str], Language], ...] = ((zh, "zh"), (en, "en"))
    for gid, q in zip(gids, rows["q_value"].to_pylist(), strict=True):
        name = EXPLANATIONS[best[gid]].name
        strongest = float(share[best[gid], gid])
        if q > settings.group_q:
            reason = "chance"
        elif strongest >= 0.2:
            reason = "honest"
        elif found.stability[gid] < settings.stability:
            reason = "unstable"
        else:
            reason = "weak"
        reasons.append(reason)
        names.append(name if reason == "honest" else None)
        for sentences, language in both:
            sentences.append(
                say(
                    f"not_raised.{reason}",
                    language,
                    name=say(f"honest.name.{name}", language),
                    share=strongest,
                    q=q,
                    stability=float(found.stability[gid]),
                )
            )
    rows = rows.append_column("reason", pa.array(reasons, pa.string()))
    rows = rows.append_column("explanation", pa.array(names, pa.string()))
    rows = rows.append_column("sentence_zh", pa.array(zh, pa.string()))
    rows = rows.append_column("sentence_en", pa.array(en, pa.string()))
    rows = rows.append_column(
        "members", pa.array([people[gid] for gid in gids], pa.list_(pa.string()))
    )
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
