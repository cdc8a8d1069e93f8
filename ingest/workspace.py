"""One folder holds all that a run made; this file alone knows where things lie in it."""

import json
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import RingfenceError
from ingest.telling import to_say


@dataclass(frozen=True, slots=True)
class Workspace:
    """Paths of one workspace. Nothing is created until something is written.

    An import is one folder below ``.imports`` and becomes the current one by replacing a single
    link, so that a reader meets the old import or the new one and never a mixture. A run is one
    folder below ``runs`` and appears there by one rename.
    """

    root: Path

    @property
    def tables(self) -> Path:
        """Clean tables, ``<name>.parquet``."""
        return self.root / "tables"

    def table(self, name: str) -> Path:
        """Where the clean table of that name lies, whether or not it exists."""
        return self.tables / f"{name}.parquet"

    @property
    def rejects(self) -> Path:
        """Rows left out, with file, line, field, value and reason."""
        return self.root / "rejects.parquet"

    @property
    def flags(self) -> Path:
        """Values kept but suspicious, counted by table, field and reason."""
        return self.root / "flags.parquet"

    @property
    def manifest(self) -> Path:
        """Inputs with their SHA-256, counts, versions and parameters of the import."""
        return self.root / "manifest.json"

    @property
    def restricted(self) -> Path:
        """Clear values behind the pseudonyms; only ``casework`` opens what lies here."""
        return self.root / "restricted"

    @property
    def key_file(self) -> Path:
        """The secret key of this deployment's pseudonyms; outlives every import."""
        return self.root / "restricted.key"

    @property
    def runs(self) -> Path:
        """One folder for each run."""
        return self.root / "runs"

    @property
    def graph(self) -> Path:
        """Files of the embedded graph server."""
        return self.root / "graph"

    @property
    def ledger(self) -> Path:
        """What people decided."""
        return self.root / "ledger.sqlite"

    @property
    def motifs(self) -> Path:
        """Motif files that users of this workspace wrote, ``<name>.cypher``."""
        return self.root / "motifs"

    def latest_run(self) -> Path:
        """Return the folder of the newest run.

        Raises
        ------
        RingfenceError
            If nothing was detected yet.
        """
        link = self.runs / "latest"
        if not link.exists():
            raise RingfenceError(to_say("refused.workspace.no_run", root=self.root))
        return self.runs / link.readlink()

    def is_current(self, run: Path) -> bool:
        """Whether a run rests on the current import; a later import leaves earlier runs behind."""
        imported = json.loads(self.manifest.read_text("utf-8"))["import_id"]
        return bool(json.loads((run / "run.json").read_text("utf-8"))["import_id"] == imported)

    def require_import(self) -> None:
        """Raise a :class:`RingfenceError` if nothing was imported here yet."""
        if not self.table("settlements").exists():
            raise RingfenceError(to_say("refused.workspace.no_import", root=self.root))


@contextmanager
def staged(parent: Path, name: str) -> Iterator[Path]:
    """Yield an empty folder beside ``parent/name`` and rename it there when the block ends well.

    Names are derived from content, so a folder that already stands at ``parent/name`` is kept. A
    block that raises, and a process that is killed, leave ``parent`` as it was but for a hidden
    leftover, which the next call removes.
    """
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in parent.glob(".*.partial"):
        shutil.rmtree(left, ignore_errors=True)
    partial = parent / f".{name}.{secrets.token_hex(4)}.partial"
    partial.mkdir(mode=0o700)
    try:
        yield partial
        if not (parent / name).exists():
            partial.rename(parent / name)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def point(link: Path, target: str) -> None:
    """Make ``link`` a relative symbolic link to ``target`` in one atomic step."""
    link.parent.mkdir(parents=True, exist_ok=True)
    beside = link.with_name(f".{link.name}.{secrets.token_hex(4)}")
    beside.symlink_to(target)
    beside.replace(link)
