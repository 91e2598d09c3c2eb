"""Alembic's entry: migrations run over the connection that `upgrade` holds, in its transaction."""

from alembic import context

from scim_server.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=False,
)
context.run_migrations()
