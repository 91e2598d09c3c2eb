"""Until when certificates are good: that of an address clients come to, and that of the mail server."""

import smtplib
import socket
import ssl
from datetime import UTC, datetime
from typing import Any

from scim_server.config import SmtpServer
from scim_server.delivery.egress import system_trust
from scim_server.delivery.mails import connected
from scim_server.delivery.streams import Deadline
from scim_server.services.ports import Unreachable

SECONDS = 10.0


def certificate_end(host: str, port: int) -> datetime:
    """When the certificate ends that is shown there. Raises Unreachable, and why, where none is to be trusted.

    The operator named the address, so that it may be one of a private network.
    """
    deadline = Deadline.within(SECONDS)
    try:
        with socket.create_connection((host, port), deadline.left()) as plain:
            plain.settimeout(deadline.left())
            with system_trust().wrap_socket(plain, server_hostname=host) as secure:
                return _end(secure)
    except OSError as error:
        raise Unreachable(_reason(f"{host}:{port}", error)) from error


def mail_server_end(server: SmtpServer) -> datetime | None:
    """When the mail server's certificate ends, once it has let us in; None where mails go without TLS.

    Raises Unreachable, and why.
    """
    where = f"{server.host}:{server.port}"
    try:
        with connected(server) as smtp:
            return _end(smtp.sock) if isinstance(smtp.sock, ssl.SSLSocket) else None
    except smtplib.SMTPAuthenticationError as error:
        raise Unreachable(f"{where} does not take the user or the password.") from error
    except smtplib.SMTPException as error:
        raise Unreachable(f"{where} refused to talk ({type(error).__name__}).") from error
    except OSError as error:
        raise Unreachable(_reason(where, error)) from error


def _end(secure: ssl.SSLSocket) -> datetime:
    certificate: dict[str, Any] = secure.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)


def _reason(where: str, error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate of {where} is not to be trusted: {error.verify_message.rstrip('.')}."
    if isinstance(error, ssl.SSLError):
        return f"{where} does not speak TLS."
    if isinstance(error, TimeoutError):
        return f"{where} gave no answer in time."
    return f"{where} cannot be connected to."
