"""A name server on loopback that knows TXT records and nothing else."""

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Thread

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

Texts = Callable[[str], Sequence[str] | None]
"""The texts of the record of that name, in lower case without a final dot; None for a name that there is not."""


@contextmanager
def name_server(texts: Texts, *, silent: bool = False) -> Iterator[str]:
    """The server as SCIM_DNS_SERVERS has it: ADDRESS#PORT. A silent one takes questions and answers none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]

        def serve() -> None:
            while True:
                question, client = listener.recvfrom(4096)
                if not question:
                    return
                if not silent:
                    listener.sendto(_answer(question, texts), client)

        serving = Thread(target=serve, daemon=True)
        serving.start()
        try:
            yield f"127.0.0.1#{port}"
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
                last.sendto(b"", ("127.0.0.1", port))
            serving.join(5)


def _answer(question: bytes, texts: Texts) -> bytes:
    asked = dns.message.from_wire(question)
    response = dns.message.make_response(asked)
    response.flags |= dns.flags.RA
    name = asked.question[0].name
    found = texts(str(name).rstrip(".").lower())
    if found is None:
        response.set_rcode(dns.rcode.NXDOMAIN)
    elif found:
        # A text of more than 255 bytes comes in pieces, which belong together (RFC 7208 section 3.3).
        pieces = [" ".join(f'"{text[at : at + 255]}"' for at in range(0, len(text), 255)) for text in found]
        response.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *pieces))
    return response.to_wire()
