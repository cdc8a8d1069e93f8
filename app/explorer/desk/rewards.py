"""Rewards of tips: proposed by the desk as the rule says, decided by somebody else."""

from decimal import Decimal
from functools import partial
from typing import Any

import streamlit as st

from app.explorer import roles
from app.explorer.desk import reading
from app.explorer.desk.informing import step
from app.explorer.keeping import common
from app.explorer.words import name_of, plain
from casework.ledger import Ledger
from casework.rights import Officer
from casework.tips_holding import Tip
from casework.tips_rewards import REWARDED, Reward, decide_reward, propose_reward
from ingest.texts import Language, say


def shown(officer: Officer, lang: Language) -> None:
    """Draw the rewards of the officer's tips: what waits for a decision first."""
    found = common.attempt(lambda: reading.rewards(officer), lang)
    if found is None:
        return
    if not found:
        st.info(say("desk.no_rewards", lang))
        return
    reading.choose(
        "rewards",
        [_row(one, lang) for one in found],
        {one.reward_id: one.tip_id for one in found},
        lang,
        alt=say("desk.tab.rewards", lang),
    )
    st.caption(say("desk.tick_reward", lang))


def of_tip(ledger: Ledger, officer: Officer, one: Tip, lang: Language) -> None:
    """Draw the rewards of a tip, with the decision or the proposal that the officer may make."""
    if not roles.serves("tips_rewards.list_rewards", officer.role) or one.outcome not in REWARDED:
        return
    found = common.attempt(lambda: reading.rewards(officer), lang) or []
    held = [each for each in found if each.tip_id == one.tip_id]
    st.markdown(f"##### {say('desk.reward', lang)}")
    for each in held:
        _told(each, lang)
        decides = roles.serves("tips_rewards.decide_reward", officer.role)
        if each.state == "open" and decides:
            _decide(ledger, officer, one, each, lang)
    kept = any(each.state != "returned" for each in held)
    if not kept and roles.serves("tips_rewards.propose_reward", officer.role):
        _propose(ledger, officer, one, lang)
    elif not held:
        st.caption(say("desk.reward_none", lang))


def _told(each: Reward, lang: Language) -> None:
    state = name_of("reward_state", each.state, lang)
    value, amount = f"{each.case_value:,.2f}", f"{each.amount:,.2f}"
    st.write(plain(say("desk.reward_line", lang, state=state, amount=amount, value=value)))
    st.caption(plain(say("desk.reward_by", lang, who=each.who, reason=each.reason)))
    if each.decided_by:
        st.caption(
            plain(say("desk.reward_decided", lang, who=each.decided_by,
                      reason=each.decided_reason, until=each.claim_until or "–"))
        )  # fmt: skip
    if not each.rule["verified"]:
        st.caption(plain(say("desk.rule_unverified", lang, source=each.rule["source"])))


def _decide(ledger: Ledger, officer: Officer, one: Tip, each: Reward, lang: Language) -> None:
    key = f"reward_reason_{each.reward_id}"
    with st.form("reward_decide", border=True):
        reason = st.text_input(say("desk.field.reason", lang), key=key, max_chars=500)
        first, second = st.columns(2)
        yes = first.form_submit_button(say("desk.approve", lang), type="primary", width="stretch")
        no = second.form_submit_button(say("desk.return", lang), width="stretch")
    if yes or no:
        act = partial(decide_reward, ledger, officer, each.reward_id, approve=yes, reason=reason)
        step(act, "reward_approved" if yes else "reward_returned", one, lang, forget=(key,))


def _propose(ledger: Ledger, officer: Officer, one: Tip, lang: Language) -> None:
    prefix = f"reward_new_{one.tip_id}"
    with st.form("reward_new", border=True):
        value = st.number_input(
            say("desk.field.case_value", lang), min_value=0.0, step=1000.0, format="%.2f",
            key=f"{prefix}_value",
        )  # fmt: skip
        reason = st.text_input(say("desk.field.reason", lang), key=f"{prefix}_why", max_chars=500)
        if st.form_submit_button(say("desk.propose", lang), type="primary"):
            act = partial(
                propose_reward, ledger, officer, one.tip_id, case_value=Decimal(f"{value:.2f}"),
                reason=reason,
            )  # fmt: skip
            step(act, "reward_proposed", one, lang, forget=(f"{prefix}_why",))


def _row(one: Reward, lang: Language) -> dict[str, Any]:
    return {
        "tip": one.tip_id,
        "state": name_of("reward_state", one.state, lang),
        "amount": f"{one.amount:,.2f}",
        "case_value": f"{one.case_value:,.2f}",
        "who": one.who,
        "decided_by": one.decided_by,
        "claim_until": one.claim_until,
    }
