"""The tools on the graph: every one as every role, and views only where case and ring are seen."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import casework
from casework import alert_runs, alerts, questions, ring_hits, views
from casework.audit import Actor
from casework.leads import take_in
from casework.ledger import Ledger
from casework.rights import ROLES, NotFound, Officer
from casework.tool_rights import TOOLS
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
        "alerts.make_alert": lambda: alerts.make_alert(
            ledger, who, AFTER_DEATH, name="a", every="never"
        ),
        "alerts.remove_alert": lambda: alerts.remove_alert(ledger, who, "absent"),
        "alert_runs.run_alerts": lambda: alert_runs.run_alerts(ledger, nothing, who),
        "ring_hits.attach": lambda: ring_hits.attach(ledger, who, "absent", 1, ring_of(who)),
        "ring_hits.read_hits": lambda: ring_hits.read_hits(ledger, who, ring_of(who)),
    }
    return calls[function]()


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
        told = refused(sqlite, who, function, wanted, needed)  # type: ignore[arg-type] - as told
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
