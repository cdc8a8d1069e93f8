"""Honest explanations: one test per file, each with a verdict, a share and a sentence.

A test returns gid and the share (0–1) of what the group did together that the explanation covers;
a group it cannot speak about has no row and is ``not_testable``, which never counts as refuted. The
list below is the list: a new explanation is one file and one line. Those without a function are
tested by the detector whose candidates they concern, on what it counted.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ibis.expr.types import Table

from detectors.facts import Facts
from detectors.honest.batch_upload import batch_upload
from detectors.honest.busy_place import busy_place
from detectors.honest.clinic_day import clinic_day
from detectors.honest.common_roof import common_roof
from detectors.honest.dialysis import dialysis
from detectors.honest.family import family
from detectors.honest.health_check import health_check
from detectors.honest.neighbours import neighbours

EXPLAINS = 0.6  # from this share of what was done together the explanation holds
PARTLY = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One honest explanation, called ``honest.name.<name>`` in the catalogue.

    ``families`` are the families of candidates it can concern; empty: all with insured members.
    """

    name: str
    of: Callable[[Facts], Table | None] | None = None
    families: tuple[str, ...] = ()


EXPLANATIONS: tuple[Explanation, ...] = (
    Explanation(name="family", of=family),
    Explanation(name="neighbours", of=neighbours),
    Explanation(name="dialysis", of=dialysis),
    Explanation(name="clinic_day", of=clinic_day),
    Explanation(name="common_roof", of=common_roof),
    Explanation(name="health_check", of=health_check),
    Explanation(name="busy_place", of=busy_place),
    Explanation(name="batch_upload", of=batch_upload),
    Explanation(name="treatment_course", families=("stay",)),
    Explanation(name="local_life", families=("remote",)),
    Explanation(name="travel_party", families=("remote",)),
    Explanation(name="system_fault", families=("refund",)),
    Explanation(name="one_desk", families=("insider",)),
    Explanation(name="paid_own", families=("insider",)),
    Explanation(name="relief", families=("staff_number",)),
    Explanation(name="staff_care", families=("owner",)),
    Explanation(name="beside_each_other", families=("steering",)),
    Explanation(name="designated_drug", families=("steering",)),
    Explanation(name="registered_sites", families=("licence",)),
    Explanation(name="register_gaps", families=("licence",)),
    Explanation(name="moved_site", families=("licence",)),
    Explanation(name="code_errors", families=("trace",)),
)
