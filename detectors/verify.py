"""Verify: ask the graph again for every ring of a run, and count its money again."""

import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
import pyarrow.parquet as pq
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from detectors.columns import clean, columns
from detectors.motif import motif, run_motif
from detectors.settings import DetectSettings
from detectors.showing import RING_MOTIFS, SHOWS
from graph.ask import ask
from graph.load import import_digest
from graph.schema import IMPORT
from graph.store import Store
from ingest.errors import RingfenceError
from ingest.progress import Progress, silent
from ingest.telling import listed, to_say
from ingest.workspace import Workspace

FILES = ("rings", "ring_settlements", "ring_motifs")
LIMIT_SECONDS = 60.0
MOST_ROWS = 1_000_000  # hits of one motif; what is cut off is missing and so is reported


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What held of one ring. Settlement numbers are sorted; a ring holds if none is listed.

    ``expected`` is how many settlements its motif must bring back, ``shown`` how many it did bring.
    ``missing`` were expected and not shown; ``unknown`` are numbers of the ring that the import
    does not have; ``differing`` stand in only one of the ring's two lists, or are refunds of a
    charge that is not the ring's. ``fund_shown`` is what the run said the fund paid for those that
    show the ring, ``fund_counted`` what the clean tables say, ``loss_low`` the run's lower loss,
    which is that sum or less (yuan). ``refused`` is why the motif gave no answer, else None.
    """

    ring_id: str
    motif: str
    expected: int
    shown: int
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    differing: tuple[str, ...]
    loss_low: Decimal
    fund_shown: Decimal
    fund_counted: Decimal
    refused: RingfenceError | None
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether everything expected was there, and to the cent."""
        wrong = self.missing or self.unknown or self.differing or self.refused
        exact = self.fund_shown == self.fund_counted and self.loss_low <= self.fund_counted
        return not wrong and self.expected > 0 and exact


def verify(
    store: Store,
    workspace: Workspace,
    run: Path,
    progress: Progress = silent,
    *,
    memory: str = "2GB",
    threads: int = 2,
    timeout_seconds: float = LIMIT_SECONDS,
) -> list[Checked]:
    """Run the motif of every ring of a run, read-only, and compare; in the order of ``ring_id``.

    A ring holds where every settlement that shows it is in the answer (more may be: a motif asks
    for a pattern, not for a list), every number of its settlements is in the clean tables, what
    the run says the fund paid for those that show it is what the clean tables say, to the cent,
    and its lower loss is no more.

    Raises
    ------
    RingfenceError
        If the run lacks a file or column or rests on another import, or the graph holds another.
    """
    _require(store, workspace, run)
    counted = _counted(workspace, run, DetectSettings(memory=memory, threads=threads))
    rows = pq.read_table(run / "ring_motifs.parquet").sort_by("ring_id").to_pylist()
    told = {row["ring_id"]: row for row in rows}
    checked = []
    for done, (ring, known) in enumerate(counted.items()):
        progress("verify", done, len(counted))
        checked.append(_checked(store, ring, known, told.get(ring), timeout_seconds))
    progress("verify", len(counted), len(counted))
    return checked


def _require(store: Store, workspace: Workspace, run: Path) -> None:
    for name in FILES:
        if not (run / f"{name}.parquet").exists():
            raise RingfenceError(to_say("refused.verify.no_table", run=run, name=name))
    if not workspace.is_current(run):
        raise RingfenceError(to_say("refused.verify.other_import", run=run.name))
    if not pq.read_schema(run / "ring_motifs.parquet").equals(RING_MOTIFS):
        raise RingfenceError(
            to_say(
                "refused.verify.columns",
                path=run / "ring_motifs.parquet",
                columns=listed(RING_MOTIFS.names),
            )
        )
    held = ask(store, f"MATCH (i:{IMPORT.label}) RETURN i.digest AS digest", {})
    if [row[0] for row in held.rows] != [import_digest(workspace)]:
        raise RingfenceError(to_say("refused.verify.not_loaded"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    """A ring's lower loss, and what the clean tables say: numbers, unknown ones, the fund's sum."""

    expected: frozenset[str]
    unknown: tuple[str, ...]
    stray: tuple[str, ...]  # refunds of a charge that does not show the ring
    loss_low: Decimal
    fund: Decimal


def _counted(workspace: Workspace, run: Path, settings: DetectSettings) -> dict[str, _Counted]:
    with columns(workspace.runs, settings) as backend:
        rings = pq.read_table(run / "rings.parquet").select(["ring_id", "loss_low"])
        rows = _numbers(backend, workspace, run)
        expected = _lists(backend, rows.filter(rows.shows & ~rows.refund))
        unknown = _lists(backend, rows.filter(rows.refund.isnull()))
        stray = _lists(backend, rows.filter(rows.stray))
        fund = rows.filter(rows.shows).group_by("ring_id").aggregate(fund=ibis._.net_fund.sum())
        paid = backend.to_pyarrow(fund).to_pydict()
    sums = dict(zip(paid["ring_id"], paid["fund"], strict=True))
    said = dict(zip(*rings.sort_by("ring_id").to_pydict().values(), strict=True))
    return {
        ring: _Counted(
            expected=frozenset(expected.get(ring, ())),
            unknown=unknown.get(ring, ()),
            stray=stray.get(ring, ()),
            loss_low=low,
            fund=sums.get(ring) or Decimal("0.00"),
        )
        for ring, low in said.items()
    }


def _numbers(backend: Backend, workspace: Workspace, run: Path) -> Table:
    """Return the run's settlements as the import knows them; ``refund`` NULL where it does not.

    ``stray`` marks a refund that shows the ring though its charge does not.
    """
    found = pq.read_table(run / "ring_settlements.parquet")
    r = backend.create_table("verified", found, overwrite=True)
    settlements = clean(backend, workspace, "settlements")
    s = settlements.select("setl_id", "init_setl_id", "net_fund", refund="is_refund")
    r = r.left_join(s, "setl_id").select(
        "ring_id", "setl_id", "init_setl_id", "net_fund", "refund", shows=r.why.isin(SHOWS)
    )
    r = backend.create_table("verified_numbers", r, overwrite=True)
    charge = r.filter(r.shows).select("ring_id", init_setl_id="setl_id", charged=True)
    charge = charge.distinct()
    r = r.left_join(charge, ["ring_id", "init_setl_id"])
    stray = r.shows & r.refund.fill_null(False) & r.charged.isnull()
    return r.select("ring_id", "setl_id", "net_fund", "refund", "shows", stray=stray)


def _lists(backend: Backend, rows: Table) -> dict[str, tuple[str, ...]]:
    table = backend.to_pyarrow(rows.select("ring_id", "setl_id").distinct())
    table = table.sort_by([("ring_id", "ascending"), ("setl_id", "ascending")])
    lists: dict[str, list[str]] = {}
    for ring, number in zip(*table.to_pydict().values(), strict=True):
        lists.setdefault(ring, []).append(number)
    return {ring: tuple(numbers) for ring, numbers in lists.items()}


def _checked(
    store: Store, ring: str, known: _Counted, row: dict[str, Any] | None, seconds: float
) -> Checked:
    name = row["motif"] if row else ""
    stated = frozenset(row["settlements"]) if row else frozenset()
    shown: frozenset[str] = frozenset()
    refused: RingfenceError | None = None
    took = 0.0
    try:
        if row is None:
            raise RingfenceError(to_say("refused.verify.no_motif", ring=ring))
        shown, took = _shown(store, name, row["parameters"], seconds)
    except RingfenceError as error:
        refused = error
    wanted = known.expected | stated
    return Checked(
        ring_id=ring,
        motif=name,
        expected=len(wanted),
        shown=len(shown),
        missing=tuple(sorted(wanted - shown)),
        unknown=known.unknown,
        differing=tuple(sorted({*(known.expected ^ stated), *known.stray})),
        loss_low=known.loss_low,
        fund_shown=row["fund_shown"] if row else Decimal("0.00"),
        fund_counted=known.fund,
        refused=refused,
        seconds=took,
    )


def _shown(
    store: Store, name: str, parameters: str, seconds: float
) -> tuple[frozenset[str], float]:
    """Return the settlements of all hits of a motif, and how long it took."""
    answer = run_motif(
        store,
        motif(name),
        parameters=json.loads(parameters),
        limit=MOST_ROWS,
        timeout_seconds=seconds,
    )
    place = answer.columns.index("setl_ids")
    return frozenset(number for row in answer.rows for number in row[place]), answer.seconds
