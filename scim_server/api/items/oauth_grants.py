"""What admins consented to, and codes to approve with, as they are shown."""

from scim_server.api.fields import Moment, Text, Texts
from scim_server.api.shapes import Item


class OAuthGrantItem(Item):
    """What an admin consented to for a client of the authorization server."""

    id = Text(attribute="grant.id")
    client = Text(attribute="client.name", about="The name of its client.")
    client_id = Text(attribute="client.id")
    state = Text(about="pending (its code is not redeemed yet), live, lapsed or revoked.")
    scopes = Texts(attribute="grant.scopes", get=lambda each: sorted(each.grant.scopes))
    resource = Text(attribute="grant.resource", about="What its tokens are for.")
    redirect_uri = Text(attribute="grant.redirect_uri", about="Where the code was sent.")
    approver = Text(attribute="grant.approver", about="Who consented, as the audit trail names them.")
    created = Moment(attribute="grant.created", about="When they did.")
    redeemed = Moment(attribute="grant.redeemed", allow_none=True, about="When its client came for the first tokens.")
    expires = Moment(attribute="grant.expires", about="When it lapses, unless it is used before.")
    revoked = Moment(attribute="grant.revoked", allow_none=True)


class ApprovalCodeItem(Item):
    """A code to approve a client with, once."""

    id = Text(attribute="code.id")
    client_id = Text(attribute="code.client_id")
    expires = Moment(attribute="code.expires")
    text = Text(
        data_key="code",
        allow_none=True,
        about="What is typed into the consent page. It is shown once: null where the request was sent again.",
    )
