"""/tenants/{tenant}/oauth-clients and /operator/signing-keys: clients of the authorization server, and its keys."""

from datetime import timedelta

from scim_server.api.answers import Answered, Made, part_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Choice, Facts, Flag, Number, Text, Texts
from scim_server.api.items.oauth import ClientSecretItem, NewClientSecretItem, OAuthClientItem, SigningKeyItem
from scim_server.api.nouns.tokens import Life
from scim_server.api.shapes import Body, PageQuery
from scim_server.domain.oauth_clients import (
    CLIENT_SCOPES,
    LONGEST_CLIENT_NAME,
    LONGEST_TOKEN_SECONDS,
    MOST_REDIRECTS,
    SHORTEST_TOKEN_SECONDS,
    TOKEN_SECONDS,
    ClientMethod,
)
from scim_server.services import client_secrets, registering, signing
from scim_server.services.signing import Rotation

oauth = Noun("oauth", "Clients of the authorization server. `{client}` is a client_id or a name.")
ALL, ONE = f"{TENANT}/oauth-clients", f"{TENANT}/oauth-clients/{{client}}"
SECRETS, KEYS = f"{ONE}/secrets", "/operator/signing-keys"
WRITE = "connections.write"
SCOPES = f"The most it may get: {', '.join(list(CLIENT_SCOPES)[:3])}, and permissions for the admin API."


class NewOAuthClient(Body):
    """A client to be registered."""

    name = Text(required=True, most=LONGEST_CLIENT_NAME)
    connection = Text(about="The connection that it acts as; left out, it opens the admin API alone.")
    method = Choice(list(ClientMethod), load_default=ClientMethod.BASIC.value, about="How it proves who it is.")
    scopes = Texts(required=True, most=len(CLIENT_SCOPES), about=SCOPES)
    redirect_uris = Texts(most=MOST_REDIRECTS, load_default=[], about="Where authorization codes may be sent.")
    jwks = Facts(load_default=None, about="The public keys that it signs with, a JWK Set; for private_key_jwt.")
    jwks_uri = Text(load_default=None, about="Where it publishes them instead.")
    token_seconds = Number(SHORTEST_TOKEN_SECONDS, LONGEST_TOKEN_SECONDS, load_default=TOKEN_SECONDS)
    dpop = Flag(load_default=False, about="Whether its tokens must be bound to a key, by DPoP.")
    certificate_bound = Flag(load_default=False, about="Whether they must be to its TLS certificate.")
    pkce = Flag(load_default=True, about="Whether it must send a challenge for each authorization code.")


class OAuthClientChange(Body):
    """What is to change of a client; what is left out stays."""

    name = Text(most=LONGEST_CLIENT_NAME)
    method = Choice(list(ClientMethod))
    scopes = Texts(most=len(CLIENT_SCOPES), about=SCOPES)
    redirect_uris = Texts(most=MOST_REDIRECTS)
    jwks = Facts()
    jwks_uri = Text()
    token_seconds = Number(SHORTEST_TOKEN_SECONDS, LONGEST_TOKEN_SECONDS)
    dpop = Flag()
    certificate_bound = Flag()
    pkce = Flag()


class HowToRotate(Body):
    """How soon the new key is to sign."""

    how = Choice(
        list(Rotation),
        load_default=Rotation.PLANNED.value,
        about="planned: after a day's notice; compromised: at once, and what other keys signed opens nothing any more.",
    )


@oauth.get(ALL, WRITE, shows=OAuthClientItem, lists=True, query=PageQuery)
def list_oauth_clients(call: Call) -> Answered:
    """List the tenant's clients by name."""
    found = registering.registrations(call.units, call.tenant)
    return part_of(found, call.after, call.limit, lambda each: each.client.name)


@oauth.post(ALL, WRITE, shows=OAuthClientItem, body=NewOAuthClient, status=201)
def register_oauth_client(call: Call) -> Answered:
    """Register a client. It can do no more than the caller's token permits."""
    given = {**call.body, "method": ClientMethod(call.body["method"])}
    new = registering.register_client(call.units, call.tenant, call.cause, given.pop("name"), **given)
    return Made(new, f"/tenants/{call.tenant.slug}/oauth-clients/{new.client.id}")


@oauth.get(ONE, WRITE, shows=OAuthClientItem)
def show_oauth_client(call: Call) -> Answered:
    """Show a client."""
    return registering.registration(call.units, call.tenant, call.path["client"])


@oauth.patch(ONE, WRITE, shows=OAuthClientItem, body=OAuthClientChange)
def edit_oauth_client(call: Call) -> Answered:
    """Change a client; tokens that it has permit no more than it may from now on."""
    changes = dict(call.body)
    if "method" in changes:
        changes["method"] = ClientMethod(changes["method"])
    return registering.edit_client(call.units, call.tenant, call.cause, call.path["client"], **changes)


@oauth.delete(ONE, WRITE)
def revoke_oauth_client(call: Call) -> Answered:
    """End a client at once, with its secrets and tokens."""
    registering.revoke_client(call.units, call.tenant, call.cause, call.path["client"])


@oauth.get(SECRETS, WRITE, shows=ClientSecretItem, lists=True, query=PageQuery)
def list_client_secrets(call: Call) -> Answered:
    """List the secrets of a client by id."""
    found = client_secrets.secrets(call.units, call.tenant, call.path["client"])
    by_id = sorted(found, key=lambda each: each.secret.id)
    return part_of(by_id, call.after, call.limit, lambda each: each.secret.id)


@oauth.post(SECRETS, WRITE, shows=NewClientSecretItem, body=Life, status=201, hides="secret")
def issue_client_secret(call: Call) -> Answered:
    """Issue a secret to a client, beside those that it has. Its text is shown this once."""
    name, life = call.path["client"], timedelta(days=call.body["days"])
    new = client_secrets.issue_secret(call.units, call.tenant, call.cause, name, life)
    return Made(new, f"/tenants/{call.tenant.slug}/oauth-clients/{new.client.id}/secrets/{new.secret.id}")


@oauth.delete(f"{SECRETS}/{{secret}}", WRITE)
def revoke_client_secret(call: Call) -> Answered:
    """End a secret of a client at once; tokens that it obtained live on."""
    client_secrets.revoke_secret(call.units, call.tenant, call.cause, call.path["client"], call.path["secret"])


@oauth.get(KEYS, "operations.write", shows=SigningKeyItem, lists=True, query=PageQuery)
def list_signing_keys(call: Call) -> Answered:
    """List the published keys that access tokens are signed with, by id."""
    found = sorted(signing.keys(call.units), key=lambda each: each.id)
    return part_of(found, call.after, call.limit, lambda key: key.id)


@oauth.post(f"{KEYS}/rotate", "operations.write", shows=SigningKeyItem, body=HowToRotate)
def rotate_signing_keys(call: Call) -> Answered:
    """Make a new key that access tokens are signed with."""
    return signing.rotate(call.units, Rotation(call.body["how"]))
