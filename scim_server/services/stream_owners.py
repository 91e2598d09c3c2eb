"""Whose a stream is: the program that set it up, or that fetches from it, and whatever takes that one's place."""

from datetime import timedelta

from scim_server.domain.errors import Forbidden, Invalid, Missing
from scim_server.domain.events import Change
from scim_server.domain.facts import of_token
from scim_server.domain.instants import later
from scim_server.domain.streams import Stream
from scim_server.domain.tenants import ApiToken
from scim_server.services.credentials import Prefix, digest, new_text
from scim_server.services.expiring import settle_expiries
from scim_server.services.ports import UnitOfWork

RECEIVES = "events.receive"
"""The permission to fetch from one's own streams."""
LIFE = timedelta(days=365)
"""Of a token that is made with a stream."""
PROGRAM, CLIENT = "api:", "client:"
"""What the actors of API tokens and OAuth clients begin with."""


def issue_owners_token(uow: UnitOfWork, name: str) -> tuple[str, str]:
    """A token that is good for fetching from the stream of that name: who acts with it, and the text that is shown this
    once. Raises Forbidden for somebody who could not fetch themselves."""
    if uow.cause.permits is not None and RECEIVES not in uow.cause.permits:
        raise Forbidden(f"A token for the receiver permits '{RECEIVES}', which is beyond your own: name an owner.")
    token_id, text = new_text(Prefix.API, uow.tenant.id)
    expires = later(uow.now, LIFE)
    token = ApiToken(uow.tenant.id, token_id, f"stream {name}", frozenset({RECEIVES}), digest(text), uow.now, expires)
    uow.api_tokens.add(token)
    uow.record(Change("token", token.id, "token.issued", None, of_token(token)))
    settle_expiries(uow)
    return f"{PROGRAM}{token.id}", text


def check_owner(uow: UnitOfWork, owner: str) -> None:
    """Raises Missing, or Invalid, where nobody of the tenant acts under that name."""
    if owner == uow.cause.actor:
        return
    if owner.startswith(PROGRAM):
        known = any(each.id == owner.removeprefix(PROGRAM) and not each.revoked for each in uow.api_tokens.all())
    elif owner.startswith(CLIENT):
        client = uow.oauth_clients.get(owner.removeprefix(CLIENT))
        known = client is not None and client.revoked is None
    else:
        raise Invalid(f"'{owner[:100]}' owns no stream: write {PROGRAM}ID of an API token, or {CLIENT}ID of a client.")
    if not known:
        raise Missing(f"Tenant '{uow.tenant.slug}' has no '{owner[:100]}' that is not revoked.")


def is_owner(uow: UnitOfWork, stream: Stream, actor: str) -> bool:
    """Whether the stream is the actor's. A token has whatever one of its name had: so tokens are replaced."""
    if actor == stream.owner:
        return True
    if not (actor.startswith(PROGRAM) and stream.owner.startswith(PROGRAM)):
        return False
    names = {f"{PROGRAM}{each.id}": each.name for each in uow.api_tokens.all()}
    return actor in names and names[actor] == names.get(stream.owner)
