"""What a run says of each ring, in the form in which the ledger keeps and compares it."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyarrow import parquet

from ingest.workspace import Workspace

AGENCY = "agency"
PROBABILITY_DIGITS = 4  # what is smaller is no news
# Work of the agency; a staff member of unknown employer who does it may be of the agency.
AGENCY_ROLES = frozenset({"handler", "reviewer", "registrar"})
INSIDER_KINDS = frozenset({"insider_reimbursement"})
SHOWN = (
    "kind",
    "title",
    "probability",
    "loss_low",
    "loss_mid",
    "loss_high",
    "first_seen",
    "last_seen",
    "people",
    "places",
    "settlements",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RingFacts:
    """One ring of a run: plain JSON values by name, and whether agency staff are in it.

    ``facts`` has the columns of the ring contract named in :data:`SHOWN`, money as exact text,
    times as ISO 8601, and ``members``, a sorted list of (entity type, import identifier, role).
    ``staff`` are the members of the agency, by their staff numbers.
    """

    ring_id: str
    facts: Mapping[str, Any]
    insider: bool
    staff: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsOfRun:
    """All rings of one run, by ``ring_id``."""

    run: str
    rings: Mapping[str, RingFacts]


def read_rings(workspace: Workspace) -> FactsOfRun:
    """Read the rings of the newest run.

    A ring is of insiders if its kind is, if a member is on the agency's staff, or if nobody knows
    whose staff a member is who does the agency's work or stands in the staff table.

    Raises
    ------
    RingfenceError
        If nothing was detected yet.
    """
    run = workspace.latest_run()
    members = _members(run)
    employers = read_employers(workspace)
    rings = parquet.read_table(run / "rings.parquet", columns=["ring_id", *SHOWN]).to_pylist()
    return FactsOfRun(
        run=run.name,
        rings={ring["ring_id"]: _ring(ring, members[ring["ring_id"]], employers) for ring in rings},
    )


def difference(
    was: Mapping[str, Any], now: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the values that changed, before and after; of members who left and who joined."""
    names = [name for name in SHOWN if was.get(name) != now.get(name)]
    before = {name: was.get(name) for name in names}
    after = {name: now.get(name) for name in names}
    left = [one for one in was["members"] if one not in now["members"]]
    joined = [one for one in now["members"] if one not in was["members"]]
    if left or joined:
        before["members"], after["members"] = left, joined
    return before, after


def _members(run: Path) -> defaultdict[str, list[tuple[str, str, str]]]:
    held: defaultdict[str, list[tuple[str, str, str]]] = defaultdict(list)
    columns = ["ring_id", "entity_type", "entity_id", "role"]
    for row in parquet.read_table(run / "ring_members.parquet", columns=columns).to_pylist():
        held[row["ring_id"]].append((row["entity_type"], row["entity_id"], row["role"]))
    return held


def read_employers(workspace: Workspace) -> Mapping[str, str | None]:
    """Return who employs each staff number, None where the table does not say."""
    path = workspace.table("staff")
    if not path.exists():
        return {}
    table = parquet.read_table(path, columns=["staff_id", "org"])
    return dict(zip(table["staff_id"].to_pylist(), table["org"].to_pylist(), strict=True))


def pseudonyms(workspace: Workspace, people: Collection[str]) -> dict[str, str]:
    """Return the pseudonym of each person by the key of the import; those not on file have none."""
    path = workspace.table("persons")
    if not people or not path.exists():
        return {}
    only = [("psn_no", "in", sorted(people))]
    found = parquet.read_table(path, columns=["psn_no", "person_id"], filters=only)
    return dict(zip(found["psn_no"].to_pylist(), found["person_id"].to_pylist(), strict=True))


def _ring(
    ring: Mapping[str, Any],
    members: list[tuple[str, str, str]],
    employers: Mapping[str, str | None],
) -> RingFacts:
    staff = sorted(
        {key for kind, key, role in members if kind == "staff" and _agency(key, role, employers)}
    )
    facts = {name: _plain(name, ring[name]) for name in SHOWN}
    facts["members"] = [list(member) for member in sorted(set(members))]
    return RingFacts(
        ring_id=ring["ring_id"],
        facts=json.loads(json.dumps(facts)),
        insider=bool(staff) or ring["kind"] in INSIDER_KINDS,
        staff=tuple(staff),
    )


def _agency(key: str, role: str, employers: Mapping[str, str | None]) -> bool:
    if key in employers:
        return is_of_agency(employers[key])
    return role in AGENCY_ROLES


def is_of_agency(employer: str | None) -> bool:
    """Whether staff of this employer are of the agency, or may be."""
    return employer in (AGENCY, None)


def _plain(name: str, value: Any) -> Any:
    if name == "probability":
        return round(value, PROBABILITY_DIGITS)
    if name.startswith("loss_"):
        return str(value)
    return value.isoformat() if hasattr(value, "isoformat") else value
