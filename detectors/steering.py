"""Steering: one doctor's patients buy at one pharmacy far more than place and habit explain.

Two kinds of evidence are kept apart and the stronger one counts: pharmacy settlements that carry
the doctor's number (``prescribed``), and purchases of a patient within hours of seeing the doctor
where the settlement carries none (``followed``). Each patient votes once, for the pharmacy that
served most of this doctor's prescriptions, so that one loyal patient is one vote.

For each doctor and pharmacy the votes expected are the **largest** of six (:mod:`detectors.
steering_shares`): colleagues at the same institution, doctors of the same zone, the patients' own
other purchases, what institutions elsewhere leave to a pharmacy as near in rank, and the pharmacy's
share in the drugs bought, among other doctors' patients and among all. A pharmacy beside a
hospital, the only one of a village, the only one with a drug or that gives out a drug on
prescription (双通道) is thereby expected. Ratios are shrunk (:mod:`detectors.steering_bayes`:
EB05 > 2; detection.md), after DuMouchel 1999.

Needs settlements; uses providers (coordinates, owner), fee_list, practitioners and staff. Misses a
house all of whose doctors send to one pharmacy, and steering that no settlement or hour shows.

Null: what a doctor's patients do around the expectation is over-dispersed (habit, advice, opening
hours). The ratio of votes to expectation varies between doctors as a gamma fitted to the extract;
the tail is the negative (for large shares the beta-) binomial it implies, given that one patient
went there at all, doubled for the two kinds of evidence. All pairs with a vote are tests.
"""

from dataclasses import dataclass

import ibis
import numpy as np
import pyarrow as pa
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table
from numpy.typing import NDArray

from detectors.candidates import HELD, OTHERS, Candidates, Context
from detectors.columns import clean, delivered, keep
from detectors.steering_bayes import Ratios, eb05, fitted, log_tail
from detectors.steering_shares import Shares, drug_shares, expected_votes
from detectors.steering_signs import HONEST, SIGNS, Steered, beside, designated, signs
from detectors.tallies import nothing

__all__ = ["SIGNS", "find"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FOLLOW_SECONDS = (
    14_400  # a purchase so long after the doctor may follow from it: half a day's errand
)
LEAST_EB05 = 2.0
LEAST_PATIENTS = 3  # a group that draws on fewer patients is a family's habit
MODEST_P = 0.01
MOST_CANDIDATES = 300


def find(context: Context) -> Candidates:
    """Return the candidate groups: a doctor, the doctor's institution and a pharmacy."""
    backend = context.backend
    settlements = clean(backend, context.workspace, "settlements")
    places = clean(backend, context.workspace, "providers")
    seen = keep(backend, "steer_seen", _seen(settlements, places))
    sales = keep(backend, "steer_sales", _sales(settlements, places))
    sent = keep(backend, "steer_sent", _sent(seen, sales))
    votes = keep(backend, "steer_votes", _votes(sent))
    shares = expected_votes(context, votes, sent, sales, places)
    if not len(shares):
        return nothing(SIGNS, HONEST)
    judged = _judged(shares)
    able = np.flatnonzero(_able(shares, judged))
    if not len(able):
        return nothing(SIGNS, HONEST)
    shares, ratios, tests = shares.take(able), judged.ratios, judged.tests
    items = _items(context, sent)
    if items is not None:
        shares = shares.at_least(drug_shares(context, shares.rows, sent, sales, items))
    judged = _judged(shares, ratios)
    chosen = _chosen(shares, judged)
    if not len(chosen):
        return nothing(SIGNS, HONEST)
    steered = Steered(
        backend=backend,
        workspace=context.workspace,
        sent=sent,
        sales=sales,
        places=places,
        items=items,
        shares=shares.take(chosen),
        eb05=judged.eb05[chosen],
    )
    doctors = _doctors(shares, judged, chosen)
    return Candidates(
        gid=np.empty(0, np.int64),
        person=np.empty(0, np.int64),
        stability=np.ones(len(chosen)),
        statistic=judged.statistic[chosen],
        p_value=judged.p_value[chosen],
        tests=tests,
        others=_others(steered.shares.rows, doctors),
        settlements=_held(backend, steered, doctors),
        signs=signs(steered),
        honest=dict(zip(HONEST, (beside(steered), designated(steered)), strict=True)),
    )


def _seen(settlements: Table, places: Table) -> Table:
    """Return who saw which doctor when: psn_no, doctor, house, at, day, rough."""
    house = places.filter(places.place_kind != "pharmacy").select(
        "fixmedins_code", rough=places.day_precision | places.batch
    )
    s = settlements.filter(
        settlements.live
        & settlements.online
        & (settlements.med_class != "inpatient")
        & settlements.dr_code.notnull()
    )
    s = s.join(house, "fixmedins_code")
    return s.select(
        "psn_no",
        "day",
        "rough",
        doctor="dr_code",
        house="fixmedins_code",
        at=s.setl_time.epoch_seconds().cast("int64"),
    )


def _sales(settlements: Table, places: Table) -> Table:
    """Return every live settlement at a pharmacy."""
    shop = places.filter(places.place_kind == "pharmacy").select(
        "fixmedins_code", late=places.day_precision | places.batch
    )
    s = settlements.filter(settlements.live & settlements.online)
    s = s.join(shop, "fixmedins_code")
    return s.select(
        "setl_id",
        "psn_no",
        "day",
        "net_sum",
        "late",
        named="dr_code",
        pharmacy="fixmedins_code",
        at=s.setl_time.epoch_seconds().cast("int64"),
    )


def _mostly(seen: Table, *keys: str) -> Table:
    """Return where each doctor (or doctor and patient: ``keys``) mostly meets: keys, house."""
    n = seen.group_by([*keys, "house"]).aggregate(n=seen.count())
    order = ibis.window(group_by=list(keys), order_by=[n.n.desc(), n.house])
    n = n.mutate(rank=ibis.row_number().over(order))
    return n.filter(n["rank"] == 0).select(*keys, "house")


def _sent(seen: Table, sales: Table) -> Table:
    """Return the purchases that go back to a doctor.

    Columns: channel (0 prescribed, 1 followed), doctor, house (where the patient saw the doctor
    that day, else mostly, else where the doctor mostly works), psn_no, pharmacy, setl_id, day,
    net_sum, at and minutes since the doctor was last seen that day (NULL if not, or not known).
    """
    last = seen.select("psn_no", "day", "doctor", "rough", seen_at="at", seen_in="house")
    both = sales.join(last, ["psn_no", "day"])
    both = both.filter(both.named.isnull() | (both.named == both.doctor))
    known = ~both.rough & ~both.late
    wait = both["at"] - both.seen_at
    both = both.filter(~known | ((wait >= 0) & (wait <= FOLLOW_SECONDS)))
    order = ibis.window(
        group_by="setl_id", order_by=[both.seen_at.desc(), both.doctor, both.seen_in]
    )
    both = both.mutate(
        turn=ibis.row_number().over(order), minutes=ibis.ifelse(known, wait / 60.0, None)
    )
    both = both.filter(both.turn == 0)
    after = both.select("setl_id", "minutes", "seen_in", after="doctor")
    s = sales.left_join(after, "setl_id").select(sales, "after", "minutes", "seen_in")
    s = s.mutate(
        doctor=ibis.coalesce(s.named, s.after),
        channel=ibis.ifelse(s.named.notnull(), 0, 1).cast("int64"),
    )
    s = s.filter(s.doctor.notnull())
    usual = _mostly(seen, "doctor", "psn_no").rename(usual="house")
    s = s.left_join(usual, ["doctor", "psn_no"]).select(s, "usual")
    s = s.join(_mostly(seen, "doctor").rename(main="house"), "doctor")
    s = s.mutate(house=ibis.coalesce(s.seen_in, s.usual, s.main))
    return s.drop("named", "after", "late", "seen_in", "usual", "main")


def _votes(sent: Table) -> Table:
    """Return one vote a patient: channel, doctor, house, psn_no, pharmacy."""
    keys = ["channel", "doctor", "house", "psn_no"]
    n = sent.group_by([*keys, "pharmacy"]).aggregate(n=sent.count(), since=sent["at"].min())
    order = ibis.window(group_by=keys, order_by=[n.n.desc(), n.since, n.pharmacy])
    n = n.mutate(turn=ibis.row_number().over(order))
    return n.filter(n.turn == 0).select(*keys, "pharmacy")


def _items(context: Context, sent: Table) -> Table | None:
    """Return the drugs of what was sent: setl_id, drug; None without a fee list."""
    lines = delivered(context.backend, context.workspace, "fee_list")
    if lines is None:
        return None
    item = lines.semi_join(sent, "setl_id").select("setl_id", drug="med_list_codg")
    return keep(context.backend, "steer_items", item.distinct())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    p_value: Floats
    statistic: Floats
    eb05: Floats
    ratios: dict[int, Ratios]
    tests: float


def _judged(shares: Shares, ratios: dict[int, Ratios] | None = None) -> _Judged:
    """Judge each pair within its kind of evidence; ``statistic`` is −ln p.

    ``ratios`` are fitted to the pairs unless they were fitted before.
    """
    log_p, shrunk = np.zeros(len(shares)), np.zeros(len(shares))
    found = dict(ratios or {})
    for channel in (0, 1):
        here = shares.channel == channel
        if here.any():
            count, expected = shares.votes[here], shares.expected[here]
            if channel not in found:
                found[channel] = fitted(count, expected)
            size = shares.patients[here]
            log_p[here] = log_tail(count, expected, size, found[channel])
            shrunk[here] = eb05(count, expected, found[channel])
    log_p = np.minimum(log_p + np.log(2.0), 0.0)
    return _Judged(
        p_value=np.exp(np.maximum(log_p, -690.0)),
        statistic=-log_p,
        eb05=shrunk,
        ratios=found,
        tests=float(len(shares)),
    )


def _able(shares: Shares, judged: _Judged) -> NDArray[np.bool_]:
    return np.asarray(
        (judged.p_value <= MODEST_P) & (judged.eb05 > LEAST_EB05) & (shares.votes >= LEAST_PATIENTS)
    )


def _chosen(shares: Shares, judged: _Judged) -> Ints:
    """Return one row for each group: a doctor's strongest pharmacy, colleagues there joined.

    Two doctors of one house who send to the same pharmacy are one group, known by the stronger.
    """
    able = np.flatnonzero(_able(shares, judged))
    able = able[np.argsort(-judged.statistic[able], kind="stable")]
    for keys in (shares.doctor, shares.trade):
        able = able[np.sort(np.unique(keys[able], return_index=True)[1])]
    return np.sort(able[:MOST_CANDIDATES])


def _doctors(shares: Shares, judged: _Judged, chosen: Ints) -> list[list[str]]:
    """Return the doctors of each group: who of the house stands out at the pharmacy as well."""
    able = _able(shares, judged)
    names = shares.rows["doctor"].to_numpy(zero_copy_only=False)
    return [
        sorted(set(names[able & (shares.trade == shares.trade[one])])) for one in chosen.tolist()
    ]


def _others(rows: pa.Table, doctors: list[list[str]]) -> pa.Table:
    found = []
    for gid, (row, who) in enumerate(
        zip(rows.select(["house", "pharmacy"]).to_pylist(), doctors, strict=True)
    ):
        members = [("doctor", name, "doctor") for name in who]
        members += [("place", row["house"], "sends"), ("place", row["pharmacy"], "receives")]
        for kind, key, role in members:
            found.append(
                {
                    "gid": gid,
                    "entity_type": kind,
                    "entity_id": key,
                    "role": role,
                    "weight": 1.0,
                }
            )
    return pa.Table.from_pylist(found, schema=OTHERS)


def _held(backend: Backend, steered: Steered, doctors: list[list[str]]) -> pa.Table:
    """Return what the doctors' patients bought there on prescription, and after seeing them.

    Certain is the kind of evidence the group was found by; the other kind may belong to it.
    """
    pairs = [(gid, name) for gid, names in enumerate(doctors) for name in names]
    who = pa.table({"gid": [g for g, _ in pairs], "doctor": [name for _, name in pairs]})
    named = backend.create_table("steer_doctors", who, overwrite=True)
    group = steered.groups().select("gid", "pharmacy", found="channel")
    rows = steered.sent.join(named.join(group, "gid"), ["doctor", "pharmacy"])
    rows = rows.select("gid", "setl_id", certain=rows.channel == rows.found).distinct()
    return backend.to_pyarrow(rows.order_by(["gid", "setl_id"])).cast(HELD)
