"""/tenants/{tenant}/connections: identity providers' links to a tenant, and their tokens."""

from datetime import timedelta

from scim_server.api.answers import Answered, Made, page_of, part_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Choice, Flag, Number, Text, Texts
from scim_server.api.items.connections import ConnectionItem, ConnectionRemovalItem
from scim_server.api.items.diagnoses import DiagnosisItem
from scim_server.api.items.tokens import NewTokenItem, RotatedTokenItem, TokenItem
from scim_server.api.nouns.tokens import MOST_DAYS, Life, TokensQuery, sought
from scim_server.api.shapes import Body, PageQuery
from scim_server.domain.access import ADMIN, ROLES
from scim_server.domain.networks import MOST_NETWORKS
from scim_server.domain.tenants import IDPS, MANAGES_ENTITLEMENTS, SCIM_SCOPES
from scim_server.services import connecting, diagnosing, disconnecting, rotating, tenancy, tokens
from scim_server.services.addresses import base_address
from scim_server.services.disconnecting import Fate
from scim_server.services.token_entries import TokenKind

connections = Noun("connections", "Links of identity providers to a tenant. `{connection}` is an id or a name.")
ALL, ONE = f"{TENANT}/connections", f"{TENANT}/connections/{{connection}}"


class NewConnection(Body):
    """A connection to be made."""

    name = Text(required=True)
    idp = Choice(IDPS, required=True, about="Which identity provider it is.")
    manages_entitlements = Choice(
        MANAGES_ENTITLEMENTS,
        load_default="auto",
        about="Whether a user sent without entitlements has none; auto: yes once it has sent some.",
    )
    max_role = Choice(
        ROLES, load_default=ADMIN, about="The highest role it may grant; no more than the caller's token permits."
    )


class ConnectionChange(Body):
    """What is to change of a connection; what is left out stays."""

    name = Text()
    idp = Choice(IDPS)
    manages_entitlements = Choice(MANAGES_ENTITLEMENTS)
    max_role = Choice(ROLES)
    accepts_basic = Flag(about="Whether its tokens may come by HTTP Basic, as the password under its name.")
    accepts_raw = Flag(about="Whether its tokens may come without the word Bearer.")
    creator_only = Flag(about="Whether it changes nothing but what it created or what was linked to it.")
    networks = Texts(most=MOST_NETWORKS, about="In CIDR notation; requests from elsewhere are refused. None: anywhere.")


class ConnectionRemoval(Body):
    """What is to become of the people and groups that the connection manages; needed where there are any."""

    to = Text(load_default=None, about="Another connection has them from then on, by id or name.")
    release = Flag(load_default=False, about="They are managed by hand from then on, until another connection writes.")


class NewConnectionToken(Life):
    """A token of a connection to be issued."""

    scopes = Texts(
        Choice(sorted(SCIM_SCOPES)),
        load_default=sorted(SCIM_SCOPES),
        about="What it permits: to read, to write; both unless one is named.",
    )


class Rotation(Life):
    """How a token is to be replaced."""

    overlap_days = Number(
        1,
        MOST_DAYS,
        load_default=rotating.USUAL_OVERLAP.days,
        about="How long the token in use lives on, unless it expires before.",
    )


@connections.get(ALL, "connections.write", shows=ConnectionItem, lists=True, query=PageQuery)
def list_connections(call: Call) -> Answered:
    """List the tenant's connections by name."""
    found = tenancy.connections(call.units, call.tenant)
    return part_of(found, call.after, call.limit, lambda connection: connection.name)


@connections.post(ALL, "connections.write", shows=ConnectionItem, body=NewConnection, status=201)
def create_connection(call: Call) -> Answered:
    """Add a connection."""
    new = tenancy.create_connection(call.units, call.tenant, call.cause, **call.body)
    return Made(new, f"/tenants/{call.tenant.slug}/connections/{new.id}")


@connections.get(ONE, "connections.write", shows=ConnectionItem)
def show_connection(call: Call) -> Answered:
    """Show a connection."""
    return connecting.connection(call.units, call.tenant, call.path["connection"])


@connections.patch(ONE, "connections.write", shows=ConnectionItem, body=ConnectionChange)
def edit_connection(call: Call) -> Answered:
    """Change a connection. Roles that it granted stay, and what was held back as above its highest role is granted
    now as far as it may."""
    return connecting.edit_connection(call.units, call.tenant, call.cause, call.path["connection"], **call.body)


@connections.get(f"{ONE}/removal", "connections.write", shows=ConnectionRemovalItem)
def preview_connection_removal(call: Call) -> Answered:
    """Say what would end with a connection, and what it manages; nothing does."""
    return disconnecting.preview(call.units, call.tenant, call.cause, call.path["connection"], Fate())


@connections.post(f"{ONE}/removal", "connections.write", shows=ConnectionRemovalItem, body=ConnectionRemoval)
def remove_connection(call: Call) -> Answered:
    """Remove a connection for good.

    Its tokens, OAuth clients and trusted issuers end at once. What it manages stays as it is, seats included; whose it
    is then has to be said (409 `still-manages`): another connection's, or nobody's. The name is free for another one.
    """
    return disconnecting.remove_connection(
        call.units, call.tenant, call.cause, call.path["connection"], Fate(**call.body)
    )


@connections.post(f"{ONE}/diagnosis", "connections.write", shows=DiagnosisItem)
def diagnose_connection(call: Call) -> Answered:
    """Find out what is wrong with a connection.

    The requests that its client sends when it is tested are played and answered as its own would be, in a transaction
    that is taken back: nothing of them stays.
    """
    service = call.service
    return diagnosing.diagnose(call.units, call.tenant, call.path["connection"], service.check_ups, service.terms)


@connections.get(f"{ONE}/tokens", "connections.write", shows=TokenItem, lists=True, query=TokensQuery)
def list_connection_tokens(call: Call) -> Answered:
    """List the tokens of a connection, oldest first."""
    found = tokens.tokens_of_connection(call.units, call.tenant, call.path["connection"], sought(call))
    return page_of(found, call.limit, lambda token: token.key)


@connections.post(
    f"{ONE}/tokens", "connections.write", shows=NewTokenItem, body=NewConnectionToken, status=201, hides="token"
)
def issue_connection_token(call: Call) -> Answered:
    """Issue a token to a connection. Its secret is shown this once; the connection may grant no role that permits
    more than the caller's token, and has two live tokens at most."""
    life, name = timedelta(days=call.body["days"]), call.path["connection"]
    token, text = tenancy.issue_token(call.units, call.tenant, call.cause, name, life, call.body["scopes"])
    address = base_address(call.service.public_url, call.tenant.slug)
    new = tokens.issued(call.units, TokenKind.CONNECTION, token.id, text, address)
    return Made(new, f"/tenants/{call.tenant.slug}/tokens/{new.id}")


@connections.post(
    f"{ONE}/tokens/rotate", "connections.write", shows=RotatedTokenItem, body=Rotation, status=201, hides="token"
)
def rotate_connection_token(call: Call) -> Answered:
    """Issue a token in place of the one in use, with its scopes, and end any other.

    The one in use lives on for the overlap: have the client change over meanwhile, and no request of its fails. The
    secret of the new one is shown this once.
    """
    life, overlap = timedelta(days=call.body["days"]), timedelta(days=call.body["overlap_days"])
    address = base_address(call.service.public_url, call.tenant.slug)
    new = rotating.rotate_token(call.units, call.tenant, call.cause, call.path["connection"], life, overlap, address)
    return Made(new, f"/tenants/{call.tenant.slug}/tokens/{new.id}")


@connections.delete(f"{ONE}/tokens/{{token}}", "connections.write")
def revoke_connection_token(call: Call) -> Answered:
    """End a token of a connection at once."""
    tokens.revoke_connections_token(call.units, call.tenant, call.cause, call.path["connection"], call.path["token"])
