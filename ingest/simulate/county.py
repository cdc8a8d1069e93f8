"""Put the county together and write it: the one entry of the simulator."""

import secrets
import shutil
from pathlib import Path
from typing import get_args

from ingest.errors import RingfenceError
from ingest.progress import Progress, silent
from ingest.simulate.answer import answer
from ingest.simulate.assemble import together
from ingest.simulate.extract import write_extract
from ingest.simulate.generators import GENERATORS
from ingest.simulate.identifiers import deal
from ingest.simulate.mechanisms import Mechanisms
from ingest.simulate.messy import mess_up
from ingest.simulate.planting import plant
from ingest.simulate.pricing import fill_parties, price_lines, settle
from ingest.simulate.truth import Truth, write_truth
from ingest.simulate.world import stream
from ingest.simulate.write import Format
from ingest.telling import to_say

LEAST_PERSONS, LEAST_DAYS = 1_000, 60
DEFAULT = Mechanisms()


def simulate(
    folder: Path,
    *,
    persons: int,
    days: int,
    seed: int,
    rings: bool = True,
    messy: bool = False,
    format: Format = "csv",
    mechanisms: Mechanisms = DEFAULT,
    progress: Progress = silent,
) -> Truth:
    """Invent a county and write its extract with the answer, ``truth.json``, beside the tables.

    The same arguments give the same bytes. ``rings=False`` leaves honest life as it is and plants
    no ring; ``messy=True`` adds what spoils a naive count; ``mechanisms`` changes how rings and
    the county work. The folder appears whole or not at all.

    Raises
    ------
    RingfenceError
        If the folder holds something already, or the county would be too small to hold every
        kind of group.
    """
    folder = Path(folder)
    _check(folder, persons, days, format)
    progress("simulate_people", 0, 1)
    generator = GENERATORS[mechanisms.style]
    world = generator.world(persons=persons, days=days, seed=seed)
    progress("simulate_people", 1, 1)
    progress("simulate_life", 0, 1)
    life = generator.life(world, stream(seed, 1))
    claimed, filed = generator.claims(world, stream(seed, 8))
    progress("simulate_life", 1, 1)
    planted = plant(world, life, generator, rings=rings, mechanisms=mechanisms, progress=progress)
    world, events, claims = together(world, life, claimed, filed, planted)
    progress("simulate_prices", 0, 1)
    del life
    events = fill_parties(world, stream(seed, 2), events)
    if messy:
        events, careless = mess_up(world, stream(seed, 9), events)
        planted += careless
    lines = price_lines(world, stream(seed, 3), events)
    rows = settle(world, stream(seed, 4), events, lines)
    progress("simulate_prices", 1, 1)
    codes = deal(world, stream(seed, 5), len(rows))
    for left in folder.parent.glob(f".{folder.name}.*.partial"):
        shutil.rmtree(left, ignore_errors=True)
    partial = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.partial")
    partial.mkdir(parents=True)
    try:
        counts = write_extract(
            partial,
            format,
            world=world,
            codes=codes,
            events=events,
            claims=claims,
            lines=lines,
            rows=rows,
            planted=planted,
            messy=messy,
            progress=progress,
        )
        truth = answer(world, codes, events, rows, planted, counts)
        write_truth(partial / "truth.json", truth)
        if folder.exists():
            folder.rmdir()
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return truth


def _check(folder: Path, persons: int, days: int, format_: Format) -> None:
    if format_ not in get_args(Format):
        raise RingfenceError(to_say("refused.invented.format", format=format_))
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RingfenceError(to_say("refused.invented.folder", folder=folder))
    if persons < LEAST_PERSONS or days < LEAST_DAYS:
        raise RingfenceError(
            to_say(
                "refused.invented.small",
                persons=persons,
                days=days,
                least_persons=LEAST_PERSONS,
                least_days=LEAST_DAYS,
            )
        )
