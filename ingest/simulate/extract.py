"""Write every table of the extract into a folder."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from ingest.progress import Progress
from ingest.simulate import tables_parties as parties
from ingest.simulate import tables_settled as settled
from ingest.simulate.events import Events
from ingest.simulate.identifiers import Codes, numbers
from ingest.simulate.messy import smudge_lines, smudge_persons, smudge_settlements
from ingest.simulate.plant import Claims, Planted, take_claims
from ingest.simulate.pricing import Lines, Rows
from ingest.simulate.world import World, stream
from ingest.simulate.write import Format, write_table


def write_extract(
    folder: Path,
    format_: Format,
    *,
    world: World,
    codes: Codes,
    events: Events,
    claims: Claims,
    lines: Lines,
    rows: Rows,
    planted: list[Planted],
    messy: bool,
    progress: Progress,
) -> dict[str, int]:
    """Write the tables and return their numbers of rows."""
    rng = stream(world.seed, 7)
    name = parties.names(rng, world.people.household)
    address = parties.addresses(world, rng)
    doctors = int(world.places.doctor_first[-1])
    doctor_name = parties.names(rng, np.arange(doctors))
    owner = world.staff.person[world.staff.owner_first + np.arange(len(world.places))]
    representative = name.take(pa.array(owner)).to_pylist()
    for place, doctor in (g.owner_name for g in planted if g.owner_name is not None):
        representative[place] = doctor_name[doctor].as_py()
    registrations = [site for group in planted for site in group.registrations]
    claim_rows = np.flatnonzero((events.claim[rows.event] >= 0) & (rows.original < 0))
    claim_rows = claim_rows[np.argsort(events.claim[rows.event[claim_rows]])]
    claims = take_claims(claims, events.claim[rows.event[claim_rows]].astype(np.int64))
    mixed = rng.permutation(len(events)).astype(np.int64)
    resale = codes.billing.take(pa.array(rng.permutation(world.catalogue.resale)))
    tables = {
        "settlements": settled.settlements(world, codes, events, claims, rows),
        "fee_list": settled.fee_lines(world, codes, events, lines, rows),
        "persons": parties.persons(world, codes, name, address, rng),
        "providers": parties.providers(world, codes, pa.array(representative), rng),
        "practitioners": parties.practitioners(world, codes, doctor_name, registrations, rng),
        "staff": parties.staff(world, codes, name, address, rng),
        "manual_claims": parties.manual_claims(
            codes, name, claims, numbers(codes.settlement[claim_rows])
        ),
        "terminals": parties.terminals(world, codes, rng),
        "resale_drugs": iter([{"med_list_codg": resale}]),
        "mdtrt": settled.stays(world, codes, events, mixed),
        "tips": parties.tips(world, codes, planted, rng),
    }
    if messy:
        dirt = stream(world.seed, 10)
        tables["settlements"] = smudge_settlements(tables["settlements"], dirt)
        tables["fee_list"] = smudge_lines(tables["fee_list"], dirt)
        tables["persons"] = smudge_persons(tables["persons"], dirt)
    counts = {}
    for done, (table, slices) in enumerate(tables.items()):
        progress("simulate_write", done, len(tables))
        counts[table] = write_table(folder, table, slices, format_)
    progress("simulate_write", len(tables), len(tables))
    return counts
