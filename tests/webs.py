"""Servers of the web on loopback that answer as a test says, with certificates of an authority of their own."""

import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Respond = Callable[[bytes, Event], Iterable[bytes]]
"""Gives the bytes of an answer to a request, part by part; the event says that the server is to stop."""


def answer(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    """A whole answer in HTTP/1.1."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass
class Authority:
    """Issues certificates for servers of one test run, into a folder."""

    folder: Path
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority of the tests")])
        constraints = x509.BasicConstraints(ca=True, path_length=None)
        self.certificate = self._signed(self.name, self.key, [constraints], timedelta(days=1))

    def trust(self) -> ssl.SSLContext:
        """What a client checks with that trusts this authority alone."""
        return ssl.create_default_context(cadata=self.certificate.public_bytes(serialization.Encoding.PEM).decode())

    def for_host(self, *hosts: str, days: int = 1) -> ssl.SSLContext:
        """What a server of those names and addresses shows; with `days` below zero it has expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
        names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
        issued = self._signed(subject, key, [names], timedelta(days=days))
        file = self.folder / f"{hosts[0].replace(':', '_')}-{days}.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + issued.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _signed(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        extensions: list[x509.ExtensionType],
        life: timedelta,
    ) -> x509.Certificate:
        ends = datetime.now(UTC) + life
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(ends - timedelta(days=2))
            .not_valid_after(ends)
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(self.key, hashes.SHA256())


@dataclass
class LocalServer:
    """Listens on an address of loopback. `requests` are those that came, as bytes."""

    port: int
    requests: list[bytes] = field(default_factory=list)
    stopped: Event = field(default_factory=Event)


@contextmanager
def serving(
    respond: Respond | bytes, context: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> Iterator[LocalServer]:
    """A server that answers each connection once, in TLS where there is a context."""
    listener = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    server = LocalServer(listener.getsockname()[1])
    choose: Respond = (lambda _, __: [respond]) if isinstance(respond, bytes) else respond

    def accept() -> None:
        while not server.stopped.is_set():
            with suppress(OSError):
                taken, _ = listener.accept()
                if server.stopped.is_set():
                    taken.close()
                else:
                    Thread(target=_serve, args=(taken, context, choose, server), daemon=True).start()

    accepting = Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield server
    finally:
        server.stopped.set()
        with suppress(OSError):
            socket.create_connection((host, server.port), 1).close()
        accepting.join(5)
        listener.close()


def _serve(taken: socket.socket, context: ssl.SSLContext | None, respond: Respond, server: LocalServer) -> None:
    # A client that breaks off is what many of the tests are about.
    with taken, suppress(OSError):
        connected = taken if context is None else context.wrap_socket(taken, server_side=True)
        with connected:
            request = _received(connected)
            server.requests.append(request)
            for part in respond(request, server.stopped):
                connected.sendall(part)


def _received(connected: socket.socket) -> bytes:
    request = b""
    while b"\r\n\r\n" not in request:
        part = connected.recv(65_536)
        if not part:
            return request
        request += part
    head, _, body = request.partition(b"\r\n\r\n")
    length = next(
        (int(line.partition(b":")[2]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    while len(body) < length:
        body += connected.recv(65_536)
    return head + b"\r\n\r\n" + body


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
