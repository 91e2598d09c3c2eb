"""Backups of an installation, a cell at a time: made while it serves, verified, and put back.

What is put back is compared with the manifest row by row, and the chain of every audit trail is followed to its end.
"""

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from scim_server.app.installations import Installation
from scim_server.domain.cells import HOME
from scim_server.domain.errors import Invalid, Missing, Taken, WrongKey
from scim_server.services import auditing, tenancy
from scim_server.services.ports import Units
from scim_server.store import archives, copied_backups, file_backups
from scim_server.store.archives import POSTGRESQL, SQLITE, Manifest
from scim_server.store.databases import Database
from scim_server.store.revisions import newest, revision_of
from scim_server.store.tables import operator_tokens, products, tenants
from scim_server.store.walls import OPERATOR

DISTRIBUTION = "scim-server"
TELLING = (tenants, products, operator_tokens)
"""Where there is a row in one of these somebody has begun to use the database."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back: how many audit trails are whole, with so many entries, and what is wrong with others.

    `wrong_key` says why none could be followed: SCIM_SECRET_KEY is not the key of then.
    """

    manifest: Manifest
    trails: int
    entries: int
    faults: tuple[str, ...]
    wrong_key: str | None = None


def create(installed: Installation, cell: str, file: Path) -> Manifest:
    """Write a backup of the cell's database to a new file. Raises Missing and Taken."""
    database = _database(installed, cell)
    with archives.written(file) as archive:
        if database.is_sqlite:
            revision, tables = file_backups.copy_out(database, archive, file.absolute().parent)
        else:
            revision, tables = copied_backups.copy_out(database, archive)
        kind = SQLITE if database.is_sqlite else POSTGRESQL
        manifest = Manifest(kind, cell, revision, installed.units.now(), version(DISTRIBUTION), tuple(tables))
        archives.seal(archive, manifest)
    return manifest


def verify(file: Path) -> Manifest:
    """Read all of a backup and compare it with its manifest. Raises Missing, and Invalid where it is damaged."""
    with archives.read(file) as (archive, manifest):
        if manifest.kind == SQLITE:
            with file_backups.extracted(archive, file.absolute().parent) as extracted:
                fault = file_backups.check(extracted, manifest.tables)
        else:
            fault = copied_backups.check(archive, manifest.tables)
    if fault is not None:
        raise archives.damaged(file, fault)
    return manifest


def restore(installed: Installation, cell: str, file: Path, *, overwrite: bool) -> Restored:
    """Put a backup back in the place of all that the cell's database holds.

    Raises as `verify` does, Invalid where it is of another kind of database or a later version, and Taken where there
    is data that it is not told to overwrite.
    """
    # Imported here because nothing else needs Alembic.
    from scim_server.store import migrations

    manifest, database = verify(file), _database(installed, cell)
    _refuse_foreign(manifest, database, cell)
    _refuse_data(database, manifest, overwrite=overwrite)
    with archives.read(file) as (archive, _):
        if database.is_sqlite:
            folder = Path(database.engine.url.database or "").absolute().parent
            folder.mkdir(parents=True, exist_ok=True)
            with file_backups.extracted(archive, folder) as extracted:
                database.become(extracted)
        else:
            migrations.upgrade(database, manifest.revision)
            copied_backups.copy_in(database, archive, manifest.tables)
    migrations.upgrade(database)
    return _followed(installed, cell, manifest)


def _database(installed: Installation, cell: str) -> Database:
    found = installed.cells.databases.get(cell)
    if found is None:
        raise Missing(f"There is no cell '{cell}': `scim-server cell list` shows all.")
    return found


def _refuse_foreign(manifest: Manifest, database: Database, cell: str) -> None:
    if (manifest.kind == SQLITE) is not database.is_sqlite:
        raise Invalid(f"The backup is of a {manifest.kind} database, and SCIM_DATABASE_URL names another kind.")
    if manifest.revision > newest():
        raise Invalid(
            f"The backup is of revision {manifest.revision}, which this version ({newest()}) does not know: install "
            f"the version that made it, {manifest.version} or later."
        )
    if manifest.cell != cell:
        raise Invalid(f"The backup is of the cell '{manifest.cell}', not of '{cell}': say --cell {manifest.cell}.")


def _refuse_data(database: Database, manifest: Manifest, *, overwrite: bool) -> None:
    if database.is_sqlite and not Path(database.engine.url.database or "").exists():
        return
    with database.read(OPERATOR) as connection:
        revision = revision_of(connection)
        if revision is None:
            return
        found = revision != newest() or any(connection.execute(each.select().limit(1)).first() for each in TELLING)
    if found and not overwrite:
        raise Taken("The database holds data already. Say --overwrite to lose all of it and have the backup's instead.")
    if not database.is_sqlite and revision != manifest.revision:
        raise Taken(
            f"The database is at revision {revision} and the backup of {manifest.revision}: make an empty database "
            "for it, without `scim-server db upgrade`, and name that one in the settings."
        )


def _followed(installed: Installation, cell: str, manifest: Manifest) -> Restored:
    """Follow the audit trails of all tenants that live there."""
    units: Units = installed.units
    if len(installed.cells.databases) > 1:
        units = installed.cells.looking_at(units, cell)
    try:
        key = installed.sealer.key()
    except WrongKey as error:
        return Restored(manifest, 0, 0, (), str(error))
    owners = [each for each in tenancy.tenants(units) if each.cell == cell or cell == HOME == each.cell]
    found = {owner.slug: auditing.verify_sealed(units, owner, key) for owner in owners}
    faults = tuple(f"{slug}: {each.fault}" for slug, each in found.items() if each.fault is not None)
    return Restored(manifest, len(found) - len(faults), sum(each.entries for each in found.values()), faults)
