"""The detectors of a run: one file and one line each."""

from collections.abc import Callable
from dataclasses import dataclass

from detectors import (
    admissions,
    bundles,
    cohort,
    coswipe,
    dense_block,
    insiders,
    licences,
    owners,
    refunds,
    remote,
    rotating,
    staff_numbers,
    steering,
    trace_loops,
)
from detectors.candidates import Candidates, Context, Sign


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """A detector, the clean tables it cannot do without, and the kinds of ring it may raise.

    ``family`` names the factors its candidates are weighed with: candidates of the family
    ``meeting`` are merged and shown by their joint sessions, all others bring the settlements they
    rest on. ``joins`` marks those of that family that join what the others found. ``role`` is that
    of their insured members, ``signs`` what it measures itself.
    """

    name: str
    family: str
    kinds: tuple[str, ...]
    needs: tuple[str, ...]
    find: Callable[[Context], Candidates]
    role: str = "holder"
    joins: bool = False
    signs: tuple[Sign, ...] = ()


MEETING = "meeting"
MET = (MEETING, "cohort")  # families of groups that meet: every measure speaks about them
FOUND_BY = Sign(name="found_by", unit="detectors", score="observed")

DETECTORS: tuple[Detector, ...] = (
    Detector(
        name="coswipe",
        family=MEETING,
        kinds=("card_pool",),
        needs=("settlements",),
        find=coswipe.find,
    ),
    Detector(
        name="rotating",
        family=MEETING,
        kinds=("card_pool_rotating",),
        needs=("settlements",),
        find=rotating.find,
    ),
    Detector(
        name="dense_block",
        family=MEETING,
        kinds=("card_pool", "card_pool_rotating"),
        needs=("settlements",),
        find=dense_block.find,
    ),
    Detector(
        name="bundles",
        family=MEETING,
        kinds=("card_pool", "card_pool_rotating"),
        needs=("settlements",),
        find=bundles.find,
        joins=True,
    ),
    Detector(
        name="cohort",
        family="cohort",
        kinds=("induced_cohort",),
        needs=("settlements",),
        find=cohort.find,
        role="patient",
        signs=cohort.SIGNS,
    ),
    Detector(
        name="admissions",
        family="stay",
        kinds=("fake_inpatient",),
        needs=("settlements",),
        find=admissions.find,
        role="patient",
        signs=admissions.SIGNS,
    ),
    Detector(
        name="remote",
        family="remote",
        kinds=("remote_credential",),
        needs=("settlements",),
        find=remote.find,
        signs=remote.SIGNS,
    ),
    Detector(
        name="refunds",
        family="refund",
        kinds=("swipe_refund",),
        needs=("settlements",),
        find=refunds.find,
        signs=refunds.SIGNS,
    ),
    Detector(
        name="insiders",
        family="insider",
        kinds=("insider_reimbursement",),
        needs=("settlements", "manual_claims"),
        find=insiders.find,
        role="claimant",
        signs=insiders.SIGNS,
    ),
    Detector(
        name="staff_numbers",
        family="staff_number",
        kinds=("staff_number_misuse",),
        needs=("settlements",),
        find=staff_numbers.find,
        signs=staff_numbers.SIGNS,
    ),
    Detector(
        name="owners",
        family="owner",
        kinds=("owner_circle",),
        needs=("settlements", "staff"),
        find=owners.find,
        role="relative",
        signs=owners.SIGNS,
    ),
    Detector(
        name="steering",
        family="steering",
        kinds=("doctor_pharmacy",),
        needs=("settlements",),
        find=steering.find,
        signs=steering.SIGNS,
    ),
    Detector(
        name="licences",
        family="licence",
        kinds=("licence_lending",),
        needs=("settlements",),
        find=licences.find,
        signs=licences.SIGNS,
    ),
    Detector(
        name="trace_loops",
        family="trace",
        kinds=("trace_resale",),
        needs=("settlements", "fee_list"),
        find=trace_loops.find,
        role="seller",
        signs=trace_loops.SIGNS,
    ),
)
