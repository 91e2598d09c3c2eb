"""The schema's history (Alembic), and how a database is brought to its end."""

from contextlib import suppress
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from alembic import command
from alembic.config import Config

from scim_server.domain.errors import Contention
from scim_server.domain.instants import instant
from scim_server.store import log_partitions
from scim_server.store.databases import Database
from scim_server.store.revisions import revision_of
from scim_server.store.statistics import assume_sizes
from scim_server.store.trigrams import index_parts
from scim_server.store.walls import OPERATOR, raise_walls


def upgrade(database: Database, revision: str = "head") -> tuple[str | None, str | None]:
    """Bring the database to the newest revision, or to the one named; answers the revisions before and after.

    Safe to run from several processes at once: one migrates, the others wait and find nothing to do.
    """
    config = _config()
    with database.exclusive() as connection:
        before = revision_of(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        after = revision_of(connection)
        if database.is_sqlite:
            assume_sizes(connection)
        else:
            index_parts(connection)
            raise_walls(connection)
        connection.commit()
    _extend_log(database)
    return before, after


def _extend_log(database: Database) -> None:
    """The next days' partitions, for a server that is started by and by; one that runs makes them itself."""
    with suppress(Contention), database.write(OPERATOR, ()) as connection:
        if not database.is_sqlite:
            log_partitions.extend(connection, instant(datetime.now(UTC)), log_partitions.DAY)
            connection.commit()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(str(files(__name__)))))
    return config
