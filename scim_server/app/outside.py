"""What goes outside, whose clients are imported when something first does: the command line starts sooner."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from scim_server.config import Networks, Settings
from scim_server.domain.domains import Domain
from scim_server.services.ports import Fetched, Units, Web, WebSession


@dataclass(frozen=True, slots=True)
class LateWeb:
    """The vetted web."""

    networks: Networks

    def get(self, url: str, *, most: int) -> Fetched:
        return self._vetted().get(url, most=most)

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, most: int) -> Fetched:
        return self._vetted().post(url, body, headers, most=most)

    def check(self, url: str) -> None:
        self._vetted().check(url)

    def session(self, url: str) -> WebSession:
        return self._vetted().session(url)

    def _vetted(self) -> Web:
        from scim_server.delivery.egress import VettedWeb

        return VettedWeb(self.networks)


@dataclass(frozen=True, slots=True)
class LateProofs:
    """Proofs of domains, which want a client of DNS besides."""

    web: Web
    dns_servers: tuple[str, ...]

    def find(self, domain: Domain) -> None:
        from scim_server.delivery.proofs import PublishedProofs

        PublishedProofs(self.web, self.dns_servers).find(domain)


def deliver_mails(settings: Settings, units: Units, *, all_of_them: bool) -> int:
    """Send the first mails whose turn has come, or all of those; answers how many were taken.

    Without a mail server none is.
    """
    from scim_server.delivery import mails

    if settings.smtp_url is None:
        return 0
    deliver = mails.deliver_all_mails if all_of_them else mails.deliver_mails
    sender = settings.smtp_url.sender or f"scim-server@{urlsplit(settings.public_url).hostname}"
    return deliver(units, settings.smtp_url, sender)
