"""Runs the migrations on the connection that the store hands over, within its transaction."""

from alembic import context

from signalbox.cases.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=False)
context.run_migrations()
