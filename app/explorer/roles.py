"""Which pages and acts a role is shown. Showing protects nothing: every service checks again.

The table is that of the interface: a page that does not exist for a role is absent from its
navigation. Where nobody has an account yet the explorer is open and shows everything it has.
"""

from typing import Literal

from casework.audit import Role
from casework.rights import RIGHTS

Act = Literal["run_motifs", "write_motifs", "export_hits", "take_leads"]

_WORKERS: tuple[Role, ...] = ("analyst", "investigator", "supervisor", "liaison")
PAGES: dict[str, tuple[Role, ...]] = {
    "home": _WORKERS,
    "rings": _WORKERS,
    "ring": _WORKERS,
    "search": _WORKERS,
    "explore": _WORKERS,
    "cases": ("investigator", "supervisor", "liaison"),
    "motifs": ("analyst", "investigator", "liaison"),
    "report": ("investigator", "supervisor", "liaison"),
    "plans": ("analyst", "investigator", "supervisor"),
    "quality": ("analyst", "supervisor"),
    "insider": ("liaison",),
    "tips": ("informant_desk", "supervisor", "liaison"),
    "audit": ("auditor",),
    "admin": ("administrator",),
}
"""Pages in the order of the navigation, with the roles they exist for."""

ACTS: dict[Act, tuple[Role, ...]] = {
    "run_motifs": ("analyst", "investigator", "liaison"),
    "write_motifs": ("analyst",),
    "export_hits": ("analyst", "supervisor"),
    "take_leads": ("analyst", "supervisor"),
}


def pages(role: Role | None) -> list[str]:
    """Return the pages of a role in order; None is an explorer without accounts, which has all."""
    return [name for name, whose in PAGES.items() if role is None or role in whose]


def may(act: Act, role: Role | None) -> bool:
    """Whether an act is offered to a role; without accounts all are."""
    return role is None or role in ACTS[act]


def serves(service: str, role: Role) -> bool:
    """Whether the table of rights lets a role use a service at all; the service asks again."""
    return role in RIGHTS[service]


def within_case(role: Role | None) -> bool:
    """Whether a role asks the graph only within a case of its own, with a purpose."""
    return role == "investigator"
