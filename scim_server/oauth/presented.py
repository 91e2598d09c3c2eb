"""What a request shows of who sends it."""

from dataclasses import dataclass

from werkzeug.datastructures import Headers


@dataclass(frozen=True, slots=True)
class Presented:
    """The credentials of a request and what they may be bound to.

    `authorization` are the Authorization headers, of which there should be one; `url` is the address as clients know
    it, without its query; `address` is the client's own, past trusted proxies. `proofs` are the DPoP headers (RFC
    9449), `certificate` is the SHA-256 thumbprint, in base 64 for addresses, of the client's certificate as a trusted
    proxy passed it on (RFC 8705 section 3.1, RFC 9440). `slug` is the tenant that the address names, if it names one.
    """

    authorization: tuple[str, ...]
    method: str
    url: str
    address: str | None = None
    proofs: tuple[str, ...] = ()
    certificate: str | None = None
    slug: str = ""

    @property
    def is_read(self) -> bool:
        """Whether the request changes nothing, by its method."""
        return self.method in {"GET", "HEAD"}


def presented(
    headers: Headers, method: str, url: str, address: str | None, certificate: str | None = None, slug: str = ""
) -> Presented:
    """What is presented with those headers to `url`."""
    credentials, proofs = (_all(headers, name) for name in ("Authorization", "DPoP"))
    return Presented(credentials, method, url, address, proofs, certificate, slug)


def _all(headers: Headers, name: str) -> tuple[str, ...]:
    """Every header of a name. WSGI joins them with commas, and to look for several costs a look at all there are."""
    only = headers.get(name)
    return () if only is None else (only,)
