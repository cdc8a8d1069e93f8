"""What one command was asked to do, read once from its options and the environment."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import RingfenceError
from ingest.telling import to_say
from ingest.texts import Language
from ingest.workspace import Workspace

DEFAULT_WORKSPACE = Path("workspace")
DEFAULT_MEMORY = "2GB"
_MEMORY = re.compile(r"[1-9][0-9]*(\.[0-9]+)?(KB|MB|GB|TB|KiB|MiB|GiB|TiB)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything of a command that does not depend on what the command does.

    ``memory`` is the working memory of the column engine, a number with its unit; ``threads`` is
    how many processors it may use. Neither changes a result. ``neo4j_uri`` is the graph server to
    use instead of the embedded one.
    """

    workspace: Workspace
    memory: str
    threads: int
    language: Language
    as_json: bool
    neo4j_uri: str | None


def read_settings(
    environ: Mapping[str, str],
    *,
    workspace: Path | None = None,
    memory: str | None = None,
    threads: int | None = None,
    lang: str | None = None,
    as_json: bool = False,
) -> Settings:
    """Return the settings: an option wins over its ``RINGFENCE_…`` variable, that over the default.

    Raises
    ------
    RingfenceError
        If a value cannot be used; the sentence names it.
    """
    threads_text = environ.get("RINGFENCE_THREADS", "")
    if threads is None and threads_text:
        if not threads_text.isdecimal() or int(threads_text) < 1:
            raise RingfenceError(to_say("refused.setting.threads", threads=threads_text))
        threads = int(threads_text)
    memory = memory or environ.get("RINGFENCE_MEMORY") or DEFAULT_MEMORY
    if not _MEMORY.fullmatch(memory):
        raise RingfenceError(to_say("refused.setting.memory", memory=memory))
    return Settings(
        workspace=Workspace(
            workspace or Path(environ.get("RINGFENCE_WORKSPACE") or DEFAULT_WORKSPACE)
        ),
        memory=memory,
        threads=threads or os.cpu_count() or 1,
        language=read_language(environ, lang=lang),
        as_json=as_json,
        neo4j_uri=environ.get("NEO4J_URI") or None,
    )


def read_language(environ: Mapping[str, str], *, lang: str | None = None) -> Language:
    """Return the language asked for: option, ``RINGFENCE_LANG``, then the language of the system.

    Raises
    ------
    RingfenceError
        If the option or ``RINGFENCE_LANG`` is neither zh nor en.
    """
    asked = lang or environ.get("RINGFENCE_LANG")
    if asked:
        if asked == "zh":
            return "zh"
        if asked == "en":
            return "en"
        raise RingfenceError(to_say("refused.setting.language", asked=asked))
    system = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    return "zh" if system.lower().startswith("zh") else "en"
