"""Proofs of domains, as their owners publish them: in a TXT record of DNS, or in a file on the domain's own server."""

from collections.abc import Sequence
from dataclasses import dataclass

import dns.exception
import dns.nameserver
import dns.resolver

from scim_server.domain.domains import Domain
from scim_server.domain.errors import Unproven
from scim_server.services.ports import Unreachable, Web

MOST_BYTES = 10_000
"""Of a file."""
DNS_PORT = 53


@dataclass(frozen=True, slots=True)
class PublishedProofs:
    """`dns_servers` are ADDRESS or ADDRESS#PORT, none means those of the machine; `seconds` is the time for DNS."""

    web: Web
    dns_servers: Sequence[str] = ()
    seconds: float = 5.0

    def find(self, domain: Domain) -> None:
        in_dns = self._missing_in_dns(domain)
        in_file = self._missing_in_file(domain) if in_dns is not None else None
        if in_dns is not None and in_file is not None:
            raise Unproven(
                f"The domain '{domain.name}' is not verified: {in_dns}, and {in_file}. Publish the text "
                f"'{domain.text}' as TXT record {domain.record} or as a line of {domain.file}, then try again; changes "
                "of DNS can take an hour to be seen."
            )

    def _missing_in_dns(self, domain: Domain) -> str | None:
        """Why the proof is not there; None where it is."""
        try:
            answers = self._resolver().resolve(f"{domain.record}.", "TXT", search=False, lifetime=self.seconds)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return f"DNS has no TXT record {domain.record}"
        except (dns.exception.DNSException, OSError) as error:
            return f"DNS gave no answer about {domain.record} ({type(error).__name__})"
        texts = [b"".join(record.strings) for record in answers]
        found = domain.text.encode() in [text.strip() for text in texts]
        return None if found else f"the TXT record {domain.record} has another text"

    def _resolver(self) -> dns.resolver.Resolver:
        if not self.dns_servers:
            return dns.resolver.Resolver()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers = [_name_server(text) for text in self.dns_servers]
        return resolver

    def _missing_in_file(self, domain: Domain) -> str | None:
        try:
            fetched = self.web.get(domain.file, most=MOST_BYTES)
        except Unreachable as error:
            return f"{domain.file} cannot be fetched ({str(error).rstrip('.')})"
        if fetched.status != 200:
            return f"{domain.file} answers {fetched.status}"
        lines = [line.strip() for line in fetched.body.splitlines()]
        return None if domain.text.encode() in lines else f"{domain.file} has another text"


def _name_server(text: str) -> dns.nameserver.Nameserver:
    address, _, port = text.partition("#")
    return dns.nameserver.Do53Nameserver(address, int(port or DNS_PORT))
