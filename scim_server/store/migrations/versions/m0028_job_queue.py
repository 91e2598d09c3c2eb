"""The queue that chores are taken from on PostgreSQL, as Procrastinate makes it."""

from alembic import op
from sqlalchemy import text

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create its tables, types, functions and triggers, all of them named `procrastinate_...`."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        from procrastinate.schema import SchemaManager

        connection.execute(text("SELECT 1"))
        connection.connection.cursor().execute(SchemaManager.get_schema())
