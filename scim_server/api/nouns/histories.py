"""How people, groups and subscriptions were at any past moment, and what has changed since."""

from scim_server.api.answers import Answered
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Moment
from scim_server.api.items.histories import HistoryItem
from scim_server.api.shapes import Query
from scim_server.services import histories as past

histories = Noun("history", "How something was at any past moment, and what has changed since.")


class HistoryQuery(Query):
    """Two moments, both now where they are left out."""

    at = Moment(load_default=None, metadata={"description": "The moment to look at."})
    until = Moment(load_default=None, metadata={"description": "A later one to compare it with."})


@histories.get(f"{TENANT}/users/{{user}}/history", "audit.read", shows=HistoryItem, query=HistoryQuery)
def user_history(call: Call) -> Answered:
    """Show how a person was, and what has changed since.

    Called by the user name of then or now or by id, also one who is gone. When somebody was last seen is in no trail:
    who was invited or inactive shows as active.
    """
    return past.user_history(call.units, call.tenant, call.path["user"], call.query["at"], call.query["until"])


@histories.get(f"{TENANT}/groups/{{group}}/history", "audit.read", shows=HistoryItem, query=HistoryQuery)
def group_history(call: Call) -> Answered:
    """Show how a group was, and what has changed since. Called by its name of then or now or by id."""
    return past.group_history(call.units, call.tenant, call.path["group"], call.query["at"], call.query["until"])


@histories.get(f"{TENANT}/subscriptions/{{product}}/history", "audit.read", shows=HistoryItem, query=HistoryQuery)
def subscription_history(call: Call) -> Answered:
    """Show how a subscription was, with its holders and queue, and what has changed since."""
    product, at, until = call.path["product"], call.query["at"], call.query["until"]
    return past.subscription_history(call.units, call.tenant, product, at, until)
