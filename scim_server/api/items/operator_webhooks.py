"""Webhooks of the operator, as they are shown."""

from scim_server.api.fields import Flag, Moment, Number, Text, Texts
from scim_server.api.items.webhooks import SecretItem, WebhookItem
from scim_server.api.shapes import Item
from scim_server.domain.webhooks import Verdict


class OperatorWebhookItem(WebhookItem):
    """Where events of all tenants are sent. The secret is shown when it is made, and never again."""

    tenants = Texts(get=lambda webhook: list(webhook.tenants), about="Whose events it gets, by slug; none means all.")


class OverseenWebhookItem(OperatorWebhookItem):
    """A webhook of the operator and how it does."""

    spread = Flag(about="Whether every tenant is set up for it as it is.")
    reaches = Number(get=lambda each: each.condition.tenants, about="How many tenants it is set up in.")
    behind = Number(
        get=lambda each: each.condition.behind,
        about="How many events of all those tenants are yet to be dealt with, whatever their types.",
    )
    due = Moment(allow_none=True, get=lambda each: each.condition.due, about="When it is tried next; null for always.")
    failures = Number(get=lambda each: each.condition.failures, about="Attempts since its receiver worked last.")
    failing = Moment(
        allow_none=True, get=lambda each: each.condition.failing, about="Since when its receiver does not work."
    )
    trouble = Text(allow_none=True, get=lambda each: each.condition.trouble, about="What went wrong last.")
    accepted = Moment(allow_none=True, get=lambda each: each.condition.accepted, about="When it took an event last.")


class RevealedOperatorWebhookItem(SecretItem, OperatorWebhookItem):
    """A webhook of the operator with its secret."""


class AttemptItem(Item):
    """What came of sending an event once."""

    accepted = Flag(get=lambda attempt: attempt.verdict is Verdict.ACCEPTED)
    status = Number(allow_none=True, about="What the receiver answered; null where it did not.")
    detail = Text(allow_none=True, about="What went wrong.")
    milliseconds = Number()
