"""What the documents say is there: linked files exist, every command and setting is named."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from app.cli import command
from app.explorer import roles
from casework.rights import ROLES
from ingest.texts import say

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONVENTIONS.md", *sorted((ROOT / "docs").glob("*.md"))]
EXPLORER = ROOT / "docs" / "explorer.md"


@pytest.mark.parametrize(
    "page", [*PAGES, ROOT / "docker" / "README.md"], ids=lambda page: page.name
)
def test_every_linked_file_exists(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    pages = sorted(page.name for page in (ROOT / "docs").glob("*.md"))
    assert [name for name in pages if name != "README.md" and f"({name})" not in index] == []


def test_every_linked_heading_exists() -> None:
    for page in PAGES:
        for link, anchor in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", page.read_text("utf-8")):
            target = (page.parent / link).read_text("utf-8") if link else page.read_text("utf-8")
            headings = re.findall(r"^#+ (.+)$", target, re.MULTILINE)
            slugs = {re.sub(r"[^\w -]", "", each).lower().replace(" ", "-") for each in headings}
            assert anchor in slugs, f"{page.name}: {link}#{anchor}"


def test_the_readme_names_every_command() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert [name for name in command("en").commands if f"`{name}`" not in text
            and f"ringfence {name}" not in text] == []  # fmt: skip


@pytest.mark.parametrize(
    "page", [*PAGES, ROOT / "docker" / "README.md"], ids=lambda page: page.name
)
def test_every_command_in_a_block_is_one_that_is_understood(page: Path) -> None:
    """Words and options are those of the command line; nothing is run."""
    for line in re.findall(
        r"^(?:\.venv/bin/)?ringfence .+$", page.read_text("utf-8"), re.MULTILINE
    ):
        words = shlex.split(line, comments=True)[1:]
        found: Any = command("en")
        while words and words[0] in getattr(found, "commands", {}):
            found = found.commands[words.pop(0)]
        found.make_context(line, words)


def test_the_readme_names_every_variable_that_is_read() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "app").glob("*.py"))
    text = (ROOT / "README.md").read_text("utf-8")
    read = set(re.findall(r"\b(?:RINGFENCE|NEO4J)_[A-Z]+\b", code))
    assert len(read) >= 5
    assert sorted(name for name in read if name not in text) == []


def test_the_two_commands_of_the_readme_are_made() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    readme = (ROOT / "README.md").read_text("utf-8")
    named = set(re.findall(r"\bmake ([a-z][a-z-]+)", readme))
    assert {"demo", "test", "setup", "lock"} <= named
    assert [target for target in named if f"\n{target}:" not in makefile] == []


def test_the_pages_of_the_document_are_those_of_the_roles() -> None:
    head, *rows = _table("| page | title |")
    named = head[2:-1]
    assert sorted(named) == sorted(ROLES)
    told = {
        page.strip("`"): {who for who, may in zip(named, cells, strict=True) if may == "✔"}
        for page, _, *cells, _ in rows
    }
    assert list(told) == list(roles.PAGES)
    assert told == {page: set(whose) for page, whose in roles.PAGES.items()}
    for page, title, *cells, link in rows:
        key = "canvas.page.title" if page == "`explore`" else f"explorer.page.{page.strip('`')}"
        assert title == f"{say(key, 'zh')} {say(key, 'en')}"
        assert set(cells) <= {"✔", "–"}, page
        assert re.findall(r"\(#[^)]+\)", link), page


def test_the_mechanisms_name_files_that_are_there_and_tests() -> None:
    _, *rows = _table("| mechanism | module |")
    assert len(rows) >= 30
    for mechanism, modules, place, tests in rows:
        named = re.findall(r"`([^`]+)`", modules)
        assert named, mechanism
        assert place, mechanism
        proofs = re.findall(r"`([^`]+)`", tests)
        assert proofs, mechanism
        assert all(one.startswith("tests/") for one in proofs), mechanism
        assert [one for one in (*named, *proofs) if not (ROOT / one).is_file()] == [], mechanism


def _table(begins: str) -> list[list[str]]:
    """Return the cells of a table of the document on the explorer, its heading first."""
    text = EXPLORER.read_text("utf-8")
    lines = text[text.index(begins) :].split("\n\n", 1)[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [rows[0], *rows[2:]]
