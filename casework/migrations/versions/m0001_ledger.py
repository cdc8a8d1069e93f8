"""The first tables: the audit chain, motif runs with their hits, alerts, and hits beside rings."""

import sqlalchemy as sa
from alembic import op

revision = "m0001"
down_revision = None

# Rows of the audit chain are added, never altered. Whoever owns the file or the database can take
# these guards away: then the chain itself tells (casework.audit).
SQLITE_GUARDS = [
    f"""CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit
    BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END"""
    for verb in ("UPDATE", "DELETE")
]
POSTGRESQL_GUARDS = [
    """CREATE FUNCTION audit_guard() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'audit rows are never changed'; END $$""",
    """CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_guard()""",
]


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=200), nullable=False),
        sa.Column(
            "action",
            sa.String(length=200),
            nullable=False,
            comment="what was done, such as motif.asked",
        ),
        sa.Column(
            "case_id", sa.String(length=200), nullable=True, comment="the case it was done for"
        ),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column(
            "object_class",
            sa.String(length=200),
            nullable=False,
            comment="what it was done to, such as motif",
        ),
        sa.Column("object", sa.String(length=200), nullable=False, comment="key of that object"),
        sa.Column("count", sa.BigInteger(), nullable=True, comment="rows or subjects concerned"),
        sa.Column("details", sa.Text(), nullable=False, comment="JSON"),
        sa.Column(
            "export_hash",
            sa.String(length=64),
            nullable=True,
            comment="SHA-256 of the file that went out",
        ),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_hash")),
        sa.UniqueConstraint("previous_hash", name=op.f("uq_audit_previous_hash")),
    )
    op.create_table(
        "motif_texts",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False, comment="the whole motif file"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_motif_texts")),
    )
    op.create_table(
        "alerts",
        sa.Column("alert_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("motif", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False, comment="JSON"),
        sa.Column("every", sa.String(length=8), nullable=False, comment="hour, day, week or month"),
        sa.Column("row_limit", sa.Integer(), nullable=False),
        sa.Column("timeout_seconds", sa.Double(), nullable=False),
        sa.Column("webhook", sa.Text(), nullable=True, comment="where news is sent"),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("removed_at", sa.String(length=27), nullable=True),
        sa.Column(
            "baseline_at", sa.String(length=27), nullable=True, comment="when the first run ended"
        ),
        sa.Column(
            "last_ran_at",
            sa.String(length=27),
            nullable=True,
            comment="when the newest whole run began",
        ),
        sa.Column(
            "last_error", sa.Text(), nullable=True, comment="why the newest run was not whole"
        ),
        sa.ForeignKeyConstraint(["digest"], ["motif_texts.digest"], name=op.f("fk_alerts_digest")),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_alerts")),
    )
    op.create_index(
        "uq_alerts_name_kept",
        "alerts",
        ["name"],
        unique=True,
        sqlite_where=sa.text("removed_at IS NULL"),
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_table(
        "motif_runs",
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("motif", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False, comment="JSON"),
        sa.Column("row_limit", sa.Integer(), nullable=False),
        sa.Column("timeout_seconds", sa.Double(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False, comment="JSON list of columns"),
        sa.Column("columns", sa.Text(), nullable=False, comment="JSON list"),
        sa.Column(
            "import_digest",
            sa.String(length=64),
            nullable=True,
            comment="of the clean tables in the graph",
        ),
        sa.Column(
            "detection_run",
            sa.String(length=200),
            nullable=True,
            comment="the run whose rings were in the graph",
        ),
        sa.Column(
            "outcome", sa.String(length=16), nullable=False, comment="running, answered, refused, …"
        ),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=True),
        sa.Column("truncated", sa.Boolean(), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column(
            "alert_id",
            sa.String(length=32),
            nullable=True,
            comment="the alert that asked, if one did",
        ),
        sa.ForeignKeyConstraint(
            ["digest"], ["motif_texts.digest"], name=op.f("fk_motif_runs_digest")
        ),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_motif_runs")),
    )
    op.create_index(op.f("ix_motif_runs_alert_id"), "motif_runs", ["alert_id"], unique=False)
    op.create_index(op.f("ix_motif_runs_at"), "motif_runs", ["at"], unique=False)
    op.create_table(
        "alert_deliveries",
        sa.Column("delivery_id", sa.String(length=32), nullable=False),
        sa.Column("alert_id", sa.String(length=32), nullable=False),
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column("body", sa.Text(), nullable=False, comment="the JSON that is sent"),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("delivered_at", sa.String(length=27), nullable=True),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alerts.alert_id"], name=op.f("fk_alert_deliveries_alert_id")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["motif_runs.run_id"], name=op.f("fk_alert_deliveries_run_id")
        ),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_alert_deliveries")),
    )
    op.create_index(
        op.f("ix_alert_deliveries_alert_id"), "alert_deliveries", ["alert_id"], unique=False
    )
    op.create_table(
        "motif_hits",
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False, comment="from 1"),
        sa.Column("identity_hash", sa.String(length=64), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False, comment="JSON by column"),
        sa.Column("row", sa.Text(), nullable=False, comment="JSON by column"),
        sa.ForeignKeyConstraint(
            ["run_id"], ["motif_runs.run_id"], name=op.f("fk_motif_hits_run_id")
        ),
        sa.PrimaryKeyConstraint("run_id", "position", name=op.f("pk_motif_hits")),
    )
    op.create_index("ix_motif_hits_identity_hash", "motif_hits", ["identity_hash"], unique=False)
    op.create_table(
        "alert_seen",
        sa.Column("alert_id", sa.String(length=32), nullable=False),
        sa.Column("identity_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "run_id", sa.String(length=32), nullable=False, comment="the run that met it first"
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "baseline",
            sa.Boolean(),
            nullable=False,
            comment="met by the alert's first run: no news",
        ),
        sa.Column(
            "told_at",
            sa.String(length=27),
            nullable=True,
            comment="when it was first printed; none for news that nobody saw",
        ),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alerts.alert_id"], name=op.f("fk_alert_seen_alert_id")
        ),
        sa.ForeignKeyConstraint(
            ["run_id", "position"],
            ["motif_hits.run_id", "motif_hits.position"],
            name=op.f("fk_alert_seen_run_id_position"),
        ),
        sa.PrimaryKeyConstraint("alert_id", "identity_hash", name=op.f("pk_alert_seen")),
    )
    op.create_table(
        "ring_hits",
        sa.Column("ring_id", sa.String(length=200), nullable=False),
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id", "position"],
            ["motif_hits.run_id", "motif_hits.position"],
            name=op.f("fk_ring_hits_run_id_position"),
        ),
        sa.PrimaryKeyConstraint("ring_id", "run_id", "position", name=op.f("pk_ring_hits")),
    )

    postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in POSTGRESQL_GUARDS if postgresql else SQLITE_GUARDS:
        op.execute(statement)
