"""Runs the steps on the connection that ``casework.ledger`` hands over, in its transaction."""

from alembic import context

from casework.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,  # SQLite alters a table by copying it
)
context.run_migrations()
