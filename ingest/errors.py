"""The error a user reads: one sentence that names file, row, value and remedy."""

from ingest.telling import Told
from ingest.texts import Language


class RingfenceError(Exception):
    """Something a user can mend; the message is one whole sentence for them.

    The command line prints the message without a traceback and ends with exit code 1.
    Raise it only where the cause is outside the code: a file, a setting, a missing server.

    Examples
    --------
    >>> from ingest.telling import to_say
    >>> error = RingfenceError(to_say("telling.quoted", value=3))
    >>> str(error), error.told("zh")
    ("'3'", '“3”')
    """

    def __init__(self, sentence: str | Told = "") -> None:
        """Take the sentence, as :func:`ingest.telling.to_say` keeps it for either language.

        A plain string is told as it is. The message of the exception is the English sentence, so
        that logs and answers to programs do not depend on who asks.
        """
        self.sentence = sentence
        super().__init__(sentence if isinstance(sentence, str) else sentence.told("en"))

    def told(self, language: Language, /) -> str:
        """Return the sentence in a language."""
        return str(self) if isinstance(self.sentence, str) else self.sentence.told(language)


class InputError(RingfenceError):
    """An extract file that cannot be read as its declared table."""
