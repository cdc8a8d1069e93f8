"""Motifs asked in the background: started, watched, stopped.

A job is a thread of the server with its own connection to the graph. It counts rows as they arrive,
and it can be stopped: its question is ended on the server (``TERMINATE TRANSACTIONS``), then its
connection is cut, so that nothing goes on computing for nobody.
"""

import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast

from neo4j import Driver, Query
from neo4j.exceptions import DriverError, Neo4jError

from casework.audit import Actor
from casework.ledger import Ledger
from casework.questions import ask_motif
from detectors.motif import Motif
from graph.store import Store, open_store, writing
from ingest.errors import RingfenceError
from ingest.telling import Told

ROWS = 5_000
SECONDS = 60.0
KEPT = 50
"""Jobs that are remembered, ended ones included; the ledger keeps every run."""
CHUNK = 100
GRACE_SECONDS = 1.0
"""How long the server may take to end a question before its connection is cut all the same."""

State = Literal["running", "stopping", "ended", "stopped", "failed"]


class Stopped(BaseException):
    """Somebody stopped the job; no fault, so nothing that handles faults may swallow it."""


@dataclass(slots=True, kw_only=True)
class Job:
    """One motif being asked; changed by its own thread, read by the pages.

    ``rows`` have arrived so far, ``seconds`` is how long it took once it ended, ``run_id`` is that
    of the ledger once there is an answer.
    """

    job_id: str
    root: str
    who: str
    motif: Motif
    parameters: Mapping[str, Any]
    began: float
    state: State = "running"
    rows: int = 0
    seconds: float | None = None
    run_id: str | None = None
    error: str | Told | None = None
    told: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None
    cut: Callable[[], None] = field(default=lambda: None)

    @property
    def busy(self) -> bool:
        """Whether it has not ended yet."""
        return self.state in ("running", "stopping")

    def elapsed(self) -> float:
        """Return the seconds since it began, or those it took."""
        return self.seconds if self.seconds is not None else time.monotonic() - self.began


def start(
    ledger: Ledger,
    motif: Motif,
    actor: Actor,
    *,
    parameters: Mapping[str, Any],
    limit: int = ROWS,
    case_id: str | None = None,
    purpose: str | None = None,
) -> Job:
    """Ask a motif in a thread of its own and return the job at once.

    The question is in the audit log before the graph hears of it, as
    :func:`casework.questions.ask_motif` promises, and so is what came of it.
    """
    job = Job(
        job_id=secrets.token_hex(8),
        root=str(ledger.workspace.root),
        who=actor.name,
        motif=motif,
        parameters=dict(parameters),
        began=time.monotonic(),
    )

    def work() -> None:
        _work(job, ledger, actor, limit=limit, case_id=case_id, purpose=purpose)

    job.thread = threading.Thread(target=work, daemon=True, name=f"motif-{job.job_id}")
    with _lock:
        for old in [one for one in _jobs.values() if not one.busy][: max(0, len(_jobs) - KEPT)]:
            del _jobs[old.job_id]
        _jobs[job.job_id] = job
    job.thread.start()
    return job


def job(job_id: str, who: str) -> Job | None:
    """Return a job of this user; None if it is not theirs or was forgotten."""
    found = _jobs.get(job_id)
    return found if found is not None and found.who == who else None


def running(root: str, who: str) -> Job | None:
    """Return the newest job of this user in this workspace that has not ended."""
    with _lock:
        mine = [one for one in _jobs.values() if one.root == root and one.who == who and one.busy]
    return mine[-1] if mine else None


def stop(ledger: Ledger, job: Job) -> None:
    """Stop a job: end its question on the server, then cut its connection. Twice is as once."""
    if not job.busy:
        return
    job.told.set()
    job.state = "stopping"
    ending = threading.Thread(target=_end, args=(ledger, job), daemon=True, name="motif-end")
    ending.start()
    ending.join(GRACE_SECONDS)
    job.cut()


def _work(
    job: Job,
    ledger: Ledger,
    actor: Actor,
    *,
    limit: int,
    case_id: str | None,
    purpose: str | None,
) -> None:
    """Ask, and note in the job what came of it; whatever is raised is told, nothing is lost."""
    state: State = "failed"
    try:
        with open_store(ledger.workspace) as store:
            job.cut = store.reader.close
            watched = replace(store, reader=cast(Driver, _Watched(store.reader, job)))
            asked = ask_motif(
                ledger,
                watched,
                job.motif,
                actor,
                parameters=job.parameters,
                limit=limit,
                timeout_seconds=SECONDS,
                case_id=case_id,
                purpose=purpose,
            )
        job.run_id, state = asked.run_id, "ended"
        job.rows = len(asked.answer.rows)
    except Stopped:
        state = "stopped"
    except RingfenceError as error:
        state, job.error = ("stopped", None) if job.told.is_set() else ("failed", error)
    except Exception as error:  # noqa: BLE001 - a thread has nobody above it; the page tells it
        job.error = type(error).__name__
    finally:
        job.seconds = time.monotonic() - job.began
        job.state = state


def _end(ledger: Ledger, job: Job) -> None:
    # A server that cannot be reached any more computes nothing for us either.
    with suppress(RingfenceError), open_store(ledger.workspace) as store:
        _terminate(store, _tag(job))


def _terminate(store: Store, tag: str) -> None:
    """End the transactions whose question carries a tag; none may be there any more."""
    with writing(store) as session:
        shown = session.run(
            "SHOW TRANSACTIONS YIELD transactionId, currentQuery"
            if store.flavour == "neo4j"
            else "SHOW TRANSACTIONS"
        ).data()
        for row in shown:
            if tag in str(row["currentQuery"]):
                # The id is the server's own word, and this command takes no parameter everywhere.
                found = str(row["transactionId"])
                if found.replace("-", "").replace("_", "").isalnum():
                    session.run(f"TERMINATE TRANSACTIONS '{found}'").consume()


def _tag(job: Job) -> str:
    """Return the comment by which a job's question is known on the server.

    It stands first, since servers show only the beginning of a long question.
    """
    return f"// job {job.job_id}"


class _Watched:
    """The driver of one job: its sessions count rows, and are over once the job is told to stop."""

    def __init__(self, driver: Driver, job: Job) -> None:
        self._driver, self._job = driver, job

    @contextmanager
    def session(self, **settings: Any) -> Iterator["_Session"]:
        _end_if_told(self._job)
        try:
            with self._driver.session(**settings) as session:
                yield _Session(session, self._job)
        except (Neo4jError, DriverError):
            _end_if_told(self._job)
            raise


class _Session:
    """A session that marks each question with its job, and hands out answers that are counted."""

    def __init__(self, session: Any, job: Job) -> None:
        self._session, self._job = session, job

    def run(self, text: str | Query, parameters: Mapping[str, Any] | None = None) -> "_Answer":
        _end_if_told(self._job)
        asked = text.text if isinstance(text, Query) else text
        limit = text.timeout if isinstance(text, Query) else None
        marked = Query(f"{_tag(self._job)}\n{asked}", timeout=limit)
        counts = asked == self._job.motif.text
        return _Answer(self._session.run(marked, dict(parameters or {})), self._job, counts)


class _Answer:
    """An answer whose rows are counted while they arrive, if it is that of the motif."""

    def __init__(self, result: Any, job: Job, counts: bool) -> None:
        self._result, self._job, self._counts = result, job, counts

    def fetch(self, count: int) -> list[Any]:
        found: list[Any] = []
        while len(found) < count:
            _end_if_told(self._job)
            chunk = self._result.fetch(min(CHUNK, count - len(found)))
            found += chunk
            if self._counts:
                self._job.rows = len(found)
            if not chunk:
                break
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._result, name)


def _end_if_told(job: Job) -> None:
    if job.told.is_set():
        raise Stopped


_lock = threading.Lock()
_jobs: dict[str, Job] = {}
