"""What a habit is: one shape that some client sends, and the RFC's shape for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from scim_server.protocol.profiles import Profile
from scim_server.protocol.schemas import ResourceType

Verb = Literal["create", "replace", "patch", "query", "search", "bulk"]

QUERIES = frozenset({"query", "search"})

TOLERANT = frozenset({"tolerant"})
EVERYDAY = frozenset({"tolerant", "rfc"})
"""For habits without which the two largest clients do not work at all."""
EVERYWHERE = frozenset({"tolerant", "rfc", "interop", "ipsie"})


@dataclass(frozen=True, slots=True)
class Message:
    """A request as a habit sees it: what is to be done with which resource type, and the body.

    The body is JSON of any shape. Of a bulk it is the envelope, whose operations are messages of their own, so
    that the resource type means nothing. Of a query in an address it is the parameters, name to text; a search is
    the SearchRequest that asks the same (RFC 7644 section 3.4.3).
    """

    verb: Verb
    resource_type: ResourceType
    body: Any


@dataclass(frozen=True, slots=True)
class Habit:
    """One declared habit. `before` and `after` are bodies of a `verb` request on `resource_type`.

    `rewrite` is pure, never raises, and gives back the very same message where the shape is not its own.
    `quirks` are the rows of docs/dialects.md it answers, `source` is the https address that shows the habit,
    `profiles` names those in which it is on unless a tenant says otherwise; `follows` is given where that is
    for a switch of the protocol's to say.
    """

    name: str
    summary: str
    clients: tuple[str, ...]
    quirks: tuple[int, ...]
    source: str
    profiles: frozenset[str]
    verb: Verb
    resource_type: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    rewrite: Callable[[Message], Message]
    follows: Callable[[Profile], bool] | None = None
