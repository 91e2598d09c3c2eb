"""/tenants/{tenant}/streams: to whom a tenant tells its changes as security event tokens."""

from typing import Any

from marshmallow import EXCLUDE, fields

from scim_server.api.answers import Answered, Made, part_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Choice, Flag, Number, Text, Texts
from scim_server.api.items.streams import (
    FollowedStreamItem,
    MadeStreamItem,
    PolledItem,
    PollRefusalItem,
    StreamItem,
    StreamReplayItem,
)
from scim_server.api.items.webhooks import DeliveryItem
from scim_server.api.nouns.webhooks import Again, DeliveriesQuery, logged, replayed
from scim_server.api.shapes import Body, PageQuery
from scim_server.domain.streams import (
    EVERY_SCIM_EVENT,
    LONGEST_AUDIENCE,
    LONGEST_AUTHORIZATION,
    LONGEST_DESCRIPTION,
    LONGEST_EVENT_URI,
    LONGEST_FILTER,
    MOST_AUDIENCES,
    MOST_REQUESTED,
    Delivery,
    Form,
    Status,
)
from scim_server.domain.webhooks import LONGEST_NAME, LONGEST_URL
from scim_server.services import polling, redelivering, stream_changes, streaming
from scim_server.services.polling import Asked
from scim_server.services.receivers import stream_called
from scim_server.services.stream_changes import LONGEST_REASON, StreamWishes
from scim_server.services.stream_owners import RECEIVES
from scim_server.services.streaming import LONGEST_STATE, NewStream

streams = Noun("streams", "To whom a tenant tells its changes as security event tokens. `{stream}` is an id or a name.")
ALL, ONE = f"{TENANT}/streams", f"{TENANT}/streams/{{stream}}"
SCOPE = "connections.write"
MOST_ACKNOWLEDGED = 1000
ABOUT_EVENTS = f"URIs of events, each of which may end in * for several; without any {EVERY_SCIM_EVENT}."
ABOUT_AUTHORIZATION = "What goes with all that is pushed as the Authorization header, such as: Bearer TOKEN."
ABOUT_OWNER = "Who fetches: api:ID of an API token, or client:ID of an OAuth client."


class NewStreamBody(Body):
    """A receiver of security event tokens."""

    name = Text(required=True, most=LONGEST_NAME)
    description = Text(load_default=None, allow_none=True, most=LONGEST_DESCRIPTION)
    delivery = Choice(list(Delivery), required=True, about="push (RFC 8935) or poll (RFC 8936).")
    url = Text(load_default=None, allow_none=True, most=LONGEST_URL, about="https://HOST[:PORT]/PATH, to push to.")
    authorization = Text(load_default=None, allow_none=True, most=LONGEST_AUTHORIZATION, about=ABOUT_AUTHORIZATION)
    audience = Texts(
        Text(most=LONGEST_AUDIENCE),
        most=MOST_AUDIENCES,
        load_default=list,
        about="Whom the tokens are meant for; without any the server that they are pushed to, or a name that is made.",
    )
    owner = Text(load_default=None, allow_none=True, about=f"{ABOUT_OWNER} Without one the answer has a token.")
    form = Choice(list(Form), load_default=Form.NOTICE.value)
    events = Texts(Text(most=LONGEST_EVENT_URI), most=MOST_REQUESTED, load_default=list, about=ABOUT_EVENTS)
    filter = Text(load_default=None, allow_none=True, most=LONGEST_FILTER, about="A SCIM filter on users.")


class StreamChanges(Body):
    """What of a stream is to be otherwise; what is left out stays, and what is null goes."""

    name = Text(most=LONGEST_NAME)
    description = Text(allow_none=True, most=LONGEST_DESCRIPTION)
    url = Text(most=LONGEST_URL, about="Another one takes the authorization away where that is not sent with it.")
    authorization = Text(allow_none=True, most=LONGEST_AUTHORIZATION, about=ABOUT_AUTHORIZATION)
    audience = Texts(Text(most=LONGEST_AUDIENCE), most=MOST_AUDIENCES)
    owner = Text(about=ABOUT_OWNER)
    form = Choice(list(Form))
    events = Texts(Text(most=LONGEST_EVENT_URI), most=MOST_REQUESTED, about=ABOUT_EVENTS)
    filter = Text(allow_none=True, most=LONGEST_FILTER, about="A SCIM filter on users.")
    status = Choice(list(Status), about="A paused stream goes on where it was, a disabled one with what happens next.")
    reason = Text(allow_none=True, most=LONGEST_REASON, about="Why it has the status.")


class Question(Body):
    """What the receiver knows the question by."""

    state = Text(load_default=None, allow_none=True, most=LONGEST_STATE)


class Lenient(Body):
    """A body of a protocol that others may add to."""

    class Meta:
        unknown = EXCLUDE


class RefusedToken(Lenient):
    """Why a token cannot be taken (RFC 8936 section 2.4.4)."""

    err = Text(required=True)
    description = Text(load_default="", least=0, most=10_000)


class Poll(Lenient):
    """What a receiver wants, and what it has (RFC 8936 section 2.2)."""

    max_events = Number(load_default=None, about="So many at most; 0 is to acknowledge only.")
    return_immediately = Flag(
        load_default=False,
        about="Else it waits half a minute for the first token, where `scim-server events` serves this address.",
    )
    ack = Texts(most=MOST_ACKNOWLEDGED, load_default=list, about="The `jti`s of tokens that the receiver has.")
    set_errs = fields.Dict(
        keys=Text(),
        values=fields.Nested(RefusedToken),
        load_default=dict,
        metadata={"description": "Which tokens it cannot take, by `jti`, and why: they do not come again."},
    )


@streams.get(ALL, SCOPE, shows=FollowedStreamItem, lists=True, query=PageQuery)
def list_streams(call: Call) -> Answered:
    """List the tenant's streams by name, each with how far it has come."""
    found = streaming.streams(call.units, call.tenant)
    return part_of(found, call.after, call.limit, lambda each: each.name)


@streams.post(ALL, SCOPE, shows=MadeStreamItem, body=NewStreamBody, status=201, hides="token")
def create_stream(call: Call) -> Answered:
    """Tell somebody what happens from now on. The answer to one that is fetched from, and names no owner, has the token
    to fetch with, which is not shown again."""
    given = dict(call.body)
    new = NewStream(
        given["name"],
        Delivery(given["delivery"]),
        given["url"],
        given["authorization"],
        tuple(given["audience"]),
        Form(given["form"]),
        tuple(given["events"]) or (EVERY_SCIM_EVENT,),
        given["filter"],
        given["description"],
        given["owner"],
    )
    made = streaming.create_stream(call.units, call.service.web, call.tenant, call.cause, new)
    return Made(made, f"/tenants/{call.tenant.slug}/streams/{made.id}")


@streams.get(ONE, SCOPE, shows=FollowedStreamItem)
def show_stream(call: Call) -> Answered:
    """Show a stream and how far it has come."""
    return streaming.stream(call.units, call.tenant, call.path["stream"])


@streams.patch(ONE, SCOPE, shows=StreamItem, body=StreamChanges)
def change_stream(call: Call) -> Answered:
    """Change a stream, or pause, disable or enable it."""
    return stream_changes.change_stream(
        call.units, call.service.web, call.tenant, call.cause, call.path["stream"], _wishes(dict(call.body))
    )


def _wishes(given: dict[str, Any]) -> StreamWishes:
    """What is null is taken away, by an empty text."""
    wished = {name: "" if value is None else value for name, value in given.items()}
    kinds: dict[str, Any] = {"audience": tuple, "events": tuple, "form": Form, "status": Status}
    made: dict[str, Any] = {name: kinds[name](value) if name in kinds else value for name, value in wished.items()}
    if "events" in made:
        made["requested"] = made.pop("events") or (EVERY_SCIM_EVENT,)
    return StreamWishes(**made)


@streams.post(f"{ONE}/verification", SCOPE, shows=StreamItem, body=Question)
def verify_stream(call: Call) -> Answered:
    """Have the stream say that it works, in its turn."""
    return streaming.verify_stream(call.units, call.tenant, call.cause, call.path["stream"], call.body["state"])


@streams.post(f"{ONE}/test", SCOPE, shows=DeliveryItem)
def try_stream(call: Call) -> Answered:
    """Push a verification now, and say what came of it."""
    service = call.service
    return redelivering.try_stream(
        call.units, service.web, service.signer, call.tenant, call.cause, call.path["stream"]
    )


@streams.post(f"{ONE}/replays", SCOPE, shows=StreamReplayItem, body=Again)
def replay_stream(call: Call) -> Answered:
    """Tell events again: one, by its id, or all from one position to another."""
    return replayed(call, call.path["stream"], stream_called)


@streams.get(f"{ONE}/deliveries", SCOPE, shows=DeliveryItem, lists=True, query=DeliveriesQuery)
def list_stream_deliveries(call: Call) -> Answered:
    """List what was told of late, the newest first; what was refused for good is in the state `dead`."""
    return logged(call, call.path["stream"], stream_called)


@streams.post(f"{ONE}/poll", RECEIVES, shows=PolledItem, body=Poll, refuses=PollRefusalItem, keyed=False)
def poll_stream(call: Call) -> Answered:
    """Fetch security event tokens (RFC 8936).

    Its owner alone may. What is not acknowledged comes again; what is acknowledged, or said to be wrong, does not.
    """
    body = call.body
    refused = {jti: f"{each['err']}: {each['description']}".rstrip(": ") for jti, each in body["set_errs"].items()}
    asked = Asked(frozenset(body["ack"]), refused, body["max_events"])
    watch = None if body["return_immediately"] else call.service.watch
    return polling.poll(call.units, call.service.signer, call.tenant, call.cause, call.path["stream"], asked, watch)


@streams.delete(ONE, SCOPE)
def remove_stream(call: Call) -> Answered:
    """Tell nothing there any more, and end the token that was made with the stream."""
    streaming.remove_stream(call.units, call.tenant, call.cause, call.path["stream"])


POLLED = [endpoint for endpoint in streams if endpoint.run is poll_stream]
"""What the process serves that lets requests wait."""
