"""What a request must be before anybody looks at it: meant for this server, with headers of a bearable size."""

import ipaddress
import re
from collections.abc import Callable, Collection
from urllib.parse import urlsplit

from flask import Request
from werkzeug.exceptions import MisdirectedRequest, RequestHeaderFieldsTooLarge

from scim_server.config import Settings, variable_name

EXEMPT = frozenset({"health", "metrics"})
"""The blueprints that answer under any host name: whoever watches a process knows it by its address."""

_PORT = re.compile(r":[0-9]{0,5}\Z")
_FIELD = "HTTP_"
"""What WSGI puts before the names of header fields."""
_AROUND_A_HEADER = len(": \r\n")


def entrance(settings: Settings) -> Callable[[Request], None]:
    """Checks requests. What it makes raises MisdirectedRequest (RFC 9110 section 15.5.20) where the Host header names
    no host of this server, and RequestHeaderFieldsTooLarge (RFC 6585 section 5).

    A host that is forwarded is not looked at: no answer depends on any, and a proxy can pass on the one it got.
    """
    hosts = {*settings.allowed_hosts, urlsplit(settings.public_url).hostname or ""}

    def check(request: Request) -> None:
        _check_headers(request, settings.max_header_bytes)
        if request.blueprint not in EXEMPT:
            _check_host(request.headers.get("Host", ""), hosts)

    return check


def _check_headers(request: Request, most: int) -> None:
    fields = ((name, value) for name, value in request.environ.items() if name.startswith(_FIELD))
    if sum(len(name) + len(value) + _AROUND_A_HEADER - len(_FIELD) for name, value in fields) > most:
        raise RequestHeaderFieldsTooLarge(
            f"The headers of the request are larger than the {most} bytes that this server takes together "
            f"({variable_name('max_header_bytes')}). Nothing was done."
        )


def _check_host(given: str, hosts: Collection[str]) -> None:
    host = _PORT.sub("", given).lower().rstrip(".")
    if host not in hosts and host.strip("[]") not in hosts and not _is_loopback(host.strip("[]")):
        raise MisdirectedRequest(
            f"This server does not answer for the host '{given[:100]}': it is neither that of "
            f"{variable_name('public_url')} nor one of {variable_name('allowed_hosts')}."
        )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
