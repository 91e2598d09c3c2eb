"""A mail server in the test's process."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Mailbox:
    """Keeps what the server is handed; while it refuses, every mail is to come later."""

    def __init__(self) -> None:
        self.received: list[Envelope] = []
        self.refusing: set[str] = set()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 aiosmtpd's
        if self.refusing.intersection(envelope.rcpt_tos):
            return "451 later"
        self.received.append(envelope)
        return "250 taken"

    def message(self) -> EmailMessage:
        """The one mail that came."""
        (envelope,) = self.received
        return message_of(envelope)


def message_of(envelope: Envelope) -> EmailMessage:
    """The mail in an envelope."""
    assert isinstance(envelope.content, bytes)
    message = message_from_bytes(envelope.content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


@contextmanager
def mail_server() -> Iterator[tuple[Mailbox, str]]:
    """A server on a free port, and its address as SCIM_SMTP_URL has it."""
    box = Mailbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield box, f"smtp://127.0.0.1:{port}/"
    finally:
        server.stop()
