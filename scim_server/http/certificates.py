"""The client's certificate, as a trusted proxy that ended the TLS connection passes it on (RFC 9440)."""

from base64 import b64decode, urlsafe_b64encode
from hashlib import sha256

from flask import Request

LONGEST = 24_576


def certificate_of(request: Request, header: str | None, *, is_proxied: bool) -> str | None:
    """The thumbprint of the certificate (RFC 8705 section 3.1); None where there is none that is to be believed.

    The header is a Byte Sequence (RFC 8941 section 3.3.5): base 64 between colons. From anybody but a trusted proxy it
    is the client's own invention.
    """
    given = request.headers.getlist(header) if header is not None and is_proxied else []
    if len(given) != 1 or len(given[0]) > LONGEST:
        return None
    text = given[0].strip()
    if len(text) < 3 or text[0] != ":" or text[-1] != ":":
        return None
    try:
        certificate = b64decode(text[1:-1], validate=True)
    except ValueError:
        return None
    return urlsafe_b64encode(sha256(certificate).digest()).decode().rstrip("=")
