"""Tables of papers that went out, plans of checks, agreements, proposals, and control sheets."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from casework.tables import HASH, ID, NAME, TIME, metadata

DAY = String(10)

issued_papers = Table(
    "issued_papers",
    metadata,
    Column("paper_id", ID, primary_key=True),
    Column("kind", String(16), nullable=False, comment="of casework.reports.model.PaperKind"),
    Column("subject", ID, index=True, comment="the lead or case it is about"),
    Column("unit", NAME, nullable=False, index=True),
    Column("number", NAME, nullable=False, comment="as printed on it"),
    Column("day", DAY, nullable=False, comment="as printed on it"),
    Column("language", String(2), nullable=False),
    Column("format", String(8), nullable=False, comment="pdf, docx or zip"),
    Column("recipient", NAME, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("content", HASH, nullable=False, comment="digest of what it says, without number, day"),
    Column("digest", HASH, nullable=False, comment="of the whole paper, as printed on it"),
    Column("sha256", HASH, ForeignKey("contents.sha256"), nullable=False, comment="of the file"),
    Column("size", BigInteger, nullable=False, comment="bytes"),
    Column("at", TIME, nullable=False),
    Column("who", NAME, nullable=False),
    Index("ix_issued_papers_content", "content"),
)

plans = Table(
    "plans",
    metadata,
    Column("plan_id", ID, primary_key=True),
    Column("revision", Integer, nullable=False, comment="from 1, one more with each change"),
    Column("unit", NAME, nullable=False, index=True),
    Column("kind", String(16), nullable=False, comment="of casework.plans.Kind"),
    Column("title", NAME, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("first", DAY, nullable=False, comment="first day"),
    Column("last", DAY, nullable=False, comment="last day"),
    Column("state", String(16), nullable=False, comment="drafted, approved, returned or ended"),
    Column("draw_id", ID, comment="the draw that its places come from"),
    Column("made_at", TIME, nullable=False),
    Column("made_by", NAME, nullable=False),
    Column("decided_at", TIME),
    Column("decided_by", NAME),
    Column("decided_reason", Text),
)

plan_targets = Table(
    "plan_targets",
    metadata,
    Column("plan_id", ID, ForeignKey("plans.plan_id"), primary_key=True),
    Column("place", NAME, primary_key=True, comment="code of the place"),
    Column("origin", String(16), nullable=False, comment="ring, closed, agreement, draw or named"),
    Column("lead_id", ID, comment="the lead it comes from"),
    Column("reason", Text, nullable=False),
    Column("hours", Text, nullable=False, comment="JSON list of the busiest hours of the lead"),
    Column("due", DAY, nullable=False),
    Column("state", String(16), nullable=False, comment="open, answered or checked"),
    Column("answer", Text, comment="what the place answered, or the officers found"),
    Column("returned_yuan", String(24), comment="exact text: what the place said it pays back"),
    Column("changed_at", TIME),
    Column("changed_by", NAME),
)

agreements = Table(
    "agreements",
    metadata,
    Column("place", NAME, primary_key=True, comment="code of the place"),
    Column("revision", Integer, nullable=False, comment="from 1, one more with each change"),
    Column("unit", NAME, nullable=False, index=True),
    Column("state", String(16), nullable=False, comment="active, suspended or ended"),
    Column("since", DAY, nullable=False),
    Column("until", DAY, comment="until then suspended, or the agreement's end"),
    Column("barred_until", DAY, comment="no new agreement before this day"),
    Column("case_id", ID, ForeignKey("cases.case_id"), comment="the case that it rests on"),
    Column("reason", Text, nullable=False),
    Column("changed_at", TIME, nullable=False),
    Column("changed_by", NAME, nullable=False),
)

agreement_history = Table(
    "agreement_history",
    metadata,
    Column("place", NAME, ForeignKey("agreements.place"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False, comment="from 1"),
    Column("unit", NAME, nullable=False),
    Column("state", String(16), nullable=False),
    Column("since", DAY, nullable=False),
    Column("until", DAY),
    Column("barred_until", DAY),
    Column("case_id", ID),
    Column("reason", Text, nullable=False),
    Column("at", TIME, nullable=False),
    Column("who", NAME, nullable=False),
)

proposals = Table(
    "proposals",
    metadata,
    Column("proposal_id", ID, primary_key=True),
    Column("unit", NAME, nullable=False, index=True),
    Column("case_id", ID, ForeignKey("cases.case_id"), index=True, comment="what it rests on, or"),
    Column("plan_id", ID, ForeignKey("plans.plan_id"), comment="the plan that a plus item is for"),
    Column("kind", String(16), nullable=False, comment="points, credit or exit"),
    Column("subject", NAME, nullable=False, comment="code of the place or practitioner"),
    Column("rule", NAME, nullable=False, comment="name of the rule it follows"),
    Column("amount", Integer, nullable=False, comment="points, or plus and minus items"),
    Column("year", Integer, nullable=False, comment="natural year that it counts in"),
    Column("evidence", Text, nullable=False, comment="JSON: (table, key) it rests on"),
    Column("reason", Text, nullable=False),
    Column("state", String(16), nullable=False, comment="open, approved or returned"),
    Column("at", TIME, nullable=False),
    Column("who", NAME, nullable=False),
    Column("decided_at", TIME),
    Column("decided_by", NAME),
    Column("decided_reason", Text),
    Index("ix_proposals_subject_year", "subject", "year"),
)

control_sheets = Table(
    "control_sheets",
    metadata,
    Column("sheet_id", ID, primary_key=True),
    Column("unit", NAME, nullable=False, index=True),
    Column("month", String(7), nullable=False, comment="the month that it is about"),
    Column("import_id", NAME, nullable=False, comment="the import that was looked at"),
    Column("revision", Integer, nullable=False, comment="from 1, one more with each answer"),
    Column("rows", Text, nullable=False, comment="JSON: what the tables say, by check"),
    Column("answers", Text, nullable=False, comment="JSON: what people say, by check"),
    Column("whole", Boolean, nullable=False, comment="whether every check has an answer"),
    Column("at", TIME, nullable=False),
    Column("who", NAME, nullable=False),
)
