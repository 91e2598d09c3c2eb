"""All that there is to look at, in the order in which it is best put right."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from scim_server.app.examinations.chores import examine_chores
from scim_server.app.examinations.databases import examine_database, examine_replicas
from scim_server.app.examinations.deliveries import examine_deliveries
from scim_server.app.examinations.files import examine_file, examine_room
from scim_server.app.examinations.findings import Finding, bad
from scim_server.app.examinations.services import examine_address, examine_mails
from scim_server.app.examinations.settings import examine_settings
from scim_server.app.examinations.tenants import examine_tenants
from scim_server.app.examinations.webhooks import examine_webhooks
from scim_server.app.installations import Installation
from scim_server.domain.errors import Unavailable
from scim_server.services.findings import Verdict
from scim_server.store import vitals
from scim_server.store.databases import Database


def examine(installed: Installation, secret_files: Mapping[str, Path]) -> Iterator[Finding]:
    """Look at everything; what cannot be looked at, because something else is wrong, is passed over."""
    settings = installed.settings
    yield from examine_settings(settings, secret_files)
    healthy = True
    for name, database in installed.cells.databases.items():
        found = list(_database(name, database, installed))
        yield from found
        healthy = healthy and not any(each.code in _BLINDING for each in found)
    yield from examine_replicas(installed.cells)
    if healthy:
        yield from examine_chores(installed.units, installed.chores, installed.units.now())
        yield from examine_webhooks(installed.units)
    yield from examine_address(settings, installed.web)
    if settings.smtp_url is not None:
        yield from examine_mails(settings.smtp_url)


_BLINDING = frozenset(
    {"database_missing", "database_unreachable", "database_unusable", "migrations_missing", "migrations_ahead"}
)


def _database(name: str, database: Database, installed: Installation) -> Iterator[Finding]:
    path = Path(database.engine.url.database or "")
    if database.is_sqlite and not path.exists():
        yield bad("database_missing", f"There is no database at {path}.", "Run `scim-server db upgrade`.")
        return
    found = list(examine_database(name, database, installed.settings))
    yield from found
    if any(each.code in _BLINDING for each in found):
        return
    if database.is_sqlite:
        yield from examine_file(path)
    else:
        yield from _disk(database)
    yield from examine_tenants(name, database, installed.units.now())
    yield from examine_deliveries(name, database, installed.units.now())


def _disk(database: Database) -> Iterator[Finding]:
    """Of a PostgreSQL that lies on this machine and says where."""
    try:
        place = vitals.place(database)
    except Unavailable:
        return
    if place is not None and Path(place.folder).is_dir():
        yield from examine_room(Path(place.folder), place.size)


def worst(findings: list[Finding]) -> Verdict:
    """How bad it is altogether."""
    order = (Verdict.BAD, Verdict.WARNING)
    return next((each for each in order if any(found.verdict is each for found in findings)), Verdict.GOOD)
