"""Card pools by moods, runners and tours; many of their members live on as before."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ingest.simulate import roster
from ingest.simulate.bend import visits_of_their_own
from ingest.simulate.cast import Cast, pick, where
from ingest.simulate.catalogue import Basket
from ingest.simulate.clock import DAY
from ingest.simulate.events import AUTO, Events, make
from ingest.simulate.places import PlaceKind
from ingest.simulate.plant import Draft, Planted
from ingest.simulate.second.hands import LEAST_EACH, Sittings, by_runner, lay_out, moods, turnout
from ingest.simulate.second.world import dealt
from ingest.simulate.sessions import Swipes, window
from ingest.simulate.world import World

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
_LONGEST_SITTING = 5_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """How one organiser works."""

    share: float
    leaving: float
    order: str
    hands: int
    goods: str
    days: Ints


def card_pool(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant cards swiped at one place, whole or in bundles of runners, at irregular times."""
    del life
    kinds = (PlaceKind.PHARMACY, PlaceKind.PHARMACY, PlaceKind.CLINIC, PlaceKind.HOSPITAL)
    place = cast.place(rng, pick(rng, kinds), most_size=12.0)
    people = _members(world, cast, rng, int(place[0]))
    plan = _plan(world, rng)
    present = turnout(rng, len(plan.days), len(people), plan.share, leaving=plan.leaving)
    bundles = int(pick(rng, (1, 1, 2, 3))) if len(people) >= 9 else 1
    two_days = bool(rng.random() < 0.4)
    day, present, _ = by_runner(rng, plan.days, present, bundles=bundles, two_days=two_days)
    sittings = Sittings(
        day=day, place=np.full(len(day), place[0]), present=present, tour=np.arange(len(day))
    )
    way = {"bundles": bundles, "two_days": bundles > 1 and two_days}
    return _swiped(world, rng, "card_pool", people, plan, sittings, way)


def card_pool_rotating(world: World, cast: Cast, rng: np.random.Generator, life: Events) -> Planted:
    """Plant cards carried through two to twelve places: on a day's tour, dealt out, moving on."""
    del life
    first = cast.place(rng, PlaceKind.PHARMACY, PlaceKind.CLINIC, most_size=12.0)
    more = cast.place(
        rng,
        PlaceKind.PHARMACY,
        PlaceKind.CLINIC,
        PlaceKind.HOSPITAL,
        count=int(rng.integers(1, 12)),
        near=where(world.places, int(first[0])),
        again=True,
        but=first.tolist(),
    )
    place = np.concatenate([first, more])
    people = _members(world, cast, rng, int(first[0]))
    plan = _plan(world, rng)
    present = turnout(rng, len(plan.days), len(people), plan.share, leaving=plan.leaving)
    way = pick(rng, ("tour", "dealt", "moving_on"))
    sittings = _carry(rng, plan.days, place, present, way)
    return _swiped(world, rng, "card_pool_rotating", people, plan, sittings, {"way": way})


def _members(world: World, cast: Cast, rng: np.random.Generator, place: int) -> Ints:
    """Draw four to a hundred people, in four pools of ten with relatives among them."""
    most = min(100.0, max(8.0, len(world.people) / 150))
    size = int(np.exp(rng.uniform(np.log(4), np.log(most))))
    people = cast.strangers(
        rng,
        size,
        near=where(world.places, place),
        reach_km=float(pick(rng, (4.0, 12.0, 40.0))),
        least_age=float(pick(rng, (18.0, 40.0, 55.0))),
        chronic=bool(rng.random() < 0.4),
    )
    if rng.random() < 0.4:
        kin = [cast.kin(int(one), 2) for one in people[: len(people) // 5]]
        people = np.unique(np.concatenate([people, *kin]))
    return rng.permutation(people)


def _plan(world: World, rng: np.random.Generator) -> _Plan:
    share = float(rng.uniform(0.3, 0.9))
    span = window(rng, world.days, 0.4)
    wanted = int((span[1] - span[0]) / np.exp(rng.uniform(np.log(3), np.log(18))))
    count = max(wanted, int(np.ceil(LEAST_EACH / share)) + 2)
    return _Plan(
        share=share,
        leaving=float(pick(rng, (0.0, 0.3, 0.7))),
        order=pick(rng, ("kept", "turned", "shuffled", "shuffled")),
        hands=2 if rng.random() < 0.25 else 1,
        goods=pick(rng, ("resale", "mixed", "bulk")),
        days=moods(rng, span, count),
    )


def _carry(rng: np.random.Generator, day: Ints, place: Ints, present: Mask, way: str) -> Sittings:
    """Return the sittings of each outing, in the order of the day."""
    n = len(day)
    if way == "moving_on":
        turn = np.minimum(np.arange(n) * len(place) // max(1, n), len(place) - 1)
        return Sittings(day=day, place=place[turn], present=present, tour=np.arange(n))
    rows, at, who = [], [], []
    for outing in range(n):
        stops = rng.permutation(place)[: int(rng.integers(2, min(5, len(place)) + 1))]
        here = np.tile(present[outing], (len(stops), 1))
        if way == "dealt":
            chance = rng.random(here.shape)
            here &= (chance < 0.55) | (chance == chance.min(axis=0))
        rows += [outing] * len(stops)
        at.append(stops)
        who.append(here)
    outings = np.array(rows)
    return Sittings(
        day=day[outings], place=np.concatenate(at), present=np.concatenate(who), tour=outings
    )


def _swiped(
    world: World,
    rng: np.random.Generator,
    name: str,
    people: Ints,
    plan: _Plan,
    sittings: Sittings,
    way: Mapping[str, object],
) -> Planted:
    stack = float(sittings.present.sum(1).mean())
    gap = min(float(np.exp(rng.uniform(np.log(20), np.log(240)))), _LONGEST_SITTING / stack)
    swipes, hand = lay_out(world.places, rng, sittings, order=plan.order, gap=gap, hands=plan.hands)
    place = sittings.place[swipes.session]
    device = _terminal(world, rng, sittings, swipes, hand)
    accomplice = rng.random() < 0.4
    clerk, device = _accomplice(world, rng, place, device, swipes.time, accomplice)
    doctor, doctors = _doctor(world, rng, place)
    basket, drug = _goods(world, rng, plan.goods, len(swipes))
    cert = pick(rng, (3, 1, AUTO))
    keep = float(pick(rng, (1.0, 1.0, 1.0, 0.6)))
    staff = np.unique(clerk[clerk >= 0])
    own = float(pick(rng, (0.0, 0.0, 0.4, 1.2)))
    group = Planted(
        draft=Draft(
            name=name,
            people=people,
            places=tuple(np.unique(place).tolist()),
            doctors=doctors,
            staff=tuple(staff.tolist()),
            parameters={
                "sessions": len(plan.days),
                "attendance": round(plan.share, 2),
                "leaving": plan.leaving,
                "order": plan.order,
                "hands": plan.hands,
                "goods": plan.goods,
                "gap_seconds": round(gap),
                "ordinary_life_kept": keep,
                "visits_of_their_own": own,
                **way,
            },
        ),
        events=make(
            len(swipes),
            person=people[swipes.member],
            place=place,
            time=swipes.time,
            basket=basket,
            device=device,
            clerk=clerk,
            doctor=doctor,
            cert=np.where(rng.random(len(swipes)) < 0.9, cert, AUTO),
            drug=drug,
        ),
        keep=keep,
    )
    return replace(group, beside=visits_of_their_own(world, rng, group, own))


def _terminal(
    world: World, rng: np.random.Generator, sittings: Sittings, swipes: Swipes, hand: Ints
) -> Ints:
    """Return the terminal: one a sitting, the next one for the second hand."""
    first = world.places.device_first
    count = first[sittings.place + 1] - first[sittings.place]
    chosen = rng.integers(0, 1_000, len(sittings.place)) % count
    at = (chosen[swipes.session] + hand) % count[swipes.session]
    return first[sittings.place[swipes.session]] + at


def _accomplice(
    world: World,
    rng: np.random.Generator,
    place: Ints,
    device: Ints,
    time: Ints,
    accomplice: bool,
) -> tuple[Ints, Ints]:
    """Return clerk and terminal: an accomplice takes what falls into their hours on duty."""
    clerk = np.full(len(place), AUTO, np.int64)
    if not accomplice or not len(place):
        return clerk, device
    places, device = world.places, device.copy()
    at = np.flatnonzero(place == place[0])
    who = int(rng.choice(places.clerks(int(place[0]))))
    post, half = roster.post_of(places, who, time[at] // DAY, int(place[0]))
    afternoon = time[at] % DAY >= roster.AFTERNOON_HOUR * 3_600
    on = (post >= 0) & ((half == afternoon) | (places.shifts[place[0]] == 1))
    clerk[at] = np.where(on, who, AUTO)
    device[at] = np.where(on, post, device[at])
    return clerk, device


def _doctor(world: World, rng: np.random.Generator, place: Ints) -> tuple[Ints, tuple[int, ...]]:
    """Return the doctor who signs: in half of the pools one at the first place that has any."""
    doctor = np.full(len(place), AUTO, np.int64)
    seen = place[world.places.doctor_first[place + 1] > world.places.doctor_first[place]]
    if not len(seen) or rng.random() < 0.5:
        return doctor, ()
    one = int(rng.choice(world.places.doctors(int(seen[0]))))
    doctor[place == seen[0]] = one
    return doctor, (one,)


def _goods(world: World, rng: np.random.Generator, goods: str, count: int) -> tuple[Ints, Ints]:
    """Return basket and drug: nearly all resale, a mixture, or plenty of ordinary things."""
    share = {"resale": 0.97, "mixed": 0.55, "bulk": 0.08}[goods]
    rest = Basket.BULK if goods == "bulk" else Basket.PHARMACY
    prone = rng.random(count) < share
    wanted = dealt(world, rng, int(rng.integers(1, 13)))
    named = prone & (rng.random(count) < 0.6)
    drug = np.where(named, wanted[rng.integers(0, len(wanted), count)], AUTO)
    return np.where(prone, Basket.RESALE, rest), drug
