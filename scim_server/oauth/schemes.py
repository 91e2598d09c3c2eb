"""How a token comes: the schemes of an Authorization header (RFC 6750, RFC 7617, RFC 9449), or none of them."""

from base64 import b64decode
from dataclasses import dataclass
from enum import StrEnum

from authlib.oauth2.rfc6750 import InvalidTokenError

from scim_server.domain.tenants import Connection
from scim_server.oauth.headers import LONGEST_HEADER

KEY = "jkt"
"""The member of `cnf` that has the thumbprint of a key (RFC 9449 section 6.1): such a token comes by DPoP alone."""


class Scheme(StrEnum):
    """The word in front of a token, as challenges have it."""

    BEARER = "Bearer"
    DPOP = "DPoP"
    BASIC = "Basic"
    RAW = ""
    """The token stands alone."""


_WORDS = {scheme.lower(): scheme for scheme in Scheme}
UNTOLD = frozenset({Scheme.BASIC, Scheme.RAW})
"""Of what comes so nobody learns whether it is a token at all: a connection must take such tokens."""


class NoToken(Exception):
    """The request shows no token, or shows it in a way that is not taken."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A token and how it came; by HTTP Basic under the name of a connection."""

    scheme: Scheme
    token: str
    user_name: str = ""


def read_shown(authorization: str | None) -> Shown:
    """The token in an Authorization header. Raises NoToken, InvalidTokenError."""
    if len(authorization or "") > LONGEST_HEADER:
        raise InvalidTokenError
    word, _, rest = (authorization or "").strip().partition(" ")
    scheme, text = _WORDS.get(word.lower()), rest.strip()
    if not text and (scheme is not None or not word):
        raise NoToken
    if not text:
        return Shown(Scheme.RAW, word)
    if scheme is None:
        raise NoToken
    return _basic(text) if scheme is Scheme.BASIC else Shown(scheme, text)


def takes(connection: Connection | None, shown: Shown) -> bool:
    """Whether a token of that connection, or of nobody's, may come so."""
    if shown.scheme is Scheme.BASIC:
        return connection is not None and connection.accepts_basic and shown.user_name == connection.name
    if shown.scheme is Scheme.RAW:
        return connection is not None and connection.accepts_raw
    return True


def _basic(text: str) -> Shown:
    """RFC 7617 section 2. No token has a colon in it, while the name of a connection may."""
    try:
        user_name, colon, token = b64decode(text, validate=True).decode().rpartition(":")
    except ValueError as error:
        raise NoToken from error
    if not colon:
        raise NoToken
    return Shown(Scheme.BASIC, token, user_name)
