"""Tables of accounts, reveals of identities, tips, money that came back, and other systems."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text
from sqlalchemy import text as sql

from casework.tables import HASH, ID, NAME, TIME, metadata

DAY = String(10)

accounts = Table(
    "accounts",
    metadata,
    Column("name", NAME, primary_key=True, comment="as typed to sign in, in lower case"),
    Column("display", NAME, nullable=False, comment="name that pages and papers show"),
    Column("role", String(32), nullable=False),
    Column("unit", NAME, nullable=False, comment="empty for roles without a unit"),
    Column("password", Text, nullable=False, comment="argon2id, with its parameters and salt"),
    Column("one_time_until", TIME, comment="a given password is good until then, for one change"),
    Column("failures", Integer, nullable=False, comment="wrong passwords since the last right one"),
    Column("paused_until", TIME, comment="no password is tried before"),
    Column("locked_at", TIME, comment="by an administrator"),
    Column("issuer", Text, comment="of the agency's own sign-in"),
    Column("subject", NAME, comment="who this is to the issuer"),
    Column("made_at", TIME, nullable=False),
    Column("made_by", NAME, nullable=False),
    Column("changed_at", TIME, nullable=False),
    Column("changed_by", NAME, nullable=False),
    Column("signed_in_at", TIME),
    Index("uq_accounts_issuer_subject", "issuer", "subject", unique=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", HASH, primary_key=True, comment="SHA-256 of the token, which is not kept"),
    Column("name", NAME, ForeignKey("accounts.name"), nullable=False, index=True),
    Column("means", String(16), nullable=False, comment="password or oidc"),
    Column("made_at", TIME, nullable=False),
    Column("seen_at", TIME, nullable=False, comment="last use, to the minute"),
    Column("until", TIME, nullable=False, comment="ends then whatever its use"),
    Column("ended_at", TIME),
)

reveals = Table(
    "reveals",
    metadata,
    Column("reveal_id", ID, primary_key=True),
    Column("case_id", ID, ForeignKey("cases.case_id"), nullable=False),
    Column("day", DAY, nullable=False, comment="local day on which it was asked for"),
    Column("entity_type", String(32), nullable=False),
    Column("entity_id", NAME, nullable=False, comment="as in the rings: never a clear value"),
    Column("fields", String(16), nullable=False, comment="the field group"),
    Column("reason", String(32), nullable=False, comment="of the closed list"),
    Column("text", Text, nullable=False, comment="the reason in words"),
    Column("state", String(16), nullable=False, comment="open, waiting, approved or returned"),
    Column("at", TIME, nullable=False),
    Column("who", NAME, nullable=False),
    Column("role", NAME, nullable=False),
    Column("decided_at", TIME),
    Column("decided_by", NAME),
    Column("until", TIME, comment="the value is not shown after"),
    Index("ix_reveals_case_id_day", "case_id", "day"),
)

tips = Table(
    "tips",
    metadata,
    Column("tip_id", ID, primary_key=True),
    Column("revision", Integer, nullable=False, comment="from 1, one more with each change"),
    Column("unit", NAME, nullable=False, comment="the unit that checks it", index=True),
    Column("desk", NAME, nullable=False, comment="the unit of the desk that took it"),
    Column("insider", Boolean, nullable=False, comment="about agency staff, or it may be"),
    Column("concerned", Text, nullable=False, comment="JSON list of units that never see it"),
    Column("channel", String(32), nullable=False),
    Column("received", DAY, nullable=False, comment="local day"),
    Column("real_name", Boolean, nullable=False, comment="the desk knows who told it"),
    Column("summary", Text, nullable=False, comment="what the unit may read: names nobody"),
    Column("state", String(16), nullable=False, comment="of casework.tips.State"),
    Column("outcome", String(16), comment="confirmed, partly or not_confirmed"),
    Column("answer", Text, comment="what the informant was told"),
    Column("accepted_on", DAY, comment="local day on which it was accepted or not"),
    Column("concluded_on", DAY, comment="local day on which the check ended"),
    Column("informed_on", DAY, comment="local day on which the informant was told of the filing"),
    Column("answered_on", DAY, comment="local day of the answer"),
    Column("made_at", TIME, nullable=False),
    Column("made_by", NAME, nullable=False),
    Column("changed_at", TIME, nullable=False),
    Column("changed_by", NAME, nullable=False),
)

tip_entities = Table(
    "tip_entities",
    metadata,
    Column("tip_id", ID, ForeignKey("tips.tip_id"), primary_key=True),
    Column("entity_type", String(32), primary_key=True),
    Column("entity_id", NAME, primary_key=True, comment="as in the rings: never a clear value"),
    Column("at", TIME, nullable=False),
    Column("who", NAME, nullable=False),
)

tip_leads = Table(
    "tip_leads",
    metadata,
    Column("tip_id", ID, ForeignKey("tips.tip_id"), primary_key=True),
    Column("lead_id", ID, ForeignKey("leads.lead_id"), primary_key=True, index=True),
    Column("at", TIME, nullable=False),
    Column("who", NAME, nullable=False),
)

rewards = Table(
    "rewards",
    metadata,
    Column("reward_id", ID, primary_key=True),
    Column("tip_id", ID, ForeignKey("tips.tip_id"), nullable=False),
    Column("case_value_fen", BigInteger, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("rule", Text, nullable=False, comment="JSON: the rule as it was when it was applied"),
    Column("reason", Text, nullable=False),
    Column("state", String(16), nullable=False, comment="open, approved or returned"),
    Column("claim_until", DAY, comment="local day, once it is approved"),
    Column("at", TIME, nullable=False),
    Column("who", NAME, nullable=False),
    Column("decided_at", TIME),
    Column("decided_by", NAME),
    Column("decided_reason", Text),
    # One reward for a tip: a returned one makes room for another.
    Index(
        "uq_rewards_tip_id_kept",
        "tip_id",
        unique=True,
        sqlite_where=sql("state <> 'returned'"),
        postgresql_where=sql("state <> 'returned'"),
    ),
)

recoveries = Table(
    "recoveries",
    metadata,
    Column("case_id", ID, ForeignKey("cases.case_id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False, comment="from 1"),
    Column("amount_fen", BigInteger, nullable=False, comment="below nought where it is taken back"),
    Column("day", DAY, nullable=False, comment="local day on which it came in"),
    Column("reason", Text, nullable=False),
    Column("at", TIME, nullable=False),
    Column("who", NAME, nullable=False),
)

api_clients = Table(
    "api_clients",
    metadata,
    Column("client_id", ID, primary_key=True),
    Column("name", NAME, nullable=False),
    Column("role", String(32), nullable=False),
    Column("unit", NAME, nullable=False),
    Column("token_hash", HASH, nullable=False, unique=True),
    Column("per_minute", Integer, nullable=False, comment="calls it may make"),
    Column("made_at", TIME, nullable=False),
    Column("made_by", NAME, nullable=False),
    Column("removed_at", TIME),
    Column("removed_by", NAME),
    Index(
        "uq_api_clients_name_kept",
        "name",
        unique=True,
        sqlite_where=sql("removed_at IS NULL"),
        postgresql_where=sql("removed_at IS NULL"),
    ),
)
