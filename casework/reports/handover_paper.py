"""The covering list of a hand-over: who gets what, each file with its SHA-256, to be signed for."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from casework.reports.frame import Handling, handled, log_extract
from casework.reports.model import Column, Fact, Grid, Paper, Section, Signatures, Text
from casework.reports.words import name_of, number
from ingest.texts import Language, catalogue, say

if TYPE_CHECKING:  # the service's module builds this paper
    from casework.issuing import Wanted


def handover_paper(
    handling: Handling,
    authority: str,
    files: Sequence[tuple[str, str, int, str]],
    wanted: "Wanted",
) -> Paper:
    """Return the list; ``files`` are (name, kind, bytes, SHA-256)."""
    lang = wanted.language
    names, widths = ("n", "file", "paper", "bytes", "sha256"), (0.4, 2.4, 1.3, 0.8, 3.2)
    grid = Grid(
        columns=tuple(
            Column(
                name=say(f"report.column.{name}", lang),
                width=width,
                code=name in ("file", "sha256"),
                align="right" if name == "bytes" else "left",
            )
            for name, width in zip(names, widths, strict=True)
        ),
        rows=tuple(
            (str(n), name, _kind(kind, lang), number(size), sha256)
            for n, (name, kind, size, sha256) in enumerate(files, 1)
        ),
        source="manifest.json: files",
    )
    return handled(
        "handover",
        handling,
        lang,
        Fact(name=say("report.head.authority", lang), value=say(f"authority.{authority}", lang)),
        Fact(name=say("report.head.purpose", lang), value=wanted.purpose or "–"),
        title=say("report.title.handover", lang),
        sections=(
            Section(
                title=say("report.handover.files", lang),
                blocks=(Text(text=say(f"report.handover.{authority}", lang)), grid),
            ),
            Section(
                title=say("report.section.sign_off", lang),
                blocks=(
                    Signatures(
                        lines=tuple(
                            (say(f"report.signer.{role}", lang), "")
                            for role in ("sender", "approver", "receiver")
                        )
                    ),
                    Text(text=say("report.handover.note", lang), small=True),
                ),
            ),
            log_extract(handling.log, lang),
        ),
    )


def _kind(kind: str, lang: Language) -> str:
    area = "case_paper" if f"case_paper.{kind}" in catalogue() else "handover_part"
    return name_of(area, kind, lang)
