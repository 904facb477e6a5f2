"""alembic's way in: it works on the connection that it is given, or writes statements for a dialect."""

from alembic import context

from broker.store.schema import metadata

connection = context.config.attributes.get("connection")
if context.is_offline_mode():
    context.configure(dialect_name=context.config.attributes["dialect"], target_metadata=metadata, literal_binds=True)
else:
    context.configure(connection=connection, target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
