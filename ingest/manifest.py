"""What an import read, kept and left out, with every digest; the same for the same input."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCount:
    """Counts of one input file: ``rows_in`` is the sum of the last four."""

    table: str
    file: str
    sha256: str
    bytes: int
    encoding: str
    rows_in: int
    rejected: int
    duplicates: int
    void: int
    kept: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCount:
    """Counts of one table over all its files; ``rows_in`` is the sum of the last four."""

    rows_in: int
    rejected: int
    duplicates: int
    void: int
    kept: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """Values of a field that are kept but suspicious; a restricted example is masked."""

    table: str
    field: str
    reason: str
    rows: int
    example: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """How many rows of a table were rejected for one reason in one field, and the first of them.

    ``line`` is the row in a Parquet file; manifests of earlier versions name no first row.
    """

    table: str
    field: str | None
    reason: str
    rows: int
    file: str | None = None
    line: int | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something a reader should know: a key of the text catalogue and its values."""

    key: str
    values: dict[str, str | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The account of one import.

    ``switched_off`` holds, by missing table, the keys below ``enables.`` in the text catalogue.
    Nothing in it depends on the clock, the machine or the number of threads.
    """

    import_id: str
    inputs: tuple[FileCount, ...]
    totals: dict[str, TableCount]
    rejects: tuple[Reject, ...]
    flags: tuple[Flag, ...]
    extra_columns: dict[str, tuple[str, ...]]
    missing_tables: tuple[str, ...]
    switched_off: dict[str, tuple[str, ...]]
    notes: tuple[Note, ...]
    versions: dict[str, str]
    parameters: dict[str, object]

    def to_json(self) -> str:
        """Return the manifest as JSON, keys sorted."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True) + "\n"

    @classmethod
    def read(cls, path: Path) -> "Manifest":
        """Return the manifest that :meth:`to_json` wrote to a file."""
        content = json.loads(path.read_text("utf-8"))
        return cls(
            import_id=content["import_id"],
            inputs=tuple(FileCount(**entry) for entry in content["inputs"]),
            totals={table: TableCount(**entry) for table, entry in content["totals"].items()},
            rejects=tuple(Reject(**entry) for entry in content["rejects"]),
            flags=tuple(Flag(**entry) for entry in content["flags"]),
            extra_columns={t: tuple(names) for t, names in content["extra_columns"].items()},
            missing_tables=tuple(content["missing_tables"]),
            switched_off={t: tuple(keys) for t, keys in content["switched_off"].items()},
            notes=tuple(Note(**entry) for entry in content["notes"]),
            versions=content["versions"],
            parameters=content["parameters"],
        )
