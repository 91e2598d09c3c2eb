"""Networks that a connection takes requests from, in CIDR notation (RFC 4632, RFC 4291 section 2.3)."""

from collections.abc import Collection, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from scim_server.domain.errors import Invalid

MOST_NETWORKS = 100
"""Of one connection; each request is compared with all of them."""

_OUTSIDE = "This connection takes no requests from "


def checked_networks(texts: Iterable[str]) -> tuple[str, ...]:
    """The networks as they are kept, each once; a single address is a network of one. Raises Invalid."""
    found = tuple(dict.fromkeys(_network(text) for text in texts))
    if len(found) > MOST_NETWORKS:
        raise Invalid(f"A connection has at most {MOST_NETWORKS} networks, not {len(found)}: name larger ones.")
    return found


def admits(networks: Collection[str], address: str | None) -> bool:
    """Whether requests from that address are taken; without any networks they are from everywhere."""
    if not networks:
        return True
    seen = _address(address or "")
    return seen is not None and any(seen in ip_network(network) for network in networks)


def outside(address: str | None) -> str:
    """How a request from there is refused."""
    return f"{_OUTSIDE}{address}."


def address_outside(detail: str | None) -> str | None:
    """The address that a refusal of that kind names; None for any other."""
    if detail is None or not detail.startswith(_OUTSIDE):
        return None
    return detail.removeprefix(_OUTSIDE).partition(". ")[0]


def _network(text: str) -> str:
    try:
        return str(ip_network(text.strip()))
    except ValueError as error:
        raise Invalid(
            f"'{text}' is no network: write an address and the length of its prefix, such as 10.0.0.0/8 or fd00::/8, "
            "with nothing but zeros behind the prefix."
        ) from error


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """An IPv4 address that came over IPv6 (`::ffff:10.0.0.1`) is an IPv4 address."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
