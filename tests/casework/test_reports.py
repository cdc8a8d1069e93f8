"""The papers: what they say, that both files say it, that the same paper is the same bytes."""

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import duckdb
import pypdf
import pytest
from docx import Document

from casework.anchor import read_anchor
from casework.audit import verify
from casework.cases import open_case
from casework.issuing import Wanted, issue_case, issue_ring, list_papers, read_paper
from casework.ledger import Ledger, reading
from casework.reports import fonts
from casework.reports.docx_file import docx
from casework.reports.frame import Handling
from casework.reports.model import Paper
from casework.reports.pdf import pdf
from casework.reports.ring_data import read_ring
from casework.reports.ring_paper import ring_paper
from casework.reports.rules import articles_of, behaviours, behaviours_of, items
from casework.reports.sheet_parts import checks
from casework.rights import NotFound, Refused
from casework.sheets import issue_notice, issue_sheet
from detectors.rings import KINDS
from ingest.errors import RingfenceError
from ingest.texts import Language, catalogue, say
from ingest.workspace import Workspace
from tests.casework.office import ANALYST, INES, LIN, SUE, case, details, give, go, log
from tests.casework.paper_county import BIG, INSIDE, PLACE, POOL, county, taken_in

ROOT = Path(__file__).resolve().parents[2]
ZH, EN = Wanted(language="zh"), Wanted(language="en")
FORBIDDEN = ("骗保", "诈骗", "违法", "主犯", "骗取", "fraudster", "guilty", "criminal")
HANDLING = Handling(
    status="Lead – to be checked",
    unit="u",
    lead_id="L-1",
    case_id=None,
    insider=False,
    filed=False,
    certificates=(),
    log=(),
)


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return county(tmp_path_factory.mktemp("papers") / "county")


def paper(space: Workspace, ring_id: str, lang: Language) -> Paper:
    ring = read_ring(space, space.latest_run().name, ring_id)
    built = ring_paper(ring, HANDLING, checks(space, ring), lang)
    return replace(built, number="N 1", day="2026-03-02")


def text_of(file: bytes) -> str:
    """The text of a PDF without line breaks and blanks, which typesetting sets as it likes."""
    pages = pypdf.PdfReader(io.BytesIO(file)).pages
    return re.sub(r"\s|\u200b", "", "".join(page.extract_text() for page in pages))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_ring_report_has_its_parts_and_every_settlement(space: Workspace, lang: Language) -> None:
    built = paper(space, BIG, lang)
    said = text_of(pdf(built))
    titles = [section.title for section in built.sections]
    assert len(titles) == 12
    for title in (built.title, *titles):
        assert re.sub(r"\s", "", title) in said
    ring = read_ring(space, space.latest_run().name, BIG)
    assert len(ring.settlements) > 40
    for row in ring.settlements:
        assert row["setl_id"] in said
        assert row["row_hash"][:16] in said
    assert re.sub(r"\s", "", built.digest) in said
    assert not [word for word in FORBIDDEN if word in said]
    assert say("kind.card_pool", lang).replace(" ", "") in said


def test_a_row_hash_is_that_of_the_row_in_the_clean_table(space: Workspace) -> None:
    ring = read_ring(space, space.latest_run().name, BIG)
    wanted = ring.settlements[0]["setl_id"]
    table = duckdb.read_parquet(str(space.table("settlements")))
    rows = table.filter(duckdb.ColumnExpression("setl_id") == duckdb.ConstantExpression(wanted))
    (values,) = rows.fetchall()
    plain = {
        name: f"§{value}§"
        if isinstance(value, Decimal)
        else value
        if value is None or isinstance(value, str | bool | int | float)
        else str(value)
        for name, value in zip(rows.columns, values, strict=True)
    }
    told = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    told = re.sub(r'"§(.*?)§"', r"\1", told)  # a decimal is a number with all its digits
    assert hashlib.sha256(told.encode()).hexdigest() == ring.settlements[0]["row_hash"]


def test_the_same_ring_gives_the_same_bytes(space: Workspace) -> None:
    for write in (pdf, docx):
        first, again = (write(paper(space, BIG, "zh")) for _ in range(2))
        assert first == again
    assert pdf(paper(space, BIG, "zh")) != pdf(replace(paper(space, BIG, "zh"), number="N 2"))


def test_the_pdf_is_an_archive_with_its_fonts(space: Workspace) -> None:
    file = pdf(paper(space, POOL, "zh"))
    reader = pypdf.PdfReader(io.BytesIO(file))
    assert b">2<" in file.split(b"pdfaid:part")[1][:20]
    used = set()
    for page in reader.pages:
        held = page["/Resources"].get_object().get("/Font", {})
        for font in held.values():
            for below in font.get_object()["/DescendantFonts"]:
                descriptor = below.get_object()["/FontDescriptor"].get_object()
                used.add(str(descriptor["/FontName"]))
                assert {"/FontFile2", "/FontFile3"} & set(descriptor), descriptor["/FontName"]
    assert any("NotoSansCJK" in name for name in used), used
    assert reader.pages[0].extract_text().count("待核查") >= 1
    assert "1" in re.findall(r"第\s*(\d+)\s*页", reader.pages[0].extract_text())


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_docx_says_what_the_pdf_says(space: Workspace, lang: Language) -> None:
    built = paper(space, BIG, lang)
    document = Document(io.BytesIO(docx(built)))
    lines = [line.text for line in document.paragraphs]
    cells = [cell.text for table in document.tables for cell in table._cells]
    for section in built.sections:
        assert section.title in lines
    for row in read_ring(space, space.latest_run().name, BIG).settlements:
        assert row["setl_id"] in cells
        assert row["row_hash"][:16] in cells
    fonts_used = {
        run._element.rPr.rFonts.get(EAST_ASIA)
        for p in document.paragraphs
        for run in p.runs
        if run.text
    }
    assert fonts_used <= {fonts.FAMILY, fonts.FIXED}
    assert len(document.inline_shapes) == 3
    header = document.sections[0].header._element.xml
    assert built.number in header
    assert 'string="Lead – to be checked"' in header
    footer = document.sections[0].footer._element.xml
    assert built.digest in footer
    assert "NUMPAGES" in footer


EAST_ASIA = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}eastAsia"


def test_libreoffice_opens_the_docx(space: Workspace, tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        stop = pytest.fail if os.environ.get("REQUIRE_LIBREOFFICE") == "1" else pytest.skip
        stop("NOT OPENED IN LIBREOFFICE: install the Debian package libreoffice-writer-nogui")
    source = tmp_path / "report.docx"
    source.write_bytes(docx(paper(space, POOL, "zh")))
    subprocess.run(  # noqa: S603 - the office of this machine
        [
            *(str(office), f"-env:UserInstallation=file://{tmp_path}/profile", "--headless"),
            *("--convert-to", "pdf", "--outdir", str(tmp_path), str(source)),
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )
    said = text_of((tmp_path / "report.pdf").read_bytes())
    built = paper(space, POOL, "zh")
    for title in (built.title, *(section.title for section in built.sections)):
        assert re.sub(r"\s", "", title) in said


def test_saved_positions_are_the_ones_drawn(space: Workspace) -> None:
    ring = read_ring(space, space.latest_run().name, POOL)
    nodes = sorted({f"{kind}:{key}" for tie in ring.ties for kind, key in (tie.left, tie.right)})
    line = {node: (float(n), 0.0) for n, node in enumerate(nodes)}
    other = {node: (0.0, float(n)) for n, node in enumerate(nodes)}

    def drawn(positions: dict[str, tuple[float, float]] | None) -> str:
        built = ring_paper(ring, HANDLING, (), "zh", positions=positions)
        return next(
            b.svg for s in built.sections for b in s.blocks if getattr(b, "name", "") == "network"
        )

    assert drawn(line) != drawn(other)
    assert drawn(None) == drawn(None) == drawn({nodes[0]: (0.0, 0.0)})


def test_evidence_that_does_not_add_up_is_said(space: Workspace) -> None:
    ring = read_ring(space, space.latest_run().name, POOL)
    sound = pdf(paper(space, POOL, "en"))
    wrong = replace(ring, facts={**ring.facts, "probability": 0.5})
    built = replace(ring_paper(wrong, HANDLING, (), "en"), number="n", day="2026-03-02")
    assert "Checkfailed" in text_of(pdf(built))
    assert "Checkfailed" not in text_of(sound)


def test_a_missing_font_names_its_package(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "families", lambda: frozenset({"Liberation Sans"}))
    with pytest.raises(RingfenceError, match=f"{fonts.FAMILY}.*{fonts.PACKAGE}"):
        pdf(paper(space, POOL, "zh"))


def test_a_run_that_is_gone_is_said(space: Workspace) -> None:
    with pytest.raises(RingfenceError, match="run-0 is not in"):
        read_ring(space, "run-0", POOL)
    with pytest.raises(RingfenceError, match="no ring R-none"):
        read_ring(space, space.latest_run().name, "R-none")


def test_every_kind_has_behaviours_articles_and_words() -> None:
    for kind in KINDS:
        assert behaviours_of(kind), kind
        for code in behaviours_of(kind):
            assert articles_of(code, "zh").startswith("第")
            assert f"behaviour.{code}" in catalogue()
    assert behaviours()["confirmed"] is False, "a lawyer confirmed: say so in the papers"


def test_a_workspace_adds_its_own_items_and_a_broken_file_is_refused(tmp_path: Path) -> None:
    space = Workspace(tmp_path)
    ours = items(space, {"card_pool"}, "pharmacy")
    assert {one.name for one in ours} >= {"stock", "shelves", "identity", "cards_kept"}
    assert "beds" not in {one.name for one in items(space, {"card_pool"}, "institution")}
    assert "beds" in {one.name for one in items(space, {"fake_inpatient"}, "institution")}
    file = tmp_path / "sheet_items.toml"
    file.write_text(
        '[items.own]\nbehaviour = "B45"\nplaces = ["pharmacy"]\nzh = "看"\nen = "look"\n'
    )
    assert items(space, {"card_pool"}, "pharmacy")[-1].said("en") == "look"
    file.write_text('[items.own]\nbehaviour = "B45"\nplaces = ["shop"]\nzh = "看"\nen = "look"\n')
    with pytest.raises(RingfenceError, match=r"item 'own' has 'shop'"):
        items(space, {"card_pool"}, "pharmacy")


def test_an_issued_report_is_kept_logged_and_given_out_again(ledger: Ledger) -> None:
    taken_in(ledger)
    made, file = issue_ring(ledger, SUE, POOL, replace(ZH, recipient="审核科", purpose="spring"))
    assert hashlib.sha256(file).hexdigest() == made.sha256
    (row,) = log(ledger, "paper.issued")
    assert (row.export_hash, row.object, row.purpose) == (made.sha256, made.subject, "spring")
    assert details(row)["digest"] == made.digest
    assert made.digest in text_of(file)
    again, same = issue_ring(
        ledger, SUE, made.subject or "", replace(ZH, recipient="审核科", purpose="spring")
    )
    assert (again, same) == (made, file)
    assert len(log(ledger, "paper.issued_again")) == 1
    other, bytes_ = issue_ring(ledger, SUE, POOL, ZH)
    assert other.sha256 != made.sha256, "another recipient, another watermark"
    assert read_paper(ledger, SUE, other.paper_id) == (other, bytes_)
    assert [one.paper_id for one in list_papers(ledger, SUE)] == [other.paper_id, made.paper_id]
    give(ledger, POOL)
    after, changed = issue_ring(ledger, INES, POOL, ZH)
    assert after.content != other.content
    assert "分派线索" in text_of(changed)
    with reading(ledger) as connection:
        assert verify(connection, read_anchor(ledger.anchor)).faults == ()


def test_a_report_of_insiders_is_for_the_liaison_alone(sqlite: Ledger) -> None:
    taken_in(sqlite)
    for who in (SUE, INES):
        for issue in (issue_ring, issue_sheet, issue_notice):
            with pytest.raises(NotFound) as hidden:
                issue(sqlite, who, INSIDE, ZH)
            assert "R-none" in str(hidden.value).replace(INSIDE, "R-none")
    made, file = issue_ring(sqlite, LIN, INSIDE, ZH)
    said = text_of(file)
    assert "仅限纪检联络员" in said
    assert "S-9" in said
    sheet = text_of(issue_sheet(sqlite, LIN, INSIDE, ZH)[1])
    assert "经办机构内控" in sheet
    assert list_papers(sqlite, SUE) == []
    with pytest.raises(NotFound):
        read_paper(sqlite, SUE, made.paper_id)


def test_a_sheet_needs_two_officers_with_certificates_in_a_case(sqlite: Ledger) -> None:
    taken_in(sqlite)
    opened = case(sqlite, POOL)
    _, file = issue_sheet(sqlite, INES, opened.case_id, ZH)
    said = text_of(file)
    assert [one for one in ("C-1", "C-2", PLACE) if one not in said] == []
    for item in items(sqlite.workspace, {"card_pool"}, "pharmacy"):
        assert re.sub(r"\s", "", item.said("zh")) in said
    _, notice = issue_notice(sqlite, INES, opened.case_id, ZH)
    told = text_of(notice)
    assert [one for one in (PLACE, "回避") if one not in told] == []
    for secret in ("概率", "P-", "card", opened.case_id, "线索"):
        assert secret not in told, "a notice tells nothing of the lead"
    lead = give(sqlite, BIG)
    alone = open_case(sqlite, INES, {lead.lead_id: lead.revision}, title="one officer")
    with pytest.raises(Refused, match="0 officers with a certificate"):
        issue_sheet(sqlite, INES, alone.case_id, ZH)


def test_the_case_file_tells_what_was_done(sqlite: Ledger) -> None:
    taken_in(sqlite)
    opened = case(sqlite, POOL)
    go(sqlite, opened.case_id, "file", "begin", "conclude")
    _, file = issue_case(sqlite, INES, opened.case_id, EN)
    said = text_of(file)
    for words in (
        "Investigationconcluded",
        "casefiled",
        "investigation_report.pdf",
        "Aninventedcase",
    ):
        assert words in said, words
    assert "case.read" not in said
    assert hashlib.sha256(b"an invented check_record").hexdigest() in said
    assert issue_case(sqlite, INES, opened.case_id, EN)[1] == file


def test_who_may_not_read_the_case_reads_nothing_of_it_in_the_report(sqlite: Ledger) -> None:
    taken_in(sqlite)
    opened = case(sqlite, POOL)
    said = text_of(issue_ring(sqlite, ANALYST, POOL, EN)[1])
    assert [word for word in ("C-1", "ivo", opened.case_id, "caseassigned") if word in said] == []
    assert "Lead–inacase" in said
    assert "caseassigned" in text_of(issue_ring(sqlite, INES, POOL, EN)[1])


def test_every_word_of_the_papers_is_used() -> None:
    code = "".join(
        path.read_text("utf-8")
        for folder in ("casework", "app")
        for path in (ROOT / folder).rglob("*.py")
    )
    code += (ROOT / "casework" / "reports" / "sheet_items.toml").read_text("utf-8")
    code += (ROOT / "casework" / "reports" / "behaviours.toml").read_text("utf-8")
    code += (ROOT / "detectors" / "rings.py").read_text("utf-8")
    starts = (
        "report.",
        "sheet_item.",
        "behaviour.",
        "inspection.",
        "authority.",
        "handover_part.",
        "control_",
    )
    keys = [
        key
        for key in catalogue()
        if key.startswith(starts) and not key.startswith("report.action.")
    ]
    lasts = {key: key.rpartition(".")[2].removeprefix("fill_") for key in keys}
    lasts = {key: last.removeprefix("before_") for key, last in lasts.items()}
    words = set(re.findall(r"\w+", code))
    unused = [key for key, last in lasts.items() if last not in words]
    assert len(keys) > 200
    assert unused == []


def test_no_word_of_the_papers_judges_anybody() -> None:
    starts = ("report.", "sheet_item.", "behaviour.", "authority.", "control_")
    wrong = [
        (key, word)
        for key, entry in catalogue().items()
        if key.startswith(starts)
        for text in entry.values()
        for word in FORBIDDEN
        if word in text
    ]
    assert wrong == []
