"""Every table of the ledger, declared once.

A change here needs two more things: one new file in ``migrations/versions/`` that makes it, and its
name as :data:`REVISION`. A test compares what the migrations build with what is declared here.
Times are text, UTC, as :func:`casework.canonical.stamp` writes them; JSON is the text of
:func:`casework.canonical.canonical`; both so that SQLite and PostgreSQL hold the same bytes.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

REVISION = "m0007"
"""The newest migration: the state of the tables that this code works with."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

TIME = String(27)
HASH = String(64)
NAME = String(200)
ID = String(32)

audit = Table(
    "audit",
    metadata,
    # Counted by us, not by the database: a number that a broken transaction took would be a gap.
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", TIME, nullable=False),
    Column("who", NAME, nullable=False),
    Column("role", NAME, nullable=False),
    Column("action", NAME, nullable=False, comment="what was done, such as motif.asked"),
    Column("case_id", NAME, comment="the case it was done for"),
    Column("purpose", Text),
    Column("object_class", NAME, nullable=False, comment="what it was done to, such as motif"),
    Column("object", NAME, nullable=False, comment="key of that object"),
    Column("count", BigInteger, comment="rows or subjects concerned"),
    Column("details", Text, nullable=False, comment="JSON"),
    Column("export_hash", HASH, comment="SHA-256 of the file that went out"),
    Column("previous_hash", HASH, nullable=False, unique=True),
    Column("hash", HASH, nullable=False, unique=True),
)

motif_texts = Table(
    "motif_texts",
    metadata,
    Column("digest", HASH, primary_key=True),
    Column("text", Text, nullable=False, comment="the whole motif file"),
)

motif_runs = Table(
    "motif_runs",
    metadata,
    Column("run_id", ID, primary_key=True),
    Column("at", TIME, nullable=False, index=True),
    Column("who", NAME, nullable=False),
    Column("motif", NAME, nullable=False),
    Column("digest", HASH, ForeignKey("motif_texts.digest"), nullable=False),
    Column("parameters", Text, nullable=False, comment="JSON"),
    Column("row_limit", Integer, nullable=False),
    Column("timeout_seconds", Double, nullable=False),
    Column("identity", Text, nullable=False, comment="JSON list of columns"),
    Column("columns", Text, nullable=False, comment="JSON list"),
    Column("import_digest", HASH, comment="of the clean tables in the graph"),
    Column("detection_run", NAME, comment="the run whose rings were in the graph"),
    Column("outcome", String(16), nullable=False, comment="running, answered, refused, …"),
    Column("error", Text),
    Column("rows", Integer),
    Column("truncated", Boolean),
    Column("seconds", Double),
    Column("alert_id", ID, index=True, comment="the alert that asked, if one did"),
)

motif_hits = Table(
    "motif_hits",
    metadata,
    Column("run_id", ID, ForeignKey("motif_runs.run_id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False, comment="from 1"),
    Column("identity_hash", HASH, nullable=False),
    Column("identity", Text, nullable=False, comment="JSON by column"),
    Column("row", Text, nullable=False, comment="JSON by column"),
    Index("ix_motif_hits_identity_hash", "identity_hash"),
)

ring_hits = Table(
    "ring_hits",
    metadata,
    Column("ring_id", NAME, primary_key=True),
    Column("run_id", ID, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("at", TIME, nullable=False),
    Column("who", NAME, nullable=False),
    ForeignKeyConstraint(["run_id", "position"], ["motif_hits.run_id", "motif_hits.position"]),
)

alerts = Table(
    "alerts",
    metadata,
    Column("alert_id", ID, primary_key=True),
    Column("name", NAME, nullable=False),
    Column("motif", NAME, nullable=False),
    Column("digest", HASH, ForeignKey("motif_texts.digest"), nullable=False),
    Column("parameters", Text, nullable=False, comment="JSON"),
    Column("every", String(8), nullable=False, comment="hour, day, week or month"),
    Column("row_limit", Integer, nullable=False),
    Column("timeout_seconds", Double, nullable=False),
    Column("webhook", Text, comment="where news is sent"),
    Column("made_at", TIME, nullable=False),
    Column("made_by", NAME, nullable=False),
    Column("removed_at", TIME),
    Column("baseline_at", TIME, comment="when the first run ended"),
    Column("last_ran_at", TIME, comment="when the newest whole run began"),
    Column("last_error", Text, comment="why the newest run was not whole"),
    # A name may be used again once its alert is removed.
    Index(
        "uq_alerts_name_kept",
        "name",
        unique=True,
        sqlite_where=text("removed_at IS NULL"),
        postgresql_where=text("removed_at IS NULL"),
    ),
)

alert_seen = Table(
    "alert_seen",
    metadata,
    Column("alert_id", ID, ForeignKey("alerts.alert_id"), primary_key=True),
    Column("identity_hash", HASH, primary_key=True),
    Column("run_id", ID, nullable=False, comment="the run that met it first"),
    Column("position", Integer, nullable=False),
    Column("baseline", Boolean, nullable=False, comment="met by the alert's first run: no news"),
    Column("told_at", TIME, comment="when it was first printed; none for news that nobody saw"),
    ForeignKeyConstraint(["run_id", "position"], ["motif_hits.run_id", "motif_hits.position"]),
)

alert_deliveries = Table(
    "alert_deliveries",
    metadata,
    Column("delivery_id", ID, primary_key=True),
    Column("alert_id", ID, ForeignKey("alerts.alert_id"), nullable=False, index=True),
    Column("run_id", ID, ForeignKey("motif_runs.run_id"), nullable=False),
    Column("made_at", TIME, nullable=False),
    Column("body", Text, nullable=False, comment="the JSON that is sent"),
    Column("tries", Integer, nullable=False),
    Column("last_error", Text),
    Column("delivered_at", TIME),
)

views = Table(
    "views",
    metadata,
    Column("view_id", ID, primary_key=True),
    Column("revision", Integer, nullable=False, comment="from 1, one more with each save"),
    Column("title", NAME, nullable=False),
    Column("case_id", NAME, index=True, comment="the case it belongs to"),
    Column("about", NAME, comment="the ring it was opened from"),
    Column("document", Text, nullable=False, comment="JSON: what is on the canvas, with its past"),
    Column("made_at", TIME, nullable=False),
    Column("made_by", NAME, nullable=False),
    Column("saved_at", TIME, nullable=False, index=True),
    Column("saved_by", NAME, nullable=False),
)

leads = Table(
    "leads",
    metadata,
    Column("lead_id", ID, primary_key=True),
    Column("ring_id", NAME, nullable=False, unique=True),
    Column("revision", Integer, nullable=False, comment="from 1, one more with each change"),
    Column("unit", NAME, nullable=False, comment="the unit it belongs to", index=True),
    Column("insider", Boolean, nullable=False, comment="agency staff are in it, or may be"),
    Column("concerned", Text, nullable=False, comment="JSON list of units that never see it"),
    Column("state", String(16), nullable=False, comment="open, checking, judged or in_case"),
    Column("run", NAME, nullable=False, comment="the run that held it last"),
    Column("present", Boolean, nullable=False, comment="whether the newest run taken in has it"),
    Column("facts", Text, nullable=False, comment="JSON: what that run says of the ring"),
    Column("outcome", String(16), comment="confirmed, rejected or look_alike"),
    Column("explanation", NAME, comment="the honest explanation of a look-alike"),
    Column("made_at", TIME, nullable=False),
    Column("made_by", NAME, nullable=False),
    Column("changed_at", TIME, nullable=False),
    Column("changed_by", NAME, nullable=False),
)

lead_history = Table(
    "lead_history",
    metadata,
    Column("lead_id", ID, ForeignKey("leads.lead_id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False, comment="from 1"),
    Column("at", TIME, nullable=False),
    Column("run", NAME, nullable=False, comment="the run that was taken in"),
    Column("change", String(16), nullable=False, comment="new, changed, dropped or returned"),
    Column("was", Text, nullable=False, comment="JSON: values before, by name"),
    Column("now", Text, nullable=False, comment="JSON: values after, by name"),
    Column("outcome", String(16), comment="what people had decided on it by then"),
)

cases = Table(
    "cases",
    metadata,
    Column("case_id", ID, primary_key=True),
    Column("revision", Integer, nullable=False, comment="from 1, one more with each change"),
    Column("title", NAME, nullable=False),
    Column("unit", NAME, nullable=False, index=True),
    Column("insider", Boolean, nullable=False),
    Column("concerned", Text, nullable=False, comment="JSON list of units that never see it"),
    Column("state", String(16), nullable=False, comment="of casework.workflow.State"),
    Column("grave", Boolean, nullable=False, comment="needs a group decision"),
    Column("decision", String(16), comment="of casework.workflow.Decision"),
    Column("supervised_until", String(10), comment="day by which it must end, if supervised"),
    Column("made_at", TIME, nullable=False),
    Column("made_by", NAME, nullable=False),
    Column("changed_at", TIME, nullable=False),
    Column("changed_by", NAME, nullable=False),
)

case_leads = Table(
    "case_leads",
    metadata,
    Column("lead_id", ID, ForeignKey("leads.lead_id"), primary_key=True),
    Column("case_id", ID, ForeignKey("cases.case_id"), nullable=False, index=True),
)

assignments = Table(
    "assignments",
    metadata,
    Column("subject", ID, primary_key=True, comment="a lead or a case"),
    Column("name", NAME, primary_key=True, comment="the officer"),
    Column("certificate", NAME, comment="number of the law-enforcement certificate"),
    Column("at", TIME, nullable=False),
    Column("assigned_by", NAME, nullable=False),
)

moves = Table(
    "moves",
    metadata,
    Column("subject", ID, primary_key=True, comment="a lead or a case"),
    Column("number", Integer, primary_key=True, autoincrement=False, comment="from 1"),
    Column("move", NAME, nullable=False),
    Column("before", String(16), nullable=False, comment="state"),
    Column("after", String(16), nullable=False, comment="state"),
    Column("choice", NAME, comment="decision or outcome, if the move makes one"),
    Column("explanation", NAME),
    Column("reason", Text, nullable=False),
    Column("papers", Text, nullable=False, comment="JSON: what it rested on"),
    Column("drafted_by", NAME, nullable=False),
    Column("at", TIME, nullable=False),
    Column("who", NAME, nullable=False, comment="who made it, or approved it"),
    Column("role", NAME, nullable=False),
)

drafts = Table(
    "drafts",
    metadata,
    Column("draft_id", ID, primary_key=True),
    Column("subject", ID, nullable=False, index=True, comment="a lead or a case"),
    Column("revision", Integer, nullable=False, comment="of the subject when it was drafted"),
    Column("move", NAME, nullable=False),
    Column("choice", NAME),
    Column("explanation", NAME),
    Column("reason", Text, nullable=False),
    Column("state", String(16), nullable=False, comment="open, approved, returned or withdrawn"),
    Column("at", TIME, nullable=False),
    Column("who", NAME, nullable=False),
    Column("ended_at", TIME),
    Column("ended_by", NAME),
    Column("ended_reason", Text),
    Index(
        "uq_drafts_subject_open",
        "subject",
        unique=True,
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)

notes = Table(
    "notes",
    metadata,
    Column("case_id", ID, ForeignKey("cases.case_id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False, comment="from 1"),
    Column("at", TIME, nullable=False),
    Column("who", NAME, nullable=False),
    Column("text", Text, nullable=False),
)

contents = Table(
    "contents",
    metadata,
    Column("sha256", HASH, primary_key=True),
    Column("bytes", LargeBinary, nullable=False),
)

attachments = Table(
    "attachments",
    metadata,
    Column("case_id", ID, ForeignKey("cases.case_id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False, comment="from 1"),
    Column("sha256", HASH, ForeignKey("contents.sha256"), nullable=False),
    Column("name", NAME, nullable=False),
    Column("paper", String(32), nullable=False, comment="of casework.workflow.Paper"),
    Column("signed_by", NAME, comment="who gave the opinion or took the minutes"),
    Column("size", BigInteger, nullable=False, comment="bytes"),
    Column("at", TIME, nullable=False),
    Column("who", NAME, nullable=False),
)

deadlines = Table(
    "deadlines",
    metadata,
    Column("deadline_id", ID, primary_key=True),
    Column("case_id", ID, ForeignKey("cases.case_id"), nullable=False, index=True),
    Column("limit", String(32), nullable=False, comment="name of the time limit"),
    Column("began", String(10), nullable=False, comment="local day; the next one is the first"),
    Column("ended", String(10), comment="day on which the step was done"),
)

deadline_pauses = Table(
    "deadline_pauses",
    metadata,
    Column("deadline_id", ID, ForeignKey("deadlines.deadline_id"), primary_key=True),
    Column("began", String(10), primary_key=True, comment="first day that does not count"),
    Column("ended", String(10), comment="first day that counts again"),
    Column("cause", String(32), nullable=False),
    Column("reason", Text, nullable=False),
    Column("who", NAME, nullable=False),
)

deadline_extensions = Table(
    "deadline_extensions",
    metadata,
    Column("deadline_id", ID, ForeignKey("deadlines.deadline_id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False, comment="from 1"),
    Column("days", Integer, nullable=False, comment="in the unit of the limit"),
    Column("reason", Text, nullable=False),
    Column("at", TIME, nullable=False),
    Column("who", NAME, nullable=False),
)

draws = Table(
    "draws",
    metadata,
    Column("draw_id", ID, primary_key=True),
    Column("unit", NAME, nullable=False, index=True),
    Column("kind", String(16), nullable=False, comment="of casework.draws.Kind"),
    Column("purpose", Text, nullable=False),
    Column("pool", Text, nullable=False, comment="JSON: weight by key"),
    Column("excluded", Text, nullable=False, comment="JSON: reason by key"),
    Column("wanted", Integer, nullable=False, comment="how many were to be drawn"),
    Column("seed", HASH, nullable=False),
    Column("drawn", Text, nullable=False, comment="JSON list of keys, in the order drawn"),
    Column("at", TIME, nullable=False),
    Column("who", NAME, nullable=False),
)
