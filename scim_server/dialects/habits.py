"""What a habit is: one shape that some client sends, and the RFC's shape for it.

What the protocol core takes anyway (letter case of `op`, names and keys, dotted and URN-qualified keys,
nulls, value lists in a remove) is no habit.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from scim_server.protocol.schemas import ResourceType

Verb = Literal["create", "replace", "patch", "query"]


@dataclass(frozen=True, slots=True)
class Message:
    """A request as a habit sees it: what is to be done with which resource type, and the JSON body."""

    verb: Verb
    resource_type: ResourceType
    body: Any


@dataclass(frozen=True, slots=True)
class Habit:
    """One declared habit. `before` and `after` are bodies of a `verb` request on `resource_type`.

    `rewrite` is pure and gives back the very same message where the shape is not its own. `source` is the
    https address that shows the habit; `profiles` names the profiles in which it applies.
    """

    name: str
    summary: str
    clients: tuple[str, ...]
    source: str
    profiles: frozenset[str]
    verb: Verb
    resource_type: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    rewrite: Callable[[Message], Message]
