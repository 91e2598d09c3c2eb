"""Depth and number are bounded where a text is read, whatever place it comes in, whole or broken at its end."""

import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from scim_server.protocol.grammar import MAX_DEPTH, MAX_TERMS
from tests.http.refusals import unchanged
from tests.worlds import Connection, World

LARGEST = 4_000
SIZES = [1, MAX_DEPTH + 1, 300, MAX_TERMS + 1, LARGEST]
BROKEN = ["", " and", ' "', "]", "\x00"]
SHAPES: dict[str, Callable[[int], str]] = {
    "or": lambda n: " or ".join(["title pr"] * n),
    "and": lambda n: " and ".join(['title eq "a"'] * n),
    "parentheses": lambda n: "(" * n + "title pr" + ")" * n,
    "negations": lambda n: "not (" * n + "title pr" + ")" * n,
    "brackets": lambda n: "emails[" * n + "value pr" + "]" * n,
    "value filters": lambda n: " or ".join(["emails[value pr]"] * n),
    "dots": lambda n: "a" + ".a" * n,
    "colons": lambda n: "urn" + ":a" * n,
}
MOST_CALLS = 20_000
"""Of functions of Python for a refusal, however deep the text; `python -m benchmarks.refusals` says what that takes."""


def places(client: Connection, user_id: str, text: str) -> Iterator[TestResponse]:
    """The same text wherever one is parsed."""
    yield client.search("/Users", filter=text, count=0)
    yield client.search("/Users", sortBy=text, count=0)
    yield client.patch(f"/Users/{user_id}", {"op": "remove", "path": f"emails[{text}]"})
    yield client.patch(f"/Users/{user_id}", {"op": "remove", "path": text})
    if len(address := f"/Users?count=0&attributes=id&filter={quote(text)}") < 30_000:
        yield client.get(address)


def ask(client: Connection, user_id: str, text: str) -> tuple[list[TestResponse], int]:
    """The answers of all places, and how many functions were called for them."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        answers = list(places(client, user_id, text))
    finally:
        sys.setprofile(before)
    return answers, calls


@pytest.mark.parametrize("shape", SHAPES)
def test_no_text_is_too_deep_or_too_long_to_be_refused(client: Connection, house: World, shape: str) -> None:
    """D1: a refusal for each of them, soon, and nothing changed; what is within the limits may be answered."""
    user_id = client.create_user("ana")["id"]
    with unchanged(house):
        for size in SIZES:
            for end in BROKEN if size == LARGEST else [""]:
                answers, calls = ask(client, user_id, SHAPES[shape](size) + end)
                assert {answer.status_code for answer in answers} <= {200, 204, 400}, (size, end)
                if size > MAX_TERMS:
                    assert {answer.status_code for answer in answers} == {400}, (size, end)
                    assert calls < MOST_CALLS * len(answers), (size, end)
