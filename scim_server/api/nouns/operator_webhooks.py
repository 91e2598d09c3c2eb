"""/webhooks: where the operator has the events of all tenants sent."""

from datetime import timedelta

from scim_server.api.answers import Answered, Made, page_of, part_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import Noun
from scim_server.api.fields import Choice, Text, Texts
from scim_server.api.items.operator_webhooks import (
    AttemptItem,
    OperatorWebhookItem,
    OverseenWebhookItem,
    RevealedOperatorWebhookItem,
)
from scim_server.api.items.webhooks import DeliveryItem, ReplayItem
from scim_server.api.nouns.webhooks import Again, NewSecret, NewWebhook, WebhookChanges, again, state_asked
from scim_server.api.shapes import PageQuery
from scim_server.domain.operator_webhooks import MOST_TENANTS
from scim_server.domain.webhooks import State
from scim_server.services import operator_hooking, operator_redelivering, tenancy
from scim_server.services.operator_hooking import WishesAbove

operator_webhooks = Noun(
    "operator-webhooks",
    "Where events of all tenants are sent, present and future: for the vendor who runs the installation. Tenants "
    "neither see nor change them. `{webhook}` is an id or a name.",
)
ALL, ONE = "/webhooks", "/webhooks/{webhook}"
SCOPE = "operations.write"
ABOUT_TENANTS = "Slugs of those whose events it gets; none means all, also those that come later."


class NewOperatorWebhook(NewWebhook):
    """A receiver of the events of all tenants."""

    tenants = Texts(most=MOST_TENANTS, load_default=list, about=ABOUT_TENANTS)


class OperatorWebhookChanges(WebhookChanges):
    """What of one is to be otherwise; what is left out stays."""

    tenants = Texts(most=MOST_TENANTS, about=ABOUT_TENANTS)


class AgainOfTenant(Again):
    """One event of a tenant, by its id, or all from one position to another."""

    tenant = Text(required=True)


class OperatorDeliveriesQuery(PageQuery):
    """Entries of the log, of one tenant."""

    tenant = Text(required=True)
    state = Choice(list(State), load_default=None)


@operator_webhooks.get(ALL, SCOPE, shows=OverseenWebhookItem, lists=True, query=PageQuery)
def list_operator_webhooks(call: Call) -> Answered:
    """List the operator's webhooks by name, each with how it does. Only for the operator."""
    found = operator_hooking.operator_webhooks(call.units)
    return part_of(found, call.after, call.limit, lambda each: each.name)


@operator_webhooks.post(
    ALL, SCOPE, shows=RevealedOperatorWebhookItem, body=NewOperatorWebhook, status=201, hides="secret"
)
def create_operator_webhook(call: Call) -> Answered:
    """Have the events of all tenants from now on sent somewhere. Tenants are set up for it one after the other; those
    made later have it from their first event. The answer has the secret that events are signed with, which is not
    shown again. Only for the operator."""
    name, url, types, tenants = (call.body[each] for each in ("name", "url", "types", "tenants"))
    made = operator_hooking.create_operator_webhook(
        call.units, call.service.web, call.cause, name, url, tuple(types), tuple(tenants)
    )
    return Made(made, f"/webhooks/{made.id}")


@operator_webhooks.get(ONE, SCOPE, shows=OverseenWebhookItem)
def show_operator_webhook(call: Call) -> Answered:
    """Show a webhook of the operator and how it does. Only for the operator."""
    return operator_hooking.operator_webhook(call.units, call.path["webhook"])


@operator_webhooks.patch(ONE, SCOPE, shows=OperatorWebhookItem, body=OperatorWebhookChanges)
def change_operator_webhook(call: Call) -> Answered:
    """Change one, or switch it off and on. What it missed while it was off is sent when it is on again. Only for the
    operator."""
    given = dict(call.body)
    types, tenants = (None if given.get(each) is None else tuple(given[each]) for each in ("types", "tenants"))
    wishes = WishesAbove(given.get("name"), given.get("url"), types, given.get("enabled"), tenants)
    return operator_hooking.change_operator_webhook(
        call.units, call.service.web, call.cause, call.path["webhook"], wishes
    )


@operator_webhooks.post(f"{ONE}/secret", SCOPE, shows=RevealedOperatorWebhookItem, body=NewSecret, hides="secret")
def rotate_operator_webhook_secret(call: Call) -> Answered:
    """Sign with a new secret, which is not shown again, and for a while with the one before as well. Only for the
    operator."""
    overlap = timedelta(hours=call.body["overlap_hours"])
    return operator_hooking.rotate_operator_secret(call.units, call.cause, call.path["webhook"], overlap)


@operator_webhooks.post(f"{ONE}/test", SCOPE, shows=AttemptItem)
def try_operator_webhook(call: Call) -> Answered:
    """Send an event of the type `webhook.test` that is of no tenant, now, and say what came of it. Only for the
    operator."""
    return operator_hooking.try_operator_webhook(call.units, call.service.web, call.cause, call.path["webhook"])


@operator_webhooks.post(f"{ONE}/replays", SCOPE, shows=ReplayItem, body=AgainOfTenant)
def replay_operator_events(call: Call) -> Answered:
    """Send events of a tenant again: one, by its id, or all from one position to another. Only for the operator."""
    named, tenant = call.path["webhook"], tenancy.tenant(call.units, call.body["tenant"])
    wanted = again(call)
    if isinstance(wanted, str):
        return operator_redelivering.replay_operator_event(call.units, call.cause, named, tenant, wanted)
    return operator_redelivering.replay_operator_range(call.units, call.cause, named, tenant, *wanted)


@operator_webhooks.get(f"{ONE}/deliveries", SCOPE, shows=DeliveryItem, lists=True, query=OperatorDeliveriesQuery)
def list_operator_deliveries(call: Call) -> Answered:
    """List what was sent of a tenant's events of late, the newest first; dead letters are those in the state `dead`.
    Only for the operator."""
    tenant = tenancy.tenant(call.units, call.query["tenant"])
    found = operator_redelivering.operator_deliveries(
        call.units, call.path["webhook"], tenant, call.limit + 1, state_asked(call), before=call.after
    )
    return page_of(found, call.limit, lambda entry: entry.id)


@operator_webhooks.delete(ONE, SCOPE)
def remove_operator_webhook(call: Call) -> Answered:
    """Send nothing there any more. Only for the operator."""
    operator_hooking.remove_operator_webhook(call.units, call.cause, call.path["webhook"])
