"""The motif library: questions to the graph, one file of ``motifs/`` each, and how to ask them."""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from detectors.motif_file import (
    Motif,
    Param,
    ParamType,
    Subject,
    Value,
    read_motif,
    size_of,
    type_of,
)
from graph.ask import Answer, ask
from graph.store import Store
from ingest.errors import RingfenceError
from ingest.telling import Text, listed, to_say, word
from ingest.texts import Language, catalogue, say

__all__ = [
    "Broken",
    "Motif",
    "Param",
    "ParamType",
    "Subject",
    "Value",
    "broken_motifs",
    "from_texts",
    "in_words",
    "motif",
    "motifs",
    "read_motif",
    "run_motif",
    "sent",
    "values",
]

FOLDER = Path(__file__).parent / "motifs"
LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A file in a folder of user-written motifs that cannot be asked, and its first fault."""

    path: Path
    reason: str


def motifs(extra: Path | None = None) -> list[Motif]:
    """Return every motif, by name: those that are shipped and, with ``extra``, a user's own.

    The folder is the list, there is no other. A user's file that is broken, or that has the name of
    a shipped motif, is left out of the list, so that one bad file does not take the others away; it
    is named in the log as a warning, and returned by :func:`broken_motifs`. A shipped file that is
    broken is an error.
    """
    found = {path.stem: read_motif(path) for path in _files(FOLDER)}
    for path, content in _own(extra):
        if isinstance(content, Motif):
            found[path.stem] = content
        else:
            LOG.warning("%s is left out of the motifs: %s", path, content)
    return [found[name] for name in sorted(found)]


def broken_motifs(extra: Path | None) -> list[Broken]:
    """Return the user-written files that :func:`motifs` leaves out, by name, each with a reason."""
    return [
        Broken(path=path, reason=str(content))
        for path, content in _own(extra)
        if not isinstance(content, Motif)
    ]


def motif(name: str, extra: Path | None = None) -> Motif:
    """Return the motif of that name, from the shipped ones or a user's folder ``extra``.

    Raises
    ------
    RingfenceError
        If there is none, if a user's file has the name of a shipped motif (one of them would answer
        for the other), or with file and field if a user's file is broken.
    """
    shipped = {path.stem: path for path in _files(FOLDER)}
    own = {path.stem: path for path in _files(extra)}
    if name in own:
        _refuse_clash(own[name], shipped)
    if name not in shipped | own:
        names = listed(sorted(shipped | own))
        raise RingfenceError(to_say("refused.motif.none", name=name, names=names))
    return read_motif((shipped | own)[name])


def run_motif(
    store: Store,
    motif: Motif,
    *,
    parameters: Mapping[str, object] | None = None,
    limit: int = 5000,
    timeout_seconds: float = 60.0,
) -> Answer:
    """Ask a motif, read-only, and return its rows in the header's columns.

    A parameter that is not given keeps its default. At most ``limit`` rows come back; whether that
    cut some off is said in the answer.

    Raises
    ------
    RingfenceError
        If a parameter is unknown, of another type or below its ``least``; also what
        :func:`graph.ask.ask` raises, such as a question that ran out of time.
    """
    return ask(
        store,
        motif.text,
        sent(values(motif, parameters or {})),
        columns=list(motif.columns),
        limit=limit,
        timeout_seconds=timeout_seconds,
    )


def sent(values: Mapping[str, Value]) -> dict[str, object]:
    """Return values as the driver takes them: tuples as lists."""
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in values.items()
    }


def values(motif: Motif, given: Mapping[str, object]) -> dict[str, Value]:
    """Return the value in use of every parameter: the given one, checked, else the default.

    Raises
    ------
    RingfenceError
        If a name is unknown or a value has another type or is below its ``least``.
    """
    for name in given:
        if name not in motif.params:
            known = listed(motif.params)
            raise RingfenceError(
                to_say("refused.motif.no_parameter", motif=motif.name, name=name, known=known)
            )
    return {
        name: _checked(motif, param, given[name]) if name in given else param.default
        for name, param in motif.params.items()
    }


def from_texts(motif: Motif, texts: Mapping[str, str]) -> dict[str, Value]:
    """Return the values of all parameters from what someone typed; a list is split at commas.

    Raises
    ------
    RingfenceError
        As :func:`values`, and if a number cannot be read as one.
    """
    given: dict[str, object] = {}
    for name, text in texts.items():
        kind: ParamType = motif.params[name].type if name in motif.params else "text"
        try:
            given[name] = _READ[kind](text)
        except ValueError as error:
            raise RingfenceError(
                to_say(
                    "refused.motif.text",
                    motif=motif.name,
                    name=name,
                    text=text,
                    expected=_EXPECTED[kind],
                )
            ) from error
    return values(motif, given)


def in_words(
    motif: Motif,
    field: str,
    *,
    language: Language = "en",
    parameters: Mapping[str, object] | None = None,
) -> str:
    """Return ``title``, ``question``, ``honest`` or ``unknown`` with the values in use filled in.

    English comes from the file, Chinese from the catalogue of texts. A motif that the catalogue
    does not know, or knows with other English words, speaks with the words of its file.
    """
    filled = values(motif, parameters or {})
    words, key = str(getattr(motif, field)), f"motif.{motif.name}.{field}"
    known = catalogue().get(key, {"en": None})["en"] == words
    return say(key, language, **filled) if known else words.format(**filled)


def _files(folder: Path | None) -> list[Path]:
    return sorted(folder.glob("*.cypher")) if folder is not None else []


def _own(extra: Path | None) -> Iterator[tuple[Path, Motif | RingfenceError]]:
    """Yield each user-written file with its motif, or with what is wrong with it."""
    shipped = {path.stem: path for path in _files(FOLDER)}
    for path in _files(extra):
        try:
            _refuse_clash(path, shipped)
            yield path, read_motif(path)
        except RingfenceError as error:
            yield path, error


def _refuse_clash(path: Path, shipped: Mapping[str, Path]) -> None:
    if path.stem in shipped and path.resolve() != shipped[path.stem].resolve():
        raise RingfenceError(to_say("refused.motif.clash", file=path.name))


_READ: dict[ParamType, Callable[[str], object]] = {
    "integer": int,
    "number": float,
    "text": str,
    "texts": lambda text: [part.strip() for part in text.split(",") if part.strip()],
}
_EXPECTED: dict[ParamType, Text] = {
    "integer": to_say("refused.motif.an_integer"),
    "number": to_say("refused.motif.a_number"),
    "text": to_say("refused.motif.a_text"),
    "texts": to_say("refused.motif.some_texts"),
}


def _checked(motif: Motif, param: Param, value: object) -> Value:
    kind = type_of(value)
    fits = kind == param.type or (kind == "integer" and param.type == "number")
    if not fits:
        raise RingfenceError(
            to_say(
                "refused.motif.type",
                motif=motif.name,
                parameter=param.name,
                value=value,
                expected=_EXPECTED[param.type],
            )
        )
    held: Value = tuple(value) if isinstance(value, list) else value  # type: ignore[assignment]
    if not size_of(held) >= param.least:  # so that a number that is none is refused too
        raise RingfenceError(
            to_say(
                "refused.motif.least",
                motif=motif.name,
                parameter=param.name,
                value=value,
                least=param.least,
                unit=word("motif_unit", param.unit),
            )
        )
    return held
