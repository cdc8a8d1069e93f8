"""The ways of a case and of a lead: states, moves, and what each move requires, in one table.

States and decisions follow the practice under 医疗保障行政处罚程序暂行规定 (令第4号) and the
Regulation (国务院令第735号); the article numbers of the former are not yet compared with its text.
No decision before the notice, nor before the legal review where one is required. Every move that
counts is drafted by one person and approved by another.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from casework.rights import Refused
from ingest.telling import Told, listed, to_say, word, words
from ingest.texts import catalogue

SubjectClass = Literal["lead", "case"]
State = Literal[
    "checking",
    "not_filed",
    "filed",
    "investigating",
    "suspended",
    "terminated",
    "concluded",
    "notified",
    "decided",
    "served",
    "closed",
    "archived",
]
LeadState = Literal["open", "checking", "judged", "in_case"]
Outcome = Literal["confirmed", "rejected", "look_alike"]
Decision = Literal["penalty", "no_penalty", "not_established", "transfer", "transfer_justice"]
Evidence = Literal["inspection_record", "statement", "footage", "stock_book", "other_evidence"]
Paper = Literal[
    "check_record",
    "filing_form",
    "investigation_report",
    "notice",
    "legal_review",
    "group_minutes",
    "decision_paper",
    "transfer_letter",
    "service_receipt",
    "closing_report",
    "authority_answer",
]

EVIDENCE: tuple[Evidence, ...] = get_args(Evidence)
PAPERS: tuple[Paper, ...] = get_args(Paper)
DONE = ("closed", "archived", "not_filed", "terminated")
"""States of a case on which nobody works any more."""
_HONEST = "honest.name."
OFFICERS = 2  # with a certificate each; 国务院令第735号 art. 29


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One allowed move.

    ``papers`` must be attached before, ``by_choice`` further ones for what is chosen. ``reviewed``
    choices need a legal review, and so does every choice in a grave case, which also needs the
    minutes of a group decision. ``begins`` and ``ends`` name time limits; ``pauses`` is the cause
    for which those that run stand still until a move that ``resumes`` them.
    """

    name: str
    subject: SubjectClass
    before: tuple[str, ...]
    after: str
    source: str
    four_eyes: bool = True
    officers: int = 0
    papers: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    by_choice: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reviewed: tuple[str, ...] = ()
    begins: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    pauses: str | None = None
    resumes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A paper of a case, as far as a move asks for it; ``signed_by`` who gave the opinion."""

    paper: str
    sha256: str
    signed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A move that somebody wants, with what stands in the file when they want it.

    ``certified`` are the officers with a certificate, ``involved`` all who work on the case or
    drafted the move: none of them can be its legal reviewer.
    """

    state: str
    reason: str
    choice: str | None = None
    explanation: str | None = None
    grave: bool = False
    certified: frozenset[str] = frozenset()
    involved: frozenset[str] = frozenset()
    attached: Sequence[Attached] = ()


class NoSuchMove(Refused):
    """A move that is not in the table, or not from this state."""


class Unmet(Refused):
    """A move lacks what it requires; ``missing`` names all of it."""

    def __init__(self, move: Move, missing: Sequence[Told]) -> None:
        """List what is missing."""
        self.missing = tuple(one.told("en") for one in missing)
        super().__init__(
            to_say(
                "refused.case.unmet",
                name=word("case_move", move.name),
                missing=listed(missing),
                source=move.source,
            )
        )


MOVES: tuple[Move, ...] = (
    Move(
        name="judge",
        subject="lead",
        before=("open", "checking", "in_case"),
        after="judged",
        source="个人信息保护法第24条",
        choices=get_args(Outcome),
    ),
    Move(
        name="reopen",
        subject="lead",
        before=("judged",),
        after="checking",
        source="回头看",
    ),
    Move(
        name="file",
        subject="case",
        before=("checking",),
        after="filed",
        source="立案，令第4号第14条",
        papers=("check_record", "filing_form"),
        ends=("check",),
        begins=("handling",),
    ),
    Move(
        name="not_file",
        subject="case",
        before=("checking",),
        after="not_filed",
        source="不予立案，令第4号第14条",
        papers=("check_record",),
        ends=("check",),
    ),
    Move(
        name="begin",
        subject="case",
        before=("filed",),
        after="investigating",
        source="两名以上执法人员，国务院令第735号第29条，令第4号第16条",
        four_eyes=False,
        officers=OFFICERS,
    ),
    Move(
        name="suspend",
        subject="case",
        before=("investigating",),
        after="suspended",
        source="中止",
        pauses="suspension",
    ),
    Move(
        name="resume",
        subject="case",
        before=("suspended",),
        after="investigating",
        source="恢复调查",
        resumes="suspension",
    ),
    Move(
        name="terminate",
        subject="case",
        before=("investigating", "suspended"),
        after="terminated",
        source="终止",
        ends=("handling",),
    ),
    Move(
        name="conclude",
        subject="case",
        before=("investigating",),
        after="concluded",
        source="调查终结，国务院令第735号第29条",
        officers=OFFICERS,
        papers=("inspection_record", "investigation_report"),
        begins=("legal_review",),
    ),
    Move(
        name="notify",
        subject="case",
        before=("concluded",),
        after="notified",
        source="告知并听取意见，国务院令第735号第31条",
        papers=("notice",),
    ),
    Move(
        name="decide",
        subject="case",
        before=("notified",),
        after="decided",
        source="法制审核、集体讨论，令第4号第37–40条",
        choices=get_args(Decision),
        papers=("decision_paper",),
        by_choice={"transfer": ("transfer_letter",), "transfer_justice": ("transfer_letter",)},
        reviewed=("penalty", "transfer_justice"),
        ends=("handling", "legal_review"),
        begins=("service",),
    ),
    Move(
        name="serve",
        subject="case",
        before=("decided",),
        after="served",
        source="送达，令第4号第59条",
        four_eyes=False,
        papers=("service_receipt",),
        ends=("service",),
    ),
    Move(
        name="close",
        subject="case",
        before=("served",),
        after="closed",
        source="结案",
        papers=("closing_report",),
    ),
    Move(
        name="archive",
        subject="case",
        before=("closed", "terminated", "not_filed"),
        after="archived",
        source="立卷归档",
        four_eyes=False,
    ),
)


def find_move(subject: SubjectClass, name: str, state: str, *, four_eyes: bool) -> Move:
    """Return the move of that name from that state.

    Raises
    ------
    NoSuchMove
        If there is none, or it needs a second person where it was to be made by one, or the other
        way round.
    """
    allowed = [
        move
        for move in MOVES
        if move.subject == subject and state in move.before and move.four_eyes is four_eyes
    ]
    for move in allowed:
        if move.name == name:
            return move
    how = to_say("refused.case.how_drafted" if four_eyes else "refused.case.how_made")
    raise NoSuchMove(
        to_say(
            "refused.case.no_move",
            subject=word("refused.subject", subject),
            state=word(f"{subject}_state", state),
            name=word("case_move", name),
            how=how,
            choices=words("case_move", [move.name for move in allowed]),
        )
    )


def check(move: Move, wish: Wish) -> None:
    """Raise :class:`Unmet` with everything that a move lacks."""
    missing: list[Told] = []
    if not wish.reason.strip():
        missing.append(to_say("refused.lacks.reason"))
    if move.choices and wish.choice not in move.choices:
        area = "lead_outcome" if move.subject == "lead" else "case_decision"
        missing.append(to_say("refused.lacks.choice", choices=words(area, move.choices, by="bar")))
    if wish.choice is not None and not move.choices:
        missing.append(to_say("refused.lacks.no_choice", choice=wish.choice))
    if wish.choice == "look_alike" and wish.explanation not in explanations():
        known = words("honest.name", explanations(), by="bar")
        missing.append(to_say("refused.lacks.explanation", choices=known))
    if len(wish.certified) < move.officers:
        have = len(wish.certified)
        missing.append(to_say("refused.lacks.officers", have=have, needs=move.officers))
    missing += _missing_papers(move, wish)
    if missing:
        raise Unmet(move, missing)


def moves_table() -> str:
    """Return the moves as a Markdown table, in their order."""
    lines = [
        "| move | from | to | second person | requires | source |",
        "|---|---|---|---|---|---|",
    ]
    for move in MOVES:
        needs = [f"{move.officers} officers with certificates"] if move.officers else []
        needs += [f"a choice of {', '.join(move.choices)}"] if move.choices else []
        needs += [f"`{paper}`" for paper in move.papers]
        needs += [f"`{p}` for {choice}" for choice, some in move.by_choice.items() for p in some]
        needs += [f"`legal_review` for {', '.join(move.reviewed)}"] if move.reviewed else []
        cells = (
            f"`{move.name}` ({move.subject})",
            ", ".join(move.before),
            move.after,
            "approves" if move.four_eyes else "–",
            "; ".join(["a reason", *needs]),
            move.source,
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def explanations() -> tuple[str, ...]:
    """Return the names of the honest explanations, those that the detectors test."""
    return tuple(sorted(key[len(_HONEST) :] for key in catalogue() if key.startswith(_HONEST)))


def _missing_papers(move: Move, wish: Wish) -> list[Told]:
    have: Collection[str] = {one.paper for one in wish.attached}
    wanted = [*move.papers, *move.by_choice.get(wish.choice or "", ())]
    missing: list[Told] = [word("case_paper", paper) for paper in wanted if paper not in have]
    if not move.choices or move.subject != "case":
        return missing
    if wish.grave or wish.choice in move.reviewed:
        reviewers = {one.signed_by for one in wish.attached if one.paper == "legal_review"}
        if not reviewers - wish.involved - {None}:
            missing.append(to_say("refused.lacks.review"))
    if wish.grave and "group_minutes" not in have:
        missing.append(word("case_paper", "group_minutes"))
    return missing
