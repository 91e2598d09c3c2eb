"""What can go wrong below the command line, in one sentence each."""

import errno

from sqlalchemy.exc import DBAPIError

from scim_server.config import BadSettings
from scim_server.domain.errors import Refusal, Unavailable, Unfit, Unprivileged, Unusable, WrongKey
from scim_server.protocol.folders import BadSchemas
from scim_server.protocol.redactions import without_secrets
from scim_server.store.databases import BadDatabaseUrl

DRIVERS = frozenset({"psycopg", "psycopg_c", "psycopg_binary"})


class Refused(Exception):
    """A command cannot do its work; the message is a sentence that says what to do."""


OWN = (Refused, BadSettings, Refusal)
"""These are sentences already."""


def failure(error: Exception) -> str:
    """The sentence for an error, whatever it is: no traceback, and no secret that a library tells of."""
    if isinstance(error, OWN):
        return str(error)
    return without_secrets(_foreign(error))


def _foreign(error: Exception) -> str:
    for kind, sentence in _SENTENCES:
        if isinstance(error, kind):
            return sentence(error)
    return f"This should not have happened, please report it: {type(error).__name__}: {_first_line(error)}"


def _of_driver(error: Exception) -> str:
    name = getattr(error, "name", None)
    if name in DRIVERS:
        return "PostgreSQL needs its driver: install it with `pip install 'scim-server[postgres]'`."
    return f"The installation is not complete: there is no module '{name}'."


def _of_file(error: Exception) -> str:
    if getattr(error, "errno", None) == errno.ENOSPC:
        return "Nothing was written, as the disk is full: make room there, or name a file on another one."
    reason, file = getattr(error, "strerror", None), getattr(error, "filename", None)
    return f"{reason or error}: {file}." if file else f"{reason or error}."


def _first_line(error: object) -> str:
    return (str(error).splitlines() or [""])[0]


_SENTENCES = (
    ((BadSchemas,), lambda error: f"The schemas in SCIM_SCHEMAS_DIR cannot be served: {error}"),
    ((BadDatabaseUrl,), lambda error: f"SCIM_DATABASE_URL cannot be used: {error}."),
    (
        (WrongKey,),
        lambda error: (
            f"Nothing was changed, as {error}. Set SCIM_SECRET_KEY to the key it was sealed with; several keys "
            "stand in it with commas between."
        ),
    ),
    (
        (Unprivileged,),
        lambda error: f"Nothing was changed, as {error}. An administrator of the database can run that.",
    ),
    ((Unfit,), lambda error: f"Nothing was changed, as {error}."),
    ((Unusable,), lambda error: f"Nothing was changed, as {error}. {error.cure}."),
    (
        (Unavailable,),
        lambda error: f"Nothing was changed, as {error}: check SCIM_DATABASE_URL and that the database is running.",
    ),
    ((DBAPIError,), lambda error: f"The database cannot be used: {_first_line(error.orig)}."),
    ((ModuleNotFoundError,), _of_driver),
    ((OSError,), _of_file),
)
