"""Streamlit's server with the slow imports done first: ``python -m app.explorer.serve``.

Without them the first visitor waits some four seconds longer. Arguments are those of
``streamlit run``; :func:`app.explorer.launch.command` gives the right ones.
"""

import sys
from importlib import import_module
from pathlib import Path

from streamlit.web import cli

PRELOADED = (
    "igraph",
    "alembic.command",
    "app.explorer.session",
    "app.explorer.cases.case",
    "app.explorer.cases.queue",
    "app.explorer.lists.left_out",
    "app.explorer.lists.raised",
    "app.explorer.ring.compare",
    "app.explorer.ring.evidence",
    "app.explorer.ring.query",
)
"""What the list and the page of a ring need; importing it also imports what that rests on."""


def main() -> None:
    """Serve the explorer until the process is ended."""
    for module in PRELOADED:
        import_module(module)
    script = Path(__file__).with_name("door.py")
    sys.argv = ["streamlit", "run", str(script), *sys.argv[1:]]
    cli.main()


if __name__ == "__main__":
    main()
