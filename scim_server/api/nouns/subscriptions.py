"""/tenants/{tenant}/subscriptions: the seats that a tenant has bought."""

from scim_server.api.answers import Answered, part_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Choice, Number
from scim_server.api.items.subscriptions import SubscriptionItem
from scim_server.api.shapes import Body, PageQuery
from scim_server.domain.seats import Policy
from scim_server.services import subscribing

subscriptions = Noun("subscriptions", "The seats that a tenant has bought.")
ALL, ONE = f"{TENANT}/subscriptions", f"{TENANT}/subscriptions/{{product}}"


class Purchase(Body):
    """How many seats are bought in all. A policy or overage that is left out stays as it is."""

    seats = Number(0, subscribing.MOST_SEATS, required=True)
    policy = Choice(Policy, about="What happens when none is left; at first wait.")
    overage = Number(0, subscribing.MOST_SEATS, about="How many more may be assigned under the policy overage.")


@subscriptions.get(ALL, "people.read", shows=SubscriptionItem, lists=True, query=PageQuery)
def list_subscriptions(call: Call) -> Answered:
    """List the tenant's subscriptions by product."""
    found = subscribing.subscriptions(call.units, call.tenant)
    return part_of(found, call.after, call.limit, lambda seating: seating.product)


@subscriptions.get(ONE, "people.read", shows=SubscriptionItem)
def show_subscription(call: Call) -> Answered:
    """Show the seats of a product."""
    return subscribing.subscription(call.units, call.tenant, call.path["product"])


@subscriptions.put(ONE, "subscriptions.write", shows=SubscriptionItem, body=Purchase)
def set_subscription(call: Call) -> Answered:
    """Buy seats of a product, or give some back; whoever waits gets what is free now."""
    policy = Policy(call.body["policy"]) if "policy" in call.body else None
    seats, overage = call.body["seats"], call.body.get("overage")
    return subscribing.set_subscription(
        call.units, call.tenant, call.cause, call.path["product"], seats, policy, overage
    )
