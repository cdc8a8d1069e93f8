"""docs/import.md says what the code does: its tables are written from the declarations."""

import re
from dataclasses import asdict
from pathlib import Path

from ingest.rules import FLAG_REASONS, REJECT_REASONS, RULES
from ingest.tables import TABLES
from ingest.texts import say

PAGE = Path(__file__).parents[2] / "docs" / "import.md"


def tables_part() -> str:
    """Return the table of import tables."""
    lines = [
        "| table | required columns | key | a missing table switches off |",
        "|---|---|---|---|",
    ]
    for table in TABLES.values():
        needed = " ".join(f"`{c.name}`" for c in table.columns if c.required)
        key = " ".join(f"`{name}`" for name in table.key) or "rows may repeat"
        off = "; ".join(say(f"enables.{key}", "en") for key in table.enables) or "nothing"
        lines.append(
            f"| `{table.name}` | {needed} | {key} | {'everything' if table.required else off} |"
        )
    return "\n".join(lines)


def reasons_part() -> str:
    """Return the table of reject and flag reasons."""
    lines = ["| | reason | meaning | |", "|---|---|---|---|"]
    for area, reasons in (("reject", REJECT_REASONS), ("flag", FLAG_REASONS)):
        lines += [
            f"| {area} | `{reason}` | {say(f'{area}.{reason}', 'en')} "
            f"| {say(f'{area}.{reason}', 'zh')} |"
            for reason in reasons
        ]
    return "\n".join(lines)


def test_the_tables_of_the_page_are_those_of_the_code() -> None:
    page = PAGE.read_text("utf-8")
    assert tables_part() in page
    assert reasons_part() in page


def test_the_numbers_of_the_page_are_those_of_the_rules() -> None:
    page = PAGE.read_text("utf-8")
    said = {
        rf"at most {RULES.refund_days} days old",
        rf"each at most {RULES.visit_seconds} s after",
        rf"a number of {RULES.card_people} or more people",
        rf"more than {RULES.placeholder_share:.0%} of at least {RULES.placeholder_rows} filled",
        rf"at {RULES.placeholder_places} or more places",
        rf"address of {RULES.shared_people} or more people",
        rf"more than {RULES.precision_share:.0%} of at least {RULES.precision_rows} are",
        rf"where {RULES.batch_share:.0%} or more share",
        rf"with {RULES.batch_people} or more people in all",
    }
    assert not [words for words in said if words not in page]
    assert not re.findall("|".join(rf"{{{name}" for name in asdict(RULES)), page)
