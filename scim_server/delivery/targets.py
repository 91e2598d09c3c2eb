"""Addresses of the web that the server is asked to connect to (RFC 3986), read strictly."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from scim_server.services.ports import Unreachable

LONGEST = 2048
"""Characters of an address at most."""

_PORTS = {"https": 443, "http": 80}
_LEAST_OTHER_PORT = 1024
"""Below it other services than the web's are at home."""

_PRINTED = re.compile(r"[!-~]+")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LONGEST_NAME = 253


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes. `host` is a name or an address without brackets; `path` begins with a slash."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What the Host header says (RFC 9112 section 3.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def parse_target(url: str) -> Target:
    """Raises Unreachable, whose message does not repeat the address: it may hold secrets."""
    # What urlsplit takes out by itself, tabs and line breaks, must not pass as if it had not been there.
    if len(url) > LONGEST or not _PRINTED.fullmatch(url) or "\\" in url:
        raise Unreachable(
            f"The address must have at most {LONGEST} characters, all of them printable ASCII; a host name in another "
            "script is written in its xn-- form."
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Unreachable("The address cannot be read: write https://HOST[:PORT]/PATH.") from None
    if parts.scheme not in _PORTS:
        raise Unreachable("The address must begin with https://.")
    if "@" in parts.netloc:
        raise Unreachable("The address must name no user: leave out what is before the @.")
    return Target(parts.scheme, _host(parts), _port(parts.scheme, port), _path(parts))


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").removesuffix(".")
    if ":" in host or _NUMBER.fullmatch(host.rpartition(".")[2]):
        return _literal(host)
    if len(host) > _LONGEST_NAME or not _NAME.fullmatch(host):
        raise Unreachable("The address must name a host.")
    return host


def _literal(host: str) -> str:
    """An IP address in its one usual form: no octal, hexadecimal or shortened numbers, no zone."""
    try:
        if "%" in host:
            raise ValueError
        return str(ipaddress.ip_address(host))
    except ValueError:
        raise Unreachable("The host looks like an IP address in a form that is not taken.") from None


def _port(scheme: str, port: int | None) -> int:
    chosen = _PORTS[scheme] if port is None else port
    if chosen not in _PORTS.values() and chosen < _LEAST_OTHER_PORT:
        raise Unreachable(f"The port must be 443, 80 or at least {_LEAST_OTHER_PORT}.")
    return chosen


def _path(parts: SplitResult) -> str:
    path = parts.path or "/"
    return f"{path}?{parts.query}" if parts.query else path
