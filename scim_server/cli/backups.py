"""`scim-server backup`: all that a database holds in a file, made while the server runs, and put back."""

from pathlib import Path
from typing import Any

import click

from scim_server.app import backups as app
from scim_server.cli.failures import Refused
from scim_server.cli.installations import migrated, opened
from scim_server.cli.outputs import asks, counted, json_option, report, to_the_second, yes_option
from scim_server.domain.cells import HOME
from scim_server.store.archives import Manifest

WITHOUT_KEY = (
    "SCIM_SECRET_KEY is not in it: keep that in another place, without it nobody opens the secrets in the backup."
)
file_argument = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
cell_option = click.option("--cell", default=HOME, show_default=True, help="Whose database; `cell list` shows all.")


@click.group("backup")
def backups() -> None:
    """Backups: all that a database holds, in a file."""


@backups.command("create")
@file_argument
@cell_option
@json_option
def create(file: Path, cell: str, as_json: bool) -> None:
    """Write all that the database holds to a new FILE, as of one moment, while the server runs.

    For PostgreSQL of more than some millions of people take pgbackrest, which copies what has changed.
    """
    made = app.create(migrated(), cell, file)
    size = file.stat().st_size
    sentence = (
        f"{_counted(made)} as of {to_the_second(made.at)} are in {file} ({size / 1_000_000:,.1f} MB). {WITHOUT_KEY}"
    )
    report({"file": str(file), "bytes": size, **_facts(made)}, sentence, as_json=as_json)


@backups.command("verify")
@file_argument
@json_option
def verify(file: Path, as_json: bool) -> None:
    """Read all of the backup FILE, and compare each table with what was written down as it was made."""
    found = app.verify(file)
    sentence = f"The backup is whole: {_counted(found)} as of {to_the_second(found.at)}, revision {found.revision}."
    report({"file": str(file), **_facts(found)}, sentence, as_json=as_json)


@backups.command("restore")
@file_argument
@cell_option
@click.option("--overwrite", is_flag=True, help="Lose what the database holds, if it holds any data.")
@yes_option
@json_option
def restore(file: Path, cell: str, overwrite: bool, yes: bool, as_json: bool) -> None:
    """Put the backup FILE back into the database, verify every table and audit trail, and upgrade the schema.

    Stop the servers first. Ends with 1 where an audit trail is not whole; what was restored is there all the same.
    """
    if overwrite and asks(yes=yes, as_json=as_json):
        click.confirm("Lose all that the database holds now?", abort=True)
    done = app.restore(opened(), cell, file, overwrite=overwrite)
    facts = {
        "file": str(file),
        **_facts(done.manifest),
        "trails": done.trails,
        "entries": done.entries,
        "faults": list(done.faults),
        "wrongKey": done.wrong_key,
    }
    sentence = (
        f"{_counted(done.manifest)} as of {to_the_second(done.manifest.at)} are restored, each table as it was; "
        f"{counted(done.trails, 'audit trail')} with {counted(done.entries, 'entry', 'entries')} "
        f"{'is' if done.trails == 1 else 'are'} whole."
    )
    failure = _failure(done)
    if failure and not as_json:
        raise Refused(failure)
    report(facts, sentence, as_json=as_json)
    if failure:
        click.get_current_context().exit(1)


def _failure(done: app.Restored) -> str | None:
    if done.wrong_key is not None:
        return (
            f"All is restored, but {done.wrong_key}: set SCIM_SECRET_KEY to the key of when the backup was made, "
            "then run `scim-server audit verify` for each tenant."
        )
    if done.faults:
        broken = "; ".join(done.faults)
        return f"All is restored, but audit trails were broken as the backup was made: {broken}"
    return None


def _counted(manifest: Manifest) -> str:
    return f"{counted(manifest.rows, 'row')} of {len(manifest.tables)} tables"


def _facts(manifest: Manifest) -> dict[str, Any]:
    return {
        "kind": manifest.kind,
        "cell": manifest.cell,
        "revision": manifest.revision,
        "at": manifest.at,
        "version": manifest.version,
        "rows": manifest.rows,
        "tables": [{"table": each.name, "rows": each.rows, "sha256": each.digest} for each in manifest.tables],
    }
