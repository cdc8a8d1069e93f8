"""What a paper lacks, said before it is made: by the same rules that refuse it afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ingest.telling import Told, to_say, word, words
from ingest.texts import Language, say

LackName = Literal[
    "decision",
    "paper",
    "insider",
    "own_case",
    "certificates",
    "run_gone",
    "other_import",
    "dropped",
    "no_other_area",
    "not_over",
    "purpose",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """One thing that a paper lacks: refused without it if it ``blocks``, else only poorer.

    ``values`` fill the text of its name; words of closed lists stand there as they are kept.
    """

    name: LackName
    values: Mapping[str, str] = field(default_factory=dict)
    blocks: bool = True


def sentence(lack: Lack, lang: Language) -> str:
    """Return what is lacking, in words, with what to do about it."""
    told = dict(lack.values)
    if "paper" in told:
        told["paper"] = say(f"case_paper.{told['paper']}", lang)
    if "decisions" in told:
        named = (say(f"case_decision.{one}", lang) for one in told["decisions"].split())
        told["decisions"] = say("telling.or", lang).join(named)
    return say(f"report.lack.{lack.name}", lang, **told)


def coded(lack: Lack) -> Told:
    """Return what is lacking in few words, for the sentence of a refusal."""
    match lack.name:
        case "decision":
            decisions = words("case_decision", lack.values["decisions"].split(), by="or")
            return to_say("refused.lacks.decision", decisions=decisions)
        case "paper":
            return word("case_paper", lack.values["paper"])
        case "insider":
            return to_say("refused.lacks.insider")
        case "own_case":
            return to_say("refused.lacks.other_officer")
    return word("refused.lacks", lack.name)
