"""Clients of the authorization server that act as a connection: their secrets, consent, and their end."""

from datetime import timedelta

from flask_babel import gettext
from werkzeug.wrappers import Response

from scim_server.console.answers import go, render
from scim_server.console.calls import Call
from scim_server.console.pasting import typed_days
from scim_server.console.views.connections import ONE, PERMISSION, connections
from scim_server.domain.errors import Missing
from scim_server.domain.oauth_clients import OAuthClient
from scim_server.services import client_secrets, connecting, consenting, registering
from scim_server.services.addresses import issuer_address

CLIENT = f"{ONE}/clients/<client>"


@connections.get(CLIENT, PERMISSION)
def show_client(call: Call) -> str:
    """A client and its secrets."""
    return _client(call)


@connections.get(f"{CLIENT}/secret", PERMISSION)
def add_secret(call: Call) -> str:
    """How long another secret is to live."""
    return _client(call, "add_secret")


@connections.post(f"{CLIENT}/secret", PERMISSION)
def issue_secret(call: Call) -> str:
    """Another secret beside those there are, shown this once."""
    life = timedelta(days=typed_days(call.form, "days"))
    new = client_secrets.issue_secret(call.units, call.tenant, call.cause, _registered(call).id, life)
    return _client(call, secret=new.text)


@connections.get(f"{CLIENT}/approval", PERMISSION)
def approve_client(call: Call) -> str:
    """What an approval code is for."""
    return _client(call, "approve_client")


@connections.post(f"{CLIENT}/approval", PERMISSION)
def make_approval_code(call: Call) -> str:
    """A code with which somebody may consent once, shown this once."""
    new = consenting.issue_approval(call.units, call.tenant, call.cause, _registered(call).id)
    return _client(call, approval=new)


@connections.get(f"{CLIENT}/secrets/<secret>/revoke", PERMISSION)
def end_secret(call: Call) -> str:
    """What it means to end the secret."""
    client_secrets.secret(call.units, call.tenant, _registered(call).id, call.path["secret"])
    return _client(call, "end_secret")


@connections.post(f"{CLIENT}/secrets/<secret>/revoke", PERMISSION)
def revoke_secret(call: Call) -> Response:
    """End it."""
    client_secrets.revoke_secret(call.units, call.tenant, call.cause, _registered(call).id, call.path["secret"])
    return go(call.url("show_client", **_place(call)), gettext("The secret opens nothing any more."))


@connections.get(f"{CLIENT}/revoke", PERMISSION)
def end_client(call: Call) -> str:
    """What it means to end the client."""
    return _client(call, "end_client")


@connections.post(f"{CLIENT}/revoke", PERMISSION)
def revoke_client(call: Call) -> Response:
    """End it, its secrets and its tokens."""
    registering.revoke_client(call.units, call.tenant, call.cause, _registered(call).id)
    return go(call.url("show_connection", connection=call.path["connection"]), gettext("The client is revoked."))


def _client(call: Call, template: str = "client", **more: object) -> str:
    client = _registered(call)
    issuer = issuer_address(call.service.public_url, call.tenant.slug)
    return render(
        f"connections/{template}.html",
        client=client,
        secrets=client_secrets.secrets(call.units, call.tenant, client.id),
        by_secret=client.has_secrets,
        token_endpoint=f"{issuer}/token",
        back=call.url("show_client", **_place(call)),
        **more,
    )


def _registered(call: Call) -> OAuthClient:
    """The client, if it is one of the connection in the address. Raises Missing."""
    found = registering.registration(call.units, call.tenant, call.path["client"])
    if found.client.connection_id != connecting.connection(call.units, call.tenant, call.path["connection"]).id:
        raise Missing(gettext("The connection has no such client."))
    return found.client


def _place(call: Call) -> dict[str, str]:
    return {name: call.path[name] for name in ("connection", "client")}
