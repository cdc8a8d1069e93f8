"""Accounts: one sentence for all refusals, growing pauses, sessions that end, a real provider."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from statistics import median
from time import perf_counter
from typing import Any

import pytest
from sqlalchemy import select

from casework import accounts_passwords
from casework.accounts import (
    MustChange,
    SessionOver,
    SignedIn,
    SignInRefused,
    change_password,
    change_role,
    create_account,
    exists,
    first_account,
    link_account,
    list_accounts,
    lock_account,
    officer_of,
    reset_password,
    sign_in,
    sign_in_claims,
    sign_out,
    unlock_account,
)
from casework.anchor import read_anchor
from casework.audit import entries, verify
from casework.ledger import Ledger, reading
from casework.rights import NotFound, Officer, Refused
from casework.tables_people import accounts, sessions
from tests.casework import provider
from tests.casework.conftest import Clock
from tests.casework.office import UNIT, details, log, officer

ROOT = officer("root", "administrator", "")
GOOD = "four plain words here"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash with less memory: what is tested here is not the strength, which has its own test."""
    hasher = accounts_passwords.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(accounts_passwords, "_HASHER", hasher)


def member(ledger: Ledger, name: str = "ines", role: str = "investigator") -> str:
    """Make an account whose password its owner has changed to GOOD; return its name."""
    given = create_account(ledger, ROOT, name=name, role=role, unit=UNIT, display=name.title())
    session = sign_in(ledger, name, given)
    change_password(ledger, session.token, given, GOOD)
    sign_out(ledger, session.token)
    return name


def refused(ledger: Ledger, name: str, password: str) -> str:
    with pytest.raises(SignInRefused) as error:
        sign_in(ledger, name, password)
    return str(error.value)


def why(ledger: Ledger) -> list[Any]:
    return [details(row)["why"] for row in log(ledger, "account.refused")]


def test_the_first_account_and_the_first_change(ledger: Ledger) -> None:
    assert not exists(ledger)
    given = first_account(ledger, " Root ", "")
    assert exists(ledger)
    with pytest.raises(Refused, match="accounts already"):
        first_account(ledger, "second", UNIT)
    session = sign_in(ledger, "ROOT", given)
    assert session.must_change
    assert session.officer == Officer(name="root", role="administrator", unit="")
    with pytest.raises(MustChange):
        officer_of(ledger, session.token)
    for wrong in ("short", "a" * 40, "i am the root of it", given):
        with pytest.raises(Refused, match="new password") as said:
            change_password(ledger, session.token, given, wrong)
        assert wrong not in str(said.value)
    change_password(ledger, session.token, given, GOOD)
    assert officer_of(ledger, session.token) == session.officer
    assert not sign_in(ledger, "root", GOOD).must_change
    refused(ledger, "root", given)


def test_nothing_that_opens_an_account_is_kept(ledger: Ledger) -> None:
    given = first_account(ledger, "root", "")
    session = sign_in(ledger, "root", given)
    refused(ledger, "a password typed as a name", "x")
    with reading(ledger) as connection:
        held = repr(connection.execute(select(accounts)).all())
        held += repr(connection.execute(select(sessions)).all())
        held += repr(list(entries(connection)))
    for secret in (given, session.token, "a password typed as a name"):
        assert secret not in held
    assert "$argon2id$" in held


def test_every_refusal_reads_the_same_and_is_in_the_log(ledger: Ledger, clock: Clock) -> None:
    member(ledger)
    late = create_account(ledger, ROOT, name="late", role="auditor", unit="", display="")
    said = {refused(ledger, "nobody", GOOD), refused(ledger, "ines", "wrong")}
    lock_account(ledger, ROOT, "ines", reason="left the office")
    said.add(refused(ledger, "ines", GOOD))
    clock.now += timedelta(days=8)
    said.add(refused(ledger, "late", late))
    assert len(said) == 1
    assert why(ledger) == ["unknown", "wrong_password", "locked", "lapsed"]
    with reading(ledger) as connection:
        assert verify(connection, read_anchor(ledger.anchor)).faults == ()


def test_pauses_grow_and_end(ledger: Ledger, clock: Clock) -> None:
    member(ledger)
    for _ in range(5):
        refused(ledger, "ines", "wrong")
    refused(ledger, "ines", GOOD)  # the right one too: a pause is a pause
    assert why(ledger)[-1] == "paused"
    clock.now += timedelta(seconds=61)
    refused(ledger, "ines", "wrong")
    clock.now += timedelta(seconds=61)
    refused(ledger, "ines", GOOD)
    assert why(ledger)[-2:] == ["wrong_password", "paused"]
    clock.now += timedelta(seconds=61)
    sign_in(ledger, "ines", GOOD)
    for _ in range(4):
        refused(ledger, "ines", "wrong")
    sign_in(ledger, "ines", GOOD)  # counted anew after a right one


def test_attempts_at_once_do_not_slip_past_the_pause(ledger: Ledger) -> None:
    member(ledger)
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda n: refused(ledger, "ines", f"wrong {n}"), range(12)))
    assert len(set(said)) == 1
    assert sorted(why(ledger)) == ["paused"] * 7 + ["wrong_password"] * 5


def test_a_pause_is_never_longer_than_an_hour_and_an_administrator_ends_it(
    sqlite: Ledger, clock: Clock
) -> None:
    member(sqlite)
    for _ in range(30):
        refused(sqlite, "ines", "wrong")
        clock.now += timedelta(hours=1, seconds=1)
    refused(sqlite, "ines", "wrong")
    refused(sqlite, "ines", GOOD)
    unlock_account(sqlite, ROOT, "ines")
    sign_in(sqlite, "ines", GOOD)


def test_a_session_ends_by_idleness_by_age_by_lock_and_by_leaving(
    ledger: Ledger, clock: Clock
) -> None:
    member(ledger)

    def begin() -> SignedIn:
        return sign_in(ledger, "ines", GOOD)

    def over(session: SignedIn) -> bool:
        try:
            officer_of(ledger, session.token)
        except SessionOver:
            return True
        return False

    idle, busy = begin(), begin()
    for _ in range(3):
        clock.now += timedelta(minutes=20)
        assert not over(busy)
    assert over(idle)
    for _ in range(28):
        clock.now += timedelta(minutes=20)
        last = over(busy)
    assert last  # used all the time, but ten hours old
    left, locked, changed = begin(), begin(), begin()
    sign_out(ledger, left.token)
    sign_out(ledger, left.token)
    assert over(left)
    assert not over(locked)
    change_role(ledger, ROOT, "ines", role="supervisor", unit="district-2")
    assert over(changed)
    again = begin()
    assert officer_of(ledger, again.token) == officer("ines", "supervisor", "district-2")
    lock_account(ledger, ROOT, "ines", reason="r")
    assert over(again)
    assert over(SignedIn(token="", officer=ROOT, must_change=False, expires=clock()))


def test_a_changed_or_reset_password_ends_the_other_sessions(ledger: Ledger) -> None:
    member(ledger)
    here, elsewhere = sign_in(ledger, "ines", GOOD), sign_in(ledger, "ines", GOOD)
    with pytest.raises(SignInRefused):
        change_password(ledger, here.token, "wrong", "another of these")
    change_password(ledger, here.token, GOOD, "another of these")
    officer_of(ledger, here.token)
    with pytest.raises(SessionOver):
        officer_of(ledger, elsewhere.token)
    given = reset_password(ledger, ROOT, "ines")
    with pytest.raises(SessionOver):
        officer_of(ledger, here.token)
    assert sign_in(ledger, "ines", given).must_change


def test_the_administrator_manages_and_cannot_lock_everybody_out(ledger: Ledger) -> None:
    first_account(ledger, "root", "")
    member(ledger)
    listed = {one.name: one for one in list_accounts(ledger, ROOT)}
    assert (listed["ines"].role, listed["ines"].must_change) == ("investigator", False)
    with pytest.raises(Refused, match="last administrator"):
        lock_account(ledger, ROOT, "root", reason="r")
    with pytest.raises(Refused, match="last administrator"):
        change_role(ledger, ROOT, "root", role="auditor", unit="")
    for options in (
        {"name": "INES", "role": "analyst"},
        {"name": "new", "role": "emperor"},
        {"name": "new", "role": "analyst", "unit": " "},
        {"name": " ", "role": "analyst"},
    ):
        given = {"unit": UNIT, "display": "", **options}
        with pytest.raises(Refused):
            create_account(ledger, ROOT, **given)
    with pytest.raises(NotFound):
        lock_account(ledger, ROOT, "nobody", reason="r")


@pytest.mark.slow
def test_hashes_are_strong_and_time_tells_nothing_of_names(
    sqlite: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    assert accounts_passwords.NOBODY.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert not accounts_passwords.outdated(accounts_passwords.NOBODY)
    create_account(sqlite, ROOT, name="ines", role="analyst", unit=UNIT, display="")

    def seconds(name: str) -> float:
        began = perf_counter()
        refused(sqlite, name, "wrong")
        return perf_counter() - began

    pairs = [(seconds("ines"), seconds(f"nobody {n}")) for n in range(5)]
    known, unknown = (median(column) for column in zip(*pairs, strict=True))
    assert 0.4 < known / unknown < 2.5, (known, unknown)


@pytest.fixture(scope="module")
def agency() -> Iterator[provider.Provider]:
    """A real OIDC provider on this machine's loopback."""
    with provider.serve() as running:
        yield running


def test_whom_the_agency_signs_in(ledger: Ledger, agency: provider.Provider, clock: Clock) -> None:
    clock.now = provider.now()
    member(ledger)
    claims = provider.signed_in(agency, "subject-7")
    assert (claims["iss"], claims["sub"]) == (agency.issuer, "subject-7")
    with pytest.raises(SignInRefused):
        sign_in_claims(ledger, claims)
    link_account(ledger, ROOT, "ines", issuer=agency.issuer, subject="subject-7")
    session = sign_in_claims(ledger, claims)
    assert (session.officer.name, session.must_change) == ("ines", False)
    assert officer_of(ledger, session.token) == session.officer
    for wrong in (
        {**claims, "sub": "subject-8"},
        {**claims, "iss": "https://elsewhere.test"},
        {**claims, "iat": claims["iat"] - 11 * 3600},
        {name: value for name, value in claims.items() if name != "iat"},
        {"email": "ines@agency.test"},
    ):
        with pytest.raises(SignInRefused):
            sign_in_claims(ledger, wrong)
    member(ledger, "ivo")
    with pytest.raises(Refused, match="linked"):
        link_account(ledger, ROOT, "ivo", issuer=agency.issuer, subject="subject-7")
    lock_account(ledger, ROOT, "ines", reason="r")
    with pytest.raises(SignInRefused):
        sign_in_claims(ledger, claims)
    assert why(ledger)[-1] == "locked"


def test_the_provider_refuses_a_code_twice_and_a_token_of_another_key(
    agency: provider.Provider,
) -> None:
    with pytest.raises(provider.NotSignedIn):
        provider.signed_in(agency, "subject-7", reuse=True)
    with pytest.raises(provider.NotSignedIn):
        provider.signed_in(agency, "subject-7", other_key=True)
