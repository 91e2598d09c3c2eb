"""Databases: reachable, migrated, with the right time, and durable; PostgreSQL with its walls up."""

import time
from collections.abc import Iterator

from scim_server.app.capacities import pool_size, workers
from scim_server.app.examinations.findings import Finding, bad, good, warning
from scim_server.config import Settings
from scim_server.domain.cells import HOME
from scim_server.domain.errors import Unavailable, Unusable, WrongKey
from scim_server.services.findings import Verdict
from scim_server.store import seals, vitals, walls
from scim_server.store.cells import Cells
from scim_server.store.databases import Database
from scim_server.store.revisions import newest, revision_of
from scim_server.store.secrets import AUDIT, installation_secret
from scim_server.store.vitals import Login, Server
from scim_server.store.walls import OPERATOR

APART, FAR_APART = 1.0, 30.0
"""Seconds between two clocks that are worth a word, and that break tokens, which are good for a minute more or less."""
BEHIND = 60
"""Seconds after which a replica answers nothing."""
OLDEST = 150_000
"""PostgreSQL 15, as its server_version_num has it."""
WRAPS = 1_500_000_000
"""Transactions since the oldest row was frozen: at two milliards PostgreSQL refuses to write."""


def examine_database(name: str, database: Database, settings: Settings) -> Iterator[Finding]:
    """One cell's; where it cannot be reached that is all there is to say."""
    which = "The database" if name == HOME else f"The database of cell {name}"
    try:
        found = _revision(which, database)
        yield found
        if found.verdict is Verdict.BAD:
            return
        if database.is_sqlite:
            yield from _sqlite(database)
        else:
            yield from _clock(which, vitals.clock(database, time.time))
            server = vitals.server(database)
            yield from _durability(which, server)
            yield from _connections(which, server, settings)
            yield from _walls(which, database)
        yield from _seals(which, database)
    except Unusable as error:
        yield bad("database_unusable", f"{which} cannot be used: {error.fault}.", f"{error.cure}.")
    except Unavailable as error:
        yield bad("database_unreachable", f"{which} cannot be used: {error}.", "See that it runs and can be reached.")


def examine_replicas(cells: Cells) -> Iterator[Finding]:
    """Every replica of every cell."""
    for state in cells.replica_states():
        which = f"The replica {state.database}"
        if not state.reachable:
            yield warning(
                "replica_unreachable",
                f"{which} cannot be reached: the primary answers its lists.",
                "See that it runs, or take it out of SCIM_REPLICA_URLS.",
            )
        elif (state.seconds or 0) > BEHIND:
            yield warning(
                "replica_behind",
                f"{which} is {state.seconds} seconds behind and answers nothing meanwhile.",
                "See what holds up its replay: pg_stat_replication at the primary, long reads at the replica.",
            )
        else:
            yield good("replica", f"{which} is up to date.")
    for database in cells.databases.values():
        for replica in database.replicas.all if database.replicas else ():
            try:
                yield from _clock(f"The replica {replica.where}", vitals.clock(replica.database, time.time))
            except Unavailable:
                continue


def _revision(which: str, database: Database) -> Finding:
    """Bad where there is no schema that can be looked into."""
    with database.read(OPERATOR) as connection:
        found = revision_of(connection)
    if found == newest():
        return good("migrations", f"{which} is at the newest revision, {found}.")
    if found is not None and found > newest():
        return bad(
            "migrations_ahead",
            f"{which} is at revision {found}, which this version ({newest()}) does not know.",
            "Install the version that upgraded it, or restore a backup of before.",
        )
    return bad(
        "migrations_missing",
        f"{which} is at revision {found or 'none'}, this version wants {newest()}.",
        "Run `scim-server db upgrade`.",
    )


def _clock(which: str, clock: vitals.Clock) -> Iterator[Finding]:
    off = abs(clock.ahead) - clock.doubt
    if off < APART:
        yield good("clock", f"{which} has the time of this machine, to {max(clock.doubt, abs(clock.ahead)):.1f} s.")
        return
    tell = bad if off >= FAR_APART else warning
    yield tell(
        "clock_apart",
        f"{which} is {abs(clock.ahead):.1f} s {'ahead of' if clock.ahead > 0 else 'behind'} this machine's clock.",
        "Have both machines follow a time server (chrony, systemd-timesyncd): tokens and deadlines depend on it.",
    )


def _sqlite(database: Database) -> Iterator[Finding]:
    told = vitals.pragmas(database)
    if (told["journal_mode"], told["synchronous"]) == ("wal", "2"):
        yield good("durability", "SQLite writes ahead and waits for the disk (WAL, synchronous = FULL).")
    else:
        yield bad(
            "durability_off",
            f"SQLite runs with journal_mode = {told['journal_mode']} and synchronous = {told['synchronous']}: what was "
            "confirmed may be lost with the power.",
            "Move the file to a local disk whose file system supports a write-ahead log.",
        )


def _durability(which: str, server: Server) -> Iterator[Finding]:
    found = []
    for setting in ("fsync", "full_page_writes", "autovacuum"):
        if server.settings[setting] != "on":
            why = "rows that are gone are never removed" if setting == "autovacuum" else "a crash may destroy it"
            found.append(
                bad(f"{setting}_off", f"{which} has {setting} = off: {why}.", f"Set {setting} = on and reload it.")
            )
    if server.settings["synchronous_commit"] == "off":
        found.append(
            bad(
                "synchronous_commit_off",
                f"{which} has synchronous_commit = off: what was confirmed may be lost in a crash.",
                "Set synchronous_commit = on, for the login and the database as well.",
            )
        )
    if int(server.settings["server_version_num"]) < OLDEST:
        found.append(bad("version_old", f"{which} is older than PostgreSQL 15.", "Upgrade it to 15 or later."))
    if server.age > WRAPS:
        found.append(
            bad(
                "wraparound_near",
                f"{which} was not frozen for {server.age} transactions: at 2,000,000,000 it stops taking writes.",
                "End old transactions and replication slots, and run VACUUM FREEZE.",
            )
        )
    yield from found or [
        good("durability", f"{which} waits for the disk (fsync, full_page_writes, synchronous_commit).")
    ]
    if not server.encrypted and not server.local:
        yield warning(
            "database_in_clear",
            f"{which} is reached over the network without TLS.",
            "Add sslmode=verify-full to its URL, and have PostgreSQL offer TLS.",
        )


def _connections(which: str, server: Server, settings: Settings) -> Iterator[Finding]:
    wanted = workers(settings) * pool_size(settings)
    if 0 < server.room < wanted:
        yield bad(
            "connections_short",
            f"{which} takes {server.room} connections; this machine's {workers(settings)} workers keep {wanted}.",
            "Raise max_connections, lower SCIM_WORKERS or SCIM_DATABASE_POOL, or stand a pooler before it.",
        )


def _walls(which: str, database: Database) -> Iterator[Finding]:
    with database.read(OPERATOR) as connection:
        gaps, closed = walls.gaps(connection), walls.closed(connection)
        login = vitals.login(connection)
    if gaps:
        yield bad(
            "walls_down",
            f"{which} lets every tenant's rows be seen in {', '.join(gaps)}.",
            "Run `scim-server db upgrade` with the login that owns the tables.",
        )
    elif closed:
        yield bad(
            "tables_closed",
            f"{which} lets the role {walls.ROLE} not use {', '.join(closed)}.",
            "Run `scim-server db upgrade` with the login that owns the tables.",
        )
    else:
        yield good("walls", f"{which} has a wall between tenants in every table.")
    yield from _login(which, login)


def _login(which: str, login: Login) -> Iterator[Finding]:
    if not login.takes_role:
        yield bad(
            "role_not_taken",
            f"{which} is used by the login {login.name} itself, not by the role {walls.ROLE}: no wall holds it.",
            f"Run GRANT {walls.ROLE} TO {login.name}, then restart the servers.",
        )
    if login.is_above:
        yield warning(
            "login_above",
            f"{which} is used with the login {login.name}, which may lift every wall (superuser or BYPASSRLS).",
            "Serve with a login that owns the tables and no more; docs/security.md says what it needs.",
        )
    if not login.sees_through:
        yield warning(
            "indexes_blocked",
            f"{which} does not use its indexes for filters on attributes: functions they need are not LEAKPROOF.",
            "Have a superuser run `scim-server db upgrade` once, or ALTER FUNCTION jsonb_contains(jsonb, jsonb) "
            "LEAKPROOF and ALTER FUNCTION textlike(text, text) LEAKPROOF.",
        )


def _seals(which: str, database: Database) -> Iterator[Finding]:
    if not database.vault.has_key:
        return
    try:
        installation_secret(database, AUDIT)
        with database.read(OPERATOR) as connection:
            stale = seals.stale(connection, database.vault)
    except WrongKey as error:
        yield bad(
            "secret_key_wrong",
            f"{which} cannot be opened with SCIM_SECRET_KEY: {error}.",
            "Set SCIM_SECRET_KEY to the key it was sealed with; several stand in it with commas between.",
        )
        return
    if stale:
        yield warning(
            "seals_stale",
            f"{which} has secrets in {', '.join(stale)} that lie in clear or under an old key.",
            "Run `scim-server secrets reseal`.",
        )
    else:
        yield good("seals", f"{which} has every secret sealed with the first key of SCIM_SECRET_KEY.")
