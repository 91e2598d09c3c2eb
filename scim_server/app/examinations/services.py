"""What others see of the installation, and what it needs of others: certificates, its own address, the mail server."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from scim_server.app.examinations.findings import Finding, bad, good, warning
from scim_server.app.examinations.settings import is_exposed
from scim_server.config import Settings, SmtpServer
from scim_server.services.ports import Unreachable, Web

SOON = timedelta(days=21)
"""Before the end of a certificate: those that renew themselves do so 30 days before."""
HTTPS = 443
MOST = 10_000


def examine_address(settings: Settings, web: Web) -> Iterator[Finding]:
    """The certificate at SCIM_PUBLIC_URL, and whether this server answers there."""
    # Imported here because other commands start faster without it.
    from scim_server.delivery.certificates import certificate_end

    if not is_exposed(settings):
        return
    url = urlsplit(settings.public_url)
    host, port = str(url.hostname), url.port or HTTPS
    try:
        yield from _end(f"{host}:{port}", certificate_end(host, port), "certificate")
    except Unreachable as error:
        yield bad(
            "certificate_bad",
            f"SCIM_PUBLIC_URL has no certificate that clients take: {error}",
            "See that the proxy in front runs and has a certificate for this name with its chain.",
        )
        return
    yield from _answer(settings.public_url, web)


def examine_mails(server: SmtpServer) -> Iterator[Finding]:
    """The mail server: reached, taken at its word, and its certificate."""
    from scim_server.delivery.certificates import mail_server_end

    where = f"{server.host}:{server.port}"
    try:
        end = mail_server_end(server)
    except Unreachable as error:
        yield bad(
            "mail_unreachable",
            f"The mail server of SCIM_SMTP_URL cannot be used: {error}",
            "Correct SCIM_SMTP_URL, or have the mail server let this machine in. Mails wait until then.",
        )
        return
    yield good("mail", f"The mail server {where} is reached and lets this server in.")
    if end is not None:
        yield from _end(where, end, "mail_certificate")


def _end(where: str, end: datetime, code: str) -> Iterator[Finding]:
    left = end - datetime.now(UTC)
    if left < SOON:
        yield warning(
            f"{code}_expires",
            f"The certificate of {where} ends in {left.days} days, on {end:%Y-%m-%d}.",
            "Renew it, and see why that did not happen by itself.",
        )
    else:
        yield good(code, f"The certificate of {where} is good until {end:%Y-%m-%d}.")


def _answer(public_url: str, web: Web) -> Iterator[Finding]:
    try:
        status = web.get(f"{public_url}/readyz", most=MOST).status
    except Unreachable as error:
        yield warning(
            "address_unasked",
            f"This machine cannot ask for {public_url}/readyz: {error}",
            "Ask for it from where clients are.",
        )
        return
    if status == 200:
        yield good("address", f"{public_url} leads to a server that is ready.")
    else:
        yield bad(
            "address_wrong",
            f"{public_url}/readyz is answered with {status}.",
            "See that the server runs, and that the proxy passes every path on with its Host header.",
        )
