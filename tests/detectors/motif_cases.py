"""For each motif the smallest worlds that must be found, that just miss, and that lack a fact.

All of them share one county, each with parties of its own; so each motif is also asked among the
others' parties, who must change nothing.
"""

from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any

from tests.world import NOON, Line, ManualClaim, Person, Place, Settlement, StaffMember, World

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

CASES: dict[str, Case] = {
    "one_account_one_reviewer": ONE_ACCOUNT,
    "registrar_is_reviewer": REGISTRAR,
    "swipe_refund_swipe": REFUND,
    "card_used_in_stay": STAY,
    "box_settled_twice": BOX,
    "cards_swiped_together": TOGETHER,
}
