"""Insiders: a payee of strangers that meets one handler, and what looks like it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from detectors import insiders
from detectors.candidates import OTHERS
from detectors.insiders_claims import offices
from detectors.tallies import upper_tail
from ingest.texts import say
from tests.detectors.alone import found, members, parties
from tests.world import NOON, ManualClaim, Person, StaffMember, World

DESKS = ("K1", "K2", "K3")


def claim(number: int, who: str, desk: str, **more) -> ManualClaim:
    return ManualClaim(
        setl_id=f"M{number:04}",
        patient=who,
        account=more.pop("account", f"B-{who}"),
        creator=desk,
        reviewer=more.pop("reviewer", "R1"),
        invoice=f"{number * 7919 % 1_000_003:08}",
        at=NOON + timedelta(days=number % 90, hours=number % 5 - 2),
        amount=Decimal("1200.00") + 37 * (number % 41),
        **more,
    )


def office(desks: tuple[str, ...] = DESKS, *, seed: int = 1) -> World:
    """Return one office: 150 people, each paid on an account of one's own, at any desk."""
    draw = np.random.default_rng(seed)
    claims = [claim(n, f"p{n:03}", desks[draw.integers(len(desks))]) for n in range(150)]
    people = [Person(person=f"p{n:03}", address=f"L-{n:03}") for n in range(150)]
    people += [Person(person=f"q{n:02}", address=f"L-q{n:02}") for n in range(12)]
    return World(persons=tuple(people), manual_claims=tuple(claims))


def with_payee(world: World, desks: tuple[str, ...], **more) -> World:
    """Return the world with twelve strangers paid on one account, at these desks in turn."""
    extra = [
        claim(1000 + 7 * n, f"q{n:02}", desks[n % len(desks)], **{"account": "B-X"} | more)
        for n in range(12)
    ]
    return replace(world, manual_claims=(*(world.manual_claims or ()), *extra))


def test_a_payee_of_strangers_that_meets_one_handler_is_found(tmp_path):
    world = with_payee(office(), ("K2",))
    got = found(insiders, world, tmp_path)
    assert len(got) == 1
    assert members(world, got) == {f"q{n:02}" for n in range(12)}
    assert parties(got) == {("K2", "handler"), ("B-X", "payee")}
    assert got.p_value[0] * got.tests <= 0.05
    assert sorted(got.settlements["setl_id"].to_pylist()) == [f"M{1000 + 7 * n}" for n in range(12)]
    trips, expected = (values[0] for values in got.signs["insider_trips"])
    assert trips == 12
    assert 2 < expected < 6
    assert got.honest["one_desk"][0] < 0.5
    assert {sign.name for sign in insiders.SIGNS} == set(got.signs)


def test_an_agent_is_a_channel_too_and_a_reviewer_a_handler(tmp_path):
    world = office()
    people = tuple(
        replace(c, reviewer="R1" if n % 2 else "R2")
        for n, c in enumerate(world.manual_claims or ())
    )
    world = with_payee(
        replace(world, manual_claims=people), DESKS, account=None, agent="G-9", reviewer="R2"
    )
    got = found(insiders, world, tmp_path)
    assert parties(got) == {("R2", "reviewer"), ("G-9", "agent")}


def test_a_reviewer_of_two_rings_is_a_party_of_both_and_joins_neither(tmp_path):
    draw = np.random.default_rng(3)
    people = tuple(Person(person=f"p{n:03}", address=f"L-{n:03}") for n in range(240))
    ordinary = [
        claim(n, f"p{n:03}", f"K{draw.integers(4)}", reviewer=f"R{draw.integers(4)}")
        for n in range(200)
    ]
    rings = [
        claim(1000 + n, f"p{200 + n:03}", desk, account=account, reviewer="R1")
        for n, (desk, account) in enumerate([("K1", "B-X")] * 20 + [("K2", "B-Y")] * 20)
    ]
    world = World(persons=people, manual_claims=(*ordinary, *rings))
    got = found(insiders, world, tmp_path)
    groups = {frozenset(members(world, got, gid)) for gid in range(len(got))}
    first, second = (
        frozenset(f"p{200 + n:03}" for n in range(*ends)) for ends in ((20,), (20, 40))
    )
    assert groups == {first, second}
    rows = got.others.to_pylist()
    assert {row["gid"] for row in rows if row["entity_id"] == "R1"} == {0, 1}


def test_a_payee_whose_claims_go_to_every_desk_is_not_found(tmp_path):
    assert len(found(insiders, with_payee(office(), DESKS), tmp_path)) == 0


def test_where_one_person_registers_everything_concentration_says_nothing(tmp_path):
    got = found(insiders, with_payee(office(("K1",)), ("K1",)), tmp_path)
    assert len(got) == 0


def test_many_small_accounts_are_seen_jointly_where_registrar_and_reviewer_agree(tmp_path):
    """Six accounts of two strangers each, all through K2 and R2; one account of kin elsewhere."""
    world = office()
    dealt = tuple(
        replace(c, reviewer=f"R{1 + (n // 3) % 3}") for n, c in enumerate(world.manual_claims or ())
    )
    small = with_payee(replace(world, manual_claims=dealt), ("K2",), reviewer="R2")
    claims = small.manual_claims or ()
    claims = tuple(
        replace(c, account=f"B-X{int((c.patient or '')[1:]) % 6}") if c.account == "B-X" else c
        for c in claims
    )
    kin = tuple(replace(c, account="B-kin") if c.patient in ("p000", "p001") else c for c in claims)
    got = found(insiders, replace(small, manual_claims=kin), tmp_path)
    assert len(got) == 1
    assert members(small, got) == {f"q{n:02}" for n in range(12)}
    assert {("K2", "handler"), ("R2", "reviewer")} <= parties(got)
    assert len([name for name, role in parties(got) if role == "payee"]) == 6
    assert got.honest["paid_own"][0] == 0


def test_a_helper_at_the_same_desk_is_apart_from_the_ring_and_explained(tmp_path):
    """An agent always comes to K2, where a ring is paid too; her claimants have own accounts."""
    world = with_payee(office(), ("K2",))
    helped = [claim(2000 + 7 * n, f"p{n:03}", "K2", agent="G-9") for n in range(15)]
    world = replace(world, manual_claims=(*(world.manual_claims or ()), *helped))
    got = found(insiders, world, tmp_path)
    channels = [{name for name, role in parties(got, g) if role != "handler"} for g in range(2)]
    assert len(got) == 2
    assert sorted(channels, key=sorted) == [{"B-X"}, {"G-9"}]
    assert got.honest["paid_own"][channels.index({"G-9"})] == 1
    assert got.honest["paid_own"][channels.index({"B-X"})] == 0


def test_a_specialist_desk_explains_itself(tmp_path):
    """K4 registers all claims of one reason, and a helper brings such claims all year."""
    world = office()
    far = [claim(300 + n, f"p{n:03}", "K4") for n in range(60)]
    helped = with_payee(world, ("K4",), account=None, agent="G-9")
    helped = replace(helped, manual_claims=(*(helped.manual_claims or ()), *far))

    def reasons(space):
        path = space.table("manual_claims")
        table = pq.read_table(path)
        reason = ["03" if desk == "K4" else "01" for desk in table["crter_id"].to_pylist()]
        place = table.schema.get_field_index("manl_reim_rea")
        pq.write_table(table.set_column(place, "manl_reim_rea", pa.array(reason)), path)

    (tmp_path / "without").mkdir()
    without = found(insiders, helped, tmp_path / "without")
    assert parties(without) == {("K4", "handler"), ("G-9", "agent")}
    (tmp_path / "with").mkdir()
    assert len(found(insiders, helped, tmp_path / "with", edit=reasons)) == 0


@pytest.mark.parametrize("bundle", [True, False])
def test_one_trip_and_one_home_are_one(tmp_path, bundle):
    world = with_payee(office(), ("K1",))
    claims = world.manual_claims or ()
    if bundle:  # a helper brings twelve claims on one day
        claims = tuple(replace(c, at=NOON) if c.account == "B-X" else c for c in claims)
        people = world.persons
    else:  # kin in two homes
        people = tuple(
            replace(p, address=f"L-kin{int(p.person[1:]) % 2}") if p.person[0] == "q" else p
            for p in world.persons
        )
    got = found(insiders, replace(world, manual_claims=claims, persons=people), tmp_path)
    assert len(got) == 0


def test_without_claims_nothing_is_looked_at(tmp_path):
    got = found(insiders, World(persons=(Person(person="a"),)), tmp_path)
    assert (len(got), got.tests) == (0, 0.0)
    assert got.others.schema == OTHERS


def test_a_staff_account_shows(tmp_path):
    world = with_payee(office(), ("K2",))
    world = replace(world, staff=(StaffMember(staff="K2", account="B-X"),))
    got = found(insiders, world, tmp_path)
    assert [values[0] for values in got.signs["insider_staff_tie"]] == [1.0, 0.0]


def test_handlers_dealt_at_random_stay_below_the_rate(tmp_path):
    """Null: ten shared payees whose claims meet any handler; about none is beyond chance."""
    raised = proposed = 0
    for seed in range(4):
        draw = np.random.default_rng([seed, 7])
        world = office(seed=seed)
        shared = [
            claim(500 + 13 * n, f"q{n % 12:02}", DESKS[draw.integers(3)], account=f"B-{n % 10}x")
            for n in range(80)
        ]
        world = replace(world, manual_claims=(*(world.manual_claims or ()), *shared))
        (tmp_path / str(seed)).mkdir()
        got = found(insiders, world, tmp_path / str(seed))
        assert got.tests >= 3
        proposed += len(got)
        raised += int((got.p_value * got.tests <= 0.05).sum())
    assert raised <= 1
    assert proposed <= 2


def test_offices_hold_together_under_random_reviewers_and_ignore_a_stray():
    draw = np.random.default_rng(3)
    registrar = np.array([f"K{draw.integers(6)}" for _ in range(900)], object)
    reviewer = np.array([f"R{draw.integers(15)}" for _ in range(900)], object)
    assert len(set(offices(registrar, reviewer))) == 1
    there = np.array(["L" + name for name in registrar], object)
    checked = np.array(["L" + name for name in reviewer], object)
    checked[0] = "R0"
    both = offices(np.r_[registrar, there], np.r_[reviewer, checked])
    assert len(set(both)) == 2


def test_the_tail_is_the_binomial_one():
    assert upper_tail(np.array([0.0]), np.array([5.0]), np.array([0.3]))[0] == 1.0
    assert np.isclose(upper_tail(np.array([5]), np.array([5]), np.array([0.3]))[0], 0.3**5)


def test_every_sign_has_words():
    for sign in insiders.SIGNS:
        assert say(f"measure.{sign.name}", "en", observed=0.5, expected=0.1)
        assert say(f"measure.name.{sign.name}", "zh")
    for name in insiders.HONEST:
        assert say(f"honest.name.{name}", "en")
        assert say(f"measure.honest_{name}", "zh", observed=0.5)
