"""The tools on the graph: every one as every role, and views only where case and ring are seen."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import casework
from casework import alert_runs, alerts, exports, questions, ring_hits, saved_filters, views
from casework.audit import Actor, entries
from casework.leads import take_in
from casework.ledger import Ledger, reading
from casework.rights import ROLES, NotFound, Officer
from casework.tool_rights import TOOLS
from graph.ask import Answer
from ingest.errors import RingfenceError
from tests.casework.county import AFTER_DEATH
from tests.casework.office import (
    ANALYST,
    DISCIPLINE,
    INES,
    IVO,
    LIN,
    OTHER,
    SUE,
    UNIT,
    Ring,
    case,
    county,
    log,
    officer,
    write_run,
)

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "casework.md"
NO_TOOL = {
    "questions.record_refused",  # what ask_motif writes down of itself
    "accounts_clients.note_call",  # what the interface for other systems writes down
    "deliveries.deliver",  # sends what waits; it is asked for nothing and tells nothing of a county
}


def call(ledger: Ledger, who: Actor, function: str, view_id: str, case_id: str) -> Any:
    """Call a tool; those that go on to a graph meet none, which is no refusal."""
    nothing: Any = None
    calls: dict[str, Callable[[], Any]] = {
        "views.make_view": lambda: views.make_view(ledger, who, "d", title="t"),
        "views.save_view": lambda: views.save_view(ledger, who, view_id, "d", revision=1),
        "views.load_view": lambda: views.load_view(ledger, who, view_id),
        "views.revision_of": lambda: views.revision_of(ledger, who, view_id),
        "views.list_views": lambda: views.list_views(ledger, who),
        "views.note_picture": lambda: views.note_picture(ledger, who, view_id, nodes=1),
        "questions.ask_motif": lambda: questions.ask_motif(
            ledger, nothing, AFTER_DEATH, who, case_id=case_id, parameters={"no such": 1}
        ),
        "questions.ask_text": lambda: questions.ask_text(ledger, nothing, "RETURN 1", who),
        "questions.record_check": lambda: questions.record_check(ledger, who, Path("absent")),
        "exports.export_hits": lambda: exports.export_hits(
            ledger, who, asked(), Path("absent") / "folder" / "hits.csv", format="csv"
        ),
        "saved_filters.save_filter": lambda: saved_filters.save_filter(
            ledger, who, f"of {who.name}", {"new": "1"}
        ),
        "saved_filters.list_filters": lambda: saved_filters.list_filters(ledger, who),
        "saved_filters.rename_filter": lambda: saved_filters.rename_filter(
            ledger, who, own_filter(ledger, who), "renamed"
        ),
        "saved_filters.remove_filter": lambda: saved_filters.remove_filter(
            ledger, who, own_filter(ledger, who)
        ),
        "alerts.make_alert": lambda: alerts.make_alert(
            ledger, who, AFTER_DEATH, name="a", every="never"
        ),
        "alerts.remove_alert": lambda: alerts.remove_alert(ledger, who, "absent"),
        "alert_runs.run_alerts": lambda: alert_runs.run_alerts(ledger, nothing, who),
        "ring_hits.attach": lambda: ring_hits.attach(ledger, who, "absent", 1, ring_of(who)),
        "ring_hits.read_hits": lambda: ring_hits.read_hits(ledger, who, ring_of(who)),
    }
    return calls[function]()


def asked() -> questions.Asked:
    """Return an answer that names nobody."""
    answer = Answer(columns=("person_id",), rows=(), truncated=False, seconds=0.0)
    return questions.Asked(run_id="Q-1", motif=AFTER_DEATH, parameters={}, answer=answer)


def own_filter(ledger: Ledger, who: Actor) -> str:
    """Return a filter of this person, made as the local user of that name."""
    local = Actor(name=who.name)
    return saved_filters.save_filter(ledger, local, "f", {"new": "1"}).filter_id


def ring_of(who: Actor) -> str:
    return "R-inside" if who.role == "liaison" else "R-plain"


def refused(ledger: Ledger, who: Actor, function: str, view_id: str, case_id: str) -> bool:
    try:
        call(ledger, who, function, view_id, case_id)
    except NotFound:
        return True
    except (RingfenceError, AttributeError, OSError):
        return False  # it was let in, and met what is not there
    return False


@pytest.mark.parametrize("function", TOOLS)
def test_every_role_meets_what_the_table_says(sqlite: Ledger, function: str) -> None:
    county(sqlite)
    plain, inside = case(sqlite).case_id, case(sqlite, "R-inside").case_id
    for role in ROLES:
        name = {"investigator": "ines", "liaison": "lin"}.get(role, f"the {role}")
        who = officer(name, role, DISCIPLINE if role == "liaison" else UNIT)
        theirs = inside if role == "liaison" else plain
        wanted = views.make_view(sqlite, Actor(name=name), "d", title="t").view_id
        needed = theirs if role != "analyst" else None  # an analyst has no case, and needs none
        told = refused(sqlite, who, function, wanted, needed)  # type: ignore[arg-type]  # as told
        assert told is (role not in TOOLS[function]), role
    rows = [row for row in log(sqlite, "access.refused") if row.object_class == function]
    assert {row.role for row in rows} == set(ROLES) - TOOLS[function]
    local = Actor(name="local", role="investigator")
    assert not refused(sqlite, local, function, wanted, plain)


def test_every_tool_is_in_the_table_and_none_else() -> None:
    found = set()
    for module in pkgutil.iter_modules(casework.__path__):
        loaded = importlib.import_module(f"casework.{module.name}")
        for name, function in inspect.getmembers(loaded, inspect.isfunction):
            kinds = [p.annotation for p in inspect.signature(function).parameters.values()]
            ours = function.__module__ == loaded.__name__ and not name.startswith("_")
            if ours and kinds[:1] == [Ledger] and Actor in kinds:
                found.add(f"{module.name}.{name}")
    ours = {"views", "questions", "alerts", "alert_runs", "ring_hits", "deliveries"}
    ours |= {"exports", "saved_filters"}
    of_tools = {name for name in found if name.partition(".")[0] in ours}
    assert of_tools - NO_TOOL == set(TOOLS)


def test_views_are_seen_with_their_case_and_ring(ledger: Ledger) -> None:
    county(ledger)
    held, inside = case(ledger), case(ledger, "R-inside")
    made = {
        "of the case": views.make_view(ledger, INES, "d", title="t", case_id=held.case_id),
        "of the ring": views.make_view(ledger, ANALYST, "d", title="t", about="R-plain"),
        "inside": views.make_view(ledger, LIN, "d", title="t", about="R-inside"),
        "inside case": views.make_view(ledger, LIN, "d", title="t", case_id=inside.case_id),
        "own": views.make_view(ledger, INES, "d", title="t"),
    }
    seen: dict[Officer, set[str]] = {
        INES: {"of the case", "of the ring", "own"},
        IVO: {"of the case", "of the ring"},
        SUE: {"of the case", "of the ring"},
        ANALYST: {"of the ring"},
        LIN: {"inside", "inside case"},
        officer("lea", "liaison", UNIT): set(),
        officer("olga", "supervisor", OTHER): set(),
    }
    for who, names in seen.items():
        listed = {view.view_id for view in views.list_views(ledger, who)}
        assert listed == {made[name].view_id for name in names}, who.name
        for name, view in made.items():
            if name in names:
                assert views.load_view(ledger, who, view.view_id).title == "t"
                continue
            for use in (
                lambda who=who, view=view: views.load_view(ledger, who, view.view_id),
                lambda who=who, view=view: views.save_view(
                    ledger, who, view.view_id, "x", revision=1
                ),
                lambda who=who, view=view: views.revision_of(ledger, who, view.view_id),
            ):
                with pytest.raises(NotFound) as told:
                    use()
                assert view.view_id in str(told.value)
    assert len(views.list_views(ledger, Actor(name="local"))) == len(made)
    for who, where in ((SUE, {"about": "R-inside"}), (IVO, {"case_id": inside.case_id})):
        with pytest.raises(NotFound):
            views.make_view(ledger, who, "d", title="t", **where)
    assert views.load_view(ledger, LIN, made["inside"].view_id).document == "d"


def test_a_view_is_lost_with_its_lead(ledger: Ledger) -> None:
    county(ledger)
    view = views.make_view(ledger, ANALYST, "d", title="t", about="R-plain")
    write_run(
        ledger.workspace, Ring(ring_id="R-plain", staff={"S-9": "handler"}), staff={"S-9": "agency"}
    )
    take_in(ledger, ANALYST)
    with pytest.raises(NotFound):
        views.load_view(ledger, ANALYST, view.view_id)
    assert views.load_view(ledger, LIN, view.view_id).document == "d"


def test_an_investigator_asks_for_a_case_of_theirs(sqlite: Ledger) -> None:
    county(sqlite)
    nothing: Any = None
    held, inside = case(sqlite).case_id, case(sqlite, "R-inside").case_id
    wrong = {"no such": 1}
    for case_id in (None, inside, "K-absent"):
        with pytest.raises(NotFound):
            questions.ask_motif(sqlite, nothing, AFTER_DEATH, INES, case_id=case_id)
    with pytest.raises(RingfenceError, match="no such"):
        questions.ask_motif(sqlite, nothing, AFTER_DEATH, INES, case_id=held, parameters=wrong)
    assert log(sqlite, "motif.refused")[0].who == "ines"


def test_hits_stand_beside_rings_that_are_seen(sqlite: Ledger) -> None:
    county(sqlite)
    inside, plain = "R-inside", "R-plain"
    for who, ring in ((ANALYST, inside), (SUE, inside), (LIN, plain), (INES, plain)):
        with pytest.raises(NotFound):
            ring_hits.read_hits(sqlite, who, ring)
    assert ring_hits.read_hits(sqlite, SUE, "R-plain") == []
    assert ring_hits.read_hits(sqlite, LIN, "R-inside") == []


def test_a_filter_is_its_owners_alone(ledger: Ledger) -> None:
    first = saved_filters.save_filter(ledger, SUE, " large ones ", {"loss": "10000~"})
    assert (first.name, dict(first.query)) == ("large ones", {"loss": "10000~"})
    saved_filters.save_filter(ledger, IVO, "large ones", {"loss": "5~"})
    second = saved_filters.save_filter(ledger, SUE, "a new name", {"new": "1", "kind": "mixed"})
    held = saved_filters.list_filters(ledger, SUE)
    assert [(one.name, dict(one.query)) for one in held] == [
        ("a new name", {"new": "1", "kind": "mixed"}),
        ("large ones", {"loss": "10000~"}),
    ]
    again = saved_filters.save_filter(ledger, SUE, "large ones", {"loss": "20000~"})
    assert again.filter_id == first.filter_id
    renamed = saved_filters.rename_filter(ledger, SUE, first.filter_id, "the largest")
    assert (renamed.name, dict(renamed.query)) == ("the largest", {"loss": "20000~"})
    with pytest.raises(RingfenceError, match="Another of your filters is called 'the largest'"):
        saved_filters.rename_filter(ledger, SUE, second.filter_id, "the largest")
    for use in (
        lambda: saved_filters.rename_filter(ledger, IVO, first.filter_id, "mine now"),
        lambda: saved_filters.remove_filter(ledger, IVO, first.filter_id),
        lambda: saved_filters.remove_filter(ledger, Actor(name="local"), first.filter_id),
    ):
        with pytest.raises(NotFound):
            use()
    saved_filters.remove_filter(ledger, SUE, first.filter_id)
    assert [one.name for one in saved_filters.list_filters(ledger, SUE)] == ["a new name"]
    assert [one.name for one in saved_filters.list_filters(ledger, IVO)] == ["large ones"]
    with reading(ledger) as connection:
        told = [row.action for row in entries(connection) if row.object_class == "filter"]
    assert told == ["filter.saved"] * 4 + ["filter.renamed", "filter.removed"]


@pytest.mark.parametrize(
    ("name", "query", "why"),
    [
        ("  ", {"new": "1"}, "expected 1 to 60 printable characters"),
        ("x" * 61, {"new": "1"}, "expected 1 to 60 printable characters"),
        ("all", {}, "would filter nothing"),
    ],
)
def test_a_filter_without_a_name_or_a_condition_is_refused(
    sqlite: Ledger, name: str, query: dict[str, str], why: str
) -> None:
    with pytest.raises(RingfenceError, match=why):
        saved_filters.save_filter(sqlite, SUE, name, query)
    assert saved_filters.list_filters(sqlite, SUE) == []


def test_a_filter_is_no_view_of_the_canvas(sqlite: Ledger) -> None:
    county(sqlite)
    kept = saved_filters.save_filter(sqlite, SUE, "new ones", {"new": "1"})
    view = views.make_view(sqlite, SUE, "d", title="new ones")
    assert [one.view_id for one in views.list_views(sqlite, SUE)] == [view.view_id]
    with pytest.raises(NotFound):
        views.load_view(sqlite, SUE, kept.filter_id)
    assert [one.name for one in saved_filters.list_filters(sqlite, SUE)] == ["new ones"]
