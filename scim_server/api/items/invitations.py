"""Invitations, as they are shown to whoever sends them."""

from scim_server.api.fields import Flag, Moment, Text, Texts
from scim_server.api.shapes import Item


class InvitationItem(Item):
    """A person outside, asked to move here."""

    id = Text(attribute="invitation.id")
    address = Text(attribute="invitation.address")
    state = Text(about="open, accepted, declined or expired.")
    first_name = Text(attribute="invitation.offer.first", allow_none=True)
    last_name = Text(attribute="invitation.offer.last", allow_none=True)
    products = Texts(attribute="invitation.offer.products", about="What is offered.")
    reserved = Texts(about="The products with a seat kept for the person.")
    role = Text(attribute="invitation.offer.role", allow_none=True)
    created = Moment(attribute="invitation.created")
    expires = Moment(attribute="invitation.expires")
    answered = Moment(attribute="invitation.answered", allow_none=True)
    user_id = Text(attribute="invitation.user_id", allow_none=True, about="Who the person became.")


class SentInvitationItem(InvitationItem):
    """An invitation that was just sent."""

    unreserved = Texts(about="The products without a free seat: whoever accepts waits for them.")
    by_mail = Flag(about="Whether the link goes by mail.")
    link = Text(
        get=lambda sent: None if sent.by_mail else sent.link,
        allow_none=True,
        about="For that person alone, where the server sends no mail. It is shown once.",
    )


class InvitationPreviewItem(Item):
    """What the invited person is told."""

    tenant = Text(attribute="tenant.name", about="Who invites.")
    address = Text(attribute="invitation.address")
    products = Texts(about="What is offered, by name.")
    expires = Moment(attribute="invitation.expires")
