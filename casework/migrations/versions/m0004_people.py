"""Accounts, reveals of identities, tips with their rewards, money that came back, API clients."""

import sqlalchemy as sa
from alembic import op

revision = "m0004"
down_revision = "m0003"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "accounts",
        sa.Column(
            "name",
            sa.String(length=200),
            nullable=False,
            comment="as typed to sign in, in lower case",
        ),
        sa.Column(
            "display",
            sa.String(length=200),
            nullable=False,
            comment="name that pages and papers show",
        ),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column(
            "unit", sa.String(length=200), nullable=False, comment="empty for roles without a unit"
        ),
        sa.Column(
            "password", sa.Text(), nullable=False, comment="argon2id, with its parameters and salt"
        ),
        sa.Column(
            "one_time_until",
            sa.String(length=27),
            nullable=True,
            comment="a given password is good until then, for one change",
        ),
        sa.Column(
            "failures",
            sa.Integer(),
            nullable=False,
            comment="wrong passwords since the last right one",
        ),
        sa.Column(
            "paused_until",
            sa.String(length=27),
            nullable=True,
            comment="no password is tried before",
        ),
        sa.Column("locked_at", sa.String(length=27), nullable=True, comment="by an administrator"),
        sa.Column("issuer", sa.Text(), nullable=True, comment="of the agency's own sign-in"),
        sa.Column(
            "subject", sa.String(length=200), nullable=True, comment="who this is to the issuer"
        ),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.String(length=27), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.Column("signed_in_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_accounts")),
    )
    op.create_index("uq_accounts_issuer_subject", "accounts", ["issuer", "subject"], unique=True)
    op.create_table(
        "api_clients",
        sa.Column("client_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("unit", sa.String(length=200), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=False, comment="calls it may make"),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("removed_at", sa.String(length=27), nullable=True),
        sa.Column("removed_by", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_api_clients")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_clients_token_hash")),
    )
    op.create_index(
        "uq_api_clients_name_kept",
        "api_clients",
        ["name"],
        unique=True,
        sqlite_where=sa.text("removed_at IS NULL"),
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_table(
        "tips",
        sa.Column("tip_id", sa.String(length=32), nullable=False),
        sa.Column(
            "revision", sa.Integer(), nullable=False, comment="from 1, one more with each change"
        ),
        sa.Column("unit", sa.String(length=200), nullable=False, comment="the unit that checks it"),
        sa.Column(
            "desk",
            sa.String(length=200),
            nullable=False,
            comment="the unit of the desk that took it",
        ),
        sa.Column(
            "insider", sa.Boolean(), nullable=False, comment="about agency staff, or it may be"
        ),
        sa.Column(
            "concerned", sa.Text(), nullable=False, comment="JSON list of units that never see it"
        ),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("received", sa.String(length=10), nullable=False, comment="local day"),
        sa.Column("real_name", sa.Boolean(), nullable=False, comment="the desk knows who told it"),
        sa.Column(
            "summary", sa.Text(), nullable=False, comment="what the unit may read: names nobody"
        ),
        sa.Column("state", sa.String(length=16), nullable=False, comment="of casework.tips.State"),
        sa.Column(
            "outcome",
            sa.String(length=16),
            nullable=True,
            comment="confirmed, partly or not_confirmed",
        ),
        sa.Column("answer", sa.Text(), nullable=True, comment="what the informant was told"),
        sa.Column(
            "accepted_on",
            sa.String(length=10),
            nullable=True,
            comment="local day on which it was accepted or not",
        ),
        sa.Column(
            "concluded_on",
            sa.String(length=10),
            nullable=True,
            comment="local day on which the check ended",
        ),
        sa.Column(
            "informed_on",
            sa.String(length=10),
            nullable=True,
            comment="local day on which the informant was told of the filing",
        ),
        sa.Column(
            "answered_on", sa.String(length=10), nullable=True, comment="local day of the answer"
        ),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.String(length=27), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("tip_id", name=op.f("pk_tips")),
    )
    op.create_index(op.f("ix_tips_unit"), "tips", ["unit"], unique=False)
    op.create_table(
        "recoveries",
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False, comment="from 1"),
        sa.Column(
            "amount_fen",
            sa.BigInteger(),
            nullable=False,
            comment="below nought where it is taken back",
        ),
        sa.Column(
            "day", sa.String(length=10), nullable=False, comment="local day on which it came in"
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("fk_recoveries_case_id")),
        sa.PrimaryKeyConstraint("case_id", "number", name=op.f("pk_recoveries")),
    )
    op.create_table(
        "reveals",
        sa.Column("reveal_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column(
            "day",
            sa.String(length=10),
            nullable=False,
            comment="local day on which it was asked for",
        ),
        sa.Column("entity_type", sa.String(length=32), nullable=False),
        sa.Column(
            "entity_id",
            sa.String(length=200),
            nullable=False,
            comment="as in the rings: never a clear value",
        ),
        sa.Column("fields", sa.String(length=16), nullable=False, comment="the field group"),
        sa.Column("reason", sa.String(length=32), nullable=False, comment="of the closed list"),
        sa.Column("text", sa.Text(), nullable=False, comment="the reason in words"),
        sa.Column(
            "state",
            sa.String(length=16),
            nullable=False,
            comment="open, waiting, approved or returned",
        ),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=200), nullable=False),
        sa.Column("decided_at", sa.String(length=27), nullable=True),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column(
            "until", sa.String(length=27), nullable=True, comment="the value is not shown after"
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("fk_reveals_case_id")),
        sa.PrimaryKeyConstraint("reveal_id", name=op.f("pk_reveals")),
    )
    op.create_index("ix_reveals_case_id_day", "reveals", ["case_id", "day"], unique=False)
    op.create_table(
        "rewards",
        sa.Column("reward_id", sa.String(length=32), nullable=False),
        sa.Column("tip_id", sa.String(length=32), nullable=False),
        sa.Column("case_value_fen", sa.BigInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column(
            "rule",
            sa.Text(),
            nullable=False,
            comment="JSON: the rule as it was when it was applied",
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "state", sa.String(length=16), nullable=False, comment="open, approved or returned"
        ),
        sa.Column(
            "claim_until",
            sa.String(length=10),
            nullable=True,
            comment="local day, once it is approved",
        ),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("decided_at", sa.String(length=27), nullable=True),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("decided_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["tip_id"], ["tips.tip_id"], name=op.f("fk_rewards_tip_id")),
        sa.PrimaryKeyConstraint("reward_id", name=op.f("pk_rewards")),
    )
    op.create_index(
        "uq_rewards_tip_id_kept",
        "rewards",
        ["tip_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'returned'"),
        postgresql_where=sa.text("state <> 'returned'"),
    )
    op.create_table(
        "sessions",
        sa.Column(
            "token_hash",
            sa.String(length=64),
            nullable=False,
            comment="SHA-256 of the token, which is not kept",
        ),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("means", sa.String(length=16), nullable=False, comment="password or oidc"),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column(
            "seen_at", sa.String(length=27), nullable=False, comment="last use, to the minute"
        ),
        sa.Column(
            "until", sa.String(length=27), nullable=False, comment="ends then whatever its use"
        ),
        sa.Column("ended_at", sa.String(length=27), nullable=True),
        sa.ForeignKeyConstraint(["name"], ["accounts.name"], name=op.f("fk_sessions_name")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_name"), "sessions", ["name"], unique=False)
    op.create_table(
        "tip_entities",
        sa.Column("tip_id", sa.String(length=32), nullable=False),
        sa.Column("entity_type", sa.String(length=32), nullable=False),
        sa.Column(
            "entity_id",
            sa.String(length=200),
            nullable=False,
            comment="as in the rings: never a clear value",
        ),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["tip_id"], ["tips.tip_id"], name=op.f("fk_tip_entities_tip_id")),
        sa.PrimaryKeyConstraint("tip_id", "entity_type", "entity_id", name=op.f("pk_tip_entities")),
    )
    op.create_table(
        "tip_leads",
        sa.Column("tip_id", sa.String(length=32), nullable=False),
        sa.Column("lead_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.lead_id"], name=op.f("fk_tip_leads_lead_id")),
        sa.ForeignKeyConstraint(["tip_id"], ["tips.tip_id"], name=op.f("fk_tip_leads_tip_id")),
        sa.PrimaryKeyConstraint("tip_id", "lead_id", name=op.f("pk_tip_leads")),
    )
    op.create_index(op.f("ix_tip_leads_lead_id"), "tip_leads", ["lead_id"], unique=False)
