"""Ask a motif from Python in one import: ``from casework.hits import run``."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casework.acting import local_actor
from casework.ledger import open_ledger
from casework.questions import ask_motif
from detectors.hits_file import Format, save
from detectors.motif import Motif, Value, motif, read_motif
from graph.store import Store, open_store
from ingest.errors import RingfenceError
from ingest.telling import to_say
from ingest.workspace import Workspace

if TYPE_CHECKING:  # pandas is loaded when a frame is asked for
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """What a motif found: each row a mapping by column, in the motif's own order.

    ``parameters`` are the values in use, defaults included; ``truncated`` says that there were more
    rows than the limit; ``seconds`` is the time from the question to the last row; ``run_id`` names
    the run in the ledger, for ``ringfence motifs runs|compare|attach``.
    """

    run_id: str
    motif: Motif
    parameters: Mapping[str, Value]
    columns: tuple[str, ...]
    rows: list[dict[str, Any]]
    truncated: bool
    seconds: float

    def __len__(self) -> int:
        return len(self.rows)

    def frame(self) -> "pd.DataFrame":
        """Return the rows as a pandas frame, its columns in order also where there is no row.

        Whole numbers are ``Int64``, numbers ``Float64``, yes or no ``boolean`` and texts
        ``string``, so that a missing value stays missing and makes no number a float. Lists stay
        lists (``object``). A whole number is turned into local time (``datetime64[s]``) where the
        column's meaning says ``seconds since 1970-01-01`` or ``days since 1970-01-01``, and
        stays a number everywhere else.
        """
        import pandas as pd

        meanings = self.motif.columns
        return pd.DataFrame(
            {
                name: _series([row[name] for row in self.rows], meanings[name])
                for name in self.columns
            }
        )

    def save(self, path: Path, *, format: Format) -> None:
        """Write the rows into a file, see :func:`detectors.hits_file.save`."""
        save(self.columns, self.rows, path, format=format)


def run(
    motif: str | Path | Motif,
    graph: Store | Workspace | str | Path,
    *,
    limit: int = 5000,
    timeout_seconds: float = 60.0,
    acts_as: str | None = None,
    **parameters: object,
) -> Hits:
    """Ask a motif and return its hits: ``run("cards_swiped_together", "county", min_days=6)``.

    ``motif`` is the name of a shipped motif or of one in the workspace's folder ``motifs``, the
    path of a file, or what :func:`detectors.motif.read_motif` returned. ``graph`` is an open store,
    or a workspace or its folder: its graph is then opened, its server started if need be, and
    closed afterwards. A parameter that is not named keeps its default. Read-only, at most ``limit``
    rows in ``timeout_seconds``. The question and its hits are kept in the ledger and its audit log
    as asked by ``acts_as``, else by the user of the operating system.

    Raises
    ------
    RingfenceError
        If there is no such motif, workspace or parameter, a value does not fit, the question is
        refused or runs out of time, or the ledger cannot be written.
    """
    actor = local_actor(acts_as)
    with _opened(graph) as store, open_ledger(store.workspace, environ=os.environ) as ledger:
        asked = ask_motif(
            ledger,
            store,
            _motif(motif, store.workspace),
            actor,
            parameters=parameters,
            limit=limit,
            timeout_seconds=timeout_seconds,
        )
    answer = asked.answer
    return Hits(
        run_id=asked.run_id,
        motif=asked.motif,
        parameters=asked.parameters,
        columns=answer.columns,
        rows=[dict(zip(answer.columns, row, strict=True)) for row in answer.rows],
        truncated=answer.truncated,
        seconds=answer.seconds,
    )


@contextmanager
def _opened(graph: Store | Workspace | str | Path) -> Iterator[Store]:
    if isinstance(graph, Store):
        yield graph
        return
    space = graph if isinstance(graph, Workspace) else Workspace(Path(graph))
    if not space.root.is_dir():
        raise RingfenceError(to_say("refused.run.no_workspace", root=str(space.root)))
    with open_store(space) as store:
        yield store


def _motif(named: str | Path | Motif, space: Workspace) -> Motif:
    if isinstance(named, Motif):
        return named
    if isinstance(named, Path) or named.endswith(".cypher"):
        return read_motif(Path(named))
    return motif(named, space.motifs)


def _series(cells: list[Any], meaning: str) -> "pd.Series[Any]":
    import pandas as pd

    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds == {int}:
        numbers = pd.array(cells, dtype="Int64")
        for words, unit in (("seconds since 1970-01-01", "s"), ("days since 1970-01-01", "D")):
            if words in meaning:
                return pd.Series(pd.to_datetime(numbers, unit=unit)).astype("datetime64[s]")
        return pd.Series(numbers)
    plain = {frozenset({bool}): "boolean", frozenset({str}): "string"}
    if kinds and kinds <= {int, float}:
        return pd.Series(cells, dtype="Float64")
    return pd.Series(cells, dtype=plain.get(frozenset(kinds), "object"))
