"""The error a user reads: one sentence that names file, row, value and remedy."""


class RingfenceError(Exception):
    """Something a user can mend; the message is one whole sentence for them.

    The command line prints the message without a traceback and ends with exit code 1.
    Raise it only where the cause is outside the code: a file, a setting, a missing server.
    """


class InputError(RingfenceError):
    """An extract file that cannot be read as its declared table."""
