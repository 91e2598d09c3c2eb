"""What a connection comes in with: its tokens, its clients of the authorization server, the issuers that it trusts."""

from datetime import timedelta

from flask_babel import gettext
from werkzeug.wrappers import Response

from scim_server.console.answers import file_of, go, render
from scim_server.console.calls import Call
from scim_server.console.pasting import addresses, typed_days
from scim_server.console.views.connections import ONE, PERMISSION, connections
from scim_server.domain.errors import Missing
from scim_server.domain.oauth_clients import TrustedIssuer
from scim_server.domain.tenants import Connection
from scim_server.services import connecting, connections_seen, rotating, tokens, trusting
from scim_server.services.addresses import base_address
from scim_server.services.csv_rows import csv_lines
from scim_server.services.guides import GUIDES, TOKEN, Way
from scim_server.services.token_entries import LIVE, SoughtTokens, TokenEntry

COLUMNS = ("id", "state", "scopes", "created", "last used", "expires", "revoked")


@connections.get(f"{ONE}/tokens.csv", PERMISSION)
def export_tokens(call: Call) -> Response:
    """Its tokens as a file, none with its secret."""
    rows = (
        [each.id, each.state, " ".join(each.scopes), each.created, each.last_used, each.expires, each.revoked]
        for each in _tokens(call)
    )
    return file_of(csv_lines(COLUMNS, rows), f"{call.tenant.slug}-tokens.csv")


@connections.get(f"{ONE}/rotate", PERMISSION)
def rotate_token(call: Call) -> str:
    """What becomes of the tokens there are when the one in use is replaced."""
    view = connections_seen.connection_seen(call.units, call.tenant, call.path["connection"])
    live = sorted(view.live_tokens, key=lambda token: (token.last_used or "", token.created))
    return render("connections/rotate.html", connection=view.connection, live=live, overlap=rotating.USUAL_OVERLAP.days)


@connections.post(f"{ONE}/rotate", PERMISSION)
def replace_token(call: Call) -> str:
    """A token in place of the one in use, which is shown this once."""
    connection = _connection(call)
    life, overlap = (timedelta(days=typed_days(call.form, name)) for name in ("days", "overlap"))
    address = base_address(call.service.public_url, call.tenant.slug)
    new = rotating.rotate_token(call.units, call.tenant, call.cause, connection.id, life, overlap, address)
    guide = GUIDES[connection.idp]
    boxes = guide.boxes(Way.TOKEN, {**addresses(call.service.public_url, call.tenant.slug), TOKEN: new.text})
    return render("connections/rotated.html", connection=connection, guide=guide, boxes=boxes, new=new)


@connections.get(f"{ONE}/tokens/<token>/revoke", PERMISSION)
def end_token(call: Call) -> str:
    """What it means to end the token."""
    connection = _connection(call)
    live = [token for token in _tokens(call) if token.state == LIVE]
    token = next((each for each in live if each.id == call.path["token"]), None)
    if token is None:
        raise Missing(gettext("The connection has no such live token."))
    return render("connections/end_token.html", connection=connection, shown=token, others=len(live) - 1)


@connections.post(f"{ONE}/tokens/<token>/revoke", PERMISSION)
def revoke_token(call: Call) -> Response:
    """End it."""
    connection = _connection(call)
    tokens.revoke_connections_token(call.units, call.tenant, call.cause, connection.id, call.path["token"])
    return go(call.url("show_connection", connection=connection.id), gettext("The token opens nothing any more."))


@connections.get(f"{ONE}/issuers/<issuer>/remove", PERMISSION)
def end_trust(call: Call) -> str:
    """What it means to trust the issuer no more."""
    return render("connections/end_trust.html", connection=_connection(call), issuer=_trusted(call))


@connections.post(f"{ONE}/issuers/<issuer>/remove", PERMISSION)
def distrust_issuer(call: Call) -> Response:
    """Trust it no more."""
    trusting.distrust_issuer(call.units, call.tenant, call.cause, _trusted(call).id)
    back = call.url("show_connection", connection=call.path["connection"])
    return go(back, gettext("The issuer is trusted no more."))


def _connection(call: Call) -> Connection:
    return connecting.connection(call.units, call.tenant, call.path["connection"])


def _trusted(call: Call) -> TrustedIssuer:
    """The issuer, if the connection in the address trusts it. Raises Missing."""
    found = trusting.issuer(call.units, call.tenant, call.path["issuer"]).issuer
    if found.connection_id != _connection(call).id:
        raise Missing(gettext("The connection trusts no such issuer."))
    return found


def _tokens(call: Call) -> list[TokenEntry]:
    return tokens.tokens_of_connection(call.units, call.tenant, call.path["connection"], SoughtTokens())
