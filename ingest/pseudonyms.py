"""Keyed pseudonyms: what stands in the clean tables instead of a restricted value.

A pseudonym is a letter for its kind and sixteen hexadecimal digits of HMAC-SHA256 over the JSON
list ``[kind, value]``. The same value gives the same pseudonym wherever it stands, so that tables
still join, and another deployment's key gives another one. DuckDB computes it over columns;
:func:`pseudonym` is the same in Python, for single values.
"""

import hashlib
import hmac
import json
import os
import secrets
from contextlib import suppress
from pathlib import Path

import duckdb

from ingest.errors import RingfenceError
from ingest.rules import KEY_PREFIX
from ingest.sql import literal
from ingest.telling import to_say
from ingest.workspace import Workspace

KEY_VARIABLE = "RINGFENCE_KEY_FILE"
"""Environment variable naming the key file, where the key is kept apart from the workspace."""

KEY_BYTES = 32
BLOCK = 64
"""Block size of SHA-256, to which HMAC pads its key."""


def pseudonym(key: bytes, kind: str, value: str, prefix: str | None = None) -> str:
    """Return the pseudonym of one value; ``prefix`` is by default the letter of its kind.

    The value is one as the import tidied it: without control characters, which the import takes
    out, and which JSON may write in two ways.

    Examples
    --------
    >>> pseudonym(b"k", "phone", "13900000000")
    'T-0e7a6cf5e0ae1ff0'
    """
    message = json.dumps([kind, value], ensure_ascii=False, separators=(",", ":")).encode()
    digest = hmac.digest(key, message, "sha256").hex()
    return f"{prefix or KEY_PREFIX[kind]}-{digest[:16]}"


def read_key(workspace: Workspace) -> bytes:
    """Return the secret key of the deployment, made once and readable by its owner only.

    Raises
    ------
    RingfenceError
        If the key file named by the environment cannot be read, or is too short.
    """
    named = os.environ.get(KEY_VARIABLE)
    path = Path(named) if named else workspace.key_file
    if not named and not path.exists():
        _make_key(path)
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise RingfenceError(
            to_say(
                "refused.import.key_unreadable",
                path=path,
                strerror=error.strerror,
                variable=KEY_VARIABLE,
            )
        ) from None
    if len(key) < KEY_BYTES:
        raise RingfenceError(
            to_say("refused.import.key_short", path=path, count=len(key), least=KEY_BYTES)
        )
    return key


def fingerprint(key: bytes) -> str:
    """Return what tells two keys apart without telling either."""
    return hmac.digest(key, b"ringfence key fingerprint", "sha256").hex()[:16]


def install(con: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Make the key known to a connection; it stays in memory and never in a query's text."""
    padded = (key if len(key) <= BLOCK else hashlib.sha256(key).digest()).ljust(BLOCK, b"\0")
    con.execute("SET VARIABLE inner_pad = ?::BLOB", [bytes(byte ^ 0x36 for byte in padded)])
    con.execute("SET VARIABLE outer_pad = ?::BLOB", [bytes(byte ^ 0x5C for byte in padded)])


def as_pseudonym(kind: str, value: str, prefix: str | None = None) -> str:
    """Return the expression of :func:`pseudonym` over a text expression; null stays null."""
    message = f"encode(json_array({literal(kind)}, {value})::VARCHAR)"
    inner = f"unhex(sha256(getvariable('inner_pad') || {message}))"
    digest = f"sha256(getvariable('outer_pad') || {inner})"
    letter = literal(f"{prefix or KEY_PREFIX[kind]}-")
    return f"CASE WHEN {value} IS NOT NULL THEN {letter} || left({digest}, 16) END"


def _make_key(path: Path) -> None:
    """Write a new key; of two processes that try at once, one wins and both read the same."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(secrets.token_hex(KEY_BYTES).encode())
        stream.flush()
        os.fsync(stream.fileno())
    try:
        with suppress(FileExistsError):  # another process was first: its key stands
            os.link(beside, path)
    finally:
        beside.unlink()
