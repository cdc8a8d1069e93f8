"""Import an extract: from the agency's files to clean tables, whole or not at all."""

# ruff: noqa: S608 - SQL is put together from declared names, never from data

import hashlib
import importlib.metadata
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingest import clean, pseudonyms
from ingest.clocks import judge_clocks
from ingest.codes import find_codes, flag_codes, read_codes
from ingest.counts import count_files, count_tables, read_flags, read_rejects, write_reports
from ingest.database import scratch_database
from ingest.duplicates import find_duplicates
from ingest.errors import InputError, RingfenceError
from ingest.extract import find_tables
from ingest.files import Source, source
from ingest.flags import create_flags, flag_formats, flag_orphans, flag_places, flag_spoiled
from ingest.imports import IMPORTS, flush, only_one, switch
from ingest.manifest import Manifest, Note
from ingest.mapping import Mapping, read_mapping
from ingest.outputs import HERE, Output
from ingest.placeholders import find_placeholders
from ingest.progress import Progress, silent
from ingest.reading import ReadFile, read_table
from ingest.refunds import net_refunds
from ingest.rejecting import create_rejects
from ingest.rules import parameters
from ingest.settlements import write_settlements
from ingest.sql import literal
from ingest.sql import name as quoted
from ingest.tables import SETTLEMENTS, TABLES
from ingest.telling import Text, to_say
from ingest.visits import chain_visits
from ingest.workspace import Workspace, staged


def import_extract(
    extract: Path,
    workspace: Workspace,
    *,
    mapping: Path | None = None,
    memory: str = "2GB",
    threads: int = 2,
    progress: Progress = silent,
) -> Manifest:
    """Turn an extract into the clean tables of a workspace and return the account of it.

    ``extract`` is a folder of table files, or one file of settlements. The workspace shows either
    its former import or the new one, never a mixture, whenever the process ends. The same input,
    mapping, rules and key give the same import, which is then not made again. ``memory`` is what
    DuckDB may use; more goes to disk, inside the workspace.

    Raises
    ------
    InputError
        If the extract cannot be read: one sentence that names file, place and remedy.
    RingfenceError
        If the workspace is in use by another import, or memory or disk do not suffice.
    """
    try:
        names = read_mapping(mapping, extract)
        with only_one(workspace):
            key = pseudonyms.read_key(workspace)
            codes = find_codes(extract, workspace.root)
            job = _prepare(extract, names, codes, key, progress)
            home = workspace.root / IMPORTS
            if not (home / job.import_id).is_dir():
                with staged(home, job.import_id) as folder:
                    _make(folder, job, key, memory, threads, progress)
                    flush(folder)
            switch(workspace, job.import_id)
            return Manifest.read(workspace.manifest)
    except OSError as error:
        raise RingfenceError(
            to_say(
                "refused.import.system",
                file=error.filename or workspace.root,
                strerror=error.strerror,
            )
        ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """What is to be imported; ``import_id`` is derived from all the rest."""

    import_id: str
    sources: dict[str, tuple[Source, ...]]
    codes: dict[str, Source]
    mapping: Mapping
    versions: dict[str, str]
    notes: tuple[Note, ...]


def _prepare(
    extract: Path, mapping: Mapping, codes: dict[str, Source], key: bytes, progress: Progress
) -> _Job:
    found = find_tables(extract)
    root = extract if extract.is_dir() else extract.parent
    notes = [Note(key="note.ignored_file", values={"file": file}) for file in found.ignored]
    sources: dict[str, tuple[Source, ...]] = {}
    done, total = 0, sum(len(paths) for paths in found.files.values())
    for table, paths in found.files.items():
        different: dict[str, Source] = {}
        for path in paths:
            progress("fingerprint", done, total)
            done += 1
            item = source(path, root)
            first = different.setdefault(item.digest, item)
            if first is not item:
                same = Note(key="note.same_file", values={"file": item.label, "other": first.label})
                notes.append(same)
        sources[table] = tuple(different.values())
    progress("fingerprint", total, total)
    versions = {
        "ringfence": importlib.metadata.version("ringfence"),
        "duckdb": duckdb.__version__,
        "rules": _rules_digest(),
        "key": pseudonyms.fingerprint(key),
    } | {f"codes/{column}": item.digest for column, item in codes.items()}
    content = [
        [[table, item.label, item.digest] for table, items in sources.items() for item in items],
        [[note.key, note.values] for note in notes],
        mapping.columns,
        versions,
    ]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return _Job(
        import_id=hashlib.sha256(text.encode()).hexdigest()[:16],
        sources=sources,
        codes=codes,
        mapping=mapping,
        versions=versions,
        notes=tuple(notes),
    )


def _rules_digest() -> str:
    """Return a digest of the cleaning itself, so that a changed rule makes a new import."""
    digest = hashlib.sha256()
    for path in sorted(HERE.glob("*")):
        if path.suffix in (".py", ".csv"):
            digest.update(json.dumps([path.name, path.read_text("utf-8")]).encode())
    return digest.hexdigest()[:16]


def _make(
    folder: Path, job: _Job, key: bytes, memory: str, threads: int, progress: Progress
) -> None:
    """Fill the folder of an import."""
    work = folder / "work"
    for inner in (work, folder / "tables", folder / "restricted"):
        inner.mkdir(mode=0o700)
    with scratch_database(work, memory, threads) as con:
        pseudonyms.install(con, key)
        create_flags(con)
        create_rejects(con)
        clean.create_clear(con)
        con.execute("SET preserve_insertion_order = false")
        files, extras = _read(con, job, work, progress)
        con.execute("SET preserve_insertion_order = true")
        delivered = {file.table for file in files if file.rows_in}
        notes = [
            Note(key="note.empty_table", values={"table": table})
            for table in job.sources
            if table not in delivered
        ]
        if "resale_drugs" not in delivered:
            notes.append(Note(key="note.starter_list", values={}))
        notes += read_codes(con, job.codes, work)
        for table in delivered:
            flag_codes(con, TABLES[table], job.codes)
        _clean(con, Output(tables=folder / "tables", delivered=frozenset(delivered)), progress)
        progress("write", 0, 1)
        _write_extras(con, {t: extras[t] for t in extras if t in delivered}, folder / "restricted")
        counted = count_files(con, files, delivered)
        manifest = Manifest(
            import_id=job.import_id,
            inputs=counted,
            totals=count_tables(counted),
            rejects=read_rejects(con),
            flags=read_flags(con),
            extra_columns=extras,
            missing_tables=tuple(table for table in TABLES if table not in delivered),
            switched_off={
                table.name: table.enables
                for table in TABLES.values()
                if table.name not in delivered and table.enables
            },
            notes=job.notes + tuple(notes),
            versions=job.versions,
            parameters=parameters() | {"mapping": job.mapping.columns},
        )
        write_reports(
            con,
            str(folder / "rejects.parquet"),
            str(folder / "flags.parquet"),
            str(folder / "restricted" / "clear.parquet"),
        )
    shutil.rmtree(work)
    (folder / "manifest.json").write_text(manifest.to_json(), "utf-8")
    progress("write", 1, 1)


def _read(
    con: duckdb.DuckDBPyConnection, job: _Job, work: Path, progress: Progress
) -> tuple[list[ReadFile], dict[str, tuple[str, ...]]]:
    files: list[ReadFile] = []
    extras: dict[str, tuple[str, ...]] = {}
    sizes = {
        table: sum(item.path.stat().st_size for item in items)
        for table, items in job.sources.items()
    }
    done = 0
    for table, items in job.sources.items():
        progress("read", done, sum(sizes.values()))
        read, more = read_table(con, TABLES[table], items, job.mapping, work)
        done += sizes[table]
        files += read
        if more:
            extras[table] = tuple(more)
        if TABLES[table].required and not any(file.rows_in for file in read):
            raise InputError(to_say("refused.extract.no_row", label=items[0].label))
    progress("read", done, done)
    return files, extras


def _clean(con: duckdb.DuckDBPyConnection, out: Output, progress: Progress) -> None:
    """Judge rows across the tables, then write the clean ones."""
    delivered = [TABLES[table] for table in TABLES if table in out.delivered]
    plain = [table for table in delivered if table.name not in clean.DERIVED]
    judges = (net_refunds, chain_visits, judge_clocks)
    writers = (
        write_settlements,
        clean.write_persons,
        clean.write_providers,
        clean.write_terminals,
        clean.write_resale_drugs,
    )
    steps = len(delivered) + len(judges) + 1 + len(writers) + len(plain)
    done = iter(range(steps))
    for table in delivered:
        progress("clean", next(done), steps)
        find_duplicates(con, table)
        flag_spoiled(con, table)
        flag_formats(con, table)
    _require_settlements(con)
    con.execute(
        "CREATE VIEW valid AS SELECT rowid AS rid, * FROM raw_settlements WHERE _reason IS NULL "
        "AND coalesce(vali_flag, 1) = 1 AND rowid NOT IN (SELECT rid FROM dropped_settlements)"
    )
    for judge in judges:
        progress("clean", next(done), steps)
        judge(con)
    progress("clean", next(done), steps)
    flag_places(con, out.delivered)
    flag_orphans(con, out.delivered)
    find_placeholders(con, out.delivered)
    for write in writers:
        progress("clean", next(done), steps)
        write(con, out)
    for table in plain:
        progress("clean", next(done), steps)
        clean.write_plain(con, table, out)
    progress("clean", steps, steps)


def _require_settlements(con: duckdb.DuckDBPyConnection) -> None:
    """Refuse an extract in which not one settlement can be read: it is another file."""
    if con.execute("SELECT 1 FROM raw_settlements WHERE _reason IS NULL LIMIT 1").fetchone():
        return
    first = con.execute(
        "SELECT file, coalesce(line, \"row\"), field, coalesce(value, ''), reason "
        'FROM rejects WHERE "table" = ? ORDER BY 1, 2 LIMIT 1',
        [SETTLEMENTS.name],
    ).fetchone()
    file, line, field, value, reason = first or (SETTLEMENTS.name, 0, None, "", "missing")
    fault = Text(f"reject.{reason}", ())
    if field is not None:
        fault = to_say("refused.extract.value", field=field, value=value[:80], reason=fault)
    raise InputError(to_say("refused.extract.nothing_read", file=file, line=line, fault=fault))


def _write_extras(
    con: duckdb.DuckDBPyConnection, extras: dict[str, tuple[str, ...]], restricted: Path
) -> None:
    """Keep unknown columns aside, below ``restricted``: nobody knows what they hold."""
    for table, names in extras.items():
        (restricted / "extra").mkdir(mode=0o700, exist_ok=True)
        keys = [quoted(column.name) for column in TABLES[table].columns if column.required]
        kept = [f"x_{i} AS {quoted('extra_' + header)}" for i, header in enumerate(names)]
        con.execute(
            f"COPY (SELECT {', '.join(keys + kept)} FROM raw_{table} WHERE _reason IS NULL AND "
            f"rowid NOT IN (SELECT rid FROM dropped_{table}) ORDER BY ALL) TO "
            f"{literal(str(restricted / 'extra' / f'{table}.parquet'))} (FORMAT parquet)"
        )
