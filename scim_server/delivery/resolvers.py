"""Names of hosts become addresses, once for each request."""

import queue
import socket
from collections.abc import Callable, Sequence
from threading import Thread

Resolver = Callable[[str, float], Sequence[str]]
"""Gives the addresses of a host name, in the order to try them, within so many seconds. Raises OSError."""


INVALID = ".invalid"
"""What names that there never are end in, about which no name server is asked (RFC 6761 section 6.4)."""


def resolve_by_system(host: str, seconds: float) -> Sequence[str]:
    """As the machine resolves names: its hosts file, its name servers. Raises OSError, TimeoutError among them."""
    if host.lower().rstrip(".").endswith(INVALID):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    # The system's call knows no time limit; a thread that nobody waits for ends when it does.
    answers: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()
    Thread(target=lambda: answers.put(_look_up(host)), daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def _look_up(host: str) -> list[str] | OSError:
    try:
        return [str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
    except OSError as error:
        return error
    except UnicodeError:
        return OSError("no name that can be looked up")
