"""Trusted issuers, as they are shown."""

from scim_server.api.fields import Facts, Moment, Text, Texts
from scim_server.api.shapes import Item


class IssuerItem(Item):
    """A foreign issuer whose tokens stand for a connection."""

    id = Text(get=lambda trust: trust.issuer.id)
    name = Text(get=lambda trust: trust.issuer.name)
    connection = Text(about="The name of the connection that its tokens stand for.")
    client = Text(
        allow_none=True,
        get=lambda trust: trust.issuer.client_id,
        about="The client whose assertions they are, at the token endpoint; null where they open SCIM themselves.",
    )
    issuer = Text(get=lambda trust: trust.issuer.issuer, about="What its tokens say of themselves in `iss`.")
    audience = Text(get=lambda trust: trust.issuer.audience, about="What `aud` must have in it.")
    subject = Text(allow_none=True, get=lambda trust: trust.issuer.subject, about="What `sub` must be; null for any.")
    claims = Facts(get=lambda trust: dict(trust.issuer.claims), about="What else must be in a token, just so.")
    jwks_uri = Text(
        allow_none=True, get=lambda trust: trust.issuer.jwks_uri, about="Where its keys are; null: as its metadata say."
    )
    scopes = Texts(get=lambda trust: sorted(trust.issuer.scopes), about="What its tokens are good for.")
    created = Moment(get=lambda trust: trust.issuer.created)
