"""What a question says outside its comments, strings and back-ticks; and what no question may say.

The read-only account, or READ access, keeps a question from writing, whatever it says. It does not
keep it from procedures and server commands, which show or stop what others do; so these are refused
before anything is sent.
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from ingest.telling import Told, listed, to_say

Kind = Literal["word", "parameter", "mark", "quoted", "text", "number"]

STARTS = frozenset({"MATCH", "OPTIONAL", "UNWIND", "WITH", "CALL", "RETURN"})
# The parts of the language that carry a dot; every other dotted function belongs to a plug-in.
NAMESPACES = frozenset(
    {"DATE", "DATETIME", "LOCALDATETIME", "TIME", "LOCALTIME", "DURATION", "POINT"}
)


class Token(NamedTuple):
    """One piece of a query with the line it begins on, counted from 1."""

    kind: Kind
    text: str
    line: int


def barred(text: str) -> list[Told]:
    """Say in a few words each why a text is no question; nothing if it may be sent.

    Refused are a second statement, a prefix or server command (whatever does not begin as a
    question), procedures, plug-in functions, what is not closed, and backslash-u escapes, which
    Neo4j resolves before it looks for strings and comments. Writing is left to the server, which
    refuses it.
    """
    if re.search(r"\\u", text, re.IGNORECASE):
        return [to_say("refused.query.escape")]
    tokens = list(scan(text))
    found = [barred_at(tokens, place) for place in range(len(tokens))]
    if not tokens or tokens[0].text.upper() not in STARTS:
        found.insert(0, to_say("refused.query.begin", words=listed(sorted(STARTS))))
    return [fault for fault in found if fault]


def barred_at(tokens: list[Token], place: int) -> Told | None:
    """Say why the token at this place may not stand there; None if it may."""
    token, follows = tokens[place], tokens[place + 1].text if place + 1 < len(tokens) else ""
    if token.kind == "mark":
        return _misplaced(token)
    if token.kind == "word" and token.text.upper() == "CALL" and follows not in ("(", "{"):
        return to_say("refused.query.procedure", line=token.line)
    if follows == "(" and (root := _namespace(tokens, place)) and root.upper() not in NAMESPACES:
        return to_say("refused.query.plug_in", line=token.line, root=root)
    return None


def _misplaced(mark: Token) -> Told | None:
    match mark.text:
        case ";":
            return to_say("refused.query.second", line=mark.line)
        case "$":
            return to_say("refused.query.parameter", line=mark.line)
        case "'" | '"':
            return to_say("refused.query.string", line=mark.line)
        case "`":
            return to_say("refused.query.quoted", line=mark.line)
        case "/*":
            return to_say("refused.query.comment", line=mark.line)
        case _:
            return None


def parameters(query: str) -> frozenset[str]:
    """Return the names of the ``$parameters`` a query uses."""
    return frozenset(token.text[1:] for token in scan(query) if token.kind == "parameter")


def scan(query: str) -> Iterator[Token]:
    """Yield the tokens of a query without comments; strings and quoted names lose their content.

    An unclosed string, comment or quoted name yields its opening sign as a mark.
    """
    line = 1
    for match in _PIECE.finditer(query):
        kind, text = match.lastgroup, match.group()
        if kind in ("quoted", "text"):
            yield Token(kind, text[0], line)  # type: ignore[arg-type]  # a group of _PIECE
        elif kind not in ("comment", "space"):
            yield Token(kind, text, line)  # type: ignore[arg-type]  # a group of _PIECE
        line += text.count("\n")


# The order matters: what hides other signs comes first, and a lone sign is the last resort.
_PIECE = re.compile(
    r"""
      (?P<comment> //[^\n\r]* | /\*.*?\*/ )
    | (?P<text>    '(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*" )
    | (?P<quoted>  `(?:[^`]|``)*` )
    | (?P<space>   \s+ )
    | (?P<parameter> \$\w+ )
    | (?P<number>  \d\w* )
    | (?P<word>    \w+ )
    | (?P<mark>    /\*|. )
    """,
    re.VERBOSE | re.DOTALL,
)


def _namespace(tokens: list[Token], place: int) -> str | None:
    """Return the first part of a dotted name that ends at this place; None if it has no dot."""
    if tokens[place].kind not in ("word", "quoted"):
        return None
    first = place
    while first >= 2 and tokens[first - 1].text == "." and tokens[first - 2].kind != "mark":
        first -= 2
    return tokens[first].text if first < place else None
