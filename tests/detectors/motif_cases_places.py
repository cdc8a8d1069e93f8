"""Cases of the motifs on people at places and on boxes; as :mod:`tests.detectors.motif_cases`."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.detectors.motif_cases import DAY, MINUTE, TODAY, Case, joined, swipes
from tests.detectors.motif_cases_claims import party, people
from tests.world import NOON, Line, Place, World

HOUR = 60 * MINUTE
EIGHT = NOON - 4 * HOUR


def visits(name: str, count: int, *starts: timedelta, **common: Any) -> World:
    """Return swipes of so many people, all of them at each start."""
    return swipes(
        name,
        *(
            {"person": f"{name}{who}", "at": NOON + start, **common}
            for start in starts
            for who in range(count)
        ),
    )


def numbers(name: str, count: int) -> list[str]:
    return sorted(f"{name}-{n}" for n in range(count))


def phone(name: str, count: int, **facts: Any) -> World:
    """Return people of one telephone who are swiped at one place."""
    shared = people(name, count, **{"phone": f"T-{name}", **facts})
    return joined(visits(name, count, 0 * DAY), shared)


PHONE = Case(
    hit=phone("pha", 4),
    misses={
        "three people": phone("phb", 3),
        "of one household": phone("phc", 4, address="L-phc"),
        "at two places": joined(
            phone("phd", 2), visits("phe", 2, 0 * DAY), people("phe", 2, phone="T-phd")
        ),
        "reversed": joined(visits("phf", 4, DAY, refunded=True), people("phf", 4, phone="T-phf")),
    },
    unknown={"no telephone": phone("phg", 4, phone=None)},
    rows=(("T-pha", "P-pha", 4, 4, 4, 1, ["D-pha"], *party("pha", 4)),),
)


def operator(name: str, days: int, wait: timedelta = MINUTE, **other: Any) -> World:
    """Return days on which one number is used at two terminals, so long after each other."""
    clerk = f"{name.upper()}-K"
    return swipes(
        name,
        *(
            row
            for n in range(days)
            for row in (
                {"clerk": clerk, "at": NOON + n * DAY},
                {"clerk": clerk, "at": NOON + n * DAY + wait, "device": f"D-{name}2", **other},
            )
        ),
    )


OPERATOR = Case(
    hit=operator("opa", 3),
    misses={
        "two days": operator("opb", 2),
        "a second too late": operator("opc", 3, MINUTE + timedelta(seconds=1)),
        "two numbers": operator("opd", 3, clerk="OPD-K2"),
        "one terminal": operator("ope", 3, device="D-ope"),
        "reversed": operator("opf", 3, refunded=True),
    },
    unknown={"no clerk": operator("opg", 3, clerk=None), "no terminal": operator("oph", 3,
             device=None, person="oph")},
    rows=(
        ("OPA-K", 3, 1, ["D-opa", "D-opa2"], ["P-opa"], numbers("opa", 6)),
        ("OPH-K", 3, 1, ["D-oph", "proxy:P-oph:"], ["P-oph"], numbers("oph", 6)),
    ),
)  # fmt: skip


def bills(name: str, count: int, days: int = 2, gap: timedelta = MINUTE, **common: Any) -> World:
    """Return days on which one number signs for patient after patient."""
    return swipes(
        name,
        *(
            {
                "doctor": f"{name.upper()}-D",
                "person": f"{name}{n}",
                "place": f"H-{name}",
                "at": NOON + day * DAY + n * gap,
                **common,
            }
            for day in range(days)
            for n in range(count)
        ),
    )


BILLS = Case(
    hit=bills("bia", 6),
    misses={
        "four": bills("bib", 5),
        "one day": bills("bic", 6, 1),
        "a second too late": bills("bid", 6, gap=MINUTE + timedelta(seconds=1)),
        "one patient": bills("bie", 6, person="bie"),
        "reversed": bills("bif", 6, refunded=True),
    },
    unknown={"no practitioner": bills("big", 6, doctor=None)},
    rows=(
        (
            *("BIA-D", 2, 10, 5, ["H-bia"], [f"P-bia{n}" for n in range(1, 6)]),
            sorted(f"bia-{n}" for n in range(12) if n % 6),
        ),
    ),
)


def edges(name: str, days: int, *more: dict[str, Any], **common: Any) -> World:
    """Return somebody swiped at eight, when the place opens, and others from then till six."""
    rows = ({"at": EIGHT + n * DAY, **common} for n in range(days))
    others = ({"at": EIGHT + wait, "person": f"{name}9"} for wait in (0 * HOUR, 10 * HOUR))
    return swipes(name, *rows, *others, *more)


EDGES = Case(
    hit=edges("eda", 6, {"at": NOON}),
    misses={
        "five days": edges("edb", 5),
        "an hour later": swipes(
            "edc",
            *({"at": EIGHT + HOUR + n * DAY} for n in range(6)),
            *({"at": EIGHT + wait, "person": "edc9"} for wait in (0 * HOUR, 10 * HOUR)),
        ),
        "a quarter at noon": edges("edd", 6, {"at": NOON}, {"at": NOON + DAY}),
        "reversed": edges("ede", 6, refunded=True),
    },
    unknown={
        "times known to the day": joined(
            edges("edf", 6), World(places=(Place(place="P-edf", day_precision=True),))
        )
    },
    rows=(
        ("P-eda", "P-eda", 28_800, 64_800, 6, 85, ["D-eda"], numbers("eda", 6)),
    ),
)  # fmt: skip


def strangers(
    name: str, count: int = 10, *, home: str | None = "320102", days: int = 2, where: str = "b"
) -> World:
    """Return people swiped once at a terminal, and on so many days where they usually go."""
    usual = ({"place": f"P-{name}{where}", "device": f"D-{name}{where}", "at": NOON - (n + 1) * DAY}
             for n in range(days))  # fmt: skip
    rows = [{}, *usual]
    return joined(
        swipes(name, *({**row, "person": f"{name}{n}"} for row in rows for n in range(count))),
        people(name, count, division=home),
        World(
            places=(
                Place(place=f"P-{name}", division="310115"),
                Place(place=f"P-{name}b", division="320102"),
            )
        ),
    )


FOREIGN = Case(
    hit=strangers("foa"),
    misses={
        "nine people": strangers("fob", 9),
        "of the same prefecture": strangers("foc", home="310101"),
        "their usual place": strangers("fod", days=0),
    },
    unknown={"nobody knows where they are insured": strangers("foe", home=None)},
    rows=(
        ("D-foa", "P-foa", 10, 10, 100, -1, *party("foa", 10)),  # the share everywhere is counted
    ),
)


def basket(
    name: str, count: int = 3, gap: timedelta = MINUTE, drugs: tuple[str, ...] = ("X8", "X9")
) -> World:
    """Return people who buy the same drugs one after another, each a box of its own."""
    sold = swipes(name, *({"person": f"{name}{n}", "at": NOON + n * gap} for n in range(count)))
    lines = tuple(
        Line(setl_id=row.setl_id, drug=drug, trace=f"T-{row.setl_id}-{drug}")
        for row in sold.settlements
        for drug in drugs
    )
    return replace(sold, lines=lines, resale_drugs=("X8", "X9"))


BASKET = Case(
    hit=basket("baa"),
    misses={
        "two people": basket("bab", 2),
        "half an hour and more apart": basket("bac", 3, 31 * MINUTE),
        "one drug": basket("bad", 3, drugs=("X8",)),
        "one of them another": joined(basket("bae", 2), basket("baf", 1, drugs=("X7", "X8"))),
    },
    unknown={"drugs of no list": basket("bag", 3, drugs=("Y1", "Y2"))},
    rows=(
        (
            *("P-baa", TODAY, "X8+X9", 3, "P-baa0", [f"C-baa{n}" for n in range(3)]),
            *party("baa", 3),
        ),
    ),
)


def moving(name: str, count: int = 3, days: int = 2, **second: Any) -> World:
    """Return people swiped at two pharmacies an hour apart, on so many days."""
    there = {"place": f"P-{name}2", "device": f"D-{name}2", **second}
    return swipes(
        name,
        *(
            {"person": f"{name}{who}", "at": NOON + day * DAY + shop * HOUR}
            | (there if shop else {})
            for day in range(days)
            for shop in range(2)
            for who in range(count)
        ),
    )  # fmt: skip


MOVING = Case(
    hit=moving("moa"),
    misses={
        "two people": moving("mob", 2),
        "one day": moving("moc", 3, 1),
        "on the next day": moving("mod", at=NOON + 5 * DAY),
        "a clinic": moving("moe", place="H-moe2"),
        "reversed": moving("mof", refunded=True),
    },
    unknown={"no terminal": moving("mog", device=None)},
    rows=tuple(
        (
            *(f"P-{name}", f"P-{name}2", 2, 3, [f"P-{name}", f"P-{name}2"]),
            *([f"P-{name}{n}" for n in range(3)], numbers(name, 12)),
        )
        for name in ("moa", "mog")
    ),
)


def travel(
    name: str, wait: timedelta = 30 * MINUTE, *, east: float | None = 1.0, **common: Any
) -> World:
    """Return two swipes so long after each other, so many degrees of longitude apart."""
    there = {"place": f"P-{name}2", "device": f"D-{name}2", "at": NOON + wait}
    degrees = None if east is None else 121.0 + east
    return replace(
        swipes(name, {}, {**there, **common}),
        places=(
            Place(place=f"P-{name}", longitude=121.0, latitude=31.0),
            Place(place=f"P-{name}2", longitude=degrees, latitude=31.0),
        ),
    )


TRAVEL = Case(
    hit=travel("tra"),
    misses={
        "an hour": travel("trb", HOUR),
        "near": travel("trc", MINUTE, east=0.1),
        "on the next day": travel("trd", DAY),
        "reversed": travel("tre", refunded=True),
    },
    unknown={"no position": travel("trf", east=None)},
    rows=(("P-tra", 1, 1, 95, ["P-tra", "P-tra2"], ["C-tra"], ["tra-0", "tra-1"]),),
)


def passing(name: str, count: int = 3, *, trace: bool = True, **later: Any) -> World:
    """Return boxes settled at one place and on the next day at another."""
    there = {"place": f"P-{name}2", "device": f"D-{name}2", "at": NOON + DAY, **later}
    split = there.pop("split", False)
    sold = swipes(
        name,
        *({"person": f"{name}{n}"} for n in range(count)),
        *({"person": f"{name}9", **there} for _ in range(count)),
    )
    lines = tuple(
        Line(
            setl_id=row.setl_id,
            drug="X1",
            trace=f"T-{name}{n % count}" if trace else None,
            split=split and n >= count,
        )
        for n, row in enumerate(sold.settlements)
    )
    return replace(sold, lines=lines)


PASSING = Case(
    hit=passing("psa"),
    misses={
        "two boxes": passing("psb", 2),
        "at one place": passing("psc", place="P-psc"),
        "split packs": passing("psd", split=True),
        "reversed": passing("pse", refunded=True),
    },
    unknown={"no trace code": passing("psf", trace=False)},
    rows=(
        (
            *("P-psa", "P-psa2", 3, 0, 0, 1, "T-psa0", [f"T-psa{n}" for n in range(3)]),
            *(["C-psa0", "C-psa1", "C-psa2", "C-psa9"], numbers("psa", 6)),
        ),
    ),
)


def shopping(name: str, count: int = 4, step: timedelta = DAY, **line: Any) -> World:
    """Return somebody who buys one drug at place after place."""
    sold = swipes(
        name,
        *(
            {"place": f"P-{name}{n}", "device": f"D-{name}{n}", "at": NOON + n * step}
            for n in range(count)
        ),
    )
    lines = tuple(
        Line(**{"setl_id": row.setl_id, "drug": "X9", "trace": f"T-{row.setl_id}", **line})
        for row in sold.settlements
    )
    return replace(sold, lines=lines, resale_drugs=("X9",))


SHOPPING = Case(
    hit=shopping("sha"),
    misses={
        "three places": shopping("shb", 3),
        "in six weeks": shopping("shc", step=11 * DAY),
        "returned": shopping("shd", returned=True),
    },
    unknown={"no trace code": shopping("she", trace=None), "no list": shopping("shf", drug="Y9")},
    rows=(
        (
            *("P-sha", "X9", 4, 4, [f"P-sha{n}" for n in range(4)], ["C-sha"]),
            numbers("sha", 4),
        ),
    ),
)


def returning(name: str, count: int = 5, *days: int, **common: Any) -> World:
    """Return people who come on each of these days."""
    return visits(name, count, *(n * DAY for n in days), **common)


WEEKS = (0, 7, 14, 21, 28, 35)
INTERVAL = Case(
    hit=returning("ina", 5, *WEEKS),
    misses={
        "four people": returning("inb", 4, *WEEKS),
        "four intervals": returning("inc", 5, *WEEKS[:5]),
        "every fourth day": returning("ind", 5, 0, 4, 8, 12, 16, 20),
        "reversed": returning("ine", 5, *WEEKS, refunded=True),
    },
    unknown={"a visit missed": returning("inf", 5, 0, 7, 14, 28, 35, 42)},
    rows=(
        (
            *("P-ina", 7, 5, "P-ina0", 25, [f"P-ina{n}" for n in range(5)]),
            numbers("ina", 30),
        ),
    ),
)

CASES: dict[str, Case] = {
    "bills_a_minute_apart": BILLS,
    "boxes_pass_from_place_to_place": PASSING,
    "cards_move_between_pharmacies": MOVING,
    "customers_of_the_edge_hours": EDGES,
    "foreign_cards_one_terminal": FOREIGN,
    "one_drug_many_places": SHOPPING,
    "one_operator_two_terminals": OPERATOR,
    "one_phone_many_insured": PHONE,
    "same_basket_one_session": BASKET,
    "same_interval_one_place": INTERVAL,
    "too_far_too_soon": TRAVEL,
}
