"""What a service refuses with: one sentence of the catalogue, told in the reader's language."""

import ast
import copy
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

from casework.accounts_passwords import check_new
from casework.rights import NotFound, Refused
from casework.workflow import Unmet, Wish, check, find_move
from casework.working_days import NoCalendar
from ingest.errors import RingfenceError
from ingest.telling import listed, tell, to_say, word, words
from ingest.texts import catalogue

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("ingest", "graph", "detectors", "casework", "app")
TREES = {
    path: ast.parse(path.read_text("utf-8"))
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
}
CLASSES = [
    node for tree in TREES.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)
]
# They pass on a sentence that is kept in the catalogue, or one on a fault in somebody's own query.
PASSED_ON = {
    "ingest/imports.py": "RingfenceError(told)",
    "detectors/motif_file.py": "RingfenceError(fault)",
}


@cache
def kinds() -> frozenset[str]:
    """Return the names of the errors that tell a sentence to a user."""
    found = {"RingfenceError"}
    for _ in range(3):  # errors of errors of errors
        found |= {
            node.name
            for node in CLASSES
            if any(isinstance(base, ast.Name) and base.id in found for base in node.bases)
        }
    return frozenset(found)


@cache
def own_words() -> frozenset[str]:
    """Return those that make their sentence themselves, from other arguments."""
    return frozenset(
        node.name
        for node in CLASSES
        if node.name in kinds() - {"RingfenceError"}
        and any(isinstance(one, ast.FunctionDef) and one.name == "__init__" for one in node.body)
    )


def name_of(call: ast.Call) -> str:
    if isinstance(call.func, ast.Name):
        return call.func.id
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def plain(tree: ast.AST) -> list[ast.Call]:
    """Return where an error is made of a sentence that only one language has."""
    errors, own = kinds(), own_words()
    makers = {"to_say"} | {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and any(name_of(one) == "to_say" for one in calls(node))
    }
    wrong = []
    for node in ast.walk(tree):
        sentences = []
        if isinstance(node, ast.Call) and name_of(node) in errors - own:
            sentences = [node]
        elif isinstance(node, ast.ClassDef) and node.name in own:
            sentences = [one for one in calls(node) if ast.unparse(one.func) == "super().__init__"]
        wrong += [
            one
            for one in sentences
            if not any(name_of(inner) in makers for each in one.args for inner in calls(each))
        ]
    return wrong


def test_whatever_is_refused_is_in_the_catalogue() -> None:
    wrong = []
    for path, tree in TREES.items():
        name = path.relative_to(ROOT).as_posix()
        found = [ast.unparse(call) for call in plain(tree)]
        if name in PASSED_ON:
            assert found == [PASSED_ON[name]]
        else:
            wrong += [f"{name}: {text[:90]}" for text in found]
    assert wrong == []
    assert sum(name_of(call) == "to_say" for tree in TREES.values() for call in calls(tree)) > 250


def test_the_rule_on_sentences_sees_a_plain_one() -> None:
    assert plain(ast.parse("raise Refused(f'{name} is none')"))
    assert plain(ast.parse("error = RingfenceError('no')"))
    assert plain(
        ast.parse("class NotFound(Refused):\n  def __init__(self):\n    super().__init__('no')")
    )
    assert not plain(ast.parse("raise Refused(to_say('refused.a.b'))\nraise NotFound(key)"))


def test_each_is_given_the_values_that_its_text_names() -> None:
    wrong = []
    for path, tree in TREES.items():
        for call in calls(tree):
            if name_of(call) != "to_say":
                continue
            key = call.args[0]
            for one in [key.body, key.orelse] if isinstance(key, ast.IfExp) else [key]:
                assert isinstance(one, ast.Constant), (path, call.lineno)
                given = {each.arg for each in call.keywords}
                texts = catalogue().get(str(one.value), {})
                for text in texts.values():
                    if given != {name for _, name, _, _ in Formatter().parse(text) if name}:
                        wrong.append((path.name, call.lineno, one.value))
                if not texts:
                    wrong.append((path.name, call.lineno, one.value))
    assert wrong == []


def test_every_sentence_of_a_refusal_is_used_and_is_chinese_in_chinese() -> None:
    named = {
        node.value
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    for key, entry in catalogue().items():
        if key.startswith(("refused.", "telling.")):
            area = key.rpartition(".")[0]
            assert key in named or area in named or area == "telling.value" or key in {
                "telling.and", "telling.or", "telling.bar",
            }, key  # fmt: skip
            words_of_it = re.sub(r"\{.*?\}", "", entry["zh"])
            assert re.search("[\u4e00-\u9fff，、：｜“]", words_of_it) or key.endswith("_none"), key
            assert not re.search("[\u4e00-\u9fff]", entry["en"].replace("国务院令第735号", "")), key


def english(tree: ast.AST) -> list[int]:
    """Return the lines on which the English sentence of a caught error is taken for a reader."""
    wrong = []
    for handler in ast.walk(tree):
        if not isinstance(handler, ast.ExceptHandler) or handler.type is None:
            continue
        caught = {one.id for one in ast.walk(handler.type) if isinstance(one, ast.Name)}
        for node in ast.walk(handler) if caught & kinds() else ():
            filled = isinstance(node, ast.FormattedValue) and ast.unparse(node.value)
            if filled == handler.name or ast.unparse(node) == f"str({handler.name})":
                wrong.append(handler.lineno)
    return wrong


def test_no_page_shows_an_error_in_english_whatever_the_language() -> None:
    """``str(error)`` is the English sentence: for logs, the ledger and answers to programs."""
    pages = [path for path in TREES if path.is_relative_to(ROOT / "app" / "explorer")]
    assert {path.name: found for path in pages if (found := english(TREES[path]))} == {}
    seen = "try:\n  pass\nexcept Refused as no:\n  "
    assert english(ast.parse(f"{seen}st.error(plain(str(no)))"))
    assert english(ast.parse(seen + "failed.append(f'{key}: {no}')"))
    assert not english(ast.parse(f"{seen}st.error(no.told(lang))"))


def test_values_are_told_in_the_language_of_the_sentence() -> None:
    nested = RingfenceError(to_say("refused.account.lock_reason", name="ivo"))
    error = Refused(
        to_say(
            "telling.quoted",
            value=listed([word("case_state", "closed"), word("case_state", None), nested, 7]),
        )
    )
    assert str(error) == "'closed, None, Account ivo was not locked: give a reason., 7'"
    assert error.told("en") == str(error)
    assert error.told("zh") == "“结案、无、账户 ivo 未锁定：请写明理由。、7”"
    assert words("role", ["auditor", "nobody"], by="or").told("zh") == "审计员或nobody"
    assert (words("role", []).told("zh"), words("role", []).told("en")) == ("无", "none")
    assert [tell(one, "zh") for one in (None, True, 3)] == ["无", "是", 3]
    assert [tell(one, "en") for one in (None, True, 3)] == [None, True, 3]


def test_a_plain_sentence_is_told_as_it_is_and_a_copy_of_an_error_keeps_both() -> None:
    assert (str(RingfenceError("why")), RingfenceError("why").told("zh")) == ("why", "why")
    error = copy.copy(Refused(to_say("refused.tip.tied", tip_id="J", lead_id="L")))
    assert str(error) == "Tip J is tied to lead L already."
    assert error.told("zh") == "举报 J 已与线索 L 关联。"


def test_errors_that_make_their_own_sentence_have_both() -> None:
    assert NotFound("L-1").told("zh") == "您无权访问“L-1”，或它不存在：请查看自己的列表。"
    assert str(NotFound("L-1")).startswith("You have no access to 'L-1'")
    assert "2031 年" in NoCalendar(2031).told("zh")


def test_what_a_move_lacks_is_named_in_words() -> None:
    move = find_move("case", "decide", "notified", four_eyes=True)
    with pytest.raises(Unmet) as refused:
        check(move, Wish(state="notified", reason=" ", choice="penalty", grave=True))
    assert "group_minutes" in str(refused.value)
    assert "legal_review by somebody outside the case" in refused.value.missing
    told = refused.value.told("zh")
    assert told.startswith("事项“作出决定”还缺理由、")
    assert "集体讨论记录" in told
    assert "案外人员出具的法制审核意见" in told
    assert "group_minutes" not in told


def test_why_a_password_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        check_new("short", name="ivo", old="another-long-one")
    assert str(refused.value).startswith("The new password has 5 characters: take ")
    assert refused.value.told("zh").startswith("新密码有 5 个字符：须为 ")
