"""Saved views of the network explorer."""

import sqlalchemy as sa
from alembic import op

revision = "m0002"
down_revision = "m0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "views",
        sa.Column("view_id", sa.String(length=32), nullable=False),
        sa.Column(
            "revision",
            sa.Integer(),
            nullable=False,
            comment="from 1, one more with each save",
        ),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column(
            "case_id", sa.String(length=200), nullable=True, comment="the case it belongs to"
        ),
        sa.Column(
            "about", sa.String(length=200), nullable=True, comment="the ring it was opened from"
        ),
        sa.Column(
            "document",
            sa.Text(),
            nullable=False,
            comment="JSON: what is on the canvas, with its past",
        ),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("saved_at", sa.String(length=27), nullable=False),
        sa.Column("saved_by", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("view_id", name=op.f("pk_views")),
    )
    op.create_index(op.f("ix_views_case_id"), "views", ["case_id"])
    op.create_index(op.f("ix_views_saved_at"), "views", ["saved_at"])
