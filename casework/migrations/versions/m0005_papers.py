"""Papers that went out, plans of checks, agreements, proposals, control sheets."""

import sqlalchemy as sa
from alembic import op

revision = "m0005"
down_revision = "m0004"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "control_sheets",
        sa.Column("sheet_id", sa.String(length=32), nullable=False),
        sa.Column("unit", sa.String(length=200), nullable=False),
        sa.Column(
            "month", sa.String(length=7), nullable=False, comment="the month that it is about"
        ),
        sa.Column(
            "import_id",
            sa.String(length=200),
            nullable=False,
            comment="the import that was looked at",
        ),
        sa.Column(
            "revision", sa.Integer(), nullable=False, comment="from 1, one more with each answer"
        ),
        sa.Column("rows", sa.Text(), nullable=False, comment="JSON: what the tables say, by check"),
        sa.Column("answers", sa.Text(), nullable=False, comment="JSON: what people say, by check"),
        sa.Column(
            "whole", sa.Boolean(), nullable=False, comment="whether every check has an answer"
        ),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("sheet_id", name=op.f("pk_control_sheets")),
    )
    op.create_index(op.f("ix_control_sheets_unit"), "control_sheets", ["unit"], unique=False)
    op.create_table(
        "plans",
        sa.Column("plan_id", sa.String(length=32), nullable=False),
        sa.Column(
            "revision", sa.Integer(), nullable=False, comment="from 1, one more with each change"
        ),
        sa.Column("unit", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="of casework.plans.Kind"),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("first", sa.String(length=10), nullable=False, comment="first day"),
        sa.Column("last", sa.String(length=10), nullable=False, comment="last day"),
        sa.Column(
            "state",
            sa.String(length=16),
            nullable=False,
            comment="drafted, approved, returned or ended",
        ),
        sa.Column(
            "draw_id",
            sa.String(length=32),
            nullable=True,
            comment="the draw that its places come from",
        ),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("decided_at", sa.String(length=27), nullable=True),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("decided_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("pk_plans")),
    )
    op.create_index(op.f("ix_plans_unit"), "plans", ["unit"], unique=False)
    op.create_table(
        "agreements",
        sa.Column("place", sa.String(length=200), nullable=False, comment="code of the place"),
        sa.Column(
            "revision", sa.Integer(), nullable=False, comment="from 1, one more with each change"
        ),
        sa.Column("unit", sa.String(length=200), nullable=False),
        sa.Column(
            "state", sa.String(length=16), nullable=False, comment="active, suspended or ended"
        ),
        sa.Column("since", sa.String(length=10), nullable=False),
        sa.Column(
            "until",
            sa.String(length=10),
            nullable=True,
            comment="until then suspended, or the agreement's end",
        ),
        sa.Column(
            "barred_until",
            sa.String(length=10),
            nullable=True,
            comment="no new agreement before this day",
        ),
        sa.Column(
            "case_id", sa.String(length=32), nullable=True, comment="the case that it rests on"
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.String(length=27), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("fk_agreements_case_id")),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_agreements")),
    )
    op.create_index(op.f("ix_agreements_unit"), "agreements", ["unit"], unique=False)
    op.create_table(
        "issued_papers",
        sa.Column("paper_id", sa.String(length=32), nullable=False),
        sa.Column(
            "kind",
            sa.String(length=16),
            nullable=False,
            comment="of casework.reports.model.PaperKind",
        ),
        sa.Column(
            "subject", sa.String(length=32), nullable=True, comment="the lead or case it is about"
        ),
        sa.Column("unit", sa.String(length=200), nullable=False),
        sa.Column("number", sa.String(length=200), nullable=False, comment="as printed on it"),
        sa.Column("day", sa.String(length=10), nullable=False, comment="as printed on it"),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("format", sa.String(length=8), nullable=False, comment="pdf, docx or zip"),
        sa.Column("recipient", sa.String(length=200), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column(
            "content",
            sa.String(length=64),
            nullable=False,
            comment="digest of what it says, without number, day",
        ),
        sa.Column(
            "digest",
            sa.String(length=64),
            nullable=False,
            comment="of the whole paper, as printed on it",
        ),
        sa.Column("sha256", sa.String(length=64), nullable=False, comment="of the file"),
        sa.Column("size", sa.BigInteger(), nullable=False, comment="bytes"),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["sha256"], ["contents.sha256"], name=op.f("fk_issued_papers_sha256")
        ),
        sa.PrimaryKeyConstraint("paper_id", name=op.f("pk_issued_papers")),
    )
    op.create_index("ix_issued_papers_content", "issued_papers", ["content"], unique=False)
    op.create_index(op.f("ix_issued_papers_subject"), "issued_papers", ["subject"], unique=False)
    op.create_index(op.f("ix_issued_papers_unit"), "issued_papers", ["unit"], unique=False)
    op.create_table(
        "plan_targets",
        sa.Column("plan_id", sa.String(length=32), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False, comment="code of the place"),
        sa.Column(
            "origin",
            sa.String(length=16),
            nullable=False,
            comment="ring, closed, agreement, draw or named",
        ),
        sa.Column("lead_id", sa.String(length=32), nullable=True, comment="the lead it comes from"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "hours", sa.Text(), nullable=False, comment="JSON list of the busiest hours of the lead"
        ),
        sa.Column("due", sa.String(length=10), nullable=False),
        sa.Column(
            "state", sa.String(length=16), nullable=False, comment="open, answered or checked"
        ),
        sa.Column(
            "answer",
            sa.Text(),
            nullable=True,
            comment="what the place answered, or the officers found",
        ),
        sa.Column(
            "returned_yuan",
            sa.String(length=24),
            nullable=True,
            comment="exact text: what the place said it pays back",
        ),
        sa.Column("changed_at", sa.String(length=27), nullable=True),
        sa.Column("changed_by", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plans.plan_id"], name=op.f("fk_plan_targets_plan_id")
        ),
        sa.PrimaryKeyConstraint("plan_id", "place", name=op.f("pk_plan_targets")),
    )
    op.create_table(
        "proposals",
        sa.Column("proposal_id", sa.String(length=32), nullable=False),
        sa.Column("unit", sa.String(length=200), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=True, comment="what it rests on, or"),
        sa.Column(
            "plan_id",
            sa.String(length=32),
            nullable=True,
            comment="the plan that a plus item is for",
        ),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="points, credit or exit"),
        sa.Column(
            "subject",
            sa.String(length=200),
            nullable=False,
            comment="code of the place or practitioner",
        ),
        sa.Column(
            "rule", sa.String(length=200), nullable=False, comment="name of the rule it follows"
        ),
        sa.Column(
            "amount", sa.Integer(), nullable=False, comment="points, or plus and minus items"
        ),
        sa.Column("year", sa.Integer(), nullable=False, comment="natural year that it counts in"),
        sa.Column("evidence", sa.Text(), nullable=False, comment="JSON: (table, key) it rests on"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "state", sa.String(length=16), nullable=False, comment="open, approved or returned"
        ),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("decided_at", sa.String(length=27), nullable=True),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("decided_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("fk_proposals_case_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.plan_id"], name=op.f("fk_proposals_plan_id")),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_proposals")),
    )
    op.create_index(op.f("ix_proposals_case_id"), "proposals", ["case_id"], unique=False)
    op.create_index("ix_proposals_subject_year", "proposals", ["subject", "year"], unique=False)
    op.create_index(op.f("ix_proposals_unit"), "proposals", ["unit"], unique=False)
    op.create_table(
        "agreement_history",
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False, comment="from 1"),
        sa.Column("unit", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("since", sa.String(length=10), nullable=False),
        sa.Column("until", sa.String(length=10), nullable=True),
        sa.Column("barred_until", sa.String(length=10), nullable=True),
        sa.Column("case_id", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["place"], ["agreements.place"], name=op.f("fk_agreement_history_place")
        ),
        sa.PrimaryKeyConstraint("place", "number", name=op.f("pk_agreement_history")),
    )
