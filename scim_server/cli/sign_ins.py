"""`scim-server user seen` and `user access`: what the application reports and asks when people sign in."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import click

from scim_server.api.items.accesses import AccessItem
from scim_server.api.items.sightings import SeenItem
from scim_server.api.shapes import dump
from scim_server.cli import parameters
from scim_server.cli.failures import Refused
from scim_server.cli.installations import migrated
from scim_server.cli.outputs import counted, json_option, listing, print_json, report, to_the_second
from scim_server.cli.users import facts
from scim_server.domain.instants import Instant
from scim_server.domain.sighting_rows import Sighting, read_sightings
from scim_server.services import accessing, naming, people, seeing, tenancy
from scim_server.services.seeing import Seen, Unknown

PERSON_COLUMNS = {"User name": "userName", "Status": "status", "Language": "language", "Last seen": "lastSeen"}
PRODUCT_COLUMNS = {"Product": "product", "State": "state", "Since": "since", "Comes with": "through"}
ROLE_COLUMNS = {"Role": "role", "Permissions": "permissions", "Groups": "scope"}
SETTING_COLUMNS = {"Settings of": "product", "Key": "key", "Value": "value"}
MOST_NAMED = 10


@click.command("seen")
@click.argument("tenant")
@click.argument("user_name", metavar="[USERNAME]", required=False)
@click.option("--at", "moment", type=parameters.moment, metavar="INSTANT", help="When; now, if left out.")
@click.option(
    "--file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Many at once: JSON lines or CSV, each with user and perhaps at.",
)
@json_option
def seen(tenant: str, user_name: str | None, moment: Instant | None, file: Path | None, as_json: bool) -> None:
    """Report that the application saw a person of TENANT sign in, or all those in a file.

    Reports count where the tenant's setting inactive_after is set. What is known never goes back.
    """
    if (user_name is None) == (file is None) or (file is not None and moment is not None):
        raise click.UsageError("Name a person, perhaps with --at, or a --file.")
    installation = migrated()
    owner = tenancy.tenant(installation.units, tenant)
    if file is not None:
        _check(file)
        _say([seeing.report_batch(installation.units, owner, batch) for batch in _batches(file)], as_json=as_json)
        return
    name = str(user_name)
    if seeing.report_seen(installation.units, owner, [(name, moment)]):
        raise naming.no_user(owner, name)
    portrait = people.person(installation.units, owner, name)
    last_seen = to_the_second(str(portrait.last_seen))
    report(facts(portrait), f"'{portrait.user.user_name}' was last seen {last_seen}.", as_json=as_json)


@click.command("access")
@click.argument("tenant")
@click.argument("user_name", metavar="USERNAME")
@json_option
def access(tenant: str, user_name: str, as_json: bool) -> None:
    """What a person of TENANT may use, as the application is told: products, roles, settings and language."""
    units = migrated().units
    found = dump(AccessItem, accessing.access(units, tenancy.tenant(units, tenant), user_name))
    if as_json:
        print_json(found)
        return
    listing([found], PERSON_COLUMNS, "", as_json=False)
    settings = [
        {"product": product, "key": key, "value": value}
        for product, values in found["settings"].items()
        for key, value in values.items()
    ]
    parts = ((PRODUCT_COLUMNS, found["products"]), (ROLE_COLUMNS, found["roles"]), (SETTING_COLUMNS, settings))
    for columns, rows in parts:
        if rows:
            listing(rows, columns, "", as_json=False)


SIGN_INS = (seen, access)
"""The commands that stand beside `user list` and `user show`."""


def _check(file: Path) -> None:
    """Read the whole file once before anything of it is reported. Raises Invalid, Refused."""
    for _ in _sightings(file):
        pass


def _batches(file: Path) -> Iterator[Sequence[Sighting]]:
    found = _sightings(file)
    while batch := list(islice(found, seeing.MOST_SEEN)):
        yield batch


def _sightings(file: Path) -> Iterator[Sighting]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            yield from read_sightings(lines)
    except UnicodeDecodeError as error:
        raise Refused(f"{file} is not in UTF-8: save it as UTF-8 and send it again.") from error


def _say(batches: Sequence[Seen], *, as_json: bool) -> None:
    unknown = [
        Unknown(number * seeing.MOST_SEEN + each.entry, each.user)
        for number, batch in enumerate(batches)
        for each in batch.unknown
    ]
    whole = Seen(sum(batch.reported for batch in batches), unknown)
    sentence = f"{counted(whole.reported, 'sign-in is', 'sign-ins are')} noted."
    if unknown:
        named = ", ".join(f"'{each.user}' ({each.entry})" for each in unknown[:MOST_NAMED])
        more = f" and {len(unknown) - MOST_NAMED} more" if len(unknown) > MOST_NAMED else ""
        sentence += f" Of nobody in the tenant: {named}{more}."
    report(dump(SeenItem, whole), sentence, as_json=as_json)
