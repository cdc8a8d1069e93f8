"""Alerts tell what is new, once, whatever fails or is killed; messages about it are not lost."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from casework import alert_runs
from casework.alert_news import mark_told
from casework.alert_runs import Ran, run_alerts
from casework.alerts import Alert, alerts, find_alert, is_due, make_alert, remove_alert
from casework.anchor import read_anchor
from casework.audit import Actor, entries, verify
from casework.deliveries import deliver, waiting
from casework.ledger import Ledger, open_ledger, reading, writing
from casework.tables import alert_deliveries, alert_seen
from casework.webhook import DELIVERY, SIGNATURE, TIMESTAMP, Webhooks
from detectors.motif import motif
from graph.store import Store
from ingest.errors import RingfenceError
from tests.casework.conftest import Clock
from tests.casework.county import AFTER_DEATH, motif_file, people
from tests.casework.receiver import receiving
from tests.casework.test_webhook import KEY, documented

ROOT = Path(__file__).resolve().parents[2]
WEBHOOKS = Webhooks(secret=KEY.encode(), timeout_seconds=0.3, retries=3, backoff_seconds=0.02)


def alert(ledger: Ledger, analyst: Actor, name: str = "after death", **options: Any) -> Alert:
    return make_alert(ledger, analyst, AFTER_DEATH, name=name, **{"every": "day", **options})


def run(ledger: Ledger, graph: Store, analyst: Actor, *names: str, **options: Any) -> list[Ran]:
    return run_alerts(ledger, lambda: nullcontext(graph), analyst, names=names, **options)


def told(ledger: Ledger, ran: Sequence[Ran]) -> list[str]:
    """Return whom the news is about, and mark it as shown."""
    mark_told(ledger, [(each.alert, news) for each in ran for news in each.news])
    return [str(news.hit.identity["person_id"]) for each in ran for news in each.news]


def listed(ledger: Ledger) -> list[str]:
    """Return the ledger's own list of news."""
    query = select(alert_seen.c.identity_hash).where(alert_seen.c.baseline.is_(False))
    with reading(ledger) as connection:
        assert verify(connection, read_anchor(ledger.anchor)).faults == ()
        return list(connection.execute(query).scalars())


def test_the_first_run_is_the_baseline_and_later_ones_tell_what_is_new(
    ledger: Ledger, graph: Store, analyst: Actor
) -> None:
    people(graph, "p1", "p2")
    alert(ledger, analyst)
    (first,) = run(ledger, graph, analyst)
    assert (first.state, first.rows, first.news) == ("baseline", 2, ())

    people(graph, "p2", "p3", "p4")
    (second,) = run(ledger, graph, analyst)
    assert (second.state, second.rows) == ("ran", 3)
    assert told(ledger, [second]) == ["P-p3", "P-p4"]

    people(graph, "p1", "p2", "p3", "p5")  # p1 went and came back: no news
    third = run(ledger, graph, analyst)
    assert told(ledger, third) == ["P-p5"]
    assert told(ledger, run(ledger, graph, analyst)) == []
    assert len(listed(ledger)) == 3
    with reading(ledger) as connection:
        actions = [row.action for row in entries(connection) if row.object_class == "alert"]
        counts = [row.count for row in entries(connection) if row.action == "alert.ran"]
    assert actions == ["alert.made", "alert.baseline", "alert.ran", "alert.ran", "alert.ran"]
    assert counts == [2, 1, 0]


def test_two_alerts_on_one_motif_do_not_share_what_they_saw(
    sqlite: Ledger, graph: Store, analyst: Actor
) -> None:
    people(graph, "p1")
    alert(sqlite, analyst, "one")
    run(sqlite, graph, analyst)
    people(graph, "p1", "p2")
    alert(sqlite, analyst, "two", parameters={"grace_days": 9})
    one, two = run(sqlite, graph, analyst)
    assert (one.alert.name, one.state, two.state) == ("one", "ran", "baseline")
    assert told(sqlite, [one, two]) == ["P-p2"]
    assert two.alert.parameters["grace_days"] == 9


def test_one_that_fails_is_said_and_does_not_stop_the_others(
    sqlite: Ledger, graph: Store, analyst: Actor, clock: Clock
) -> None:
    people(graph, "p1")
    for name in ("a good", "b bad", "c good"):
        alert(sqlite, analyst, name)
    with writing(sqlite) as connection:  # as if the graph had refused it
        connection.execute(
            text("UPDATE alerts SET parameters = '{\"grace_days\":-1}' WHERE name = 'b bad'")
        )
    ran = run(sqlite, graph, analyst, due_only=True)
    assert [each.state for each in ran] == ["baseline", "failed", "baseline"]
    assert "grace_days" in str(ran[1].error)
    with reading(sqlite) as connection:
        assert find_alert(connection, "b bad").last_error == ran[1].error
        assert [row.action for row in entries(connection)].count("motif.refused") == 1
        due = [each.name for each in alerts(connection) if is_due(each, clock.now)]
    assert due == ["b bad"]


def test_untold_news_is_told_by_the_next_run(sqlite: Ledger, graph: Store, analyst: Actor) -> None:
    """A process that dies before it prints leaves its news to the next."""
    people(graph, "p1")
    alert(sqlite, analyst)
    run(sqlite, graph, analyst)
    people(graph, "p1", "p2")
    run(sqlite, graph, analyst)  # and nobody saw what it returned
    people(graph, "p1", "p2", "p3")
    assert told(sqlite, run(sqlite, graph, analyst)) == ["P-p2", "P-p3"]
    assert told(sqlite, run(sqlite, graph, analyst, due_only=True)) == []


@pytest.mark.parametrize(
    ("every", "last", "now", "due"),
    [
        ("hour", (3, 2, 8, 59, 59), (3, 2, 9, 0, 0), True),
        ("hour", (3, 2, 8, 0, 0), (3, 2, 8, 59, 59), False),
        ("day", (3, 2, 23, 59, 59), (3, 3, 0, 0, 0), True),
        ("day", (3, 2, 6, 0, 3), (3, 3, 6, 0, 1), True),  # a second earlier than yesterday
        ("day", (3, 2, 0, 0, 0), (3, 2, 23, 59, 59), False),
        ("week", (3, 8, 23, 0, 0), (3, 9, 1, 0, 0), True),  # Sunday, Monday
        ("week", (3, 2, 1, 0, 0), (3, 8, 23, 0, 0), False),
        ("month", (3, 31, 23, 0, 0), (4, 1, 0, 0, 0), True),
        ("month", (3, 1, 0, 0, 0), (3, 31, 23, 0, 0), False),
    ],
)
def test_an_alert_is_due_once_in_each_period(
    sqlite: Ledger,
    analyst: Actor,
    every: str,
    last: tuple[int, int, int, int, int],
    now: tuple[int, int, int, int, int],
    due: bool,
) -> None:
    made = alert(sqlite, analyst, every=every)
    at = datetime(2026, *last).astimezone(UTC)
    assert is_due(made, at)
    with writing(sqlite) as connection:
        connection.execute(
            text("UPDATE alerts SET last_ran_at = :at"),
            {"at": at.isoformat(timespec="microseconds").replace("+00:00", "Z")},
        )
    with reading(sqlite) as connection:
        ran = find_alert(connection, made.name)
    assert is_due(ran, datetime(2026, *now).astimezone(UTC)) is due


def test_only_what_is_due_is_run_and_the_graph_is_not_opened_for_nothing(
    sqlite: Ledger, graph: Store, analyst: Actor, clock: Clock
) -> None:
    people(graph, "p1")
    alert(sqlite, analyst)
    assert [each.state for each in run(sqlite, graph, analyst, due_only=True)] == ["baseline"]

    def closed() -> AbstractContextManager[Store]:
        raise AssertionError("the graph was opened")

    (idle,) = run_alerts(sqlite, closed, analyst, due_only=True)
    assert idle.state == "not_due"
    clock.now += timedelta(days=1)
    assert [each.state for each in run(sqlite, graph, analyst, due_only=True)] == ["ran"]


def test_a_motif_that_changed_since_is_said_and_the_old_text_is_asked(
    sqlite: Ledger, graph: Store, analyst: Actor
) -> None:
    people(graph, "p1", "p2")
    own = sqlite.workspace.motifs
    path = motif_file(own, "own_question")
    make_alert(sqlite, analyst, motif("own_question", own), name="own", every="day")
    (same,) = run(sqlite, graph, analyst)
    assert (same.file, same.rows) == ("same", 2)
    motif_file(own, "own_question", least=5)
    (changed,) = run(sqlite, graph, analyst)
    assert (changed.file, changed.rows) == ("changed", 2)
    path.unlink()
    (gone,) = run(sqlite, graph, analyst)
    assert (gone.file, gone.rows) == ("gone", 2)


def test_a_run_that_is_cut_off_says_so(sqlite: Ledger, graph: Store, analyst: Actor) -> None:
    people(graph, "p1", "p2")
    alert(sqlite, analyst, limit=1)
    (cut,) = run(sqlite, graph, analyst)
    assert (cut.rows, cut.truncated) == (1, True)


def test_names_and_schedules_are_checked(sqlite: Ledger, analyst: Actor) -> None:
    kept = alert(sqlite, analyst)
    for options, why in (
        ({"name": kept.name}, "already"),
        ({"name": " "}, "printable"),
        ({"name": "other", "every": "minute"}, "hour, day, week, month"),
        ({"name": "other", "parameters": {"grace_days": -1}}, "grace_days"),
        ({"name": "other", "webhook": "http://example.test/"}, "https"),
    ):
        with pytest.raises(RingfenceError, match=why):
            alert(sqlite, analyst, **options)
    remove_alert(sqlite, analyst, kept.alert_id)
    again = alert(sqlite, analyst)
    assert again.alert_id != kept.alert_id
    with reading(sqlite) as connection:
        assert [each.alert_id for each in alerts(connection)] == [again.alert_id]
        with pytest.raises(RingfenceError, match=f"no alert 'nothing'; there are '{again.name}'"):
            find_alert(connection, "nothing")


WORK = """
import os, signal, sys
from contextlib import contextmanager
from pathlib import Path
from casework import alert_runs
from casework.audit import Actor
from casework.ledger import open_ledger
from graph.store import open_store
from ingest.workspace import Workspace

root, die, *address = sys.argv[1:]
environ = {"RINGFENCE_LEDGER": address[0]} if address else {}
workspace = Workspace(Path(root))

def killed(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

if die == "before it is kept":
    alert_runs._keep = killed
elif die == "in the transaction":
    alert_runs.append = killed
elif die == "wait":
    def held(*_, **__):
        print("holding", flush=True)
        sys.stdin.readline()
    alert_runs._run = held

@contextmanager
def graph():
    with open_store(workspace, environ={}) as store:
        yield store

with open_ledger(workspace, environ=environ) as ledger:
    alert_runs.run_alerts(ledger, graph, Actor(name="killed"))
    if die == "before it is told":
        killed()
"""


def working(ledger: Ledger, environ: dict[str, str], die: str) -> subprocess.Popen[str]:
    words = [str(ledger.workspace.root), die, *environ.values()]
    return subprocess.Popen(  # noqa: S603 - our own python
        [sys.executable, "-c", WORK, *words],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ledger_environ", "die"),
    [
        ("sqlite", "before it is kept"),
        ("sqlite", "in the transaction"),
        ("sqlite", "before it is told"),
        ("postgresql", "in the transaction"),
    ],
    indirect=["ledger_environ"],
)
def test_a_run_that_is_killed_loses_nothing_and_doubles_nothing(
    ledger: Ledger,
    ledger_environ: dict[str, str],
    graph: Store,
    analyst: Actor,
    die: str,
) -> None:
    people(graph, "p1")
    with receiving() as receiver:
        alert(ledger, analyst, webhook=receiver.url)
        run(ledger, graph, analyst)
        people(graph, "p1", "p2", "p3")
        process = working(ledger, ledger_environ, die)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        assert told(ledger, run(ledger, graph, analyst)) == ["P-p2", "P-p3"]
        assert told(ledger, run(ledger, graph, analyst)) == []
        assert len(listed(ledger)) == 2
        deliver(ledger, analyst, WEBHOOKS)
        assert [json.loads(got.body)["new"] for got in receiver.received] == [2]


@pytest.mark.slow
def test_one_process_at_a_time_runs_alerts(
    ledger: Ledger, ledger_environ: dict[str, str], graph: Store, analyst: Actor
) -> None:
    people(graph, "p1")
    alert(ledger, analyst)
    other = working(ledger, ledger_environ, "wait")
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "holding\n"
        with pytest.raises(RingfenceError, match="wait until it ends"):
            run(ledger, graph, analyst)
    finally:
        os.kill(other.pid, signal.SIGKILL)
        other.communicate()
    # The system freed what the dead process held.
    assert [each.state for each in run(ledger, graph, analyst)] == ["baseline"]


def test_news_found_by_two_at_once_is_listed_once(
    ledger: Ledger, graph: Store, analyst: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if the lock between processes did not hold."""
    monkeypatch.setattr("casework.alert_runs.alone", lambda _: nullcontext())
    people(graph, "p1")
    alert(ledger, analyst)
    run(ledger, graph, analyst)
    people(graph, "p1", "p2")
    keep, inside = alert_runs._keep, []

    def twice(*words: Any) -> bool:
        if not inside:
            inside.append(True)
            run(ledger, graph, analyst)
        return keep(*words)

    monkeypatch.setattr(alert_runs, "_keep", twice)
    assert told(ledger, run(ledger, graph, analyst)) == ["P-p2"]
    assert len(listed(ledger)) == 1


def news_to_send(ledger: Ledger, graph: Store, analyst: Actor, url: str) -> list[Ran]:
    people(graph, "p1")
    alert(ledger, analyst, "去世后结算", webhook=url)
    run(ledger, graph, analyst)
    people(graph, "p1", "p2", "p3")
    return run(ledger, graph, analyst)


def test_a_message_holds_counts_and_pseudonyms_only(
    sqlite: Ledger, graph: Store, analyst: Actor
) -> None:
    with receiving([503, 503, 200]) as receiver:
        (ran,) = news_to_send(sqlite, graph, analyst, receiver.url)
        (sent,) = deliver(sqlite, analyst, WEBHOOKS)
        assert (sent.error, sent.receiver) == (None, receiver.url.partition("/hook")[0])
        assert deliver(sqlite, analyst, WEBHOOKS) == []
    assert len(receiver.received) == 3  # failed twice, taken at the third
    got = receiver.received[-1]
    assert documented()(got.headers, got.body, KEY.encode(), now=int(got.headers[TIMESTAMP]))
    assert got.headers[SIGNATURE].startswith("v1=")
    body = json.loads(got.body)
    assert set(body) == {
        *("version", "delivery", "alert", "at", "new", "rows", "truncated", "hits"),
    }
    assert body["delivery"] == got.headers[DELIVERY] == sent.delivery_id
    assert (body["alert"], body["new"], body["rows"]) == ("去世后结算", 2, 3)
    assert body["hits"] == [news.pseudonym for news in ran.news]
    assert all(name.startswith("H-") and len(name) == 18 for name in body["hits"])
    for secret in (b"P-p2", b"p2-0", b"person_id", AFTER_DEATH.name.encode()):
        assert secret not in got.body
    page = (ROOT / "docs" / "alerts.md").read_text("utf-8")
    assert all(f"| `{field}` |" in page for field in body)
    assert all(f"`{name}`" in page for name in (DELIVERY, TIMESTAMP, SIGNATURE))


def test_a_baseline_and_a_quiet_run_send_nothing(
    sqlite: Ledger, graph: Store, analyst: Actor
) -> None:
    with receiving() as receiver:
        people(graph, "p1")
        alert(sqlite, analyst, webhook=receiver.url)
        run(sqlite, graph, analyst)
        run(sqlite, graph, analyst)
        assert deliver(sqlite, analyst, WEBHOOKS) == []
    assert receiver.received == []


def test_what_was_not_taken_waits_and_is_sent_again_as_the_same_message(
    sqlite: Ledger, graph: Store, analyst: Actor
) -> None:
    with receiving([0]) as receiver:
        news_to_send(sqlite, graph, analyst, receiver.url)
        (failed,) = deliver(sqlite, analyst, WEBHOOKS)
        assert failed.error == "ReadTimeoutError"
        with reading(sqlite) as connection:
            assert waiting(connection) == 1
        receiver.answers[:] = [200]
        (sent,) = deliver(sqlite, analyst, WEBHOOKS)
        assert sent.error is None
        assert len({got.headers[DELIVERY] for got in receiver.received}) == 1
        assert len({got.body for got in receiver.received}) == 1
    with reading(sqlite) as connection:
        assert waiting(connection) == 0
        rows = [row for row in entries(connection) if row.object_class == "delivery"]
        queued = [row.export_hash for row in entries(connection) if row.action == "alert.ran"]
        kept = connection.execute(select(alert_deliveries.c.tries)).scalar_one()
    assert [row.action for row in rows] == ["alert.not_delivered", "alert.delivered"]
    assert {row.export_hash for row in rows} == set(queued)
    assert "token" not in "".join(row.details for row in rows)
    assert kept == 2


def test_a_receiver_that_is_down_costs_one_attempt_and_keeps_no_other_waiting(
    sqlite: Ledger, graph: Store, analyst: Actor
) -> None:
    with receiving([404]) as down, receiving() as up:
        people(graph, "p1")
        for name, url in (("a", down.url), ("b", down.url), ("c", up.url)):
            alert(sqlite, analyst, name, webhook=url)
        run(sqlite, graph, analyst)
        people(graph, "p1", "p2")
        run(sqlite, graph, analyst)
        assert [(each.alert, each.error) for each in deliver(sqlite, analyst, WEBHOOKS)] == [
            ("a", "HTTP 404"),
            ("c", None),
        ]
        assert (len(down.received), len(up.received)) == (1, 1)
        remove_alert(sqlite, analyst, "a")
        with reading(sqlite) as connection:
            assert waiting(connection) == 1  # b's; what was removed is not sent any more


def test_the_same_hit_has_the_same_pseudonym_here_and_another_elsewhere(
    sqlite: Ledger, graph: Store, analyst: Actor
) -> None:
    (ran,) = news_to_send(sqlite, graph, analyst, "https://example.test/")
    names = [news.pseudonym for news in ran.news]
    assert len(set(names)) == 2
    with open_ledger(sqlite.workspace, environ={}) as again:
        (same,) = run(again, graph, analyst)
    assert [news.pseudonym for news in same.news] == names
    sqlite.workspace.key_file.unlink()
    (other,) = run(sqlite, graph, analyst)
    assert not {news.pseudonym for news in other.news} & set(names)


def test_what_an_alert_found_stays_when_it_is_removed(
    sqlite: Ledger, graph: Store, analyst: Actor
) -> None:
    news_to_send(sqlite, graph, analyst, "https://example.test/")
    remove_alert(sqlite, analyst, "去世后结算")
    with reading(sqlite) as connection:
        assert connection.execute(select(func.count()).select_from(alert_seen)).scalar_one() == 3
    assert run(sqlite, graph, analyst) == []
