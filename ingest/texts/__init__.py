"""The one catalogue of what users read, in Chinese and English.

Every ``.toml`` file beside this one is a part of it; the parts share one name space. An entry is a
table with ``zh`` and ``en``; placeholders are those of :meth:`str.format` and the same in both.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

Language = Literal["zh", "en"]


def say(key: str, language: Language, /, **values: object) -> str:
    """Return the text of a key in a language with its placeholders filled in.

    Raises
    ------
    KeyError
        If the catalogue has no such key, or a placeholder got no value.

    Examples
    --------
    >>> say("kind.card_pool", "en")
    'Card pool'
    """
    return catalogue()[key][language].format(**values)


@cache
def catalogue() -> dict[str, dict[Language, str]]:
    """Return every entry, keyed by its dotted name; a key in two files is an error."""
    entries: dict[str, dict[Language, str]] = {}
    for path in sorted(Path(__file__).parent.glob("*.toml")):
        for key, entry in _flatten(tomllib.loads(path.read_text("utf-8")), ""):
            if key in entries:
                raise ValueError(f"{path.name}: {key} is already in the catalogue")
            entries[key] = entry
    return entries


def _flatten(table: dict, prefix: str) -> list[tuple[str, dict[Language, str]]]:  # type: ignore[type-arg]
    if set(table) == {"zh", "en"} and all(isinstance(text, str) for text in table.values()):
        return [(prefix, {"zh": table["zh"], "en": table["en"]})]
    found = []
    for name, inner in table.items():
        found += _flatten(inner, f"{prefix}.{name}" if prefix else name)
    return found
