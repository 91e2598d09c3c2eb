"""/Roles: what can stand in a user's `roles` (draft-ietf-scim-roles-entitlements section 3.2).

Clients of that draft read `value` and `display`, Okta reads `id`, `displayName` and `description`
(https://developer.okta.com/docs/guides/scim-with-entitlements/main/), so a resource carries both.
"""

from collections.abc import Iterator
from typing import Any

from scim_server.resources.ports import ResourceUnit


def documents(uow: ResourceUnit) -> Iterator[dict[str, Any]]:
    """Every role of the tenant. As many users as one likes can have it, so nothing is counted."""
    roles = uow.roles.all()
    for role in roles.by_code.values():
        yield {
            "value": role.code,
            "display": role.name,
            "displayName": role.name,
            "description": role.description,
            "type": "Role",
            "supported": True,
            "limitedAssignmentsPermitted": False,
            "containedBy": roles.including(role.code),
            "contains": sorted(role.includes),
        }
