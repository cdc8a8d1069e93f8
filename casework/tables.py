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
    MetaData,
    String,
    Table,
    Text,
    text,
)

REVISION = "m0002"
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
