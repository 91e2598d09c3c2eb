"""Hostile calls of every endpoint are answered, by problem details where they are refused, and those change nothing."""

from collections.abc import Callable, Iterator

from werkzeug.test import TestResponse

from scim_server.api.endpoints import Endpoint
from scim_server.api.nouns import ENDPOINTS
from tests.api import callers
from tests.api.callers import Caller
from tests.api.hostile_calls import calls
from tests.api.seeds import Seeds, seed
from tests.worlds import World, contents

METHODS = ("TRACE", "QUERY", "CONNECT", "HEAD", "X" * 99)
ADDRESSES = ("", "/", "//products", "/products//x", "/nothing", "/%00", "/%ff", "/tenants/acme/../acme/users", "/a%2Fb")
PROBLEM = "application/problem+json"


def test_hostile_calls_are_answered_and_what_is_refused_changes_nothing(build_world: Callable[..., World]) -> None:
    world = build_world()
    seeds, operator = seed(world), callers.operator(world)
    world.installation.sealer.flush()
    before, wrong = contents(world), list[str]()
    for endpoint in ENDPOINTS:
        answers = list(_answers(endpoint, operator, seeds, wrong))
        after = contents(world)
        if after != before and (endpoint.method == "GET" or all(answer.status_code >= 400 for answer in answers)):
            wrong.append(f"{endpoint.name} changed something without being carried out")
        before = after
    assert not wrong, "\n".join(wrong)


def _answers(endpoint: Endpoint, operator: Caller, seeds: Seeds, wrong: list[str]) -> Iterator[TestResponse]:
    for call in calls(endpoint, seeds):
        said = f"{endpoint.method} {call.path[:200]} {call.headers or ''} {(call.body or b'')[:200]!r}"
        try:
            answer = operator.send(endpoint.method, call.path, call.body, **call.headers)
        except (AssertionError, ValueError) as error:
            wrong.append(f"{said}: {error}")
            continue
        if answer.status_code in {400, 415} and endpoint.refuses is not None and "err" in answer.json:
            pass  # as the protocol has it that the endpoint belongs to
        elif answer.status_code >= 400 and (answer.mimetype, answer.json["status"]) != (PROBLEM, answer.status_code):
            wrong.append(f"{said}: {answer.mimetype}")
        yield answer


def test_addresses_and_methods_that_are_not_there_are_refused_by_problem_details(operator: Caller) -> None:
    headers = {"Authorization": f"Bearer {operator.token}"}
    for method in METHODS:
        for address in ADDRESSES:
            answer = operator.http.open(f"/api/v1{address}", method=method, headers=headers)
            assert (answer.status_code, answer.mimetype) == (404, PROBLEM), (method, address)
        if method != "HEAD":
            assert operator.refused(405, method, "/products")["detail"].startswith(method)
    answer = operator.http.head("/api/v1/products", headers=headers)
    assert (answer.status_code, answer.data) == (200, b"")


def test_whoever_asks_what_is_possible_is_told(operator: Caller) -> None:
    headers = {"Authorization": f"Bearer {operator.token}"}
    answer = operator.http.options("/api/v1/products", headers=headers)
    assert (answer.status_code, answer.headers["Allow"], answer.data) == (204, "GET, POST, OPTIONS", b"")
    assert operator.http.options("/api/v1/nothing", headers=headers).status_code == 404
    assert operator.http.options("/api/v1/products").status_code == 401


def test_a_parameter_that_is_sent_twice_is_refused(operator: Caller) -> None:
    problem = operator.refused(422, "GET", "/products?limit=1&limit=2&after=zz&colour=red&colour=blue")
    assert [error["parameter"] for error in problem["errors"]] == ["limit", "colour", "after", "colour"]


def test_an_endpoint_that_takes_no_body_takes_none(world: World, acme: object, api: Caller) -> None:
    assert api.done("POST", "~/audit/verify", {})["whole"]
    assert api.refused(422, "POST", "~/audit/verify", {"deep": True})["errors"][0]["pointer"] == "/deep"
    api.refused(400, "POST", "~/audit/verify", "{", Content_Type="application/json")
