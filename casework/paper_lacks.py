"""What a paper lacks, said before it is made: by the same rules that refuse it afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

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
    told = {
        name: say(f"{_AREAS[name]}.{value}", lang) if name in _AREAS else value
        for name, value in lack.values.items()
    }
    if "decisions" in told:
        between = "或" if lang == "zh" else " or "
        words = [say(f"case_decision.{one}", lang) for one in told["decisions"].split()]
        told["decisions"] = between.join(words)
    return say(f"report.lack.{lack.name}", lang, **told)


_AREAS = {"paper": "case_paper"}


def codes(lacks: Sequence[Lack]) -> str:
    """Return what is lacking by the codes of the ledger, for the sentence of a refusal."""
    return ", ".join(_code(lack) for lack in lacks)


def _code(lack: Lack) -> str:
    match lack.name:
        case "decision":
            return f"the decision {lack.values['decisions'].replace(' ', ' or ')}"
        case "paper":
            return lack.values["paper"]
        case "insider":
            return "a member of the agency's staff"
        case "own_case":
            return "an officer who does not work on the case"
    return str(lack.name)
