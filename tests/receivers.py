"""A receiver of webhooks: a real HTTP server that keeps connections, and answers as a test says."""

import ipaddress
import json
import socket
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

from scim_server.delivery.egress import VettedWeb
from tests.worlds import World

LOOPBACK = (ipaddress.ip_network("127.0.0.1/32"),)
"""Where receivers are."""
Answer = int | tuple[int, Mapping[str, str]] | tuple[int, Mapping[str, str], bytes] | None
"""A status, with headers or without, and with a body where there are some; None hangs up without an answer."""
Behave = Callable[["Received"], Answer]


def reaching(build_world: Callable[..., World]) -> World:
    """A world that may send to this machine, and waits for an answer as long as a busy machine takes."""
    world = build_world(egress_networks=LOOPBACK)
    world.installation = replace(world.installation, web=VettedWeb(LOOPBACK, seconds=30.0))
    return world


@dataclass(frozen=True)
class Received:
    """One request that came."""

    headers: Mapping[str, str]
    body: bytes
    connection: int

    @property
    def event(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass
class Receiver:
    """What came, and how it is answered; `taken` are those that were answered with 2xx."""

    port: int
    behave: Behave = lambda _received: 204
    requests: list[Received] = field(default_factory=list)
    taken: list[Received] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/in"

    def events(self) -> list[dict[str, Any]]:
        return [each.event for each in self.taken]

    def check(self, expected: Mapping[str, list[str]]) -> None:
        """Every event of each person was taken at least once, and first so in order."""
        of_each: dict[str, list[str]] = defaultdict(list)
        for event in self.events():
            if event["id"] not in of_each[event["subject"]["id"]]:
                of_each[event["subject"]["id"]].append(event["id"])
        assert dict(of_each) == dict(expected)

    def verify(self, secret: str) -> None:
        """All that came is signed with that secret, as the library of Standard Webhooks sees it."""
        assert self.requests
        for each in self.requests:
            assert Webhook(secret).verify(each.body, dict(each.headers)) == each.event


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64


@contextmanager
def receiving(behave: Behave | None = None, receiver: Receiver | None = None) -> Iterator[Receiver]:
    """A server that receives, at a port of its own or where that receiver was before."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received = Received({name.lower(): value for name, value in self.headers.items()}, body, id(self))
            with lock:
                known.requests.append(received)
            answer = known.behave(received)
            if answer is None:
                self.close_connection = True
                return
            status, headers, *said = answer if isinstance(answer, tuple) else (answer, {})
            text = said[0] if said else b""
            if 200 <= status < 300:
                with lock:
                    known.taken.append(received)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(text))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = _Server(("127.0.0.1", 0 if receiver is None else receiver.port), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    known = receiver or Receiver(server.server_address[1])
    if behave is not None:
        known.behave = behave
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield known
    finally:
        known.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


def nobody() -> Receiver:
    """A receiver that is not there yet."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return Receiver(probe.getsockname()[1])
