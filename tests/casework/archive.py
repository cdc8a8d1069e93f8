"""Whether a PDF keeps to PDF/A-2b, as far as its parts show without a validator.

The rules are those of ISO 19005-2 that can be read off the objects: no encryption, an output
intent with its colour profile, metadata that name the part, every font embedded with its meaning in
Unicode, nothing that runs, and pages whose structure is marked.
"""

import io
from typing import Any

import pypdf
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

RUNS = {"/JavaScript", "/JS", "/Launch", "/SubmitForm", "/ImportData", "/Movie", "/Sound"}


def faults(file: bytes) -> list[str]:
    """Return what breaks the rules, nothing for a file that keeps to them."""
    reader = pypdf.PdfReader(io.BytesIO(file))
    root = reader.trailer["/Root"].get_object()
    found = []
    if "/Encrypt" in reader.trailer:
        found.append("encrypted")
    if "/ID" not in reader.trailer:
        found.append("no file identifier")
    if not file.startswith(b"%PDF-1.7") or max(file.split(b"\n", 2)[1][1:5], default=0) < 128:
        found.append("no header of a binary file of version 1.7")
    found += _metadata(root)
    found += _intents(root)
    if not root.get("/MarkInfo", {}).get("/Marked") or "/StructTreeRoot" not in root:
        found.append("structure is not marked")
    if "/Lang" not in root:
        found.append("no language")
    for number, page in enumerate(reader.pages, 1):
        found += [f"page {number}: {fault}" for fault in _fonts(page)]
        if "/AA" in page:
            found.append(f"page {number}: acts when opened")
    found += [f"holds {name}" for name in sorted(_names(reader) & (RUNS | {"/EmbeddedFiles"}))]
    return found


def described(file: bytes) -> list[str]:
    """Return the words that stand for the pictures of a file, for who cannot see them."""
    reader = pypdf.PdfReader(io.BytesIO(file))
    return [
        str(held["/Alt"])
        for held in _objects(reader)
        if isinstance(held, DictionaryObject) and held.get("/S") == "/Figure" and "/Alt" in held
    ]


def _metadata(root: Any) -> list[str]:
    if "/Metadata" not in root:
        return ["no metadata"]
    told = root["/Metadata"].get_object().get_data().decode()
    wanted = ("<pdfaid:part>2<", "<pdfaid:conformance>B<", "<dc:title>")
    return [f"metadata without {one}" for one in wanted if one not in told]


def _intents(root: Any) -> list[str]:
    for intent in root.get("/OutputIntents", ArrayObject()):
        held = intent.get_object()
        if held.get("/S") == "/GTS_PDFA1" and "/DestOutputProfile" in held:
            profile = held["/DestOutputProfile"].get_object().get_data()
            return [] if profile[36:40] == b"acsp" else ["output intent without a colour profile"]
    return ["no output intent"]


def _fonts(page: Any) -> list[str]:
    found = []
    for name, font in page["/Resources"].get_object().get("/Font", {}).items():
        held = font.get_object()
        if "/ToUnicode" not in held:
            found.append(f"font {name} has no meaning in Unicode")
        for below in held.get("/DescendantFonts", ArrayObject([held])):
            descriptor = below.get_object().get("/FontDescriptor", DictionaryObject()).get_object()
            if not {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor):
                found.append(f"font {name} is not embedded")
    return found


def _objects(reader: pypdf.PdfReader) -> list[Any]:
    numbers = {*reader.xref.get(0, {}), *reader.xref_objStm}
    return [reader.get_object(IndirectObject(n, 0, reader)) for n in sorted(numbers) if n]


def _names(reader: pypdf.PdfReader) -> set[str]:
    return {
        str(name)
        for held in _objects(reader)
        if isinstance(held, DictionaryObject)
        for name in (*held, held.get("/S", ""))
    }
