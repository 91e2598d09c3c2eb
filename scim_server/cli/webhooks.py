"""`scim-server webhook`: where a tenant's events are sent."""

from datetime import timedelta

import click

from scim_server.api.items.webhooks import DeliveryItem, HookedItem, ReplayItem, RevealedWebhookItem, WebhookItem
from scim_server.api.shapes import dump, dump_all
from scim_server.cli import receivers
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import confirm, json_option, listing, report, show_one, yes_option
from scim_server.cli.receivers import log_options, replay_options, wanted
from scim_server.domain.operator_webhooks import OperatorWebhook
from scim_server.domain.webhooks import State, Webhook
from scim_server.services import hooking, redelivering, tenancy
from scim_server.services.hooking import Revealed, Wishes
from scim_server.services.operator_hooking import RevealedAbove
from scim_server.services.receivers import webhook_called

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
types_option = click.option(
    "--type", "types", metavar="TYPE", multiple=True, help="Such as user.suspended or seat.*; repeatable."
)
overlap_option = click.option(
    "--overlap",
    "hours",
    metavar="HOURS",
    type=click.IntRange(0, 720),
    default=24,
    show_default=True,
    help="For how long the secret there is goes on signing as well.",
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
    installation = migrated()
    owner = tenancy.tenant(installation.units, tenant)
    made = hooking.create_webhook(installation.units, installation.web, owner, cause(), name, url, types)
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
    show_one(item, as_json=as_json)


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
    installation = migrated()
    chosen = () if all_types else types or None
    wishes = Wishes(name, url, chosen, on)
    owner = tenancy.tenant(installation.units, tenant)
    after = hooking.change_webhook(installation.units, installation.web, owner, cause(), webhook, wishes)
    report(dump(WebhookItem, after), standing(after), as_json=as_json)


def standing(webhook: Webhook | OperatorWebhook) -> str:
    """What a webhook does now, as a sentence."""
    state = "gets events" if webhook.enabled else "gets no events"
    return f"The webhook '{webhook.name}' at {webhook.url} {state}."


@webhooks.command("rotate")
@click.argument("tenant")
@webhook_argument
@overlap_option
@json_option
def rotate(tenant: str, webhook: str, hours: int, as_json: bool) -> None:
    """Sign with a new secret, shown this once, and for a while with the one before as well."""
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    after = hooking.rotate_secret(units, owner, cause(), webhook, timedelta(hours=hours))
    report(dump(RevealedWebhookItem, after), revealed(after), as_json=as_json)


def revealed(webhook: Revealed | RevealedAbove) -> str:
    """With what a webhook signs now, as a sentence."""
    ends = f", and until {webhook.overlaps} with the one before as well" if webhook.overlaps else ""
    return f"Events for '{webhook.name}' are signed with {webhook.secret} from now on{ends}"


@webhooks.command("test")
@click.argument("tenant")
@webhook_argument
@json_option
def test(tenant: str, webhook: str, as_json: bool) -> None:
    """Send an event of the type webhook.test now, and say what came of it."""
    installation = migrated()
    owner = tenancy.tenant(installation.units, tenant)
    entry = redelivering.try_webhook(installation.units, installation.web, owner, cause(), webhook)
    report(dump(DeliveryItem, entry), receivers.outcome(entry), as_json=as_json)


@webhooks.command("replay")
@click.argument("tenant")
@webhook_argument
@replay_options
@json_option
def replay(tenant: str, webhook: str, event: str | None, first: int | None, last: int | None, as_json: bool) -> None:
    """Send events again: one by its id, or all from one position to another."""
    found = receivers.replay(tenant, webhook, wanted(event, first, last), webhook_called)
    sentence = f"Events {found.first} to {found.last} are sent to '{found.receiver.name}' again."
    report(dump(ReplayItem, found), sentence, as_json=as_json)


@webhooks.command("log")
@click.argument("tenant")
@webhook_argument
@log_options
@json_option
def log(tenant: str, webhook: str, state: State | None, limit: int, as_json: bool) -> None:
    """What was sent to a webhook of TENANT of late, the newest first."""
    units = migrated().units
    found = redelivering.deliveries(units, tenancy.tenant(units, tenant), webhook, limit, state)
    receivers.log(found, "Nothing of that kind was sent.", as_json=as_json)


@webhooks.command("remove")
@click.argument("tenant")
@webhook_argument
@yes_option
@json_option
def remove(tenant: str, webhook: str, yes: bool, as_json: bool) -> None:
    """Send nothing there any more, and forget how far it had come."""
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    confirm(f"'{webhook}' will get no event of '{tenant}' any more. Remove it?", yes=yes, as_json=as_json)
    gone = hooking.remove_webhook(units, owner, cause(), webhook)
    report({"id": gone.id, "name": gone.name}, f"The webhook '{gone.name}' is removed.", as_json=as_json)
