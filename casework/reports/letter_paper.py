"""The letter to the other area: what is asked of it, and the settlements it is about, by key."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from casework.reports.frame import (
    Handling,
    fact_lines,
    numbered,
    officers_block,
    sign_off,
    table,
    unissued,
)
from casework.reports.model import Fact, Facts, Paper, Points, Section, Text
from ingest.texts import Language, say

if TYPE_CHECKING:  # the ledger's modules of letters need not know of papers
    from casework.letters import Concerned

ASKED = ("settled", "filed", "records", "place", "stock")
"""What is asked of the other area, in this order."""
LINES = ("contact", "telephone", "post", "until")
"""Lines to be filled in by hand: nobody's telephone is in the data that a paper may bear."""
LINKS = {"treated": "link_treated", "insured": "link_insured"}
COLUMNS = ("n", "settlement", "date", "place", "person", "link")


def letter_paper(
    handling: Handling, area: str, rows: Sequence["Concerned"], lang: Language
) -> Paper:
    """Return the letter, still without number and day; people are pseudonyms.

    It says which case it belongs to and nothing of the lead, its ring or its money.
    """
    return unissued(
        "letter",
        lang,
        Fact(name=say("report.head.area", lang), value=say("report.letter.to", lang, area=area)),
        Fact(name=say("report.head.unit", lang), value=handling.unit),
        Fact(name=say("report.head.case", lang), value=handling.case_id or "–"),
        title=say("report.title.letter", lang),
        marking="insider" if handling.insider else "plain",
        sections=numbered(
            [
                _asked(area, rows, lang),
                _settlements(rows, lang),
                _answer(handling, lang),
                sign_off(lang, "officer", "officer", "approver"),
            ],
            lang,
        ),
    )


def _asked(area: str, rows: Sequence["Concerned"], lang: Language) -> Section:
    places = {one.place for one in rows if one.link == "treated"}
    people = {one.person for one in rows}
    keys = {one.setl_id for one in rows}
    told = (
        (
            "letter_area",
            area,
            "settlements.mdtrtarea_admvs, insu_admdvs; providers.fix_blng_admdvs",
        ),
        ("letter_settlements", f"{len(keys):,}", "settlements.setl_id"),
        ("letter_people", f"{len(people):,}", "persons.person_id"),
        ("letter_places", f"{len(places):,}", "settlements.fixmedins_code"),
        ("letter_days", f"{rows[0].day} – {rows[-1].day}", "settlements.setl_time"),
    )
    return Section(
        title=say("report.section.letter", lang),
        blocks=(
            Text(text=say("report.letter.ground", lang)),
            fact_lines(told, lang),
            Points(items=tuple(say(f"report.letter.{name}", lang) for name in ASKED)),
            Text(text=say("report.letter.limits", lang), small=True),
        ),
    )


def _settlements(rows: Sequence["Concerned"], lang: Language) -> Section:
    told = [
        (
            str(n),
            one.setl_id,
            one.day,
            one.place,
            one.person or "–",
            say(f"report.letter.{LINKS[one.link]}", lang),
        )
        for n, one in enumerate(rows, 1)
    ]
    source = "settlements.setl_id, setl_time, fixmedins_code; persons.person_id"
    return Section(
        title=say("report.section.letter_settlements", lang),
        blocks=(
            *table(COLUMNS, (0.4, 1.9, 1.0, 1.4, 1.7, 1.0), told, lang, source=source),
            Text(text=say("report.letter.pseudonyms", lang), small=True),
        ),
    )


def _answer(handling: Handling, lang: Language) -> Section:
    lines = tuple(Fact(name=say(f"report.letter.{name}", lang), value="") for name in LINES)
    return Section(
        title=say("report.section.letter_answer", lang),
        blocks=(Facts(rows=lines), officers_block(handling, lang)),
    )
