"""RFC 7643 section 7 and RFC 7644 section 7.5: what a request holds that must never be kept, taken out of it.

A secret is known by its name: what a schema calls writeOnly or never returned, and what credentials are called.
Where the rules cannot tell they take out too much. Header fields never come here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

import orjson

from scim_server.protocol.registry import Registries
from scim_server.protocol.schemas import Attribute

REDACTED = "[redacted]"
CREDENTIALS = frozenset(
    {
        "access_token",
        "authorization",
        "client_assertion",
        "client_secret",
        "code_verifier",
        "id_token",
        "password",
        "refresh_token",
    }
)
"""Secret whatever the schemas say."""
TOKEN = re.compile(
    r"scim[a-z]{0,8}_[0-9A-Za-z]{16,}_[0-9A-Za-z]{16,}"
    r"|(?<![0-9A-Za-z_-])eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}[.0-9A-Za-z_-]*"
)
"""This server's own tokens, and JSON Web Tokens of anybody (RFC 7515 section 7.1), by their form."""

_SECRETS = (
    (TOKEN, REDACTED),
    (re.compile(r"\b((?:Bearer|Basic|DPoP)\s{1,9})[^\s,;'\"]{8,}", re.IGNORECASE), rf"\1{REDACTED}"),
    (re.compile(r"(\b[a-z][a-z0-9+.-]{1,30}://[^/\s:@]{0,200}:)\S{1,500}(?=@)", re.IGNORECASE), rf"\1{REDACTED}"),
    (re.compile(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*"), REDACTED),
)
"""What secrets look like in any text: tokens, Authorization headers, passwords in addresses, private keys."""

_SIGN = re.compile(r"scim[a-z]{0,8}_|eyJ|bearer|basic|dpop|://|-----BEGIN", re.IGNORECASE)
"""What each of them has in it."""

_SEARCHING = frozenset({"filter", "path"})
"""Members and parameters whose text compares attributes with values."""
_OPERATION = frozenset({"op", "path", "method", "bulkid", "version"})
"""What an operation says beside its value (RFC 7644 sections 3.5.2 and 3.7)."""
_TOKEN_HINT = re.compile(rb"scim[a-z]{0,8}_[0-9a-z]{16}|eyj")
_ESCAPED = re.compile(r"\\u[0-9a-fA-F]{4}")
_QUOTED = re.compile(r"""(['"]).*\1""", re.DOTALL)
_ASSIGNED = r"""(?=["'\]\\]*\s*(?:[:=.\[]|(?:eq|ne|co|sw|ew|gt|ge|lt|le)\b))"""
"""Behind a name: what makes it likely that a value follows."""


def without_secrets(text: str) -> str:
    """Any text of the server's own, without what looks like a secret."""
    if not _SIGN.search(text):
        return text
    for shape, kept in _SECRETS:
        text = shape.sub(kept, text)
    return text


class Redaction:
    """Takes the values of the attributes in `names` out of requests, in whatever letter case or place they come."""

    def __init__(self, names: frozenset[str]) -> None:
        name = rf"(?<![A-Za-z0-9])(?:{'|'.join(sorted(map(re.escape, names)))})(?![A-Za-z0-9])"
        self._name = re.compile(name, re.IGNORECASE)
        self._assigned = re.compile(rf"({name}){_ASSIGNED}[\s\S]*", re.IGNORECASE)
        self._hints = [b"\\u", *(name.encode() for name in names)]

    @classmethod
    def of(cls, registries: Registries) -> "Redaction":
        """The rules for every schema that some tenant is served. A secret part makes its whole attribute secret."""
        schemas = (schema for registry in registries.all() for schema in registry.schemas.values())
        attributes = (attribute for schema in schemas for attribute in schema.attributes)
        return cls(CREDENTIALS | {attribute.name.lower() for attribute in attributes if _is_secret(attribute)})

    def body(self, raw: bytes, parsed: Any, most: int) -> tuple[str, bool]:
        """At least the first `most` characters of a JSON body, and whether it is as it came.

        One without a sign of a secret is. Any other is written anew, as far as it is wanted.
        """
        lowered = raw.lower()
        if not any(hint in lowered for hint in self._hints) and not _TOKEN_HINT.search(lowered):
            return raw.decode("utf-8", "replace"), True
        kept = _Excerpt(self, most).of(parsed)
        return orjson.dumps(kept).decode(), kept == parsed

    def query(self, text: str) -> tuple[str, bool]:
        """The query of an address, decoded, and whether it held no secret."""
        given = [part.partition("=") for part in text.split("&") if part]
        decoded = [(unquote_plus(name), sign, unquote_plus(value)) for name, sign, value in given]
        kept = [self._parameter(*part) for part in decoded]
        return "&".join(map("".join, kept)), kept == decoded

    def text(self, text: str) -> str:
        """Any text: cut after a secret's name where a value seems to follow, tokens replaced."""
        if _ESCAPED.search(text):
            return REDACTED
        return TOKEN.sub(REDACTED, self._assigned.sub(rf"\1{REDACTED}", text))

    def search(self, text: str) -> str:
        """A filter or a path: cut after the first name of a secret, whatever follows."""
        found = self._name.search(text)
        if found is None or not text[found.end() :].strip():
            return self.text(text)
        return text[: found.end()] + REDACTED

    def member(self, name: str, value: str) -> str:
        """The text that a member or a parameter of that name has."""
        if self.is_secret(name):
            return REDACTED
        return self.search(value) if name.strip().lower() in _SEARCHING else self.text(value)

    def is_secret(self, name: str) -> bool:
        """Whether a name, plain, dotted or with a URN, is that of a secret or lies within one."""
        return self._name.search(name) is not None

    def is_about_secret(self, members: Mapping[str, Any]) -> bool:
        """Whether an object is an operation whose path names a secret."""
        paths = (inner for key, inner in members.items() if key.lower() == "path")
        return any(self.is_secret(str(path)) for path in paths)

    @staticmethod
    def detail(text: str) -> str:
        """What a request with a secret in it was told, without what was quoted from it."""
        return TOKEN.sub(REDACTED, _QUOTED.sub(REDACTED, text))

    def _parameter(self, name: str, sign: str, value: str) -> tuple[str, str, str]:
        return self.text(name), sign, self.member(name, value)


@dataclass
class _Excerpt:
    """Copies a JSON value without its secrets, until about `left` characters are copied. Parsing bounded its depth."""

    redaction: Redaction
    left: int

    def of(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._counted(self.redaction.text(self._wanted(value)))
        if isinstance(value, list):
            return [self.of(inner) for inner in value if self.left >= 0]
        if isinstance(value, Mapping):
            about = self.redaction.is_about_secret(value)
            return {
                self.redaction.text(self._wanted(key)): self._member(key, inner, about=about)
                for key, inner in value.items()
                if self.left >= 0
            }
        return self._counted(value)

    def _member(self, key: str, value: Any, *, about: bool) -> Any:
        self.left -= len(key)
        if self.redaction.is_secret(key) or (about and key.lower() not in _OPERATION):
            return REDACTED
        if not isinstance(value, str):
            return self.of(value)
        return self._counted(self.redaction.member(key, self._wanted(value)))

    def _wanted(self, text: str) -> str:
        """As much of a text as can be kept: to look at more would cost time."""
        return text[: max(self.left, 0)]

    def _counted(self, value: Any) -> Any:
        self.left -= len(value) if isinstance(value, str) else 1
        return value


def _is_secret(attribute: Attribute) -> bool:
    is_secret = attribute.mutability == "writeOnly" or attribute.returned == "never"
    return is_secret or any(map(_is_secret, attribute.sub_attributes))
