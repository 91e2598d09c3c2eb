"""What a token is to be for: one resource (RFC 8707) and scopes of it (RFC 6749 section 3.3)."""

from collections.abc import Sequence
from dataclasses import dataclass

from authlib.oauth2.rfc6749 import InvalidScopeError

from scim_server.domain.oauth_clients import CLIENT_SCOPES, OAuthClient
from scim_server.domain.tenants import SCIM_SCOPES
from scim_server.oauth.refusals import InvalidTarget
from scim_server.services.addresses import api_address, base_address

LONGEST_SCOPE = 1024
BEYOND = "A scope is unknown, beyond the client, or of another resource. One token is for one resource."


@dataclass(frozen=True, slots=True)
class Target:
    """A resource and what may be done there."""

    resource: str
    scopes: frozenset[str]


def targets(client: OAuthClient, public_url: str, slug: str) -> list[Target]:
    """All that the client may ask for: SCIM first, which is meant where a request does not say."""
    scim = Target(base_address(public_url, slug), client.scim_scopes if client.connection_id else frozenset())
    return [each for each in (scim, Target(api_address(public_url), client.admin_scopes)) if each.scopes]


def target(offered: Sequence[Target], scope: str | None, resources: Sequence[str]) -> Target:
    """The one of what is offered that a request asks for. Raises InvalidTarget, InvalidScopeError.

    Without a resource the scopes say which is meant; without scopes it is all that is offered there.
    """
    wanted = named(scope)
    if len(set(resources)) > 1:
        raise InvalidTarget
    if resources:
        offered = [each for each in offered if each.resource == resources[0]]
        if not offered:
            raise InvalidTarget
    elif wanted:
        offered = [each for each in offered if wanted <= each.scopes]
    if not offered or not wanted <= offered[0].scopes:
        raise InvalidScopeError(BEYOND)
    return Target(offered[0].resource, wanted or offered[0].scopes)


def named(text: str | None) -> frozenset[str]:
    """The scopes of a request as they are kept. Raises InvalidScopeError."""
    words = (text or "").split(" ")
    names = [word for word in words if word]
    if len(text or "") > LONGEST_SCOPE or not CLIENT_SCOPES.keys() >= set(names):
        raise InvalidScopeError(BEYOND)
    return frozenset().union(*(CLIENT_SCOPES[name] for name in names))


def shown(scopes: frozenset[str]) -> str:
    """Scopes as answers and tokens have them."""
    return " ".join(sorted(scopes))


def is_of_scim(scopes: frozenset[str]) -> bool:
    """Whether those are scopes of SCIM; those of the admin API are never together with them."""
    return scopes <= SCIM_SCOPES
