"""Connections of httpcore that go to vetted addresses alone and end, whatever the other side does, at a deadline."""

import select
import socket
import ssl
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpcore


@dataclass(slots=True)
class Deadline:
    """A moment of the monotonic clock, which a connection that is kept sets anew for each request."""

    moment: float

    @classmethod
    def within(cls, seconds: float) -> "Deadline":
        return cls(time.monotonic() + seconds)

    def begin_anew(self, seconds: float) -> None:
        self.moment = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds. Raises TimeoutError where none is left."""
        seconds = self.moment - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds


@dataclass(frozen=True, slots=True)
class PinnedBackend(httpcore.NetworkBackend):
    """Connects to the first of those addresses that answers. The name it is given is not resolved again."""

    addresses: Sequence[str]
    deadline: Deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> "TimedStream":
        with _mapped(httpcore.ConnectTimeout, httpcore.ConnectError):
            sock = self._connect(port)
            # Head and body of a request are written one after the other: the body would wait for the head's receipt.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return TimedStream(sock, self.deadline)

    def _connect(self, port: int) -> socket.socket:
        *others, last = self.addresses
        for count, address in enumerate(others):
            # A share of the time, so that one address where nobody answers does not hide the next.
            share = self.deadline.left() / (len(self.addresses) - count)
            try:
                return socket.create_connection((address, port), share)
            except OSError:
                continue
        return socket.create_connection((last, port), self.deadline.left())


@dataclass(frozen=True, slots=True)
class TimedStream(httpcore.NetworkStream):
    """One connection. Each step has what is left of the time, not a time of its own."""

    sock: socket.socket
    deadline: Deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with _mapped(httpcore.ReadTimeout, httpcore.ReadError):
            self.sock.settimeout(self.deadline.left())
            return self.sock.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        rest = memoryview(buffer)
        with _mapped(httpcore.WriteTimeout, httpcore.WriteError):
            while rest:
                self.sock.settimeout(self.deadline.left())
                rest = rest[self.sock.send(rest) :]

    def close(self) -> None:
        self.sock.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> "TimedStream":
        with _mapped(httpcore.ConnectTimeout, httpcore.ConnectError):
            try:
                self.sock.settimeout(self.deadline.left())
                return TimedStream(ssl_context.wrap_socket(self.sock, server_hostname=server_hostname), self.deadline)
            except BaseException:
                self.close()
                raise

    def get_extra_info(self, info: str) -> Any:
        """Whether there is something to read, which on a connection that is idle means that the other side is gone."""
        if info != "is_readable":
            return None
        look = select.poll()  # which takes any number of open files, unlike select()
        look.register(self.sock, select.POLLIN)
        return bool(look.poll(0))


@contextmanager
def _mapped(late: type[Exception], failed: type[Exception]) -> Iterator[None]:
    """What sockets raise becomes what httpcore expects of a stream."""
    try:
        yield
    except TimeoutError as error:
        raise late(str(error)) from error
    except OSError as error:
        raise failed(str(error)) from error
