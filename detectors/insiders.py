"""Insider reimbursement: one handler, few payees or agents, many unrelated claimants.

Auditors who passed all files of one cashier into a spouse's account, contract workers who filed
for fifty borrowed names (domain.md §5.2; signature 9; B10, B11, B13, B25, B46). A **channel** is a
payee account or an agent; claimants of one home are one claimant, for kin and one's own account are
ordinary, and what an agent brings to one desk on one day is one **trip**: village helpers come with
a bundle, to one desk.

For each handler, a registrar, a reviewer or both together, and each channel of unrelated claimants
(two for a payee, three for an agent), the trips that met this handler are compared with the
handler's share of the trips of the same **desk**: the office (registrars and reviewers that work on
the same claims), the claimants' division, the reason class and the quarter, each kept apart while a
desk keeps enough trips. So a specialist desk and a small office explain themselves, and where one
person registers everything, concentration says nothing. Small accounts are seen jointly: a
handler's tails up to ``LINKED`` are multiplied (truncated product; Zaykin et al. 2002,
doi:10.1002/gepi.0042). Agents whose claimants are paid on their own accounts are looked at apart
from payees: a helper who always comes to the same desk is no part of a ring there. A candidate is a
handler with the channels that concentrate on him and his claims in them.

**Null**: the handlers are permuted among the trips of each desk; the same channels, tails and sums
follow. p is the share of handlers of permuted worlds that reach the sum; ``tests`` counts handlers.
Needs settlements and manual_claims; staff and persons say who is related. Misses insiders who are
the only one at their desk, and payees that serve one home.
"""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from detectors import insiders_claims as data
from detectors import insiders_signs as measured
from detectors.candidates import HELD, OTHERS, Candidates, Context, Sign
from detectors.insiders_claims import Claims, Trips
from detectors.tallies import assembled, nothing, share, summed, upper_tail
from detectors.world import Floats, Ints

UNRELATED = 3  # claimants of different homes (domain.md §5.3, signature 9)
HITS = 2  # one claim of a channel concentrates on nobody
LINKED = 0.05  # tail from which a channel counts as concentrated on a handler (Zaykin 2002)
PROPOSED = 0.01  # own p from which a handler is proposed
ROLES = ("handler", "reviewer", "pair")
WORLDS = 2_000  # permuted worlds, fewer where trips are many
WORK = 40_000_000  # labels permuted at most
BATCH = 50  # worlds permuted at once
ENOUGH = 40  # times reached after which a sum is nothing special, and p known to a sixth
SAME = 0.5  # two candidates that share so much are one

HONEST = ("one_desk", "paid_own")
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
        return nothing(SIGNS, HONEST)
    found: list[Suspect] = []
    tests = 0.0
    apart = data.messengers(claims)
    for role in ROLES:
        trips = data.trips(claims, claims.label(role))
        if trips is None:
            continue
        for channels in (~apart, apart):
            tests += float(len(trips.handlers))
            found += _suspects(claims, trips.only(channels), role, context.settings.seed)
    groups = _joined(found)
    if not groups:
        return nothing(SIGNS, HONEST, tests=tests)
    return _candidates(context, claims, groups, tests)


def _suspects(claims: Claims, trips: Trips, role: str, seed: int) -> list[Suspect]:
    """Return the handlers of one role whose channels concentrate beyond permuted handlers."""
    expected = _expected(trips)
    observed, linked = _sums(trips, trips.label[None, :], expected)
    observed = observed[0]
    p = _permuted(trips, expected, observed, np.random.default_rng([seed, ROLES.index(role)]))
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
                handlers=_named(str(trips.handlers[handler]), role),
                channels=frozenset(channels.tolist()),
                rows=frozenset(rows.tolist()),
                trips=float((trips.label[met] == handler).sum()),
                usual=float(trips.elsewhere(met, channels)[handler]),
                statistic=float(observed[handler]),
                p_value=float(p[handler]),
            )
        )
    return found


def _named(label: str, role: str) -> tuple[tuple[str, str], ...]:
    """Return (staff id, role) of a label; a pair has two, or one who is both."""
    if role != "pair":
        return ((label, role),)
    return tuple(dict(zip(label.split(data.PAIR), ("handler", "reviewer"), strict=True)).items())


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
    able = hits >= HITS
    at, channel, handler = np.unravel_index(cell[able], shape)
    tail = upper_tail(hits[able], trips.size[channel], chance[channel, handler])
    kept = tail <= LINKED
    sums = summed(at[kept] * shape[2] + handler[kept], -np.log(tail[kept]), shape[0] * shape[2])
    return np.round(sums.reshape(shape[0], shape[2]), 9), (at[kept], channel[kept], handler[kept])


def _joined(found: list[Suspect]) -> list[Suspect]:
    """Join suspects that are one: half of the lesser one's claims, or half of all channels.

    A pair goes before its registrar only where the reviewer, too, is met beyond ``PROPOSED``: who
    reviews everybody's claims is no party. Who passes for several that share nothing else is no
    suspect of his own: he is a party of each.
    """
    groups: list[Suspect] = []

    def order(one: Suspect) -> tuple[float, float, tuple[tuple[str, str], ...]]:
        met = one.statistic + np.log(PROPOSED) * (len(one.handlers) - 1)
        return -met, one.p_value, one.handlers

    ordered = sorted(found, key=order)
    for one in [one for one in ordered if not _falls_apart(one, ordered)]:
        for place, other in enumerate(groups):
            rows = len(one.rows & other.rows) / min(len(one.rows), len(other.rows))
            channels = len(one.channels & other.channels) / len(one.channels | other.channels)
            if rows >= SAME or channels >= SAME:
                groups[place] = _with(other, one)
                break
        else:
            groups.append(one)
    return groups


def _falls_apart(whole: Suspect, ordered: list[Suspect]) -> bool:
    """Say whether other suspects without common channel or claim make up most of a suspect."""
    parts: list[Suspect] = []
    for one in ordered:
        inside = len(one.rows & whole.rows) >= SAME * len(one.rows)
        apart = not any(one.rows & part.rows or one.channels & part.channels for part in parts)
        if one is not whole and inside and apart and len(one.rows) < len(whole.rows):
            parts.append(one)
    covered = sum(len(part.rows & whole.rows) for part in parts)
    return len(parts) > 1 and covered >= SAME * len(whole.rows)


def _with(first: Suspect, second: Suspect) -> Suspect:
    """Return two suspects as one; the first, furthest from chance, lends claims and figures."""
    alone = second.handlers if len(second.handlers) == 1 else ()
    return replace(
        first,
        handlers=tuple(dict.fromkeys(first.handlers + alone)),
        p_value=min(first.p_value, second.p_value),
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
        honest={
            "one_desk": np.minimum(share(usual, trips), 1.0),
            "paid_own": np.array([_paid_own(claims, np.array(sorted(g.rows))) for g in groups]),
        },
    )


def _paid_own(claims: Claims, rows: Ints) -> float:
    """Return the share of claims paid to an account of one home; NaN where none is known."""
    known = rows[claims.account[rows] >= 0]
    return float((~data.pooled(claims)[known]).mean()) if len(known) else float("nan")


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
