"""For each motif the smallest worlds that must be found, that just miss, and that lack a fact.

All of them share one county, each with parties of its own; so each motif is also asked among the
others' parties, who must change nothing.
"""

from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any

from tests.world import (
    NOON,
    Line,
    ManualClaim,
    Person,
    Place,
    Registration,
    Settlement,
    StaffMember,
    World,
)

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
TODAY = (NOON.date() - date(1970, 1, 1)).days
EPOCH_NOON = TODAY * 86_400 + 12 * 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Small worlds, and the rows that the motif's default parameters must give: no others.

    ``misses`` and ``unknown`` are worlds by what they lack; a row that an unknown fact leaves
    standing is among ``rows``.
    """

    hit: World
    misses: dict[str, World]
    unknown: dict[str, World]
    rows: tuple[tuple[Any, ...], ...]

    @property
    def world(self) -> World:
        return joined(self.hit, *self.misses.values(), *self.unknown.values())


def joined(*worlds: World) -> World:
    """Return one world with the rows of all."""
    return replace(
        World(),
        **{
            field.name: tuple(row for world in worlds for row in getattr(world, field.name) or ())
            for field in fields(World)
        },
    )


def claims(name: str, patients: int, **common: Any) -> World:
    """Return manual claims of so many patients, each with one claim."""
    return World(
        manual_claims=tuple(
            ManualClaim(setl_id=f"{name}-{number}", patient=f"{name}{number}", **common)
            for number in range(patients)
        )
    )


def swipes(name: str, *rows: dict[str, Any]) -> World:
    """Return settlements numbered by name, at a place and terminal of that name unless said."""
    common = {"person": name, "place": f"P-{name}", "device": f"D-{name}"}
    return World(
        settlements=tuple(
            Settlement(**{"setl_id": f"{name}-{number}", **common, **row})
            for number, row in enumerate(rows)
        )
    )


def owned(world: World) -> World:
    """Return a world in which the payee of every claim is its patient: they own the account."""
    found = world.manual_claims or ()
    return replace(
        world,
        persons=tuple(Person(person=claim.patient, name=claim.patient) for claim in found),
        manual_claims=tuple(replace(claim, account_name=claim.patient) for claim in found),
    )


ONE_ACCOUNT = Case(
    hit=joined(
        claims("oa", 3, account="OA", reviewer="OA-R"),
        World(staff=(StaffMember(staff="OA-W", account="OA"),)),
    ),
    misses={
        "two patients": claims("ob", 2, account="OB", reviewer="OB-R"),
        "three who own the account": owned(claims("oc", 3, account="OC", reviewer="OC-R")),
        "three split between two reviewers": joined(
            claims("od", 2, account="OD", reviewer="OD-R"),
            claims("oe", 1, account="OD", reviewer="OE-R"),
        ),
    },
    unknown={
        "no reviewer": claims("of", 3, account="OF"),
        "no account": claims("og", 3, reviewer="OG-R"),
        "no owner on record": claims("oh", 3, account="OH", reviewer="OH-R"),
    },
    rows=(
        ("OA", "OA-R", 3, True, ["P-oa0", "P-oa1", "P-oa2"], ["oa-0", "oa-1", "oa-2"]),
        ("OH", "OH-R", 3, False, ["P-oh0", "P-oh1", "P-oh2"], ["oh-0", "oh-1", "oh-2"]),
    ),
)

REGISTRAR = Case(
    hit=joined(
        claims("ra", 2, creator="RA-K", reviewer="RA-K"),
        claims("rb", 1, account="RB", creator="RA-K", reviewer="RA-K"),
        claims("rx", 1, creator="RA-K", reviewer="RX-K"),
    ),
    misses={
        "two claims": claims("rc", 2, creator="RC-K", reviewer="RC-K"),
        "reviewed by somebody else": claims("rd", 3, creator="RD-K", reviewer="RD-R"),
    },
    unknown={
        "no reviewer": claims("re", 3, creator="RE-K"),
        "no registrar": claims("rf", 3, reviewer="RF-K"),
        "no account": claims("rg", 3, creator="RG-K", reviewer="RG-K"),
    },
    rows=(
        ("RA-K", 3, 4, 3, ["RB"], ["P-ra0", "P-ra1", "P-rb0"], ["ra-0", "ra-1", "rb-0"]),
        ("RG-K", 3, 3, 3, [], ["P-rg0", "P-rg1", "P-rg2"], ["rg-0", "rg-1", "rg-2"]),
    ),
)


def rounds(name: str, *starts: timedelta, gap: timedelta = 10 * MINUTE, **common: Any) -> World:
    """Return charges, each reversed in full and charged again after the gap."""
    return swipes(
        name,
        *(
            {"at": NOON + start + wait, "refunded": not wait, **common}
            for start in starts
            for wait in (timedelta(0), gap)
        ),
    )


REFUND = Case(
    hit=rounds("fa", 0 * DAY, 60 * MINUTE, DAY),
    misses={
        "two rounds": rounds("fb", 0 * DAY, DAY),
        "a second too late": rounds("fc", 0 * DAY, DAY, 2 * DAY, gap=30 * MINUTE + timedelta(0, 1)),
        "again in the same second": rounds("fd", 0 * DAY, DAY, 2 * DAY, gap=timedelta(0)),
        "again at another terminal": swipes(
            "fe",
            *({"at": NOON + n * DAY, "refunded": True} for n in range(3)),
            *({"at": NOON + n * DAY + MINUTE, "device": "D-fe2"} for n in range(3)),
        ),
    },
    unknown={
        "refunded in part": swipes(
            "ff", *({"at": NOON + n * DAY + k * MINUTE} for n in range(3) for k in range(2))
        ),
        "no terminal": rounds("fg", 0 * DAY, DAY, 2 * DAY, device=None),
    },
    rows=(
        ("C-fa", "D-fa", 3, 2, ["P-fa"], [f"fa-{number}" for number in range(6)]),
        ("C-fg", "proxy:P-fg:", 3, 3, ["P-fg"], [f"fg-{number}" for number in range(6)]),
    ),
)


def stay(name: str, *rows: dict[str, Any], **common: Any) -> World:
    """Return a stay from today until four days later, and swipes at a pharmacy."""
    inpatient = {
        "place": f"H-{name}",
        "device": None,
        "kind": "inpatient",
        "at": NOON + 4 * DAY,
        "begins": NOON.date(),
        "ends": NOON.date() + 4 * DAY,
    }
    return swipes(name, inpatient | common, *rows)


STAY = Case(
    hit=stay("sa", {"at": NOON + DAY}, {"at": NOON + DAY + MINUTE}, {"at": NOON + 3 * DAY}),
    misses={
        "first and last day": stay("sb", {"at": NOON}, {"at": NOON + 4 * DAY}),
        "at the institution itself": stay("sc", {"at": NOON + DAY, "place": "H-sc"}),
        "somebody else's card": stay("sd", {"at": NOON + DAY, "person": "sd2"}),
        "reversed": stay("se", {"at": NOON + DAY, "refunded": True}),
        "another stay is paid": stay("sf", {"at": NOON + DAY, "kind": "inpatient"}),
        "the stay itself is reversed": stay("sg", {"at": NOON + DAY}, refunded=True),
    },
    unknown={
        "no last day": stay("sh", {"at": NOON + DAY}, ends=None),
        "no first day": stay("si", {"at": NOON + DAY}, begins=None),
        "no terminal": stay("sj", {"at": NOON + DAY, "device": None}),
    },
    rows=(
        (
            *("sa-0", "P-sa", "H-sa", TODAY, TODAY + 4, 2, 3),
            *(["P-sa"], ["C-sa"], ["D-sa"], ["sa-0", "sa-1", "sa-2", "sa-3"]),
        ),
        (
            *("sj-0", "P-sj", "H-sj", TODAY, TODAY + 4, 1, 1),
            *(["P-sj"], ["C-sj"], ["proxy:P-sj:"], ["sj-0", "sj-1"]),
        ),
    ),
)


def box(name: str, *rows: dict[str, Any], trace: str | None = "", **common: Any) -> World:
    """Return settlements a day apart, each with one line of one box."""
    settled = swipes(name, *({"at": NOON + n * DAY, **row} for n, row in enumerate(rows)))
    lines = (
        Line(setl_id=row.setl_id, drug="X1", trace=f"T-{name}" if trace == "" else trace, **common)
        for row in settled.settlements
    )
    return replace(settled, lines=tuple(lines))


def second(world: World, **changed: Any) -> World:
    """Return a world whose last line says something else."""
    assert world.lines
    return replace(world, lines=(*world.lines[:-1], replace(world.lines[-1], **changed)))


ELSEWHERE = {"person": "elsewhere", "place": "P-elsewhere", "device": "D-elsewhere"}
BOX = Case(
    hit=replace(box("ba", {}, ELSEWHERE), resale_drugs=("X1",)),  # so every box is loaded
    misses={
        "two cards at one place": box("bb", {}, {"person": "bb2"}),
        "one card at two places": box("bc", {}, {"place": "P-bc2", "device": "D-bc2"}),
        "a split pack": second(box("bd", {}, ELSEWHERE), split=True),
        "returned": second(box("be", {}, ELSEWHERE), returned=True),
        "reversed": box("bf", {}, {**ELSEWHERE, "refunded": True}),
    },
    unknown={"no trace code": box("bg", {}, ELSEWHERE, trace=None)},
    rows=(
        (
            *("T-ba", ["X1"], 2, 2, EPOCH_NOON, EPOCH_NOON + 86_400),
            *(["P-ba", "P-elsewhere"], ["C-ba", "C-elsewhere"]),
            *(["P-ba", "P-elsewhere"], ["ba-0", "ba-1"]),
        ),
    ),
)


def together(name: str, *gaps: timedelta, people: int = 2, **common: Any) -> World:
    """Return a day for each gap; on each, people swipe one after another with that gap."""
    return swipes(
        name,
        *(
            {"person": f"{name}{who}", "at": NOON + number * DAY + who * gap, **common}
            for number, gap in enumerate(gaps)
            for who in range(people)
        ),
    )


def at_second_terminal(world: World) -> World:
    """Return a world in which every second swipe is at another terminal of the place."""
    return replace(
        world,
        settlements=tuple(
            replace(row, device=f"{row.device}2") if number % 2 else row
            for number, row in enumerate(world.settlements)
        ),
    )


def pair(
    name: str, spot: str, *, device: str = "", people: tuple[int, int] = (0, 1), of: int = 2
) -> tuple[Any, ...]:
    """Return the row of two people who met once on each of three days."""
    a, b = (f"P-{name}{who}" for who in people)
    settled = sorted(f"{name}-{of * number + who}" for number in range(3) for who in people)
    return (a, b, spot, f"P-{name}", False, 3, 3, [device or spot], [a, b], settled)


TEN = 10 * MINUTE
TOGETHER = Case(
    hit=together("ta", TEN, MINUTE, timedelta(0)),
    misses={
        "two days": together("tb", MINUTE, MINUTE),
        "a second too far apart": together("tc", MINUTE, MINUTE, TEN + timedelta(seconds=1)),
        "one person": together("td", MINUTE, MINUTE, MINUTE, person="td"),
        "reversed": together("te", MINUTE, MINUTE, MINUTE, refunded=True),
        "stays": together("tf", MINUTE, MINUTE, MINUTE, kind="inpatient"),
        "two terminals": at_second_terminal(together("tg", MINUTE, MINUTE, MINUTE)),
    },
    unknown={
        "no terminal": together("th", MINUTE, MINUTE, MINUTE, device=None),
        "times known to the day": joined(
            together("ti", *[timedelta(0)] * 3),
            World(places=(Place(place="P-ti", day_precision=True),)),
        ),
        "a batch of one second": together("tj", *[timedelta(0)] * 3, people=3),
    },
    rows=(
        pair("ta", "D-ta"),
        pair("th", "proxy:P-th:"),
        *(pair("tj", "D-tj", people=both, of=3) for both in ((0, 1), (0, 2), (1, 2))),
    ),
)


def stays(name: str, *rows: tuple[int, int, int], **common: Any) -> World:
    """Return stays at one institution: who, day in, and day out, counted from today."""
    return swipes(
        name,
        *(
            {
                "person": f"{name}{who}",
                "place": f"H-{name}",
                "device": None,
                "kind": "inpatient",
                "at": NOON + out * DAY,
                "begins": NOON.date() + begin * DAY,
                "ends": NOON.date() + out * DAY,
                **common,
            }
            for who, begin, out in rows
        ),
    )


BOTH = ((0, 0, 4), (1, 1, 3), (0, 10, 14), (1, 10, 14))
ADMITTED = Case(
    hit=stays("aa", *BOTH),
    misses={
        "once": stays("ab", (0, 0, 4), (1, 0, 4)),
        "two days between admissions": stays("ac", (0, 0, 4), (1, 2, 4), (0, 9, 14), (1, 9, 14)),
        "two days between discharges": stays("ad", (0, 0, 4), (1, 0, 6), (0, 9, 14), (1, 9, 14)),
        "two institutions": joined(
            stays("ae", (0, 0, 4), (0, 9, 14)),
            stays("af", (0, 0, 4), (0, 9, 14), person="ae1"),
        ),
        "one patient": stays("ag", *BOTH, person="ag"),
        "reversed": stays("ah", *BOTH, refunded=True),
    },
    unknown={
        "no first day": stays("ai", *BOTH, begins=None),
        "no last day": stays("aj", *BOTH, ends=None),
    },
    rows=tuple(
        (
            *(f"P-{name}0", f"P-{name}1", f"H-{name}", 2, TODAY, TODAY + 10),
            *([f"P-{name}0", f"P-{name}1"], [f"{name}-{number}" for number in range(4)]),
        )
        for name in ("aa", "aj")
    ),
)


def again(name: str, *days: int, after: timedelta = 60 * MINUTE, **other: Any) -> World:
    """Return on each day a charge reversed in full, and a further one that may differ."""
    return swipes(
        name,
        *(
            row
            for day in days
            for row in (
                {"at": NOON + day * DAY, "refunded": True},
                {"at": NOON + day * DAY + after, **other},
            )
        ),
    )


def cycled(name: str, days: int, *devices: str, of: int = 6) -> tuple[Any, ...]:
    """Return the row of somebody with three cycles."""
    settled = [f"{name}-{number}" for number in range(of)]
    return (f"P-{name}", f"P-{name}", 3, days, [f"C-{name}"], list(devices), settled)


CHARGED = Case(
    hit=again("ca", 0, 1, 2, device="D-ca2"),
    misses={
        "two cycles": again("cb", 0, 1),
        "on the next day": again("cc", 0, 2, 4, after=13 * 60 * MINUTE),
        "at another place": again("cd", 0, 1, 2, place="P-cd2", device="D-cd2"),
        "by another person": again("ce", 0, 1, 2, person="ce2"),
        "stays": again("cf", 0, 1, 2, kind="inpatient"),
        "before": again("cg", 0, 1, 2, after=-MINUTE),
    },
    unknown={
        "refunded in part": swipes(
            "ch", *({"at": NOON + n * DAY + k * MINUTE} for n in range(3) for k in range(2))
        ),
        "no terminal": again("ci", 0, 1, 2, device=None),
    },
    rows=(
        cycled("ca", 3, "D-ca", "D-ca2"),
        cycled("ci", 3, "D-ci", "proxy:P-ci:"),
        cycled("fa", 2, "D-fa"),  # these are of the motif that looks at one card and one terminal
        cycled("fc", 3, "D-fc"),
        cycled("fd", 3, "D-fd"),
        cycled("fe", 3, "D-fe", "D-fe2"),
        cycled("fg", 3, "proxy:P-fg:"),
    ),
)


def brought(staff: str, name: str, channel: str, *, agent: bool = False) -> tuple[Any, ...]:
    """Return the row of three claims of three patients."""
    people, settled = (
        [f"{sign}{name}{tail}{n}" for n in range(3)] for sign, tail in (("P-", ""), ("", "-"))
    )
    side = ([], [channel]) if agent else ([channel], [])
    return (staff, channel, 3, 3, *side, people, settled)


HAND = Case(
    hit=claims("ha", 3, agent="HA-A", creator="HA-K", reviewer="HA-R"),
    misses={
        "two patients": claims("hb", 2, agent="HB-A", creator="HB-K"),
        "three by two agents": joined(
            claims("hc", 2, agent="HC-A", creator="HC-K"),
            claims("hd", 1, agent="HD-A", creator="HC-K"),
        ),
        "three by two hands": joined(
            claims("he", 2, agent="HE-A", creator="HE-K"),
            claims("hf", 1, agent="HE-A", creator="HF-K"),
        ),
    },
    unknown={
        "neither account nor agent": claims("hg", 3, creator="HG-K"),
        "no hand": claims("hh", 3, agent="HH-A"),
    },
    rows=(
        brought("HA-K", "ha", "HA-A", agent=True),
        brought("HA-R", "ha", "HA-A", agent=True),
        *(brought(f"{name}-R", name.lower(), name) for name in ("OA", "OC", "OH")),
    ),
)


def remote(
    name: str,
    people: int = 5,
    *,
    home: str | None = "320102",
    here: str | None = "310115",
    days: int = 1,
    **common: Any,
) -> World:
    """Return people insured at home who swipe here, a minute apart, on one day or more."""
    settled = swipes(
        name,
        *(
            {"person": f"{name}{n}", "at": NOON + n % days * DAY + n * MINUTE, **common}
            for n in range(people)
        ),
    )
    return replace(
        settled,
        persons=tuple(Person(person=f"{name}{n}", division=home) for n in range(people)),
        places=(Place(place=f"P-{name}", division=here),),
    )


FAR = Case(
    hit=remote("xa"),
    misses={
        "four people": remote("xb", 4),
        "of the same prefecture": remote("xc", home="310101"),
        "on two days": remote("xd", days=2),
        "one person": remote("xe", person="xe0"),
        "reversed": remote("xf", refunded=True),
        "stays": remote("xg", kind="inpatient"),
    },
    unknown={
        "nobody knows where they are insured": remote("xh", home=None),
        "nor where the place is": remote("xi", here=None),
    },
    rows=(
        (
            *("P-xa", TODAY, 5, "P-xa0", 240, True, ["D-xa"]),
            *([f"P-xa{n}" for n in range(5)], [f"xa-{n}" for n in range(5)]),
        ),
    ),
)


def prescribed(name: str, *rows: dict[str, Any]) -> World:
    """Return settlements that name a doctor unless said, each of another patient."""
    return swipes(
        name,
        *(
            {"person": f"{name}{n}", "doctor": f"{name.upper()}-D", "at": NOON + n * DAY, **row}
            for n, row in enumerate(rows)
        ),
    )


def seen(name: str, n: int, **row: Any) -> dict[str, Any]:
    """Return a visit of a patient to the doctor at an institution."""
    return {"person": f"{name}{n}", "place": f"H-{name}", "device": f"DH-{name}", **row}


SENT = Case(
    hit=prescribed(
        "da", {}, {}, {"doctor": None}, seen("da", 2, at=NOON + 2 * DAY - MINUTE, kind="outpatient")
    ),
    misses={
        "two patients": prescribed("db", {}, {}, {"person": "db0"}),
        "two pharmacies": prescribed("dc", {}, {}, {"place": "P-dc2", "device": "D-dc2"}),
        "two doctors": prescribed("dd", {}, {}, {"doctor": "DD-D2"}),
        "bought on the next day": prescribed(
            "de", {}, {}, {"doctor": None}, seen("de", 2, at=NOON + DAY)
        ),
        "reversed": prescribed("df", {}, {}, {"refunded": True}),
        "the visit reversed": prescribed(
            "dg", {}, {}, {"doctor": None}, seen("dg", 2, at=NOON + 2 * DAY, refunded=True)
        ),
    },
    unknown={"no doctor": prescribed("dh", *({"doctor": None} for _ in range(3)))},
    rows=(("DA-D", "P-da", 3, 2, 1, ["P-da0", "P-da1", "P-da2"], ["da-0", "da-1", "da-2"]),),
)


def signing(name: str, home: tuple[int, ...], other: tuple[int, ...], **common: Any) -> World:
    """Return what one number signs on some days at each of two institutions."""
    return swipes(
        name,
        *(
            {
                "doctor": f"{name.upper()}-D",
                "place": f"H-{name}{site}",
                "device": f"D-{name}{site}",
                "at": NOON + day * DAY + site * MINUTE,
                **common,
            }
            for site, days in enumerate((home, other))
            for day in days
        ),
    )


def registered(name: str, site: int) -> World:
    """Return the registration of that number at one of the institutions."""
    return World(registrations=(Registration(doctor=f"{name.upper()}-D", place=f"H-{name}{site}"),))


def site(
    name: str, number: int, both: int, elsewhere: int, known: bool | None, *ids: int
) -> tuple[Any, ...]:
    """Return the row of three days at one institution."""
    settled = [f"{name}-{n}" for n in ids]
    here = (f"{name.upper()}-D", f"H-{name}{number}", 3, both, elsewhere, known)
    return (*here, [f"P-{name}"], settled)


TWO_PLACES = Case(
    hit=joined(signing("wa", (0, 1, 2), (2, 3, 4)), registered("wa", 0)),
    misses={
        "two days at the other": joined(signing("wb", (0, 1, 2), (3, 4)), registered("wb", 0)),
        "one institution": joined(signing("wc", (0, 1, 2), ()), registered("wc", 0)),
        "reversed": signing("wd", (0, 1, 2), (3, 4, 5), refunded=True),
        "two numbers": joined(signing("we", (0, 1, 2), ()), signing("wf", (0, 1, 2), ())),
        "pharmacies": swipes(
            "wg",
            *(
                {
                    "doctor": "WG-D",
                    "at": NOON + n * DAY,
                    "place": f"P-wg{n % 2}",
                    "device": f"D-wg{n % 2}",
                }
                for n in range(6)
            ),
        ),
    },
    unknown={
        "registered nowhere": signing("wh", (0, 1, 2), (3, 4, 5)),
        "not registered where it signs": joined(signing("wi", (0, 1, 2), ()), registered("wi", 1)),
        "no doctor": signing("wj", (0, 1, 2), (3, 4, 5), doctor=None),
    },
    rows=(
        site("wa", 0, 1, 1, True, 0, 1, 2),
        site("wa", 1, 1, 1, False, 3, 4, 5),
        site("wh", 0, 0, 1, None, 0, 1, 2),
        site("wh", 1, 0, 1, None, 3, 4, 5),
        site("wi", 0, 0, 0, False, 0, 1, 2),
    ),
)


def rung(name: str, days: int = 3, *rows: dict[str, Any], **common: Any) -> World:
    """Return a settlement under one clerk's number on each of some days, and others."""
    clerk = {"clerk": f"{name.upper()}-K"}
    own = ({"at": NOON + n * DAY, **clerk, **common} for n in range(days))
    return swipes(name, *own, *({**clerk, **row} for row in rows))


NUMBER = Case(
    hit=rung("na", 3, {"person": "na2", "device": "D-na2", "at": NOON + DAY + MINUTE}),
    misses={
        "two days": rung("nb", 2, {"at": NOON + MINUTE}),
        "two clerks": rung("nc", 2, {"at": NOON + 2 * DAY, "clerk": "NC-K2"}),
        "two people": rung("nd", 2, {"at": NOON + 2 * DAY, "person": "nd2"}),
        "reversed": rung("ne", refunded=True),
    },
    unknown={"no clerk": rung("nf", clerk=None), "no terminal": rung("ng", device=None)},
    rows=(
        ("NA-K", "P-na", 3, 1, ["D-na"], ["na-0", "na-1", "na-2"]),
        ("NG-K", "P-ng", 3, 0, ["proxy:P-ng:"], ["ng-0", "ng-1", "ng-2"]),
    ),
)


def kin(name: str, days: int = 3, *, sharing: int = 1, **common: Any) -> World:
    """Return days at a place of somebody who shares the telephone of its staff."""
    phone = f"T-{name}"
    return replace(
        swipes(name, *({"at": NOON + n * DAY, **common} for n in range(days))),
        persons=(
            Person(person=name, phone=phone),
            *(Person(person=f"{name}{n}", phone=phone) for n in range(1, sharing)),
        ),
        staff=(StaffMember(staff=f"{name.upper()}-W", org=f"P-{name}", phone=phone),),
    )


CIRCLE = Case(
    hit=joined(
        kin("ua", sharing=8),
        replace(
            kin("uh"),
            persons=(Person(person="uh", address="L-uh"),),
            staff=(StaffMember(staff="UH-W", org="P-uh", address="L-uh"),),
        ),
    ),
    misses={
        "two days": kin("ub", 2),
        "at another place": kin("uc", place="P-uc2", device="D-uc2"),
        "nine share it": kin("ud", sharing=9),
        "reversed": kin("ue", refunded=True),
        "staff of another place": replace(
            kin("uf"), staff=(StaffMember(staff="UF-W", org="P-uf2", phone="T-uf"),)
        ),
    },
    unknown={"no telephone": replace(kin("ug"), persons=(Person(person="ug"),))},
    rows=(
        ("P-ua", "P-ua", ["UA-W"], 3, ["D-ua"], ["ua-0", "ua-1", "ua-2"]),
        ("P-uh", "P-uh", ["UH-W"], 3, ["D-uh"], ["uh-0", "uh-1", "uh-2"]),
    ),
)

CASES: dict[str, Case] = {
    "admitted_together": ADMITTED,
    "charged_back_again": CHARGED,
    "claims_through_one_hand": HAND,
    "doctor_at_two_places": TWO_PLACES,
    "doctor_sends_to_pharmacy": SENT,
    "far_credentials_one_place": FAR,
    "owners_circle": CIRCLE,
    "people_under_one_number": NUMBER,
    "one_account_one_reviewer": ONE_ACCOUNT,
    "registrar_is_reviewer": REGISTRAR,
    "swipe_refund_swipe": REFUND,
    "card_used_in_stay": STAY,
    "box_settled_twice": BOX,
    "cards_swiped_together": TOGETHER,
}
