"""What is measured on an insider candidate, each against the other claims of its office."""

import re

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from detectors.candidates import Context
from detectors.columns import clean, delivered
from detectors.insiders_claims import Claims, Names
from detectors.tallies import homes
from detectors.world import Floats, Ints

UNDER = 0.05  # "just under" a limit: the last twentieth below it
SERIES = 10  # invoice numbers no further apart are of one series (one block of a receipt book)
SAMPLES = 200  # groups of other claims that say how often numbers are near by chance
USUAL = 0.98  # of the other claims lie within office hours; what lies beyond is out of hours


def signs(context: Context, claims: Claims, groups: list[Ints]) -> dict[str, tuple[Floats, Floats]]:
    """Return every sign but the trips: observed and expected for each group of claim rows."""
    every = np.zeros(len(claims.person), bool)
    for rows in groups:
        every[rows] = True
    tied = _tied(context, claims)
    limit = _limit(claims)
    number = _numbers(claims.invoice)
    draw = np.random.default_rng(context.settings.seed)
    found: dict[str, list[tuple[float, float]]] = {}
    for rows in groups:
        others = np.flatnonzero(~every & np.isin(claims.office, claims.office[rows]))
        if not len(others):
            others = np.flatnonzero(~every)
        for name, pair in {
            "insider_unrelated": _unrelated(claims, rows, every),
            "insider_one_reviewer": _one_reviewer(claims, rows, others),
            "insider_same_hand": _share(_same_hand(claims), rows, others),
            "insider_quick": _quick(claims, rows, others),
            "insider_invoices": _invoices(number, rows, np.flatnonzero(~every), draw),
            "insider_hours": _hours(claims, rows, others),
            "insider_limit": _share(limit, rows, others),
            "insider_far": _share((claims.far & claims.first).astype(float), rows, others),
            "insider_staff_tie": _share(tied, rows, others),
        }.items():
            found.setdefault(name, []).append(pair)
    return {
        name: (np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs]))
        for name, pairs in found.items()
    }


def _share(hit: Floats, rows: Ints, others: Ints) -> tuple[float, float]:
    """Return the mean of 0/1 over the group and over the others; NaN is unknown."""
    return _mean(hit[rows]), _mean(hit[others])


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def _unrelated(claims: Claims, rows: Ints, every: NDArray[np.bool_]) -> tuple[float, float]:
    """Homes for each payee or agent of the group, against all other payees and agents."""

    def level(chosen: Ints) -> float:
        used = np.concatenate([claims.account[chosen], claims.agent[chosen]])
        home = np.tile(claims.home[chosen], 2)
        both = np.unique(np.stack([used, home])[:, used >= 0], axis=1)
        size = np.bincount(both[0])
        return float((size * size).sum() / size.sum()) if size.sum() else float("nan")

    return level(rows), level(np.flatnonzero(~every))


def _one_reviewer(claims: Claims, rows: Ints, others: Ints) -> tuple[float, float]:
    """Share of the reviewer met most, against his share of the office's other claims."""
    named = claims.reviewer[rows]
    named = named[named != ""]
    rest = claims.reviewer[others]
    rest = rest[rest != ""]
    if not len(named) or not len(rest):
        return float("nan"), float("nan")
    people, count = np.unique(named, return_counts=True)
    best = people[count.argmax()]
    return float(count.max() / len(named)), float((rest == best).mean())


def _same_hand(claims: Claims) -> Floats:
    known = (claims.registrar != "") & (claims.reviewer != "")
    return np.where(known, claims.registrar == claims.reviewer, np.nan).astype(np.float64)


def _quick(claims: Claims, rows: Ints, others: Ints) -> tuple[float, float]:
    """Median hours from registration to review; an hour is added against division by nothing."""
    wait = (claims.reviewed - claims.registered) / 3_600.0
    known = [wait[chosen][~np.isnan(wait[chosen])] for chosen in (rows, others)]
    if not all(len(values) for values in known):
        return float("nan"), float("nan")
    return float(np.median(known[0])) + 1.0, float(np.median(known[1])) + 1.0


def _invoices(
    number: Floats, rows: Ints, others: Ints, draw: np.random.Generator
) -> tuple[float, float]:
    """Share of claims whose invoice number recurs or follows another's, against as many others."""
    mine = number[rows][~np.isnan(number[rows])]
    rest = number[others][~np.isnan(number[others])]
    if len(mine) < 2 or len(rest) < len(mine):
        return float("nan"), float("nan")
    usual = [_near(draw.choice(rest, len(mine), replace=False)) for _ in range(SAMPLES)]
    return _near(mine), float(np.mean(usual))


def _near(number: Floats) -> float:
    order = np.sort(number)
    close = np.diff(order) <= SERIES
    return float((np.r_[False, close] | np.r_[close, False]).mean())


def _numbers(invoice: Names) -> Floats:
    """Return the last fifteen digits of an invoice number, exact as a float; NaN for none."""
    digits = [re.sub(r"\D", "", value)[-15:] for value in invoice]
    return np.array([float(d) if d else np.nan for d in digits])


def _hours(claims: Claims, rows: Ints, others: Ints) -> tuple[float, float]:
    """Share registered outside the hours, or on the days, at which the office works."""
    at = claims.registered
    rest = at[others][~np.isnan(at[others])]
    if not len(rest):
        return float("nan"), float("nan")
    clock = rest % 86_400
    low, high = np.quantile(clock, [(1 - USUAL) / 2, (1 + USUAL) / 2])
    weekday = np.bincount(((rest // 86_400).astype(np.int64) + 3) % 7, minlength=7) / len(rest)
    shut = weekday < 1 - USUAL
    with np.errstate(invalid="ignore"):
        day = np.nan_to_num(at // 86_400).astype(np.int64)
        odd = ((at % 86_400 < low) | (at % 86_400 > high) | shut[(day + 3) % 7]).astype(np.float64)
    return _share(np.where(np.isnan(at), np.nan, odd), rows, others)


def _limit(claims: Claims) -> Floats:
    """Say which amounts lie just under the limit that the claims themselves betray.

    Among round amounts the one with the least likely excess of claims just below over just above,
    by total or by fund payment; NaN everywhere where none has an excess beyond chance.
    """
    best, found = 1.0, np.full(len(claims.amount), np.nan)
    steps = [s * 10.0**power for power in range(2, 7) for s in (1, 2, 3, 4, 5, 6, 8)]
    for money in (claims.amount, claims.fund):
        top = float(np.nanquantile(money, 0.99))
        for limit in [value for value in steps if 500 <= value <= top]:
            below = (money >= limit * (1 - UNDER)) & (money < limit)
            above = (money >= limit) & (money < limit * (1 + UNDER))
            n = int(below.sum() + above.sum())
            tail = float(stats.binom.sf(below.sum() - 1, n, 0.5)) if n else 1.0
            if tail < best:
                best, found = tail, below.astype(np.float64)
    return found if best <= 0.01 / len(steps) else np.full(len(claims.amount), np.nan)


def _tied(context: Context, claims: Claims) -> Floats:
    """Say which claims go to a payee or through an agent tied to a member of staff.

    The account, the telephone, or the home of the agent as an insured person; NaN without staff.
    """
    backend = context.backend
    staff = delivered(backend, context.workspace, "staff")
    if staff is None:
        return np.full(len(claims.person), np.nan)
    rows = backend.to_pyarrow(staff.select("bankacct", "mob", "live_addr"))
    accounts, phones, addresses = (
        {v for v in rows[name].to_pylist() if v} for name in ("bankacct", "mob", "live_addr")
    )
    persons = clean(backend, context.workspace, "persons")
    wanted = sorted({name for entity, name in claims.names if entity == "agent"})
    people = persons.filter(persons.certno.isin(wanted)) if wanted else persons.limit(0)
    people = people.join(homes(persons), "psn_no").select("certno", "live_addr", "mob")
    near = {
        row["certno"]
        for row in backend.to_pyarrow(people).to_pylist()
        if row["live_addr"] in addresses or row["mob"] in phones
    }
    tied = np.array(
        [
            name in (accounts if entity == "account" else near | phones)
            for entity, name in claims.names
        ]
        + [False]
    )
    phone = np.isin(claims.agent_phone, sorted(phones))
    return np.asarray(tied[claims.account] | tied[claims.agent] | phone, np.float64)
