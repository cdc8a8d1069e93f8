"""Who somebody is: masked, shown for a while, counted, never left anywhere in clear."""

import itertools
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from casework.decisions import SameHands
from casework.leads import take_in
from casework.ledger import Ledger, reading
from casework.reveals import (
    SUBJECTS_A_DAY,
    Reveal,
    approve_reveal,
    find_by_name,
    list_reveals,
    masked,
    return_reveal,
    reveal,
    shows,
)
from casework.reveals_values import mask
from casework.rights import NotFound, Officer, Refused
from casework.tables import metadata
from casework.tables_people import reveals
from ingest.errors import RingfenceError
from tests.casework.conftest import Clock
from tests.casework.office import (
    ANALYST,
    INES,
    LEO,
    LIN,
    SAM,
    SUE,
    Ring,
    case,
    details,
    log,
    write_run,
)
from tests.casework.people_extract import CROWD, SECRETS, imported


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace into which an extract of thirty people was really imported, to be copied."""
    return imported(tmp_path_factory.mktemp("reveals")).root


@pytest.fixture
def held(ledger: Ledger, county: Path) -> str:
    """A case with a ring of thirty people of an imported extract; return the case."""
    shutil.copytree(county, ledger.workspace.root, symlinks=True, dirs_exist_ok=True)
    write_run(
        ledger.workspace,
        Ring(ring_id="R-plain", people=CROWD),
        Ring(ring_id="R-inside", kind="mixed", people=("p1",), staff={"S-9": "handler"}),
    )
    take_in(ledger, ANALYST)
    return case(ledger).case_id


def ask(
    ledger: Ledger, who: Officer, case_id: str, key: str = "p1", fields: str = "identity"
) -> Reveal:
    return reveal(
        ledger,
        ledger.workspace,
        who,
        case=case_id,
        subject=("staff" if key.startswith("S") else "person", key),
        fields=fields,
        reason="contact",
        text="to be heard",
    )


def test_a_case_shows_masks(ledger: Ledger, held: str) -> None:
    shown = {one.entity_id: one for one in masked(ledger, ledger.workspace, INES, case=held)}
    assert set(shown) == set(CROWD)
    assert shown["p1"].values == {
        "psn_name": ("张*",),
        "certno": ("9901********4019",),
        "mob": ("139****1234",),
        "live_addr": ("澄江县一镇****",),
    }
    assert shown["p1"].fields == ("identity", "contact")
    assert set(shown["p2"].values) == {"psn_name", "certno"}
    assert not any(secret in repr(shown) for secret in SECRETS)
    assert log(ledger, "identity.masked")[-1].count == len(CROWD)


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        ("psn_name", "欧阳修", "欧*"),
        ("certno", "12345", "********"),
        ("mob", "5551234", "****"),
        ("bankacct", "6222021234567890", "****7890"),
        ("ssc_cardno", "A12345", "****"),
        ("live_addr", "云南省澄江市东街道9号", "云南省澄江市东街道****"),
        ("live_addr", "澄江县37号", "澄江县****"),
        ("live_addr", "37号", "****"),
    ],
)
def test_masks(column: str, value: str, shown: str) -> None:
    assert mask(column, value) == shown


def test_a_reveal_shows_one_group_of_one_subject_for_half_an_hour(
    ledger: Ledger, held: str, clock: Clock
) -> None:
    first = ask(ledger, INES, held)
    assert (first.state, dict(first.values)) == (
        "open",
        {"psn_name": (SECRETS[0],), "certno": (SECRETS[1],)},
    )
    (row,) = log(ledger, "identity.revealed")
    assert (row.who, row.case_id, row.purpose) == ("ines", held, "contact: to be heard")
    assert details(row) == {"entity": ["person", "p1"], "fields": "identity"}
    clock.now += timedelta(minutes=20)
    again = ask(ledger, INES, held)
    assert (again.reveal_id, again.until) == (first.reveal_id, first.until)
    assert shows(again, clock.now)
    clock.now += timedelta(minutes=11)
    assert not shows(again, clock.now)
    assert ask(ledger, INES, held).reveal_id != first.reveal_id
    contact = ask(ledger, INES, held, fields="contact")
    assert contact.values == {"mob": (SECRETS[2],), "live_addr": (SECRETS[3],)}
    assert len(log(ledger, "identity.revealed")) == 4
    assert all(not one.values for one in list_reveals(ledger, SUE, case=held))


def test_the_row_is_there_before_the_value_is_read(
    ledger: Ledger, held: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr("casework.reveals.clear_values", broken)
    with pytest.raises(OSError, match="gone"):
        ask(ledger, INES, held)
    assert len(log(ledger, "identity.revealed")) == 1


def test_no_clear_value_is_left_in_ledger_or_log(ledger: Ledger, held: str) -> None:
    masked(ledger, ledger.workspace, INES, case=held)
    ask(ledger, INES, held)
    found = find_by_name(
        ledger, ledger.workspace, INES, case=held, name=f" {SECRETS[0]} ", text="named in a letter"
    )
    assert found == [("person", "p1")]
    with reading(ledger) as connection:
        dump = "".join(
            repr(connection.execute(select(table)).all()) for table in metadata.sorted_tables
        )
    assert "to be heard" in dump
    assert [secret for secret in SECRETS if secret in dump] == []
    if ledger.engine.dialect.name == "sqlite":
        raw = b"".join(path.read_bytes() for path in ledger.workspace.root.glob("ledger*"))
        assert not any(secret.encode() in raw for secret in SECRETS)


def test_who_is_in_no_ring_of_the_case_is_not_there(ledger: Ledger, held: str) -> None:
    for who, key in ((INES, "p99"), (INES, "S-9"), (ANALYST, "p1"), (LIN, "p1")):
        with pytest.raises(NotFound):
            ask(ledger, who, held, key)
    for options in ({"fields": "account"}, {"fields": "everything"}):
        with pytest.raises(Refused, match="identity, contact"):
            ask(ledger, INES, held, **options)
    with pytest.raises(Refused, match="reason"):
        find_by_name(ledger, ledger.workspace, INES, case=held, name="x", text=" ")
    with pytest.raises(NotFound):
        find_by_name(ledger, ledger.workspace, ANALYST, case=held, name="x", text="y")
    assert find_by_name(ledger, ledger.workspace, INES, case=held, name="nobody", text="y") == []


def test_the_twenty_first_subject_of_a_day_waits_for_a_supervisor(
    ledger: Ledger, held: str, clock: Clock
) -> None:
    for key in itertools.islice(CROWD, SUBJECTS_A_DAY):
        assert ask(ledger, INES, held, key).values
    assert ask(ledger, INES, held, "p3").state == "open"  # shown today already
    late = ask(ledger, INES, held, "p25")
    assert (late.state, late.values, late.until) == ("waiting", {}, None)
    assert ask(ledger, INES, held, "p25").reveal_id == late.reveal_id
    with pytest.raises(NotFound):
        approve_reveal(ledger, INES, late.reveal_id)
    with pytest.raises(NotFound):
        approve_reveal(ledger, LIN, late.reveal_id)
    approve_reveal(ledger, SUE, late.reveal_id)
    approved = ask(ledger, INES, held, "p25")
    assert (approved.state, approved.decided_by) == ("approved", "sue")
    assert approved.values["psn_name"] == ("李四",)
    own = ask(ledger, SUE, held, "p26")
    with pytest.raises(SameHands):
        approve_reveal(ledger, SUE, own.reveal_id)
    assert return_reveal(ledger, SAM, own.reveal_id).state == "returned"
    with pytest.raises(Refused, match="anew"):
        approve_reveal(ledger, SAM, own.reveal_id)
    stale = ask(ledger, INES, held, "p27")
    clock.now += timedelta(days=1)
    with pytest.raises(Refused, match="anew"):
        approve_reveal(ledger, SUE, stale.reveal_id)
    assert ask(ledger, INES, held, "p27").state == "open"  # a new day


@pytest.mark.usefixtures("held")
def test_a_case_of_insiders_always_takes_two(ledger: Ledger) -> None:
    inside = case(ledger, "R-inside").case_id
    first = ask(ledger, LIN, inside, "S-9")
    assert (first.state, first.values) == ("waiting", {})
    with pytest.raises(SameHands):
        approve_reveal(ledger, LIN, first.reveal_id)
    with pytest.raises(NotFound):
        approve_reveal(ledger, SUE, first.reveal_id)
    approve_reveal(ledger, LEO, first.reveal_id)
    assert ask(ledger, LIN, inside, "S-9").values == {"name": (SECRETS[4],)}
    assert first.reveal_id not in {one.reveal_id for one in list_reveals(ledger, SUE)}
    with reading(ledger) as connection:
        assert len(connection.execute(select(reveals)).all()) == 1


def test_a_workspace_without_clear_values_says_so(sqlite: Ledger) -> None:
    write_run(sqlite.workspace, Ring(ring_id="R-plain"))
    take_in(sqlite, ANALYST)
    held = case(sqlite).case_id
    with pytest.raises(RingfenceError, match="no clear values"):
        masked(sqlite, sqlite.workspace, INES, case=held)
