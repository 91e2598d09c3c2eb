"""Sending what lies in the outbox of mails. No transaction is open while the mail server is talked to.

A mail is sent at least once: it is marked as being tried before it is handed in, and as sent afterwards.
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

import structlog

from scim_server.config import SmtpServer
from scim_server.domain.mails import Mail
from scim_server.services.ports import Units
from scim_server.telemetry import traces
from scim_server.telemetry.catalogue import MAILS

TIMEOUT = 20.0
"""Seconds to wait for each answer of the mail server."""
BATCH = 100
REFUSALS = (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused, smtplib.SMTPNotSupportedError)
"""What a server says of one mail; it may take the next one all the same."""
IMPOSSIBLE = (ValueError, MessageError)
"""What is said of an address that cannot stand in a header: identity providers check addresses no better than we do."""

_log = structlog.get_logger("scim_server.delivery")


def deliver_mails(units: Units, server: SmtpServer, sender: str) -> int:
    """Hand in the first hundred mails whose turn has come, from the address `sender`; answers how many were taken.

    What was not taken is tried again later; the log says why.
    """
    return _deliver_batch(units, server, sender)[1]


def deliver_all_mails(units: Units, server: SmtpServer, sender: str) -> int:
    """The same with all of them, a hundred at a time."""
    total, full = 0, True
    while full:
        due, delivered = _deliver_batch(units, server, sender)
        total += delivered
        full = due == BATCH and delivered > 0
    return total


def _deliver_batch(units: Units, server: SmtpServer, sender: str) -> tuple[int, int]:
    """How many were due, of so many at most, and how many were taken."""
    with units.overview() as operator:
        due = operator.due_mails(BATCH)
    if not due:
        return 0, 0
    delivered = 0
    try:
        with traces.span("hand in mails", "CLIENT"), connected(server) as smtp:
            for mail in due:
                delivered += _deliver(units, smtp, mail, sender)
    except (OSError, smtplib.SMTPException) as error:
        MAILS.add("unavailable")
        _log.warning("mail server unavailable", reason=type(error).__name__)
        for mail in due:
            _try(units, mail)
    return len(due), delivered


def _deliver(units: Units, smtp: smtplib.SMTP, mail: Mail, sender: str) -> bool:
    if not _try(units, mail):
        return False
    try:
        smtp.send_message(_message(mail, sender))
    except (*REFUSALS, *IMPOSSIBLE) as error:
        MAILS.add("refused")
        _log.warning("mail refused", mail=mail.id, reason=type(error).__name__)
        return False
    with units.operator(mail.tenant_id) as operator:
        operator.mail_sent(mail)
        operator.commit()
    MAILS.add("sent")
    return True


def _try(units: Units, mail: Mail) -> bool:
    with units.operator(mail.tenant_id) as operator:
        tried = operator.try_mail(mail)
        operator.commit()
        return tried


@contextmanager
def connected(server: SmtpServer) -> Iterator[smtplib.SMTP]:
    """The mail server, let in. Raises OSError or SMTPException."""
    context = ssl.create_default_context()
    if server.tls == "implicit":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=context)
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
    with smtp:
        if server.tls == "starttls":
            smtp.starttls(context=context)
        if server.user is not None:
            smtp.login(server.user, server.password or "")
        yield smtp


def _message(mail: Mail, sender: str) -> EmailMessage:
    """The message; a line break in a header is refused by EmailMessage itself."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = Address(addr_spec=mail.recipient)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(datetime.fromisoformat(mail.created))
    message["Message-ID"] = make_msgid(mail.id, sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body)
    return message
