"""Options that several commands share; the catalogue words them under ``cli.option``."""

from pathlib import Path
from typing import Annotated, Literal

import typer

DEFAULT_PORT = 8501
LOOPBACK = "127.0.0.1"

Extract = Annotated[Path, typer.Argument(metavar="EXTRACT")]
WorkspaceDir = Annotated[Path | None, typer.Option("--workspace", "-w", metavar="DIR")]
Mapping = Annotated[Path | None, typer.Option("--mapping", metavar="FILE")]
Memory = Annotated[str | None, typer.Option("--memory", metavar="SIZE")]
Threads = Annotated[int | None, typer.Option("--threads", metavar="N", min=1)]
Seed = Annotated[int, typer.Option("--seed", metavar="S", min=0)]
Persons = Annotated[int, typer.Option("--persons", metavar="N", min=1)]
Days = Annotated[int, typer.Option("--days", metavar="D", min=1)]
Port = Annotated[int, typer.Option("--port", metavar="PORT", min=1, max=65535)]
Address = Annotated[str, typer.Option("--address", metavar="ADDRESS")]
Limit = Annotated[int | None, typer.Option("--limit", metavar="N", min=1)]
Hits = Annotated[int, typer.Option("--limit", metavar="N", min=1)]
Timeout = Annotated[float, typer.Option("--timeout", metavar="SECONDS", min=0.1)]
Lang = Annotated[Literal["zh", "en"] | None, typer.Option("--lang")]
AsJson = Annotated[bool, typer.Option("--json")]
