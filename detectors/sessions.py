"""Sessions: when a group was at a counter together, and who else was there every time."""

import ibis
import numpy as np
import pyarrow as pa
from ibis.backends.duckdb import Backend
from ibis.expr.types import IntegerValue, Table

from detectors.columns import keep
from detectors.pairs import DAY, poisson_tail
from detectors.settings import DetectSettings

BREADTH = 0.2  # a session is joint from this share of the group, and from two people
BUNDLE = 5  # so many cards within one window are joint in a group of any size (signature 2)


def joint_sessions(members: Table, scoped: Table) -> Table:
    """Return the joint sessions of each group.

    Visits of members in one scope follow one another within the window, chained; a chain with two
    people, and a fifth of the group or five people, is a joint session. Columns: gid, session
    (numbered within the group), scope, place, day, weekday, part, window, start, end (seconds),
    present (people).
    """
    sizes = members.group_by("gid").aggregate(size=members.person.nunique())
    v = members.select("gid", "person").join(scoped, "person")
    order = ibis.window(group_by=["gid", "scope"], order_by=["at", "person"])
    v = v.mutate(before=v.at.lag().over(order))
    v = v.mutate(new=ibis.ifelse(v.before.isnull() | (v.at - v.before > v.window), 1, 0))
    so_far = ibis.cumulative_window(group_by=["gid", "scope"], order_by=["at", "person"])
    v = v.mutate(chain=v.new.sum().over(so_far))
    c = v.group_by(["gid", "scope", "chain"]).aggregate(
        place=v.place.min(),
        day=v.day.min(),
        window=v.window.min(),
        start=v["at"].min(),
        end=v["at"].max(),
        present=v.person.nunique(),
        weekday=v.weekday.argmin(v["at"]),
        part=v.part.argmin(v["at"]),
    )
    c = c.join(sizes, "gid")
    c = c.filter((c.present >= 2) & (c.present >= ibis.least(BREADTH * c["size"], BUNDLE)))
    number = ibis.row_number().over(
        ibis.window(group_by="gid", order_by=["start", "scope", "chain"])
    )
    return c.select(
        "gid",
        "scope",
        "place",
        "day",
        "weekday",
        "part",
        "window",
        "start",
        "end",
        "present",
        session=number,
    )


def settled_in(settlements: Table, sessions: Table) -> Table:
    """Return gid, setl_id, session: which settlements (gid, setl_id, place, day, at) are joint."""
    near = by_day(sessions, sessions.start, sessions.end)
    near = near.select("session", "window", "start", "end", g="gid", p="place", d="day")
    s = settlements
    s = s.join(near, [s.gid == near.g, s.place == near.p, s.day == near.d])
    s = s.filter((s.window == 0) | ((s["at"] >= s.start) & (s["at"] <= s.end)))
    return s.group_by(["gid", "setl_id"]).aggregate(session=s.session.min())


def by_day(sessions: Table, start: IntegerValue, end: IntegerValue) -> Table:
    """Return one row for each day that a session touches, so that days can be joined on."""
    return sessions.mutate(day=ibis.range(start // DAY, end // DAY + 1).unnest().cast("int32"))


def grown(
    backend: Backend,
    members: Table,
    scoped: Table,
    habits: Table,
    rates: Table,
    settings: DetectSettings,
) -> pa.Table:
    """Return the members of each group after one round of alternation (gid, person).

    Lockstep by alternation (Beutel et al. 2013, doi:10.1145/2488388.2488400), on sessions instead
    of single acts: everyone who was present at the group's joint sessions is counted. Someone new
    joins if present at three or more, at ``settings.attendance`` of those between its first and
    its last, and more often than its own visits to that place on that weekday explain. Someone who
    was linked stays with two. Who belongs to two groups is in both. A group that would fall under
    three people is left as it was.
    """
    sessions = keep(backend, "growth_sessions", joint_sessions(members, scoped))
    v = scoped.select("person", "scope", "day", "at")
    s = by_day(sessions, sessions.start - sessions.window, sessions.end + sessions.window)
    s = s.select("gid", "session", "scope", "day", "window", "start", "end")
    seen = s.join(v, ["scope", "day"])
    seen = seen.filter(
        (seen["at"] >= seen.start - seen.window) & (seen["at"] <= seen.end + seen.window)
    )
    seen = seen.select("gid", "person", "session").distinct()
    count = seen.group_by(["gid", "person"]).aggregate(
        attended=seen.count(), first=seen.session.min(), last=seen.session.max()
    )
    linked = members.select("gid", "person", linked=True)
    count = count.left_join(linked, ["gid", "person"])
    count = count.select(
        "gid", "person", "attended", "first", "last", linked=count.linked.fill_null(False)
    )
    enough = ibis.ifelse(count.linked, settings.rotating_days, settings.least_days)
    count = keep(backend, "growth_seen", count.filter(count.attended >= enough))
    table = backend.to_pyarrow(_expected(count, sessions, habits, rates))
    attended = table["attended"].to_numpy()
    span = table["last"].to_numpy() - table["first"].to_numpy() + 1
    p = poisson_tail(attended, table["expected"].to_numpy())
    linked = table["linked"].to_numpy(zero_copy_only=False)
    stays = linked | ((attended >= settings.attendance * span) & (p <= settings.link_p))
    return _replaced(
        backend.to_pyarrow(members.select("gid", "person")), table.filter(pa.array(stays)), settings
    )


def _expected(count: Table, sessions: Table, habits: Table, rates: Table) -> Table:
    """Add how many of the sessions between first and last each one would meet by chance."""
    s = sessions.join(rates, ["scope", "weekday", "part"])
    width = ibis.ifelse(s.window > 0, 1.0 + (s.end - s.start) / ibis.greatest(s.window, 1), 1.0)
    s = s.select(
        "gid",
        "session",
        "scope",
        "weekday",
        "part",
        chance=ibis.ifelse(
            s.window >= DAY,
            ibis.least(1.0, s.kappa * width / s.open_days),
            ibis.least(1.0, s.kappa * width) / s.open_days,
        ),
    )
    c = count.join(s, "gid")
    c = c.filter((c.session >= c["first"]) & (c.session <= c["last"]))
    c = c.left_join(habits, ["person", "scope", "weekday", "part"])
    return c.group_by(["gid", "person"]).aggregate(
        attended=c.attended.max(),
        linked=c.linked.any(),
        first=c["first"].max(),
        last=c["last"].max(),
        expected=(c.chance * c.v.fill_null(0.0)).sum(),
    )


def _replaced(before: pa.Table, after: pa.Table, settings: DetectSettings) -> pa.Table:
    gid = after["gid"].to_numpy()
    sizes = np.bincount(gid, minlength=int(max(before["gid"].to_numpy().max(initial=-1), -1)) + 1)
    fit = (sizes >= settings.least_people) & (sizes <= settings.most_people)
    kept_old = before.filter(pa.array(~fit[before["gid"].to_numpy()]))
    kept_new = after.filter(pa.array(fit[gid])).select(["gid", "person"])
    both = pa.concat_tables([kept_old.select(["gid", "person"]), kept_new.cast(kept_old.schema)])
    return both.sort_by([("gid", "ascending"), ("person", "ascending")])
