"""What can be billed: 400 drugs, service items, consumables, and the baskets drawn from them."""

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

DRUGS = 400
RESALE = 40
DIALYSIS, INFUSION, METHADONE, VACCINE, CONSULT, REGISTER, BED, NURSING, CARE = range(400, 409)
REHABILITATION = (409, 410, 411)
CHECKS = (412, 413, 414, 415, 416)
LABORATORY = tuple(range(417, 431))
IMAGING = tuple(range(431, 439))
PHYSIOTHERAPY = tuple(range(439, 447))
DIALYSER, NEEDLE = 447, 448
CODES = 449

_ITEM_YUAN = {
    DIALYSIS: 395,
    INFUSION: 12,
    METHADONE: 10,
    VACCINE: 85,
    CONSULT: 10,
    REGISTER: 6,
    BED: 38,
    NURSING: 22,
    CARE: 48,
    DIALYSER: 110,
    NEEDLE: 4,
}


class Basket(IntEnum):
    """What a settlement buys; decides lines, ``med_type`` and what the fund pays."""

    PHARMACY = 0
    CHRONIC_PHARMACY = 1
    CLINIC = 2
    HOSPITAL = 3
    INPATIENT = 4
    CHRONIC_CLINIC = 5
    DIALYSIS = 6
    INFUSION = 7
    REHABILITATION = 8
    METHADONE = 9
    HEALTH_CHECK = 10
    VACCINATION = 11
    RESALE = 12
    ONE_DRUG = 13
    EMPTY = 14
    COHORT = 15
    CARE = 16
    REGISTRATION = 17
    LIGHT_STAY = 18
    PRESCRIPTION = 19
    CLAIM = 20
    BULK = 21


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Lines of a basket: the fixed codes always, then ``least`` to ``most`` from a pool.

    ``drugs`` is the share of pool lines that are drugs, ``resale`` the share of these that are
    resale-prone, ``level`` a factor on the price of pool lines.
    """

    med_type: int
    fund_rate: float
    least: int
    most: int
    fixed: tuple[int, ...] = ()
    drugs: float = 1.0
    items: tuple[int, ...] = ()
    resale: float = 0.1
    most_count: int = 2
    level: float = 1.0


RECIPES: dict[Basket, Recipe] = {
    Basket.PHARMACY: Recipe(med_type=41, fund_rate=0.35, least=1, most=3),
    Basket.CHRONIC_PHARMACY: Recipe(med_type=41, fund_rate=0.5, least=1, most=3),
    Basket.CLINIC: Recipe(med_type=11, fund_rate=0.5, least=1, most=2, fixed=(CONSULT,)),
    Basket.HOSPITAL: Recipe(
        med_type=11,
        fund_rate=0.5,
        least=1,
        most=3,
        fixed=(CONSULT,),
        drugs=0.5,
        items=LABORATORY + IMAGING,
        level=1.5,
    ),
    Basket.INPATIENT: Recipe(
        med_type=21,
        fund_rate=0.68,
        least=4,
        most=8,
        fixed=(BED, NURSING),
        drugs=0.6,
        items=LABORATORY + IMAGING,
        most_count=4,
        level=6.0,
    ),
    Basket.CHRONIC_CLINIC: Recipe(med_type=14, fund_rate=0.7, least=1, most=3),
    Basket.DIALYSIS: Recipe(
        med_type=14, fund_rate=0.88, least=0, most=1, fixed=(DIALYSIS, DIALYSER), most_count=1
    ),
    Basket.INFUSION: Recipe(
        med_type=11, fund_rate=0.5, least=1, most=2, fixed=(INFUSION, NEEDLE), most_count=1
    ),
    Basket.REHABILITATION: Recipe(
        med_type=11, fund_rate=0.6, least=1, most=2, drugs=0, items=REHABILITATION, most_count=1
    ),
    Basket.METHADONE: Recipe(med_type=14, fund_rate=0.6, least=0, most=0, fixed=(METHADONE,)),
    Basket.HEALTH_CHECK: Recipe(med_type=11, fund_rate=0.6, least=0, most=0, fixed=CHECKS),
    Basket.VACCINATION: Recipe(med_type=11, fund_rate=0.3, least=0, most=0, fixed=(VACCINE,)),
    Basket.RESALE: Recipe(med_type=41, fund_rate=0.5, least=1, most=2, resale=0.92, most_count=3),
    Basket.ONE_DRUG: Recipe(med_type=41, fund_rate=0.5, least=1, most=1, resale=1.0, most_count=4),
    Basket.EMPTY: Recipe(med_type=41, fund_rate=0.4, least=1, most=1, most_count=1),
    Basket.COHORT: Recipe(
        med_type=11,
        fund_rate=0.7,
        least=3,
        most=5,
        fixed=(CONSULT,),
        drugs=0.5,
        items=PHYSIOTHERAPY,
        resale=0.35,
        most_count=3,
        level=1.3,
    ),
    Basket.CARE: Recipe(med_type=14, fund_rate=0.7, least=1, most=3, fixed=(CARE,)),
    Basket.REGISTRATION: Recipe(
        med_type=12, fund_rate=0.5, least=0, most=0, fixed=(REGISTER,), most_count=1
    ),
    Basket.LIGHT_STAY: Recipe(
        med_type=21,
        fund_rate=0.75,
        least=2,
        most=4,
        fixed=(BED, NURSING),
        drugs=0.4,
        items=LABORATORY[:5] + PHYSIOTHERAPY[:3],
        most_count=4,
        level=8.0,
    ),
    Basket.PRESCRIPTION: Recipe(med_type=41, fund_rate=0.55, least=1, most=3, resale=0.15),
    Basket.CLAIM: Recipe(med_type=21, fund_rate=0.6, least=0, most=0, fixed=(BED,), most_count=1),
    Basket.BULK: Recipe(med_type=41, fund_rate=0.5, least=2, most=4, resale=0.15, most_count=6),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Price in fen and popularity of each code; which drugs are resale-prone; what baskets hold."""

    price_fen: NDArray[np.int64]
    popularity: NDArray[np.float64]
    resale: NDArray[np.int64]
    ordinary: NDArray[np.int64]
    recipes: dict[Basket, Recipe] = field(default_factory=lambda: RECIPES)


def build_catalogue(rng: np.random.Generator) -> Catalogue:
    """Draw prices and which drugs are resale-prone; resale-prone ones cost more."""
    resale = np.sort(rng.choice(DRUGS, RESALE, replace=False))
    yuan = rng.lognormal(3.2, 0.75, CODES)
    yuan[resale] = rng.lognormal(4.75, 0.45, RESALE)
    yuan[DRUGS:] = rng.lognormal(3.6, 0.6, CODES - DRUGS)
    for code, price in _ITEM_YUAN.items():
        yuan[code] = price
    popularity = rng.pareto(1.3, CODES) + 0.05
    return Catalogue(
        price_fen=np.maximum(200, (yuan * 100).astype(np.int64) // 10 * 10),
        popularity=popularity,
        resale=resale,
        ordinary=np.setdiff1d(np.arange(DRUGS), resale),
    )
