"""A paper as DOCX: the same blocks as the PDF, the same bytes for the same paper.

Word files are ZIP archives that bear times; they are written anew with one fixed time, and the
properties of the document with the paper's day, so that nothing of the machine is in them.
"""

import io
import zipfile
from datetime import UTC, datetime
from html import escape
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from casework.reports.fonts import FAMILY, FIXED
from casework.reports.model import (
    Block,
    Facts,
    Figure,
    Grid,
    Paper,
    Points,
    Signatures,
    Text,
    Verbatim,
)
from casework.reports.pdf import picture
from ingest.texts import say

LINE_MM = 170.0
_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a ZIP archive can bear
_GREY, _INK = "696969", "262730"
_BOX = "☐ "
_BORDERS = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:color="BEBEBE"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)
# The shape that Word itself writes for a watermark of text.
_MARK = """<w:pict xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"
 xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office">
<v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800"
 path="m@7,l@8,m@5,21600l@6,21600e"><v:formulas><v:f eqn="sum #0 0 10800"/>
<v:f eqn="prod #0 2 1"/><v:f eqn="sum 21600 0 @1"/><v:f eqn="sum 0 0 @2"/>
<v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/><v:f eqn="if @0 21600 @1"/>
<v:f eqn="if @0 0 @2"/><v:f eqn="if @0 @4 21600"/></v:formulas>
<v:path textpathok="t" o:connecttype="none"/><v:textpath on="t" fitshape="t"/></v:shapetype>
<v:shape id="watermark" type="#_x0000_t136" stroked="f" fillcolor="#FBEBE0"
 style="position:absolute;width:430pt;height:52pt;rotation:327;z-index:-251;
mso-position-horizontal:center;mso-position-horizontal-relative:margin;
mso-position-vertical:center;mso-position-vertical-relative:margin">
<v:textpath style="font-family:'{font}';font-size:1pt" string="{text}"/></v:shape></w:pict>"""


def docx(paper: Paper) -> bytes:
    """Return the paper as DOCX.

    Raises
    ------
    RingfenceError
        If the fonts are not installed that its pictures need.
    """
    document = Document()
    _styles(document)
    _frame(document, paper)
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(title, paper.title, size=17, bold=True)
    _facts(document, Facts(rows=paper.head))
    for section in paper.sections:
        heading = document.add_heading(level=2)
        heading.paragraph_format.page_break_before = section.opens_page
        _run(heading, section.title, size=12, bold=True)
        for block in section.blocks:
            _add(document, block, paper)
    core, at = document.core_properties, datetime.fromisoformat(paper.day).replace(tzinfo=UTC)
    core.title, core.author, core.language = paper.title, "Ringfence", paper.language
    core.created = core.modified = core.last_printed = at
    core.comments, core.last_modified_by, core.revision = "", "Ringfence", 1
    held = io.BytesIO()
    document.save(held)
    return _same_bytes(held.getvalue())


def _add(document: Any, block: Block, paper: Paper) -> None:
    match block:
        case Text():
            line = document.add_paragraph()
            _run(line, block.text, size=8.5 if block.small else 10, grey=block.small)
        case Points():
            for item in block.items:
                line = document.add_paragraph()
                line.paragraph_format.left_indent = Mm(6)
                line.paragraph_format.first_line_indent = Mm(-5)
                _run(line, (_BOX if block.boxes else "•  ") + item)
        case Facts():
            _facts(document, block)
        case Grid():
            if block.source:
                line = document.add_paragraph()
                line.paragraph_format.keep_with_next = True
                told = say("report.source", paper.language, source=block.source)
                _run(line, told, size=7, grey=True)
            _grid(document, block)
        case Figure():
            line = document.add_paragraph()
            line.alignment = WD_ALIGN_PARAGRAPH.CENTER
            drawn = picture(block.svg, width_mm=block.width_mm)
            shape = line.add_run().add_picture(io.BytesIO(drawn), width=Mm(block.width_mm))
            shape._inline.docPr.set("descr", block.caption)
            _run(document.add_paragraph(), block.caption, size=8.5, grey=True)
        case Signatures():
            _signatures(document, block, paper)
        case Verbatim():
            for text in block.text.splitlines():
                line = document.add_paragraph()
                line.paragraph_format.space_after = Pt(0)
                _run(line, text, size=7, font=FIXED)


def _facts(document: Any, block: Facts) -> None:
    sourced = any(row.source for row in block.rows)
    widths: tuple[float, ...] = (42.0, 82.0, 46.0) if sourced else (42.0, 128.0)
    rows = [
        _row(
            [
                _cell(fact.name, widths[0], size=9, grey=True),
                _cell(fact.value, widths[1], size=9),
                *([_cell(fact.source, widths[2], size=7, grey=True)] if sourced else []),
            ]
        )
        for fact in block.rows
    ]
    _lay(document, widths, rows)


def _grid(document: Any, block: Grid) -> None:
    whole = sum(column.width for column in block.columns)
    widths = tuple(LINE_MM * column.width / whole for column in block.columns)
    head = [
        _cell(column.name, width, size=8, bold=True, align=column.align, fill="EEEEEE")
        for column, width in zip(block.columns, widths, strict=True)
    ]
    rows = [_row(head, repeated=True)]
    for values in block.rows:
        cells = [
            _cell(value, width, size=7 if column.code else 8, align=column.align)
            for column, value, width in zip(block.columns, values, widths, strict=True)
        ]
        rows.append(_row(cells, height_mm=9 if block.tall else None))
    _lay(document, widths, rows)


def _lay(document: Any, widths: tuple[float, ...], rows: list[str]) -> None:
    """Add a lined table, written as one piece of XML: cell by cell takes a hundred times longer."""
    columns = "".join(f'<w:gridCol w:w="{_twips(width)}"/>' for width in widths)
    table = (
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblStyle w:val="TableGrid"/>'
        f'<w:tblW w:w="{_twips(sum(widths))}" w:type="dxa"/><w:tblBorders>{_BORDERS}</w:tblBorders>'
        '<w:tblLayout w:type="fixed"/></w:tblPr>'
        f"<w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )
    after = document.add_paragraph()
    after.paragraph_format.space_after = Pt(2)
    after._p.addprevious(parse_xml(table))


def _row(cells: list[str], *, repeated: bool = False, height_mm: float | None = None) -> str:
    mark = "<w:cantSplit/>"
    mark += f'<w:trHeight w:val="{_twips(height_mm)}"/>' if height_mm else ""
    mark += "<w:tblHeader/>" if repeated else ""
    return f"<w:tr><w:trPr>{mark}</w:trPr>{''.join(cells)}</w:tr>"


def _cell(
    text: str,
    width: float,
    *,
    size: float,
    bold: bool = False,
    grey: bool = False,
    align: str = "left",
    fill: str | None = None,
) -> str:
    shade = f'<w:shd w:val="clear" w:fill="{fill}"/>' if fill else ""
    look = (
        f'<w:rFonts w:ascii="{FAMILY}" w:hAnsi="{FAMILY}" w:eastAsia="{FAMILY}"/>'
        f"{'<w:b/>' if bold else ''}"
        f'<w:color w:val="{_GREY if grey else _INK}"/><w:sz w:val="{round(size * 2)}"/>'
    )
    run = f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{_twips(width)}" w:type="dxa"/>{shade}</w:tcPr>'
        f'<w:p><w:pPr><w:spacing w:after="0"/><w:jc w:val="{align}"/></w:pPr>{run}</w:p></w:tc>'
    )


def _twips(millimetres: float) -> int:
    return round(millimetres * 1440 / 25.4)


def _signatures(document: Any, block: Signatures, paper: Paper) -> None:
    table = document.add_table(rows=-(-len(block.lines) // 2), cols=2)
    cells = table._cells
    for n, (role, name) in enumerate(block.lines):
        _run(cells[n].paragraphs[0], f"{role}{name}", size=10)
        below = cells[n].add_paragraph()
        below.paragraph_format.space_before = Pt(22)
        _run(below, "＿" * 18)
        _run(cells[n].add_paragraph(), say("report.sign", paper.language), size=8, grey=True)


def _run(
    line: Any,
    text: str,
    *,
    size: float = 10,
    bold: bool = False,
    grey: bool = False,
    font: str = FAMILY,
) -> None:
    run = line.add_run(text)
    run.font.size, run.font.bold, run.font.name = Pt(size), bold, font
    run._element.rPr.rFonts.set(qn("w:eastAsia"), font)
    run.font.color.rgb = RGBColor.from_string(_GREY if grey else _INK)


def _styles(document: Any) -> None:
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = FAMILY, Pt(10)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), FAMILY)
    normal.paragraph_format.space_after = Pt(4)


def _frame(document: Any, paper: Paper) -> None:
    """Set A4, the lines above and below every page, and the watermark."""
    part = document.sections[0]
    part.page_width, part.page_height = Mm(210), Mm(297)
    part.left_margin = part.right_margin = Mm(20)
    part.top_margin, part.bottom_margin = Mm(24), Mm(22)
    above = part.header.paragraphs[0]
    _run(above, f"{paper.number}\t{paper.day}\t{paper.confidentiality}", size=8, grey=True)
    if paper.watermark:
        text = paper.watermark.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
        above.add_run()._r.append(parse_xml(_MARK.format(font=FAMILY, text=text)))
    below = part.footer.paragraphs[0]
    _run(below, say("report.digest", paper.language, digest=paper.digest), size=6.5, grey=True)
    counting = part.footer.add_paragraph()
    counting.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    words = say("report.page", paper.language, page="\0PAGE\0", pages="\0NUMPAGES\0")
    for piece in words.split("\0"):
        if piece in ("PAGE", "NUMPAGES"):
            _field(counting, piece)
        else:
            _run(counting, piece, size=8, grey=True)


def _field(line: Any, name: str) -> None:
    """Add a field that the word processor fills in, such as the page number."""
    for kind in ("begin", "separate", "end"):
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), kind)
        run = line.add_run()
        run.font.size = Pt(8)
        run._r.append(mark)
        if kind == "begin":
            code = OxmlElement("w:instrText")
            code.set(qn("xml:space"), "preserve")
            code.text = f" {name} "
            line.add_run()._r.append(code)


def _same_bytes(written: bytes) -> bytes:
    """Write the archive anew: parts by name, one time, one way of packing."""
    held = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(written)) as old,
        zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        # The list of content types comes first: some readers expect it there.
        for name in sorted(old.namelist(), key=lambda one: (one != "[Content_Types].xml", one)):
            part = zipfile.ZipInfo(name, _TIME)
            part.compress_type, part.create_system = zipfile.ZIP_DEFLATED, 3
            new.writestr(part, old.read(name))
    return held.getvalue()
