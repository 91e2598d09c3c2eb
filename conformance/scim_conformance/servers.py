"""What a server says it can do (RFC 7644 section 4): a check of what it does not offer is skipped, with the reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scim_conformance.clients import Client, Reply
from scim_conformance.verdicts import CheckFailed

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
FEATURES = ("patch", "bulk", "filter", "sort", "etag", "changePassword")
CORE_ENDPOINTS = {"User": "/Users", "Group": "/Groups"}


class Unreachable(Exception):
    """Discovery shows that nothing can be checked here; the text says why."""


@dataclass(frozen=True)
class Server:
    """What discovery gave. Where a document could not be read, the core of RFC 7643 is assumed."""

    config: Mapping[str, Any] = field(default_factory=dict)
    resource_types: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    schemas: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def lacks(self, need: str) -> str | None:
        """Why a need is not met, or None if it is.

        A need is a feature of ServiceProviderConfig (`patch`, `sort`, ...), `pagination` or `cursor` (RFC 9865),
        `events` or `async` (RFC 9967), a resource type (`Group`), an attribute (`User.emails.type`), the extension
        `enterprise` or an attribute of it (`enterprise.manager`).
        """
        if need in FEATURES:
            supported = _object(self.config.get(need)).get("supported") is True
            return None if supported else f"ServiceProviderConfig does not advertise {need}"
        if need in ("pagination", "cursor"):
            block = _object(self.config.get("pagination"))
            met = block.get("cursor") is True if need == "cursor" else bool(block)
            return None if met else f"ServiceProviderConfig does not advertise {need} (RFC 9865)"
        if need in ("async", "events"):
            told = _object(self.config.get("securityEvents"))
            met = str(told.get("asyncRequest")).lower() == "request" if need == "async" else bool(told)
            return None if met else f"ServiceProviderConfig does not advertise {need} (RFC 9967)"
        name, _, path = need.partition(".")
        if name == "enterprise":
            return self._lacks_extension(path)
        if name not in self._types():
            return f"ResourceTypes does not list {name}"
        return self._lacks_attribute(self._schema_of(name), path, name) if path else None

    def endpoint(self, resource_type: str) -> str:
        """Where resources of that type live, such as `/Users`."""
        listed = self.resource_types.get(resource_type, {})
        return str(listed.get("endpoint") or CORE_ENDPOINTS.get(resource_type, f"/{resource_type}s"))

    def attribute(self, urn: str, path: str) -> Mapping[str, Any] | None:
        """The published definition of an attribute or sub-attribute, or None."""
        found: Mapping[str, Any] | None = None
        children = self.schemas.get(urn.lower(), {}).get("attributes") or []
        for name in path.split("."):
            found = next((child for child in children if str(child.get("name")).lower() == name.lower()), None)
            children = (found or {}).get("subAttributes") or []
        return found

    def computed_extensions(self, resource_type: str) -> frozenset[str]:
        """The extensions of a resource type that only the server writes: it may answer them with any resource."""
        extensions = self.resource_types.get(resource_type, {}).get("schemaExtensions") or []
        urns = (str(extension.get("schema")) for extension in extensions)
        return frozenset(urn for urn in urns if self._is_computed(urn))

    def _is_computed(self, urn: str) -> bool:
        attributes = self.schemas.get(urn.lower(), {}).get("attributes") or []
        return bool(attributes) and all(each.get("mutability") == "readOnly" for each in attributes)

    def limit(self, feature: str, name: str) -> int | None:
        """A published limit such as bulk's maxOperations; None where none is given."""
        value = _object(self.config.get(feature)).get(name)
        return value if type(value) is int else None

    def _types(self) -> Mapping[str, Any]:
        return self.resource_types or CORE_ENDPOINTS

    def _schema_of(self, resource_type: str) -> str:
        default = f"urn:ietf:params:scim:schemas:core:2.0:{resource_type}"
        return str(self.resource_types.get(resource_type, {}).get("schema") or default)

    def _lacks_extension(self, path: str) -> str | None:
        extensions = self.resource_types.get("User", {}).get("schemaExtensions") or []
        urns = {str(extension.get("schema")).lower() for extension in extensions}
        if self.resource_types and ENTERPRISE.lower() not in urns:
            return "the User resource type does not list the enterprise extension"
        return self._lacks_attribute(ENTERPRISE, path, "enterprise") if path else None

    def _lacks_attribute(self, urn: str, path: str, owner: str) -> str | None:
        if urn.lower() not in self.schemas or self.attribute(urn, path):
            return None
        return f"the schema of {owner} does not list {path}"


def discover(client: Client) -> Server:
    """Read the three discovery documents.

    :raises Unreachable: if the server cannot be reached or refuses the credential.
    """
    return Server(
        config=_object(_read(client, "/ServiceProviderConfig").body),
        resource_types={str(each.get("name")): each for each in _listed(_read(client, "/ResourceTypes"))},
        schemas={str(each.get("id")).lower(): each for each in _listed(_read(client, "/Schemas"))},
    )


def _read(client: Client, path: str) -> Reply:
    try:
        reply = client.send("GET", path)
    except CheckFailed as error:
        raise Unreachable(f"GET {client.http.base_url}{path.lstrip('/')}: {error}") from error
    if reply.status in (401, 403):
        raise Unreachable(f"GET {path} is answered with {reply.status}: the server does not accept this token")
    return reply


def _listed(reply: Reply) -> list[Mapping[str, Any]]:
    found = _object(reply.body).get("Resources") if reply.status == 200 else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
