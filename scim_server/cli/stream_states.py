"""`scim-server stream pause|disable|resume|verify|test`: whether a stream tells anything."""

import click

from scim_server.api.items.streams import StreamItem
from scim_server.api.items.webhooks import DeliveryItem
from scim_server.api.shapes import dump
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import json_option, report, tried
from scim_server.cli.streams import changed, stream_argument, streams
from scim_server.domain.streams import Status
from scim_server.services import redelivering, streaming, tenancy
from scim_server.services.stream_changes import StreamWishes

__all__ = ["streams"]


@streams.command("pause")
@click.argument("tenant")
@stream_argument
@click.option("--reason", metavar="TEXT", help="Why.")
@json_option
def pause(tenant: str, stream: str, reason: str | None, as_json: bool) -> None:
    """Tell nothing for now, and keep it."""
    after = changed(tenant, stream, StreamWishes(status=Status.PAUSED, reason=reason))
    report(dump(StreamItem, after), f"The stream '{after.name}' is paused; its events are kept.", as_json=as_json)


@streams.command("disable")
@click.argument("tenant")
@stream_argument
@click.option("--reason", metavar="TEXT", help="Why.")
@json_option
def disable(tenant: str, stream: str, reason: str | None, as_json: bool) -> None:
    """Tell nothing, and keep nothing for it."""
    after = changed(tenant, stream, StreamWishes(status=Status.DISABLED, reason=reason))
    report(dump(StreamItem, after), f"The stream '{after.name}' is disabled.", as_json=as_json)


@streams.command("resume")
@click.argument("tenant")
@stream_argument
@json_option
def resume(tenant: str, stream: str, as_json: bool) -> None:
    """Go on where it was paused, or, where it was disabled, with what happens next."""
    after = changed(tenant, stream, StreamWishes(status=Status.ENABLED))
    report(dump(StreamItem, after), f"The stream '{after.name}' goes on.", as_json=as_json)


@streams.command("verify")
@click.argument("tenant")
@stream_argument
@click.option("--state", metavar="TEXT", help="What its receiver knows the question by.")
@json_option
def verify(tenant: str, stream: str, state: str | None, as_json: bool) -> None:
    """Have the stream say that it works, in its turn (SSF)."""
    units = migrated().units
    found = streaming.verify_stream(units, tenancy.tenant(units, tenant), cause(), stream, state)
    report(dump(StreamItem, found), f"The stream '{found.name}' will say that it works.", as_json=as_json)


@streams.command("test")
@click.argument("tenant")
@stream_argument
@json_option
def test(tenant: str, stream: str, as_json: bool) -> None:
    """Push a verification now, and say what came of it."""
    installation = migrated()
    owner = tenancy.tenant(installation.units, tenant)
    entry = redelivering.try_stream(installation.units, installation.web, installation.signer(), owner, cause(), stream)
    report(dump(DeliveryItem, entry), tried(entry.detail, entry.milliseconds), as_json=as_json)
