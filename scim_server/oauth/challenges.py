"""The WWW-Authenticate header of a refusal (RFC 6750 section 3), which names the metadata of what was asked for
(RFC 9728 section 5.1)."""

from scim_server.domain.tenants import SLUG
from scim_server.oauth.metadata import RESOURCE
from scim_server.services.addresses import API_PATH, api_address, base_address, well_known

SCHEME = "Bearer"


def challenge(realm: str, public_url: str, url: str, scheme: str = SCHEME, **parameters: str) -> str:
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
