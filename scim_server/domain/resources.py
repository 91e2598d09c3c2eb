"""Resources of types that nothing but a schema describes: kept and given back; the business does not look inside."""

from dataclasses import dataclass, replace
from typing import Any, Self

from scim_server.domain.instants import Instant, after


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of a tenant; `type` is the name of its resource type, `document` all that it holds."""

    id: str
    type: str
    origin: str
    document: dict[str, Any]
    version: int = 0
    created: Instant = ""
    modified: Instant = ""

    def begun(self, resource_id: str, now: Instant) -> Self:
        """The first version, as of now."""
        return replace(self, id=resource_id, version=1, created=now, modified=now)

    def revised(self, document: dict[str, Any], now: Instant) -> Self:
        """The next version of the same resource."""
        return replace(self, document=document, version=self.version + 1, modified=after(self.modified, now))
