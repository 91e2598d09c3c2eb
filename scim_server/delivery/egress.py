"""The one vetted HTTP client: whatever the server fetches or sends by itself goes through here.

The name is resolved once, every address that comes back is vetted, and the connection goes to one of those, while TLS
still checks the certificate against the name. There is no proxy, cookie, redirect or compression, and both time and
size of an answer end somewhere. A new connection for each request keeps nothing that was vetted for another one; a
session keeps one, to the address that was vetted for it.
"""

import ipaddress
import logging
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import httpcore

from scim_server.delivery.networks import Network, is_public, is_within
from scim_server.delivery.outings import outing
from scim_server.delivery.resolvers import Resolver, resolve_by_system
from scim_server.delivery.streams import Deadline, PinnedBackend
from scim_server.delivery.targets import Target, parse_target
from scim_server.services.ports import Fetched, Unreachable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
ONLY_HTTPS = (
    "The address must begin with https://. The operator allows http in private networks by SCIM_EGRESS_NETWORKS."
)
_BROKEN = (httpcore.NetworkError, httpcore.RemoteProtocolError)
_FAILURES = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError)

# It writes headers of requests and answers, which hold secrets, at level debug.
logging.getLogger("httpcore").setLevel(logging.WARNING)


@cache
def system_trust() -> ssl.SSLContext:
    """Certificates are checked against the authorities that the machine trusts."""
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True)
class VettedWeb:
    """`networks` are private ones that may be connected to, with http as well; `seconds` is the time for all of it."""

    networks: Sequence[Network] = ()
    seconds: float = 10.0
    resolve: Resolver = resolve_by_system
    trust: Callable[[], ssl.SSLContext] = system_trust

    def get(self, url: str, *, most: int) -> Fetched:
        return self._exchange("GET", url, b"", {}, most)

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, most: int) -> Fetched:
        return self._exchange("POST", url, body, headers, most)

    def check(self, url: str) -> None:
        target = parse_target(url)
        found = self._found(target, Deadline.within(self.seconds))
        if not found and target.scheme == "http":
            raise Unreachable(ONLY_HTTPS)
        self._check_addresses(target, found)

    def session(self, url: str) -> "VettedSession":
        return VettedSession(self, url)

    def _exchange(self, method: str, url: str, body: bytes, headers: Mapping[str, str], most: int) -> Fetched:
        with outing(method) as out:
            return out.answered(self._answer(method, url, body, {**headers, **out.headers}, most))

    def _answer(self, method: str, url: str, body: bytes, headers: Mapping[str, str], most: int) -> Fetched:
        target = parse_target(url)
        deadline = Deadline.within(self.seconds)
        sent = _request_headers(target, {"Connection": "close"}, headers)
        try:
            with self.connection(target, deadline) as connection:
                return _exchanged(connection, method, target, sent, body, most)
        except _FAILURES as error:
            raise Unreachable(_reason(target, error)) from None

    def connection(self, target: Target, deadline: Deadline) -> httpcore.HTTPConnection:
        """A connection that is yet to be made, to an address that is vetted now."""
        backend = PinnedBackend(self._vetted(target, deadline), deadline)
        context = self.trust() if target.scheme == "https" else None
        return httpcore.HTTPConnection(_address(target).origin, context, network_backend=backend)

    def _vetted(self, target: Target, deadline: Deadline) -> list[str]:
        """The addresses of the host. One that is not to be connected to spoils them all."""
        found = self._found(target, deadline)
        if not found:
            raise Unreachable(f"The host {target.host} cannot be found.")
        self._check_addresses(target, found)
        return [str(address) for address in found]

    def _found(self, target: Target, deadline: Deadline) -> list[Address]:
        try:
            return [ipaddress.ip_address(address) for address in self._resolved(target, deadline)]
        except (OSError, ValueError):
            return []

    def _check_addresses(self, target: Target, found: Sequence[Address]) -> None:
        for address in found:
            allowed = is_within(address, self.networks)
            if not allowed and target.scheme == "http":
                raise Unreachable(ONLY_HTTPS)
            # The address found stays unsaid: it would tell whoever chose the name about this network.
            if not allowed and not is_public(address):
                raise Unreachable(
                    f"The host {target.host} is not public. The operator allows private networks by "
                    "SCIM_EGRESS_NETWORKS."
                )

    def _resolved(self, target: Target, deadline: Deadline) -> Sequence[str]:
        try:
            return [str(ipaddress.ip_address(target.host))]
        except ValueError:
            return self.resolve(target.host, deadline.left())


@dataclass(slots=True)
class VettedSession:
    """Requests to one address over a connection that is kept. Each new connection goes to an address vetted anew."""

    web: VettedWeb
    url: str
    _connection: httpcore.HTTPConnection | None = None
    _deadline: Deadline = field(default_factory=lambda: Deadline.within(0))

    def post(self, body: bytes, headers: Mapping[str, str], *, most: int) -> Fetched:
        with outing("POST") as out:
            return out.answered(self._answer(body, {**headers, **out.headers}, most))

    def _answer(self, body: bytes, headers: Mapping[str, str], most: int) -> Fetched:
        target = parse_target(self.url)
        sent = _request_headers(target, {}, headers)
        self._deadline.begin_anew(self.web.seconds)
        kept = self._kept()
        try:
            if kept is not None:
                try:
                    return _exchanged(kept, "POST", target, sent, body, most)
                except _BROKEN:
                    self.close()  # while it was idle, most likely; what was sent may come twice
            self._connection = self.web.connection(target, self._deadline)
            return _exchanged(self._connection, "POST", target, sent, body, most)
        except _FAILURES as error:
            self.close()
            raise Unreachable(_reason(target, error)) from None
        except Unreachable:
            self.close()
            raise

    def _kept(self) -> httpcore.HTTPConnection | None:
        """The connection there is, if it can be used once more."""
        if self._connection is not None and not (self._connection.is_idle() and not self._connection.has_expired()):
            self.close()
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _address(target: Target) -> httpcore.URL:
    return httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)


def _exchanged(
    connection: httpcore.HTTPConnection,
    method: str,
    target: Target,
    headers: list[tuple[str, str]],
    body: bytes,
    most: int,
) -> Fetched:
    with connection.stream(method, _address(target), headers=headers, content=body or None) as response:
        return _read(target, response, most)


def _request_headers(target: Target, more: Mapping[str, str], headers: Mapping[str, str]) -> list[tuple[str, str]]:
    own = {"Host": target.authority, "User-Agent": "scim-server", "Accept-Encoding": "identity", **more}
    clash = {name.lower() for name in own} & {name.lower() for name in headers}
    if clash:
        raise ValueError(f"the client itself says {', '.join(sorted(clash))}")
    return [*own.items(), *headers.items()]


def _read(target: Target, response: httpcore.Response, most: int) -> Fetched:
    """Raises Unreachable as soon as the answer is seen to be none that is taken."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
    if 300 <= response.status < 400:
        raise Unreachable(f"{target.host} answered with a redirect ({response.status}); none is followed.")
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Unreachable(f"{target.host} answered with encoded content, which was not asked for.")
    body = bytearray()
    for part in response.iter_stream():
        body += part
        if len(body) > most:
            raise Unreachable(f"{target.host} answered with more than {most} bytes.")
    return Fetched(response.status, headers, bytes(body))


def _reason(target: Target, error: Exception) -> str:
    cause = error.__cause__
    if isinstance(error, httpcore.TimeoutException):
        return f"{target.host} gave no whole answer in time."
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"The certificate of {target.host} is not to be trusted: {cause.verify_message.rstrip('.')}."
    if isinstance(cause, ssl.SSLError):
        return f"No secure connection to {target.host} can be made."
    if isinstance(error, httpcore.ConnectError):
        return f"{target.host} cannot be connected to at port {target.port}."
    return f"{target.host} broke off, or answered with what is not HTTP."
