"""Leads, cases with what people decide on them, their deadlines, and draws."""

import sqlalchemy as sa
from alembic import op

revision = "m0003"
down_revision = "m0002"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "assignments",
        sa.Column("subject", sa.String(length=32), nullable=False, comment="a lead or a case"),
        sa.Column("name", sa.String(length=200), nullable=False, comment="the officer"),
        sa.Column(
            "certificate",
            sa.String(length=200),
            nullable=True,
            comment="number of the law-enforcement certificate",
        ),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("assigned_by", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("subject", "name", name=op.f("pk_assignments")),
    )
    op.create_table(
        "cases",
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column(
            "revision", sa.Integer(), nullable=False, comment="from 1, one more with each change"
        ),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.String(length=200), nullable=False),
        sa.Column("insider", sa.Boolean(), nullable=False),
        sa.Column(
            "concerned", sa.Text(), nullable=False, comment="JSON list of units that never see it"
        ),
        sa.Column(
            "state", sa.String(length=16), nullable=False, comment="of casework.workflow.State"
        ),
        sa.Column("grave", sa.Boolean(), nullable=False, comment="needs a group decision"),
        sa.Column(
            "decision", sa.String(length=16), nullable=True, comment="of casework.workflow.Decision"
        ),
        sa.Column(
            "supervised_until",
            sa.String(length=10),
            nullable=True,
            comment="day by which it must end, if supervised",
        ),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.String(length=27), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_cases")),
    )
    op.create_index(op.f("ix_cases_unit"), "cases", ["unit"], unique=False)
    op.create_table(
        "contents",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_contents")),
    )
    op.create_table(
        "drafts",
        sa.Column("draft_id", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False, comment="a lead or a case"),
        sa.Column(
            "revision", sa.Integer(), nullable=False, comment="of the subject when it was drafted"
        ),
        sa.Column("move", sa.String(length=200), nullable=False),
        sa.Column("choice", sa.String(length=200), nullable=True),
        sa.Column("explanation", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.String(length=16),
            nullable=False,
            comment="open, approved, returned or withdrawn",
        ),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("ended_at", sa.String(length=27), nullable=True),
        sa.Column("ended_by", sa.String(length=200), nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("draft_id", name=op.f("pk_drafts")),
    )
    op.create_index(op.f("ix_drafts_subject"), "drafts", ["subject"], unique=False)
    op.create_index(
        "uq_drafts_subject_open",
        "drafts",
        ["subject"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "draws",
        sa.Column("draw_id", sa.String(length=32), nullable=False),
        sa.Column("unit", sa.String(length=200), nullable=False),
        sa.Column(
            "kind", sa.String(length=16), nullable=False, comment="targets, inspectors or experts"
        ),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("pool", sa.Text(), nullable=False, comment="JSON: weight by key"),
        sa.Column("excluded", sa.Text(), nullable=False, comment="JSON: reason by key"),
        sa.Column("wanted", sa.Integer(), nullable=False, comment="how many were to be drawn"),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column(
            "drawn", sa.Text(), nullable=False, comment="JSON list of keys, in the order drawn"
        ),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("draw_id", name=op.f("pk_draws")),
    )
    op.create_index(op.f("ix_draws_unit"), "draws", ["unit"], unique=False)
    op.create_table(
        "leads",
        sa.Column("lead_id", sa.String(length=32), nullable=False),
        sa.Column("ring_id", sa.String(length=200), nullable=False),
        sa.Column(
            "revision", sa.Integer(), nullable=False, comment="from 1, one more with each change"
        ),
        sa.Column("unit", sa.String(length=200), nullable=False, comment="the unit it belongs to"),
        sa.Column(
            "insider", sa.Boolean(), nullable=False, comment="agency staff are in it, or may be"
        ),
        sa.Column(
            "concerned", sa.Text(), nullable=False, comment="JSON list of units that never see it"
        ),
        sa.Column(
            "state",
            sa.String(length=16),
            nullable=False,
            comment="open, checking, judged or in_case",
        ),
        sa.Column(
            "run", sa.String(length=200), nullable=False, comment="the run that held it last"
        ),
        sa.Column(
            "present",
            sa.Boolean(),
            nullable=False,
            comment="whether the newest run taken in has it",
        ),
        sa.Column(
            "facts", sa.Text(), nullable=False, comment="JSON: what that run says of the ring"
        ),
        sa.Column(
            "outcome",
            sa.String(length=16),
            nullable=True,
            comment="confirmed, rejected or look_alike",
        ),
        sa.Column(
            "explanation",
            sa.String(length=200),
            nullable=True,
            comment="the honest explanation of a look-alike",
        ),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.String(length=27), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("lead_id", name=op.f("pk_leads")),
        sa.UniqueConstraint("ring_id", name=op.f("uq_leads_ring_id")),
    )
    op.create_index(op.f("ix_leads_unit"), "leads", ["unit"], unique=False)
    op.create_table(
        "moves",
        sa.Column("subject", sa.String(length=32), nullable=False, comment="a lead or a case"),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False, comment="from 1"),
        sa.Column("move", sa.String(length=200), nullable=False),
        sa.Column("before", sa.String(length=16), nullable=False, comment="state"),
        sa.Column("after", sa.String(length=16), nullable=False, comment="state"),
        sa.Column(
            "choice",
            sa.String(length=200),
            nullable=True,
            comment="decision or outcome, if the move makes one",
        ),
        sa.Column("explanation", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("papers", sa.Text(), nullable=False, comment="JSON: what it rested on"),
        sa.Column("drafted_by", sa.String(length=200), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column(
            "who", sa.String(length=200), nullable=False, comment="who made it, or approved it"
        ),
        sa.Column("role", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("subject", "number", name=op.f("pk_moves")),
    )
    op.create_table(
        "attachments",
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False, comment="from 1"),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "paper", sa.String(length=32), nullable=False, comment="of casework.workflow.Paper"
        ),
        sa.Column(
            "signed_by",
            sa.String(length=200),
            nullable=True,
            comment="who gave the opinion or took the minutes",
        ),
        sa.Column("size", sa.BigInteger(), nullable=False, comment="bytes"),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.case_id"], name=op.f("fk_attachments_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["contents.sha256"], name=op.f("fk_attachments_sha256")
        ),
        sa.PrimaryKeyConstraint("case_id", "number", name=op.f("pk_attachments")),
    )
    op.create_table(
        "case_leads",
        sa.Column("lead_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("fk_case_leads_case_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.lead_id"], name=op.f("fk_case_leads_lead_id")),
        sa.PrimaryKeyConstraint("lead_id", name=op.f("pk_case_leads")),
    )
    op.create_index(op.f("ix_case_leads_case_id"), "case_leads", ["case_id"], unique=False)
    op.create_table(
        "deadlines",
        sa.Column("deadline_id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("limit", sa.String(length=32), nullable=False, comment="name of the time limit"),
        sa.Column(
            "began",
            sa.String(length=10),
            nullable=False,
            comment="local day; the next one is the first",
        ),
        sa.Column(
            "ended", sa.String(length=10), nullable=True, comment="day on which the step was done"
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("fk_deadlines_case_id")),
        sa.PrimaryKeyConstraint("deadline_id", name=op.f("pk_deadlines")),
    )
    op.create_index(op.f("ix_deadlines_case_id"), "deadlines", ["case_id"], unique=False)
    op.create_table(
        "lead_history",
        sa.Column("lead_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False, comment="from 1"),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column(
            "run", sa.String(length=200), nullable=False, comment="the run that was taken in"
        ),
        sa.Column(
            "change",
            sa.String(length=16),
            nullable=False,
            comment="new, changed, dropped or returned",
        ),
        sa.Column("was", sa.Text(), nullable=False, comment="JSON: values before, by name"),
        sa.Column("now", sa.Text(), nullable=False, comment="JSON: values after, by name"),
        sa.Column(
            "outcome",
            sa.String(length=16),
            nullable=True,
            comment="what people had decided on it by then",
        ),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["leads.lead_id"], name=op.f("fk_lead_history_lead_id")
        ),
        sa.PrimaryKeyConstraint("lead_id", "number", name=op.f("pk_lead_history")),
    )
    op.create_table(
        "notes",
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False, comment="from 1"),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("fk_notes_case_id")),
        sa.PrimaryKeyConstraint("case_id", "number", name=op.f("pk_notes")),
    )
    op.create_table(
        "deadline_extensions",
        sa.Column("deadline_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False, comment="from 1"),
        sa.Column("days", sa.Integer(), nullable=False, comment="in the unit of the limit"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["deadline_id"],
            ["deadlines.deadline_id"],
            name=op.f("fk_deadline_extensions_deadline_id"),
        ),
        sa.PrimaryKeyConstraint("deadline_id", "number", name=op.f("pk_deadline_extensions")),
    )
    op.create_table(
        "deadline_pauses",
        sa.Column("deadline_id", sa.String(length=32), nullable=False),
        sa.Column(
            "began", sa.String(length=10), nullable=False, comment="first day that does not count"
        ),
        sa.Column(
            "ended", sa.String(length=10), nullable=True, comment="first day that counts again"
        ),
        sa.Column("cause", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["deadline_id"], ["deadlines.deadline_id"], name=op.f("fk_deadline_pauses_deadline_id")
        ),
        sa.PrimaryKeyConstraint("deadline_id", "began", name=op.f("pk_deadline_pauses")),
    )
