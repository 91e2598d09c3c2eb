"""Rules: who is in the group gets the products. Priority 1 comes first when seats run out."""

from dataclasses import dataclass

from scim_server.domain.instants import Instant


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule written by group name and kept by group id: `group_id` is None until such a group exists."""

    id: str
    priority: int
    group_id: str | None
    group_name: str
    products: frozenset[str]
    enabled: bool
    created: Instant
