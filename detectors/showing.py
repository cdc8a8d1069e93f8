"""Showing: which question to the graph brings a ring's settlements back, and with which values.

Every raised ring is tied to one motif of the library and to parameters from its own members and
days, so that anyone can ask again and meet the settlements it rests on; :mod:`detectors.verify`
asks them all. Bounds such as ``window_seconds`` are measured from the ring itself: a joint session
is a chain of meetings, so its ends may lie further apart than one window. They are the least that
bring everything back, and never below what the run used.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

import ibis
import pyarrow as pa
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from detectors.candidates import Context
from detectors.columns import clean, delivered
from detectors.rings import YUAN
from detectors.visits import DAY

SHOWS = ("joint_session", "rests_on")  # why a settlement is among those that show the ring
RING_MOTIFS = pa.schema(
    [
        ("ring_id", pa.string()),
        ("motif", pa.string()),
        ("parameters", pa.string()),
        ("settlements", pa.list_(pa.string())),
        ("fund_shown", YUAN),
    ]
)

Bound = Literal["days", "stay_days", "seconds", "days_apart", "boxes"]
Bounds = dict[Bound, dict[str, list[object]]]

TOGETHER = "cards_swiped_together"
MOTIF_OF = {
    "swipe_refund": "charged_back_again",
    "trace_resale": "box_settled_twice",
    "insider_reimbursement": "claims_through_one_hand",
    "fake_inpatient": "admitted_together",
    "remote_credential": "far_credentials_one_place",
    "doctor_pharmacy": "doctor_sends_to_pharmacy",
    "licence_lending": "doctor_at_two_places",
    "staff_number_misuse": "people_under_one_number",
    "owner_circle": "owners_circle",
}
# Which of a ring's members fill which parameter: type and role of the member, "" for any role.
LISTS: dict[str, tuple[tuple[str, str, str], ...]] = {
    TOGETHER: (("person_ids", "person", ""),),
    "charged_back_again": (("person_ids", "person", ""), ("place_ids", "place", "")),
    "box_settled_twice": (),
    "claims_through_one_hand": (
        ("staff_ids", "staff", ""),
        ("account_ids", "account", ""),
        ("agent_ids", "agent", ""),
        ("person_ids", "person", ""),
    ),
    "admitted_together": (("person_ids", "person", ""), ("place_ids", "place", "")),
    "far_credentials_one_place": (("person_ids", "person", ""), ("place_ids", "place", "")),
    "doctor_sends_to_pharmacy": (
        ("doctor_ids", "doctor", ""),
        ("place_ids", "place", "receives"),
    ),
    "doctor_at_two_places": (("doctor_ids", "doctor", ""), ("place_ids", "place", "")),
    "people_under_one_number": (
        ("staff_ids", "staff", "number_used"),
        ("person_ids", "person", ""),
    ),
    "owners_circle": (("place_ids", "place", ""), ("person_ids", "person", "")),
}
# What is measured for a motif, by the parameters it fills.
MEASURED: dict[str, tuple[tuple[Bound, tuple[str, ...]], ...]] = {
    TOGETHER: (("days", ("from_day", "until_day")), ("seconds", ("window_seconds",))),
    "charged_back_again": (("days", ("from_day", "until_day")),),
    "box_settled_twice": (("boxes", ("boxes",)),),
    "claims_through_one_hand": (("days", ("from_day", "until_day")),),
    "admitted_together": (
        ("stay_days", ("from_day", "until_day")),
        ("days_apart", ("most_days_apart",)),
    ),
    "far_credentials_one_place": (("days", ("from_day", "until_day")),),
    "doctor_sends_to_pharmacy": (("days", ("from_day", "until_day")),),
    "doctor_at_two_places": (),  # the other place may lie before or after: all of the extract
    "people_under_one_number": (("days", ("from_day", "until_day")),),
    "owners_circle": (("days", ("from_day", "until_day")),),
}
LEAST: dict[str, dict[str, object]] = {
    TOGETHER: {"min_days": 1, "whole_place": 1},
    "charged_back_again": {"min_cycles": 1},
    "box_settled_twice": {"min_cards": 1, "min_places": 2},
    "claims_through_one_hand": {"min_patients": 1},
    "admitted_together": {"min_stays": 1},
    "far_credentials_one_place": {"min_people": 1},
    "doctor_sends_to_pharmacy": {"min_patients": 1},
    "doctor_at_two_places": {"min_days": 1},
    "people_under_one_number": {"min_days": 1},
    "owners_circle": {"min_days": 1},
}


def showing(context: Context, tables: Mapping[str, pa.Table]) -> pa.Table:
    """Return for every raised ring motif, parameters and the settlements that must come back.

    ``tables`` is the contract (rings, ring_members, ring_settlements). One row a ring in the order
    of ``ring_id``; ``parameters`` is JSON with sorted keys, its keys of persons the graph's
    pseudonyms. Refunds are not among ``settlements``: the graph holds the charge that was reversed
    and not the settlement that reversed it. ``fund_shown`` is what the fund paid for those that
    show the ring, refunds taken off (yuan), before the lower loss is moved by what was learnt.
    """
    backend = context.backend
    shown = _settled(context, tables)
    lists = _listed(context, tables["ring_members"])
    bounds = _bounds(context, shown)
    expected = _of(backend, shown.filter(shown.expected), "setl_id")
    fund = _fund(context)
    rows = []
    rings = zip(*(tables["rings"][name].to_pylist() for name in ("ring_id", "kind")), strict=True)
    for ring, kind in sorted(rings):
        motif = MOTIF_OF.get(kind, TOGETHER)
        values = dict(LEAST[motif])
        for name, entity, role in LISTS[motif]:
            values[name] = sorted(lists[ring, entity, role])
        for bound, names in MEASURED[motif]:
            values |= dict(zip(names, bounds[bound].get(ring, []), strict=False))
        rows.append(
            {
                "ring_id": ring,
                "motif": motif,
                "parameters": json.dumps(values, ensure_ascii=False, sort_keys=True),
                "settlements": expected.get(ring, []),
                "fund_shown": fund.get(ring) or Decimal(0),
            }
        )
    return pa.Table.from_pylist(rows, schema=RING_MOTIFS)


def _settled(context: Context, tables: Mapping[str, pa.Table]) -> Table:
    """Return the rings' settlements that the graph holds; ``expected`` ones must come back."""
    backend = context.backend
    rows = backend.create_table("shown_rows", tables["ring_settlements"], overwrite=True)
    settlements, providers = (
        clean(backend, context.workspace, name) for name in ("settlements", "providers")
    )
    rough = providers.select("fixmedins_code", rough=providers.day_precision.fill_null(False))
    s = rows.join(settlements.filter(~settlements.is_refund), "setl_id")
    s = s.left_join(rough, "fixmedins_code")
    clock = s.setl_time.epoch_seconds().cast("int64")
    day = s.day.cast("int64")
    first = ibis.date(1970, 1, 1)
    s = s.select(
        "ring_id",
        "setl_id",
        "psn_no",
        "day",
        place="fixmedins_code",
        at=ibis.ifelse(s.rough, day * DAY, clock),
        begins=s.begndate.cast("date").delta(first, unit="day").cast("int64"),
        ends=s.enddate.cast("date").delta(first, unit="day").cast("int64").fill_null(clock // DAY),
        expected=s.why.isin(SHOWS),
    )
    return backend.create_table("shown_settlements", s.distinct(), overwrite=True)


def _fund(context: Context) -> dict[str, Decimal]:
    """Return what the fund paid for the settlements that show each ring (yuan)."""
    backend = context.backend
    settlements = clean(backend, context.workspace, "settlements").select("setl_id", "net_fund")
    rows = backend.table("shown_rows")
    rows = rows.filter(rows.why.isin(SHOWS)).join(settlements, "setl_id")
    sums = backend.to_pyarrow(rows.group_by("ring_id").aggregate(fund=rows.net_fund.sum()))
    return dict(zip(sums["ring_id"].to_pylist(), sums["fund"].to_pylist(), strict=True))


def _listed(context: Context, members: pa.Table) -> defaultdict[tuple[str, str, str], set[str]]:
    """Return keys of the graph by ring, type of member and role; role "" holds those of all."""
    persons = clean(context.backend, context.workspace, "persons")
    table = context.backend.create_table("shown_members", members, overwrite=True)
    known = persons.select(entity_id="psn_no", key="person_id", entity_type=ibis.literal("person"))
    m = table.left_join(known, ["entity_type", "entity_id"])
    m = m.select("ring_id", "entity_type", "role", key=ibis.coalesce(m.key, m.entity_id))
    lists: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
    for row in context.backend.to_pyarrow(m.distinct()).to_pylist():
        for role in ("", row["role"]):
            lists[row["ring_id"], row["entity_type"], role].add(row["key"])
    return lists


def _bounds(context: Context, shown: Table) -> Bounds:
    backend, settings = context.backend, context.settings
    widest = max(settings.pharmacy_window_seconds, settings.institution_window_seconds)
    days = shown.group_by("ring_id").aggregate(first=shown.day.min(), last=shown.day.max())
    stays = shown.filter(shown.begins.notnull())
    begun = stays.group_by("ring_id").aggregate(first=stays.begins.min(), last=stays.begins.max())
    bounds: Bounds = {
        "days": _values(backend, days),
        "stay_days": _values(backend, begun),
        "seconds": _values(backend, _seconds(shown, widest)),
        "days_apart": _values(backend, _days_apart(stays)),
        "boxes": {},
    }
    lines = delivered(backend, context.workspace, "fee_list")
    if lines is not None:
        boxes = _of(backend, _twice(shown, lines), "box")
        bounds["boxes"] = {ring: [codes] for ring, codes in boxes.items()}
    return bounds


def _values(backend: Backend, table: Table) -> dict[str, list[object]]:
    rows = backend.to_pyarrow(table).to_pylist()
    return {row.pop("ring_id"): list(row.values()) for row in rows}


def _seconds(shown: Table, least: int) -> Table:
    """Return the longest time from a settlement to the nearest of another member at the place.

    In the order of time, the nearest one of somebody else ends the stretch before one's own or
    begins the stretch after it.
    """
    order = {"group_by": ["ring_id", "place"], "order_by": ["at", "psn_no", "setl_id"]}
    other = shown.psn_no != shown.psn_no.lag().over(ibis.window(**order))
    s = shown.mutate(other=other.fill_null(True).cast("int64"))
    s = s.mutate(stretch=s.other.sum().over(ibis.cumulative_window(**order)))
    n = s.group_by(["ring_id", "place", "stretch"]).aggregate(
        first=s["at"].min(), last=s["at"].max()
    )
    turn = ibis.window(group_by=["ring_id", "place"], order_by="stretch")
    n = n.mutate(before=n["last"].lag().over(turn), after=n["first"].lead().over(turn))
    s = s.filter(s.expected).join(n, ["ring_id", "place", "stretch"])
    s = s.mutate(wait=ibis.least(s["at"] - s.before, s.after - s["at"]))
    longest = s.group_by("ring_id").aggregate(seconds=s.wait.max())
    return longest.select("ring_id", seconds=ibis.greatest(longest.seconds, least))


def _days_apart(stays: Table) -> Table:
    """Return how far the stays of two members differ at most: each against its nearest.

    Every pair of a ring's stays at one place is looked at: some hundreds of stays a ring.
    """
    other = stays.select("ring_id", "place", with_="psn_no", in_="begins", out="ends")
    s = stays.filter(stays.expected).join(other, ["ring_id", "place"])
    s = s.filter(s.psn_no != s.with_)
    apart = ibis.greatest((s.begins - s.in_).abs(), (s.ends - s.out).abs())
    near = (
        s.mutate(apart=apart).group_by(["ring_id", "setl_id"]).aggregate(apart=ibis._.apart.min())
    )
    most = near.group_by("ring_id").aggregate(apart=near.apart.max())
    return most.select("ring_id", apart=ibis.greatest(most.apart, 1))


def _twice(shown: Table, lines: Table) -> Table:
    """Return the boxes of which two settlements of the ring or more name the code."""
    coded = lines.filter(lines.drug_trac_codg.notnull()).select("setl_id", box="drug_trac_codg")
    s = shown.filter(shown.expected).select("ring_id", "setl_id").join(coded, "setl_id")
    n = s.group_by(["ring_id", "box"]).aggregate(times=s.setl_id.nunique())
    return n.filter(n.times > 1)


def _of(backend: Backend, table: Table, column: str) -> dict[str, list[str]]:
    """Return the different values of a column by ring, sorted."""
    rows = table.select("ring_id", column).distinct().order_by(["ring_id", column])
    found: dict[str, list[str]] = {}
    for ring, value in zip(*backend.to_pyarrow(rows).to_pydict().values(), strict=True):
        found.setdefault(ring, []).append(value)
    return found
