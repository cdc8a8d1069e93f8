"""Manual claims as the insider detector counts them: channels, offices, desks and trips."""

from dataclasses import dataclass, replace

import ibis
import numpy as np
import pyarrow as pa
from ibis.expr.types import Table
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from detectors.candidates import Context
from detectors.columns import clean, delivered
from detectors.tallies import homes
from detectors.visits import numbered
from detectors.world import Floats, Ints

UNRELATED = {"account": 2, "agent": 3}  # homes: one's own account is common, neighbours help
ENOUGH = 30  # trips from which a desk is looked at by itself (a share then has ± 9 points)
TOGETHER = 0.5  # registrar and reviewer are of one office from this part of a usual partnership

PAIR = "\x1f"  # between a registrar and a reviewer

Names = NDArray[np.object_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """Live manual claims in the order of ``setl_id``; text is "" where it was not delivered.

    ``channels`` are numbered, ``names`` their (entity, identifier): payee accounts and agents.
    ``account`` and ``agent`` hold the channel of each claim, −1 for none. ``home`` numbers homes.
    ``office`` numbers offices. Times are seconds since 1970, NaN where unknown.
    """

    setl_id: pa.Array
    person: Ints
    home: Ints
    division: Ints
    reason: Ints
    registrar: Names
    reviewer: Names
    invoice: Names
    account: Ints
    agent: Ints
    agent_phone: Names
    names: tuple[tuple[str, str], ...]
    office: Ints
    registered: Floats
    reviewed: Floats
    day: Ints
    amount: Floats
    fund: Floats
    far: NDArray[np.bool_]
    first: NDArray[np.bool_]

    def label(self, role: str) -> Names:
        """Return the registrar (role handler), the reviewer, or both of each claim."""
        if role != "pair":
            return self.reviewer if role == "reviewer" else self.registrar
        known = (self.registrar != "") & (self.reviewer != "")
        return np.where(known, self.registrar + PAIR + self.reviewer, "")

    def uses(self, channels: Ints) -> NDArray[np.bool_]:
        """Say which claims name one of the channels."""
        return np.isin(self.account, channels) | np.isin(self.agent, channels)

    def within(self, rows: Ints, channels: Ints) -> list[int]:
        """Return channels, and those others whose claims, two or more, all lie within ``rows``."""
        every = np.concatenate([self.account, self.agent])
        inside = np.concatenate([self.account[rows], self.agent[rows]])
        size = np.bincount(every[every >= 0], minlength=len(self.names))
        part = np.bincount(inside[inside >= 0], minlength=len(self.names))
        whole = np.flatnonzero((part == size) & (size >= 2))
        return sorted({*channels.tolist(), *whole.tolist()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trips:
    """What was brought to one handler on one day by one agent, or for one account or claimant.

    ``label`` (number in ``handlers``) and ``desk`` of each trip; ``channel`` and ``trip`` are the
    rows of channels of several unrelated claimants; ``size`` the trips of each channel.
    """

    handlers: Names
    label: Ints
    desk: Ints
    channel: Ints
    trip: Ints
    size: Ints

    def only(self, channels: NDArray[np.bool_]) -> "Trips":
        """Return the same trips with these channels alone."""
        kept = channels[self.channel]
        return replace(
            self,
            channel=self.channel[kept],
            trip=self.trip[kept],
            size=np.where(channels, self.size, 0),
        )

    @property
    def channels(self) -> int:
        """How many channels there are, shared or not."""
        return len(self.size)

    def elsewhere(self, met: Ints, channels: Ints) -> Floats:
        """Return the trips of ``met`` each handler would have by its share of the desks' others."""
        own = np.zeros(len(self.label), bool)
        own[self.trip[np.isin(self.channel, channels)]] = True
        table = np.zeros((int(self.desk.max()) + 1, len(self.handlers)))
        np.add.at(table, (self.desk[~own], self.label[~own]), 1.0)
        some = np.bincount(self.desk, minlength=len(table))
        rate = (table + 1.0 / len(self.handlers)) / (table.sum(axis=1, keepdims=True) + 1.0)
        rate[some == 0] = 0.0
        return np.asarray(rate[self.desk[met]].sum(axis=0))


def claims(context: Context) -> Claims | None:
    """Return the live manual claims; None where there are none."""
    backend = context.backend
    table = delivered(backend, context.workspace, "manual_claims")
    if table is None:
        return None
    rows = backend.to_pyarrow(_joined(context, table).order_by("setl_id"))
    if not rows.num_rows:
        return None
    names: dict[tuple[str, str], int] = {}

    def channel(entity: str, column: str) -> Ints:
        filled = [(entity, value) if value else None for value in rows[column].to_pylist()]
        for name in sorted({name for name in filled if name}):
            names.setdefault(name, len(names))
        return np.array([names[name] if name else -1 for name in filled], np.int64)

    account, agent = channel("account", "bankacct"), channel("agent", "agent")
    registrar, reviewer = _text(rows, "crter_id"), _text(rows, "rchker_id")
    return Claims(
        setl_id=rows["setl_id"].combine_chunks(),
        person=rows["person"].to_numpy().astype(np.int64),
        home=rows["home"].to_numpy().astype(np.int64),
        division=_codes(rows, "division"),
        reason=_codes(rows, "reason"),
        registrar=registrar,
        reviewer=reviewer,
        invoice=_text(rows, "invono"),
        account=account,
        agent=agent,
        agent_phone=_text(rows, "agnter_tel"),
        names=tuple(names),
        office=offices(registrar, reviewer),
        registered=_floats(rows, "registered"),
        reviewed=_floats(rows, "reviewed"),
        day=rows["day"].to_numpy().astype(np.int64),
        amount=_floats(rows, "amount"),
        fund=_floats(rows, "fund"),
        far=rows["far"].to_numpy(zero_copy_only=False).astype(bool),
        first=rows["first"].to_numpy(zero_copy_only=False).astype(bool),
    )


def offices(registrar: Names, reviewer: Names) -> Ints:
    """Return the office of each claim: registrars and reviewers who work on the same claims.

    Two are of one office where they share half as many claims as either does with its usual
    partner, so that one file that went astray joins nothing, and reviewers who are dealt their
    files at random hold an office together. Who has no partner on record is pooled with the like.
    """
    people, number = np.unique(np.concatenate([registrar, reviewer]), return_inverse=True)
    a, b = number[: len(registrar)], number[len(registrar) :]
    known = (registrar != "") & (reviewer != "") & (registrar != reviewer)
    pairs, shared = np.unique(np.stack([a[known], b[known]]), axis=1, return_counts=True)
    most = np.zeros(len(people))
    for ends in pairs:
        np.maximum.at(most, ends, shared)
    strong = shared >= TOGETHER * np.minimum(most[pairs[0]], most[pairs[1]])
    links = coo_array(
        (np.ones(int(strong.sum())), (pairs[0][strong], pairs[1][strong])),
        shape=(len(people), len(people)),
    )
    part = connected_components(links, directed=False)[1].astype(np.int64)
    part[most == 0] = len(people)
    return np.asarray(part[np.where(registrar != "", a, b)])


def trips(claims: Claims, label: Names) -> Trips | None:
    """Return the trips under one label; None where no channel serves unrelated claimants."""
    rows = np.flatnonzero(label != "")
    shared = shared_channels(claims)
    if not len(rows) or not shared.any():
        return None
    handlers, number = np.unique(label[rows], return_inverse=True)
    bearer = np.where(claims.agent[rows] >= 0, claims.agent[rows], claims.account[rows])
    alone = (bearer < 0) | ~shared[np.maximum(bearer, 0)]
    bearer = np.where(alone, len(shared) + claims.person[rows], bearer)
    keys = np.stack([number, claims.day[rows], bearer])
    _, first, trip = np.unique(keys, axis=1, return_index=True, return_inverse=True)
    trip = trip.ravel()
    member = np.concatenate(
        [
            np.stack([used[rows], trip])[:, (used[rows] >= 0) & shared[np.maximum(used[rows], 0)]]
            for used in (claims.account, claims.agent)
        ],
        axis=1,
    )
    member = np.unique(member, axis=1)
    lead = rows[first]
    return Trips(
        handlers=handlers,
        label=number[first].astype(np.int64),
        desk=_desks(claims, lead),
        channel=member[0],
        trip=member[1],
        size=np.bincount(member[0], minlength=len(shared)),
    )


def shared_channels(claims: Claims) -> NDArray[np.bool_]:
    """Say which channels serve claimants of as many homes as ``UNRELATED`` asks for."""
    used = np.concatenate([claims.account, claims.agent])
    home = np.concatenate([claims.home, claims.home])
    both = np.unique(np.stack([used, home])[:, used >= 0], axis=1)
    needed = np.array([UNRELATED[entity] for entity, _ in claims.names])
    return np.asarray(np.bincount(both[0], minlength=len(needed)) >= needed)


def pooled(claims: Claims) -> NDArray[np.bool_]:
    """Say which claims are paid to an account of several homes."""
    return np.append(shared_channels(claims), False)[claims.account]


def messengers(claims: Claims) -> NDArray[np.bool_]:
    """Say which channels are agents whose claims are mostly paid to the claimants' own accounts."""
    named = (claims.agent >= 0) & (claims.account >= 0)
    size = np.bincount(claims.agent[named], minlength=len(claims.names))
    own = np.bincount(claims.agent[named & ~pooled(claims)], minlength=len(claims.names))
    return (size > 0) & (2 * own > size)


def _desks(claims: Claims, lead: Ints) -> Ints:
    """Return the desks of trips: office, then reason, division, quarter while trips suffice.

    At each step the cells of fewer than ``ENOUGH`` trips join the largest of the cell they come
    from, so a handful of trips from elsewhere is not a desk of its own.
    """
    desk = np.unique(claims.office[lead], return_inverse=True)[1].astype(np.int64)
    quarter = (claims.day[lead] - claims.day.min()) // 91
    for split in (claims.reason[lead], claims.division[lead], quarter):
        cells, cell, size = np.unique(
            np.stack([desk, split]), axis=1, return_inverse=True, return_counts=True
        )
        cell = cell.ravel()
        order = np.lexsort((cells[1], -size, cells[0]))
        firsts = order[np.unique(cells[0][order], return_index=True)[1]]
        largest = firsts[np.searchsorted(cells[0][firsts], cells[0])]
        target = np.where(size >= ENOUGH, np.arange(len(size)), largest)
        desk = np.unique(target[cell], return_inverse=True)[1].astype(np.int64)
    return desk


def _joined(context: Context, table: Table) -> Table:
    backend = context.backend
    settlements = clean(backend, context.workspace, "settlements")
    persons = clean(backend, context.workspace, "persons")
    live = settlements.filter(settlements.live)
    earlier = live.semi_join(table, ["setl_id"]).select("psn_no").distinct()
    known = live.semi_join(earlier, "psn_no")
    since = known.group_by(["psn_no", "fixmedins_code"]).aggregate(since=known.setl_time.min())
    s = live.select(
        "setl_id",
        "psn_no",
        "fixmedins_code",
        "setl_time",
        "day",
        "insu_admdvs",
        "mdtrtarea_admvs",
        amount=live.medfee_sumamt.cast("float64"),
        fund=live.net_fund.cast("float64"),
    )
    c = table.join(s, "setl_id").join(since, ["psn_no", "fixmedins_code"])
    c = c.join(numbered(persons, "psn_no", "person"), "psn_no").join(homes(persons), "psn_no")
    registered = ibis.coalesce(c.reg_time, c.setl_time)
    return c.select(
        "setl_id",
        "person",
        "home",
        "crter_id",
        "rchker_id",
        "bankacct",
        "agnter_tel",
        "invono",
        "amount",
        "fund",
        reason=c.manl_reim_rea.fill_null(""),
        division=c.insu_admdvs.fill_null(""),
        agent=ibis.coalesce(c.agnter_certno, c.agnter_tel),
        day=(registered.epoch_seconds() // 86_400).cast("int64"),
        registered=c.reg_time.epoch_seconds().cast("float64"),
        reviewed=c.rchk_time.epoch_seconds().cast("float64"),
        far=(c.insu_admdvs.left(4) != c.mdtrtarea_admvs.left(4)).fill_null(False),
        first=c.since >= c.setl_time,
    )


def _text(rows: pa.Table, name: str) -> Names:
    return np.array([value or "" for value in rows[name].to_pylist()], dtype=object)


def _codes(rows: pa.Table, name: str) -> Ints:
    return np.asarray(np.unique(_text(rows, name), return_inverse=True)[1], np.int64)


def _floats(rows: pa.Table, name: str) -> Floats:
    return np.asarray(rows[name].to_numpy(zero_copy_only=False), np.float64)
