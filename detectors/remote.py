"""Remote credentials: people from far away whose e-credentials are used at one pharmacy in bursts.

Domain signature 6 and kind 电子凭证套现: QR codes of people elsewhere are scanned at a counter one
after another. Remote is a sale by e-credential to a person insured in another four-digit division
than that of the place. Buyers within a window of one another are tied; what counts at a pharmacy is
its remote buyers in company less the parties they form, so that a couple counts one however often
it comes. It is compared with peers (pharmacies of the extract's own area, or those elsewhere, which
show none of their own customers): an expectation for chance meetings, from every counter's own
rhythm and the peers' remote share, and one for parties, in proportion to the remote buyers; and the
spread among peers that both leave. Windows of ten minutes, an hour and half a day are tried.

Members are the buyers in company within the stretch of time that is most in excess, and those who
bought there meanwhile, alone, the group's drug or more than once. People who settle more often at
other places of the area than here live, work or study there and are left out. Places that share
their people are one group.

Null: the remote buyers in company follow the negative binomial fitted to the peers that it does not
find unusual; p is its tail, times the windows tried. Every pharmacy is a test.

Needs settlements; drugs come from ``fee_list`` and ``resale_drugs``. Misses purchases that keep
half a day apart, and rings of the extract's own people in its own area.
"""

import ibis
import numpy as np
import pyarrow as pa
from ibis.expr.types import Table

from detectors.candidates import Candidates, Context
from detectors.columns import delivered, keep
from detectors.remote_excess import (
    PHARMACY,
    Events,
    Excess,
    event_table,
    events_of,
    excess_of,
    peers_of,
)
from detectors.remote_signs import SIGNS, held, measured, others
from detectors.world import Floats, Ints

__all__ = ["SIGNS", "find"]

BAR = 0.01  # tail from which a pharmacy is looked at
LEAST_DRUG = 0.3  # of the purchases in company from which a drug is the group's own
SHARED = 0.2  # of the smaller group's people from which two pharmacies are one group


def find(context: Context) -> Candidates:
    """Return the candidate groups."""
    backend, settings = context.backend, context.settings
    table = keep(backend, "remote_table", event_table(backend, context.workspace))
    events = events_of(backend, table)
    classes = peers_of(backend, table)
    excess = excess_of(events, classes)
    tests = float((classes >= PHARMACY).sum())
    places = np.flatnonzero((excess.p_value <= BAR) & (excess.found + 1 >= settings.least_people))
    buyers = _buyers(context, table, places)
    groups = [(int(place), _members(events, excess, int(place), buyers)) for place in places]
    groups = [(p, m) for p, m in groups if len(m) >= settings.least_people]
    if not groups:
        return _none(tests)
    one, lead = _joined(groups, excess, settings.least_people)
    members = pa.table(
        {
            "gid": np.repeat(one, [len(people) for _, people in groups]).astype(np.int64),
            "person": np.concatenate([np.empty(0, np.int64)] + [people for _, people in groups]),
            "place": np.repeat(
                np.asarray([place for place, _ in groups], np.int64), [len(m) for _, m in groups]
            ),
        }
    )
    at = np.asarray([groups[g][0] for g in lead], np.int64)
    people = np.unique(np.stack([members["gid"].to_numpy(), members["person"].to_numpy()]), axis=1)
    m = keep(backend, "remote_members", ibis.memtable(members))
    peers = keep(backend, "remote_classes", ibis.memtable(_classes(classes)))
    signs, honest = measured(context, table, m, peers, (excess.found[at], excess.expected[at]))
    return Candidates(
        gid=people[0],
        person=people[1],
        stability=np.ones(len(at)),
        statistic=-np.log(np.maximum(excess.p_value[at], 1e-300)),
        p_value=excess.p_value[at],
        tests=tests,
        others=others(context, table, m),
        settlements=held(context, table, m),
        signs=signs,
        honest=honest,
    )


def _none(tests: float) -> Candidates:
    none, nothing = np.empty(0, np.int64), np.empty(0)
    return Candidates(
        gid=none, person=none, stability=nothing, statistic=nothing, p_value=nothing, tests=tests
    )


def _classes(classes: Ints) -> pa.Table:
    return pa.table({"place": np.arange(len(classes)), "peers": classes})


def _buyers(context: Context, table: Table, places: Ints) -> pa.Table:
    """Return the remote buyers of the places: place, person, elsewhere, and a row for each drug.

    ``elsewhere`` is how often they settled at other places of the area, ``drug`` NULL where no
    line is known.
    """
    backend = context.backend
    chosen = keep(backend, "remote_places", ibis.memtable(pa.table({"place": places})))
    here = table.filter(table.remote).semi_join(chosen, "place")
    at = here.group_by(["place", "person", "area"]).aggregate(n=here.count())
    life = table.anti_join(chosen, "place")
    life = (
        life.semi_join(at, "person")
        .group_by(["person", "area"])
        .aggregate(elsewhere=ibis._.count())
    )
    both = at.left_join(life, ["person", "area"])
    both = both.group_by(["place", "person"]).aggregate(elsewhere=both.elsewhere.fill_null(0).sum())
    lines = delivered(backend, context.workspace, "fee_list")
    if lines is None:
        drugs = both.select("place", "person", drug=ibis.null("string"), n=ibis.literal(0))
    else:
        bought = here.select("setl_id", "place", "person", "day").join(
            lines.select("setl_id", drug="med_list_codg"), "setl_id"
        )
        drugs = bought.group_by(["place", "person", "drug"]).aggregate(n=ibis._.setl_id.nunique())
    rows = both.left_join(drugs, ["place", "person"])
    rows = rows.select("place", "person", "elsewhere", "drug", n=rows.n.fill_null(0))
    return backend.to_pyarrow(rows.order_by(["place", "person", "drug"]))


def _members(events: Events, excess: Excess, place: int, buyers: pa.Table) -> Ints:
    """Return the people who belong to the excess of one place."""
    rows = np.flatnonzero((events.place == place) & events.remote)
    near = excess.apart[rows] <= excess.window[place]
    days = events.day[rows]
    share = float(excess.expected[place] / max(excess.found[place], 1.0))
    first, last = _stretch(days[near], days, share)
    within = (days >= first) & (days <= last)
    person = events.person[rows]
    company = np.unique(person[near & within])
    mine = np.flatnonzero(buyers["place"].to_numpy() == place)
    who = buyers["person"].to_numpy()[mine]
    elsewhere = buyers["elsewhere"].to_numpy()[mine]
    people, times = np.unique(person[within], return_counts=True)
    lives = np.zeros(len(people), np.int64)
    spot = np.searchsorted(people, who)
    known = (spot < len(people)) & (people[np.minimum(spot, len(people) - 1)] == who)
    lives[spot[known]] = elsewhere[known]
    drug = np.isin(people, _same_drug(buyers, mine, company))
    joins = np.isin(people, company) | drug | (times >= 2)
    return people[joins & (lives <= times)]


def _same_drug(buyers: pa.Table, mine: Ints, company: Ints) -> Ints:
    """Return the buyers of the drug that most of the company buy, if there is one."""
    who = buyers["person"].to_numpy()[mine]
    drug = np.asarray(buyers["drug"].to_pylist(), dtype=object)[mine]
    known = np.asarray([name is not None for name in drug], dtype=bool)
    inside = known & np.isin(who, company)
    if not inside.any():
        return np.empty(0, np.int64)
    names, counts = np.unique(drug[inside].astype(str), return_counts=True)
    top = names[np.argmax(counts)]
    if counts.max() < LEAST_DRUG * len(company):
        return np.empty(0, np.int64)
    return np.unique(who[known & (drug == top)])


def _stretch(found: Ints, every: Ints, share: float) -> tuple[int, int]:
    """Return the first and last day of the stretch most in excess (Kulldorff's scan statistic).

    ``found`` are the days of the purchases in company, ``every`` those of all remote purchases;
    ``share`` of the former is expected, spread evenly over the time of the latter.
    """
    days, counts = np.unique(found, return_counts=True)
    total = np.concatenate([[0], np.cumsum(counts)])
    span = max(int(every.max() - every.min()) + 1, 1)
    i, j = np.triu_indices(len(days))
    k = (total[j + 1] - total[i]).astype(np.float64)
    e = np.maximum(share * total[-1] * (days[j] - days[i] + 1) / span, 1e-9)
    score = np.where(k > e, k * np.log(k / e) - (k - e), 0.0)
    best = int(np.argmax(score))
    return int(days[i[best]]), int(days[j[best]])


def _joined(groups: list[tuple[int, Ints]], excess: Excess, least: int) -> tuple[Ints, Ints]:
    """Return which places are one group, and the place of each that is furthest from chance."""
    tail: Floats = np.asarray([excess.p_value[place] for place, _ in groups])
    order = np.lexsort((np.arange(len(groups)), tail))
    one = np.arange(len(groups))
    for turn, g in enumerate(order):
        for k in order[:turn]:
            shared = len(np.intersect1d(groups[g][1], groups[k][1]))
            if shared >= max(least, SHARED * min(len(groups[g][1]), len(groups[k][1]))):
                one[g] = one[k]
                break
    lead, number = np.unique(one, return_inverse=True)
    return number.astype(np.int64), lead.astype(np.int64)
