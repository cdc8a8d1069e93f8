"""News of leads for other systems: where it is sent, and each message."""

import sqlalchemy as sa
from alembic import op

revision = "m0006"
down_revision = "m0005"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "news_addresses",
        sa.Column("address_id", sa.String(length=32), nullable=False),
        sa.Column("client_id", sa.String(length=32), nullable=False),
        sa.Column("webhook", sa.Text(), nullable=False, comment="where news is sent"),
        sa.Column(
            "made_at", sa.String(length=27), nullable=False, comment="only what is later is told"
        ),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("removed_at", sa.String(length=27), nullable=True),
        sa.Column("removed_by", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["api_clients.client_id"], name=op.f("fk_news_addresses_client_id")
        ),
        sa.PrimaryKeyConstraint("address_id", name=op.f("pk_news_addresses")),
    )
    op.create_index(
        "uq_news_addresses_client_id_kept",
        "news_addresses",
        ["client_id"],
        unique=True,
        sqlite_where=sa.text("removed_at IS NULL"),
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_table(
        "news_deliveries",
        sa.Column("delivery_id", sa.String(length=32), nullable=False),
        sa.Column("address_id", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False, comment="run or move"),
        sa.Column("lead_id", sa.String(length=32), nullable=False),
        sa.Column(
            "number", sa.Integer(), nullable=False, comment="of the lead's history or its moves"
        ),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column("body", sa.Text(), nullable=False, comment="the JSON that is sent"),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("delivered_at", sa.String(length=27), nullable=True),
        sa.Column(
            "withdrawn_at",
            sa.String(length=27),
            nullable=True,
            comment="the client lost the lead before it was sent",
        ),
        sa.ForeignKeyConstraint(
            ["address_id"],
            ["news_addresses.address_id"],
            name=op.f("fk_news_deliveries_address_id"),
        ),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["leads.lead_id"], name=op.f("fk_news_deliveries_lead_id")
        ),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_news_deliveries")),
    )
    op.create_index(
        "uq_news_deliveries_told",
        "news_deliveries",
        ["address_id", "source", "lead_id", "number"],
        unique=True,
    )
