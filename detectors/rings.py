"""The ring contract: what a run hands on. Names are fixed; others build on them."""

from typing import Literal, get_args

import pyarrow as pa

Kind = Literal[
    "card_pool",
    "card_pool_rotating",
    "induced_cohort",
    "remote_credential",
    "doctor_pharmacy",
    "licence_lending",
    "fake_inpatient",
    "insider_reimbursement",
    "trace_resale",
    "swipe_refund",
    "staff_number_misuse",
    "owner_circle",
    "mixed",
]
EntityType = Literal["person", "card", "place", "doctor", "staff", "device", "account", "agent"]
Verdict = Literal["explains", "partly", "refuted", "not_testable"]
Why = Literal["joint_session", "same_places", "rests_on", "same_parties"]
NotRaised = Literal["chance", "honest", "unstable", "weak", "duplicate"]

KINDS: tuple[str, ...] = get_args(Kind)
YUAN = pa.decimal128(18, 2)
TEXT, NUMBER, COUNT, TIME = pa.string(), pa.float64(), pa.int64(), pa.timestamp("ms")

CONTRACT: dict[str, pa.Schema] = {
    "rings": pa.schema(
        [
            ("ring_id", TEXT),
            ("kind", TEXT),
            ("title", TEXT),
            ("probability", NUMBER),
            ("p_value", NUMBER),
            ("q_value", NUMBER),
            ("loss_low", YUAN),
            ("loss_mid", YUAN),
            ("loss_high", YUAN),
            ("first_seen", TIME),
            ("last_seen", TIME),
            ("people", COUNT),
            ("places", COUNT),
            ("settlements", COUNT),
            ("stability", NUMBER),
            ("rank", COUNT),
        ]
    ),
    "ring_members": pa.schema(
        [
            ("ring_id", TEXT),
            ("entity_type", TEXT),
            ("entity_id", TEXT),
            ("role", TEXT),
            ("weight", NUMBER),
            ("since", TIME),
            ("until", TIME),
        ]
    ),
    "ring_settlements": pa.schema([("ring_id", TEXT), ("setl_id", TEXT), ("why", TEXT)]),
    "ring_evidence": pa.schema(
        [
            ("ring_id", TEXT),
            ("measure", TEXT),
            ("observed", NUMBER),
            ("expected", NUMBER),
            ("unit", TEXT),
            ("log2_bayes_factor", NUMBER),
            ("sentence_zh", TEXT),
            ("sentence_en", TEXT),
            ("motif", TEXT),
        ]
    ),
    "ring_honest_tests": pa.schema(
        [
            ("ring_id", TEXT),
            ("explanation", TEXT),
            ("verdict", TEXT),
            ("share_explained", NUMBER),
            ("sentence_zh", TEXT),
            ("sentence_en", TEXT),
        ]
    ),
    "not_raised": pa.schema(
        [
            ("ring_id", TEXT),
            ("kind", TEXT),
            ("reason", TEXT),
            ("explanation", TEXT),
            ("sentence_zh", TEXT),
            ("sentence_en", TEXT),
            ("probability", NUMBER),
            ("p_value", NUMBER),
            ("q_value", NUMBER),
            ("stability", NUMBER),
            ("people", COUNT),
            ("places", COUNT),
            ("settlements", COUNT),
            ("first_seen", TIME),
            ("last_seen", TIME),
            ("loss_mid", YUAN),
            ("members", pa.list_(TEXT)),
        ]
    ),
}

# Beside the contract: the validated pairs a run rests on, written back as SWIPED_WITH.
PAIRS = pa.schema(
    [
        ("person_a", TEXT),
        ("person_b", TEXT),
        ("card_a", TEXT),
        ("card_b", TEXT),
        ("days", COUNT),
        ("places", COUNT),
        ("expected", NUMBER),
        ("p_value", NUMBER),
        ("q_value", NUMBER),
    ]
)
