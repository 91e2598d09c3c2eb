"""Which handler serves a resource type: Users and Groups have business behind them, the others a schema."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from scim_server.protocol.schemas import ResourceType
from scim_server.resources.described import DescribedHandler
from scim_server.resources.groups import GroupHandler
from scim_server.resources.handler import Handler
from scim_server.resources.users import UserHandler

OF_TYPE: Mapping[str, Callable[[ResourceType], Handler[Any]]] = {"User": UserHandler, "Group": GroupHandler}


@lru_cache(maxsize=1024)
def handler_of(kind: ResourceType) -> Handler[Any]:
    """The handler of a resource type."""
    return OF_TYPE.get(kind.name, DescribedHandler)(kind)
