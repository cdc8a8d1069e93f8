"""The annex of a ring report: the query that brings the settlements back, parameters, inputs."""

import json
import textwrap

from casework.reports.model import Block, Column, Fact, Facts, Grid, Section, Text, Verbatim
from casework.reports.ring_data import RingData
from casework.reports.words import money, number
from detectors.motif import motif
from ingest.texts import Language, say

COLUMNS = 104
"""Characters of a line of code on A4."""


def annex(ring: RingData, lang: Language) -> Section:
    """Return the annex; whoever has the extract can repeat every figure from it."""
    return Section(
        title=say("report.section.annex", lang),
        blocks=(
            *_query(ring, lang),
            Text(text=say("report.annex.parameters", lang, run=ring.run["run"])),
            Verbatim(text=_code(ring.run["parameters"])),
            Facts(
                rows=tuple(
                    Fact(name=name, value=value, source=f"run.json: versions.{name}")
                    for name, value in sorted(ring.run["versions"].items())
                )
            ),
            Text(text=say("report.annex.inputs", lang)),
            _inputs(ring, lang),
            Text(text=say("report.annex.row_hash", lang), small=True),
        ),
        opens_page=True,
    )


def _query(ring: RingData, lang: Language) -> tuple[Block, ...]:
    if ring.motif is None:
        return (Text(text=say("report.annex.no_query", lang)),)
    asked = motif(ring.motif["motif"])
    told = say(
        "report.annex.query",
        lang,
        motif=asked.name,
        digest=asked.digest,
        settlements=number(len(ring.motif["settlements"])),
        fund=money(ring.motif["fund_shown"], lang),
    )
    return (
        Text(text=told),
        Verbatim(text="\n".join(_lines(_body(asked.text)))),
        Text(text=say("report.annex.values", lang)),
        Verbatim(text=_code(json.loads(ring.motif["parameters"]))),
    )


def _inputs(ring: RingData, lang: Language) -> Grid:
    names = ("table", "file", "rows", "sha256")
    widths = (1.2, 1.6, 0.9, 4.2)
    return Grid(
        columns=tuple(
            Column(
                name=say(f"report.column.{name}", lang),
                width=width,
                align="right" if name == "rows" else "left",
                code=name == "sha256",
            )
            for name, width in zip(names, widths, strict=True)
        ),
        rows=tuple(
            (one.table, one.file, number(one.kept), one.sha256) for one in ring.manifest.inputs
        ),
        source="manifest.json: inputs",
    )


def _body(text: str) -> str:
    """Return a motif without its opening comment, whose words stand in the catalogue."""
    return text.partition("*/")[2].strip()


def _code(values: object) -> str:
    return "\n".join(textwrap.wrap(json.dumps(values, sort_keys=True), COLUMNS))


def _lines(text: str) -> list[str]:
    return [
        part
        for line in text.splitlines()
        for part in (textwrap.wrap(line, COLUMNS, subsequent_indent="    ") or [""])
    ]
