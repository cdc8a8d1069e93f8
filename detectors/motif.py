"""The motif library: questions to the graph, one file of ``motifs/`` each, and how to ask them."""

from collections.abc import Callable, Mapping
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
from ingest.texts import Language, say

__all__ = [
    "Motif",
    "Param",
    "ParamType",
    "Subject",
    "Value",
    "from_texts",
    "in_words",
    "motif",
    "motifs",
    "read_motif",
    "run_motif",
    "values",
]

FOLDER = Path(__file__).parent / "motifs"


def motifs() -> list[Motif]:
    """Return every motif, by name; the folder is the list, there is no other."""
    return [read_motif(path) for path in sorted(FOLDER.glob("*.cypher"))]


def motif(name: str) -> Motif:
    """Return the motif of that name; :class:`RingfenceError` if there is none."""
    names = sorted(path.stem for path in FOLDER.glob("*.cypher"))
    if name not in names:
        raise RingfenceError(f"There is no motif {name!r}; there are {', '.join(names)}.")
    return read_motif(FOLDER / f"{name}.cypher")


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
        {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in values(motif, parameters or {}).items()
        },
        columns=list(motif.columns),
        limit=limit,
        timeout_seconds=timeout_seconds,
    )


def values(motif: Motif, given: Mapping[str, object]) -> dict[str, Value]:
    """Return the value in use of every parameter: the given one, checked, else the default.

    Raises
    ------
    RingfenceError
        If a name is unknown or a value has another type or is below its ``least``.
    """
    for name in given:
        if name not in motif.params:
            known = ", ".join(motif.params)
            raise RingfenceError(f"{motif.name} takes no parameter {name!r}; it takes {known}.")
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
                f"{motif.name}: parameter {name} is {text!r}; give {_EXPECTED[kind]}."
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

    English comes from the file, Chinese from the catalogue of texts.
    """
    filled = values(motif, parameters or {})
    if language == "en":
        return str(getattr(motif, field)).format(**filled)
    return say(f"motif.{motif.name}.{field}", language, **filled)


_READ: dict[ParamType, Callable[[str], object]] = {
    "integer": int,
    "number": float,
    "text": str,
    "texts": lambda text: [part.strip() for part in text.split(",") if part.strip()],
}
_EXPECTED: dict[ParamType, str] = {
    "integer": "a whole number",
    "number": "a number",
    "text": "a text",
    "texts": "a list of texts",
}


def _checked(motif: Motif, param: Param, value: object) -> Value:
    kind = type_of(value)
    fits = kind == param.type or (kind == "integer" and param.type == "number")
    if not fits:
        raise RingfenceError(
            f"{motif.name}: parameter {param.name} is {value!r}; give {_EXPECTED[param.type]}."
        )
    held: Value = tuple(value) if isinstance(value, list) else value  # type: ignore[assignment]
    if not size_of(held) >= param.least:  # so that a number that is none is refused too
        raise RingfenceError(
            f"{motif.name}: parameter {param.name} is {value!r}; "
            f"the least is {param.least} ({param.unit})."
        )
    return held
