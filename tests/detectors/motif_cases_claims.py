"""Cases of the motifs on manual claims; as :mod:`tests.detectors.motif_cases`."""

from dataclasses import replace
from typing import Any

from tests.detectors.motif_cases import DAY, TODAY, Case, claims, joined, owned, swipes
from tests.world import NOON, ManualClaim, Person, Place, StaffMember, World


def people(name: str, count: int, **facts: Any) -> World:
    """Return persons numbered by name who share these facts."""
    return World(persons=tuple(Person(person=f"{name}{n}", **facts) for n in range(count)))


def party(name: str, count: int) -> tuple[list[str], list[str]]:
    """Return the keys of so many persons, and of one settlement of each."""
    return [f"P-{name}{n}" for n in range(count)], [f"{name}-{n}" for n in range(count)]


def died(name: str, *rows: dict[str, Any], **facts: Any) -> World:
    """Return swipes of somebody who died today."""
    facts = {"died": NOON.date(), **facts}
    return replace(swipes(name, *rows), persons=(Person(person=name, **facts),))


def late_claim(name: str, days: int) -> World:
    """Return a claim settled so many days after today."""
    return World(
        manual_claims=(ManualClaim(setl_id=f"{name}-9", patient=name, at=NOON + days * DAY),)
    )


DEATH = Case(
    hit=joined(
        died("dea", {"at": NOON + 4 * DAY}, {"at": NOON + 11 * DAY}), late_claim("dea", 366)
    ),
    misses={
        "three days later": died("deb", {"at": NOON + 3 * DAY}),
        "a claim within a year": joined(died("dec"), late_claim("dec", 365)),
        "a stay": died("ded", {"at": NOON + 9 * DAY, "kind": "inpatient"}),
        "reversed": died("def", {"at": NOON + 9 * DAY, "refunded": True}),
    },
    unknown={"no day of death": died("deg", {"at": NOON + 9 * DAY}, died=None, alive=False)},
    rows=(
        (
            *("P-dea", TODAY, 4, TODAY + 366, 2, 1, ["C-dea"], ["D-dea"]),
            ["dea-0", "dea-1", "dea-9"],
        ),
    ),
)

INVOICE = Case(
    hit=claims("iva", 2, invoice="N-iva", creator="IVA-K", reviewer="IVA-R", account="IVA-A"),
    misses={
        "one claim": claims("ivb", 1, invoice="N-ivb"),
        "two invoices": joined(
            claims("ivc", 1, invoice="N-ivc"), claims("ivd", 1, invoice="N-ivd")
        ),
    },
    unknown={"no invoice number": claims("ive", 3)},
    rows=(
        (
            *("N-iva", 2, 2, 1, "iva-0", ["P-iva0", "P-iva1"], ["IVA-K", "IVA-R"], ["IVA-A"]),
            ["iva-0", "iva-1"],
        ),
    ),
)


def series(name: str, *numbers: int, prefix: str = "", **common: Any) -> World:
    """Return claims through one agent, each with its invoice number and of another patient."""
    return World(
        manual_claims=tuple(
            ManualClaim(
                **{
                    "setl_id": f"{name}-{n}",
                    "patient": f"{name}{n}",
                    "agent": f"{name.upper()}-G",
                    "invoice": f"{prefix}{number}",
                    **common,
                }
            )
            for n, number in enumerate(numbers)
        )
    )


SERIES = Case(
    hit=joined(
        series("sea", 1001, 1002, 1003), series("seb", 2001, 2002, 2002, agent=None, account="SEB")
    ),
    misses={
        "two patients": series("sec", 3001, 3002),
        "two apart": series("sed", 4001, 4003, 4005),
        "one patient": series("sef", 5001, 5002, 5003, patient="sef"),
        "two agents": joined(series("seg", 6001, 6003), series("seh", 6002, 6004)),
    },
    unknown={
        "numbers with letters": series("sei", 7001, 7002, 7003, prefix="A"),
        "no agent": series("sej", 8001, 8002, 8003, agent=None),
    },
    rows=(
        ("SEA-G", 3, 3, 1001, 1003, "sea-0", [], ["SEA-G"], *party("sea", 3)),
        ("SEB", 3, 3, 2001, 2002, "seb-0", ["SEB"], [], *party("seb", 3)),
    ),
)


def far_claims(name: str, count: int = 3, *, home: str | None = "320102", **common: Any) -> World:
    """Return claims of people insured at home for an institution elsewhere."""
    return joined(
        claims(name, count, place=f"H-{name}", **{"agent": f"{name.upper()}-G", **common}),
        people(name, count, division=home),
        World(places=(Place(place=f"H-{name}", division="310115"),)),
    )


REMOTE = Case(
    hit=joined(far_claims("rma"), far_claims("rmb", agent=None, account="RMB", creator="RMB-K")),
    misses={
        "two patients": far_claims("rmc", 2),
        "of the same prefecture": far_claims("rmd", home="310101"),
        "one was there before": joined(
            far_claims("rme"),
            swipes(
                "rme", {"setl_id": "rme-s", "person": "rme0", "place": "H-rme", "at": NOON - DAY}
            ),
        ),
    },
    unknown={
        "nobody knows where they are insured": far_claims("rmf", home=None),
        "nothing they share": far_claims("rmg", agent=None),
    },
    rows=(
        ("H-rma", "RMA-G", 3, 3, [], ["RMA-G"], [], *party("rma", 3)),
        ("H-rmb", "RMB", 3, 3, ["RMB"], [], [], *party("rmb", 3)),
        ("H-rmb", "RMB-K", 3, 3, [], [], ["RMB-K"], *party("rmb", 3)),
    ),
)


def staff(name: str, *facts: dict[str, Any]) -> World:
    """Return staff of the agency, numbered by name."""
    return World(
        staff=tuple(StaffMember(staff=f"{name.upper()}-{n}", **row) for n, row in enumerate(facts))
    )


TWO_STEPS = Case(
    hit=joined(
        *(
            claims("tsa", 2, account="TSA", reviewer="TSA-0"),
            staff("tsa", {"phone": "T-tsa"}, {"phone": "T-tsa", "account": "TSA"}),
            claims("tsb", 2, agent="TSB-G", agent_phone="T-tsb", creator="TSB-0"),
            staff("tsb", {"phone": "T-tsb"}),
            claims("tsc", 2, account="TSC", creator="TSC-0"),
            staff("tsc", {"account": "TSC"}),
        )
    ),
    misses={
        "one claim": joined(
            claims("tsd", 1, account="TSD", reviewer="TSD-0"), staff("tsd", {"account": "TSD"})
        ),
        "through other hands": joined(
            claims("tse", 2, account="TSE", reviewer="TSE-R"), staff("tse", {"account": "TSE"})
        ),
        "nine share the telephone": joined(
            claims("tsf", 2, account="TSF", reviewer="TSF-0"),
            staff("tsf", {"phone": "T-tsf"}, {"phone": "T-tsf", "account": "TSF"}),
            people("tsf", 9, phone="T-tsf"),
        ),
    },
    unknown={
        "no telephone on record": joined(
            claims("tsg", 2, account="TSG", reviewer="TSG-0"),
            staff("tsg", {}, {"account": "TSG"}),
        )
    },
    rows=(
        ("TSA-0", "TSA", False, ["T-tsa"], 2, 2, ["TSA"], [], *party("tsa", 2)),
        ("TSB-0", "TSB-G", False, ["T-tsb"], 2, 2, [], ["TSB-G"], *party("tsb", 2)),
        ("TSC-0", "TSC", True, [], 2, 2, ["TSC"], [], *party("tsc", 2)),
    ),
)


def kin(name: str, sharing: int = 1, **hands: Any) -> World:
    """Return a claim of the first of some people who share a telephone with a member of staff."""
    phone = f"T-{name}"
    return joined(
        claims(name, 1, **hands), people(name, sharing, phone=phone), staff(name, {"phone": phone})
    )


KIN = Case(
    hit=joined(kin("kia", 8, reviewer="KIA-0", account="KIA"), kin("kib", creator="KIB-0")),
    misses={
        "through other hands": kin("kic", reviewer="KIC-R"),
        "nine share the telephone": kin("kid", 9, reviewer="KID-0"),
    },
    unknown={
        "no telephone on record": joined(claims("kie", 1, reviewer="KIE-0"), staff("kie", {}))
    },
    rows=(
        ("KIA-0", "P-kia0", 1, 1, ["T-kia"], ["KIA"], ["kia-0"]),
        ("KIB-0", "P-kib0", 1, 0, ["T-kib"], [], ["kib-0"]),
    ),
)

AGENT = Case(
    hit=claims("ama", 5, agent="AMA-G", creator="AMA-K", account="AMA"),
    misses={
        "four households": claims("amb", 4, agent="AMB-G"),
        "five of one address": joined(
            claims("amc", 5, agent="AMC-G"), people("amc", 5, address="L-amc")
        ),
        "one shares the agent's telephone": joined(
            claims("amd", 5, agent="AMD-G", agent_phone="T-amd"), people("amd", 1, phone="T-amd")
        ),
        "one is the agent": joined(
            claims("ame", 5, agent="AME-G"), people("ame", 1, certificate="AME-G")
        ),
    },
    unknown={"no agent": claims("amf", 5, account="AMF")},
    rows=(("AMA-G", 5, 5, 5, ["AMA"], ["AMA-K"], *party("ama", 5)),),
)

STRANGERS = Case(
    hit=joined(
        claims("paa", 3, account="PAA", reviewer="PAA-R"),
        World(places=(Place(place="H-paa", account="PAA"),)),
    ),
    misses={
        "two patients": claims("pab", 2, account="PAB"),
        "two households": joined(
            claims("pac", 3, account="PAC"), people("pac", 2, address="L-pac")
        ),
        "three who own it": owned(claims("pad", 3, account="PAD")),
    },
    unknown={
        "no account": claims("pae", 3, reviewer="PAE-R"),
        "no owner on record": claims("paf", 3, account="PAF"),
    },
    rows=(
        ("PAA", 3, 3, 3, True, True, ["PAA-R"], *party("paa", 3)),
        ("PAF", 3, 3, 3, False, False, [], *party("paf", 3)),
    ),
)


def tied(name: str, patients: int = 3, sharing: int = 0, phone: str | None = "") -> World:
    """Return claims into the account of somebody who shares a telephone with their reviewer."""
    phone = f"T-{name}" if phone == "" else phone
    account, owner = name.upper(), f"{name}9"
    own = ManualClaim(setl_id=f"{name}-9", patient=owner, account=account, account_name="N")
    return joined(
        claims(name, patients, account=account, reviewer=f"{account}-0"),
        World(manual_claims=(own,), persons=(Person(person=owner, name="N", phone=phone),)),
        staff(name, {"phone": f"T-{name}"}),
        people(f"{name}x", sharing, phone=f"T-{name}"),
    )


TIE = Case(
    hit=tied("tia"),
    misses={"two patients": tied("tib", 2), "nine share the telephone": tied("tic", sharing=8)},
    unknown={"no telephone of the owner": tied("tid", phone=None)},
    rows=(("TIA-0", "TIA", 3, 1, ["P-tia9", "T-tia"], 3, 3, *party("tia", 3)),),
)

CASES: dict[str, Case] = {
    "invoice_paid_twice": INVOICE,
    "invoice_series_one_agent": SERIES,
    "one_agent_many_claimants": AGENT,
    "payee_shared_by_strangers": STRANGERS,
    "remote_manual_claims": REMOTE,
    "reviewer_passed_kin_claim": KIN,
    "settled_after_death": DEATH,
    "shortest_tie_to_payee": TIE,
    "staff_two_steps_from_payee": TWO_STEPS,
}
