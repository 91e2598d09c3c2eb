"""/tenants/{tenant}/webhooks: where a tenant's events are sent."""

from datetime import timedelta

from scim_server.api.answers import Answered, Made, page_of, part_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Choice, Flag, Number, Text, Texts
from scim_server.api.items.webhooks import DeliveryItem, HookedItem, ReplayItem, RevealedWebhookItem, WebhookItem
from scim_server.api.problems import FieldErrors, WrongField
from scim_server.api.shapes import Body, PageQuery
from scim_server.domain.webhooks import LONGEST_NAME, LONGEST_URL, MOST_TYPES, State
from scim_server.services import hooking, redelivering
from scim_server.services.hooking import Wishes
from scim_server.services.receivers import webhook_called
from scim_server.services.redelivering import Called, Replay

webhooks = Noun("webhooks", "Where events of a tenant are sent, as they happen. `{webhook}` is an id or a name.")
ALL, ONE = f"{TENANT}/webhooks", f"{TENANT}/webhooks/{{webhook}}"
SCOPE = "connections.write"
ABOUT_TYPES = "Such as user.suspended, or seat.* for all that begin so; none means all."


class NewWebhook(Body):
    """A receiver of events."""

    name = Text(required=True, most=LONGEST_NAME)
    url = Text(required=True, most=LONGEST_URL, about="https://HOST[:PORT]/PATH.")
    types = Texts(most=MOST_TYPES, load_default=list, about=ABOUT_TYPES)


class WebhookChanges(Body):
    """What of a webhook is to be otherwise; what is left out stays."""

    name = Text(most=LONGEST_NAME)
    url = Text(most=LONGEST_URL)
    types = Texts(most=MOST_TYPES, about=ABOUT_TYPES)
    enabled = Flag(about="Switched on again it goes on where it was.")


class NewSecret(Body):
    """For how long the secret there is goes on signing as well."""

    overlap_hours = Number(0, 24 * 30, load_default=24)


class Again(Body):
    """One event, by its id, or all from one position to another."""

    event = Text(load_default=None)
    first = Number(1, load_default=None, allow_none=True)
    last = Number(1, load_default=None, allow_none=True)


class DeliveriesQuery(PageQuery):
    """Entries of the log."""

    state = Choice(list(State), load_default=None)


@webhooks.get(ALL, SCOPE, shows=HookedItem, lists=True, query=PageQuery)
def list_webhooks(call: Call) -> Answered:
    """List the tenant's webhooks by name, each with how far it has come."""
    found = hooking.webhooks(call.units, call.tenant)
    return part_of(found, call.after, call.limit, lambda each: each.name)


@webhooks.post(ALL, SCOPE, shows=RevealedWebhookItem, body=NewWebhook, status=201, hides="secret")
def create_webhook(call: Call) -> Answered:
    """Have the tenant's events from now on sent somewhere. The answer has the secret that they are signed with, which
    is not shown again."""
    name, url, types = call.body["name"], call.body["url"], tuple(call.body["types"])
    made = hooking.create_webhook(call.units, call.service.web, call.tenant, call.cause, name, url, types)
    return Made(made, f"/tenants/{call.tenant.slug}/webhooks/{made.id}")


@webhooks.get(ONE, SCOPE, shows=HookedItem)
def show_webhook(call: Call) -> Answered:
    """Show a webhook and how far it has come."""
    return hooking.webhook(call.units, call.tenant, call.path["webhook"])


@webhooks.patch(ONE, SCOPE, shows=WebhookItem, body=WebhookChanges)
def change_webhook(call: Call) -> Answered:
    """Change a webhook, or switch it off and on. What it missed while it was off is sent when it is on again."""
    given = dict(call.body)
    types = None if given.get("types") is None else tuple(given["types"])
    wishes = Wishes(given.get("name"), given.get("url"), types, given.get("enabled"))
    return hooking.change_webhook(call.units, call.service.web, call.tenant, call.cause, call.path["webhook"], wishes)


@webhooks.post(f"{ONE}/secret", SCOPE, shows=RevealedWebhookItem, body=NewSecret, hides="secret")
def rotate_webhook_secret(call: Call) -> Answered:
    """Sign with a new secret, which is not shown again, and for a while with the one before as well."""
    overlap = timedelta(hours=call.body["overlap_hours"])
    return hooking.rotate_secret(call.units, call.tenant, call.cause, call.path["webhook"], overlap)


@webhooks.post(f"{ONE}/test", SCOPE, shows=DeliveryItem)
def try_webhook(call: Call) -> Answered:
    """Send an event of the type `webhook.test` now, and say what came of it."""
    return redelivering.try_webhook(call.units, call.service.web, call.tenant, call.cause, call.path["webhook"])


@webhooks.post(f"{ONE}/replays", SCOPE, shows=ReplayItem, body=Again)
def replay_events(call: Call) -> Answered:
    """Send events again: one, by its id, or all from one position to another."""
    return replayed(call, call.path["webhook"], webhook_called)


def replayed(call: Call, named: str, called: Called) -> Replay:
    """What the body asks for, of the webhook or stream of that name. Raises FieldErrors."""
    wanted = again(call)
    if isinstance(wanted, str):
        return redelivering.replay_event(call.units, call.tenant, call.cause, named, wanted, called=called)
    return redelivering.replay_range(call.units, call.tenant, call.cause, named, *wanted, called=called)


def again(call: Call) -> str | tuple[int, int]:
    """The event that the body asks for, or the positions of the first and the last of several. Raises FieldErrors."""
    event, first, last = (call.body[name] for name in ("event", "first", "last"))
    if event is not None and first is last is None:
        return str(event)
    if event is None and first is not None and last is not None:
        return first, last
    raise FieldErrors([WrongField("pointer", "", "Send `event` alone, or `first` and `last`.")])


@webhooks.get(f"{ONE}/deliveries", SCOPE, shows=DeliveryItem, lists=True, query=DeliveriesQuery)
def list_deliveries(call: Call) -> Answered:
    """List what was sent of late, the newest first; dead letters are those in the state `dead`."""
    return logged(call, call.path["webhook"], webhook_called)


def logged(call: Call, named: str, called: Called) -> Answered:
    """A page of what was sent to the webhook or stream of that name."""
    found = redelivering.deliveries(
        call.units, call.tenant, named, call.limit + 1, state_asked(call), before=call.after, called=called
    )
    return page_of(found, call.limit, lambda entry: entry.id)


def state_asked(call: Call) -> State | None:
    """In which entries of the log have to be."""
    return None if call.query["state"] is None else State(call.query["state"])


@webhooks.delete(ONE, SCOPE)
def remove_webhook(call: Call) -> Answered:
    """Send nothing there any more."""
    hooking.remove_webhook(call.units, call.tenant, call.cause, call.path["webhook"])
