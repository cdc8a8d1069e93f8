"""Rewards of tips: worked out by the rule, proposed by the desk, decided by somebody else.

Paying is done elsewhere. The rule is data (``casework/calendar/tips.toml``); what it was when it
was applied stays with the proposal.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, Literal

from sqlalchemy import Connection, Row, insert, select, update

from casework.audit import noted
from casework.canonical import canonical, stamp
from casework.decisions import SameHands
from casework.ledger import Ledger
from casework.limits import local_day
from casework.rights import NotFound, Officer, Refused, serving
from casework.tables_people import rewards
from casework.tips_finding import find_tip, visible_tips
from casework.tips_rules import months_after, read_tip_rules, reward_of
from ingest.telling import to_say, word

_noted = partial(noted, object_class="reward")

State = Literal["open", "approved", "returned"]
REWARDED = ("confirmed", "partly")
"""Outcomes of a tip that may be rewarded."""

_LARGEST = Decimal(10) ** 13  # yuan; more is a slip of the hand


@dataclass(frozen=True, slots=True, kw_only=True)
class Reward:
    """A proposed or decided reward in yuan; ``rule`` as it was, ``claim_until`` a local day."""

    reward_id: str
    tip_id: str
    case_value: Decimal
    amount: Decimal
    rule: Mapping[str, Any]
    reason: str
    state: State
    claim_until: str | None
    at: str
    who: str
    decided_at: str | None
    decided_by: str | None
    decided_reason: str | None


def propose_reward(
    ledger: Ledger, officer: Officer, tip_id: str, *, case_value: Decimal, reason: str
) -> Reward:
    """Propose the reward that the rule gives for a case value in yuan.

    Raises
    ------
    Refused
        If the tip was not confirmed, has a reward that was not returned, the value is not above
        nought and exact to the fen, or the reason is empty.
    """
    function = "tips_rewards.propose_reward"
    with serving(ledger, officer, function, tip_id) as connection:
        tip = find_tip(connection, officer, function, tip_id)
        held = rewards.c.tip_id == tip_id
        kept = select(rewards.c.reward_id).where(held, rewards.c.state != "returned")
        other = connection.execute(kept).scalar_one_or_none()
        exact = case_value.is_finite() and case_value == round(case_value, 2)
        if tip.outcome not in REWARDED or other or not reason.strip():
            raise Refused(
                to_say(
                    "refused.reward.not_now",
                    tip_id=tip_id,
                    outcome=word("tip_outcome", tip.outcome),
                    other=other,
                )
            )
        if not exact or not 0 < case_value < _LARGEST:
            raise Refused(to_say("refused.reward.value", case_value=case_value))
        rule, at = read_tip_rules(ledger.workspace.root / "calendar").reward, ledger.clock()
        amount = reward_of(rule, case_value)
        reward_id = f"B-{secrets.token_hex(6)}"
        told = {
            "least": rule.least,
            "most": rule.most,
            "claim_months": rule.claim_months,
            "tiers": [[tier.up_to, tier.share] for tier in rule.tiers],
            "verified": rule.verified,
            "source": rule.source,
        }
        values = {
            "reward_id": reward_id,
            "tip_id": tip_id,
            "case_value_fen": int(case_value * 100),
            "amount_fen": int(amount * 100),
            "rule": canonical(told),
            "reason": reason.strip(),
            "state": "open",
            "at": stamp(at),
            "who": officer.name,
        }
        connection.execute(insert(rewards), values)
        _noted(connection, officer, ledger.clock(), "reward.proposed", reward_id, tip=tip_id)
        return _reward(_row(connection, reward_id))


def list_rewards(ledger: Ledger, officer: Officer) -> list[Reward]:
    """Return the rewards of the tips an officer may see: open ones first, then the newest."""
    function = "tips_rewards.list_rewards"
    with serving(ledger, officer, function, "rewards") as connection:
        keys = [row.tip_id for row in visible_tips(connection, officer, function)]
        query = select(rewards).where(rewards.c.tip_id.in_(keys)).order_by(rewards.c.at.desc())
        found = [_reward(row) for row in connection.execute(query)]
        _noted(connection, officer, ledger.clock(), "reward.listed", "list", rewards=len(found))
    return sorted(found, key=lambda one: one.state != "open")


def decide_reward(
    ledger: Ledger, officer: Officer, reward_id: str, *, approve: bool, reason: str
) -> Reward:
    """Approve or return somebody else's proposal; an approved one can be claimed for so long.

    Raises
    ------
    SameHands
        If the officer proposed it.
    Refused
        If it is decided already, or the reason is empty.
    """
    function = "tips_rewards.decide_reward"
    with serving(ledger, officer, function, reward_id) as connection:
        row = _row(connection, reward_id)
        try:
            find_tip(connection, officer, function, row.tip_id)
        except NotFound as error:
            raise NotFound(reward_id) from error
        if row.who == officer.name:
            raise SameHands(to_say("refused.reward.own", reward_id=reward_id))
        if row.state != "open" or not reason.strip():
            raise Refused(
                to_say(
                    "refused.reward.state",
                    reward_id=reward_id,
                    state=word("reward_state", row.state),
                )
            )
        at = ledger.clock()
        months = int(json.loads(row.rule)["claim_months"])
        until = months_after(local_day(at), months).isoformat() if approve else None
        state = "approved" if approve else "returned"
        values = {"state": state, "claim_until": until, "decided_reason": reason.strip()}
        decided = {"decided_at": stamp(at), "decided_by": officer.name}
        own = rewards.c.reward_id == reward_id
        connection.execute(update(rewards).where(own).values(**values, **decided))
        _noted(connection, officer, ledger.clock(), f"reward.{state}", reward_id, tip=row.tip_id)
        return _reward(_row(connection, reward_id))


def _row(connection: Connection, reward_id: str) -> Row[Any]:
    query = select(rewards).where(rewards.c.reward_id == reward_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(reward_id)
    return row


def _reward(row: Row[Any]) -> Reward:
    plain = {name: getattr(row, name) for name in Reward.__slots__ if hasattr(row, name)}
    money = {
        "case_value": Decimal(row.case_value_fen).scaleb(-2),
        "amount": Decimal(row.amount_fen).scaleb(-2),
    }
    return Reward(**{**plain, **money, "rule": json.loads(row.rule)})
