"""The newest tabs in a real browser, in both languages, sizes and schemes; axe-core on each.

Coverage, call-backs, points of risk, the letter to the other area, tips of the extract, joint cases
and guest inspectors. Screenshots lie in the folder that ``RINGFENCE_SHOTS`` names, if it is set.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from casework.call_backs import draw_people, note_result
from casework.cases import assign_case, read_case
from casework.control import make_sheet
from casework.handover import hand_over
from casework.issuing import Wanted
from casework.joint import ANSWER, list_joint
from casework.ledger import Ledger
from casework.papers import attach_paper
from casework.plans import decide_plan, draft_plan, note_answer
from casework.rights import Officer
from casework.risk_points import Entry, add_point, change_point, control_key
from casework.tips import register_tip
from ingest.texts import Language, say
from ingest.workspace import Workspace
from tests.app.browser import AXE, served
from tests.app.hands import SHOTS, button, choose, seats, settled, shot, tab
from tests.app.sample import STEERED
from tests.app.signed_in import CONCERNED, TESS
from tests.casework.office import CERTIFICATES, INES, LIN, SAM, SUE, UNIT, attach, case, go, log
from tests.casework.paper_county import BIG, PLACE, POOL, elsewhere, extract_tips

pytestmark = pytest.mark.browser

SIGHTS = [("light", "zh", (1366, 768)), ("dark", "en", (1920, 1080))]
GUEST = "inspector of the district"  # without an account
SCROLL = "one => { const at = one.scrollTop; one.scrollTop += 500; return one.scrollTop - at; }"
Visit = tuple[str, str, Callable[..., None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """A case with something on each of the tabs, one with nothing, and one that was archived."""

    case_id: str
    empty_id: str
    archived_id: str


@pytest.fixture(scope="module")
def keys(space: Workspace, ledger: Ledger) -> Keys:
    elsewhere(space)
    key = _handed_over(ledger)
    _called(ledger, key)
    _risks(ledger)
    _checked(ledger)
    extract_tips(space)
    empty = case(ledger, BIG).case_id
    return Keys(case_id=key, empty_id=empty, archived_id=_archived(ledger))


@pytest.fixture(scope="module")
def server(space: Workspace, tmp_path_factory) -> Iterator[str]:
    log_file = tmp_path_factory.mktemp("log") / "server.txt"
    with served(space.root, log_file, language="en") as address:
        yield address


@pytest.mark.parametrize(("scheme", "lang", "size"), SIGHTS, ids=["light-zh", "dark-en"])
def test_each_of_the_newest_tabs_is_opened_and_axe_finds_no_barrier(
    chromium, server, ledger, keys, axe, scheme: str, lang: Language, size: tuple[int, int]
) -> None:
    found = {}
    with seats(chromium, server, ledger, size=size) as seat:
        for who, visits in _visits(keys, lang):
            page = seat(who.name, scheme)
            page.add_init_script(axe)
            for name, path, act in visits:
                page.goto(f"{server}/{path}lang={lang}")
                settled(page)
                act(page)
                settled(page)
                found[name] = page.evaluate(AXE)
                _seen(page, f"checks_{name}_{scheme}_{lang}")
    assert not any(found.values()), {name: said for name, said in found.items() if said}


def test_an_answer_that_comes_after_archiving_is_attached_on_the_page(
    chromium, server, ledger, keys, tmp_path
) -> None:
    key, path = keys.archived_id, tmp_path / "late.pdf"
    path.write_bytes(b"an invented answer, late")
    with seats(chromium, server, ledger) as seat:
        page = seat(INES.name)
        page.goto(f"{server}/cases?case={key}&lang=en")
        settled(page)
        tab(page, "cases.tab.folder")
        page.locator('input[type="file"]').first.set_input_files(path)
        page.get_by_text(path.name).first.wait_for()
        choose(page, "cases.folder.by_authority_answer", say("authority.health", "en"))
        button(page, "cases.folder.add").click()
        page.get_by_text(f"Attached {path.name}").wait_for()
        after = read_case(ledger, INES, key)
        assert after.case.state == "archived"
        assert (after.attachments[-1].paper, after.attachments[-1].signed_by) == (ANSWER, "health")
        (joint,) = [one for one in list_joint(ledger, SUE) if one.case_id == key]
        assert joint.answered is not None
        assert log(ledger, "case.attached")[-1].who == "ines"


def _visits(keys: Keys, lang: Language) -> Iterator[tuple[Officer, Sequence[Visit]]]:
    """Yield who comes, and for each sight its name, its address and what is done there."""

    def opened(*tabs: str, then: str, **values: object) -> Callable[..., None]:
        def act(page) -> None:
            for key in tabs:
                tab(page, key, lang)
            page.get_by_text(say(then, lang, **values)).first.wait_for()

        return act

    def letter(page) -> None:
        page.get_by_text(say("report_page.kinds.letter", lang), exact=True).first.click()
        page.get_by_role("combobox", name=re.compile(say("report_page.area", lang))).wait_for()
        settled(page)
        page.locator(".st-key-paper_look button").click()
        page.locator("[data-testid=stImage] img").wait_for()

    of_case = f"cases?case={keys.case_id}&"
    yield SUE, (
        ("coverage", "plans?",
         opened("supervision.tab.coverage", then="supervision.coverage.tips")),
        ("joint", "cases?tab=figures&", opened(then="cases.joint.hint")),
        ("answered", of_case, opened("cases.tab.folder", then="authority.market")),
        ("archived", f"cases?case={keys.archived_id}&",
         opened("cases.tab.folder", then="cases.folder.archived")),
        ("team", of_case, opened("cases.tab.team", then="cases.team.guest", names=GUEST)),
    )  # fmt: skip
    yield INES, (
        ("calls", of_case, opened("cases.tab.calls", then="report.call_back.ask")),
        ("calls_none", f"cases?case={keys.empty_id}&",
         opened("cases.tab.calls", then="cases.calls.none")),
        ("letter", f"report?case={keys.case_id}&", letter),
    )  # fmt: skip
    risks = opened("insider.tab.risks", then="insider.risks.hint")
    control = opened("insider.tab.control", then="report.control.note")
    yield LIN, (("risks", "insider?", risks), ("control", "insider?", control))
    yield CONCERNED, (("risks_none", "insider?", risks),)
    yield TESS, (("extract", "tips?", opened(then="desk.extract.hint")),)


def _handed_over(ledger: Ledger) -> str:
    """A case that went to two authorities, one of which answered; a guest came along."""
    opened = case(ledger, POOL)
    key = opened.case_id
    attach(ledger, INES, key, "statement", "stock_book")
    go(ledger, key, "file", "begin", "conclude", "notify", "decide", choice="transfer")
    assign_case(
        ledger, SUE, key, to={**CERTIFICATES, GUEST: None},
        revision=read_case(ledger, SUE, key).case.revision,
    )  # fmt: skip
    for authority in ("market", "health"):
        hand_over(ledger, SUE, key, authority, Wanted(language="zh", purpose="移送"))  # type: ignore[arg-type]
    attach_paper(
        ledger, INES, key, b"an invented answer", name="answer.pdf", paper=ANSWER,
        signed_by="market",
    )  # fmt: skip
    return key


def _archived(ledger: Ledger) -> str:
    """A case that went to one authority and was archived before an answer came."""
    key = case(ledger, STEERED).case_id
    go(ledger, key, "file", "begin", "conclude", "notify", "decide", choice="transfer")
    hand_over(ledger, SUE, key, "health", Wanted(language="zh", purpose="移送"))
    go(ledger, key, "serve", "close", "archive")
    return key


def _called(ledger: Ledger, case_id: str) -> None:
    """Two draws of people to call back; of the first everybody but the last was called."""
    first = draw_people(ledger, INES, case_id, wanted=5, purpose="核实三月购药 / spring visits")
    told = {
        "not_reached": "拨打三次无人接听",
        "confirms": "本人确认，系自用",
        "denies": "从未到过该药店，社保卡由他人保管；愿意到经办机构当面说明情况",
        "reached": "said that a neighbour collects the cards once a month",
    }
    for one, (result, words) in zip(first.people, told.items(), strict=False):
        note_result(
            ledger, SUE, first.made.draw_id, one.person, result=result, words=words, revision=1
        )
    out = {first.people[0].person: "住院中"}
    draw_people(ledger, SUE, case_id, wanted=2, purpose="second round", excluded=out)


def _risks(ledger: Ledger) -> None:
    """A register with a point from a control sheet, and one by hand that is controlled."""
    entry = Entry(
        post="手工报销复核岗", process="手工报销", risk="同一人登记并复核，月末集中通过",
        measure="", owner="lin", grade="high",
    )  # fmt: skip
    sheet = make_sheet(ledger, LIN, month="2026-03")
    add_point(
        ledger, LIN, entry, source="control", source_key=control_key(sheet.sheet_id, "same_hand")
    )
    second = Entry(
        post="cashier", process="monthly closing", risk="pays without a second look",
        measure="two signatures above 5,000 yuan", owner="leo", grade="low",
    )  # fmt: skip
    made = add_point(ledger, LIN, second)
    change_point(ledger, LIN, made.risk_id, second, state="controlled", revision=made.revision)


def _checked(ledger: Ledger) -> None:
    """A place that was checked by a plan and named in a tip."""
    today = date.today()
    made = draft_plan(
        ledger, SUE, kind="unannounced", title="板上计划", purpose="p", places={PLACE: "r"},
        first=today, last=today + timedelta(days=30),
    )  # fmt: skip
    decide_plan(ledger, SAM, made.plan_id, approve=True, reason="r", revision=1)
    note_answer(ledger, SUE, made.plan_id, PLACE, done="checked", answer="a", revision=2)
    register_tip(
        ledger, TESS, unit=UNIT, channel="supervisor", received=today, summary="社会监督员反映",
        telling="t", informant=None, entities=[("place", PLACE)],
    )  # fmt: skip


def _seen(page, name: str) -> None:
    """Keep a picture of each part of a page that does not fit into the window."""
    shot(page, name)
    main = page.get_by_test_id("stMain")
    for number in range(2, 8 if SHOTS else 2):
        if not main.evaluate(SCROLL):
            break
        shot(page, f"{name}_{number}")
