"""The short tables: people, places, staff, terminals, claims, drugs, tips."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ingest.simulate.clock import START_DAY
from ingest.simulate.identifiers import Codes, numbers, prefixed
from ingest.simulate.places import PlaceKind
from ingest.simulate.plant import Claims, Planted
from ingest.simulate.staff import Role
from ingest.simulate.world import World
from ingest.simulate.write import coded, date, moment, spans

Ints = NDArray[np.int64]
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰建国志文红梅春生秀云海波辉宁晨雪"
_KINDS = ("pharmacy", "clinic", "village_clinic", "hospital", "nursing_home")
_NAMES_ZH = ("药店", "诊所", "卫生室", "医院", "护理院")
_TITLES = ("cashier", "owner", "handler", "reviewer")
_TIP_WORDS = (
    "有人一次拿很多张卡在柜台刷。",
    "店里没有顾客，却一直在结算。",
    "听说可以把药卖回去换钱。",
    "排队时间太长，收费不清楚。",
)


def names(rng: np.random.Generator, household: Ints) -> pa.Array:
    """Return invented names; a household mostly shares its surname."""
    count = len(household)
    given = pa.array([*_GIVEN, ""])
    own = rng.integers(0, len(_SURNAMES), count)
    shared = rng.integers(0, len(_SURNAMES), count)[household] if count else own
    surname = np.where(rng.random(count) < 0.65, shared, own)
    second = np.where(rng.random(count) < 0.25, len(_GIVEN), rng.integers(0, len(_GIVEN), count))
    first = rng.integers(0, len(_GIVEN), count)
    return pc.binary_join_element_wise(
        coded(pa.array(list(_SURNAMES)), surname), coded(given, first), coded(given, second), ""
    )


def addresses(world: World, rng: np.random.Generator) -> pa.Array:
    """Return the home address of each person.

    An address is a household's, a second home in one's own village (past the last household) or,
    past the last person, a place.
    """
    people, towns = world.people, world.towns
    home = people.address - len(people)
    head = np.searchsorted(people.household, people.address)
    village = np.where(
        people.address <= people.household[-1],
        people.village[np.minimum(head, len(people) - 1)],
        people.village,
    )
    village = np.where(home >= 0, world.places.village[np.maximum(home, 0)], village)
    town = pa.array([f"澄江县{chr(0x4E00 + 97 * i % 4000)}镇" for i in range(towns.count)])
    road = pa.array([f"第{i - towns.villages[t]:d}村" for i, t in enumerate(towns.village_town)])
    number = rng.permutation(int(people.address.max()) + 1)
    return pc.binary_join_element_wise(
        coded(town, towns.village_town[village]),
        coded(road, village),
        numbers(number[people.address] + 1),
        "号",
        "",
    )


def persons(
    world: World, codes: Codes, name: pa.Array, address: pa.Array, rng: np.random.Generator
) -> Iterator[dict[str, pa.Array]]:
    """Yield the insured in the order of their numbers, which is no order of anything else."""
    people = world.people
    order = np.argsort(codes.person.to_numpy(zero_copy_only=False).astype(np.int64))
    divisions = numbers(people.division)
    employer = 10**8 + rng.permutation(int(people.employer.max()) + 1) * 37
    for a, b in spans(len(order)):
        row = order[a:b]
        dead = people.death[row] >= 0
        yield {
            "psn_no": coded(codes.person, row),
            "psn_name": coded(name, row),
            "certno": coded(codes.certificate, row),
            "gend": numbers(np.where(people.male[row], 1, 2)),
            "brdy": date(people.birth[row] - START_DAY),
            "mob": coded(codes.phone, people.phone[row]),
            "live_addr": coded(address, row),
            "emp_no": prefixed("E", employer[people.employer[row]]),
            "insu_admdvs": coded(divisions, row),
            "surv_stas": numbers(np.where(dead, 2, 1)),
            "die_date": date(people.death[row], dead),
            "sp_psn_type": coded(
                pa.array(["", "1", "2", "3"]),
                np.where(people.assisted[row] > 0, people.assisted[row], -1),
            ),
        }


def providers(
    world: World, codes: Codes, representative: pa.Array, rng: np.random.Generator
) -> Iterator[dict[str, pa.Array]]:
    """Yield the places."""
    places = world.places
    order = rng.permutation(len(places))
    kind = places.kind[order]
    pharmacy = kind == PlaceKind.PHARMACY
    label = pc.binary_join_element_wise(
        "澄江", numbers(rng.permutation(len(places)) + 1), coded(pa.array(_NAMES_ZH), kind), ""
    )
    grade = np.where(places.grade[order] > 0, places.grade[order], 11)
    yield {
        "fixmedins_code": coded(codes.place, order),
        "fixmedins_name": label,
        "fixmedins_type": numbers(np.where(pharmacy, 2, 1)),
        "fixmedins_kind": coded(pa.array(_KINDS), kind),
        "hosp_lv": coded(pa.array([f"{i:02d}" for i in range(12)]), grade),
        "lnt": pa.array(np.round(101.2 + places.x[order] / 96.0, 6)),
        "lat": pa.array(np.round(24.3 + places.y[order] / 111.0, 6)),
        "fix_blng_admdvs": numbers(places.division[order]),
        "legal_rep": coded(representative, order),
        "bankacct": coded(codes.place_account, order),
        "begntime": date(-rng.integers(200, 3_000, len(order))),
        "endtime": date(world.days + rng.integers(200, 900, len(order))),
    }


def practitioners(
    world: World,
    codes: Codes,
    doctor_name: pa.Array,
    registrations: list[tuple[int, int]],
    rng: np.random.Generator,
) -> Iterator[dict[str, pa.Array]]:
    """Yield doctors with every registered site, pharmacists and nurses."""
    places = world.places
    doctors = int(places.doctor_first[-1])
    further = np.array(registrations, np.int64).reshape(-1, 2)
    doctor = np.concatenate([np.arange(doctors), further[:, 0]])
    site = np.concatenate(
        [np.repeat(np.arange(len(places)), np.diff(places.doctor_first)), further[:, 1]]
    )
    shops = np.flatnonzero(places.kind == PlaceKind.PHARMACY)
    wards = np.repeat(np.flatnonzero(places.kind == PlaceKind.HOSPITAL), 4)
    other = np.concatenate([shops, wards])
    spare = 10**11 + rng.permutation(len(other)) * 7_000_003
    pharmacist = np.arange(len(other)) < len(shops)
    letter = pa.array(np.where(pharmacist, "HY", "N"))
    code = pc.binary_join_element_wise(letter, numbers(spare), "")
    order = rng.permutation(len(doctor) + len(other))
    begin = rng.integers(100, 3_000, len(order))
    yield {
        "prac_psn_code": pa.chunked_array([coded(codes.doctor, doctor), code])
        .combine_chunks()
        .take(pa.array(order)),
        "prac_psn_name": pa.chunked_array(
            [coded(doctor_name, doctor), names(rng, np.arange(len(other)))]
        )
        .combine_chunks()
        .take(pa.array(order)),
        "prac_psn_type": numbers(
            np.concatenate([np.ones(len(doctor), np.int64), np.where(pharmacist, 3, 2)])[order]
        ),
        "fixmedins_code": coded(codes.place, np.concatenate([site, other])[order]),
        "begntime": date(-begin),
        "endtime": date(world.days + begin),
    }


def staff(
    world: World, codes: Codes, name: pa.Array, address: pa.Array, rng: np.random.Generator
) -> Iterator[dict[str, pa.Array]]:
    """Yield everybody with a system account; their telephone and address are those at home."""
    people, members = world.people, world.staff
    order = rng.permutation(len(members))
    person, place = members.person[order], members.place[order]
    org = pa.chunked_array([codes.place, pa.array(["agency"])]).combine_chunks()
    title = np.where(members.role[order] == Role.CLERK, 0, members.role[order])
    yield {
        "staff_id": coded(codes.staff, order),
        "name": coded(name, person),
        "org": coded(org, np.where(place < 0, len(codes.place), place)),
        "role": coded(pa.array(_TITLES), title),
        "mob": coded(codes.phone, people.phone[person]),
        "live_addr": coded(address, person),
        "bankacct": coded(codes.account, person),
    }


def manual_claims(
    codes: Codes, name: pa.Array, claims: Claims, settlement: pa.Array
) -> Iterator[dict[str, pa.Array]]:
    """Yield the manual claims; ``settlement`` is the number of each one's settlement."""
    agent, phone = claims.agent, claims.agent_phone
    yield {
        "setl_id": settlement,
        "manl_reim_rea": coded(pa.array([f"{i:02d}" for i in range(12)]), claims.reason),
        "invono": numbers(claims.invoice),
        "crter_id": coded(codes.staff, claims.registrar),
        "rchker_id": coded(codes.staff, claims.reviewer),
        "bankacct": coded(codes.account, claims.account),
        "acctname": coded(name, claims.payee),
        "agnter_certno": coded(codes.certificate, agent),
        "agnter_tel": coded(codes.phone, phone),
        "reg_time": moment(claims.registered),
        "rchk_time": moment(claims.reviewed),
    }


def terminals(
    world: World, codes: Codes, rng: np.random.Generator
) -> Iterator[dict[str, pa.Array]]:
    """Yield the terminals."""
    places = world.places
    count = int(places.device_first[-1])
    place = np.repeat(np.arange(len(places)), np.diff(places.device_first))
    order = rng.permutation(count)
    low = rng.integers(0, 2**24, count)
    mac = [f"02:00:5e:{v >> 16:02x}:{v >> 8 & 255:02x}:{v & 255:02x}" for v in low.tolist()]
    ip = [f"10.{v >> 16 & 127}.{v >> 8 & 255}.{v & 255}" for v in low.tolist()]
    yield {
        "dev_no": coded(codes.device, order),
        "fixmedins_code": coded(codes.place, place[order]),
        "mac": pa.array(mac),
        "ip": pa.array(ip),
        "opened": date(-rng.integers(30, 2_000, count)),
    }


def tips(
    world: World, codes: Codes, planted: list[Planted], rng: np.random.Generator
) -> Iterator[dict[str, pa.Array]]:
    """Yield reports from the public: some name a place of a group, most just any place."""
    count = 6 + len(world.people) // 5_000
    known = [place for group in planted for place in group.draft.places]
    anywhere = rng.integers(0, len(world.places), count)
    named = np.array(known or [0])[rng.integers(0, max(1, len(known)), count)]
    about = np.where(rng.random(count) < 0.4, named, anywhere)
    words = pa.array(_TIP_WORDS)
    yield {
        "tip_id": prefixed("TIP", 10**6 + rng.permutation(count) * 13),
        "received": moment(np.sort(rng.integers(0, world.days * 86_400, count))),
        "channel": coded(
            pa.array(["hotline", "letter", "web", "supervisor"]), rng.integers(0, 4, count)
        ),
        "subject_type": pa.array(["place"] * count),
        "subject_id": coded(codes.place, about),
        "text": coded(words, rng.integers(0, len(words), count)),
    }
