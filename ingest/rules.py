"""Every number and closed list that cleaning uses, each in this one place with its meaning.

The manifest repeats them, so that a reader of a result can see under which rules it was made.
"""

from dataclasses import asdict, dataclass
from typing import Literal

RejectReason = Literal[
    "missing",
    "placeholder",
    "not_a_timestamp",
    "not_a_date",
    "not_money",
    "not_a_number",
    "not_a_flag",
    "time_out_of_range",
    "wrong_field_count",
    "broken_quote",
]
REJECT_REASONS: tuple[RejectReason, ...] = RejectReason.__args__  # type: ignore[attr-defined]

FlagReason = Literal[
    "placeholder",
    "placeholder_by_share",
    "shared_by_many",
    "not_a_timestamp",
    "not_a_date",
    "not_money",
    "not_a_number",
    "not_a_flag",
    "time_out_of_range",
    "code_format",
    "certificate_check_digit",
    "outside_china",
    "unknown_code",
    "expired_code",
    "lost_digits",
    "same_copy",
    "conflicting_copy",
    "unknown_settlement",
    "refund_without_original",
    "refund_of_another_person",
    "refund_matched_by_amount",
    "refund_unsigned",
    "refund_exceeds_original",
    "refund_row_missing",
    "init_setl_id_on_payment",
    "day_precision",
    "batch_times",
]
FLAG_REASONS: tuple[FlagReason, ...] = FlagReason.__args__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The numbers of the cleaning, with their units."""

    first_year: int = 1990
    """Earliest year a settlement or event time may have; an earlier one cannot be right."""
    last_year: int = 2099
    """Latest year a time may have; 9999-12-31 stands for 'open' and becomes missing."""
    first_birth_year: int = 1880
    """Earliest year of a date, such as a birth."""
    visit_seconds: int = 60
    """Settlements of one person at one place no further apart than this are one visit."""
    refund_days: int = 30
    """A refund without a reference is matched to a payment no older than this."""
    precision_rows: int = 20
    """Fewest rows of a place before its share of whole hours or shared seconds says anything."""
    precision_share: float = 0.95
    """Above this share of times on the whole hour a place's times are known only to the day."""
    batch_people: int = 6
    """People settled in one and the same second at one place: a batch upload."""
    batch_share: float = 0.3
    """From this share of rows in such seconds on, the times of a place are batch times."""
    placeholder_rows: int = 1000
    """Fewest filled rows before one code's share of them says anything."""
    placeholder_share: float = 0.5
    """Above this share of the filled rows a doctor, clerk or terminal code is a placeholder."""
    placeholder_places: int = 10
    """... but only if it stands at this many places: a small world has few doctors."""
    card_people: int = 20
    """A social-security card number of this many people is no card number."""
    code_values: int = 20
    """Most values of a coded column that are flagged one by one; the rest are counted together."""
    shared_people: int = 300
    """A telephone, address or account of this many people links nobody."""


RULES = Rules()

TIME_ZONE_HOURS = 8
"""Local time is Asia/Shanghai, UTC+8 without summer time since 1992."""

BLANKS = " \t\r\n\v\f\u3000\u00a0\ufeff\u200b'"
"""Characters stripped from both ends of every value; the apostrophe is a spreadsheet's."""

PLACEHOLDERS = (
    "null",
    "none",
    "nan",
    "nat",
    "n/a",
    "na",
    "\\n",
    "-",
    "--",
    "---",
    "—",
    "——",
    "/",
    "*",
    "?",
    ".",
    "无",
    "空",
    "未知",
    "不详",
    "未填",
    "暂无",
    "未登记",
    "unknown",
)
"""Words for 'no value', compared in lower case."""

ZERO_IS_MISSING = frozenset(
    {
        "setl_id", "init_setl_id", "psn_no", "ssc_cardno", "fixmedins_code", "dev_no", "opter_id",
        "dr_code", "dise_no", "bilg_dr_codg", "med_list_codg", "drug_trac_codg", "certno", "mob",
        "live_addr", "emp_no", "psn_name", "legal_rep", "bankacct", "prac_psn_code", "staff_id",
        "crter_id", "rchker_id", "agnter_certno", "agnter_tel", "mdtrt_id", "atddr_no", "tip_id",
        "insu_admdvs", "mdtrtarea_admvs", "fix_blng_admdvs", "mac", "invono",
    }
)  # fmt: skip
"""Identifiers in which nothing but zeros means missing."""

LETTER_AND_ZEROS = frozenset(
    {"fixmedins_code", "dr_code", "bilg_dr_codg", "atddr_no", "prac_psn_code", "drug_trac_codg"}
)
"""Codes padded after their one or two letters, as in D000000000000: missing from six zeros on."""

TWO_DIGITS = frozenset({"mdtrt_cert_type", "manl_reim_rea"})
"""Code lists of two digits; a lone digit gets its zero back ('1' is '01')."""

ONE_DIGIT = frozenset(
    {"opter_type", "setl_type", "gend", "surv_stas", "fixmedins_type", "prac_psn_type"}
)
"""Code lists of one digit; a leading zero is dropped ('01' is '1')."""

SHARE_CHECKED = ("dr_code", "opter_id", "dev_no")
"""Settlement columns in which one code on most rows is a placeholder."""

SHARED_CHECKED = ("mob", "live_addr")
"""Columns of persons in which a value of very many people links nobody, wherever it stands."""

FORMATS: dict[str, str] = {
    "fixmedins_code": "[HP][0-9]{11}",
    "dr_code": "D[0-9]{12}",
    "bilg_dr_codg": "D[0-9]{12}",
    "atddr_no": "D[0-9]{12}",
    "prac_psn_code": "(D|N|HY|HJ)[0-9]{12}",
    "med_list_codg": "[XZ][A-Z0-9]{22}|C[0-9A-Z]{19}|[0-9]{9,15}.*",
    "drug_trac_codg": "8[0-9]{19}",
    "dise_no": "[A-Za-z][0-9]{2}.*",
    "insu_admdvs": "[0-9]{6}",
    "mdtrtarea_admvs": "[0-9]{6}",
    "fix_blng_admdvs": "[0-9]{6}",
    "mob": "1[0-9]{10}",
    "agnter_tel": "1[0-9]{10}",
}
"""What a whole value should look like; anything else is kept and flagged ``code_format``."""

CODED = (
    "ec_chnl", "fix_blng_admdvs", "fixmedins_kind", "fixmedins_type", "gend", "hosp_lv",
    "insu_admdvs", "manl_reim_rea", "mdtrt_cert_type", "mdtrtarea_admvs", "med_list_codg",
    "med_type", "dise_no", "dscg_maindiag_code", "adm_dept_codg", "opter_type", "prac_psn_type",
    "setl_type", "sp_psn_type", "surv_stas",
)  # fmt: skip
"""Columns whose codes an agency may list in a file of its own; see :mod:`ingest.codes`."""

CODE_REASONS: tuple[FlagReason, ...] = ("unknown_code", "expired_code")
"""Flags whose example is a whole code: of a coded column, never of a person."""

KEY_PREFIX = {
    "person": "P",
    "card": "C",
    "phone": "T",
    "address": "L",
    "account": "B",
    "certificate": "G",
    "name": "N",
    "employer": "E",
}
"""First letter of a pseudonym by the kind of thing it stands for."""


def parameters() -> dict[str, object]:
    """Return the numbers as the manifest keeps them."""
    return dict(asdict(RULES))
