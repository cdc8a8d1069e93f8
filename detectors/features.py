"""Features: the behaviours of the domain that raise or lower a group's evidence, never a ring.

The B-numbers are those of the project's list of behaviours. Each feature is a measure like those of
:mod:`detectors.measures`: it returns gid, observed, expected for the groups it can speak about;
what is usual is taken from other people at the same places (:mod:`detectors.features_usual`).
Of the behaviours treated as features, fee_against_peers (B34) and edge_hours (B41) are the measures
``fee_level`` and ``edge_hours``; an account left empty is what account_drain (B05) measures.
"""

from detectors.features_lines import (
    overbuying,
    same_basket,
    split_prescriptions,
    trace_drug_mismatch,
)
from detectors.features_people import (
    assisted_share,
    double_presence,
    heavy_user,
    newcomers,
    out_of_home,
    refunds,
    travel,
)
from detectors.features_places import (
    account_drain,
    chronic_without_history,
    disease_mix_shift,
    doctor_focus,
    equal_totals,
    impossible_pace,
    place_growth,
    readmission_gap,
    repeat_registration,
    self_pay_shift,
    short_light_stays,
)
from detectors.features_rhythm import gap_regularity, interval_regularity
from detectors.measures import Measure

FEATURES: tuple[Measure, ...] = (
    Measure(name="double_presence", unit="share", score="difference", of=double_presence),
    Measure(name="travel", unit="share", score="difference", of=travel),
    Measure(name="account_drain", unit="share", score="difference", of=account_drain),
    Measure(
        name="chronic_without_history", unit="share", score="difference", of=chronic_without_history
    ),
    Measure(name="readmission_gap", unit="share", score="difference", of=readmission_gap),
    Measure(name="short_light_stays", unit="share", score="difference", of=short_light_stays),
    Measure(name="self_pay_shift", unit="share", score="difference", of=self_pay_shift),
    Measure(name="disease_mix_shift", unit="share", score="difference", of=disease_mix_shift),
    Measure(name="impossible_pace", unit="visits", score="log2_ratio", of=impossible_pace),
    Measure(name="doctor_focus", unit="share", score="difference", of=doctor_focus),
    Measure(name="equal_totals", unit="share", score="difference", of=equal_totals),
    Measure(name="trace_drug_mismatch", unit="share", score="difference", of=trace_drug_mismatch),
    Measure(name="split_prescriptions", unit="share", score="difference", of=split_prescriptions),
    Measure(name="overbuying", unit="share", score="difference", of=overbuying),
    Measure(name="same_basket", unit="share", score="difference", of=same_basket),
    Measure(name="repeat_registration", unit="share", score="difference", of=repeat_registration),
    Measure(name="heavy_user", unit="rank", score="difference", of=heavy_user),
    Measure(name="assisted_share", unit="share", score="difference", of=assisted_share),
    Measure(name="out_of_home", unit="share", score="difference", of=out_of_home),
    Measure(name="newcomers", unit="share", score="difference", of=newcomers),
    Measure(name="refunds", unit="share", score="difference", of=refunds),
    Measure(name="place_growth", unit="ratio", score="log2_ratio", of=place_growth),
    Measure(
        name="gap_regularity", unit="ratio", score="log2_ratio", rising=False, of=gap_regularity
    ),
    Measure(
        name="interval_regularity",
        unit="ratio",
        score="log2_ratio",
        rising=False,
        of=interval_regularity,
    ),
)
