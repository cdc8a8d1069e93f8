"""``ringfence learn``: Bayes factors from invented counties and from leads that people decided."""

import os
from pathlib import Path
from typing import Annotated, get_args

import typer

from app.options import AsJson, Lang, Persons, WorkspaceDir
from app.settings import read_settings
from app.terminal import progress_bars, show_json, show_text
from ingest.errors import InputError
from ingest.telling import to_say
from ingest.texts import say


def learn(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER")],
    *,
    out: Annotated[Path, typer.Option("--out", metavar="FILE")],
    seeds: Annotated[int, typer.Option("--seeds", metavar="N", min=1)] = 10,
    persons: Persons = 60_000,
    decided: Annotated[Path | None, typer.Option("--decided", metavar="FILE")] = None,
    workspace: WorkspaceDir = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Learn the factors that turn evidence into a probability."""
    import pandas as pd

    from detectors import learning
    from ingest.simulate.mechanisms import Style

    settings = read_settings(os.environ, workspace=workspace, lang=lang, as_json=as_json)
    folder.mkdir(parents=True, exist_ok=True)
    frames = []
    if decided is not None:
        frames.append(learning.decided(settings.workspace, learning.read_decisions(decided)))
    with progress_bars(settings.language) as progress:
        styles = get_args(Style)
        sites = max(1, seeds // 4)
        total = seeds * len(styles) + sites
        for number in range(total):
            progress("learn_counties", number, total)
            if number < sites:
                frames.append(learning.site(folder, seed=10 + number + 1))
                continue
            turn, style = divmod(number - sites, len(styles))
            seed = learning.seeds(seeds)[turn]
            frames.append(learning.county(folder, seed=seed, style=styles[style], persons=persons))
        progress("learn_counties", total, total)
        table = pd.concat(frames, ignore_index=True)
        if not (0 < table["ring"].sum() < len(table)):
            raise InputError(to_say("refused.command.nothing_to_learn"))
        rows = learning.fit(table, progress)
    learning.write(rows, out)
    summary = {
        "factors": str(out),
        "counties": total,
        "rings": int(table["ring"].sum()),
        "others": int(len(table) - table["ring"].sum()),
        "decided": 0 if decided is None else len(frames[0]),
    }
    if as_json:
        show_json(summary)
    else:
        show_text(say("cli.learnt", settings.language, **summary))
