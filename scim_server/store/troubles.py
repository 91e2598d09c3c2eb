"""What a database says that only its operator can mend, in words that say what to do."""

import errno
import sqlite3

from scim_server.domain.errors import Unusable

FULL = ("its disk is full", "Make room there; nothing else is to be done")
OWNED = "Give the file, and the folder it is in, to the user that the server runs as"

_BY_SQLITE = {
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: ("its file may be read alone", OWNED),
    sqlite3.SQLITE_CANTOPEN: (
        "its file cannot be opened",
        "See that SCIM_DATABASE_URL names a file in a folder that is there, and that the user may read and write both",
    ),
    sqlite3.SQLITE_NOTADB: (
        "what SCIM_DATABASE_URL names is no database of SQLite",
        "Name another file, or restore a backup",
    ),
    sqlite3.SQLITE_CORRUPT: ("its file is damaged", "Stop the server, move the file away and restore a backup"),
}
"""By the primary result code (https://www.sqlite.org/rescode.html), which is the last byte of the extended one."""
_BY_SQLSTATE = {
    "53100": FULL,
    "25006": (
        "it takes no changes: it is a standby, or was set to read alone",
        "Name the primary in SCIM_DATABASE_URL, or let it take changes again",
    ),
}
"""https://www.postgresql.org/docs/current/errcodes-appendix.html"""


def trouble(error: BaseException | None) -> Unusable | None:
    """What an error of a driver says that will be no other the next time; None for all others."""
    found = _BY_SQLSTATE.get(str(getattr(error, "sqlstate", None)))
    if isinstance(error, sqlite3.Error):
        found = _BY_SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    return None if found is None else Unusable(*found)


def lock_trouble(error: OSError) -> Unusable:
    """The same of the file beside a database of SQLite by which its writers wait for each other."""
    if error.errno == errno.ENOSPC:
        return Unusable(*FULL)
    return Unusable(f"the lock file beside it cannot be used ({error.strerror})", OWNED)
