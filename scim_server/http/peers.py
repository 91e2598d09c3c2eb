"""Who the client is: the peer of the connection, or whom the trusted proxies before it name (RFC 7239).

X-Forwarded-For and Forwarded are read, and nothing else, and only where the peer is a trusted proxy: from right to left
past the trusted ones, as whatever stands further left may be the client's own invention.
"""

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache

from flask import Request

from scim_server.config import Networks

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NODE = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::[0-9]{1,5})?|([0-9.]+)(?::[0-9]{1,5})?|([0-9A-Fa-f:.]+)")
"""RFC 7239 section 6, and bare IPv6 addresses, which proxies write into X-Forwarded-For."""


@dataclass(frozen=True, slots=True)
class Peers:
    """Knows the proxies in front of the server."""

    trusted: Networks

    def is_proxy(self, request: Request) -> bool:
        """Whether a trusted proxy sent the request, which may then say more of its client."""
        address = _address(request.environ.get("REMOTE_ADDR") or "")
        return address is not None and self._trusts(address)

    def client(self, request: Request) -> str | None:
        """The client's address, IPv4 as such even where it came within IPv6; None where it has none (Unix sockets).

        Where both headers are there and name different clients neither is believed: the proxy lets one of them through
        as the client wrote it. The client is then the proxy itself.
        """
        address = _address(request.environ.get("REMOTE_ADDR") or "")
        if address is None:
            return None
        hops = (_listed(request.headers.get("X-Forwarded-For")), _forwarded(request.headers.get("Forwarded")))
        named = {str(self._nearest(address, each)) for each in hops if each}
        return named.pop() if len(named) == 1 else str(address)

    def _nearest(self, peer: Address, hops: list[str]) -> Address:
        """The first from the right that is no trusted proxy, or the last that can be told."""
        found = peer
        for hop in reversed(hops):
            if not self._trusts(found) or (address := _address(hop)) is None:
                break
            found = address
        return found

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self.trusted)


def _listed(header: str | None) -> list[str]:
    return [] if header is None else header.split(",")


def _forwarded(header: str | None) -> list[str]:
    """The `for` of each element, or nothing.

    What is left of the proxies' own elements may be anything, so every comma counts: a quote that a client opened and
    left open hides none of theirs.
    """
    elements = [] if header is None else header.split(",")
    return [_parameter(element, "for") for element in elements]


def _parameter(element: str, name: str) -> str:
    pairs = (pair.partition("=") for pair in element.split(";"))
    return next((value.strip().strip('"') for key, _, value in pairs if key.strip().lower() == name), "")


@lru_cache(maxsize=1024)
def _address(text: str) -> Address | None:
    found = _NODE.fullmatch(text.strip())
    if found is None:
        return None
    try:
        address = ipaddress.ip_address(next(filter(None, found.groups())))
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
