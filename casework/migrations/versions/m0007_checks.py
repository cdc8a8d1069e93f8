"""Tips taken in from an extract, people to be called back, and points of risk."""

import sqlalchemy as sa
from alembic import op

revision = "m0007"
down_revision = "m0006"


def upgrade() -> None:
    """Make the tables."""
    _extract_tips()
    _call_backs()
    _risk_points()
    if op.get_bind().dialect.name == "postgresql":  # SQLite keeps no comments
        op.alter_column("draws", "kind", comment="of casework.draws.Kind")


def _extract_tips() -> None:
    op.create_table(
        "extract_tips",
        sa.Column(
            "source",
            sa.String(length=200),
            nullable=False,
            comment="tip_id of the clean table tips",
        ),
        sa.Column("tip_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["tip_id"], ["tips.tip_id"], name=op.f("fk_extract_tips_tip_id")),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_extract_tips")),
        sa.UniqueConstraint("tip_id", name=op.f("uq_extract_tips_tip_id")),
    )


def _call_backs() -> None:
    op.create_table(
        "call_backs",
        sa.Column("draw_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.draw_id"], name=op.f("fk_call_backs_draw_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("fk_call_backs_case_id")),
        sa.PrimaryKeyConstraint("draw_id", name=op.f("pk_call_backs")),
    )
    op.create_index(op.f("ix_call_backs_case_id"), "call_backs", ["case_id"])
    op.create_table(
        "call_back_people",
        sa.Column("draw_id", sa.String(length=32), nullable=False),
        sa.Column(
            "person",
            sa.String(length=200),
            nullable=False,
            comment="as in the rings: never a clear value",
        ),
        sa.Column("position", sa.Integer(), nullable=False, comment="from 1, in the order drawn"),
        sa.Column(
            "revision", sa.Integer(), nullable=False, comment="from 1, one more with each change"
        ),
        sa.Column(
            "result",
            sa.String(length=16),
            nullable=True,
            comment="not_reached, reached, confirms or denies",
        ),
        sa.Column(
            "words",
            sa.Text(),
            nullable=True,
            comment="what the person said, or how often nobody answered",
        ),
        sa.Column("changed_at", sa.String(length=27), nullable=True),
        sa.Column("changed_by", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["draw_id"], ["call_backs.draw_id"], name=op.f("fk_call_back_people_draw_id")
        ),
        sa.PrimaryKeyConstraint("draw_id", "person", name=op.f("pk_call_back_people")),
    )


def _risk_points() -> None:
    op.create_table(
        "risk_points",
        sa.Column("risk_id", sa.String(length=32), nullable=False),
        sa.Column(
            "revision", sa.Integer(), nullable=False, comment="from 1, one more with each change"
        ),
        sa.Column("unit", sa.String(length=200), nullable=False),
        sa.Column("post", sa.String(length=200), nullable=False),
        sa.Column("process", sa.String(length=200), nullable=False),
        sa.Column("risk", sa.Text(), nullable=False),
        sa.Column(
            "measure", sa.Text(), nullable=False, comment="how it is controlled; empty while open"
        ),
        sa.Column(
            "owner", sa.String(length=200), nullable=False, comment="who answers for the measure"
        ),
        sa.Column("grade", sa.String(length=16), nullable=False, comment="high, middle or low"),
        sa.Column("source", sa.String(length=16), nullable=False, comment="control, lead or hand"),
        sa.Column(
            "source_key",
            sa.String(length=200),
            nullable=True,
            comment="sheet and check, or the lead",
        ),
        sa.Column("state", sa.String(length=16), nullable=False, comment="open or controlled"),
        sa.Column(
            "reviewed_on",
            sa.String(length=10),
            nullable=False,
            comment="local day on which it was last looked at",
        ),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.String(length=27), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("risk_id", name=op.f("pk_risk_points")),
    )
    op.create_index(
        "uq_risk_points_source", "risk_points", ["unit", "source", "source_key"], unique=True
    )
