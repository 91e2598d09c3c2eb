"""Secrets that the installation makes for itself, shared by every process over its database."""

from secrets import token_urlsafe

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from scim_server.store.databases import Database
from scim_server.store.seals import SECRET
from scim_server.store.tables import installation_secrets
from scim_server.store.walls import OPERATOR

CURSORS = "cursors"
AUDIT = "audit"
SESSIONS = "sessions"
NONCES = "nonces"
_BYTES = 48


def installation_secret(database: Database, name: str) -> str:
    """The secret of that name, made on the first call of any process. Raises WrongKey."""
    return database.vault.open(_stored(database, name), SECRET.place(name))


def _stored(database: Database, name: str) -> str:
    with database.read(OPERATOR) as connection:
        found = _read(connection, name)
    if found is not None:
        return found
    with database.write(OPERATOR) as connection:
        try:
            sealed = database.vault.seal(token_urlsafe(_BYTES), SECRET.place(name))
            connection.execute(insert(installation_secrets).values(name=name, secret=sealed))
            connection.commit()
        except IntegrityError:
            connection.rollback()  # Another process was first, and its secret is everybody's.
        found = _read(connection, name)
    assert found is not None
    return found


def _read(connection: Connection, name: str) -> str | None:
    statement = select(installation_secrets.c.secret).where(installation_secrets.c.name == name)
    secret: str | None = connection.execute(statement).scalar()
    return secret
