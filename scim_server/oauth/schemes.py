"""How a token comes: the schemes of an Authorization header (RFC 6750, RFC 7617, RFC 9449), or none of them."""

from base64 import b64decode
from dataclasses import dataclass
from enum import StrEnum

from scim_server.domain.tenants import Connection
from scim_server.oauth.headers import LONGEST_HEADER


class Scheme(StrEnum):
    """The word in front of a token."""

    BEARER = "bearer"
    DPOP = "dpop"
    BASIC = "basic"
    RAW = ""
    """The token stands alone."""


class NoToken(Exception):
    """The request shows no token, or shows it in a way that nothing here takes."""


class WrongToken(Exception):
    """The token opens nothing."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A token and how it came; by HTTP Basic under the name of a connection."""

    scheme: Scheme
    token: str
    user_name: str = ""


def read_shown(headers: tuple[str, ...]) -> Shown:
    """The token of a request in its Authorization headers. Raises NoToken, WrongToken."""
    if len(headers) != 1:
        raise NoToken
    if len(headers[0]) > LONGEST_HEADER:
        raise WrongToken
    word, _, rest = headers[0].strip().partition(" ")
    scheme, text = word.lower(), rest.strip()
    if not text:
        if not word or scheme in set(Scheme):
            raise NoToken
        return Shown(Scheme.RAW, word)
    if scheme == Scheme.BASIC:
        return _basic(text)
    if scheme not in {Scheme.BEARER, Scheme.DPOP}:
        raise NoToken
    return Shown(Scheme(scheme), text)


def takes(connection: Connection | None, shown: Shown) -> bool:
    """Whether a token of that connection, or of nobody's, may come so."""
    if shown.scheme is Scheme.BASIC:
        return connection is not None and connection.accepts_basic and shown.user_name == connection.name
    if shown.scheme is Scheme.RAW:
        return connection is not None and connection.accepts_raw
    return True


def _basic(text: str) -> Shown:
    """No token has a colon in it, while the name of a connection may."""
    try:
        user_name, colon, token = b64decode(text, validate=True).decode().rpartition(":")
    except ValueError as error:
        raise NoToken from error
    if not colon:
        raise NoToken
    return Shown(Scheme.BASIC, token, user_name)
