"""Calls of the services on accounts, identities, tips and money, each on a subject put there."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
from pyarrow import parquet
from sqlalchemy import Connection, insert

from casework import (
    accounts,
    accounts_clients,
    colleagues,
    informants,
    kpis,
    news,
    reveals,
    tips,
    tips_rewards,
)
from casework.informants import Informant, write_telling
from casework.ledger import Ledger
from casework.limits import local_day
from casework.rights import Officer
from casework.tables import moves
from casework.tables_news import news_addresses
from casework.tables_people import accounts as account_table
from casework.tables_people import api_clients, rewards, tip_leads
from casework.tables_people import reveals as reveal_table
from casework.tables_people import tips as tip_table

DAY = date(2026, 3, 2)
MEMBER = ("person", "p1")
STATES = {
    "tips.accept_tip": "registered",
    "tips.conclude_tip": "accepted",
    "tips.answer_tip": "concluded",
}
LISTS = {"reveals.list_reveals": "I", "tips.list_tips": "T", "tips_rewards.list_rewards": "B"}
WITHOUT_SUBJECT = {
    "accounts.create_account",
    "accounts.list_accounts",
    "accounts.lock_account",
    "accounts.unlock_account",
    "accounts.change_role",
    "accounts.reset_password",
    "accounts.link_account",
    "accounts_clients.add_client",
    "accounts_clients.list_clients",
    "accounts_clients.remove_client",
    "colleagues.list_colleagues",
    "news.set_address",
    "news.list_addresses",
    "news.remove_address",
    "tips.register_tip",
    "kpis.figures",
}


def people_calls(ledger: Ledger, who: Officer, number: str) -> dict[str, Callable[[], Any]]:
    """Return how each function is meant to be called on the subjects of that number."""
    case, lead, shown, tip, reward = (f"{letter}-{number}" for letter in "KLITB")
    space = ledger.workspace
    asked: dict[str, Any] = {"fields": "identity", "reason": "contact", "text": "t"}
    given: dict[str, Any] = {"channel": "letter", "received": DAY, "summary": "s", "telling": "t"}
    return {
        "accounts.create_account": lambda: accounts.create_account(
            ledger, who, name=f"new {number}", role="auditor", unit="", display=""
        ),
        "accounts.list_accounts": lambda: accounts.list_accounts(ledger, who),
        "accounts.lock_account": lambda: accounts.lock_account(ledger, who, "known", reason="r"),
        "accounts.unlock_account": lambda: accounts.unlock_account(ledger, who, "known"),
        "accounts.change_role": lambda: accounts.change_role(
            ledger, who, "known", role="auditor", unit=""
        ),
        "accounts.reset_password": lambda: accounts.reset_password(ledger, who, "known"),
        "accounts.link_account": lambda: accounts.link_account(
            ledger, who, "known", issuer="i", subject="s"
        ),
        "accounts_clients.add_client": lambda: accounts_clients.add_client(
            ledger, who, name=f"new {number}", role="analyst", unit="u"
        ),
        "accounts_clients.list_clients": lambda: accounts_clients.list_clients(ledger, who),
        "accounts_clients.remove_client": lambda: accounts_clients.remove_client(
            ledger, who, "known"
        ),
        "colleagues.list_colleagues": lambda: colleagues.list_colleagues(ledger, who),
        "news.set_address": lambda: news.set_address(
            ledger, who, "known", webhook="https://example.test/"
        ),
        "news.list_addresses": lambda: news.list_addresses(ledger, who),
        "news.remove_address": lambda: news.remove_address(ledger, who, "known"),
        "reveals.masked": lambda: reveals.masked(ledger, space, who, case=case),
        "reveals.reveal": lambda: reveals.reveal(
            ledger, space, who, case=case, subject=MEMBER, **asked
        ),
        "reveals.find_by_name": lambda: reveals.find_by_name(
            ledger, space, who, case=case, name="n", text="t"
        ),
        "reveals.list_reveals": lambda: [r.reveal_id for r in reveals.list_reveals(ledger, who)],
        "reveals.approve_reveal": lambda: reveals.approve_reveal(ledger, who, shown),
        "reveals.return_reveal": lambda: reveals.return_reveal(ledger, who, shown),
        "tips.register_tip": lambda: tips.register_tip(ledger, who, unit="u", **given),
        "tips.list_tips": lambda: [one.tip_id for one in tips.list_tips(ledger, who)],
        "tips.read_tip": lambda: tips.read_tip(ledger, who, tip),
        "tips.name_entities": lambda: tips.name_entities(ledger, who, tip, [MEMBER], revision=1),
        "tips.mark_insider": lambda: tips.mark_insider(
            ledger, who, tip, concerned=[], reason="r", revision=1
        ),
        "tips.accept_tip": lambda: tips.accept_tip(
            ledger, who, tip, accept=True, reason="r", revision=1
        ),
        "tips.leads_of_tip": lambda: tips.leads_of_tip(ledger, who, tip),
        "tips.link_lead": lambda: tips.link_lead(ledger, who, tip, lead, revision=1),
        "tips.conclude_tip": lambda: tips.conclude_tip(
            ledger, who, tip, outcome="partly", reason="r", revision=1
        ),
        "tips.inform_of_filing": lambda: tips.inform_of_filing(ledger, who, tip, revision=1),
        "tips.answer_tip": lambda: tips.answer_tip(ledger, who, tip, answer="a", revision=1),
        "tips_rewards.propose_reward": lambda: tips_rewards.propose_reward(
            ledger, who, tip, case_value=Decimal(1000), reason="r"
        ),
        "tips_rewards.list_rewards": lambda: [
            one.reward_id for one in tips_rewards.list_rewards(ledger, who)
        ],
        "tips_rewards.decide_reward": lambda: tips_rewards.decide_reward(
            ledger, who, reward, approve=True, reason="r"
        ),
        "informants.keep_informant": lambda: informants.keep_informant(
            ledger, who, tip, Informant(name="n")
        ),
        "informants.read_informant": lambda: informants.read_informant(
            ledger, who, tip, reason="r"
        ),
        "informants.read_telling": lambda: informants.read_telling(ledger, who, tip, reason="r"),
        "kpis.record_recovery": lambda: kpis.record_recovery(
            ledger, who, case, amount=Decimal(1), day=DAY, reason="r"
        ),
        "kpis.figures": lambda: kpis.figures(ledger, who),
    }


def prepare(ledger: Ledger, connection: Connection, at: str) -> None:
    """Put an account and a client there, and the file behind the pseudonyms."""
    made = {"made_at": at, "made_by": "s"}
    account = {"name": "known", "display": "known", "role": "analyst", "unit": "u", "failures": 0}
    changed = {"changed_at": at, "changed_by": "s", "password": "-"}
    connection.execute(insert(account_table), {**account, **made, **changed})
    client = {"client_id": "A-1", "name": "known", "role": "analyst", "unit": "u"}
    connection.execute(insert(api_clients), {**client, **made, "token_hash": "-", "per_minute": 1})
    address = {"address_id": "N-1", "client_id": "A-1", "webhook": "https://example.test/"}
    connection.execute(insert(news_addresses), {**address, **made})
    folder = ledger.workspace.root / "restricted"
    folder.mkdir()
    text = pa.array([], pa.string())
    clear = pa.table({"kind": text, "pseudonym": text, "value": text})
    parquet.write_table(clear, folder / "clear.parquet")


def plant_people(
    ledger: Ledger, connection: Connection, who: Officer, function: str, number: str, unit: str
) -> None:
    """Put a reveal, a tip and a reward there, tied to the case of that number."""
    at = ledger.clock().isoformat()
    area = function.partition(".")[0]
    if area == "reveals":
        told = {"entity_type": "person", "entity_id": "p1", "fields": "identity", "text": "t"}
        asked = {"reason": "contact", "state": "waiting", "at": at, "who": "s", "role": "r"}
        key = {"reveal_id": f"I-{number}", "case_id": f"K-{number}"}
        day = local_day(ledger.clock()).isoformat()
        connection.execute(insert(reveal_table), {**key, **told, **asked, "day": day})
    if area in ("tips", "tips_rewards", "informants"):
        outcome = "confirmed" if area == "tips_rewards" else None
        tip = {
            **{"tip_id": f"T-{number}", "revision": 1, "unit": unit, "insider": False},
            **{"desk": unit if who.role == "informant_desk" else "desk", "concerned": "[]"},
            **{"channel": "letter", "received": DAY.isoformat(), "real_name": True},
            **{"summary": "s", "state": STATES.get(function, "accepted"), "outcome": outcome},
            **{"made_at": at, "made_by": "s", "changed_at": at, "changed_by": "s"},
        }
        connection.execute(insert(tip_table), tip)
        # The tip itself knows nothing of insiders: the lead that it is tied to does.
        link = {"tip_id": f"T-{number}", "lead_id": f"M-{number}", "at": at, "who": "s"}
        connection.execute(insert(tip_leads), link)
        write_telling(ledger.workspace, f"T-{number}", "t", Informant(name="n"))
    if function == "tips.inform_of_filing":
        filed = {"subject": f"K-{number}", "number": 1, "move": "file", "before": "b", "after": "a"}
        rest = {"reason": "r", "papers": "[]", "drafted_by": "s", "at": at, "who": "s", "role": "r"}
        connection.execute(insert(moves), {**filed, **rest})
    if function in ("tips_rewards.list_rewards", "tips_rewards.decide_reward"):
        money = {"case_value_fen": 1, "amount_fen": 1, "rule": '{"claim_months":2}', "reason": "r"}
        key = {"reward_id": f"B-{number}", "tip_id": f"T-{number}", "state": "open"}
        connection.execute(insert(rewards), {**key, **money, "at": at, "who": "s"})
