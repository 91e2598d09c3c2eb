"""What every refusal must look like, and that it left the store as it was."""

from collections.abc import Iterator
from contextlib import contextmanager

from werkzeug.test import TestResponse

from tests.worlds import ERROR, World, contents

SCIM_JSON = "application/scim+json"


@contextmanager
def unchanged(world: World) -> Iterator[None]:
    """Every row of every table is the same afterwards."""
    before = contents(world)
    yield
    assert contents(world) == before


def check_refusal(answer: TestResponse, status: int, scim_type: str | None = None, *words: str) -> None:
    """`answer` is a SCIM Error of that status and keyword, whose detail has each of `words` in it."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == SCIM_JSON
    assert answer.headers["X-Request-Id"]
    body = answer.json
    assert body["schemas"] == [ERROR]
    assert body["status"] == str(status)
    assert body.get("scimType") == scim_type, body
    assert set(body) <= {"schemas", "status", "scimType", "detail"}
    for word in words:
        assert word in body["detail"], body["detail"]
    assert "Traceback" not in answer.text
