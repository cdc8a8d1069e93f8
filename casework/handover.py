"""Hand-over of a case to another authority: one package with exactly what that authority needs.

What goes where is one table. Police and the supervisory organ get the people by pseudonym with
every settlement; market supervision gets drugs, boxes and places, and health gets places and
practitioners: neither gets a person's treatment. Papers that the authority must have are checked
before the package is made. The package is a ZIP with a list of its files and their SHA-256; the
same case gives the same bytes.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

from sqlalchemy import Connection, Row, select

from casework.audit import append
from casework.canonical import canonical, digest, stamp
from casework.issuing import WRITERS, Issued, Wanted, file_of_paper, keep, known_paper
from casework.joint import Authority as Authority
from casework.ledger import Ledger
from casework.limits import local_day
from casework.paper_drafts import Draft
from casework.paper_lacks import Lack, coded
from casework.papers import Attachment, attachments_of
from casework.reports.frame import Handling
from casework.reports.handling import handling_of_case
from casework.reports.handover_paper import handover_paper
from casework.reports.handover_tables import rows_for
from casework.reports.ring_data import RingData, read_ring
from casework.reports.ring_paper import ring_paper
from casework.reports.sheet_parts import checks
from casework.rights import Officer, Refused, serving
from casework.subjects import find, names
from casework.tables import case_leads, cases, contents, leads
from ingest.telling import listed, to_say, word, words
from ingest.texts import say

_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What one authority gets.

    ``papers`` must be attached to the case, ``further`` go along if they are. ``report`` is whether
    the whole report of each ring goes along, ``tables`` which extracts of the data. ``decisions``
    are those under which a case may go there.
    """

    decisions: tuple[str, ...]
    papers: tuple[str, ...]
    further: tuple[str, ...] = ()
    report: bool = False
    tables: tuple[str, ...] = ()
    source: str = ""


NEEDS: Mapping[Authority, Needs] = {
    "police": Needs(
        decisions=("transfer_justice",),
        papers=("transfer_letter", "investigation_report"),
        further=(
            "decision_paper",
            "inspection_record",
            "statement",
            "footage",
            "stock_book",
            "other_evidence",
        ),
        report=True,
        tables=("settlements", "members", "objects"),
        source="行政执法机关移送涉嫌犯罪案件的规定 (2020)",
    ),
    "discipline": Needs(
        decisions=("transfer", "transfer_justice"),
        papers=("transfer_letter", "investigation_report"),
        further=("statement", "other_evidence"),
        report=True,
        tables=("settlements", "members"),
        source="行政执法机关移送涉嫌犯罪案件的规定 art. 19",
    ),
    "market": Needs(
        decisions=("transfer", "transfer_justice"),
        papers=("transfer_letter",),
        further=("stock_book",),
        tables=("places", "drugs"),
        source="to the authority in charge; no article compared yet",
    ),
    "health": Needs(
        decisions=("transfer", "transfer_justice"),
        papers=("transfer_letter",),
        further=("inspection_record",),
        tables=("places", "practitioners"),
        source="to the authority in charge; no article compared yet",
    ),
}
"""What goes to whom; the articles are not yet compared with their text."""


def hand_over(
    ledger: Ledger, officer: Officer, case_id: str, authority: Authority, wanted: Wanted
) -> tuple[Issued, bytes]:
    """Return the package of a case for an authority, kept and logged before it is handed out.

    Raises
    ------
    NotFound
        If there is no such case, or the officer may not know of it.
    Refused
        If the authority is none, the case was not decided for it, or a paper is missing; whoever
        works on the case does not hand it over.
    """
    function = "handover.hand_over"
    if authority not in get_args(Authority):
        raise Refused(
            to_say(
                "refused.paper.authority",
                authority=word("authority", authority),
                choices=words("authority", get_args(Authority)),
            )
        )
    with serving(ledger, officer, function, case_id) as connection:
        row, handling, files = _gathered(
            connection, ledger, officer, function, case_id, authority, wanted
        )
        addressed = _to(authority, wanted)
        content = digest([authority, addressed.purpose, addressed.language, _listed(files)])
        known = known_paper(connection, content, "zip")
        if known is not None:
            _noted(connection, ledger, officer, known, authority, files)
            return known, file_of_paper(connection, known.sha256)
        at = ledger.clock()
        day = local_day(at).isoformat()
        number = say(
            "report.number.handover", wanted.language, year=day[:4], code=content[:8].upper()
        )
        package, cover = _package(files, handling, authority, addressed, number, day)
        made = keep(
            connection,
            officer,
            package,
            kind="handover",
            subject=case_id,
            unit=row.unit,
            number=number,
            day=day,
            wanted=addressed,
            format="zip",
            content=content,
            digest=cover,
            at=stamp(at),
        )
        _noted(connection, ledger, officer, made, authority, files)
        return made, package


def draft_handover(
    connection: Connection,
    ledger: Ledger,
    officer: Officer,
    function: str,
    case_id: str,
    authority: Authority,
    wanted: Wanted,
) -> Draft:
    """Return the covering list of a package as it stands; errors as :func:`hand_over`."""
    row, handling, files = _gathered(
        connection, ledger, officer, function, case_id, authority, wanted
    )
    paper = handover_paper(handling, authority, _listed(files), _to(authority, wanted))
    return Draft(paper=paper, unit=row.unit, subject=case_id, case_id=case_id)


def _gathered(
    connection: Connection,
    ledger: Ledger,
    officer: Officer,
    function: str,
    case_id: str,
    authority: Authority,
    wanted: Wanted,
) -> tuple[Row[Any], Handling, list[tuple[str, str, bytes]]]:
    """Return a case, its handling, and what goes along: name in the package, kind, bytes."""
    row = find(connection, officer, function, case_id, of=cases)
    lacks = package_lacks(connection, officer, row, authority)
    if lacks:
        raise Refused(
            to_say(
                "refused.paper.hand_over",
                case_id=row.case_id,
                state=word("case_state", row.state),
                decision=word("case_decision", row.decision),
                authority=word("authority", authority),
                lacks=listed(map(coded, lacks)),
                source=NEEDS[authority].source,
            )
        )
    held = attachments_of(connection, case_id)
    handling = handling_of_case(connection, row, wanted.language)
    rings, to = _rings(connection, ledger, row), _to(authority, wanted)
    return row, handling, _files(connection, ledger, held, rings, handling, authority, to)


def package_lacks(
    connection: Connection, officer: Officer, row: Row[Any], authority: Authority
) -> tuple[Lack, ...]:
    """Return what a case lacks before it can go to an authority; nothing if it can."""
    needs, lacks = NEEDS[authority], []
    if authority == "discipline" and not row.insider:
        lacks.append(Lack(name="insider"))
    if row.decision not in needs.decisions:
        lacks.append(Lack(name="decision", values={"decisions": " ".join(needs.decisions)}))
    have = {one.paper for one in attachments_of(connection, row.case_id)}
    lacks += [
        Lack(name="paper", values={"paper": paper}) for paper in needs.papers if paper not in have
    ]
    if officer.name in names(connection, [row.case_id])[row.case_id]:
        lacks.append(Lack(name="own_case"))
    return tuple(lacks)


def _to(authority: Authority, wanted: Wanted) -> Wanted:
    return replace(wanted, recipient=say(f"authority.{authority}", wanted.language))


def _rings(connection: Connection, ledger: Ledger, row: Row[Any]) -> list[tuple[Any, RingData]]:
    query = select(leads).join(case_leads).where(case_leads.c.case_id == row.case_id)
    rows = connection.execute(query.order_by(leads.c.lead_id)).all()
    return [(lead, read_ring(ledger.workspace, lead.run, lead.ring_id)) for lead in rows]


def _files(
    connection: Connection,
    ledger: Ledger,
    held: Sequence[Attachment],
    rings: Sequence[tuple[Any, RingData]],
    handling: Handling,
    authority: Authority,
    wanted: Wanted,
) -> list[tuple[str, str, bytes]]:
    """Return what goes along: name in the package, kind of paper, bytes."""
    needs, files = NEEDS[authority], []
    for one in held:
        if one.paper in needs.papers or one.paper in needs.further:
            query = select(contents.c.bytes).where(contents.c.sha256 == one.sha256)
            content = bytes(connection.execute(query).scalar_one())
            files.append((f"papers/{one.number:03}-{_plain(one.name)}", one.paper, content))
    for lead, ring in rings:
        for name in needs.tables:
            text = rows_for(ledger.workspace, ring, name)
            files.append((f"data/{ring.ring_id}-{name}.csv", name, text.encode("utf-8-sig")))
        if needs.report:
            on_site = checks(ledger.workspace, ring, insider=lead.insider)
            paper = ring_paper(ring, handling, on_site, wanted.language)
            marked = replace(
                paper,
                number=ring.ring_id,
                day=ring.facts["last_seen"].date().isoformat(),
                watermark=f"{paper.watermark}　{wanted.recipient}",
            )
            files.append((f"reports/{ring.ring_id}.pdf", "ring_report", WRITERS["pdf"](marked)))
    return sorted(files)


def _package(
    files: Sequence[tuple[str, str, bytes]],
    handling: Handling,
    authority: Authority,
    wanted: Wanted,
    number: str,
    day: str,
) -> tuple[bytes, str]:
    """Return the ZIP with its covering list on top, and the digest printed on that list."""
    cover = handover_paper(handling, authority, _listed(files), wanted)
    cover = replace(cover, number=number, day=day)
    manifest = {
        "number": number,
        "day": day,
        "case": handling.case_id,
        "authority": authority,
        "purpose": wanted.purpose,
        "files": [
            {"file": name, "kind": kind, "bytes": size, "sha256": sha256}
            for name, kind, size, sha256 in _listed(files)
        ],
    }
    whole = [
        ("00-list.pdf", WRITERS["pdf"](cover)),
        ("manifest.json", (json.dumps(manifest, ensure_ascii=False, indent=1) + "\n").encode()),
        *((name, content) for name, _, content in files),
    ]
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in whole:
            part = zipfile.ZipInfo(name, _TIME)
            part.compress_type, part.create_system = zipfile.ZIP_DEFLATED, 3
            archive.writestr(part, content)
    return held.getvalue(), cover.digest


def _listed(files: Sequence[tuple[str, str, bytes]]) -> tuple[tuple[str, str, int, str], ...]:
    return tuple(
        (name, kind, len(content), hashlib.sha256(content).hexdigest())
        for name, kind, content in files
    )


def _plain(name: str) -> str:
    """Return a file name that cannot leave the folder it is unpacked into."""
    return "".join("_" if sign in '/\\:*?"<>|' else sign for sign in name).lstrip(".") or "file"


def _noted(
    connection: Connection,
    ledger: Ledger,
    officer: Officer,
    made: Issued,
    authority: Authority,
    files: Sequence[tuple[str, str, bytes]],
) -> None:
    append(
        connection,
        officer,
        at=ledger.clock(),
        action="case.handed_over",
        object_class="case",
        object=made.subject or "",
        case_id=made.subject,
        purpose=made.purpose or None,
        count=len(files),
        details={
            "authority": authority,
            "paper": made.paper_id,
            "number": made.number,
            "files": json.loads(canonical([[name, sha] for name, _, _, sha in _listed(files)])),
        },
        export_hash=made.sha256,
    )
