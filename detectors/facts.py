"""Facts: what every measure and every honest test may look at, gathered once for all candidates."""

from dataclasses import dataclass

import ibis
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table, Value

from detectors.columns import clean, delivered, keep, resale_bought, resale_prone, value
from detectors.sessions import by_day, joint_sessions, settled_in
from detectors.visits import numbered
from ingest.workspace import Workspace

LARGEST_HOUSEHOLD = 8  # an address or telephone of more people is a house or a hall, not a home
LARGEST_EMPLOYER = 2_000  # a larger number is a village or town entered as an employer
FRINGE = 0.5  # share of the visits of somebody who may belong to a group, though no member
ELDERLY = 60  # years
HABIT = 3  # visits from which a customer's own mean says something
UPPER = 0.8413  # one in six: a standard deviation above the middle, were it normal
EDGE_SECONDS = 2_700  # three quarters of an hour after opening and before closing


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Tables keyed by candidate (``gid``); a table is None where its source was not delivered.

    ``members``: gid, person. ``people``: gid, person and the columns of the clean persons.
    ``pairs``: gid, lo, hi, days, places, expected (days), for the linked pairs inside a group.
    ``sessions``: as :func:`detectors.sessions.joint_sessions`.
    ``swipes``: every settlement of a member (of groups that meet: at counters only), and what a
    detector says the group rests on: gid, person, psn_no, setl_id, place, fixmedins_code and the
    columns of :data:`KEPT`; ``session`` (NULL where not joint), ``joint`` (shows the group) and
    ``near`` (may belong to it: bounds the loss).
    ``lines``: gid, setl_id, med_list_codg, amount (yuan), resale, for joint settlements.
    ``places``: place, what is ordinary there: visits, fee (mean, yuan), spread (standard deviation
    of fees), opens and closes (seconds of the day), edge and remote (shares of visits), gap (median
    seconds between visits); of its customers of :data:`HABIT` visits or more, the median of the
    natural logarithm of one's mean fee over the place's (log_fee), and how far above it one in six
    lies (log_spread).
    ``resale``: place, elderly, med_type, hits, n, usual: settlements with a resale-prone drug, of
    how many, and their share of such settlements at all these places: the old, and patients with a
    chronic disease, buy more of them everywhere. None without settlement lines.
    ``homes``: person, home, for addresses and telephones of two to eight people of the register;
    ``roofs``: person, roof, for larger addresses and for employers.
    ``devices``, ``clerks``, ``doctors``: place, device_id, opter_id or dr_code, share of the
    place's visits.
    ``fringe``: gid, psn_no, setl_id, net_fund, share: settlements inside joint sessions of people
    who are no members but were at two sessions or more, and half of whose visits to the group's
    places in its time fell into them (``share``). Some of them belong to it: they bound the loss.
    ``clocked``: whether most settlements are known to the second, not only to the day.
    ``events``: every live settlement, numbered as in ``swipes``: what expectations come from.
    """

    members: Table
    people: Table
    pairs: Table
    sessions: Table
    swipes: Table
    lines: Table | None
    places: Table
    resale: Table | None
    resale_spread: Table | None
    devices: Table
    clerks: Table
    doctors: Table
    homes: Table
    roofs: Table
    fringe: Table
    events: Table
    persons_known: bool
    clocked: bool


KEPT = (
    "device_id",
    "opter_id",
    "at",
    "day",
    "net_sum",
    "net_fund",
    "remote",
    "counter",
    "clocked",
    "med_type",
    "med_class",
    "dise_no",
    "dr_code",
    "acct_pay",
    "psn_cash_pay",
    "crov_old_balc",
    "crov_new_balc",
    "begndate",
    "enddate",
)


def gathered(
    backend: Backend,
    workspace: Workspace,
    members: Table,
    pairs: Table,
    scoped: Table,
    *,
    meeting: Table | None = None,
    held: Table | None = None,
) -> Facts:
    """Gather the facts about candidate groups (gid, person) with their linked pairs.

    ``meeting`` (gid) lists the groups whose joint sessions show them, None: all; ``held`` (gid,
    setl_id, certain) what the others rest on.
    """
    settlements, persons, providers = (
        clean(backend, workspace, name) for name in ("settlements", "persons", "providers")
    )
    sessions = keep(backend, "facts_sessions", joint_sessions(members, scoped))
    numbers = numbered(persons, "psn_no", "person")
    people = keep(backend, "facts_people", members.join(numbers.join(persons, "psn_no"), "person"))
    places = numbered(providers, "fixmedins_code", "place").join(
        providers.select("fixmedins_code", clocked=~providers.day_precision), "fixmedins_code"
    )
    events = settlements.join(places, "fixmedins_code").left_join(numbers, "psn_no")
    events = events.select(
        settlements, places.place, places.clocked, numbers.person, **_told(settlements)
    )
    live = events.filter(events.live)
    counter = live.filter(live.counter)
    swipes = keep(backend, "facts_swipes", _swipes(people, events, sessions, meeting, held))
    resale = resale_prone(backend, workspace)
    if resale is not None:
        resale = keep(backend, "facts_resale", resale)
    at_issue = counter.semi_join(swipes.filter(swipes.joint).select("place").distinct(), "place")
    homes, roofs = _shared(persons, people)
    return Facts(
        members=members,
        people=people,
        pairs=_inner(members, pairs),
        sessions=sessions,
        swipes=swipes,
        lines=_lines(backend, workspace, swipes),
        places=keep(backend, "facts_places", _ordinary(at_issue)),
        resale=None
        if resale is None
        else keep(backend, "facts_resale_by_age", _resale_by_age(at_issue, resale, persons)),
        resale_spread=None
        if resale is None
        else keep(backend, "facts_resale_spread", _resale_spread(at_issue, resale)),
        devices=keep(backend, "facts_devices", _shares(at_issue, "device_id")),
        clerks=keep(backend, "facts_clerks", _shares(at_issue, "opter_id")),
        doctors=keep(backend, "facts_doctors", _shares(at_issue, "dr_code")),
        homes=keep(backend, "facts_homes", homes),
        roofs=keep(backend, "facts_roofs", roofs),
        fringe=keep(backend, "facts_fringe", _fringe(people, counter, sessions, swipes)),
        events=live,
        persons_known=bool(value(backend, persons.known.any())),
        clocked=_clocked(backend, providers),
    )


def _clocked(backend: Backend, providers: Table) -> bool:
    """Say whether most settlements are known to the second."""
    n = providers.settlements
    known = value(backend, n.sum(where=~providers.day_precision))
    return 2 * int(known or 0) > int(value(backend, n.sum()) or 0)


def _told(settlements: Table) -> dict[str, Value]:
    """Return what is said of a settlement: when (seconds), at a counter or not, from elsewhere."""
    s = settlements
    return {
        "at": s.setl_time.epoch_seconds().cast("int64"),
        "counter": s.online & (s.med_class != "inpatient"),
        "remote": (s.insu_admdvs.left(4) != s.mdtrtarea_admvs.left(4)).fill_null(False),
    }


def _swipes(
    people: Table, events: Table, sessions: Table, meeting: Table | None, held: Table | None
) -> Table:
    """Return the settlements of members and those a detector names, joint ones marked."""
    columns = ("setl_id", "place", "fixmedins_code", *KEPT)
    who = people.select("gid", "psn_no")
    if meeting is not None:
        who = who.left_join(meeting.select(g="gid", meets=True), who.gid == meeting.gid)
        who = who.select("gid", "psn_no", meets=ibis._.meets.fill_null(False))
    else:
        who = who.mutate(meets=True)
    live = events.filter(events.live)
    own = who.join(live.select("psn_no", "person", *columns), "psn_no")
    own = own.filter(~own.meets | own.counter)
    s = own.select("gid", "person", "psn_no", "meets", *columns)
    if held is not None:
        named = held.join(events.select("psn_no", "person", *columns), "setl_id")
        named = named.mutate(meets=False).select(*s.columns)
        s = s.union(named, distinct=True)
    joint = settled_in(s.filter(s.meets | s.counter), sessions)
    s = s.left_join(joint, ["gid", "setl_id"]).select(s, joint.session)
    return _near(_shown(s, held))


def _shown(s: Table, held: Table | None) -> Table:
    """Add ``joint`` and ``named``: in a joint session, or said to show the group."""
    if held is None:
        return s.mutate(joint=s.session.notnull(), named=False)
    rows = held.group_by(["gid", "setl_id"]).aggregate(certain=held.certain.any())
    s = s.left_join(rows, ["gid", "setl_id"]).select(s, rows.certain)
    return s.mutate(
        joint=ibis.ifelse(s.meets, s.session.notnull(), s.certain.fill_null(False)),
        named=~s.meets & s.certain.notnull(),
    ).drop("certain")


def _near(s: Table) -> Table:
    """Add ``near``: named, or of a member at a place of the group that meets, in its time."""
    shown = s.filter(s.joint)
    where = shown.select("gid", "place").distinct().mutate(here=True)
    when = shown.group_by("gid").aggregate(begin=shown["at"].min(), end=shown["at"].max())
    s = s.left_join(where, ["gid", "place"]).select(s, where.here)
    s = s.left_join(when, "gid").select(s, when.begin, when.end)
    inside = s.here.fill_null(False) & (s["at"] >= s.begin) & (s["at"] <= s.end)
    return s.mutate(near=s.joint | s.named | (s.meets & inside)).drop("here", "begin", "end")


def _fringe(people: Table, counter: Table, sessions: Table, swipes: Table) -> Table:
    met = sessions.semi_join(swipes.filter(swipes.meets & swipes.joint), "gid")
    near = by_day(met, met.start - met.window, met.end + met.window)
    near = near.select("gid", "session", "place", "day", "window", "start", "end")
    e = counter.select("psn_no", "setl_id", "place", "day", "at", "net_fund")
    seen = near.join(e, ["place", "day"])
    seen = seen.filter(
        (seen["at"] >= seen.start - seen.window) & (seen["at"] <= seen.end + seen.window)
        | (seen.window == 0)
    )
    seen = seen.anti_join(people, ["gid", "psn_no"])
    turns = seen.group_by(["gid", "psn_no"]).aggregate(turns=seen.session.nunique())
    seen = seen.semi_join(turns.filter(turns.turns >= 2), ["gid", "psn_no"])
    seen = seen.select("gid", "psn_no", "setl_id", "net_fund").distinct()
    inside = seen.group_by(["gid", "psn_no"]).aggregate(inside=seen.setl_id.nunique())
    span = met.group_by("gid").aggregate(begin=met.start.min(), end=met.end.max())
    places = met.select("gid", "place").distinct().join(span, "gid")
    own = inside.join(places, "gid").join(e, ["psn_no", "place"])
    own = own.filter((own["at"] >= own.begin) & (own["at"] <= own.end))
    # Sessions have a margin in which somebody may also have settled outside the group's time.
    own = own.group_by(["gid", "psn_no"]).aggregate(
        share=ibis.least(own.inside.max() / own.setl_id.nunique().cast("float64"), 1.0)
    )
    return seen.join(own.filter(own.share >= FRINGE), ["gid", "psn_no"])


def _lines(backend: Backend, workspace: Workspace, swipes: Table) -> Table | None:
    lines = delivered(backend, workspace, "fee_list")
    joint = swipes.filter(swipes.joint).select("gid", "setl_id")
    if lines is None:
        return None
    listed = resale_bought(backend, workspace, lines.semi_join(joint, "setl_id"))
    if listed is None:
        return None
    found = joint.join(lines.select("setl_id", "med_list_codg", "det_item_fee_sumamt"), "setl_id")
    listed = listed.select(code=listed.med_list_codg, of=listed.setl_id)
    found = found.left_join(
        listed, [found.med_list_codg == listed.code, found.setl_id == listed.of]
    )
    found = found.select(
        "gid",
        "setl_id",
        "med_list_codg",
        amount=found.det_item_fee_sumamt.cast("float64"),
        resale=found.code.notnull(),
    )
    return keep(backend, "facts_lines", found)


def _ordinary(events: Table) -> Table:
    clock = events.mutate(clock=events["at"] % 86_400)
    hours = clock.group_by("place").aggregate(
        opens=clock.clock.quantile(0.02).cast("float64"),
        closes=clock.clock.quantile(0.98).cast("float64"),
    )
    after = ibis.window(group_by=["place", "day"], order_by=["at", "setl_id"])
    clock = clock.join(hours, "place")
    clock = clock.mutate(
        wait=clock["at"] - clock["at"].lag().over(after),
        edge=(clock.clock <= clock.opens + EDGE_SECONDS)
        | (clock.clock >= clock.closes - EDGE_SECONDS),
    )
    n = clock.group_by("place").aggregate(
        visits=clock.count(),
        fee=clock.net_sum.cast("float64").mean(),
        spread=clock.net_sum.cast("float64").std(),
        opens=clock.opens.min(),
        closes=clock.closes.min(),
        edge=clock.edge.mean(),
        remote=clock.remote.mean(),
        gap=clock.wait.quantile(0.5).cast("float64"),
    )
    own = events.group_by(["place", "person"]).aggregate(
        own=events.net_sum.cast("float64").mean(), times=events.count()
    )
    own = own.filter((own.times >= HABIT) & (own.own > 0)).join(n.select("place", "fee"), "place")
    own = own.filter(own.fee > 0).mutate(log=(ibis._.own / ibis._.fee).ln())
    spread = _spread(own, "log").rename(log_fee="middle", log_spread="above")
    return n.left_join(spread, "place").select(n, spread.log_fee, spread.log_spread)


def _spread(customers: Table, value: str) -> Table:
    """Return place, middle (median) and above: how far over it one customer in six lies."""
    v = customers[value]
    spread = customers.group_by("place").aggregate(middle=v.quantile(0.5), high=v.quantile(UPPER))
    return spread.select("place", "middle", above=spread.high - spread.middle)


def _resale_spread(events: Table, resale: Table) -> Table:
    listed = resale.select(listed="setl_id")
    e = events.left_join(listed, events.setl_id == listed.listed)
    own = e.group_by(["place", "person"]).aggregate(
        share=e.listed.notnull().mean(), times=e.count()
    )
    return _spread(own.filter(own.times >= HABIT), "share").drop("middle")


def elderly(day: Value, birth_year: Value) -> Value:
    """Say who is sixty or older on a day; False where the year of birth is not known."""
    return (1970 + day / 365.25 - birth_year >= ELDERLY).fill_null(False)


def _resale_by_age(events: Table, resale: Table, persons: Table) -> Table:
    e = events.left_join(persons.select("psn_no", "birth_year"), "psn_no")
    e = e.select(
        events.setl_id,
        events.place,
        elderly=elderly(events.day, e.birth_year),
        med_type=events.med_type.fill_null(""),
    )
    listed = resale.select(listed="setl_id")
    e = e.left_join(listed, e.setl_id == listed.listed)
    n = e.group_by(["place", "elderly", "med_type"]).aggregate(
        hits=e.listed.notnull().sum().cast("float64"), n=e.count().cast("float64")
    )
    alike = ibis.window(group_by=["elderly", "med_type"])
    return n.mutate(usual=n.hits.sum().over(alike) / n.n.sum().over(alike))


def _shares(events: Table, column: str) -> Table:
    named = events.filter(events[column].notnull())
    n = named.group_by(["place", column]).aggregate(n=named.count())
    total = n.n.sum().over(ibis.window(group_by="place"))
    kinds = n.n.count().over(ibis.window(group_by="place"))
    return n.mutate(share=n.n / total, choices=kinds)


def _shared(persons: Table, people: Table) -> tuple[Table, Table]:
    """Return homes and roofs of the people in any group, by how many of the register share them."""
    keys = []
    for column in ("live_addr", "mob", "employer_id"):
        known = persons.filter(persons[column].notnull())
        size = known.group_by(key=known[column]).aggregate(size=known.count())
        held = people.filter(people[column].notnull()).select("person", key=people[column])
        keys.append(held.distinct().join(size, "key"))
    address, phone, employer = keys
    small = [k.filter((k["size"] > 1) & (k["size"] <= LARGEST_HOUSEHOLD)) for k in (address, phone)]
    large = address.filter(address["size"] > LARGEST_HOUSEHOLD)
    firms = employer.filter((employer["size"] > 1) & (employer["size"] <= LARGEST_EMPLOYER))
    return (
        small[0].union(small[1]).select("person", home="key"),
        large.union(firms).select("person", roof="key"),
    )


def _inner(members: Table, pairs: Table) -> Table:
    """Return the pairs whose two persons are in the same group."""
    other = members.select(hi="person", g="gid")
    found = pairs.join(members.select("gid", lo="person"), "lo").join(other, "hi")
    return found.filter(found.gid == found.g).drop("g")
