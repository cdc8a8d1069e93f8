"""What a motif's query may not say: what no question may, and what both servers do not share."""

from graph.question import Token, barred, parameters, scan

__all__ = ["faults", "parameters"]

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


def faults(query: str) -> list[str]:
    """Say in one sentence each why a query may not be a motif's; nothing if it may.

    Refused are writing words wherever they stand bare, also as the name of a variable or a
    property (back-ticks free them), files, subqueries without their anchor, and all that
    :func:`graph.question.barred` refuses. This keeps honest authors out of trouble; what keeps
    others out is the server's read-only account.
    """
    tokens = list(scan(query))
    own = (_fault_at(tokens, place) for place in range(len(tokens)))
    return [*(fault.told("en") for fault in barred(query)), *(fault for fault in own if fault)]


def _fault_at(tokens: list[Token], place: int) -> str | None:
    token, follows = tokens[place], tokens[place + 1].text if place + 1 < len(tokens) else ""
    word, where = token.text.upper(), f"line {token.line} of the query: "
    if token.kind != "word":
        return None
    if word in FORBIDDEN:
        return f"{where}{word} is not allowed: {FORBIDDEN[word]}"
    if word == "CALL" and follows == "{":
        return f"{where}CALL may only open a subquery, 'CALL (anchor) {{ … }}', no procedure"
    return None
