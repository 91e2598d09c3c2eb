"""`scim-server stream`: to whom a tenant tells its changes as security event tokens."""

from typing import TextIO

import click

from scim_server.api.items.streams import FollowedStreamItem, MadeStreamItem, StreamItem, StreamReplayItem
from scim_server.api.shapes import dump, dump_all
from scim_server.cli import receivers
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import confirm, json_option, listing, report, show_one, yes_option
from scim_server.cli.receivers import log_options, replay_options, wanted
from scim_server.domain.streams import EVERY_SCIM_EVENT, Delivery, Form
from scim_server.domain.webhooks import State
from scim_server.services import redelivering, stream_changes, streaming, tenancy
from scim_server.services.addresses import poll_address
from scim_server.services.receivers import stream_called
from scim_server.services.stream_changes import StreamWishes
from scim_server.services.streaming import NewStream

COLUMNS = {
    "Name": "name",
    "Delivery": "delivery",
    "URL": "url",
    "Form": "form",
    "Status": "status",
    "Reason": "reason",
    "Behind": "behind",
    "Failing since": "failing",
    "Trouble": "trouble",
}
audience_option = click.option(
    "--audience", "audience", metavar="NAME", multiple=True, help="Whom tokens are meant for (aud); repeatable."
)
events_option = click.option(
    "--event", "events", metavar="URI", multiple=True, help="Such events alone; * ends several. Repeatable."
)
filter_option = click.option("--filter", "condition", metavar="FILTER", help="A SCIM filter: of those people alone.")
description_option = click.option("--description", metavar="TEXT", help="What it is for.")
authorization_option = click.option(
    "--authorization",
    type=click.File(encoding="utf-8"),
    metavar="FILE",
    help="A file with the Authorization header that goes with all that is pushed, - for stdin.",
)
owner_option = click.option("--owner", metavar="ACTOR", help="Who fetches: api:ID of a token, or client:ID.")
stream_argument = click.argument("stream")


@click.group("stream")
def streams() -> None:
    """Streams: security event tokens (RFC 8417, RFC 9967) that are pushed to receivers, or fetched by them."""


@streams.command("create")
@click.argument("tenant")
@click.argument("name")
@click.option("--push", "url", metavar="URL", help="Push to that address (RFC 8935).")
@click.option("--poll", is_flag=True, help="Let the receiver fetch (RFC 8936).")
@authorization_option
@audience_option
@events_option
@click.option("--full", is_flag=True, help="Tell values, not only the names of attributes.")
@filter_option
@description_option
@owner_option
@json_option
def create(
    tenant: str,
    name: str,
    url: str | None,
    poll: bool,
    authorization: TextIO | None,
    audience: tuple[str, ...],
    events: tuple[str, ...],
    full: bool,
    condition: str | None,
    description: str | None,
    owner: str | None,
    as_json: bool,
) -> None:
    """Tell a receiver what happens in TENANT from now on. One that fetches, without an owner, gets a token, which is
    shown this once."""
    if poll == (url is not None):
        raise click.UsageError("Say --push URL or --poll.", click.get_current_context())
    installation = migrated()
    new = NewStream(
        name,
        Delivery.POLL if poll else Delivery.PUSH,
        url,
        _text(authorization),
        audience,
        Form.FULL if full else Form.NOTICE,
        events or (EVERY_SCIM_EVENT,),
        condition,
        description,
        owner,
    )
    tenant_ = tenancy.tenant(installation.units, tenant)
    made = streaming.create_stream(installation.units, installation.web, tenant_, cause(), new)
    if poll:
        address = poll_address(installation.settings.public_url, tenant, made.id)
        sentence = f"'{made.name}' is fetched from {address}" + (f" with {made.token}" if made.token else "")
    else:
        sentence = f"Events of '{tenant}' are pushed to {made.url} as security event tokens"
    report(dump(MadeStreamItem, made), sentence, as_json=as_json)


def _text(file: TextIO | None) -> str | None:
    try:
        return None if file is None else file.read().strip()
    except UnicodeDecodeError as error:
        raise click.BadParameter("The header is no text in UTF-8: save the file so.") from error


@streams.command("list")
@click.argument("tenant")
@json_option
def list_(tenant: str, as_json: bool) -> None:
    """The streams of TENANT by name, with how far each has come."""
    units = migrated().units
    found = streaming.streams(units, tenancy.tenant(units, tenant))
    listing(dump_all(FollowedStreamItem, found), COLUMNS, f"Tenant '{tenant}' has no stream.", as_json=as_json)


@streams.command("show")
@click.argument("tenant")
@stream_argument
@json_option
def show(tenant: str, stream: str, as_json: bool) -> None:
    """One stream of TENANT, by its name or id, and how far it has come."""
    units = migrated().units
    item = dump(FollowedStreamItem, streaming.stream(units, tenancy.tenant(units, tenant), stream))
    show_one(item, as_json=as_json)


@streams.command("edit")
@click.argument("tenant")
@stream_argument
@click.option("--name", help="What people call it.")
@click.option("--push", "url", metavar="URL", help="Where tokens are pushed to; say --authorization again with it.")
@authorization_option
@click.option("--no-authorization", is_flag=True, help="Push without an Authorization header.")
@audience_option
@events_option
@click.option("--every-event", is_flag=True, help="Tell every event of SCIM.")
@click.option("--full/--notice", "full", default=None, help="Tell values, or the names of attributes only.")
@filter_option
@click.option("--everybody", is_flag=True, help="Tell of everybody.")
@description_option
@owner_option
@json_option
def edit(
    tenant: str,
    stream: str,
    name: str | None,
    url: str | None,
    authorization: TextIO | None,
    no_authorization: bool,
    audience: tuple[str, ...],
    events: tuple[str, ...],
    every_event: bool,
    full: bool | None,
    condition: str | None,
    everybody: bool,
    description: str | None,
    owner: str | None,
    as_json: bool,
) -> None:
    """Change a stream of TENANT, by its name or id."""
    for clash in ((authorization, no_authorization), (events, every_event), (condition, everybody)):
        if all(clash):
            raise click.UsageError("Of two options that are each other's opposite say one.")
    wishes = StreamWishes(
        name=name,
        url=url,
        authorization="" if no_authorization else _text(authorization),
        audience=audience or None,
        form=None if full is None else Form.FULL if full else Form.NOTICE,
        requested=(EVERY_SCIM_EVENT,) if every_event else events or None,
        filter="" if everybody else condition,
        description=description,
        owner=owner,
    )
    change(tenant, stream, wishes, "is changed", as_json=as_json)


def change(tenant: str, stream: str, wishes: StreamWishes, outcome: str, *, as_json: bool) -> None:
    """Have the stream be otherwise, and say what it does then."""
    installation = migrated()
    owner = tenancy.tenant(installation.units, tenant)
    after = stream_changes.change_stream(installation.units, installation.web, owner, cause(), stream, wishes)
    report(dump(StreamItem, after), f"The stream '{after.name}' {outcome}.", as_json=as_json)


@streams.command("replay")
@click.argument("tenant")
@stream_argument
@replay_options
@json_option
def replay(tenant: str, stream: str, event: str | None, first: int | None, last: int | None, as_json: bool) -> None:
    """Tell events again: one by its id, or all from one position to another."""
    found = receivers.replay(tenant, stream, wanted(event, first, last), stream_called)
    sentence = f"Events {found.first} to {found.last} are told '{found.receiver.name}' again."
    report(dump(StreamReplayItem, found), sentence, as_json=as_json)


@streams.command("log")
@click.argument("tenant")
@stream_argument
@log_options
@json_option
def log(tenant: str, stream: str, state: State | None, limit: int, as_json: bool) -> None:
    """What a stream of TENANT was told of late, the newest first."""
    units = migrated().units
    found = redelivering.deliveries(units, tenancy.tenant(units, tenant), stream, limit, state, called=stream_called)
    receivers.log(found, "Nothing of that kind was told.", as_json=as_json)


@streams.command("remove")
@click.argument("tenant")
@stream_argument
@yes_option
@json_option
def remove(tenant: str, stream: str, yes: bool, as_json: bool) -> None:
    """Tell nothing there any more, and forget how far it had come."""
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    confirm(f"'{stream}' will be told nothing of '{tenant}' any more. Remove it?", yes=yes, as_json=as_json)
    gone = streaming.remove_stream(units, owner, cause(), stream)
    report({"id": gone.id, "name": gone.name}, f"The stream '{gone.name}' is removed.", as_json=as_json)
