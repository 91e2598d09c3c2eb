"""Where this server is reached: a tenant's SCIM service and authorization server, the admin API and the console."""

from urllib.parse import urlsplit

API_PATH = "/api/v1"
CONSOLE_PATH = "/console"
OAUTH_PATH = "/oauth"


def base_address(public_url: str, slug: str) -> str:
    """What goes before /Users in the addresses of a tenant."""
    return f"{public_url}/scim/{slug}/v2"


def api_address(public_url: str) -> str:
    """What goes before /tenants in the addresses of the admin API."""
    return public_url + API_PATH


def console_address(public_url: str) -> str:
    """Where the console opens."""
    return public_url + CONSOLE_PATH


def link_address(public_url: str, link: str) -> str:
    """Where a sign-in link leads."""
    return f"{public_url}{CONSOLE_PATH}/enter/{link}"


def callback_address(public_url: str) -> str:
    """Where identity providers send people back to who sign in to the console."""
    return f"{public_url}{CONSOLE_PATH}/callback"


def issuer_address(public_url: str, slug: str) -> str:
    """The issuer identifier of a tenant's authorization server (RFC 8414 section 2), which its endpoints lie below."""
    return f"{public_url}{OAUTH_PATH}/{slug}"


def poll_address(public_url: str, slug: str, stream_id: str) -> str:
    """Where the receiver of a poll stream fetches its tokens (RFC 8936 section 2.1)."""
    return f"{api_address(public_url)}/tenants/{slug}/streams/{stream_id}/poll"


def well_known(name: str, address: str) -> str:
    """Where the metadata of what lies at `address` are (RFC 8414 section 3.1, RFC 9728 section 3.1)."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}/.well-known/{name}{parts.path}"
