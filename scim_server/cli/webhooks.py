"""`scim-server webhook`: where a tenant's events are sent."""

from datetime import timedelta

import click

from scim_server.api.items.webhooks import DeliveryItem, HookedItem, ReplayItem, RevealedWebhookItem, WebhookItem
from scim_server.api.shapes import dump, dump_all
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import asks, facts_table, json_option, listing, print_json, report, tried, yes_option
from scim_server.domain.webhooks import State
from scim_server.services import hooking, redelivering, tenancy
from scim_server.services.hooking import Wishes

COLUMNS = {
    "Name": "name",
    "URL": "url",
    "Types": "types",
    "On": "enabled",
    "Stopped": "stopped",
    "Behind": "behind",
    "Failing since": "failing",
    "Trouble": "trouble",
}
LOG_COLUMNS = {
    "At": "at",
    "Event": "event",
    "Position": "position",
    "Kind": "kind",
    "State": "state",
    "Attempts": "attempts",
    "Status": "status",
    "Next": "due",
    "Detail": "detail",
}
types_option = click.option(
    "--type", "types", metavar="TYPE", multiple=True, help="Such as user.suspended or seat.*; repeatable."
)
webhook_argument = click.argument("webhook")


@click.group("webhook")
def webhooks() -> None:
    """Webhooks: where events of a tenant are sent, signed as Standard Webhooks has it."""


@webhooks.command("create")
@click.argument("tenant")
@click.argument("name")
@click.argument("url")
@types_option
@json_option
def create(tenant: str, name: str, url: str, types: tuple[str, ...], as_json: bool) -> None:
    """Send events of TENANT from now on to URL, all or those of some types. Its secret is shown this once."""
    units = migrated().units
    made = hooking.create_webhook(units, tenancy.tenant(units, tenant), cause(), name, url, types)
    sentence = f"Events of '{tenant}' are sent to {made.url}, signed with {made.secret}"
    report(dump(RevealedWebhookItem, made), sentence, as_json=as_json)


@webhooks.command("list")
@click.argument("tenant")
@json_option
def list_(tenant: str, as_json: bool) -> None:
    """The webhooks of TENANT by name, with how far each has come."""
    units = migrated().units
    found = hooking.webhooks(units, tenancy.tenant(units, tenant))
    listing(dump_all(HookedItem, found), COLUMNS, f"Tenant '{tenant}' has no webhook.", as_json=as_json)


@webhooks.command("show")
@click.argument("tenant")
@webhook_argument
@json_option
def show(tenant: str, webhook: str, as_json: bool) -> None:
    """One webhook of TENANT, by its name or id, and how far it has come."""
    units = migrated().units
    item = dump(HookedItem, hooking.webhook(units, tenancy.tenant(units, tenant), webhook))
    if as_json:
        print_json(item)
    else:
        facts_table(item)


@webhooks.command("edit")
@click.argument("tenant")
@webhook_argument
@click.option("--name", help="What people call it.")
@click.option("--url", metavar="URL", help="Where events are sent.")
@types_option
@click.option("--all-types", is_flag=True, help="Send events of all types.")
@click.option("--on/--off", "on", default=None, help="One that is switched on again goes on where it was.")
@json_option
def edit(
    tenant: str,
    webhook: str,
    name: str | None,
    url: str | None,
    types: tuple[str, ...],
    all_types: bool,
    on: bool | None,
    as_json: bool,
) -> None:
    """Change a webhook of TENANT, by its name or id, or switch it off and on."""
    if types and all_types:
        raise click.UsageError("Say --type or --all-types, not both.", click.get_current_context())
    units = migrated().units
    chosen = () if all_types else types or None
    wishes = Wishes(name, url, chosen, on)
    after = hooking.change_webhook(units, tenancy.tenant(units, tenant), cause(), webhook, wishes)
    state = "gets events" if after.enabled else "gets no events"
    report(dump(WebhookItem, after), f"The webhook '{after.name}' at {after.url} {state}.", as_json=as_json)


@webhooks.command("rotate")
@click.argument("tenant")
@webhook_argument
@click.option("--overlap", "hours", metavar="HOURS", type=click.IntRange(0, 720), default=24, show_default=True,
              help="For how long the secret there is goes on signing as well.")  # fmt: skip
@json_option
def rotate(tenant: str, webhook: str, hours: int, as_json: bool) -> None:
    """Sign with a new secret, shown this once, and for a while with the one before as well."""
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    after = hooking.rotate_secret(units, owner, cause(), webhook, timedelta(hours=hours))
    sentence = f"Events for '{after.name}' are signed with {after.secret} from now on"
    ends = f", and until {after.overlaps} with the one before as well" if after.overlaps else ""
    report(dump(RevealedWebhookItem, after), f"{sentence}{ends}", as_json=as_json)


@webhooks.command("test")
@click.argument("tenant")
@webhook_argument
@json_option
def test(tenant: str, webhook: str, as_json: bool) -> None:
    """Send an event of the type webhook.test now, and say what came of it."""
    installation = migrated()
    owner = tenancy.tenant(installation.units, tenant)
    entry = redelivering.try_webhook(installation.units, installation.web, owner, cause(), webhook)
    report(dump(DeliveryItem, entry), tried(entry.detail, entry.milliseconds), as_json=as_json)


@webhooks.command("replay")
@click.argument("tenant")
@webhook_argument
@click.option("--event", metavar="ID", help="One event.")
@click.option("--from", "first", type=click.IntRange(1), metavar="POSITION", help="The first of several.")
@click.option("--to", "last", type=click.IntRange(1), metavar="POSITION", help="The last of them.")
@json_option
def replay(tenant: str, webhook: str, event: str | None, first: int | None, last: int | None, as_json: bool) -> None:
    """Send events again: one by its id, or all from one position to another."""
    check_replay(event, first, last)
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    if event is not None:
        found = redelivering.replay_event(units, owner, cause(), webhook, event)
    else:
        found = redelivering.replay_range(units, owner, cause(), webhook, first or 0, last or 0)
    sentence = f"Events {found.first} to {found.last} are sent to '{found.receiver.name}' again."
    report(dump(ReplayItem, found), sentence, as_json=as_json)


def check_replay(event: str | None, first: int | None, last: int | None) -> None:
    """Raises UsageError where it is not said which events are sent again."""
    if (event is None) == (first is None or last is None) or (event and (first or last)):
        raise click.UsageError("Say --event ID, or --from and --to.", click.get_current_context())


@webhooks.command("log")
@click.argument("tenant")
@webhook_argument
@click.option("--state", type=click.Choice([*map(str, State)]), help="Those alone; dead letters are dead.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="So many at most.")
@json_option
def log(tenant: str, webhook: str, state: str | None, limit: int, as_json: bool) -> None:
    """What was sent to a webhook of TENANT of late, the newest first."""
    units = migrated().units
    chosen = None if state is None else State(state)
    found = redelivering.deliveries(units, tenancy.tenant(units, tenant), webhook, limit, chosen)
    listing(dump_all(DeliveryItem, found), LOG_COLUMNS, "Nothing of that kind was sent.", as_json=as_json)


@webhooks.command("remove")
@click.argument("tenant")
@webhook_argument
@yes_option
@json_option
def remove(tenant: str, webhook: str, yes: bool, as_json: bool) -> None:
    """Send nothing there any more, and forget how far it had come."""
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    if asks(yes=yes, as_json=as_json):
        click.confirm(f"'{webhook}' will get no event of '{tenant}' any more. Remove it?", abort=True)
    gone = hooking.remove_webhook(units, owner, cause(), webhook)
    report({"id": gone.id, "name": gone.name}, f"The webhook '{gone.name}' is removed.", as_json=as_json)
