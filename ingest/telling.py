"""A text of the catalogue that is told later, in the language of whoever comes to read it.

Where a sentence is made, nobody knows who will read it: the same refusal goes to a Chinese page, an
English log and a command line. It is therefore kept as its key and values until it is told.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

from ingest.texts import Language, catalogue, say

Joiner = Literal["and", "or", "bar"]


class Told(Protocol):
    """Something that can be told in a language: a text, a word, a list of them, an error."""

    def told(self, language: Language, /) -> str:
        """Return it in a language."""


@dataclass(frozen=True, slots=True)
class Text:
    """A key of the catalogue with the values of its placeholders, by their names."""

    key: str
    values: tuple[tuple[str, object], ...]

    def told(self, language: Language, /) -> str:
        """Return the text; values that are texts themselves are told in the same language."""
        return say(self.key, language, **{name: tell(one, language) for name, one in self.values})


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a closed list; English sentences of the services name it as it is kept.

    Chinese ones say what the catalogue calls it, and the word itself where it is not in there.
    """

    area: str
    code: str | None

    def told(self, language: Language, /) -> str:
        """Return the word."""
        key = f"{self.area}.{self.code}"
        if language == "zh" and key in catalogue():
            return say(key, language)
        return str(tell(self.code, language))


@dataclass(frozen=True, slots=True)
class Listed:
    """Values one after the other; ``joiner`` is the text that stands between them."""

    values: tuple[object, ...]
    joiner: str

    def told(self, language: Language, /) -> str:
        """Return the values in their order; none of them is told as such."""
        between = say(self.joiner, language)
        told = between.join(str(tell(one, language)) for one in self.values)
        return told or say("telling.nothing", language)


def to_say(key: str, /, **values: object) -> Text:
    """Return a text of the catalogue to be told later, with the values of its placeholders.

    Examples
    --------
    >>> to_say("telling.quoted", value=word("case_state", "closed")).told("zh")
    '“结案”'
    """
    return Text(key, tuple(values.items()))


def word(area: str, code: str | None) -> Word:
    """Return a word of the closed list whose names are in an area of the catalogue."""
    return Word(area, code)


def words(area: str, codes: Iterable[str], *, by: Joiner = "and") -> Listed:
    """Return words of a closed list, one after the other, as :func:`listed` does."""
    return listed((Word(area, code) for code in codes), by=by)


def listed(values: Iterable[object], *, by: Joiner = "and") -> Listed:
    """Return values one after the other, each told in the reader's language where it can be.

    Between them stands a comma, the word "or", or a bar in a choice within brackets.
    """
    return Listed(tuple(values), f"telling.{by}")


def tell(value: object, language: Language) -> object:
    """Return a value as a language has it: told where it can be, else as it is.

    That nothing is there, yes and no have words in Chinese; in English they stand as they are.
    """
    if language == "zh" and (value is None or isinstance(value, bool)):
        return say(f"telling.value.{str(value).lower()}", language)
    told = getattr(value, "told", None)
    return value if told is None else told(language)
