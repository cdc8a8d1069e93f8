"""One detection run: clean tables in, the ring contract out."""

import hashlib
import json
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends.duckdb import Backend

from detectors.calibration import calibrated
from detectors.candidates import Context, Groups, Part, merged, only, united
from detectors.catalogue import DETECTORS, MEETING
from detectors.cohort import at_institutions
from detectors.columns import columns, value
from detectors.evidence import FACTORS, Evidence, factors, measured
from detectors.facts import Facts, gathered
from detectors.honest import EXPLANATIONS
from detectors.lockstep import null_pairs
from detectors.report import contract
from detectors.settings import DetectSettings
from detectors.showing import showing
from detectors.world import Floats, ground, pairs_beyond
from graph.lock import locked
from ingest import texts
from ingest.imports import in_use
from ingest.progress import Progress, silent
from ingest.workspace import Workspace, point, staged


def detect(
    workspace: Workspace, *, settings: DetectSettings | None = None, progress: Progress = silent
) -> Path:
    """Find, test and rank the rings of the imported extract; return the folder of the run.

    The run is named after its input, parameters and versions, and written beside and renamed: the
    same input and parameters give the same name and the same bytes, and a run that was killed does
    not exist. ``runs/latest`` then points to it.

    Raises
    ------
    ingest.errors.RingfenceError
        If nothing was imported, or another detection or an import works on this workspace.
    """
    settings = settings or DetectSettings()
    workspace.require_import()
    with in_use(workspace):
        name = _name(workspace, settings)
        workspace.runs.mkdir(mode=0o700, exist_ok=True)
        with locked(workspace.runs / ".lock", timeout_seconds=1.0):
            with staged(workspace.runs, name) as folder:
                _write(workspace, settings, folder, progress)
            point(workspace.runs / "latest", name)
    return workspace.runs / name


def prepared(
    backend: Backend, workspace: Workspace, settings: DetectSettings, progress: Progress
) -> Context:
    """Lay the ground, count the pairs and make the null worlds; all that detectors share."""
    progress("detect_visits", 0, 1)
    land = ground(backend, workspace, settings)
    progress("detect_visits", 1, 1)
    progress("detect_pairs", 0, 1)
    pairs = pairs_beyond(backend, land, land.scoped, settings)
    progress("detect_pairs", 1, 1)
    worlds = null_pairs(
        backend, land, settings, lambda done, total: progress("detect_null", done, total)
    )
    others = [worlds[:number] + worlds[number + 1 :] for number in range(len(worlds))]
    return Context(
        backend=backend,
        workspace=workspace,
        settings=settings,
        ground=land,
        pairs=calibrated(pairs, worlds, tests=land.tests),
        null_pairs=tuple(
            calibrated(world, rest, tests=land.tests)
            for world, rest in zip(worlds, others, strict=True)
        ),
    )


def candidates(context: Context, progress: Progress) -> Groups:
    """Run every detector whose tables are there; groups that meet are merged into one family.

    Those that meet at one institution are left to :mod:`detectors.cohort`.
    """
    usable = [d for d in DETECTORS if not missing(context.workspace, d.needs)]
    meeting = [d for d in usable if d.family == MEETING]
    pools = []
    for done, detector in enumerate([d for d in meeting if not d.joins]):
        progress("detect_groups", done, len(usable))
        pools.append(detector.find(context))
    groups = merged(pools, context.settings)
    joined = [d.find(replace(context, pools=groups)) for d in meeting if d.joins]
    groups = merged([groups, *joined], context.settings)
    there = at_institutions(context, groups)
    context, counters = replace(context, pools=only(groups, there)), only(groups, ~there)
    parts = [Part(detector=MEETING, family=MEETING, kind="", role="holder", found=counters)]
    for done, detector in enumerate([d for d in usable if d.family != MEETING]):
        progress("detect_groups", len(meeting) + done, len(usable))
        found = detector.find(context)
        parts.append(
            Part(
                detector=detector.name,
                family=detector.family,
                kind=detector.kinds[0],
                role=detector.role,
                found=found,
            )
        )
    progress("detect_groups", len(usable), len(usable))
    return united(parts)


def missing(workspace: Workspace, needs: tuple[str, ...]) -> list[str]:
    """Return which of the tables a detector needs were not delivered."""
    return [name for name in needs if not workspace.table(name).exists()]


def examined(context: Context, groups: Groups) -> tuple[Facts, Evidence]:
    """Gather the facts about all candidates and measure them."""
    backend, found = context.backend, groups.found
    members = pa.table({"gid": found.gid, "person": found.person.astype("int32")})
    tables = {
        "candidate_members": members,
        "linked_pairs": context.pairs.table(),
        "candidate_meeting": pa.table({"gid": np.flatnonzero(groups.family == MEETING)}),
        "candidate_held": found.settlements,
    }
    made = {
        name: backend.create_table(name, table, overwrite=True) for name, table in tables.items()
    }
    facts = gathered(
        backend,
        context.workspace,
        made["candidate_members"],
        made["linked_pairs"],
        context.ground.scoped,
        meeting=made["candidate_meeting"],
        held=made["candidate_held"],
    )
    return facts, measured(backend, facts, groups)


def _write(
    workspace: Workspace, settings: DetectSettings, folder: Path, progress: Progress
) -> None:
    with columns(folder, settings) as backend:
        context = prepared(backend, workspace, settings, progress)
        groups = candidates(context, progress)
        progress("detect_evidence", 0, 1)
        facts, evidence = examined(context, groups)
        tables = contract(context, groups, facts, evidence, factors(settings.factors or FACTORS))
        tables["ring_motifs"] = showing(context, tables)
        progress("detect_evidence", 1, 1)
        skipped = value(backend, context.ground.windows.skipped.sum())
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
    _write_note(workspace, settings, folder, tables, evidence, int(skipped or 0))


def _write_note(
    workspace: Workspace,
    settings: DetectSettings,
    folder: Path,
    tables: dict[str, pa.Table],
    evidence: Evidence,
    skipped: int,
) -> None:
    """Write run.json: parameters, seed, versions, what was off and what could not be tested."""
    off = [
        {"detector": d.name, "missing": missing(workspace, d.needs)}
        for d in DETECTORS
        if missing(workspace, d.needs)
    ]
    note = {
        "run": _name(workspace, settings),
        "import_id": _import_id(workspace),
        "seed": settings.seed,
        "parameters": _parameters(settings),
        "versions": _versions(),
        "off": off,
        "measures_off": [name for name, seen in evidence.observed.items() if _never(seen)],
        "explanations_off": [e.name for e in EXPLANATIONS if _never(evidence.share[e.name])],
        "places_skipped": skipped,
        "counts": {name: table.num_rows for name, table in tables.items()},
    }
    text = json.dumps(note, ensure_ascii=False, indent=2, sort_keys=True)
    (folder / "run.json").write_text(text + "\n", "utf-8")


def _name(workspace: Workspace, settings: DetectSettings) -> str:
    """Name a run after what determines it: clean tables, parameters, code, factors, texts."""
    chosen = _parameters(settings) | {"threads": None, "memory": None}
    digest = hashlib.sha256()
    for path in sorted(workspace.tables.glob("*.parquet")):
        digest.update(json.dumps([path.name, _sha256(path)]).encode())
    known = [chosen, _versions(), code_digest(weights=True)]
    digest.update(json.dumps(known, sort_keys=True).encode())
    return f"run-{digest.hexdigest()[:12]}"


def _parameters(settings: DetectSettings) -> dict[str, object]:
    """Return the parameters; factors of one's own by their digest, not by where they lie."""
    own = settings.factors
    return asdict(settings) | {"factors": None if own is None else _sha256(own)}


def _never(values: Floats) -> bool:
    """Whether there were candidates and none could be measured."""
    return bool(values.size and np.isnan(values).all())


def _import_id(workspace: Workspace) -> str | None:
    """Return which import the run rests on; None for tables that no import wrote."""
    if not workspace.manifest.exists():
        return None
    return str(json.loads(workspace.manifest.read_text("utf-8"))["import_id"])


def code_digest(*, weights: bool = False) -> str:
    """Digest what determines candidates and their signs; with the factors and words if asked."""
    home = Path(__file__).parent
    files = [*home.rglob("*.py")]
    if weights:
        files += [FACTORS, *Path(texts.__file__).parent.glob("*.toml")]
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _versions() -> dict[str, str]:
    return {name: version(name) for name in ("ringfence", "duckdb", "ibis-framework", "igraph")}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
