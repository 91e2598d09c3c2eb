"""The WWW-Authenticate header of a refusal (RFC 6750 section 3), which names the metadata of what was asked for
(RFC 9728 section 5.1)."""

from collections.abc import Mapping
from typing import Any, Protocol

from scim_server.domain.tenants import SLUG
from scim_server.oauth.algorithms import ALGORITHMS
from scim_server.oauth.headers import InsufficientScope
from scim_server.oauth.metadata import RESOURCE
from scim_server.oauth.schemes import KEY, Scheme
from scim_server.services.addresses import API_PATH, api_address, base_address, well_known

PROVABLE = " ".join(ALGORITHMS)
"""What proofs may be signed with, as challenges say it (RFC 9449 section 7.1)."""


class Holder(Protocol):
    """Whoever has a token, as far as its scopes are concerned."""

    @property
    def scopes(self) -> frozenset[str]: ...

    @property
    def binding(self) -> Mapping[str, Any]: ...


def insufficient_scope(realm: str, public_url: str, url: str, holder: Holder, needed: str) -> InsufficientScope:
    """The refusal of a token that is not good for what `needed` is, by the scheme that the token came with: one that is
    bound to a key comes by no other than DPoP."""
    held = ", ".join(sorted(holder.scopes)) or "none"
    scheme, own = (Scheme.DPOP, {"algs": PROVABLE}) if KEY in holder.binding else (Scheme.BEARER, {})
    return InsufficientScope(
        f"This needs a token with the scope '{needed}'; this one has {held}.",
        challenge(realm, public_url, url, scheme, error="insufficient_scope", scope=needed, **own),
    )


def challenge(realm: str, public_url: str, url: str, scheme: str = Scheme.BEARER, **parameters: str) -> str:
    """What a request to `url` is told to come again with; `url` may name anything, so that it is read with care."""
    resource = _resource(public_url, url)
    if resource is not None:
        parameters["resource_metadata"] = well_known(RESOURCE, resource)
    said = [f'{name}="{value}"' for name, value in {"realm": realm, **parameters}.items()]
    return f"{scheme} {', '.join(said)}"


def _resource(public_url: str, url: str) -> str | None:
    """The resource that an address lies below; None where it names no tenant."""
    path = url.removeprefix(public_url)
    if path == API_PATH or path.startswith(f"{API_PATH}/"):
        return api_address(public_url)
    kind, _, rest = path.lstrip("/").partition("/")
    slug = rest.lstrip("/").partition("/")[0]
    return base_address(public_url, slug) if kind == "scim" and SLUG.fullmatch(slug) else None
