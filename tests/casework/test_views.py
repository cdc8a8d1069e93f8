"""Saved views: kept by id, refused when stale, listed, noted in the audit log."""

from pathlib import Path

import pytest

from casework.audit import Actor, entries
from casework.ledger import open_ledger, reading
from casework.views import (
    LARGEST,
    StaleView,
    list_views,
    load_view,
    make_view,
    note_picture,
    revision_of,
    save_view,
)
from ingest.errors import RingfenceError
from ingest.workspace import Workspace

ANN, BOB = Actor(name="ann", role="investigator"), Actor(name="bob", role="supervisor")


def actions(ledger) -> list[tuple[str, str, str]]:
    with reading(ledger) as connection:
        return [
            (one.who, one.action, one.object)
            for one in entries(connection)
            if one.object_class == "view"
        ]


def test_a_view_comes_back_as_it_was_saved(ledger) -> None:
    made = make_view(ledger, ANN, '{"a":"社"}', title=" Pharmacy 7 ", case_id="K-1", about="R-1")
    saved = save_view(ledger, ANN, made.view_id, '{"a":2}', revision=1)
    assert (saved.revision, saved.title, saved.made_by) == (2, "Pharmacy 7", "ann")
    assert load_view(ledger, BOB, made.view_id) == saved
    assert revision_of(ledger, BOB, made.view_id).revision == 2
    renamed = save_view(ledger, BOB, made.view_id, '{"a":2}', revision=2, title="Both")
    assert (renamed.title, renamed.saved_by, renamed.made_by) == ("Both", "bob", "ann")


def test_whoever_is_slower_is_told_and_overwrites_nothing(ledger) -> None:
    view = make_view(ledger, ANN, "one", title="Shared")
    theirs = save_view(ledger, BOB, view.view_id, "two", revision=1)
    with pytest.raises(StaleView, match="saved by bob") as refused:
        save_view(ledger, ANN, view.view_id, "mine", revision=1)
    assert refused.value.current == theirs
    assert load_view(ledger, ANN, view.view_id).document == "two"


def test_what_is_not_there_or_cannot_be_kept_is_refused(ledger) -> None:
    with pytest.raises(RingfenceError, match="no view V-nothing"):
        load_view(ledger, ANN, "V-nothing")
    with pytest.raises(RingfenceError, match="no view V-nothing"):
        save_view(ledger, ANN, "V-nothing", "x", revision=1)
    with pytest.raises(RingfenceError, match="no view V-nothing"):
        note_picture(ledger, ANN, "V-nothing", nodes=1)
    for title in ("", "  ", "x" * 201, "a\nb"):
        with pytest.raises(RingfenceError, match="title of a view"):
            make_view(ledger, ANN, "x", title=title)
    with pytest.raises(RingfenceError, match="at most"):
        make_view(ledger, ANN, "x" * (LARGEST + 1), title="large")
    assert list_views(ledger, ANN) == []
    assert actions(ledger) == []


def test_the_list_is_newest_first_and_of_one_case(ledger) -> None:
    ids = [
        make_view(ledger, ANN, "x" * 1000, title=f"view {n}", case_id=f"K-{n % 2}").view_id
        for n in range(4)
    ]
    save_view(ledger, BOB, ids[0], "y", revision=1)
    listed = list_views(ledger, ANN)
    assert listed[0].view_id == ids[0]
    assert {view.view_id for view in listed} == set(ids)
    assert all(view.document == "" for view in listed)
    assert {view.view_id for view in list_views(ledger, ANN, case_id="K-1")} == {ids[1], ids[3]}
    assert len(list_views(ledger, ANN, limit=2)) == 2


def test_making_opening_and_taking_a_picture_are_in_the_audit_log(ledger) -> None:
    view = make_view(ledger, ANN, "x", title="one")
    save_view(ledger, ANN, view.view_id, "y", revision=1)
    load_view(ledger, BOB, view.view_id)
    note_picture(ledger, BOB, view.view_id, nodes=12)
    assert actions(ledger) == [
        ("ann", "view.made", view.view_id),
        ("bob", "view.opened", view.view_id),
        ("bob", "view.picture_exported", view.view_id),
    ]


def test_a_view_outlives_the_process_that_made_it(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "space")
    workspace.root.mkdir()
    with open_ledger(workspace, environ={}) as first:
        view = make_view(first, ANN, "kept", title="one")
    with open_ledger(workspace, environ={}) as second:
        assert load_view(second, ANN, view.view_id).document == "kept"
