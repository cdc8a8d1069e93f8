"""Who of a case was drawn to be called back, what to ask, and what each of them said."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from casework.reports.frame import fact_lines, table
from casework.reports.model import Points, Section, Text
from casework.reports.words import local, name_of
from ingest.texts import Language, say

if TYPE_CHECKING:  # the ledger's modules of draws need not know of papers
    from casework.call_backs import CallBack

QUESTIONS = ("who", "visits", "card", "amount", "others")
"""What is asked of everybody, in this order: no question names a lead, a ring or another person."""


def called_sections(
    calls: Sequence["CallBack"], named: Mapping[str, str], lang: Language
) -> tuple[Section, ...]:
    """Return a section for each draw, none where nobody was drawn.

    ``named`` are the pseudonyms by the key of the import; who is not on file is named so.
    """
    return tuple(_section(one, named, lang) for one in calls)


def _section(call: "CallBack", named: Mapping[str, str], lang: Language) -> Section:
    unknown = say("report.call_back.unknown", lang)
    rows = [
        (
            str(one.position),
            named.get(one.person, unknown),
            name_of("call_back_result", one.result, lang),
            one.words or "–",
            one.changed_by or "–",
        )
        for one in call.people
    ]
    out = [
        say("report.call_back.out", lang, person=named.get(key, unknown), reason=reason)
        for key, reason in call.made.excluded.items()
    ]
    told = (
        ("plan_draw", call.made.draw_id, "draws.draw_id"),
        ("opened", f"{local(call.made.at)}　{call.made.who}", "draws.at, who"),
        ("call_back_purpose", call.made.purpose, "draws.purpose"),
        ("call_back_pool", str(len(call.made.pool)), "draws.pool"),
        ("call_back_seed", call.made.seed, "draws.seed"),
    )
    return Section(
        title=say("report.section.call_back", lang),
        blocks=(
            fact_lines(told, lang),
            *((Points(items=tuple(out)),) if out else ()),
            Text(text=say("report.call_back.ask", lang)),
            Points(items=tuple(say(f"report.call_back.{name}", lang) for name in QUESTIONS)),
            *table(
                ("n", "person", "result", "text", "who"),
                (0.4, 1.7, 1.1, 3.4, 1.0),
                rows,
                lang,
                source="call_back_people.position, result, words, changed_by; persons.person_id",
            ),
            Text(text=say("report.call_back.note", lang), small=True),
        ),
    )
