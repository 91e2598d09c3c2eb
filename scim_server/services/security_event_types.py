"""The security events that streams can tell: what each URI means, and where it is defined.

Data alone. Two that RISC and CAEP have are left out, since the server could not say them truthfully: sessions-revoked
is deprecated (RISC 1.0 section 2.10), and credential-change (CAEP 1.0 section 3.3) is about the credentials of a
person, of which the server holds none: tokens and certificates here belong to connections.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from scim_server.domain.streams import Form

SCIM, RISC, CAEP, SSF = (
    "urn:ietf:params:scim:event",
    "https://schemas.openid.net/secevent/risc/event-type",
    "https://schemas.openid.net/secevent/caep/event-type",
    "https://schemas.openid.net/secevent/ssf/event-type",
)
FEED_ADD, FEED_REMOVE = f"{SCIM}:feed:add", f"{SCIM}:feed:remove"
DELETE, ACTIVATE, DEACTIVATE = f"{SCIM}:prov:delete", f"{SCIM}:prov:activate", f"{SCIM}:prov:deactivate"
ASYNC_RESPONSE = f"{SCIM}:misc:asyncresp"
DISABLED, ENABLED, PURGED, IDENTIFIER_CHANGED = (
    f"{RISC}/{name}" for name in ("account-disabled", "account-enabled", "account-purged", "identifier-changed")
)
SESSION_REVOKED = f"{CAEP}/session-revoked"
VERIFICATION, STREAM_UPDATED = f"{SSF}/verification", f"{SSF}/stream-updated"


def change_uri(method: str, form: Form) -> str:
    """The URI of a resource that was changed by that method, `create`, `put` or `patch` (RFC 9967 section 2.4)."""
    return f"{SCIM}:prov:{method}:{form}"


@dataclass(frozen=True, slots=True)
class SecurityEventType:
    """When there is such an event, and where it is defined. `form` is that of the streams that have it; None is any."""

    means: str
    source: str
    form: Form | None = None


def _changes(method: str, means: str, section: str) -> dict[str, SecurityEventType]:
    source = f"RFC 9967 section {section}"
    return {
        change_uri(method, Form.NOTICE): SecurityEventType(f"{means}: the names of its attributes.", source),
        change_uri(method, Form.FULL): SecurityEventType(f"{means}: its attributes with values.", source, Form.FULL),
    }


SECURITY_EVENT_TYPES: Mapping[str, SecurityEventType] = {
    FEED_ADD: SecurityEventType(
        "A person has come to be among those whom the stream is about.", "RFC 9967 section 2.3.1"
    ),
    FEED_REMOVE: SecurityEventType("A person is no longer among them.", "RFC 9967 section 2.3.2"),
    **_changes("create", "A user or a group is new, or back", "2.4.1"),
    **_changes("patch", "A user or a group was changed", "2.4.2"),
    **_changes("put", "A user or a group was replaced", "2.4.3"),
    DELETE: SecurityEventType("A user or a group is gone.", "RFC 9967 section 2.4.4"),
    ACTIVATE: SecurityEventType("A suspended person may use the products again.", "RFC 9967 section 2.4.5"),
    DEACTIVATE: SecurityEventType("A person may use no product any more.", "RFC 9967 section 2.4.6"),
    ASYNC_RESPONSE: SecurityEventType("An asynchronous request was carried out.", "RFC 9967 section 2.5.1.3"),
    DISABLED: SecurityEventType("A person was suspended.", "RISC 1.0 section 2.3"),
    ENABLED: SecurityEventType("A suspended person is back.", "RISC 1.0 section 2.4"),
    PURGED: SecurityEventType("A person was deleted.", "RISC 1.0 section 2.2"),
    IDENTIFIER_CHANGED: SecurityEventType(
        "A person has another e-mail address, or another user name in place of one that is an address.",
        "RISC 1.0 section 2.5",
    ),
    SESSION_REVOKED: SecurityEventType(
        "End every session of a person: they were suspended or deleted, or somebody else has taken their place.",
        "CAEP 1.0 section 3.1",
    ),
}
"""What a stream can ask for, by URI."""
OF_STREAMS: Mapping[str, SecurityEventType] = {
    VERIFICATION: SecurityEventType("The stream works: somebody asked whether it does.", "SSF 1.0 section 8.1.4"),
    STREAM_UPDATED: SecurityEventType("The stream sends, or does not send any more.", "SSF 1.0 section 8.1.5"),
}
"""What a stream tells of itself, whatever it asks for."""


def supported(form: Form) -> tuple[str, ...]:
    """The URIs that a stream of that form can have. One with values tells what is too large for them by name."""
    return tuple(uri for uri, each in SECURITY_EVENT_TYPES.items() if each.form in (None, form))
