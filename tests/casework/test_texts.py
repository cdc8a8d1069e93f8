"""Whatever can come out of a run, a comparison, an alert or the audit log has its words."""

from typing import get_args

from casework.alert_runs import MotifFile, State
from casework.alerts import Every
from casework.audit import FaultKind
from casework.questions import Outcome
from casework.runs import Difference
from detectors.motif_check import State as CheckState
from ingest.texts import catalogue


def test_every_closed_choice_has_its_words_and_no_word_is_left_over() -> None:
    choices = {
        "outcome": get_args(Outcome),
        "difference": get_args(Difference),
        "every": get_args(Every),
        "alert_state": get_args(State),
        "alert_file": tuple(name for name in get_args(MotifFile) if name != "same"),
        "audit_fault": get_args(FaultKind),
        "check_state": get_args(CheckState),
    }
    for section, names in choices.items():
        worded = {
            key.removeprefix(f"{section}.") for key in catalogue() if key.startswith(f"{section}.")
        }
        assert worded == set(names), section
