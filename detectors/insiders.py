"""Insider reimbursement: one handler, few payees or agents, many unrelated claimants.

Auditors who passed all files of one cashier into a spouse's account, contract workers who filed
for fifty borrowed names (domain.md §5.2; signature 9; B10, B11, B13, B25, B46). A **channel** is a
payee account or an agent; claimants of one home are one claimant, for kin and one's own account are
ordinary, and what an agent brings to one desk on one day is one **trip**: village helpers come with
a bundle, to one desk.

For each handler, registrar or reviewer, and each channel of three unrelated claimants, the trips
that met this handler are compared with the handler's share of the trips of the same **desk**: the
office (registrars and reviewers that work on the same claims), the claimants' division, the reason
class and the quarter, each kept apart while a desk keeps enough trips. So a specialist desk and a
small office explain themselves, and where one person registers everything, concentration says
nothing. A candidate is a handler with the channels that concentrate on him and his claims in them.

**Null**: the handlers are permuted among the trips of each desk; the same channels, tails and sums
follow. p is the share of handlers of permuted worlds that reach the sum; ``tests`` counts handlers.
Needs settlements and manual_claims; staff and persons say who is related. Misses insiders who are
the only one at their desk, and payees that serve two claimants or fewer.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from detectors import insiders_claims as data
from detectors import insiders_signs as measured
from detectors.candidates import HELD, OTHERS, Candidates, Context, Sign
from detectors.insiders_claims import Claims, Trips
from detectors.tallies import assembled, nothing, share, summed, upper_tail
from detectors.world import Floats, Ints

UNRELATED = 3  # claimants of different homes (domain.md §5.3, signature 9)
LINKED = 0.01  # tail from which a channel counts as concentrated on a handler
PROPOSED = 0.01  # own p from which a handler is proposed
WORLDS = 2_000  # permuted worlds, fewer where trips are many
WORK = 40_000_000  # labels permuted at most
BATCH = 50  # worlds permuted at once
ENOUGH = 40  # times reached after which a sum is nothing special, and p known to a sixth
SAME = 0.5  # two candidates that share so much are one

SIGNS: tuple[Sign, ...] = (
    Sign(name="insider_trips", unit="trips", score="log2_ratio"),
    Sign(name="insider_unrelated", unit="homes", score="log2_ratio"),
    Sign(name="insider_one_reviewer", unit="share", score="difference"),
    Sign(name="insider_same_hand", unit="share", score="difference"),
    Sign(name="insider_quick", unit="hours", score="log2_ratio", rising=False),
    Sign(name="insider_invoices", unit="share", score="difference"),
    Sign(name="insider_hours", unit="share", score="difference"),
    Sign(name="insider_limit", unit="share", score="difference"),
    Sign(name="insider_far", unit="share", score="difference"),
    Sign(name="insider_staff_tie", unit="share", score="difference"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """One handler with the channels that concentrate on him (numbers) and his claims in them."""

    handlers: tuple[tuple[str, str], ...]  # (staff id, role)
    channels: frozenset[int]
    rows: frozenset[int]
    trips: float
    usual: float
    statistic: float
    p_value: float


def find(context: Context) -> Candidates:
    """Return handlers on whom payees or agents of unrelated claimants concentrate."""
    claims = data.claims(context)
    if claims is None:
        return nothing(SIGNS, ("one_desk",))
    found: list[Suspect] = []
    tests = 0.0
    for role, label in (("handler", claims.registrar), ("reviewer", claims.reviewer)):
        trips = data.trips(claims, label)
        if trips is None:
            continue
        tests += float(len(trips.handlers))
        found += _suspects(claims, trips, role, context.settings.seed)
    groups = _joined(found)
    if not groups:
        return nothing(SIGNS, ("one_desk",), tests=tests)
    return _candidates(context, claims, groups, tests)


def _suspects(claims: Claims, trips: Trips, role: str, seed: int) -> list[Suspect]:
    """Return the handlers of one role whose channels concentrate beyond permuted handlers."""
    expected = _expected(trips)
    observed, linked = _sums(trips, trips.label[None, :], expected)
    observed = observed[0]
    p = _permuted(trips, expected, observed, np.random.default_rng([seed, role == "reviewer"]))
    found = []
    for handler in np.flatnonzero((observed > 0) & (p <= PROPOSED)):
        channels = linked[1][linked[2] == handler]
        mine = claims.label(role) == trips.handlers[handler]
        rows = np.flatnonzero(mine & claims.uses(channels))
        if len(np.unique(claims.home[rows])) < UNRELATED:
            continue
        met = np.unique(trips.trip[np.isin(trips.channel, channels)])
        found.append(
            Suspect(
                handlers=((str(trips.handlers[handler]), role),),
                channels=frozenset(channels.tolist()),
                rows=frozenset(rows.tolist()),
                trips=float((trips.label[met] == handler).sum()),
                usual=float(trips.elsewhere(met, channels)[handler]),
                statistic=float(observed[handler]),
                p_value=float(p[handler]),
            )
        )
    return found


def _expected(trips: Trips) -> Floats:
    """Return the chance that a trip of a channel meets a handler: channels × handlers."""
    desks = int(trips.desk.max()) + 1
    table = np.zeros((desks, len(trips.handlers)))
    np.add.at(table, (trips.desk, trips.label), 1.0)
    rate = table / table.sum(axis=1, keepdims=True)
    chance = np.zeros((trips.channels, len(trips.handlers)))
    np.add.at(chance, trips.channel, rate[trips.desk[trips.trip]])
    return np.asarray(chance / np.maximum(trips.size, 1)[:, None])


def _permuted(
    trips: Trips, expected: Floats, observed: Floats, draw: np.random.Generator
) -> Floats:
    """Return how often a handler reaches the sum when handlers are permuted within desks.

    Permuted worlds are drawn until every sum was reached often, or there are enough.
    """
    linked = observed > 0
    if not linked.any():
        return np.ones(len(observed))
    most = int(np.clip(WORK // len(trips.label), 200, WORLDS))
    by_desk = np.argsort(trips.desk, kind="stable")
    reached, worlds = np.zeros(len(observed)), 0
    while worlds < most and (reached[linked] < ENOUGH).any():
        shuffled = trips.desk + draw.random((BATCH, len(trips.label)))  # desks stay apart
        dealt = np.empty(shuffled.shape, np.int64)
        dealt[:, by_desk] = trips.label[np.argsort(shuffled, axis=1)]
        sums = np.sort(_sums(trips, dealt, expected)[0].ravel())
        reached += len(sums) - np.searchsorted(sums, observed - 1e-9, side="left")
        worlds += BATCH
    return np.asarray((1.0 + reached) / (1.0 + worlds * len(observed)))


def _sums(trips: Trips, labels: Ints, chance: Floats) -> tuple[Floats, tuple[Ints, Ints, Ints]]:
    """Return Σ −ln tail of the channels linked to each handler, and which are.

    ``labels`` has a row for each world; so have the sums. The links are world, channel, handler.
    """
    shape = (len(labels), trips.channels, len(trips.handlers))
    world = np.arange(len(labels))[:, None]
    cell = (world * shape[1] + trips.channel) * shape[2] + labels[:, trips.trip]
    cell, hits = np.unique(cell, return_counts=True)
    able = hits >= UNRELATED
    at, channel, handler = np.unravel_index(cell[able], shape)
    tail = upper_tail(hits[able], trips.size[channel], chance[channel, handler])
    kept = tail <= LINKED
    sums = summed(at[kept] * shape[2] + handler[kept], -np.log(tail[kept]), shape[0] * shape[2])
    return np.round(sums.reshape(shape[0], shape[2]), 9), (at[kept], channel[kept], handler[kept])


def _joined(found: list[Suspect]) -> list[Suspect]:
    """Join suspects that are one: half of the lesser one's claims, or half of all channels."""
    groups: list[Suspect] = []
    for one in sorted(found, key=lambda s: (s.p_value, -s.statistic, s.handlers)):
        for place, other in enumerate(groups):
            rows = len(one.rows & other.rows) / min(len(one.rows), len(other.rows))
            channels = len(one.channels & other.channels) / len(one.channels | other.channels)
            if rows >= SAME or channels >= SAME:
                groups[place] = _with(other, one)
                break
        else:
            groups.append(one)
    return groups


def _with(first: Suspect, second: Suspect) -> Suspect:
    """Return two suspects as one; the first, further from chance, lends its figures."""
    return Suspect(
        handlers=tuple(dict.fromkeys(first.handlers + second.handlers)),
        channels=first.channels | second.channels,
        rows=first.rows | second.rows,
        trips=first.trips,
        usual=first.usual,
        statistic=first.statistic,
        p_value=first.p_value,
    )


def _candidates(
    context: Context, claims: Claims, groups: list[Suspect], tests: float
) -> Candidates:
    parts, persons, held = [], [], []
    for gid, group in enumerate(groups):
        rows = np.array(sorted(group.rows))
        channels = np.array(sorted(group.channels))
        people = np.unique(claims.person[rows])
        persons.append((np.full(len(people), gid), people))
        loose = np.setdiff1d(np.flatnonzero(claims.uses(channels)), rows)
        for chosen, certain in ((rows, True), (loose, False)):
            held.append(
                pa.table(
                    {
                        "gid": np.full(len(chosen), gid),
                        "setl_id": claims.setl_id.take(pa.array(chosen)),
                        "certain": np.full(len(chosen), certain),
                    }
                )
            )
        parts.append(_others(gid, group, claims, rows, channels))
    trips = np.array([group.trips for group in groups])
    usual = np.array([group.usual for group in groups])
    signs = measured.signs(context, claims, [np.array(sorted(g.rows)) for g in groups])
    return Candidates(
        gid=np.concatenate([gid for gid, _ in persons]),
        person=np.concatenate([people for _, people in persons]),
        stability=np.ones(len(groups)),
        statistic=np.array([group.statistic for group in groups]),
        p_value=np.array([group.p_value for group in groups]),
        tests=tests,
        others=assembled(OTHERS, parts),
        settlements=assembled(HELD, held),
        signs={"insider_trips": (trips, usual)} | signs,
        honest={"one_desk": np.minimum(share(usual, trips), 1.0)},
    )


def _others(gid: int, group: Suspect, claims: Claims, rows: Ints, channels: Ints) -> pa.Table:
    """Return handlers, payee accounts and agents; weight is the share of the group's claims."""
    listed = [
        ("staff", name, role, float((claims.label(role)[rows] == name).mean()))
        for name, role in group.handlers
    ]
    for channel in claims.within(rows, channels):
        entity, name = claims.names[channel]
        used = float(np.isin(rows, np.flatnonzero(claims.uses(np.array([channel])))).mean())
        listed.append((entity, name, "payee" if entity == "account" else "agent", used))
    return pa.table(
        {
            "gid": np.full(len(listed), gid),
            "entity_type": [row[0] for row in listed],
            "entity_id": [row[1] for row in listed],
            "role": [row[2] for row in listed],
            "weight": np.round([row[3] for row in listed], 6),
        }
    )
