"""An address of its own for metrics: one page, one request at a time, for whoever watches."""

import hmac
import ipaddress
import socket
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer
from threading import Thread
from typing import Any

from scim_server.telemetry.expositions import MEDIA_TYPE

PATH = "/metrics"
REALM = 'Bearer realm="metrics"'
PATIENCE = 5.0
"""Seconds that whoever asks may take to do so."""

Text = Callable[[], bytes]


def is_known(authorization: str | None, token: str) -> bool:
    """Whether an Authorization header shows the token (RFC 6750 section 2.1)."""
    scheme, _, shown = (authorization or "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(shown.strip().encode(), token.encode())


class Listener:
    """Listens from now on, in a thread that ends with the process. Raises OSError where nobody can."""

    def __init__(self, host: str, port: int, text: Text, token: str | None) -> None:
        self._server = _server(host, port, text, token)
        Thread(target=self._server.serve_forever, name="metrics-listener", daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()


def _server(host: str, port: int, text: Text, token: str | None) -> TCPServer:
    class Server(TCPServer):
        allow_reuse_address = True
        address_family = _family(host)

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Whoever hung up is told nothing more, and nobody else is."""

    return Server((host, port), _handler(text, token))


def _family(host: str) -> socket.AddressFamily:
    try:
        is_v6 = ipaddress.ip_address(host).version == 6
    except ValueError:
        is_v6 = False
    return socket.AF_INET6 if is_v6 else socket.AF_INET


def _handler(text: Text, token: str | None) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = PATIENCE
        server_version, sys_version = "scim-server", ""

        def do_GET(self) -> None:
            if token is not None and not is_known(self.headers.get("Authorization"), token):
                self._answer(HTTPStatus.UNAUTHORIZED, b"", {"WWW-Authenticate": REALM})
            elif self.path.partition("?")[0] != PATH:
                self._answer(HTTPStatus.NOT_FOUND, b"", {})
            else:
                self._answer(HTTPStatus.OK, text(), {"Content-Type": MEDIA_TYPE})

        def _answer(self, status: HTTPStatus, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body)), "Cache-Control": "no-store"}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """A scrape is no news."""

    return Handler
