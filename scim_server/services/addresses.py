"""Where this server is reached: what goes before every address of a tenant's SCIM service, and of the admin API."""

API_PATH = "/api/v1"


def base_address(public_url: str, slug: str) -> str:
    """What goes before /Users in the addresses of a tenant."""
    return f"{public_url}/scim/{slug}/v2"


def api_address(public_url: str) -> str:
    """What goes before /tenants in the addresses of the admin API."""
    return public_url + API_PATH
