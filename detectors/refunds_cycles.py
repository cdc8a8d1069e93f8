"""Cycles: settle, refund, settle again by the next day; and how often each visitor pays."""

from dataclasses import dataclass

import ibis
import numpy as np
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from detectors.columns import clean, keep
from detectors.visits import numbered
from detectors.world import Floats, Ints
from ingest.workspace import Workspace

NEXT_DAYS = 1  # days within which a payment takes the place of a refunded one
CLOCK = 3_600  # seconds to which some places round their clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitors:
    """One entry for each person at a place, in that order: payments made and cycles counted."""

    person: Ints
    place: Ints
    visits: Floats
    cycles: Ints


def payments(backend: Backend, workspace: Workspace) -> Table:
    """Return every settlement at a counter with its time in seconds."""
    s = clean(backend, workspace, "settlements")
    s = s.filter(s.online & (s.med_class != "inpatient"))
    return s.select(
        "setl_id",
        "init_setl_id",
        "psn_no",
        "fixmedins_code",
        "device_id",
        "opter_id",
        "day",
        "is_refund",
        "refunded",
        "live",
        "net_sum",
        "acct_pay",
        amount=s.medfee_sumamt,
        at=s.setl_time.epoch_seconds().cast("int64"),
    )


def known_by_number(backend: Backend, workspace: Workspace, table: Table) -> Table:
    """Return the rows with the numbers of person and place."""
    persons, providers = (clean(backend, workspace, name) for name in ("persons", "providers"))
    t = table.join(numbered(persons, "psn_no", "person"), "psn_no")
    return t.join(numbered(providers, "fixmedins_code", "place"), "fixmedins_code")


def cycle_table(backend: Backend, workspace: Workspace, paid: Table) -> Table:
    """Return the cycles: the refunded payment's columns, refund and next payment.

    ``refund_id`` and ``refund_at`` are NULL where the extract only marks the payment as refunded.
    """
    back = paid.filter(paid.is_refund & paid.init_setl_id.notnull())
    back = back.group_by(setl_id=back.init_setl_id).aggregate(
        refund_id=back.setl_id.min(), refund_at=back["at"].max()
    )
    given = paid.filter(~paid.is_refund)
    one = ["psn_no", "fixmedins_code"]
    p = given.semi_join(given.filter(given.refunded).select(one).distinct(), one)
    turn = ibis.window(group_by=one, order_by=["at", "setl_id"])
    p = p.mutate(
        next_id=p.setl_id.lead().over(turn),
        next_at=p["at"].lead().over(turn),
        next_day=p.day.lead().over(turn),
        next_amount=p.amount.lead().over(turn),
    )
    p = p.filter(p.refunded & (p.next_day - p.day <= NEXT_DAYS))
    p = p.left_join(back, "setl_id").drop("setl_id_right", "next_day")
    # A clock of whole hours does not say which came first.
    latest = p.next_at + ibis.ifelse(p.next_at % CLOCK == 0, CLOCK, 0)
    p = p.filter(p.refund_at.isnull() | (p.refund_at <= latest))
    p = keep(backend, "refund_cycle_rows", p)
    p = known_by_number(backend, workspace, p)
    return keep(backend, "refund_cycles", p.order_by(["person", "place", "at", "setl_id"]))


def visitors(backend: Backend, workspace: Workspace, paid: Table, cycles: Table) -> Visitors:
    """Count payments and cycles of every person at every place."""
    given = paid.filter(~paid.is_refund)
    v = given.group_by(["psn_no", "fixmedins_code"]).aggregate(visits=given.count())
    v = known_by_number(backend, workspace, keep(backend, "refund_visits", v))
    c = cycles.group_by(["person", "place"]).aggregate(cycles=cycles.count())
    both = v.left_join(c, ["person", "place"])
    both = both.select("person", "place", "visits", cycles=both.cycles.fill_null(0))
    rows = backend.to_pyarrow(both.order_by(["person", "place"]))
    return Visitors(
        person=rows["person"].to_numpy().astype(np.int64),
        place=rows["place"].to_numpy().astype(np.int64),
        visits=rows["visits"].to_numpy().astype(np.float64),
        cycles=rows["cycles"].to_numpy().astype(np.int64),
    )
