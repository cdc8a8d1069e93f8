"""The page of supervision, part by part: each act leads to what the ledger then holds."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import get_args

import pytest
import streamlit as st
from sqlalchemy import update

from app.explorer.supervision import coverage as coverage_page
from casework import coverage, plans, registers_agreements, registers_rules
from casework.draws import draw, list_draws, repeated
from casework.ledger import Ledger, writing
from casework.plans import decide_plan, draft_plan, list_plans, note_answer
from casework.registers import list_proposals, standings
from casework.registers_agreements import list_agreements, set_agreement
from casework.registers_rules import read_rules
from casework.rights import Officer
from casework.tables import draws as draw_table
from ingest.texts import catalogue, say
from ingest.workspace import Workspace
from tests.app import sample
from tests.app.signed_in import ANN, AUD, CONCERNED, EXA, SID, TESS, at_work, door, ran, said, send
from tests.casework.office import INES, LIN, SAM, SUE, case, go, judge, lead_of, log
from tests.casework.paper_county import BIG, INSIDE, PLACE, POOL

EXPLORER = Path(__file__).parents[2] / "app" / "explorer"
BUILT = (".approve", ".return", ".verified", ".unverified", ".open", ".whole", ".save", ".change")
CLOSED = ("file", "begin", "conclude", "notify", "decide", "serve", "close")
SPRING = {"title": "spring", "purpose": "p", "first": date(2026, 4, 1), "last": date(2026, 4, 30)}


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A county with leads, one closed case, one judged lead, and an account for each role."""
    with at_work(tmp_path_factory.mktemp("plans") / "county") as ledger:
        go(ledger, case(ledger, POOL).case_id, *CLOSED)
        judge(ledger, BIG, "confirmed", by=INES)
        yield ledger.workspace


def tab(name: str) -> str:
    return say(f"supervision.tab.{name}", "en")


@pytest.mark.parametrize("who", [LIN, CONCERNED, TESS, AUD, EXA], ids=lambda one: one.role)
def test_the_page_is_not_there_for_other_roles(come, who: Officer) -> None:
    with pytest.raises(ValueError, match="plans"):
        come(who, "plans")


@pytest.mark.parametrize(
    ("who", "parts"),
    [
        (ANN, ["plans", "recheck", "agreements"]),
        (INES, ["registers"]),
        (SUE, ["plans", "recheck", "coverage", "draws", "registers", "agreements"]),
    ],
    ids=["analyst", "investigator", "supervisor"],
)
def test_each_role_has_the_parts_that_the_table_of_rights_gives(come, who, parts) -> None:
    page = come(who, "plans")
    assert [one.label for one in page.tabs] == [tab(name) for name in parts]


def test_without_accounts_the_page_says_which_command_makes_one(monkeypatch, tmp_path) -> None:
    page = door(monkeypatch, sample.build(tmp_path / "open"))(None, "plans")
    assert say("supervision.no_accounts", "en") in said(page)
    assert "ringfence accounts first" in page.code[0].value
    assert not page.tabs


def test_another_unit_finds_its_lists_empty(come) -> None:
    page = come(SID, "plans")
    assert say("supervision.plan.none", "en") in said(page)
    for name, empty in (("recheck", "recheck"), ("draws", "draw"), ("registers", "register")):
        page = come(SID, "plans", plans_tab=tab(name))
        assert say(f"supervision.{empty}.none", "en") in said(page)


def test_the_board_of_coverage_counts_and_lists(come, ledger: Ledger) -> None:
    page = come(SUE, "plans", plans_tab=tab("coverage"))
    told = {one.label: one.value for one in page.metric}
    places = page.dataframe[0].value
    assert told[say("supervision.coverage_count.places", "en")] == str(len(places))
    ringed = places[places["rings"] > 0]["place"].tolist()
    assert PLACE in ringed
    assert told[say("supervision.coverage_count.with_rings", "en")] == str(len(ringed))
    assert told[say("supervision.coverage_count.visited", "en")] == "0"
    assert told[say("supervision.coverage_count.received", "en")] == "0"
    assert say("supervision.coverage.no_tips", "en") in said(page)
    made = draft_plan(
        ledger, SUE, kind="unannounced", title="board", purpose="p", places={PLACE: "r"},
        first=date(2026, 4, 1), last=date(2099, 4, 1),
    )  # fmt: skip
    decide_plan(ledger, SAM, made.plan_id, approve=True, reason="r", revision=1)
    note_answer(ledger, SUE, made.plan_id, PLACE, done="checked", answer="a", revision=2)
    st.cache_data.clear()
    page.session_state["coverage_which"] = "visited"
    ran(page)
    assert page.dataframe[0].value["place"].tolist() == [PLACE]
    page.date_input(key="coverage_last").set_value(date(2020, 1, 1))
    ran(page)
    assert "before it begins" in said(page)
    assert not page.metric
    assert log(ledger, "coverage.read")[-1].who == "sue"


def test_a_plan_is_drafted_from_a_ring_and_named_places_and_decided_by_another(
    come, ledger: Ledger
) -> None:
    lead = lead_of(ledger, SUE, BIG)
    page = come(ANN, "plans")
    offered = page.multiselect(key="draft_leads_0").options
    assert len(offered) == 3
    assert not any(INSIDE in one for one in offered)
    page.multiselect(key="draft_leads_0").set_value([lead.lead_id])
    page.multiselect(key="draft_named_0").set_value(["P33010000002"])
    ran(page)
    proposed = page.dataframe[0].value
    assert proposed["place"].tolist() == [PLACE, "P33010000002"]
    assert BIG in proposed["reason"][0]
    assert proposed["hours"][0], "when the ring was seen there"
    page.text_input(key="draft_title_0").set_value("spring campaign")
    page.text_area(key="draft_purpose_0").set_value("a ring of forty")
    send(page, say("supervision.draft.save", "en"))
    assert "named without a reason" in said(page)
    assert page.text_input(key="draft_title_0").value == "spring campaign", "what was typed is kept"
    page.text_input(key="draft_why_0").set_value("a tip")
    send(page, say("supervision.draft.save", "en"))
    assert "spring campaign" in page.success[0].value
    (made,) = [one for one in list_plans(ledger, SUE) if one.title == "spring campaign"]
    assert {one.place: one.origin for one in made.targets} == {
        PLACE: "ring",
        "P33010000002": "named",
    }
    assert page.selectbox(key="plans_chosen").value == made.plan_id, "what was made is shown"
    assert not page.get("page_link"), "an analyst has no page of papers"
    assert say("supervision.four_eyes", "en") in said(page), "whoever drafts does not decide"
    page = come(SAM, "plans", plans_chosen=made.plan_id)
    assert f"plan={made.plan_id}" in page.get("page_link")[0].proto.query_string
    form = f"plan_decide_{made.plan_id}"
    page.text_area(key=f"{form}_reason").set_value("due")
    send(page, say("supervision.decide", "en"))
    assert say("supervision.choose_first", "en") in said(page), "nothing is chosen for anybody"
    page.radio(key=f"{form}_approve").set_value(True)
    send(page, say("supervision.decide", "en"))
    (now,) = [one for one in list_plans(ledger, SUE) if one.plan_id == made.plan_id]
    assert (now.state, now.decided_by) == ("approved", "sam")
    for action, who in (("plan.drafted", "ann"), ("plan.approved", "sam")):
        assert [one.who for one in log(ledger, action) if one.object == made.plan_id] == [who]


def test_answers_are_noted_and_a_change_in_between_is_told(come, ledger: Ledger) -> None:
    made = draft_plan(ledger, SUE, kind="self_check", places={"P7": "r", "P8": "r"}, **SPRING)
    decide_plan(ledger, SAM, made.plan_id, approve=True, reason="r", revision=1)
    page = come(SUE, "plans", plans_chosen=made.plan_id)
    note_answer(ledger, SAM, made.plan_id, "P8", done="checked", answer="seen", revision=2)
    form = f"note_{made.plan_id}"
    page.text_area(key=f"{form}_answer_0").set_value("two lines mended")
    page.text_input(key=f"{form}_paid_0").set_value("120.5")
    send(page, say("supervision.note.save", "en"))
    assert say("supervision.changed", "en") in said(page)
    assert "changed meanwhile" in said(page)
    assert page.text_area(key=f"{form}_answer_0").value == "two lines mended"
    send(page, say("supervision.note.save", "en"))
    (now,) = [one for one in list_plans(ledger, SUE) if one.plan_id == made.plan_id]
    assert [(one.state, one.returned_yuan) for one in now.targets] == [
        ("answered", "120.50"),
        ("checked", None),
    ]
    assert page.dataframe[-1].value["answer"].tolist() == ["two lines mended", "seen"]


def test_a_place_of_a_ring_can_be_left_out_but_no_drawn_one(come, ledger: Ledger) -> None:
    lead = lead_of(ledger, SUE, BIG)
    page = come(SUE, "plans")
    page.multiselect(key="draft_leads_0").set_value([lead.lead_id])
    ran(page)
    page.multiselect(key="draft_without_0").set_value([PLACE])
    ran(page)
    page.text_input(key="draft_title_0").set_value("t")
    page.text_area(key="draft_purpose_0").set_value("p")
    send(page, say("supervision.draft.save", "en"))
    assert "The plan has no place" in said(page).replace("\\", "")


def test_judged_leads_go_into_a_plan_to_look_at_them_again(come, ledger: Ledger) -> None:
    lead = lead_of(ledger, SUE, BIG)
    page = come(SUE, "plans", plans_tab=tab("recheck"))
    assert page.dataframe[0].value["ring_id"].tolist() == [BIG]
    page.button(key="recheck_plan").click()
    ran(page)
    assert page.multiselect(key="draft_leads_0").value == [lead.lead_id]
    assert page.segmented_control(key="draft_kind_0").value == "recheck"


def test_a_draw_keeps_recusal_and_seed_and_the_same_again_is_the_same(come, ledger) -> None:
    made = draft_plan(ledger, SUE, kind="campaign", places={"P7": "r"}, **SPRING)
    page = come(SUE, "plans", plans_chosen=made.plan_id)
    page.button(key="plan_draw_inspectors").click()
    ran(page)
    assert page.segmented_control(key="draw_kind").value == "inspectors"
    assert page.selectbox(key="draw_plan").value == made.plan_id
    page.text_area(key="draw_people_inspectors").set_value("ines\nivo\nida\nian")
    ran(page)
    page.multiselect(key="draw_out_inspectors").set_value(["ivo"])
    ran(page)
    page.text_input(key="draw_purpose_0").set_value("the spring campaign")
    send(page, say("supervision.draw.draw", "en"))
    assert "without a reason" in said(page)
    page.text_input(key="draw_why_ivo_0").set_value("his brother's shop")
    send(page, say("supervision.draw.draw", "en"))
    (found,) = [one for one in list_draws(ledger, SUE) if made.plan_id in one.purpose]
    assert len(found.drawn) == 2
    assert dict(found.excluded) == {"ivo": "his brother's shop"}
    assert found.seed in [one.value for one in page.code]
    page.button(key="draw_again").click()
    ran(page)
    assert say("supervision.draw.same", "en", drawn=", ".join(found.drawn)) in said(page)
    page = come(SUE, "plans", plans_chosen=made.plan_id)
    assert ", ".join(found.drawn) in said(page), "the plan names who was drawn for it"


def test_a_record_that_was_altered_gives_itself_away(come, ledger: Ledger) -> None:
    made = draw(ledger, SUE, "experts", {"a": 1, "b": 1, "c": 1}, wanted=2, purpose="p")
    other = next(one for one in "abc" if one not in made.drawn)
    with writing(ledger) as connection:
        connection.execute(
            update(draw_table)
            .where(draw_table.c.draw_id == made.draw_id)
            .values(drawn=f'["{made.drawn[0]}","{other}"]')
        )
    page = come(SUE, "plans", plans_tab=tab("draws"), draws_chosen=made.draw_id)
    page.button(key="draw_again").click()
    ran(page)
    assert say("supervision.draw.other", "en", now=", ".join(repeated(made))) in said(page)


def test_places_are_drawn_by_kind_and_weight_without_those_that_ended(come, ledger) -> None:
    page = come(SUE, "plans", plans_tab=tab("draws"))
    page.multiselect(key="draw_place_kinds").set_value(["pharmacy"])
    ran(page)
    pool = page.dataframe[0].value
    assert pool["place"].str.startswith("P").all()
    assert PLACE in set(pool["place"])
    assert say("supervision.unverified", "en") in said(page)
    page.text_input(key="draw_purpose_0").set_value("spring inspections")
    send(page, say("supervision.draw.draw", "en"))
    found = list_draws(ledger, SUE)[0]
    assert (found.kind, set(found.pool)) == ("targets", set(pool["place"]))


def test_points_are_proposed_by_the_investigator_and_decided_by_the_supervisor(
    come, ledger: Ledger
) -> None:
    page = come(INES, "plans")
    assert say("supervision.unverified", "en") in said(page)
    (key,) = page.selectbox(key="propose_case").options[:1]
    page.selectbox(key="propose_case").select_index(0)
    ran(page)
    page.segmented_control(key="propose_kind").set_value("exit")
    ran(page)
    case_id = key.rpartition(" ")[2]
    form = f"propose_{case_id}_exit_0"
    page.text_area(key=f"{form}_reason").set_value("decided")
    send(page, say("supervision.propose.save", "en"))
    (made,) = list_proposals(ledger, SUE)
    assert (made.state, made.kind, made.who) == ("open", "exit", "ines")
    assert say("supervision.four_eyes", "en") in said(page)
    page = come(SUE, "plans", plans_tab=tab("registers"))
    assert made.evidence[0][1] in said(page), "what it rests on stands beside it"
    page.radio(key=f"proposal_decide_{made.proposal_id}_approve").set_value(True)
    page.text_area(key=f"proposal_decide_{made.proposal_id}_reason").set_value("so decided")
    send(page, say("supervision.decide", "en"))
    (entry,) = [one for one in list_agreements(ledger, SUE) if one.place == made.subject]
    assert (entry.state, entry.barred) == ("ended", True)
    page = come(SUE, "plans", plans_tab=tab("agreements"))
    assert made.subject in page.warning[0].value
    rows = page.dataframe[0].value
    assert rows["place"][0] == made.subject, "who is barred comes first"


def test_an_agreement_is_registered_and_the_slower_one_is_told(come, ledger: Ledger) -> None:
    day = date(2026, 1, 1)
    set_agreement(ledger, SUE, "H33010000003", state="active", since=day, reason="imported")
    page = come(SAM, "plans", plans_tab=tab("agreements"))
    page.selectbox(key="agreement_place_0").set_value("H33010000003")
    ran(page)
    set_agreement(ledger, SUE, "H33010000003", state="suspended", since=day, reason="r", revision=1)
    page.text_area(key="agreement_reason_0").set_value("to be mended")
    send(page, say("supervision.agreement.save", "en"))
    assert "revision 2, yours 1" in said(page)
    send(page, say("supervision.agreement.save", "en"))
    entry = next(one for one in list_agreements(ledger, SUE) if one.place == "H33010000003")
    assert (entry.state, entry.revision, entry.changed_by) == ("active", 3, "sam")


def test_a_plus_item_rests_on_the_answer_of_a_place(come, ledger: Ledger) -> None:
    made = draft_plan(ledger, SUE, kind="self_check", places={"P6": "r"}, **SPRING)
    decide_plan(ledger, SAM, made.plan_id, approve=True, reason="r", revision=1)
    note_answer(ledger, SUE, made.plan_id, "P6", done="answered", answer="a", revision=2)
    page = come(SUE, "plans", plans_chosen=made.plan_id)
    name = f"plus_{made.plan_id}"
    page.number_input(key=f"{name}_amount_0").set_value(3)
    page.text_area(key=f"{name}_reason_0").set_value("paid back")
    send(page, say("supervision.propose.save", "en"))
    (one,) = [one for one in list_proposals(ledger, SUE) if one.subject == "P6"]
    page = come(SAM, "plans", plans_tab=tab("registers"), proposals_chosen=one.proposal_id)
    page.radio(key=f"proposal_decide_{one.proposal_id}_approve").set_value(True)
    page.text_area(key=f"proposal_decide_{one.proposal_id}_reason").set_value("fits")
    send(page, say("supervision.decide", "en"))
    (standing,) = standings(ledger, SUE, year=one.year)
    assert (standing.subject, standing.credit, standing.grade) == ("P6", 3, "A")
    shown = [one.value for one in page.dataframe if "grade" in one.value.columns]
    assert shown[0]["grade"].tolist() == ["A"]


def test_both_languages_draw_every_part(monkeypatch, space: Workspace) -> None:
    for name in ("plans", "recheck", "draws", "registers", "agreements"):
        page = door(monkeypatch, space, lang="zh")(SUE, "plans")
        page.session_state["plans_tab"] = say(f"supervision.tab.{name}", "zh")
        assert ran(page).subheader[0].value == say("supervision.title", "zh")


def test_every_closed_choice_of_the_page_has_its_words_and_none_is_left_over() -> None:
    rules = read_rules(Workspace(Path("nowhere"))).rules
    closed = {
        "plan_kind": get_args(plans.Kind),
        "plan_hint": get_args(plans.Kind),
        "place_state": ("open", *get_args(plans.Done)),
        "proposal_kind": get_args(registers_rules.Kind),
        "consequence": get_args(registers_rules.Consequence),
        "coverage_which": tuple(coverage_page.WHICH),
        "visit": get_args(coverage.Visit),
        "agreement_state": ("ended", *get_args(registers_agreements.State)),
        **{
            f"rule.{kind}": [name for of, name in rules if of == kind]
            for kind in get_args(registers_rules.Kind)
        },
    }
    for area, words in closed.items():
        start = f"supervision.{area}."
        assert {key.removeprefix(start) for key in catalogue() if key.startswith(start)} == set(
            words
        ), area
    named = {*closed, "plan_state", "late", "origin", "place_kind", "recheck_why", "evidence"}
    named |= {"proposal_state", "column", "choose", "tab", "figure", "rule"}
    source = "".join(
        path.read_text("utf-8")
        for folder in ("supervision", "insider", "screens")
        for path in (EXPLORER / folder).glob("*.py")
    ).replace("'", '"')
    for key in catalogue():
        area, _, rest = key.partition(".")
        if area in ("supervision", "insider") and rest.partition(".")[0] not in named:
            built = re.sub(r"\.[^.]+$", ".{", key)
            assert f'"{key}"' in source or built in source or key.endswith(BUILT), key
    columns = {key for key in catalogue() if key.startswith("supervision.column.")}
    unused = {
        key for key in columns
        if f'"{key}"' not in source and f'"{key.rpartition(".")[2]}"' not in source
    }  # fmt: skip
    assert not unused
