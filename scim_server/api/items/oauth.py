"""Clients of the authorization server, their secrets, and the keys it signs with, as they are shown."""

from scim_server.api.fields import Facts, Flag, Moment, Number, Text, Texts
from scim_server.api.shapes import Item


class OAuthClientItem(Item):
    """A client of the authorization server."""

    id = Text(attribute="client.id", about="Its client_id.")
    name = Text(attribute="client.name")
    connection = Text(
        allow_none=True, about="The name of the connection that it acts as; null for the admin API alone."
    )
    method = Text(attribute="client.method", about="How it proves who it is.")
    scopes = Texts(attribute="client.scopes", get=lambda each: sorted(each.client.scopes), about="The most it may get.")
    redirect_uris = Texts(attribute="client.redirect_uris", about="Where authorization codes may be sent.")
    jwks = Facts(attribute="client.jwks", allow_none=True, about="The public keys that it signs with.")
    jwks_uri = Text(attribute="client.jwks_uri", allow_none=True, about="Where it publishes them instead.")
    token_seconds = Number(attribute="client.token_seconds", about="How long its access tokens live.")
    dpop = Flag(attribute="client.dpop", about="Whether its tokens are bound to a key, by DPoP.")
    certificate_bound = Flag(attribute="client.certificate_bound", about="Whether they are to its TLS certificate.")
    pkce = Flag(attribute="client.pkce", about="Whether it must send a challenge for each authorization code.")
    created = Moment(attribute="client.created")
    revoked = Moment(attribute="client.revoked", allow_none=True)


class ClientSecretItem(Item):
    """A secret of a client, without its text."""

    id = Text(attribute="secret.id")
    client = Text(attribute="client.name", about="The name of its client.")
    client_id = Text(attribute="client.id")
    state = Text(about="live, revoked or expired.")
    created = Moment(attribute="secret.created")
    expires = Moment(attribute="secret.expires")
    revoked = Moment(attribute="secret.revoked", allow_none=True)
    last_used = Moment(attribute="secret.last_used", allow_none=True)


class NewClientSecretItem(ClientSecretItem):
    """A secret that was just issued."""

    text = Text(
        data_key="secret",
        allow_none=True,
        about="What the client sends as client_secret. It is shown once: null where the request was sent again.",
    )


class SigningKeyItem(Item):
    """A key that access tokens are signed with, as the JWKS address publishes it."""

    id = Text(about="Its kid.")
    algorithm = Text()
    public = Facts(about="The public key, a JWK.")
    created = Moment()
    starts = Moment(about="When it begins to sign; the latest that has begun signs.")
    ends = Moment(allow_none=True, about="Until when it is published.")
