"""`scim-server operator-webhook`: where the operator has the events of all tenants sent."""

from datetime import timedelta

import click

from scim_server.api.items.operator_webhooks import (
    AttemptItem,
    OperatorWebhookItem,
    OverseenWebhookItem,
    RevealedOperatorWebhookItem,
)
from scim_server.api.items.webhooks import ReplayItem
from scim_server.api.shapes import dump, dump_all
from scim_server.cli import receivers
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import confirm, json_option, listing, report, show_one, yes_option
from scim_server.cli.receivers import log_options, replay_options, wanted
from scim_server.cli.webhooks import overlap_option, revealed, standing, types_option, webhook_argument
from scim_server.domain.webhooks import State
from scim_server.services import operator_hooking, operator_redelivering, tenancy
from scim_server.services.operator_hooking import WishesAbove

COLUMNS = {
    "Name": "name",
    "URL": "url",
    "Types": "types",
    "Tenants": "tenants",
    "On": "enabled",
    "Stopped": "stopped",
    "Reaches": "reaches",
    "Behind": "behind",
    "Failing since": "failing",
    "Trouble": "trouble",
}
tenants_option = click.option(
    "--tenant", "tenants", metavar="TENANT", multiple=True, help="The events of this tenant; repeatable."
)


@click.group("operator-webhook")
def operator_webhooks() -> None:
    """Webhooks of the operator: where events of all tenants are sent, present and future."""


@operator_webhooks.command("create")
@click.argument("name")
@click.argument("url")
@types_option
@tenants_option
@json_option
def create(name: str, url: str, types: tuple[str, ...], tenants: tuple[str, ...], as_json: bool) -> None:
    """Send events of all tenants from now on to URL, or those of some. Its secret is shown this once."""
    installation = migrated()
    units, web = installation.units, installation.web
    made = operator_hooking.create_operator_webhook(units, web, cause(), name, url, types, tenants)
    whose = f"of {len(tenants)} tenants" if tenants else "of all tenants"
    sentence = f"Events {whose} are sent to {made.url}, signed with {made.secret}"
    report(dump(RevealedOperatorWebhookItem, made), sentence, as_json=as_json)


@operator_webhooks.command("list")
@json_option
def list_(as_json: bool) -> None:
    """The webhooks of the operator by name, with how each does."""
    found = dump_all(OverseenWebhookItem, operator_hooking.operator_webhooks(migrated().units))
    listing(found, COLUMNS, "The operator has no webhook.", as_json=as_json)


@operator_webhooks.command("show")
@webhook_argument
@json_option
def show(webhook: str, as_json: bool) -> None:
    """One webhook of the operator, by its name or id, and how it does."""
    item = dump(OverseenWebhookItem, operator_hooking.operator_webhook(migrated().units, webhook))
    show_one(item, as_json=as_json)


@operator_webhooks.command("edit")
@webhook_argument
@click.option("--name", help="What people call it.")
@click.option("--url", metavar="URL", help="Where events are sent.")
@types_option
@click.option("--all-types", is_flag=True, help="Send events of all types.")
@tenants_option
@click.option("--all-tenants", is_flag=True, help="Send events of all tenants.")
@click.option("--on/--off", "on", default=None, help="One that is switched on again goes on where it was.")
@json_option
def edit(
    webhook: str,
    name: str | None,
    url: str | None,
    types: tuple[str, ...],
    all_types: bool,
    tenants: tuple[str, ...],
    all_tenants: bool,
    on: bool | None,
    as_json: bool,
) -> None:
    """Change a webhook of the operator, by its name or id, or switch it off and on."""
    for some, all_of_them, option in ((types, all_types, "type"), (tenants, all_tenants, "tenant")):
        if some and all_of_them:
            raise click.UsageError(f"Say --{option} or --all-{option}s, not both.", click.get_current_context())
    chosen = () if all_types else types or None
    whose = () if all_tenants else tenants or None
    wishes = WishesAbove(name, url, chosen, on, whose)
    installation = migrated()
    after = operator_hooking.change_operator_webhook(installation.units, installation.web, cause(), webhook, wishes)
    report(dump(OperatorWebhookItem, after), standing(after), as_json=as_json)


@operator_webhooks.command("rotate")
@webhook_argument
@overlap_option
@json_option
def rotate(webhook: str, hours: int, as_json: bool) -> None:
    """Sign with a new secret, shown this once, and for a while with the one before as well."""
    after = operator_hooking.rotate_operator_secret(migrated().units, cause(), webhook, timedelta(hours=hours))
    report(dump(RevealedOperatorWebhookItem, after), revealed(after), as_json=as_json)


@operator_webhooks.command("test")
@webhook_argument
@json_option
def test(webhook: str, as_json: bool) -> None:
    """Send an event of the type webhook.test, which is of no tenant, now, and say what came of it."""
    installation = migrated()
    attempt = operator_hooking.try_operator_webhook(installation.units, installation.web, cause(), webhook)
    report(dump(AttemptItem, attempt), receivers.outcome(attempt), as_json=as_json)


@operator_webhooks.command("replay")
@webhook_argument
@click.argument("tenant")
@replay_options
@json_option
def replay(webhook: str, tenant: str, event: str | None, first: int | None, last: int | None, as_json: bool) -> None:
    """Send events of TENANT again: one by its id, or all from one position to another."""
    again, units = wanted(event, first, last), migrated().units
    owner = tenancy.tenant(units, tenant)
    if isinstance(again, str):
        found = operator_redelivering.replay_operator_event(units, cause(), webhook, owner, again)
    else:
        found = operator_redelivering.replay_operator_range(units, cause(), webhook, owner, *again)
    sentence = f"Events {found.first} to {found.last} of '{tenant}' are sent to '{found.receiver.name}' again."
    report(dump(ReplayItem, found), sentence, as_json=as_json)


@operator_webhooks.command("log")
@webhook_argument
@click.argument("tenant")
@log_options
@json_option
def log(webhook: str, tenant: str, state: State | None, limit: int, as_json: bool) -> None:
    """What was sent of TENANT's events to a webhook of the operator of late, the newest first."""
    units = migrated().units
    found = operator_redelivering.operator_deliveries(units, webhook, tenancy.tenant(units, tenant), limit, state)
    receivers.log(found, "Nothing of that kind was sent.", as_json=as_json)


@operator_webhooks.command("remove")
@webhook_argument
@yes_option
@json_option
def remove(webhook: str, yes: bool, as_json: bool) -> None:
    """Send nothing there any more, and forget how far it had come."""
    units = migrated().units
    confirm(f"'{webhook}' will get no event of any tenant any more. Remove it?", yes=yes, as_json=as_json)
    gone = operator_hooking.remove_operator_webhook(units, cause(), webhook)
    report({"id": gone.id, "name": gone.name}, f"The webhook '{gone.name}' is removed.", as_json=as_json)
