"""Every node and relationship of the property graph, declared once.

Constraints, indexes, load statements, count checks, the headers of Neo4j's bulk importer and the
names a motif may use are derived from here. Labels and relationship types never share a word,
keys are strings, and no property holds a name, a number of a document or a telephone, or an
address: what people share is a node keyed by its pseudonym.

Units: money is whole fen (yuan × 100) as an integer, so that sums are exact; ``at``, ``first`` and
``last`` are seconds since 1970-01-01 00:00:00 **local** (Asia/Shanghai) time; days count from
1970-01-01, local. A property without a value is absent.
"""

from dataclasses import dataclass
from typing import Literal

Type = Literal["str", "int", "float", "bool"]
Writer = Literal["load", "run"]

SECONDS = "seconds since 1970-01-01 local"
DAYS = "days since 1970-01-01 local"
FEN = "fen"
DEGREES = "degrees"
VERSION = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One property; ``source`` names the clean table and column it comes from."""

    name: str
    type: Type = "str"
    meaning: str
    unit: str = ""
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One label. ``key`` is unique, a string, and not among ``properties``.

    ``writer`` says who writes it: the load of an import, or a run of the detectors.
    """

    label: str
    key: str
    meaning: str
    source: str
    properties: tuple[Property, ...] = ()
    writer: Writer = "load"

    @property
    def columns(self) -> tuple[str, ...]:
        """The key and every property, in order."""
        return (self.key, *(item.name for item in self.properties))


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship:
    """One type, from any of ``starts`` to any of ``ends``; ``one_per`` says how many there are."""

    type: str
    starts: tuple[str, ...]
    ends: tuple[str, ...]
    one_per: str
    source: str
    properties: tuple[Property, ...] = ()
    writer: Writer = "load"

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Every (start label, end label) it may join."""
        return tuple((start, end) for start in self.starts for end in self.ends)


def _(name: str, type_: Type, meaning: str, source: str, unit: str = "") -> Property:
    return Property(name=name, type=type_, meaning=meaning, source=source, unit=unit)


PLACE_PROPERTIES = (
    _("kind", "str", "pharmacy, clinic, hospital, agency …", "providers.fixmedins_kind"),
    _("grade", "str", "hospital grade, two digits", "providers.hosp_lv"),
    _("division", "str", "six-digit division", "providers.fix_blng_admdvs"),
    _("longitude", "float", "where it stands", "providers.lnt", DEGREES),
    _("latitude", "float", "where it stands", "providers.lat", DEGREES),
    _("open_from", "int", "agreement from", "providers.begntime", DAYS),
    _("open_to", "int", "agreement until", "providers.endtime", DAYS),
    _("day_precision", "bool", "its times are known only to the day", "providers.day_precision"),
    _("opens", "int", "second of the day before which 1 % is swiped", "settlements", "seconds"),
    _("closes", "int", "second of the day after which 1 % is swiped", "settlements", "seconds"),
    _("known", "bool", "listed in the delivered table", "providers.known"),
)

NODES: tuple[Node, ...] = (
    Node(
        label="Patient",
        key="person_id",
        meaning="insured person",
        source="persons.person_id",
        properties=(
            _("birth_year", "int", "year of birth", "persons.birth_year", "year"),
            _("gender", "str", "male or female", "persons.gend"),
            _("division", "str", "six-digit division of insurance", "persons.insu_admdvs"),
            _("alive", "bool", "alive on record", "persons.surv_stas"),
            _("died", "int", "day of death", "persons.die_date", DAYS),
            _("assisted", "str", "assisted group", "persons.sp_psn_type"),
            _(
                "usual_place",
                "str",
                "where swiped on most days; of equals the first",
                "settlements",
            ),
            _("double_days", "int", "days swiped at two places or more", "settlements", "days"),
            _(
                "day_kilometres",
                "int",
                "longest way between two places of one day, in a straight line, rounded up",
                "settlements, providers.lnt, providers.lat",
                "kilometres",
            ),
            _("known", "bool", "listed in the delivered table", "persons.known"),
        ),
    ),
    Node(
        label="Card",
        key="card_id",
        meaning="what was swiped; a credential without a stable number is one card per person",
        source="settlements.card_id",
        properties=(
            _("kind", "str", "social_security, e_credential, id_card", "settlements.card_kind"),
            _("reversed", "int", "its swipes reversed in full", "settlements", "settlements"),
        ),
    ),
    Node(
        label="Device",
        key="device_id",
        meaning="terminal that read a card",
        source="terminals.dev_no, settlements.device_id",
        properties=(
            _("proxy", "bool", "no real terminal: derived", "terminals.proxy"),
            _(
                "basis",
                "str",
                "terminal; clerk (place and clerk); place (neither was delivered)",
                "terminals.proxy, settlements.device_id",
            ),
            _("known", "bool", "listed in the delivered table", "terminals.known"),
        ),
    ),
    Node(
        label="Pharmacy",
        key="place_id",
        meaning="designated retail pharmacy",
        source="providers.fixmedins_code",
        properties=PLACE_PROPERTIES,
    ),
    Node(
        label="Institution",
        key="place_id",
        meaning="medical institution, or the agency (place_id 'agency')",
        source="providers.fixmedins_code",
        properties=PLACE_PROPERTIES,
    ),
    Node(
        label="Doctor",
        key="practitioner_id",
        meaning="practitioner: registered, or named on a settlement",
        source="practitioners.prac_psn_code, settlements.dr_code",
        properties=(
            _(
                "kind",
                "str",
                "doctor, nurse, pharmacist, technician",
                "practitioners.prac_psn_type",
            ),
            _("known", "bool", "listed in the delivered table", "practitioners"),
        ),
    ),
    Node(
        label="Staff",
        key="staff_id",
        meaning="clerk of a place, or a person of the agency",
        source="staff.staff_id, settlements.opter_id, manual_claims.crter_id, .rchker_id",
        properties=(
            _("role", "str", "role in the organisation", "staff.role"),
            _(
                "least_gap",
                "int",
                "shortest time between uses of the number at two terminals",
                "settlements.opter_id, device_id",
                "seconds",
            ),
            _("known", "bool", "listed in the delivered table", "staff"),
        ),
    ),
    Node(
        label="Account",
        key="account_id",
        meaning="bank account (pseudonym)",
        source="manual_claims.bankacct, staff.bankacct, providers.bankacct",
    ),
    Node(
        label="Phone",
        key="phone_id",
        meaning="telephone (pseudonym)",
        source="persons.mob, staff.mob, manual_claims.agnter_tel",
        properties=(_("people", "int", "insured people who share it", "persons.mob", "people"),),
    ),
    Node(
        label="Address",
        key="address_id",
        meaning="address of residence (pseudonym)",
        source="persons.live_addr, staff.live_addr",
        properties=(
            _("people", "int", "insured people who share it", "persons.live_addr", "people"),
        ),
    ),
    Node(
        label="Employer",
        key="employer_id",
        meaning="employer or community (pseudonym)",
        source="persons.employer_id",
    ),
    Node(
        label="Agent",
        key="agent_id",
        meaning="who filed a manual claim for somebody (pseudonym)",
        source="manual_claims.agnter_certno",
        properties=(
            _(
                "person_id",
                "str",
                "the insured person with the same certificate, if any",
                "persons.certno",
            ),
        ),
    ),
    Node(
        label="Drug",
        key="code",
        meaning="drug of a loaded box, or on the resale list",
        source="fee_list.med_list_codg, resale_drugs.med_list_codg",
        properties=(_("resale", "bool", "on the resale list", "resale_drugs.med_list_codg"),),
    ),
    Node(
        label="Box",
        key="code",
        meaning="one trace code, settled twice or of a resale-list drug",
        source="fee_list.drug_trac_codg",
        properties=(
            _("cards", "int", "cards it was settled with and not undone", "fee_list", "cards"),
            _("places", "int", "places where it was settled and not undone", "fee_list", "places"),
        ),
    ),
    Node(
        label="ManualClaim",
        key="setl_id",
        meaning="one manual reimbursement",
        source="settlements.setl_id (setl_type 1), manual_claims.setl_id",
        properties=(
            _("at", "int", "when it was settled", "settlements.setl_time", SECONDS),
            _("day", "int", "day it was settled", "settlements.day", DAYS),
            _("amount", "int", "total fee as settled", "settlements.medfee_sumamt", FEN),
            _("fund", "int", "paid by the fund as settled", "settlements.fund_pay_sumamt", FEN),
            _("place_id", "str", "where it was treated", "settlements.fixmedins_code"),
            _("reason", "str", "reason of manual reimbursement", "manual_claims.manl_reim_rea"),
            _("invoice", "str", "invoice number", "manual_claims.invono"),
            _("registered", "int", "when registered", "manual_claims.reg_time", SECONDS),
            _("reviewed", "int", "when reviewed", "manual_claims.rchk_time", SECONDS),
            _("refunded", "bool", "reversed in full later", "settlements.refunded"),
        ),
    ),
    Node(
        label="Stay",
        key="setl_id",
        meaning="one inpatient stay, by its settlement",
        source="settlements.setl_id (med_class inpatient)",
        properties=(
            _("begins", "int", "first day", "settlements.begndate", DAYS),
            _("ends", "int", "last day", "settlements.enddate", DAYS),
            _("at", "int", "when it was settled", "settlements.setl_time", SECONDS),
            _("amount", "int", "total fee as settled", "settlements.medfee_sumamt", FEN),
            _("fund", "int", "paid by the fund as settled", "settlements.fund_pay_sumamt", FEN),
            _("refunded", "bool", "reversed in full later", "settlements.refunded"),
            _(
                "swiped_days",
                "int",
                "days between first and last on which a card of the patient was swiped, stays and "
                "reversed swipes aside",
                "settlements",
                "days",
            ),
        ),
    ),
    Node(
        label="Ring",
        key="ring_id",
        meaning="a ring raised by the last run",
        source="rings.ring_id",
        writer="run",
        properties=(
            _("kind", "str", "kind of ring", "rings.kind"),
            _("title", "str", "title", "rings.title"),
            _("probability", "float", "calibrated, 0 to 1", "rings.probability"),
            _("q_value", "float", "false-discovery rate", "rings.q_value"),
            _("loss_low", "int", "loss, lower end", "rings.loss_low", FEN),
            _("loss_mid", "int", "loss, expected", "rings.loss_mid", FEN),
            _("loss_high", "int", "loss, upper end", "rings.loss_high", FEN),
            _("first", "int", "first seen", "rings.first_seen", SECONDS),
            _("last", "int", "last seen", "rings.last_seen", SECONDS),
            _("people", "int", "members who are insured", "rings.people", "people"),
            _("places", "int", "places", "rings.places", "places"),
            _("settlements", "int", "settlements", "rings.settlements", "settlements"),
            _("stability", "float", "agreement over seeds, 0 to 1", "rings.stability"),
            _("rank", "int", "1 deserves attention first", "rings.rank"),
        ),
    ),
)

OWNERS = ("Patient", "Staff", "Pharmacy", "Institution")
PLACES = ("Pharmacy", "Institution")

RELATIONSHIPS: tuple[Relationship, ...] = (
    Relationship(
        type="HOLDS",
        starts=("Patient",),
        ends=("Card",),
        one_per="pair",
        source="settlements.psn_no, card_id",
    ),
    Relationship(
        type="SWIPED_AT",
        starts=("Card",),
        ends=("Device",),
        one_per="online settlement that is not itself a refund",
        source="settlements.card_id, device_id",
        properties=(
            _("setl_id", "str", "settlement", "settlements.setl_id"),
            _("at", "int", "when it was settled", "settlements.setl_time", SECONDS),
            _("day", "int", "day it was settled", "settlements.day", DAYS),
            _("amount", "int", "total fee as settled", "settlements.medfee_sumamt", FEN),
            _("fund", "int", "paid by the fund as settled", "settlements.fund_pay_sumamt", FEN),
            _(
                "kind",
                "str",
                "pharmacy, outpatient, chronic, inpatient, other",
                "settlements.med_class",
            ),
            _("clerk_id", "str", "clerk who rang it up: Staff.staff_id", "settlements.opter_id"),
            _("refunded", "bool", "reversed in full later", "settlements.refunded"),
            _(
                "neighbour",
                "int",
                "to the nearest swipe of another person at the place; neither a stay nor reversed",
                "settlements",
                "seconds",
            ),
            _(
                "clerk_terminals",
                "int",
                "terminals at which the clerk's number was used that day, reversed swipes aside",
                "settlements.opter_id, device_id",
                "terminals",
            ),
            _(
                "clerk_gap",
                "int",
                "to the nearest swipe under the clerk's number at another terminal, none reversed",
                "settlements.opter_id, device_id",
                "seconds",
            ),
        ),
    ),
    Relationship(
        type="INSTALLED_AT",
        starts=("Device",),
        ends=PLACES,
        one_per="device",
        source="terminals.fixmedins_code",
    ),
    Relationship(
        type="VISITED",
        starts=("Patient",),
        ends=("Device",),
        one_per="pair of person and terminal, by cards they hold; stays and reversed swipes aside",
        source="settlements.psn_no, card_id, device_id",
        properties=(
            _("settlements", "int", "swipes", "settlements", "settlements"),
            _("days", "int", "different days", "settlements.day", "days"),
            _(
                "far",
                "bool",
                "insured in another prefecture than the terminal's place: first four digits",
                "persons.insu_admdvs, providers.fix_blng_admdvs",
            ),
            _("place_id", "str", "the terminal's place", "terminals.fixmedins_code"),
            _("usual", "bool", "that place is their usual place", "settlements"),
            _(
                "place_days",
                "int",
                "different days at any terminal of that place",
                "settlements",
                "days",
            ),
            _(
                "edge_days",
                "int",
                "those of them with a swipe in the place's first or last hour: up to 3600 seconds "
                "after it opens or before it closes, or outside",
                "settlements.setl_time",
                "days",
            ),
        ),
    ),
    Relationship(
        type="PRESCRIBED_FOR",
        starts=("Doctor",),
        ends=("Patient",),
        one_per="settlement with a doctor that is not itself a refund",
        source="settlements.dr_code, psn_no",
        properties=(
            _("setl_id", "str", "settlement", "settlements.setl_id"),
            _("at", "int", "when it was settled", "settlements.setl_time", SECONDS),
            _("day", "int", "day it was settled", "settlements.day", DAYS),
            _("place_id", "str", "where it was settled", "settlements.fixmedins_code"),
            _("refunded", "bool", "reversed in full later", "settlements.refunded"),
            _(
                "gap",
                "int",
                "since this doctor's last settlement of another patient, neither reversed",
                "settlements.dr_code, setl_time",
                "seconds",
            ),
            _(
                "shops",
                "int",
                "pharmacies where a card of the patient was swiped that day, reversed swipes aside",
                "settlements",
                "places",
            ),
        ),
    ),
    Relationship(
        type="SIGNED_AT",
        starts=("Doctor",),
        ends=PLACES,
        one_per="pair, reversed settlements aside",
        source="settlements.dr_code, fixmedins_code",
        properties=(
            _("settlements", "int", "settlements signed there", "settlements", "settlements"),
            _("days", "int", "different days", "settlements.day", "days"),
            _("patients", "int", "different patients", "settlements.psn_no", "people"),
        ),
    ),
    Relationship(
        type="REGISTERED_AT",
        starts=("Doctor",),
        ends=PLACES,
        one_per="registration",
        source="practitioners.fixmedins_code",
        properties=(
            _("since", "int", "registered from", "practitioners.begntime", DAYS),
            _("until", "int", "registered until", "practitioners.endtime", DAYS),
        ),
    ),
    Relationship(
        type="WORKS_FOR", starts=("Staff",), ends=PLACES, one_per="pair", source="staff.org"
    ),
    Relationship(
        type="RANG_UP",
        starts=("Staff",),
        ends=("Card",),
        one_per="pair of clerk (opter_type 1 or unknown) and card",
        source="settlements.opter_id, card_id",
        properties=(
            _("settlements", "int", "online, no refunds", "settlements", "settlements"),
            _("first", "int", "first time", "settlements.setl_time", SECONDS),
            _("last", "int", "last time", "settlements.setl_time", SECONDS),
            _("fund", "int", "paid by the fund after refunds", "settlements.net_fund", FEN),
            _(
                "holder_days",
                "int",
                "days under this number of whoever holds the card and has most, with all cards; "
                "none reversed",
                "settlements.day",
                "days",
            ),
        ),
    ),
    Relationship(
        type="SENT_TO",
        starts=("Doctor",),
        ends=("Pharmacy",),
        one_per="pair with a live outside prescription",
        source="settlements.dr_code, fixmedins_code",
        properties=(
            _("prescriptions", "int", "settled there", "settlements", "settlements"),
            _(
                "expected",
                "float",
                "the doctor's prescriptions in the pharmacy's division × the pharmacy's share of "
                "all prescriptions there; zone and drug are not looked at",
                "settlements, providers.fix_blng_admdvs",
                "settlements",
            ),
            _("patients", "int", "different patients", "settlements.psn_no", "people"),
        ),
    ),
    Relationship(
        type="CLAIMED_FOR",
        starts=("ManualClaim",),
        ends=("Patient",),
        one_per="claim",
        source="settlements.psn_no",
    ),
    Relationship(
        type="REGISTERED_BY",
        starts=("ManualClaim",),
        ends=("Staff",),
        one_per="claim",
        source="manual_claims.crter_id",
    ),
    Relationship(
        type="REVIEWED_BY",
        starts=("ManualClaim",),
        ends=("Staff",),
        one_per="claim",
        source="manual_claims.rchker_id",
    ),
    Relationship(
        type="PAID_INTO",
        starts=("ManualClaim",),
        ends=("Account",),
        one_per="claim",
        source="manual_claims.bankacct",
    ),
    Relationship(
        type="FILED_BY",
        starts=("ManualClaim",),
        ends=("Agent",),
        one_per="claim",
        source="manual_claims.agnter_certno",
    ),
    Relationship(
        type="STAY_OF",
        starts=("Stay",),
        ends=("Patient",),
        one_per="stay",
        source="settlements.psn_no",
    ),
    Relationship(
        type="STAYED_IN",
        starts=("Stay",),
        ends=PLACES,
        one_per="stay",
        source="settlements.fixmedins_code",
    ),
    Relationship(
        type="OWNS",
        starts=OWNERS,
        ends=("Account",),
        one_per="pair; a patient owns an account where the payee's name on a claim is their own",
        source="staff.bankacct, providers.bankacct, manual_claims.acctname with persons.psn_name",
    ),
    Relationship(
        type="USES",
        starts=("Patient", "Staff", "Agent"),
        ends=("Phone",),
        one_per="pair",
        source="persons.mob, staff.mob, manual_claims.agnter_tel",
    ),
    Relationship(
        type="LIVES_AT",
        starts=("Patient", "Staff"),
        ends=("Address",),
        one_per="pair",
        source="persons.live_addr, staff.live_addr",
    ),
    Relationship(
        type="EMPLOYED_BY",
        starts=("Patient",),
        ends=("Employer",),
        one_per="pair",
        source="persons.employer_id",
    ),
    Relationship(
        type="BOUGHT",
        starts=("Card",),
        ends=("Box",),
        one_per="settlement line of a loaded box that is not itself a refund",
        source="fee_list.drug_trac_codg",
        properties=(
            _("setl_id", "str", "settlement", "fee_list.setl_id"),
            _("at", "int", "when it was settled", "settlements.setl_time", SECONDS),
            _("place_id", "str", "where it was settled", "settlements.fixmedins_code"),
            _("split", "bool", "split pack: a repeat is lawful", "fee_list.trdn_flag"),
            _("returned", "bool", "returned after sale", "fee_list.sel_retn_flag"),
            _(
                "basket",
                "str",
                "codes of all drugs in loaded boxes of the settlement, in order, joined by '+'; "
                "absent if there is one",
                "fee_list.med_list_codg",
            ),
            _("refunded", "bool", "settlement reversed in full later", "settlements.refunded"),
        ),
    ),
    Relationship(
        type="IS_DRUG",
        starts=("Box",),
        ends=("Drug",),
        one_per="pair",
        source="fee_list.med_list_codg",
    ),
    Relationship(
        type="SWIPED_WITH",
        starts=("Card",),
        ends=("Card",),
        one_per="validated pair; direction has no meaning",
        source="pairs",
        writer="run",
        properties=(
            _("days", "int", "days on which they met", "pairs.days", "days"),
            _("places", "int", "places where they met", "pairs.places", "places"),
            _("expected", "float", "days expected by chance", "pairs.expected", "days"),
            _("q", "float", "false-discovery rate", "pairs.q_value"),
        ),
    ),
    Relationship(
        type="MEMBER_OF",
        starts=(
            "Patient",
            "Card",
            "Pharmacy",
            "Institution",
            "Doctor",
            "Staff",
            "Device",
            "Account",
            "Agent",
        ),
        ends=("Ring",),
        one_per="member",
        source="ring_members",
        writer="run",
        properties=(
            _("role", "str", "holder, collector, cashier …", "ring_members.role"),
            _("weight", "float", "0 to 1", "ring_members.weight"),
            _("since", "int", "member from", "ring_members.since", SECONDS),
            _("until", "int", "member until", "ring_members.until", SECONDS),
        ),
    ),
)

IMPORT = Node(
    label="Import",
    key="import_id",
    meaning="what the graph holds: one node, bookkeeping of the load, not of the county",
    source="the clean tables themselves",
    properties=(
        _("digest", "str", "SHA-256 over the clean tables and this schema's version", "tables"),
        _("finished", "bool", "false while a load is under way or after one that broke", "load"),
        _("counts", "str", "JSON: rows by label and type", "load"),
        _("run", "str", "the run whose rings are in the graph; absent while they change", "run"),
    ),
)

CURRENT = "current"  # the key of the only Import node


def node(label: str) -> Node:
    """Return the node of that label; KeyError if there is none."""
    return _NODE[label]


def relationship(type_: str) -> Relationship:
    """Return the relationship of that type; KeyError if there is none."""
    return _RELATIONSHIP[type_]


def constraints() -> list[str]:
    """Return one statement for each label: its key is unique, which also indexes it."""
    return [
        f"CREATE CONSTRAINT {item.label.lower()}_key IF NOT EXISTS "
        f"FOR (n:{item.label}) REQUIRE n.{item.key} IS UNIQUE"
        for item in (*NODES, IMPORT)
    ]


def create_nodes(item: Node) -> str:
    """Return the statement that creates nodes from ``$rows``, maps of key and properties."""
    inline = ", ".join(f"{name}: row.{name}" for name in item.columns)
    return f"UNWIND $rows AS row CREATE (:{item.label} {{{inline}}})"


def create_relationships(item: Relationship, start: str, end: str) -> str:
    """Return the statement that creates relationships from ``$rows``.

    A row holds the keys of both ends as ``start_key`` and ``end_key``, and the properties.
    """
    inline = ", ".join(f"{each.name}: row.{each.name}" for each in item.properties)
    return (
        "UNWIND $rows AS row "
        f"MATCH (a:{start} {{{node(start).key}: row.start_key}}) "
        f"MATCH (b:{end} {{{node(end).key}: row.end_key}}) "
        f"CREATE (a)-[:{item.type}{f' {{{inline}}}' if inline else ''}]->(b)"
    )


_NODE = {item.label: item for item in NODES}
_RELATIONSHIP = {item.type: item for item in RELATIONSHIPS}
