"""What Alembic runs for every migration: on the connection, and in the transaction, it is given.

Alembic looks for this file by its name.
"""

from __future__ import annotations

from alembic import context

from qcompat.store.transaction import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
