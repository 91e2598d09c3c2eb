"""Lists over types whose attributes of one name differ in kind: no database is asked to compare the two."""

import pytest
from sqlalchemy import JSON, Column, MetaData, Table, Text

from scim_server.protocol.errors import InvalidValue
from scim_server.protocol.paths import resolve
from scim_server.protocol.registry import COMMON_URN, build
from scim_server.protocol.schemas import ResourceType
from scim_server.store.columns import Columns
from scim_server.store.keysets import leading, order_of

NAME = {"name": "name", "type": "complex", "subAttributes": [{"name": "short"}]}
ATTRIBUTES = {"Shirt": [{"name": "size"}, NAME], "Shoe": [{"name": "size", "type": "integer"}, {"name": "name"}]}
REGISTRY = build(
    schemas=[
        {"id": COMMON_URN, "name": "Common", "attributes": [{"name": "id"}]},
        *({"id": f"urn:x:{kind}", "name": kind, "attributes": attributes} for kind, attributes in ATTRIBUTES.items()),
    ],
    messages=[],
    resource_types=[{"name": kind, "endpoint": f"/{kind}s", "schema": f"urn:x:{kind}"} for kind in ATTRIBUTES],
)
SHIRT, SHOE = REGISTRY.resource_type("Shirt"), REGISTRY.resource_type("Shoe")
TABLE = Table("things", MetaData(), Column("id", Text()), Column("search", JSON()))
COLUMNS = Columns(TABLE.c.search, simple={("id",): TABLE.c.id})


def key(name: str, kind: ResourceType, *kinds: ResourceType) -> str:
    order = order_of(resolve(name, kind), leading(resolve(name, each) for each in kinds), COLUMNS, True)
    return str(order.key)


def test_the_first_type_says_how_values_are_compared() -> None:
    """The others' values are missing, as numbers and texts have no order among each other."""
    assert key("size", SHOE, SHIRT, SHOE) == "CAST(NULL AS TEXT)"
    assert key("size", SHIRT, SHOE, SHIRT) == "CAST(NULL AS NUMERIC)"
    for kinds in ((SHIRT, SHOE), (SHIRT,)):
        assert "NULL" not in key("size", SHIRT, *kinds)


def test_what_cannot_be_sorted_by_in_one_type_may_be_in_another() -> None:
    assert key("name", SHIRT, SHIRT, SHOE) == "CAST(NULL AS TEXT)"
    assert "NULL" not in key("name", SHOE, SHIRT, SHOE)
    with pytest.raises(InvalidValue, match="name"):
        leading([None, resolve("name", SHIRT)])
    assert leading([None, None]) is None
