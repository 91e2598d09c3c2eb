"""Webhooks and what was sent to them, as they are shown."""

from scim_server.api.fields import Flag, Moment, Number, Text, Texts
from scim_server.api.shapes import Item


class WebhookItem(Item):
    """Where events of a tenant are sent. The secret is shown when it is made, and never again."""

    id = Text()
    name = Text()
    url = Text()
    types = Texts(get=lambda webhook: list(webhook.types), about="Which types of events it gets; none means all.")
    enabled = Flag()
    stopped = Text(
        allow_none=True,
        get=lambda webhook: webhook.stopped and webhook.stopped.value,
        about="Why it gets nothing: by_admin, failing (for a day), gone (answered 410); null where it gets events.",
    )
    created = Moment()
    overlaps = Moment(allow_none=True, about="Until when the secret before this one signs as well; null for not.")


class ProgressItem(Item):
    """How far a webhook or a stream has come."""

    position = Number(get=lambda each: each.progress.position, about="All events up to this position are dealt with.")
    behind = Number(about="How many events of the tenant come after it, whatever their types.")
    due = Moment(
        allow_none=True, get=lambda each: each.progress.due, about="When it is looked at next; null while idle."
    )
    failures = Number(get=lambda each: each.progress.failures, about="Attempts since its receiver worked last.")
    failing = Moment(
        allow_none=True, get=lambda each: each.progress.failing, about="Since when its receiver does not work."
    )
    trouble = Text(allow_none=True, get=lambda each: each.progress.trouble, about="What went wrong last.")
    accepted = Moment(allow_none=True, get=lambda each: each.progress.accepted, about="When it took an event last.")
    replays = Number(get=lambda each: len(each.progress.replays), about="How many ranges wait to be sent again.")


class HookedItem(ProgressItem, WebhookItem):
    """A webhook with how far it has come."""


class SecretItem(Item):
    """What a webhook signs with."""

    secret = Text(
        allow_none=True,
        about="What its receiver verifies signatures with (Standard Webhooks). It is shown once: null where the "
        "request was sent again.",
    )


class RevealedWebhookItem(SecretItem, WebhookItem):
    """A webhook with its secret."""


class DeliveryItem(Item):
    """What came of sending an event, or of all attempts of one that is parked."""

    id = Text()
    event_id = Text()
    event = Text(about="Its type.")
    subject = Text(about="Whom or what it is about, for example `user:ID`.")
    position = Number(allow_none=True)
    kind = Text(get=lambda entry: entry.kind.value, about="new, parked, replay or test.")
    state = Text(
        get=lambda entry: entry.state.value,
        about="delivered, failed, parked (refused, or behind one that was: sent again), or dead (refused for a day).",
    )
    attempts = Number()
    begun = Moment(about="When it was sent first.")
    at = Moment(about="When it was sent last.")
    status = Number(allow_none=True, about="What the receiver answered; null where it did not.")
    detail = Text(allow_none=True, about="What went wrong.")
    milliseconds = Number()
    due = Moment(allow_none=True, about="When it is sent again; null for never, or behind another one.")


class ReplayItem(Item):
    """Events that are sent again."""

    webhook = Text(get=lambda replay: replay.receiver.name)
    first = Number(about="The position of the first.")
    last = Number(about="The position of the last.")
