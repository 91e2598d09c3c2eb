"""Whose a stream is: the program that set it up, or that fetches from it."""

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


def issue_owners_token(uow: UnitOfWork, stream_id: str) -> tuple[str, str]:
    """A token that is good for fetching from the stream of that id: who acts with it, and the text that is shown this
    once. Raises Forbidden for somebody who could not fetch themselves."""
    if uow.cause.permits is not None and RECEIVES not in uow.cause.permits:
        raise Forbidden(f"A token for the receiver permits '{RECEIVES}', which is beyond your own: name an owner.")
    token_id, text = new_text(Prefix.API, uow.tenant.id)
    expires = later(uow.now, LIFE)
    scopes, name = frozenset({RECEIVES}), _tokens_name(stream_id)
    token = ApiToken(uow.tenant.id, token_id, name, scopes, digest(text), uow.now, expires)
    uow.api_tokens.add(token)
    uow.record(Change("token", token.id, "token.issued", None, of_token(token)))
    settle_expiries(uow)
    return f"{PROGRAM}{token.id}", text


def end_owners_token(uow: UnitOfWork, stream: Stream) -> None:
    """Revoke the token that was made with the stream where it is still the owner's: it is good for nothing else."""
    made = {f"{PROGRAM}{each.id}": each.id for each in uow.api_tokens.all() if each.name == _tokens_name(stream.id)}
    token_id = made.get(stream.owner)
    if token_id is not None and uow.api_tokens.revoke(token_id, uow.now):
        uow.record(Change("token", token_id, "token.revoked", {"revoked": None}, {"revoked": uow.now}))
        settle_expiries(uow)


def _tokens_name(stream_id: str) -> str:
    """By the id: another stream may be called the same later on."""
    return f"stream {stream_id}"


def check_owner(uow: UnitOfWork, owner: str) -> None:
    """Raises Missing, or Invalid, where nobody of the tenant acts under that name any more."""
    if owner == uow.cause.actor and not owner.startswith((PROGRAM, CLIENT)):
        return
    if owner.startswith(PROGRAM):
        known = any(each.id == owner.removeprefix(PROGRAM) and each.is_live(uow.now) for each in uow.api_tokens.all())
    elif owner.startswith(CLIENT):
        client = uow.oauth_clients.get(owner.removeprefix(CLIENT))
        known = client is not None and client.revoked is None
    else:
        raise Invalid(f"'{owner[:100]}' owns no stream: write {PROGRAM}ID of an API token, or {CLIENT}ID of a client.")
    if not known:
        raise Missing(f"Tenant '{uow.tenant.slug}' has no '{owner[:100]}' that is neither revoked nor expired.")
