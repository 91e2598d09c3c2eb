"""Calls as they are meant, made from the table of endpoints: for others that are wrong in one place."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from marshmallow.fields import Field, List, Nested

from scim_server.api.blueprints import PLACE
from scim_server.api.endpoints import JSON, Endpoint
from scim_server.api.fields import Choice, Flag, Moment, Number
from scim_server.api.shapes import Body
from tests.api.probing import MEMBERS
from tests.api.seeds import Seeds
from tests.schedules import SOON


def path_of(endpoint: Endpoint, seeds: Seeds, places: Mapping[str, str] | None = None) -> str:
    """The address, with what is there in its places unless it is given for one."""
    found = {name: quote(texts[0], safe="") for name, texts in seeds.places.items()} | dict(places or {})
    return PLACE.sub(lambda match: found[match[1]], endpoint.path)


def body_of(endpoint: Endpoint, seeds: Seeds) -> bytes | None:
    """A body as it is meant, with what must be there; None for a method that has none."""
    if endpoint.method not in {"POST", "PUT", "PATCH"}:
        return None
    if endpoint.takes != JSON:
        return b"email,first_name,last_name\na@x.test,A,B\n"
    return json.dumps(needed(endpoint.body or Body, seeds)).encode()


def needed(kind: type[Any], seeds: Seeds) -> dict[str, Any]:
    """A body or a query with what must be there."""
    return {name: value_of(member, seeds) for name, member in members(kind).items() if member.required}


def members(kind: type[Any]) -> Mapping[str, Field[Any]]:
    """What a body or a query may have, by the names it is sent under."""
    return {member.data_key or name: member for name, member in kind().fields.items()}


def value_of(member: Field[Any], seeds: Seeds) -> Any:
    """Something that the member takes."""
    place = MEMBERS.get(member.data_key or member.name)
    if isinstance(member, List):
        return []
    if isinstance(member, Nested):
        return needed(type(member.schema), seeds)
    if isinstance(member, Choice):
        return member.validators[0].choices[0]
    if isinstance(member, Number):
        return 1
    if isinstance(member, Flag):
        return True
    if isinstance(member, Moment):
        return SOON
    return "x" if place is None else seeds.places[place][0]
