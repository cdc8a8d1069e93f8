"""How the explorer is started: the command line and environment of its own server process."""

import os
import sys
from pathlib import Path

from ingest.texts import Language

WORKSPACE = "RINGFENCE_WORKSPACE"
LANGUAGE = "RINGFENCE_LANG"

SETTINGS = {
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "client.showErrorLinks": "false",
    "client.disableDataExport": "true",
    "browser.gatherUsageStats": "false",
    "server.fileWatcherType": "none",
    "server.showEmailPrompt": "false",
    "runner.magicEnabled": "false",
    "theme.light.primaryColor": "#0072B2",
    "theme.light.textColor": "#14161A",
    "theme.dark.primaryColor": "#56B4E9",
    "theme.font": "sans-serif",
    "theme.baseFontSize": "15",
    "theme.paddingTop": "2.5rem",
    "theme.metricValueFontSize": "1.35rem",
}


def command(
    workspace: Path,
    port: int = 8501,
    headless: bool = False,
    *,
    address: str = "127.0.0.1",
    language: Language | None = None,
) -> tuple[list[str], dict[str, str]]:
    """Return the arguments and the environment with which to start the explorer's server.

    The workspace travels in the environment, so that no path shows up in a list of processes.
    ``headless`` keeps the server from opening a browser window. Settings that protect data
    (no error details, no usage statistics, no export of tables) are always given, whatever a
    configuration file in the user's home says.
    """
    settings = SETTINGS | {
        "server.address": address,
        "server.port": str(port),
        "server.headless": str(headless).lower(),
    }
    arguments = [sys.executable, "-m", "app.explorer.serve"]
    for name, value in settings.items():
        arguments += [f"--{name}", value]
    environment = {**os.environ, WORKSPACE: str(workspace.resolve())}
    if language:
        environment[LANGUAGE] = language
    return arguments, environment
