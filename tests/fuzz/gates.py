"""The gates that input passes first: each takes bytes, and may refuse them by the exceptions that it declares alone."""

from collections.abc import Callable, Mapping

from marshmallow import ValidationError

from scim_server.api.fields import Cursor
from scim_server.domain.domains import ascii_name, lies_in
from scim_server.oauth.jwts import BadToken, read_jwt
from scim_server.protocol.cursors import Sealer
from scim_server.protocol.errors import ScimError
from scim_server.protocol.filters import parse_filter
from scim_server.protocol.paths import UnknownAttribute, resolve
from scim_server.protocol.registry import standard_registry
from scim_server.protocol.targets import parse_target
from scim_server.protocol.texts import parse_json
from scim_server.services.credentials import read_credential

Gate = Callable[[bytes], object]

_KIND = standard_registry().resource_type("User")
_SEALER = Sealer(("a secret of a gate that nothing else knows",))
_REFUSALS = (ScimError, UnknownAttribute, BadToken, ValidationError)


def _addresses(raw: bytes) -> None:
    text = _text(raw)
    name = ascii_name(text)
    assert name is None or ascii_name(name) == name, "the form of a form is itself"
    lies_in(text, {"x.test"})


def _cursors(raw: bytes) -> None:
    Cursor(str, int).deserialize(_text(raw))


def _credentials(raw: bytes) -> None:
    found = read_credential(_text(raw))
    assert found is None or found.token_id.startswith(found.tenant_id)


def _text(raw: bytes) -> str:
    """As it comes out of an address or a JSON text: any characters, half of a pair included."""
    try:
        return raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


GATES: Mapping[str, Gate] = {
    "json": parse_json,
    "filters": lambda raw: parse_filter(_text(raw), _KIND),
    "paths": lambda raw: parse_target(_text(raw), _KIND),
    "attributes": lambda raw: resolve(_text(raw), _KIND),
    "addresses": _addresses,
    "credentials": _credentials,
    "cursors": _cursors,
    "sealed": lambda raw: _SEALER.open(_text(raw), ("a",), "2026-01-01T00:00:00.000000Z"),
    "tokens": lambda raw: read_jwt(_text(raw)),
}
"""By name, as the command line takes them."""


def try_gate(gate: Gate, raw: bytes) -> None:
    """Pass the bytes through; a refusal is all right."""
    try:
        gate(raw)
    except _REFUSALS:
        return
