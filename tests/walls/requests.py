"""A request as bytes, sent straight into the WSGI application: no client of ours makes it any nicer."""

import shlex
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any
from urllib.parse import quote_from_bytes, unquote_to_bytes

import orjson

Application = Callable[..., Any]
REMOTE = "203.0.113.7"


@dataclass(frozen=True)
class Request:
    """`path` and `query` as they stand in the request line; header values hold any Latin-1 text."""

    method: str
    path: str
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def with_header(self, name: str, value: str) -> "Request":
        return replace(self, headers=(*self.headers, (name, value)))

    @property
    def is_read(self) -> bool:
        return self.method in {"GET", "HEAD", "OPTIONS", "TRACE"}

    @property
    def curl(self) -> str:
        """A line that sends the same, to SERVER."""
        address = f"SERVER{self.path}" + (f"?{self.query}" if self.query else "")
        parts = ["curl", "-i", "--path-as-is", "-X", self.method, address]
        for name, value in self.headers:
            parts += ["-H", f"{name}: {value}"]
        if not self.body:
            return shlex.join(parts)
        try:
            return shlex.join([*parts, "--data-binary", self.body.decode("utf-8")])
        except UnicodeDecodeError:
            return f"printf %b {_escaped(self.body)} | {shlex.join([*parts, '--data-binary', '@-'])}"

    def replaced(self, change: Callable[[str], str]) -> "Request":
        """The same request with every text changed."""
        return Request(
            self.method,
            change(self.path),
            change(self.query),
            tuple((name, change(value)) for name, value in self.headers),
            change(self.body.decode("latin-1")).encode("latin-1"),
        )

    def whole(self) -> str:
        """All that was sent, percent-encoding and JSON's escapes undone, for looking up what an answer may repeat."""
        address = unquote_to_bytes(f"{self.path} {self.query}".replace("+", " "))
        sent = b" ".join([address, self.body]).decode("utf-8", "replace")
        return sent + " ".join(value for _, value in self.headers)


@dataclass(frozen=True)
class Answer:
    """What came back, and how long the process worked for it, in seconds of its CPU clock."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float = field(compare=False)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def media_type(self) -> str:
        return self.headers.get("Content-Type", "").partition(";")[0]

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


def send(app: Application, request: Request) -> Answer:
    """Ask the application, as a server does that has read the request's bytes."""
    begun = time.process_time()
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], _failure: Any = None) -> Callable[[bytes], None]:
        started[:] = [(status, headers)]
        return lambda _data: None

    pieces = app(_environment(request), start)
    try:
        body = b"".join(pieces)
    finally:
        if hasattr(pieces, "close"):
            pieces.close()
    status, headers = started[0]
    return Answer(int(status.split()[0]), dict(headers), body, time.process_time() - begun)


def _environment(request: Request) -> dict[str, Any]:
    environment: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
        "QUERY_STRING": request.query,
        "SERVER_NAME": "seats.example.com",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": REMOTE,
        "HTTP_HOST": "seats.example.com",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.input": BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if request.body:
        environment["CONTENT_LENGTH"] = str(len(request.body))
    for name, value in request.headers:
        key = name.upper().replace("-", "_")
        known = key in {"CONTENT_TYPE", "CONTENT_LENGTH"}
        environment[key if known else f"HTTP_{key}"] = value
    return environment


def quoted(text: str) -> str:
    """A text as a part of an address."""
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"), safe="")


def _escaped(body: bytes) -> str:
    return "'" + "".join(f"\\x{byte:02x}" for byte in body) + "'"
