"""How many operations a text has is seen before it is parsed, whatever stands in and around them."""

import json

import pytest

from scim_server.protocol.errors import TooLarge
from scim_server.protocol.limits import check_length

OPERATIONS = {
    "objects": [{"op": "add", "path": 'emails[type eq "work, home"]', "value": [{"value": "{,]"}, {}]}] * 3,
    "empty": [{}, {}, {}],
    "nulls": [None, None, None],
    "lists": [[1, 2], [3, 4], [5]],
}
AROUND = {
    "nothing": {},
    "schemas": {"schemas": ["a", "b", "c", "d"]},
    "other lists of objects": {"more": [{}] * 3, "Operations ": [{}] * 3, "x": {"Operations": [1] * 4}},
}


@pytest.mark.parametrize("operations", OPERATIONS.values(), ids=OPERATIONS.keys())
@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND.keys())
@pytest.mark.parametrize("name", ["Operations", "operations"])
def test_operations_are_counted_in_the_text(operations: list[object], around: dict[str, object], name: str) -> None:
    for message in ({**around, name: operations}, {name: operations, **around}):
        body = json.dumps(message, indent=1).encode()
        check_length(body, 3)
        with pytest.raises(TooLarge, match="at most 2 "):
            check_length(body, 2)


@pytest.mark.parametrize("body", [b"", b"]", b"[" * 100, b'"Operations', b'{"Operations":', b"\xff"])
def test_what_is_no_message_is_left_to_the_parser(body: bytes) -> None:
    check_length(body, 1)
