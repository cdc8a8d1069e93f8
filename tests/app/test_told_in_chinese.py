"""A refusal on a Chinese page is a Chinese sentence, down to the words of closed lists in it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.cli import command
from app.explorer.keeping import accounts as accounts_page
from graph.question import barred
from ingest.texts import Language, say
from ingest.workspace import Workspace
from tests.app import keeping_office as office
from tests.app.keeping_office import choose, come, press

pytestmark = pytest.mark.usefixtures("space")


@pytest.fixture(scope="module")
def space(tmp_path_factory) -> Iterator[Workspace]:
    with office.opened(office.build(tmp_path_factory.mktemp("chinese") / "county")) as held:
        accounts_page._listed.clear()
        yield held


def refused(page: AppTest) -> str:
    (error,) = page.error
    return str(error.value).replace("\\", "")


def test_the_administrator_is_refused_in_the_language_of_the_page() -> None:
    page = come("administrator", "admin", "zh")
    page.text_input(key="account_new_name").set_value("New.Comer")
    page.selectbox(key="account_new_role").set_value("investigator")
    page.text_input(key="account_new_unit").set_value("")
    press(page, say("keeping.accounts.create", "zh"))
    assert refused(page) == "角色“稽核员”须有所属单位：请填写经办机构的单位。"
    assert page.text_input(key="account_new_name").value == "New.Comer", "what was typed stays"

    page = choose(come("administrator", "admin", "zh"), "accounts", "investigator")
    press(page, say("keeping.accounts.lock", "zh"))
    assert refused(page) == "账户 investigator 未锁定：请写明理由。"


def test_the_informant_desk_is_refused_in_the_language_of_the_page() -> None:
    page = come("informant_desk", "tips", "zh")
    page.session_state["tips_tab"] = say("desk.tab.register", "zh")
    office.ran(page.run())
    press(page, say("desk.register", "zh"))
    told = refused(page)
    assert told.startswith("举报未登记（单位 ''，渠道：")
    assert not re.search("[a-z]{3}", told), "no word of the ledger, no English"
    assert say("tip_channel.hotline", "zh") in told


@pytest.mark.parametrize(
    ("lang", "told"),
    [("zh", "不存在：请指定数据文件或文件夹。"), ("en", "does not exist: name the folder or file")],
)
def test_a_command_is_refused_in_its_language(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, lang: Language, told: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        command(lang)(
            ["import", str(tmp_path / "none"), "-w", str(tmp_path), "--lang", lang],
            prog_name="ringfence",
        )
    assert ended.value.code == 1
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("MATCH (n) RETURN n;", "第 1 行：一次只能有一条语句，不能有“;”"),
        (
            "\nCALL db.labels()",
            "第 2 行：CALL 只能用于子查询“CALL (anchor) { … }”，不能调用存储过程",
        ),
        ("RETURN apoc.x('y')", "第 1 行：“apoc.”是插件函数，并非每个服务器都有"),
        ("RETURN 'open", "第 1 行：字符串没有结束引号"),
        (r"MATCH (n) \u0044ELETE n", r"其中有 \u 转义，请直接写出该字符"),
    ],
)
def test_a_question_that_may_not_be_asked_is_explained(text: str, told: str) -> None:
    assert told in [fault.told("zh") for fault in barred(text)]
