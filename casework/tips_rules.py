"""The time limits of tips and the rule of their reward: data, read and applied."""

import tomllib
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Literal, get_args

from casework.limits import Limit
from casework.working_days import FOLDER, Calendar, NoCalendar, Period, Unit, due, used
from ingest.errors import RingfenceError
from ingest.telling import to_say

FILE = "tips.toml"
REMIND_DAYS = 3
Status = Literal["running", "due_soon", "overdue", "done", "done_late", "no_calendar"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A share of the case value, for values up to so many yuan; the last one has no end."""

    up_to: Decimal | None
    share: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardRule:
    """How a reward is worked out, in yuan; it is claimed within so many months of the notice."""

    least: Decimal
    most: Decimal
    claim_months: int
    tiers: tuple[Tier, ...]
    verified: bool
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TipRules:
    """What holds for tips in a workspace."""

    limits: Mapping[str, Limit]
    reward: RewardRule


@dataclass(frozen=True, slots=True, kw_only=True)
class TipDeadline:
    """A step that is due: ``left`` in the limit's unit, negative once it is late; days are local.

    Without the holidays of ``unknown_year`` the days ``due`` and ``left`` are None.
    """

    limit: Limit
    began: date
    ended: date | None
    due: date | None
    left: int | None
    status: Status
    unknown_year: int | None = None


def read_tip_rules(folder: Path | None = None) -> TipRules:
    """Return the rules; a table in ``folder/tips.toml`` replaces ours.

    Raises
    ------
    RingfenceError
        If a file is not of that form: it names the file.
    """
    held: RewardRule | None = None
    limits: dict[str, Limit] = {}
    for path in [FOLDER / FILE, *([folder / FILE] if folder else [])]:
        if path.exists():
            found = _read(path)
            limits |= _limits(path, found.pop("limits", {}))
            if "reward" in found:
                held = _reward(path, found["reward"])
    if held is None:
        raise RingfenceError(to_say("refused.reward.no_rule", path=FOLDER / FILE))
    return TipRules(limits=limits, reward=held)


def deadline(
    limit: Limit, began: date, ended: date | None, today: date, calendar: Calendar
) -> TipDeadline:
    """Return how a step stands; the day on which it began does not count."""
    period = Period(began=began, days=limit.days, unit=limit.unit)
    try:
        last = due(period, calendar)
        left = period.whole - used(period, calendar, ended or today)
    except NoCalendar as error:
        return TipDeadline(
            limit=limit, began=began, ended=ended, due=None, left=None,
            status="no_calendar", unknown_year=error.year,
        )  # fmt: skip
    status: Status
    if ended is not None:
        status = "done" if last is None or ended <= last else "done_late"
    elif last is not None and today > last:
        status = "overdue"
    else:
        status = "due_soon" if left <= REMIND_DAYS else "running"
    return TipDeadline(limit=limit, began=began, ended=ended, due=last, left=left, status=status)


def reward_of(rule: RewardRule, case_value: Decimal) -> Decimal:
    """Return the reward for a case value in yuan: the share of its tier, within the bounds.

    Examples
    --------
    >>> rule = read_tip_rules().reward
    >>> [str(reward_of(rule, Decimal(value))) for value in ("1000", "50000", "99000000")]
    ['200.00', '1500.00', '200000.00']
    """
    tier = next(t for t in rule.tiers if t.up_to is None or case_value <= t.up_to)
    amount = min(max(case_value * tier.share, rule.least), rule.most)
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def months_after(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last.

    Examples
    --------
    >>> months_after(date(2025, 12, 31), 2)
    datetime.date(2026, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise RingfenceError(
            to_say("refused.reward.unreadable", path=path, error=error, file=FILE)
        ) from error


def _limits(path: Path, held: Mapping[str, Mapping[str, Any]]) -> dict[str, Limit]:
    try:
        found = {
            name: Limit(name=name, **{**values, "extend": tuple(values["extend"])})
            for name, values in held.items()
        }
    except (AttributeError, KeyError, TypeError) as error:
        raise RingfenceError(to_say("refused.reward.limits", path=path, error=error)) from error
    for limit in found.values():
        if type(limit.days) is not int or limit.days < 1 or limit.unit not in get_args(Unit):
            raise RingfenceError(
                to_say(
                    "refused.reward.limit",
                    path=path,
                    name=limit.name,
                    days=limit.days,
                    unit=limit.unit,
                )
            )
    return found


def _reward(path: Path, held: Mapping[str, Any]) -> RewardRule:
    try:
        tiers = tuple(
            Tier(
                up_to=Decimal(tier["up_to_yuan"]) if "up_to_yuan" in tier else None,
                share=Decimal(tier["share"]),
            )
            for tier in held["tiers"]
        )
        rule = RewardRule(
            least=Decimal(held["least_yuan"]),
            most=Decimal(held["most_yuan"]),
            claim_months=int(held["claim_months"]),
            tiers=tiers,
            verified=held["verified"] is True,
            source=str(held["source"]),
        )
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise RingfenceError(to_say("refused.reward.rule", path=path, error=error)) from error
    ends = [tier.up_to for tier in tiers]
    rising = [end for end in ends if end is not None]
    whole = bool(ends) and ends[-1] is None and len(rising) == len(ends) - 1
    shares = all(0 < tier.share <= 1 for tier in tiers)
    if not whole or rising != sorted(rising) or not shares or not 0 < rule.least <= rule.most:
        raise RingfenceError(
            to_say("refused.reward.tiers", path=path, ends=[str(end) for end in ends])
        )
    return rule
