"""Streams, and what they are told, as they are shown."""

from marshmallow import fields

from scim_server.api.fields import Flag, Moment, Number, Text, Texts
from scim_server.api.items.webhooks import ProgressItem
from scim_server.api.problems import FieldErrors
from scim_server.api.shapes import Item
from scim_server.domain.streams import delivered
from scim_server.services.security_event_types import supported


class StreamItem(Item):
    """To whom a tenant tells its changes as security event tokens (RFC 8417, RFC 9967)."""

    id = Text()
    name = Text()
    description = Text(allow_none=True)
    delivery = Text(get=lambda stream: stream.delivery.value, about="push (RFC 8935) or poll (RFC 8936).")
    url = Text(allow_none=True, about="Where tokens are pushed to; null where they are fetched.")
    authorized = Flag(about="Whether an Authorization header goes with what is pushed.")
    audience = Texts(get=lambda stream: list(stream.audience), about="Whom the tokens are meant for (`aud`).")
    owner = Text(about="Who set it up, or fetches: api:ID of a token, or client:ID of an OAuth client.")
    form = Text(
        get=lambda stream: stream.form.value, about="notice: the names of attributes; full: their values as well."
    )
    events = Texts(get=lambda stream: list(stream.requested), about="Which events it asks for, by URI; * ends several.")
    events_delivered = Texts(
        get=lambda stream: list(delivered(stream.requested, supported(stream.form))),
        about="Which of them there are, by URI.",
    )
    filter = Text(allow_none=True, about="Who is in its feed, as a SCIM filter on users; null for everybody.")
    status = Text(
        get=lambda stream: stream.status.value,
        about="enabled; paused (everything is kept); or disabled (nothing is kept).",
    )
    reason = Text(
        allow_none=True, about="Why; failing (for a day) and gone (answered 410) where the server has paused it."
    )
    created = Moment()


class FollowedStreamItem(ProgressItem, StreamItem):
    """A stream with how far it has come."""

    accepted = Moment(allow_none=True, get=lambda each: each.progress.accepted, about="When it took a token last.")


class MadeStreamItem(StreamItem):
    """A stream that is new, with the token that its receiver fetches with."""

    token = Text(
        allow_none=True,
        about="A token of the admin API, good for fetching from this stream alone. It is shown once: null where the "
        "stream has another owner or is pushed to, or the request was sent again.",
    )


class StreamReplayItem(Item):
    """Events that are told again."""

    stream = Text(get=lambda replay: replay.receiver.name)
    first = Number(about="The position of the first.")
    last = Number(about="The position of the last.")


class PolledItem(Item):
    """What there is for the receiver of a stream (RFC 8936 section 2.3)."""

    sets = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "Security event tokens by their `jti`, oldest first."},
    )
    more_available = Flag(get=lambda polled: polled.more, about="Whether there are more.")


class PollRefusalItem(Item):
    """Why a request to fetch cannot be read (RFC 8936 section 2.6)."""

    err = Text(get=lambda _error: "invalid_request")
    description = Text(get=lambda error: _described(error))


def _described(error: Exception) -> str:
    if isinstance(error, FieldErrors):
        return " ".join(f"{each.name or 'The body'}: {each.detail}" for each in error.wrong)
    return str(error)
