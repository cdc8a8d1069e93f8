"""What a Cypher text says outside its comments, strings and back-ticks; and what it may not say."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

Kind = Literal["word", "parameter", "mark", "quoted", "text", "number"]

STARTS = frozenset({"MATCH", "OPTIONAL", "UNWIND", "WITH", "CALL", "RETURN"})
WRITING = (
    "ALTER CREATE DELETE DENY DETACH DROP FOREACH GRANT INSERT MERGE NODETACH REMOVE RENAME REVOKE "
    "SET TRANSACTIONS"
)
FORBIDDEN = {
    **dict.fromkeys(WRITING.split(), "it writes, and a question may only read"),
    "LOAD": "a question reads the graph and no file",
    "SHORTEST": "the embedded server does not know it; write shortestPath()",
    "ELEMENTID": "it changes between servers; join on the key that graph/schema.py names",
}
# The parts of the language that carry a dot; every other dotted function belongs to a plug-in.
NAMESPACES = frozenset(
    {"DATE", "DATETIME", "LOCALDATETIME", "TIME", "LOCALTIME", "DURATION", "POINT"}
)


class Token(NamedTuple):
    """One piece of a query with the line it begins on, counted from 1."""

    kind: Kind
    text: str
    line: int


def faults(query: str) -> list[str]:
    """Say in one sentence each why a query may not be asked; nothing if it may.

    Refused are writing words wherever they stand bare, also as the name of a variable or a
    property (back-ticks free them), files, procedures, plug-in functions, a second statement, a
    prefix, and backslash-u escapes, which Neo4j resolves before it looks for strings and comments.
    This keeps honest authors out of trouble; what keeps others out is the server's read-only
    account.
    """
    if re.search(r"\\u", query, re.IGNORECASE):
        return ["it holds a \\u escape; write the character itself"]
    tokens = list(scan(query))
    found = [_fault_at(tokens, place) for place in range(len(tokens))]
    if not tokens or tokens[0].text.upper() not in STARTS:
        found.insert(0, f"it must begin with one of {', '.join(sorted(STARTS))}")
    return [fault for fault in found if fault]


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


def _fault_at(tokens: list[Token], place: int) -> str | None:
    token, follows = tokens[place], tokens[place + 1].text if place + 1 < len(tokens) else ""
    word, where = token.text.upper(), f"line {token.line} of the query: "
    if token.kind == "mark":
        return where + _MARKS[token.text] if token.text in _MARKS else None
    if token.kind == "word" and word in FORBIDDEN:
        return f"{where}{word} is not allowed: {FORBIDDEN[word]}"
    if token.kind == "word" and word == "CALL" and follows != "(":
        return f"{where}CALL may only open a subquery, 'CALL (anchor) {{ … }}', no procedure"
    if follows == "(" and (root := _namespace(tokens, place)) and root.upper() not in NAMESPACES:
        return f"{where}'{root}.' begins a plug-in function; not every server has it"
    return None


_MARKS = {
    ";": "a question is one statement, without ';'",
    "$": "write a parameter as $name",
    "'": "a string is not closed",
    '"': "a string is not closed",
    "`": "a quoted name is not closed",
    "/*": "a comment is not closed",
}


def _namespace(tokens: list[Token], place: int) -> str | None:
    """Return the first part of a dotted name that ends at this place; None if it has no dot."""
    if tokens[place].kind not in ("word", "quoted"):
        return None
    first = place
    while first >= 2 and tokens[first - 1].text == "." and tokens[first - 2].kind != "mark":
        first -= 2
    return tokens[first].text if first < place else None
