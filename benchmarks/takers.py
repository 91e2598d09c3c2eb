"""Receivers of webhooks on this machine, each a process of its own: they take everything, at once or slowly."""

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

SLOW = 5.0
"""Seconds until a slow one answers."""


class _Taker(asyncio.Protocol):
    """Answers each request so many seconds after all of it is there."""

    def __init__(self, after: float) -> None:
        self._after = after
        self._held = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._held += data
        while (end := self._held.find(b"\r\n\r\n")) >= 0:
            length = int(self._held[:end].lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            if len(self._held) < end + 4 + length:
                return
            self._held = self._held[end + 4 + length :]
            if self._after:
                asyncio.get_running_loop().call_later(self._after, self._answer)
            else:
                self._answer()

    def _answer(self) -> None:
        self._transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")


def _receive(told: Connection, after: float) -> None:
    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(lambda: _Taker(after), "127.0.0.1", 0)
        told.send(server.sockets[0].getsockname()[1])
        async with server:
            await server.serve_forever()

    asyncio.run(serve())


@contextmanager
def receiver(after: float = 0.0) -> Iterator[tuple[int, int]]:
    """The port and the process of a receiver that answers so many seconds later."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_receive, args=(there, after), daemon=True)
    process.start()
    try:
        yield here.recv(), process.pid or 0
    finally:
        process.terminate()
        process.join()
