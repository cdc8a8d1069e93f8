"""The page of tips: the desk takes and answers them, a supervisor checks, nobody sees too much."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.explorer import roles
from app.explorer.desk import reading
from casework.audit import entries
from casework.informants import Informant, read_informant
from casework.leads import list_leads, take_in
from casework.ledger import Ledger, open_ledger
from casework.ledger import reading as reading_ledger
from casework.rights import ROLES
from casework.tips import (
    accept_tip,
    conclude_tip,
    list_tips,
    name_entities,
    read_tip,
    register_tip,
)
from casework.tips_holding import Tip
from casework.tips_rewards import list_rewards
from ingest.texts import say
from ingest.workspace import Workspace
from tests.app import keeping_office as office
from tests.app import sample
from tests.app.keeping_office import CLEAR_NAME, DESK, UNIT, choose, come, press, who, words
from tests.casework.paper_county import extract_tips

pytestmark = pytest.mark.usefixtures("space")

PLACE = ("place", "P33010000001")
TELLING = "I am the neighbour of the owner"
LATE = date.today() - timedelta(days=90)


@pytest.fixture(scope="module")
def space(tmp_path_factory) -> Iterator[Workspace]:
    with office.opened(office.build(tmp_path_factory.mktemp("tips") / "county")) as held:
        yield held


@pytest.fixture(scope="module")
def ledger(space) -> Iterator[Ledger]:
    with open_ledger(space, environ={}) as opened:
        take_in(opened, who("supervisor"))
        yield opened


@pytest.fixture(autouse=True)
def fresh() -> None:
    """Ask the services anew: a test changes what another read."""
    reading.forget()


def given(ledger: Ledger, **more: Any) -> Tip:
    told = {"unit": UNIT, "channel": "letter", "received": date.today(), "telling": TELLING}
    told |= {"summary": "Cards are said to lie in a drawer.", "entities": [PLACE]}
    return register_tip(ledger, who("informant_desk"), **{**told, **more})


def fill(page: AppTest, **values: Any) -> None:
    """Type into fields by the end of their keys."""
    kinds = ("text_input", "text_area", "selectbox", "number_input", "checkbox", "date_input")
    fields = [one for kind in kinds for one in getattr(page, kind) if one.key]
    for name, value in values.items():
        (found,) = [one for one in fields if one.key.endswith(name)]
        found.set_value(value)


def log(ledger: Ledger, action: str, key: str) -> list[Any]:
    with reading_ledger(ledger) as connection:
        return [row for row in entries(connection) if (row.action, row.object) == (action, key)]


@pytest.mark.parametrize("role", [one for one in ROLES if one not in roles.PAGES["tips"]])
def test_other_roles_have_no_such_page(role) -> None:
    with pytest.raises(ValueError, match="tips"):
        come(role, "tips")


def test_an_empty_desk_is_told_what_to_do() -> None:
    assert say("desk.none_desk", "en") in words(come("informant_desk", "tips"))
    assert say("desk.none", "zh") in words(come("supervisor", "tips", "zh"))


def test_the_desk_registers_a_tip_and_nothing_that_was_typed_is_lost(ledger) -> None:
    page = come("informant_desk", "tips")
    page.session_state["tips_tab"] = say("desk.tab.register", "en")
    page.run()
    fill(page, _unit=UNIT, _telling=TELLING, _place="P33010000001，P33010000002")
    fill(page, tip_new_name=CLEAR_NAME, _telephone="13912341234")
    press(page, say("desk.register", "en"))
    assert "write a summary" in page.error[0].value.replace("\\", "")
    assert page.text_area(key="tip_new_telling").value == TELLING
    assert list_tips(ledger, who("informant_desk")) == []
    fill(page, _summary="Cards are said to lie in a drawer.")
    press(page, say("desk.register", "en"))
    (tip,) = list_tips(ledger, who("informant_desk"))
    assert tip.entities == (PLACE, ("place", "P33010000002"))
    assert tip.real_name
    assert say("desk.registered", "en", tip=tip.tip_id) in words(page)
    assert page.query_params["tip"] in (tip.tip_id, [tip.tip_id])
    held = str(page.session_state.to_dict())
    assert not [one for one in (CLEAR_NAME, TELLING) if one in held]
    assert read_informant(ledger, who("informant_desk"), tip.tip_id, reason="t").name == CLEAR_NAME


def test_a_tip_of_a_social_supervisor_stands_under_that_channel(ledger) -> None:
    page = come("informant_desk", "tips")
    page.session_state["tips_tab"] = say("desk.tab.register", "en")
    page.run()
    fill(page, _unit=UNIT, _telling=TELLING, _place=PLACE[1], _summary="Seen on a visit.")
    fill(page, _channel="supervisor")
    press(page, say("desk.register", "en"))
    (tip,) = [one for one in list_tips(ledger, who("supervisor")) if one.channel == "supervisor"]
    assert tip.summary == "Seen on a visit."
    told = say("tip_channel.supervisor", "en")
    page = come("supervisor", "tips")
    (row,) = [one for one in page.dataframe[0].value.itertuples() if one.tip == tip.tip_id]
    assert row.channel == told
    assert told in words(come("supervisor", "tips", tip=tip.tip_id))


def test_what_is_late_comes_first_and_a_click_opens_it(ledger) -> None:
    late, _ = given(ledger, received=LATE), given(ledger)
    for role in ("informant_desk", "supervisor"):
        page = come(role, "tips")
        shown = page.dataframe[0].value
        assert shown["tip"].iloc[0] == late.tip_id
        assert "late" in shown["left"].iloc[0]
        figures = {one.label: one.value for one in page.metric}
        assert figures[say("desk.figure.overdue", "en")] == "1"
        page = choose(page, "tips", late.tip_id)
        assert late.summary in words(page)
        assert say("deadline_status.overdue", "en") in page.dataframe[0].value["state"].tolist()
        assert "calendar/tips.toml" in words(page), "an unverified limit says so"
        press(page, say("desk.back", "en"))
        assert page.dataframe[0].value["tip"].iloc[0] == late.tip_id


def test_a_supervisor_accepts_ties_and_ends_then_the_desk_answers(ledger) -> None:
    tip = given(ledger, informant=Informant(name=CLEAR_NAME))
    page = come("supervisor", "tips", tip=tip.tip_id)
    assert CLEAR_NAME not in words(page)
    assert TELLING not in words(page)
    assert say("desk.store", "en") not in words(page)
    press(page, say("desk.accept", "en"))
    assert page.error, "without a reason nothing is decided"
    fill(page, **{f"tip_accept_{tip.tip_id}": "it names a place"})
    press(page, say("desk.accept", "en"))
    assert read_tip(ledger, who("supervisor"), tip.tip_id).state == "accepted"
    lead = next(one for one in list_leads(ledger, who("supervisor")) if one.ring_id == sample.POOL)
    links = [one.proto.label.replace("\\", "") for one in page.get("page_link")]
    assert [one for one in links if sample.POOL in one and lead.lead_id in one]
    page.button(key=f"tip_tie_{lead.lead_id}").click()
    office.ran(page.run())
    assert read_tip(ledger, who("supervisor"), tip.tip_id).leads == (lead.lead_id,)
    assert say("desk.is_tied", "en") in words(page)
    fill(page, _outcome="confirmed", _reason="the cards were there")
    press(page, say("desk.conclude", "en"))
    assert read_tip(ledger, who("supervisor"), tip.tip_id).outcome == "confirmed"
    page = come("informant_desk", "tips", tip=tip.tip_id)
    assert lead.lead_id not in words(page), "the desk sees no lead"
    assert not page.get("page_link")
    fill(page, **{f"tip_answer_{tip.tip_id}": "It was confirmed."})
    press(page, say("desk.answer", "en"))
    assert read_tip(ledger, who("informant_desk"), tip.tip_id).answer == "It was confirmed."


def test_somebody_was_quicker_and_what_was_typed_stays(ledger) -> None:
    tip = given(ledger)
    page = come("supervisor", "tips", tip=tip.tip_id)
    more = [("device", "T-1")]
    name_entities(ledger, who("informant_desk"), tip.tip_id, more, revision=tip.revision)
    fill(page, **{f"tip_accept_{tip.tip_id}": "typed at length"})
    press(page, say("desk.refuse", "en"))
    assert "Somebody changed it meanwhile" in page.warning[0].value
    assert read_tip(ledger, who("supervisor"), tip.tip_id).state == "registered"
    assert page.text_area(key=f"tip_accept_{tip.tip_id}").value == "typed at length"
    press(page, say("desk.refuse", "en"))
    assert "T-1" in words(page)
    assert read_tip(ledger, who("supervisor"), tip.tip_id).state == "not_accepted"


def test_a_place_of_the_tip_is_looked_for_without_being_in_the_address(ledger, monkeypatch) -> None:
    monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:1")
    tip = given(ledger)
    page = come("supervisor", "tips", tip=tip.tip_id)
    page.button(key=f"tip_search_place_{PLACE[1]}").click()
    page.run()
    assert page.text_input(key="search_text").value == PLACE[1]
    assert PLACE[1] not in str(dict(page.query_params))
    page = come("informant_desk", "tips", tip=tip.tip_id)
    assert say("desk.search", "en") not in words(page)


def test_who_told_it_is_shown_to_the_desk_for_a_reason_and_hidden_again(ledger) -> None:
    tip = given(ledger, informant=Informant(name=CLEAR_NAME))
    page = come("informant_desk", "tips", tip=tip.tip_id)
    assert CLEAR_NAME not in words(page)
    press(page, say("desk.read_informant", "en"))
    assert "reason" in page.error[0].value
    assert log(ledger, "informant.read", tip.tip_id) == []
    fill(page, **{f"tip_read_{tip.tip_id}": "to answer"})
    press(page, say("desk.read_informant", "en"))
    assert CLEAR_NAME in words(page)
    (row,) = log(ledger, "informant.read", tip.tip_id)
    assert (row.who, row.purpose) == ("informant-desk", "to answer")
    press(page, say("desk.hide", "en"))
    assert CLEAR_NAME not in words(page)


def test_a_tip_about_agency_staff_leaves_its_unit_for_good(ledger) -> None:
    tip = given(ledger)
    page = come("informant_desk", "tips", tip=tip.tip_id)
    fill(page, _units="u7", _why="it is the handler")
    press(page, say("desk.hand_over", "en"))
    assert say("desk.done.insider", "en", tip=tip.tip_id) in words(page)
    reading.forget()
    shown = come("supervisor", "tips").dataframe[0].value
    assert tip.tip_id not in shown["tip"].tolist()
    page = come("supervisor", "tips", tip=tip.tip_id)
    assert "no access" in page.error[0].value
    assert tip.summary not in words(page)
    assert [one for one in list_tips(ledger, who("liaison")) if one.tip_id == tip.tip_id]


def test_the_liaison_works_on_tips_about_agency_staff_and_no_others(ledger) -> None:
    plain, inside = given(ledger), given(ledger, concerned=["u7"])
    page = come("liaison", "tips")
    shown = page.dataframe[0].value["tip"].tolist()
    assert inside.tip_id in shown
    assert plain.tip_id not in shown
    page = choose(page, "tips", inside.tip_id)
    fill(page, **{f"tip_accept_{inside.tip_id}": "it names the handler"})
    press(page, say("desk.accept", "en"))
    assert read_tip(ledger, who("liaison"), inside.tip_id).state == "accepted"
    assert say("desk.no_leads", "en") in words(page), "leads of the unit are not the liaison's"
    assert say("desk.mark_insider", "en") not in words(page)
    assert "no access" in come("liaison", "tips", tip=plain.tip_id).error[0].value


def test_a_reward_is_proposed_by_the_desk_and_decided_by_another(ledger) -> None:
    tip = given(ledger)
    tip = accept_tip(
        ledger, who("supervisor"), tip.tip_id, accept=True, reason="r", revision=tip.revision
    )
    conclude_tip(
        ledger, who("supervisor"), tip.tip_id, outcome="partly", reason="r", revision=tip.revision
    )
    page = come("informant_desk", "tips", tip=tip.tip_id)
    fill(page, _value=50_000.0, **{f"reward_new_{tip.tip_id}_why": "as the rule says"})
    press(page, say("desk.propose", "en"))
    (reward,) = [r for r in list_rewards(ledger, who("informant_desk")) if r.tip_id == tip.tip_id]
    assert str(reward.amount) == "1500.00"
    assert say("desk.approve", "en") not in words(page)
    assert "1,500.00" in words(page)
    assert "not been compared" in words(page)
    page = come("supervisor", "tips")
    page.session_state["tips_tab"] = say("desk.tab.rewards", "en")
    page = choose(page, "rewards", reward.reward_id)
    fill(page, **{f"reward_reason_{reward.reward_id}": "agreed"})
    press(page, say("desk.approve", "en"))
    (reward,) = [r for r in list_rewards(ledger, who("supervisor")) if r.tip_id == tip.tip_id]
    assert reward.state == "approved"
    assert DESK not in words(page)


def test_tips_of_the_extract_are_taken_in_with_one_press(space, ledger) -> None:
    extract_tips(space, PLACE[1])
    told = say("desk.extract.waiting", "en", count=2)
    assert told not in words(come("supervisor", "tips"))
    before = {one.tip_id for one in list_tips(ledger, who("informant_desk"))}
    page = come("informant_desk", "tips")
    assert told in words(page)
    fill(page, tips_extract_unit=UNIT)
    label = say("desk.extract.take", "en")
    next(one for one in page.button if one.label == label).click()
    page = page.run()
    assert say("desk.extract.done", "en", count=2) in words(page)
    assert told not in words(page)
    new = [one for one in list_tips(ledger, who("informant_desk")) if one.tip_id not in before]
    assert sorted(one.channel for one in new) == ["letter", "online"]
    assert {one.entities for one in new} == {(PLACE,)}
