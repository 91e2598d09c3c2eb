"""What the samples of habits are made of."""

from collections.abc import Mapping
from typing import Any

BULK_REQUEST = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
SEARCH_REQUEST = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

NO_CHANGE: Mapping[str, Any] = {"op": "add", "value": {}}
"""The operation that changes nothing."""


def patch(*operations: Mapping[str, Any]) -> dict[str, Any]:
    """A PatchOp of those operations."""
    return {"schemas": [PATCH_OP], "Operations": list(operations)}


def user(**attributes: Any) -> dict[str, Any]:
    """A User to create."""
    return {"schemas": [USER], "userName": "a@x.test", **attributes}
