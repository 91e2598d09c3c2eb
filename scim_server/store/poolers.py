"""What stands between the server and PostgreSQL, if anything: a pooler, such as pgbouncer.

The URL says so by `pooler`, and what cannot be relied on through it is not used: in transaction mode the next
transaction may run on another connection to PostgreSQL, and this one be somebody else's next. Who forgets to say so is
told with the first connection.
"""

from enum import StrEnum
from typing import Any

from sqlalchemy import URL, make_url

from scim_server.domain.errors import Unfit, Unprivileged
from scim_server.store.walls import ROLE

PARAMETER = "pooler"
PREPARED, TAKES_ROLE = "prepared", "takes_role"
"""What is known of a connection as long as it lasts: the names of its prepared statements, None where there are to be
none, and whether each transaction has to take the role of the application."""
_TAKE_ROLE = "SELECT set_config('role', rolname, %s) FROM pg_roles WHERE rolname = %s"
_PROBE = b"scim_probe"
_IS_KNOWN = b"SELECT FROM pg_prepared_statements WHERE name = 'scim_probe'"
_FORGET = "DEALLOCATE scim_probe"


class Pooler(StrEnum):
    """How connections to PostgreSQL are shared."""

    NONE = "none"
    SESSION = "session"
    """A connection is the server's own until it gives it back."""
    TRANSACTION = "transaction"
    """Each transaction gets any of them: nothing outlives it, and nothing is prepared."""
    PREPARED = "prepared"
    """The same, but the pooler prepares what is missing where it comes to: pgbouncer since 1.22."""

    @property
    def shares(self) -> bool:
        """Whether the next transaction may meet what another client left behind."""
        return self in _SHARED

    def welcome(self, driver: Any, info: dict[str, Any]) -> None:
        """Take the role of the application on a new connection if it keeps it, and say in `info` what is to be known.

        Before the first upgrade of the schema there is no such role, and nothing to protect. Raises Unfit where
        something else than this stands there, Unprivileged where the login may not take the role.
        """
        # Imported here because an installation over SQLite need not have it.
        from psycopg.errors import InsufficientPrivilege

        try:
            self._check(driver)
            is_there = driver.execute(_TAKE_ROLE, (self.shares, ROLE)).rowcount > 0
            driver.commit()
        except InsufficientPrivilege as error:
            login = driver.info.user
            driver.close()
            raise Unprivileged(f'the login {login} may not take the role {ROLE}: GRANT {ROLE} TO "{login}"') from error
        except Unfit:
            driver.close()
            raise
        info[PREPARED] = None if self == Pooler.TRANSACTION else set()
        info[TAKES_ROLE] = self.shares and is_there

    def _check(self, driver: Any) -> None:
        if self == Pooler.NONE and _is_announced_by_another(driver):
            raise Unfit(
                "a pooler stands between this server and PostgreSQL: say which kind in the database's URL, "
                "?pooler=transaction (pgbouncer with pool_mode transaction), ?pooler=prepared (the same since 1.22, "
                "with max_prepared_statements) or ?pooler=session"
            )
        if self == Pooler.PREPARED and _passes_names_on(driver):
            raise Unfit(
                "the pooler keeps no prepared statements (pgbouncer before 1.21, or with max_prepared_statements = 0): "
                "say ?pooler=transaction in the database's URL"
            )


_SHARED = frozenset({Pooler.TRANSACTION, Pooler.PREPARED})


def pooler_of(url: URL) -> tuple[URL, Pooler]:
    """The URL without the parameter, and what it says. Raises ValueError where that is no kind of pooler."""
    return url.difference_update_query([PARAMETER]), Pooler(str(url.query.get(PARAMETER, Pooler.NONE)))


def is_shared(url: str) -> bool:
    """Whether the address is that of a pooler whose connections are shared."""
    return make_url(url).query.get(PARAMETER) in _SHARED


def driver_address(url: str) -> str:
    """The address as the driver takes it, for connections that are not the store's own but reach as far.

    Where connections are shared nobody takes a role for longer than a transaction: there the login's own must do.
    """
    # Imported here because an installation over SQLite need not have it.
    from psycopg.conninfo import make_conninfo

    plain, pooler = pooler_of(make_url(url).set(drivername="postgresql+psycopg"))
    _, arguments = plain.get_dialect()().create_connect_args(plain)
    if not pooler.shares:
        arguments["options"] = f"{arguments.get('options', '')} -c role={ROLE}".strip()
    return make_conninfo(**arguments)


def _is_announced_by_another(driver: Any) -> bool:
    """A pooler answers a new client by itself, and makes the number of the process up."""
    (number,) = driver.execute("SELECT pg_backend_pid()").fetchone()
    return bool(number != driver.info.backend_pid)


def _passes_names_on(driver: Any) -> bool:
    """Whether PostgreSQL knows a statement by the name that we gave it. Who keeps them gives them names of its own."""
    with driver.transaction():
        driver.pgconn.prepare(_PROBE, _IS_KNOWN)
        is_known = driver.pgconn.exec_prepared(_PROBE, []).ntuples > 0
        if is_known:
            driver.execute(_FORGET)
        return bool(is_known)
