"""`scim-server db`: the schema of the database."""

from typing import Any

import click

from scim_server.cli.failures import Refused
from scim_server.cli.installations import UPGRADE, opened
from scim_server.cli.outputs import confirm, counted, json_option, report, yes_option
from scim_server.domain.cells import HOME
from scim_server.store import tenant_partitions
from scim_server.store.revisions import is_current


@click.group("db")
def databases() -> None:
    """The database behind SCIM_DATABASE_URL."""


@databases.command("upgrade")
@json_option
def upgrade(as_json: bool) -> None:
    """Bring the database to the schema of this version, and those of all other cells with it.

    Creates it where it is a SQLite file that does not exist yet. Safe to run from several places at once, and
    again at any time.
    """
    # Imported here because nothing else needs Alembic: servers have its memory to spare, other commands start faster.
    from scim_server.store import migrations

    cells = opened().cells.databases
    upgraded = {name: migrations.upgrade(database) for name, database in cells.items()}
    before, after = upgraded[HOME]
    facts: dict[str, Any] = {"before": before, "after": after}
    if len(cells) > 1:
        facts["cells"] = [{"name": name, "before": was, "after": now} for name, (was, now) in upgraded.items()]
    sentences = [
        f"The database{'' if name == HOME else f' of cell {name}'} {_outcome(was, now)}: it is at revision {now}."
        for name, (was, now) in upgraded.items()
    ]
    report(facts, "\n".join(sentences), as_json=as_json)


@databases.command("partition")
@click.option("--parts", type=int, default=32, show_default=True, help="How many, a power of two from 2 to 256.")
@click.option("--cell", default=HOME, show_default=True, help="Whose tables; `cell list` shows all cells.")
@yes_option
@json_option
def partition(parts: int, cell: str, yes: bool, as_json: bool) -> None:
    """Cut the large tables into partitions by tenant, on PostgreSQL.

    Rows of one tenant lie in one partition of each table then. Everybody waits while all rows are copied, in one
    transaction: it is done as a whole or not at all. There is no command that joins the partitions again.
    """
    database = opened().cells.databases.get(cell)
    if database is None:
        raise Refused(f"There is no cell '{cell}': `scim-server cell list` shows all.")
    if not database.is_sqlite and not is_current(database):
        raise Refused(f"The database is not at the schema of this version: run `{UPGRADE}` first.")
    size = tenant_partitions.check(database, parts)
    confirm(f"Copy {-(-size // 1_000_000)} MB, while everybody waits, for good?", yes=yes, as_json=as_json)
    cut = tenant_partitions.partition(database, parts)
    rows = counted(sum(table.rows for table in cut), "row")
    sentence = f"The {len(cut)} large tables are in {parts} partitions by tenant now, with {rows}."
    facts = {"cell": cell, "parts": parts, "tables": [{"table": each.table, "rows": each.rows} for each in cut]}
    report(facts, sentence, as_json=as_json)


def _outcome(before: str | None, after: str | None) -> str:
    return "is up to date" if before == after else f"was upgraded from {before or 'empty'}"
