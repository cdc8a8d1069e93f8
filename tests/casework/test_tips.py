"""Tips: taken, tied to rings, answered in time; who told them is the business of the desk alone."""

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest
from sqlalchemy import select

from casework import informants, reveals, reveals_values, tips_holding, tips_rewards
from casework.decisions import SameHands
from casework.informants import Informant, keep_informant, read_informant, read_telling
from casework.kpis import figures, record_recovery
from casework.leads import take_in
from casework.ledger import Ledger, reading
from casework.rights import NotFound, Officer, Refused
from casework.subjects import Stale
from casework.tables import metadata
from casework.tips import (
    Tip,
    accept_tip,
    answer_tip,
    conclude_tip,
    inform_of_filing,
    leads_of_tip,
    link_lead,
    list_tips,
    mark_insider,
    name_entities,
    read_tip,
    register_tip,
)
from casework.tips_rewards import decide_reward, list_rewards, propose_reward
from casework.tips_rules import read_tip_rules
from ingest.errors import RingfenceError
from ingest.texts import catalogue
from tests.casework.conftest import Clock
from tests.casework.office import (
    ANALYST,
    INES,
    IVO,
    LIN,
    OTHER,
    SUE,
    UNIT,
    Ring,
    case,
    county,
    details,
    go,
    judge,
    lead_of,
    log,
    officer,
    write_run,
)

DESK = officer("dora", "informant_desk", "desk")
ANNA = Informant(name="安娜娜", telephone="13900001111", account="6222000011112222")
TELLING = "我是隔壁的安娜娜，王老板收别人的卡"
RECEIVED = date(2026, 3, 2)


def tip(ledger: Ledger, **changes: object) -> Tip:
    given: dict[str, object] = {
        "unit": UNIT,
        "channel": "letter",
        "received": RECEIVED,
        "summary": "A pharmacy is said to collect cards.",
        "telling": TELLING,
        "informant": ANNA,
        "entities": [("person", "p1")],
    }
    return register_tip(ledger, DESK, **(given | changes))  # type: ignore[arg-type]  # by name


def linked(ledger: Ledger) -> Tip:
    """A tip of a ring whose lead is not in a case yet."""
    county(ledger)
    made = tip(ledger)
    made = accept_tip(ledger, SUE, made.tip_id, accept=True, reason="plausible", revision=1)
    (tied,) = leads_of_tip(ledger, SUE, made.tip_id)
    return link_lead(ledger, SUE, made.tip_id, tied.lead_id, revision=made.revision)


def test_a_tip_goes_its_way_to_ring_case_and_answer(ledger: Ledger, clock: Clock) -> None:
    made = linked(ledger)
    assert (made.state, made.leads) == ("accepted", (lead_of(ledger, SUE, "R-plain").lead_id,))
    held = case(ledger).case_id
    with pytest.raises(Refused, match="told of a filing"):
        inform_of_filing(ledger, DESK, made.tip_id, revision=made.revision)
    go(ledger, held, "file")
    seen = read_tip(ledger, INES, made.tip_id)  # whoever works on the case reads it
    assert [one.limit.name for one in seen.deadlines] == ["tip_check", "tip_informing"]
    assert [one.status for one in seen.deadlines] == ["done", "running"]
    assert seen.deadlines[1].due == date(2026, 3, 9)
    clock.now += timedelta(days=8)
    assert read_tip(ledger, DESK, made.tip_id).deadlines[1].status == "overdue"
    told = inform_of_filing(ledger, DESK, made.tip_id, revision=made.revision)
    assert told.deadlines[1].status == "done_late"
    done = conclude_tip(
        ledger, SUE, made.tip_id, outcome="confirmed", reason="as told", revision=told.revision
    )
    assert done.deadlines[-1].limit.name == "tip_answer"
    answered = answer_tip(
        ledger, DESK, made.tip_id, answer="It was found true.", revision=done.revision
    )
    assert (answered.state, answered.deadlines[-1].status) == ("answered", "done")
    assert not any(one.limit.verified for one in answered.deadlines)
    assert answered.leads == ()  # the desk sees no ring
    assert [row.action for row in rows_about(ledger, made.tip_id)] == [
        "tip.registered", "tip.accepted", "tip.leads_sought", "tip.linked",
        "tip.read", "tip.read", "tip.informed", "tip.concluded", "tip.answered",
    ]  # fmt: skip


def test_a_social_supervisor_tells_as_anybody_and_is_known_to_the_desk_alone(
    ledger: Ledger,
) -> None:
    """社会监督员: a channel like the others, with the same limits, counted under its own name."""
    county(ledger)
    with pytest.raises(Refused, match="social supervisor"):
        tip(ledger, channel="social supervisor")
    plain, made = tip(ledger, channel="letter"), tip(ledger, channel="supervisor")
    assert (made.channel, made.deadlines) == ("supervisor", plain.deadlines)
    assert read_informant(ledger, DESK, made.tip_id, reason="to answer") == ANNA
    seen = read_tip(ledger, SUE, made.tip_id)
    assert seen.channel == "supervisor"
    assert ANNA.name not in str(seen)
    with pytest.raises(NotFound):
        read_informant(ledger, SUE, made.tip_id, reason="to ask")
    assert details(log(ledger, "tip.registered")[-1])["channel"] == "supervisor"
    (tied,) = leads_of_tip(ledger, SUE, made.tip_id)
    taken = accept_tip(ledger, SUE, made.tip_id, accept=True, reason="plausible", revision=1)
    link_lead(ledger, SUE, made.tip_id, tied.lead_id, revision=taken.revision)
    assert {one.channel: one.state for one in list_tips(ledger, SUE)} == {
        "letter": "registered",
        "supervisor": "accepted",
    }


def rows_about(ledger: Ledger, key: str) -> list[object]:
    from casework.audit import entries

    with reading(ledger) as connection:
        done = [row for row in entries(connection) if row.object == key]
    return [row for row in done if row.action.startswith("tip.")]


def test_nothing_of_the_informant_is_in_the_ledger(ledger: Ledger) -> None:
    made = linked(ledger)
    assert read_informant(ledger, DESK, made.tip_id, reason="to answer") == ANNA
    assert read_telling(ledger, DESK, made.tip_id, reason="to answer") == TELLING
    assert (log(ledger, "informant.read")[0].who, made.real_name) == ("dora", True)
    with reading(ledger) as connection:
        dump = repr([connection.execute(select(t)).all() for t in metadata.sorted_tables])
    assert "collect cards" in dump
    for secret in (ANNA.name, ANNA.telephone, ANNA.account, "隔壁"):
        assert secret not in dump
        assert json.dumps(secret)[1:-1] not in dump
    folder = ledger.workspace.root / "informants"
    assert folder.stat().st_mode & 0o777 == 0o700
    (file,) = folder.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("who", [ANALYST, INES, SUE, LIN, officer("root", "administrator", "")])
def test_only_the_desk_learns_who_told(sqlite: Ledger, who: Officer) -> None:
    made = linked(sqlite)
    for ask in (read_informant, read_telling):
        with pytest.raises(NotFound):
            ask(sqlite, who, made.tip_id, reason="curious")
    with pytest.raises(NotFound):
        keep_informant(sqlite, who, made.tip_id, Informant(name="other"))
    other = officer("dan", "informant_desk", "other desk")
    with pytest.raises(NotFound):
        read_informant(sqlite, other, made.tip_id, reason="curious")


def test_the_row_of_a_reading_comes_first(sqlite: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    made = tip(sqlite)
    with pytest.raises(Refused, match="reason"):
        read_informant(sqlite, DESK, made.tip_id, reason=" ")

    def broken(*_: object) -> None:
        raise OSError("gone")

    monkeypatch.setattr(informants, "_read", broken)
    with pytest.raises(OSError, match="gone"):
        read_informant(sqlite, DESK, made.tip_id, reason="to answer")
    assert len(log(sqlite, "informant.read")) == 1


def test_an_informant_may_become_known_later_and_an_orphan_is_removed(sqlite: Ledger) -> None:
    made = tip(sqlite, informant=None)
    assert not made.real_name
    with pytest.raises(NotFound):
        read_informant(sqlite, DESK, made.tip_id, reason="r")
    keep_informant(sqlite, DESK, made.tip_id, ANNA)
    assert read_informant(sqlite, DESK, made.tip_id, reason="r") == ANNA
    assert read_telling(sqlite, DESK, made.tip_id, reason="r") == TELLING
    orphan = sqlite.workspace.root / "informants" / "T-000000000000.json"
    orphan.write_text("{}")
    tip(sqlite)
    assert not orphan.exists()
    assert read_informant(sqlite, DESK, made.tip_id, reason="r") == ANNA


def test_a_tip_about_agency_staff_reaches_the_liaison_alone(ledger: Ledger) -> None:
    county(ledger)
    inside = tip(ledger, concerned=["window-3"], entities=[("staff", "S-9")])
    plain = tip(ledger)
    for who in (SUE, INES, ANALYST, officer("walt", "supervisor", "window-3")):
        assert inside.tip_id not in str(try_list(ledger, who))
        with pytest.raises(NotFound):
            read_tip(ledger, who, inside.tip_id)
    assert [one.tip_id for one in list_tips(ledger, LIN)] == [inside.tip_id]
    (tied,) = leads_of_tip(ledger, LIN, inside.tip_id)
    assert (tied.ring_id, tied.entities) == ("R-inside", (("staff", "S-9"),))
    mark_insider(ledger, SUE, plain.tip_id, concerned=[], reason="a clerk is in it", revision=1)
    with pytest.raises(NotFound):
        read_tip(ledger, SUE, plain.tip_id)
    assert read_tip(ledger, LIN, plain.tip_id).insider
    assert read_tip(ledger, DESK, plain.tip_id).insider  # the desk has to answer
    with pytest.raises(NotFound):
        read_tip(ledger, officer("lea", "liaison", UNIT), plain.tip_id)


def try_list(ledger: Ledger, who: Officer) -> list[str]:
    try:
        return [one.tip_id for one in list_tips(ledger, who)]
    except NotFound:
        return []


def test_a_tip_follows_its_lead_when_that_turns_out_to_have_agency_staff(ledger: Ledger) -> None:
    made = linked(ledger)
    assert not read_tip(ledger, SUE, made.tip_id).insider
    write_run(
        ledger.workspace, Ring(ring_id="R-plain", staff={"S-9": "handler"}), staff={"S-9": "agency"}
    )
    take_in(ledger, ANALYST)
    with pytest.raises(NotFound):
        read_tip(ledger, SUE, made.tip_id)
    assert read_tip(ledger, LIN, made.tip_id).leads == made.leads


def test_who_was_slower_and_what_is_missing_is_told(ledger: Ledger) -> None:
    made = tip(ledger)
    name_entities(ledger, DESK, made.tip_id, [("place", "H1"), ("person", "p1")], revision=1)
    assert read_tip(ledger, SUE, made.tip_id).entities == (("person", "p1"), ("place", "H1"))
    with pytest.raises(Stale):
        accept_tip(ledger, SUE, made.tip_id, accept=True, reason="r", revision=1)
    with pytest.raises(Refused, match="accepted"):
        conclude_tip(ledger, SUE, made.tip_id, outcome="confirmed", reason="r", revision=2)
    left = accept_tip(ledger, SUE, made.tip_id, accept=False, reason="known", revision=2)
    assert left.state == "not_accepted"
    assert answer_tip(ledger, DESK, made.tip_id, answer="Not followed.", revision=3).state == (
        "answered"
    )
    for changes in (
        {"channel": "pigeon"},
        {"unit": " "},
        {"summary": ""},
        {"telling": ""},
        {"received": date(2026, 3, 30)},
        {"entities": [("person", "")]},
    ):
        with pytest.raises(Refused):
            tip(ledger, **changes)
    assert len(list((ledger.workspace.root / "informants").iterdir())) == 1


def test_an_overdue_tip_comes_first(sqlite: Ledger, clock: Clock) -> None:
    late = tip(sqlite)
    clock.now += timedelta(days=40)
    new = tip(sqlite, received=date(2026, 4, 10))
    listed = list_tips(sqlite, SUE)
    assert [one.tip_id for one in listed] == [late.tip_id, new.tip_id]
    assert [one.deadlines[0].status for one in listed] == ["overdue", "running"]
    assert list_tips(sqlite, officer("olga", "supervisor", OTHER)) == []


def confirmed(ledger: Ledger) -> Tip:
    made = tip(ledger)
    accept_tip(ledger, SUE, made.tip_id, accept=True, reason="r", revision=1)
    return conclude_tip(ledger, SUE, made.tip_id, outcome="partly", reason="r", revision=2)


def test_a_reward_is_worked_out_by_the_rule_and_decided_by_a_person(ledger: Ledger) -> None:
    plain = tip(ledger)
    with pytest.raises(Refused, match="confirmed"):
        propose_reward(ledger, DESK, plain.tip_id, case_value=Decimal(1000), reason="r")
    made = confirmed(ledger)
    for value in ("0", "-1", "1.001", "NaN", "1e20"):
        with pytest.raises(Refused, match="case value"):
            propose_reward(ledger, DESK, made.tip_id, case_value=Decimal(value), reason="r")
    first = propose_reward(
        ledger, DESK, made.tip_id, case_value=Decimal("250000.50"), reason="it was right"
    )
    assert (first.amount, first.state, first.rule["verified"]) == (
        Decimal("5000.01"),
        "open",
        False,
    )
    with pytest.raises(NotFound):
        decide_reward(ledger, DESK, first.reward_id, approve=True, reason="r")
    with pytest.raises(NotFound):
        decide_reward(ledger, LIN, first.reward_id, approve=True, reason="r")
    assert (
        decide_reward(
            ledger, SUE, first.reward_id, approve=False, reason="value too high"
        ).claim_until
        is None
    )
    second = propose_reward(ledger, DESK, made.tip_id, case_value=Decimal(1000), reason="again")
    assert second.amount == Decimal(200)
    paid = decide_reward(ledger, SUE, second.reward_id, approve=True, reason="right")
    assert paid.claim_until == "2026-05-02"
    with pytest.raises(Refused, match="have none yet"):
        propose_reward(ledger, DESK, made.tip_id, case_value=Decimal(1000), reason="twice")
    assert {one.state for one in list_rewards(ledger, SUE)} == {"returned", "approved"}
    hand = officer("dora", "supervisor", UNIT)
    third = propose_reward(
        ledger, DESK, confirmed(ledger).tip_id, case_value=Decimal(1000), reason="r"
    )
    with pytest.raises(SameHands):
        decide_reward(ledger, hand, third.reward_id, approve=True, reason="r")


def test_the_rules_are_data_and_a_workspace_may_change_them(tmp_path: Path) -> None:
    rules = read_tip_rules()
    assert set(rules.limits) == {"tip_check", "tip_informing", "tip_answer"}
    assert not any(limit.verified for limit in rules.limits.values())
    assert (rules.reward.least, rules.reward.most) == (Decimal(200), Decimal(200_000))
    own = tmp_path / "tips.toml"
    own.write_text('[limits.tip_check]\ndays=3\nunit="days"\nextend=[]\nverified=true\nsource="x"')
    changed = read_tip_rules(tmp_path)
    assert (changed.limits["tip_check"].days, changed.reward) == (3, rules.reward)
    for wrong in (
        "[limits.tip_check]\ndays=0\nunit='days'\nextend=[]\nverified=true\nsource='x'",
        "[limits.tip_check]\ndays=1",
        "[reward]\nleast_yuan='1'",
        "[reward]\nleast_yuan='9'\nmost_yuan='1'\nclaim_months=1\nverified=true\nsource='x'\n"
        "tiers=[{share='0.1'}]",
        "[reward]\nleast_yuan='1'\nmost_yuan='9'\nclaim_months=1\nverified=true\nsource='x'\n"
        "tiers=[{share='0.1', up_to_yuan='5'}]",
        "no toml",
    ):
        own.write_text(wrong)
        with pytest.raises(RingfenceError, match=r"tips\.toml"):
            read_tip_rules(tmp_path)


def test_figures_of_a_unit(ledger: Ledger, clock: Clock) -> None:
    write_run(
        ledger.workspace,
        *(Ring(ring_id=f"R-{n}") for n in range(4)),
        Ring(ring_id="R-plain", kind="trace_loop"),
        Ring(ring_id="R-inside", kind="mixed", staff={"S-9": "handler"}),
        staff={"S-9": "agency"},
    )
    take_in(ledger, ANALYST)
    clock.now += timedelta(days=2)
    judge(ledger, "R-0", "confirmed")
    judge(ledger, "R-1", "look_alike", "family")
    clock.now += timedelta(days=4)
    judge(ledger, "R-2", "rejected")
    held = case(ledger).case_id
    day = date(2026, 3, 3)
    record_recovery(ledger, INES, held, amount=Decimal("1200.55"), day=day, reason="paid")
    record_recovery(ledger, SUE, held, amount=Decimal("-200.05"), day=day, reason="a slip")
    for amount, when, why in (("-1001", day, "r"), ("1", date(2027, 1, 1), "r"), ("1", day, "")):
        with pytest.raises(Refused):
            record_recovery(ledger, INES, held, amount=Decimal(amount), day=when, reason=why)
    with pytest.raises(NotFound):
        record_recovery(ledger, LIN, held, amount=Decimal(1), day=day, reason="r")
    clock.now += timedelta(days=60)
    found = figures(ledger, SUE)
    assert (found.leads_open, found.leads_judged, found.cases_open) == (2, 3, 1)
    assert found.confirmed_rate == pytest.approx(1 / 3)
    assert (found.recovered, found.cases_by_state) == (Decimal("1000.50"), {"checking": 1})
    assert found.deadlines_overdue == 1
    kinds = {one.kind: one for one in found.kinds}
    assert set(kinds) == {"card_pool", "trace_loop"}  # no insider counts, however it is cut
    pool = kinds["card_pool"]
    assert (pool.leads, pool.open, pool.judged, pool.confirmed, pool.look_alike) == (4, 1, 3, 1, 1)
    assert pool.days == pytest.approx((2 + 2 + 6) / 3, abs=0.01)
    assert (kinds["trace_loop"].confirmed_rate, kinds["trace_loop"].days) == (None, None)
    inside = figures(ledger, LIN)
    assert [(one.kind, one.leads) for one in inside.kinds] == [("mixed", 1)]
    concerned = figures(ledger, officer("lea", "liaison", UNIT))
    assert (concerned.kinds, concerned.leads_open) == ((), 0)
    assert figures(ledger, officer("olga", "supervisor", OTHER)).kinds == ()
    for who in (INES, IVO, ANALYST, DESK):
        with pytest.raises(NotFound):
            figures(ledger, who)


def test_every_closed_choice_has_its_words() -> None:
    choices = {
        "tip_channel": get_args(tips_holding.Channel),
        "tip_state": get_args(tips_holding.State),
        "tip_outcome": get_args(tips_holding.Outcome),
        "tip_limit": tuple(read_tip_rules().limits),
        "reward_state": get_args(tips_rewards.State),
        "reveal_reason": get_args(reveals.Reason),
        "reveal_state": get_args(reveals.State),
        "reveal_fields": reveals_values.FIELD_GROUPS,
    }
    for section, names in choices.items():
        start = f"{section}."
        worded = {key.removeprefix(start) for key in catalogue() if key.startswith(start)}
        assert worded == set(names), section
