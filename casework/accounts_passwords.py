"""Passwords of local accounts: argon2id, what a new one must be, and those given for one use."""

import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from casework.rights import Refused
from ingest.telling import to_say

SHORTEST, LONGEST = 12, 256
"""Characters of a password."""

NOBODY = (
    "$argon2id$v=19$m=65536,t=3,p=4$/tHu1NTpbu1jt/BbTkIxWQ$"
    "TLEwmaMJln4bmNutt7scthEVhv1DxOp2HYagnJK/XGg"
)
"""A hash that no password has: checking it takes as long as checking that of an account."""

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # without those that look alike on paper
_HASHER = PasswordHasher()  # argon2id, 64 MiB, 3 passes, 4 lanes: RFC 9106, second choice


def hashed(password: str) -> str:
    """Return what is kept of a password: it takes some 0.1 s and 64 MiB, as guessing does."""
    return _HASHER.hash(_normal(password))


def fits(kept: str, password: str) -> bool:
    """Whether a password is the one behind a hash; the time tells nothing but that of the hash."""
    try:
        return _HASHER.verify(kept, _normal(password[:LONGEST]))
    except (VerificationError, InvalidHashError):
        return False


def outdated(kept: str) -> bool:
    """Whether a hash was made with other parameters than are used now."""
    return _HASHER.check_needs_rehash(kept)


def one_time() -> str:
    """Return a new password to be typed once: 20 letters and digits in fives, 100 bits."""
    drawn = "".join(secrets.choice(_ALPHABET) for _ in range(20))
    return "-".join(drawn[start : start + 5] for start in range(0, 20, 5))


def check_new(password: str, *, name: str, old: str) -> None:
    """Refuse a new password that is short, the old one, or made of the name or of one character.

    Raises
    ------
    Refused
        If it is; the sentence does not repeat it.
    """
    told = _normal(password)
    if not SHORTEST <= len(told) <= LONGEST:
        why = to_say("refused.password.length", count=len(told))
    elif told == _normal(old):
        why = to_say("refused.password.old")
    elif name.casefold() in told.casefold():
        why = to_say("refused.password.name")
    elif len(set(told)) < 5:
        why = to_say("refused.password.few")
    else:
        return
    raise Refused(to_say("refused.password.unfit", why=why, least=SHORTEST, most=LONGEST))


def _normal(password: str) -> str:
    """Return one form of text that keyboards write in several."""
    return unicodedata.normalize("NFKC", password)
