"""Every import table, declared once: column, type, required, meaning, restricted.

Column names are those of the national platform. The reader, the checks, the pseudonyms, the
simulator, the documentation and the summary of what is switched off are all derived from here.
"""

from dataclasses import dataclass
from typing import Literal

Type = Literal["str", "int", "money", "number", "timestamp", "date", "flag"]
Restricted = Literal["name", "certificate", "phone", "address", "account", "card", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of an import table.

    ``money`` is yuan with two decimals, ``timestamp`` is local time to the second, ``flag`` is 0
    or 1. A restricted column never reaches the clean tables in clear: ``text`` is left out, every
    other kind is replaced by its keyed pseudonym under the same column name.
    """

    name: str
    type: Type = "str"
    required: bool = False
    meaning: str
    restricted: Restricted | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One import table; ``key`` identifies a row, () where rows may repeat.

    ``enables`` names, as keys of the text catalogue below ``enables.``, what a missing table
    switches off.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    required: bool = False
    enables: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        """Return the column of that name; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def _(
    name: str,
    meaning: str,
    type_: Type = "str",
    *,
    need: bool = False,
    hide: Restricted | None = None,
) -> Column:
    return Column(name=name, type=type_, required=need, meaning=meaning, restricted=hide)


SETTLEMENTS = Table(
    name="settlements",
    meaning="one payment event: setl_d with the message envelope joined on",
    key=("setl_id",),
    required=True,
    columns=(
        _("setl_id", "settlement", need=True),
        _("init_setl_id", "the settlement a refund reverses"),
        _("psn_no", "insured person", need=True),
        _("ssc_cardno", "social-security card, stable where filled", hide="card"),
        _("mdtrt_cert_type", "01 e-credential, 02 ID card, 03 social-security card"),
        _("ec_chnl", "app that issued the QR code"),
        _("fixmedins_code", "P… retail pharmacy, H… medical institution", need=True),
        _("dev_no", "terminal, else kiosk or mobile operator, else sign-in mac or ip"),
        _("opter_id", "cashier or clerk"),
        _("opter_type", "1 person, 2 kiosk, 3 mobile"),
        _("dr_code", "prescribing doctor; empty on most pharmacy rows"),
        _("med_type", "11 outpatient, 14 chronic, 21 inpatient, 41 pharmacy, by prefix"),
        _("setl_type", "1 manual reimbursement, 2 online, 3 supplementary"),
        _("setl_time", "when it was settled", "timestamp", need=True),
        _("begndate", "first day of the stay", "date"),
        _("enddate", "last day of the stay", "date"),
        _("medfee_sumamt", "total fee", "money", need=True),
        _("fund_pay_sumamt", "paid by the pooled fund", "money", need=True),
        _("acct_pay", "paid from the personal account", "money"),
        _("acct_mulaid_pay", "paid by family pooling", "money"),
        _("psn_cash_pay", "paid in cash", "money"),
        _("crov_old_balc", "personal account before", "money"),
        _("crov_new_balc", "personal account after", "money"),
        _("insu_admdvs", "six-digit division of insurance"),
        _("mdtrtarea_admvs", "six-digit division of treatment"),
        _("refd_setl_flag", "1 where the row is a refund or was refunded", "flag"),
        _("vali_flag", "0 where the row is void", "flag"),
        _("dise_no", "disease, medical-insurance ICD-10"),
    ),
)

FEE_LIST = Table(
    name="fee_list",
    meaning="lines of a settlement: drugs, items, consumables",
    enables=("basket", "resale_share", "trace_codes"),
    columns=(
        _("setl_id", "settlement", need=True),
        _("feedetl_sn", "line number"),
        _("med_list_codg", "national code of drug, item or consumable", need=True),
        _("cnt", "quantity", "number"),
        _("pric", "unit price", "money"),
        _("det_item_fee_sumamt", "line total", "money"),
        _("bilg_dr_codg", "billing doctor"),
        _("fee_ocur_time", "when the line arose", "timestamp"),
        _("drug_trac_codg", "trace code; may repeat for each line"),
        _("trdn_flag", "1 split pack: a repeated trace code is then lawful", "flag"),
        _("rx_circ_flag", "1 outside prescription", "flag"),
        _("sel_retn_flag", "1 returned after sale", "flag"),
    ),
)

PERSONS = Table(
    name="persons",
    meaning="insured persons",
    key=("psn_no",),
    enables=("family", "neighbours", "nursing_home", "village_doctor", "home_distance"),
    columns=(
        _("psn_no", "insured person", need=True),
        _("psn_name", "name", hide="name"),
        _("certno", "ID card number", hide="certificate"),
        _("gend", "1 male, 2 female"),
        _("brdy", "date of birth", "date"),
        _("mob", "telephone", hide="phone"),
        _("live_addr", "address of residence", hide="address"),
        _("emp_no", "employer or community"),
        _("insu_admdvs", "six-digit division of insurance"),
        _("surv_stas", "1 alive"),
        _("die_date", "date of death", "date"),
        _("sp_psn_type", "assisted group"),
    ),
)

PROVIDERS = Table(
    name="providers",
    meaning="designated places",
    key=("fixmedins_code",),
    enables=("place_kind", "place_distance", "opening_hours", "owner_ties"),
    columns=(
        _("fixmedins_code", "place", need=True),
        _("fixmedins_name", "name of the place"),
        _("fixmedins_type", "1 medical, 2 pharmacy"),
        _("fixmedins_kind", "pharmacy, clinic, hospital, nursing_home …"),
        _("hosp_lv", "grade, two digits, 11 none"),
        _("lnt", "longitude, degrees", "number"),
        _("lat", "latitude, degrees", "number"),
        _("fix_blng_admdvs", "six-digit division of the place"),
        _("legal_rep", "legal representative", hide="name"),
        _("bankacct", "settlement account", hide="account"),
        _("begntime", "agreement from", "date"),
        _("endtime", "agreement until", "date"),
    ),
)

PRACTITIONERS = Table(
    name="practitioners",
    meaning="doctors, nurses, pharmacists, technicians: one row for each registered site",
    enables=("registered_sites",),
    columns=(
        _("prac_psn_code", "practitioner", need=True),
        _("prac_psn_name", "name", hide="name"),
        _("prac_psn_type", "1 doctor, 2 nurse, 3 pharmacist, 4 technician"),
        _("fixmedins_code", "registered site"),
        _("begntime", "registered from", "date"),
        _("endtime", "registered until", "date"),
    ),
)

STAFF = Table(
    name="staff",
    meaning="agency, hospital and pharmacy people with a system account",
    key=("staff_id",),
    enables=("staff_ties",),
    columns=(
        _("staff_id", "staff number, equal to opter_id where they settle", need=True),
        _("name", "name", hide="name"),
        _("org", "'agency' or a fixmedins_code"),
        _("role", "role in the organisation"),
        _("mob", "telephone", hide="phone"),
        _("live_addr", "address of residence", hide="address"),
        _("bankacct", "bank account", hide="account"),
    ),
)

MANUAL_CLAIMS = Table(
    name="manual_claims",
    meaning="one row for each manual reimbursement; its settlement has setl_type 1",
    key=("setl_id",),
    enables=("insider_reimbursement",),
    columns=(
        _("setl_id", "settlement", need=True),
        _("manl_reim_rea", "reason"),
        _("invono", "invoice number"),
        _("crter_id", "registered by"),
        _("rchker_id", "reviewed by"),
        _("bankacct", "payee account", hide="account"),
        _("acctname", "payee name", hide="name"),
        _("agnter_certno", "agent who filed it: ID number", hide="certificate"),
        _("agnter_tel", "agent who filed it: telephone", hide="phone"),
        _("reg_time", "registered at", "timestamp"),
        _("rchk_time", "reviewed at", "timestamp"),
    ),
)

TERMINALS = Table(
    name="terminals",
    meaning="terminals installed at places",
    key=("dev_no",),
    enables=("terminal_register",),
    columns=(
        _("dev_no", "terminal", need=True),
        _("fixmedins_code", "place"),
        _("mac", "network address"),
        _("ip", "IP address"),
        _("opened", "in use from", "date"),
        _("closed", "in use until", "date"),
    ),
)

RESALE_DRUGS = Table(
    name="resale_drugs",
    meaning="the list of resale-prone drugs in force",
    key=("med_list_codg",),
    columns=(
        _("med_list_codg", "national drug code", need=True),
        _("valid_from", "first day on the list; empty: from the beginning", "date"),
        _("valid_to", "last day on the list; empty: until further notice", "date"),
    ),
)

MDTRT = Table(
    name="mdtrt",
    meaning="visits",
    key=("mdtrt_id",),
    enables=("beds",),
    columns=(
        _("mdtrt_id", "visit", need=True),
        _("psn_no", "insured person", need=True),
        _("fixmedins_code", "place", need=True),
        _("begntime", "from", "timestamp"),
        _("endtime", "until", "timestamp"),
        _("atddr_no", "attending doctor"),
        _("adm_dept_codg", "department"),
        _("adm_bed", "bed"),
        _("dscg_maindiag_code", "main diagnosis at discharge"),
    ),
)

TIPS = Table(
    name="tips",
    meaning="reports from the public",
    key=("tip_id",),
    enables=("tip_links",),
    columns=(
        _("tip_id", "tip", need=True),
        _("received", "when it came in", "timestamp", need=True),
        _("channel", "how it came in"),
        _("subject_type", "what it is about"),
        _("subject_id", "whom it is about"),
        _("text", "its words", hide="text"),
    ),
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        SETTLEMENTS,
        FEE_LIST,
        PERSONS,
        PROVIDERS,
        PRACTITIONERS,
        STAFF,
        MANUAL_CLAIMS,
        TERMINALS,
        RESALE_DRUGS,
        MDTRT,
        TIPS,
    )
}
