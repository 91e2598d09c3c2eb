"""`scim-server secrets`: what the server seals with SCIM_SECRET_KEY, as it must read it again."""

import click

from scim_server.api.items.secrets import ResealedItem
from scim_server.api.shapes import dump
from scim_server.cli.installations import migrated
from scim_server.cli.outputs import counted, json_option, report
from scim_server.services.resealing import reseal


@click.group("secrets")
def secrets() -> None:
    """Secrets at rest: what the server must read again and seals with SCIM_SECRET_KEY."""


@secrets.command("reseal")
@json_option
def reseal_(as_json: bool) -> None:
    """Seal anew, with the first key of SCIM_SECRET_KEY, whatever is sealed with another or lies in clear.

    Once it has run with the new key first, and all servers have that key, the old key can go. It may be broken off
    and run again, and run while the server serves.
    """
    done = reseal(migrated().units)
    sentence = (
        f"{counted(done.count, 'secret')} {'was' if done.count == 1 else 'were'} sealed anew; "
        "all are sealed with the first key of SCIM_SECRET_KEY now."
    )
    report(dump(ResealedItem, done), sentence, as_json=as_json)
