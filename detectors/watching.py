"""Which new settlements belong to a ring that a run has raised: what the detectors call together.

Nothing is learned here. Members, places and windows are those of the run, and two people are
together where the run's own detectors would say so (:func:`detectors.sessions.joint_sessions`), so
a warning means the same as the ring it names. A group nobody knows yet needs a new run.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from detectors.columns import clean, columns, keep, value
from detectors.pairs import DAY, poisson_tail
from detectors.rings import TEXT
from detectors.sessions import joint_sessions
from detectors.settings import DetectSettings
from detectors.visits import numbered, part, place_windows, scoped, visits
from detectors.warned import WARNINGS, Why
from ingest.imports import in_use
from ingest.texts import say
from ingest.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a run knows, in the tables of ``backend``.

    Tables are ``rings`` and ``ring_members`` of the run; ``imported`` (the settlements the run has
    seen), ``place_windows`` and ``usual`` (:func:`_usual`) of the clean tables, whose import is
    ``stamp``. ``rings`` is how many there are.
    """

    backend: Backend
    run: str
    rings: int
    stamp: str
    settings: DetectSettings


@contextmanager
def known(
    workspace: Workspace, run: Path, scratch: Path, *, memory: str, threads: int
) -> Iterator[Known]:
    """Lay out what the newest run knows; computed once, used for every file that comes.

    Raises
    ------
    RingfenceError
        If an import is just running.
    """
    note = json.loads((run / "run.json").read_text("utf-8"))
    settings = _settings(note["parameters"], memory=memory, threads=threads)
    with columns(scratch, settings) as backend:
        with in_use(workspace):
            _lay_out(backend, workspace, settings)
            stamp = import_stamp(workspace)
        for name in ("rings", "ring_members"):
            keep(backend, name, backend.read_parquet(run / f"{name}.parquet"))
        count = int(value(backend, backend.table("rings").count()))
        yield Known(backend=backend, run=run.name, rings=count, stamp=stamp, settings=settings)


def import_stamp(workspace: Workspace) -> str:
    """Return which import the clean tables are; nothing for tables that no import wrote."""
    if not workspace.manifest.exists():
        return ""
    return str(json.loads(workspace.manifest.read_text("utf-8"))["import_id"])


def _lay_out(backend: Backend, workspace: Workspace, settings: DetectSettings) -> None:
    """Compute ``imported``, ``place_windows`` and ``usual`` from the clean tables."""
    settlements, persons, providers = (
        clean(backend, workspace, name) for name in ("settlements", "persons", "providers")
    )
    events = keep(backend, "visits", visits(settlements, persons, providers))
    place = keep(backend, "places", numbered(providers, "fixmedins_code", "place"))
    facts = providers.select("fixmedins_code", "place_kind", "day_precision")
    windows = place_windows(place.join(facts, "fixmedins_code"), events, settings)
    windows = keep(backend, "windows", windows)
    usual = _usual(scoped(events, windows))
    keep(backend, "usual", usual.join(place, "place").drop("place"))
    keep(backend, "place_windows", windows.join(place, "place").drop("place"))
    keep(backend, "imported", settlements.select("setl_id"))


def warnings(known: Known, arrived: list[Path]) -> pa.Table:
    """Return every warning on the settlements that arrived and are not in the import.

    ``arrived`` are files as :func:`ingest.arriving.read_arrival` leaves them. The answer does not
    depend on how the settlements were parted into files or in which order these came; a settlement
    that stands in two files counts once. Sorted by ring, time, settlement, reason.
    """
    if not arrived:
        return WARNINGS.empty_table()
    backend = known.backend
    rows = backend.read_parquet([str(path) for path in sorted(arrived)], table_name="arrived")
    rows = rows.anti_join(backend.table("imported"), "setl_id")
    order = ibis.window(group_by="setl_id", order_by=[rows[name] for name in rows.columns])
    rows = rows.mutate(turn=ibis.row_number().over(order))
    rows = keep(backend, "new_rows", rows.filter(rows.turn == 0).drop("turn"))
    holders = _holders(backend)
    met = keep(backend, "new_scoped", _scoped(known, rows))
    own = keep(backend, "new_members", rows.join(holders, "setl_id"))
    found = [*_at_the_ring(backend, own), _in_sessions(known, met, own, holders)]
    company = _with_many(known, met, found[0])
    table = backend.to_pyarrow(ibis.union(*found, company))
    return _told(backend, known.run, table)


def _settings(parameters: dict[str, Any], *, memory: str, threads: int) -> DetectSettings:
    """Return the settings a run was made with; its factors play no part here."""
    names = {field.name for field in fields(DetectSettings)} - {"factors"}
    kept = {name: value for name, value in parameters.items() if name in names}
    return DetectSettings(**(kept | {"memory": memory, "threads": threads}))


def _usual(able: Table) -> Table:
    """Return how many other visits usually lie within one window of a visit: place, part, others.

    The same average as in :func:`detectors.visits.place_windows`, by part of the day. It is taken
    over visits, so busy days weigh more: an honest rush is expected, not a surprise.
    """
    slots = able.group_by(["place", "scope", "part", "slot"]).aggregate(n=able.count())
    usual = slots.group_by(["place", "part"]).aggregate(
        others=2.0 * ((slots.n * (slots.n - 1)).sum() / slots.n.sum()).cast("float64")
    )
    return usual.select("place", "part", "others")


def _holders(backend: Backend) -> Table:
    """Return ring_id, setl_id of the new settlements by a member: as a person or by the card."""
    rows, members = backend.table("new_rows"), backend.table("ring_members")
    people = members.filter(members.entity_type == "person").select("ring_id", psn_no="entity_id")
    cards = members.filter(members.entity_type == "card").select("ring_id", card_id="entity_id")
    by_person = rows.join(people, "psn_no").select("ring_id", "setl_id")
    by_card = rows.join(cards, "card_id").select("ring_id", "setl_id")
    return by_person.union(by_card).distinct()


def _scoped(known: Known, rows: Table) -> Table:
    """Return the new visits that can meet others, as :func:`detectors.visits.scoped` has them.

    ``scope`` is the place or, where the run divided it, its terminal. A place the run has not met
    has the window of its kind, undivided.
    """
    v = rows.filter(rows.online & (rows.med_class != "inpatient") & (rows.visit_id == rows.setl_id))
    v = v.left_join(known.backend.table("place_windows"), "fixmedins_code").drop(
        "fixmedins_code_right"
    )
    base = ibis.ifelse(
        v.fixmedins_code.startswith("P"),
        known.settings.pharmacy_window_seconds,
        known.settings.institution_window_seconds,
    )
    v = v.mutate(
        window=ibis.coalesce(v.window, base.cast("int64")),
        by_device=v.by_device.fill_null(False),
        day_precision=v.day_precision.fill_null(False),
    )
    v = v.filter(~v.skipped.fill_null(False) & (~v.by_device | v.device_id.notnull()))
    at = v.setl_time.epoch_seconds().cast("int64")
    at = ibis.ifelse(v.day_precision, v.day.cast("int64") * DAY, at)
    v = v.mutate(scope=ibis.ifelse(v.by_device, v.device_id, v.fixmedins_code), at=at)
    return v.select(
        "setl_id", "psn_no", "scope", "at", "window",
        person="psn_no", place="fixmedins_code",
        day=v.day.cast("int32"),
        weekday=ibis.literal(0, "int32"),
        part=part(v["at"], v.window),
    )  # fmt: skip


def _at_the_ring(backend: Backend, own: Table) -> tuple[Table, Table]:
    """Return members' settlements at a place or terminal of their ring, and with its doctor."""
    members = backend.table("ring_members").select("ring_id", "entity_type", "entity_id")
    columns = {"place": "fixmedins_code", "device": "device_id", "doctor": "dr_code"}

    def at(entity: str) -> Table:
        of = members.filter(members.entity_type == entity)
        of = of.select(r="ring_id", e="entity_id").distinct()
        met = own.join(of, [own.ring_id == of.r, own[columns[entity]] == of.e])
        return met.select("ring_id", "setl_id")

    places = at("place").union(at("device")).distinct()
    return _because(places, "member_at_place"), _because(at("doctor"), "member_with_doctor")


def _because(found: Table, why: Why) -> Table:
    return found.select(
        "ring_id",
        "setl_id",
        why=ibis.literal(why),
        members=ibis.null("int64"),
        people=ibis.null("int64"),
    )


def _in_sessions(known: Known, met: Table, own: Table, holders: Table) -> Table:
    """Return the settlements of joint sessions of a ring, wherever they were."""
    backend = known.backend
    members = backend.table("ring_members")
    people = members.filter(members.entity_type == "person")
    people = people.select(gid="ring_id", person="entity_id")
    people = people.union(own.select(gid="ring_id", person="psn_no")).distinct()
    theirs = keep(backend, "met_by_members", met.semi_join(holders, "setl_id"))
    sessions = keep(backend, "new_sessions", joint_sessions(people, theirs.drop("psn_no")))
    s = sessions.select("gid", "scope", "start", "end", "present")
    v = theirs.join(holders, "setl_id").select("ring_id", "setl_id", "scope", "at")
    v = v.join(s, [v.ring_id == s.gid, v.scope == s.scope])
    v = v.filter((v["at"] >= v.start) & (v["at"] <= v.end))
    v = v.group_by(["ring_id", "setl_id"]).aggregate(present=v.present.max())
    return v.select(
        "ring_id",
        "setl_id",
        why=ibis.literal("joint_session"),
        members="present",
        people="present",
    )


def _with_many(known: Known, met: Table, at_place: Table) -> Table:
    """Return who settled within one window of a member, where so many are beyond chance.

    Counted are ``least_people`` or more people around a member's settlement at a place of the ring;
    so many others must be less likely than ``link_p`` by how many usually lie within one window
    there at that part of the day.
    """
    backend, settings = known.backend, known.settings
    ours = at_place.select("ring_id", "setl_id").distinct().join(met, "setl_id")
    ours = ours.select("ring_id", "scope", "part", "window", a="at", who="psn_no", one="setl_id",
                       fixmedins_code="place")  # fmt: skip
    near = ours.join(met.select("setl_id", "psn_no", "scope", "at"), "scope")
    near = near.filter((near["at"] - near.a).abs() <= near.window)
    near = keep(backend, "near_members", near)
    count = near.group_by(["ring_id", "one"]).aggregate(
        people=near.psn_no.nunique(),
        fixmedins_code=near.fixmedins_code.min(),
        part=near.part.min(),
    )
    usual = backend.table("usual")
    whole = usual.group_by("fixmedins_code").aggregate(largest=usual.others.max())
    count = count.filter(count.people >= settings.least_people)
    j = count.left_join(usual, ["fixmedins_code", "part"]).drop(
        "fixmedins_code_right", "part_right"
    )
    j = j.left_join(whole, "fixmedins_code").drop("fixmedins_code_right")
    j = j.mutate(expected=ibis.coalesce(j.others, j.largest))
    table = backend.to_pyarrow(j.filter(j.expected.notnull()).order_by(["ring_id", "one"]))
    people = table["people"].to_numpy().astype(np.int64)
    tail = poisson_tail(people - 1, table["expected"].to_numpy().astype(np.float64))
    crowd = table.filter(pa.array(tail <= settings.link_p)).select(["ring_id", "one", "people"])
    crowds = backend.create_table("crowds", crowd, overwrite=True)
    all_of = near.select("ring_id", "one", "setl_id").join(crowds, ["ring_id", "one"])
    all_of = all_of.group_by(["ring_id", "setl_id"]).aggregate(people=all_of.people.max())
    return all_of.select(
        "ring_id",
        "setl_id",
        why=ibis.literal("joint_cards"),
        members=ibis.null("int64"),
        people="people",
    )


def _told(backend: Backend, run: str, found: pa.Table) -> pa.Table:
    """Add what the settlement and its ring are, and the sentences."""
    made = backend.create_table("warned", found, overwrite=True)
    rings = backend.table("rings").select("ring_id", "kind")
    rows = backend.table("new_rows")
    facts = rows.select(
        "setl_id", "person_id", "fixmedins_code", "device_id",
        at=rows.setl_time.cast("timestamp(3)"), fund=rows.net_fund.cast("decimal(18, 2)"),
    )  # fmt: skip
    j = made.join(rings, "ring_id").join(facts, "setl_id")
    table = backend.to_pyarrow(j.order_by(["ring_id", "at", "setl_id", "why"]))
    told = table.select(["why", "kind", "members", "people"]).to_pylist()
    for language in ("zh", "en"):
        sentences = [
            say(
                f"watch.why.{one['why']}",
                language,
                kind=say(f"kind.{one['kind']}", language),
                members=one["members"],
                people=one["people"],
            )
            for one in told
        ]
        table = table.append_column(f"sentence_{language}", pa.array(sentences, TEXT))
    table = table.append_column("run", pa.repeat(run, table.num_rows))
    return table.select(WARNINGS.names).cast(WARNINGS)
