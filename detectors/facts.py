"""Facts: what every measure and every honest test may look at, gathered once for all candidates."""

from dataclasses import dataclass

import ibis
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from detectors.columns import clean, delivered, keep, value
from detectors.sessions import joint_sessions
from detectors.visits import numbered
from ingest.workspace import Workspace

LARGEST_HOUSEHOLD = 8  # an address or telephone of more people is a house or a hall, not a home
LARGEST_EMPLOYER = 2_000  # a larger number is a village or town entered as an employer
EDGE_SECONDS = 2_700  # three quarters of an hour after opening and before closing


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Tables keyed by candidate (``gid``); a table is None where its source was not delivered.

    ``members``: gid, person. ``people``: gid, person and the columns of the clean persons.
    ``pairs``: gid, lo, hi, days, places, expected (days), for the linked pairs inside a group.
    ``sessions``: as :func:`detectors.sessions.joint_sessions`.
    ``swipes``: every settlement of a member: gid, person, psn_no, setl_id, place, fixmedins_code,
    device_id, opter_id, at, day, net_sum, net_fund, remote, session (NULL where not joint).
    ``lines``: gid, setl_id, med_list_codg, amount (yuan), resale, for joint settlements.
    ``places``: place, what is ordinary there: visits, fee (mean, yuan), opens and closes (seconds
    of the day), edge, remote and resale (shares of visits), gap (median seconds between visits).
    ``homes``: person, home, for addresses and telephones of two to eight people of the register;
    ``roofs``: person, roof, for larger addresses and for employers.
    ``devices``, ``clerks``: place, device_id or opter_id, share of the place's visits.
    """

    members: Table
    people: Table
    pairs: Table
    sessions: Table
    swipes: Table
    lines: Table | None
    places: Table
    devices: Table
    clerks: Table
    homes: Table
    roofs: Table
    persons_known: bool


def gathered(
    backend: Backend, workspace: Workspace, members: Table, pairs: Table, scoped: Table
) -> Facts:
    """Gather the facts about candidate groups (gid, person) with their linked pairs."""
    settlements, persons, providers = (
        clean(backend, workspace, name) for name in ("settlements", "persons", "providers")
    )
    sessions = keep(backend, "facts_sessions", joint_sessions(members, scoped))
    people = numbered(persons, "psn_no", "person").join(persons, "psn_no")
    people = keep(backend, "facts_people", members.join(people, "person"))
    places = numbered(providers, "fixmedins_code", "place")
    events = settlements.filter(
        settlements.live & settlements.online & (settlements.med_class != "inpatient")
    )
    events = events.join(places, "fixmedins_code")
    events = events.mutate(
        at=events.setl_time.epoch_seconds().cast("int64"),
        remote=(events.insu_admdvs.left(4) != events.mdtrtarea_admvs.left(4)).fill_null(False),
    )
    swipes = keep(backend, "facts_swipes", _swipes(people, events, sessions))
    resale = _resale(backend, workspace)
    at_issue = events.semi_join(sessions.select("place").distinct(), "place")
    homes, roofs = _shared(persons, people)
    return Facts(
        members=members,
        people=people,
        pairs=_inner(members, pairs),
        sessions=sessions,
        swipes=swipes,
        lines=_lines(backend, workspace, swipes),
        places=keep(backend, "facts_places", _ordinary(at_issue, resale)),
        devices=keep(backend, "facts_devices", _shares(at_issue, "device_id")),
        clerks=keep(backend, "facts_clerks", _shares(at_issue, "opter_id")),
        homes=keep(backend, "facts_homes", homes),
        roofs=keep(backend, "facts_roofs", roofs),
        persons_known=bool(value(backend, persons.known.any())),
    )


def _swipes(people: Table, events: Table, sessions: Table) -> Table:
    s = people.select("gid", "person", "psn_no").join(
        events.select(
            "psn_no",
            "setl_id",
            "place",
            "fixmedins_code",
            "device_id",
            "opter_id",
            "at",
            "day",
            "net_sum",
            "net_fund",
            "remote",
        ),
        "psn_no",
    )
    near = sessions.select("session", "window", "start", "end", g="gid", p="place", d="day")
    joint = s.join(near, [s.gid == near.g, s.place == near.p, s.day == near.d])
    joint = joint.filter(
        (joint.window == 0) | ((joint["at"] >= joint.start) & (joint["at"] <= joint.end))
    )
    joint = joint.group_by(["gid", "setl_id"]).aggregate(session=joint.session.min())
    both = s.left_join(joint, ["gid", "setl_id"])
    return both.select(s, joint.session)


def _resale(backend: Backend, workspace: Workspace) -> Table | None:
    """Return settlements with a resale-prone drug; None where no lines were delivered."""
    lines = delivered(backend, workspace, "fee_list")
    listed = delivered(backend, workspace, "resale_drugs")
    if lines is None or listed is None:
        return None
    found = lines.semi_join(listed, "med_list_codg").select("setl_id").distinct()
    return keep(backend, "facts_resale", found)


def _lines(backend: Backend, workspace: Workspace, swipes: Table) -> Table | None:
    lines = delivered(backend, workspace, "fee_list")
    listed = delivered(backend, workspace, "resale_drugs")
    if lines is None or listed is None:
        return None
    joint = swipes.filter(swipes.session.notnull()).select("gid", "setl_id")
    found = joint.join(lines.select("setl_id", "med_list_codg", "det_item_fee_sumamt"), "setl_id")
    listed = listed.select(code=listed.med_list_codg)
    found = found.left_join(listed, found.med_list_codg == listed.code)
    found = found.select(
        "gid",
        "setl_id",
        "med_list_codg",
        amount=found.det_item_fee_sumamt.cast("float64"),
        resale=found.code.notnull(),
    )
    return keep(backend, "facts_lines", found)


def _ordinary(events: Table, resale: Table | None) -> Table:
    clock = events.mutate(clock=events["at"] % 86_400)
    if resale is not None:
        listed = resale.select(listed="setl_id")
        clock = clock.left_join(listed, clock.setl_id == listed.listed)
        clock = clock.mutate(resale=clock.listed.notnull())
    else:
        clock = clock.mutate(resale=ibis.null("boolean"))
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
    return clock.group_by("place").aggregate(
        visits=clock.count(),
        fee=clock.net_sum.cast("float64").mean(),
        opens=clock.opens.min(),
        closes=clock.closes.min(),
        edge=clock.edge.mean(),
        remote=clock.remote.mean(),
        resale=clock.resale.mean(),
        gap=clock.wait.quantile(0.5).cast("float64"),
    )


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
