"""The few pieces of SQL text every stage needs; data never becomes SQL but as a literal."""

from collections.abc import Iterable


def name(identifier: str) -> str:
    """Return an identifier in double quotes.

    Examples
    --------
    >>> name('a"b')
    '"a""b"'
    """
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return text as a string literal.

    Examples
    --------
    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def literals(texts: Iterable[str]) -> str:
    """Return literals separated by commas, for use in ``IN (...)``."""
    return ", ".join(literal(text) for text in texts)
