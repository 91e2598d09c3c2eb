"""Replay sends what the file says, carries values on, compares what is stated, and skips what is done."""

import json
import re
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from scim_conformance import cli
from scim_conformance.documents import find, merged
from scim_conformance.expectations import Answer, Expectation, mismatches
from scim_conformance.flows import Flow, load
from scim_conformance.replay import Exchange, replay

SOURCE = "https://www.rfc-editor.org/rfc/rfc7644"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

FlowMaker = Callable[..., Flow]


class TinyServer:
    """Users in memory, with the filter `userName eq` alone; it keeps what it was sent."""

    def __init__(self) -> None:
        self.users: dict[str, dict[str, Any]] = {}
        self.received: list[tuple[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.raw_bodies: list[bytes] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        method, path, query = environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["QUERY_STRING"]
        content = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        self.received.append((method, path + (f"?{query}" if query else "")))
        self.headers.append({name: value for name, value in environ.items() if name.startswith("HTTP_")})
        self.raw_bodies.append(content)
        status, body = self.answer(method, path.removeprefix("/scim/Users").strip("/"), query, content)
        start_response(
            f"{status} {HTTPStatus(status).phrase}",
            [("Content-Type", "application/scim+json; charset=utf-8")],
        )
        yield json.dumps(body).encode() if body is not None else b""

    def answer(self, method: str, key: str, query: str, content: bytes) -> tuple[int, Any]:
        if method == "POST":
            return self.create(json.loads(content))
        if not key:
            return 200, self.search(parse_qs(query).get("filter", [""])[0])
        if key not in self.users:
            return 404, {"status": "404", "detail": f"no user {key}"}
        if method == "PUT":
            self.users[key] = {**json.loads(content), "id": key}
        if method == "DELETE":
            del self.users[key]
            return 204, None
        return 200, self.users[key]

    def create(self, user: dict[str, Any]) -> tuple[int, Any]:
        if any(other["userName"] == user["userName"] for other in self.users.values()):
            return 409, {"status": "409", "scimType": "uniqueness", "detail": "userName is taken"}
        key = f"u-{len(self.users) + 1}"
        self.users[key] = {**user, "id": key}
        return 201, self.users[key]

    def search(self, condition: str) -> dict[str, Any]:
        wanted = re.fullmatch(r'userName eq "(.*)"', condition)
        hits = [user for user in self.users.values() if wanted and user["userName"] == wanted[1]]
        return {"totalResults": len(hits), "Resources": hits}


@pytest.fixture
def server() -> TinyServer:
    return TinyServer()


@pytest.fixture
def http(server: TinyServer) -> Iterator[httpx.Client]:
    transport = httpx.WSGITransport(app=server)
    headers = {"Authorization": "Bearer t"}
    with httpx.Client(transport=transport, base_url="http://scim.example/scim", headers=headers) as client:
        yield client


@pytest.fixture
def flow_of(tmp_path: Path) -> FlowMaker:
    def make(*steps: dict[str, Any], **members: Any) -> Flow:
        data = {
            "client": "x",
            "flow": "y",
            "title": "t",
            "about": "a",
            "profile": "tolerant",
            "variables": {"run": ""},
            "steps": [{"title": f"Step {n}", "source": SOURCE, **step} for n, step in enumerate(steps, 1)],
            **members,
        }
        file = tmp_path / "y.json"
        file.write_text(json.dumps(data), encoding="utf-8")
        return load(file)

    return make


def step(method: str, path: str, status: int, body: Any = None, **members: Any) -> dict[str, Any]:
    request = {"method": method, "path": path} | ({"body": body} if body is not None else {})
    return {"request": request, "response": {"status": [status], **members.pop("response", {})}, **members}


def create(name: str, **members: Any) -> dict[str, Any]:
    return step("POST", "/Users", 201, {"userName": name}, **{"capture": {"ana": "id"}, **members})


def told(exchanges: list[Exchange]) -> list[str]:
    return [mismatch for exchange in exchanges for mismatch in exchange.mismatches]


def test_a_captured_value_is_used_in_later_paths_and_bodies(
    server: TinyServer, http: httpx.Client, flow_of: FlowMaker
) -> None:
    flow = flow_of(
        create("ana"),
        step("PUT", "/Users/{{ana}}", 200, {"userName": "ana", "nickName": "was {{ana}}", "active": True}),
        step("GET", "/Users/{{ana}}", 200, response={"body": {"id": "{{ana}}", "nickName": "was {{ana}}"}}),
    )
    exchanges = replay(flow, http)
    assert told(exchanges) == []
    assert [exchange.status for exchange in exchanges] == [201, 200, 200]
    assert server.received[1] == ("PUT", "/scim/Users/u-1")
    assert exchanges[1].body == {"userName": "ana", "nickName": "was u-1", "active": True}


def test_a_whole_answer_is_sent_back_with_changes(server: TinyServer, http: httpx.Client, flow_of: FlowMaker) -> None:
    resource = {"userName": "ana", "title": "old", "name": {"givenName": "Ana", "familyName": "L"}}
    change = {"title": None, "name": {"familyName": "M"}, ENTERPRISE: {"manager": {"value": "{{ana}}"}}}
    flow = flow_of(
        step("POST", "/Users", 201, resource, capture={"ana": "id", "ana_resource": "$"}),
        step("PUT", "/Users/{{ana}}", 200, {"$from": "ana_resource", "$set": change}),
    )
    assert told(replay(flow, http)) == []
    assert server.users["u-1"] == {
        "id": "u-1",
        "userName": "ana",
        "name": {"givenName": "Ana", "familyName": "M"},
        ENTERPRISE: {"manager": {"value": "u-1"}},
    }


def test_values_in_a_path_are_percent_encoded(server: TinyServer, http: httpx.Client, flow_of: FlowMaker) -> None:
    flow = flow_of(
        step(
            "GET",
            '/Users?filter=userName eq "{{who}}"&startIndex=1',
            200,
            response={"body": {"totalResults": 1}},
        )
    )
    server.create({"userName": "a+b&c#d é"})
    assert told(replay(flow, http, {"who": "a+b&c#d é"})) == []
    assert server.received[0][1].endswith("&startIndex=1")


def test_headers_of_file_and_step_go_with_the_request_and_may_replace_the_credentials(
    server: TinyServer, http: httpx.Client, flow_of: FlowMaker
) -> None:
    refused = step("GET", "/Users", 200)
    refused["request"]["headers"] = {"Authorization": "non-token"}
    replay(flow_of(step("GET", "/Users", 200), refused, headers={"User-Agent": "Tiny 1"}), http)
    assert [sent["HTTP_AUTHORIZATION"] for sent in server.headers] == ["Bearer t", "non-token"]
    assert [sent["HTTP_USER_AGENT"] for sent in server.headers] == ["Tiny 1", "Tiny 1"]


def test_a_body_is_sent_as_the_file_has_it(server: TinyServer, http: httpx.Client, flow_of: FlowMaker) -> None:
    body = {"userName": "zoë", "active": "True", "title": None, "roles": []}
    replay(flow_of(step("POST", "/Users", 201, body)), http)
    assert json.loads(server.raw_bodies[0]) == body
    assert "zoë".encode() in server.raw_bodies[0]


def test_a_step_that_lacks_a_value_is_reported_and_not_sent(
    server: TinyServer, http: httpx.Client, flow_of: FlowMaker
) -> None:
    """The create is refused, nothing is captured, and the read that needs the id must not go out as it is."""
    server.create({"userName": "ana"})
    exchanges = replay(flow_of(create("ana"), step("GET", "/Users/{{ana}}", 200)), http)
    assert told(exchanges) == [
        "status: 409 came, 201 was expected (userName is taken)",
        "needs {{ana}}, which neither a variable nor an earlier answer gave",
    ]
    assert exchanges[1].status is None
    assert len(server.received) == 1


def test_a_value_that_the_answer_lacks_is_reported(http: httpx.Client, flow_of: FlowMaker) -> None:
    exchanges = replay(flow_of(create("ana", capture={"place": "meta.location"})), http)
    assert told(exchanges) == ["meta.location: missing, it was to become {{place}}"]


def test_a_settled_step_is_skipped_and_its_values_are_taken_from_what_was_found(
    server: TinyServer, http: httpx.Client, flow_of: FlowMaker
) -> None:
    flow = flow_of(
        create("ana", settled='/Users?filter=userName eq "ana"'),
        create("ben", settled='/Users?filter=userName eq "ben"', capture={"ben": "id"}),
        step("GET", "/Users/{{ana}}", 200, response={"body": {"userName": "ana"}}),
    )
    server.create({"userName": "ana"})
    first, second = replay(flow, http), replay(flow, http)
    assert told(first) == told(second) == []
    assert [exchange.skipped for exchange in first] == [True, False, False]
    assert [exchange.skipped for exchange in second] == [True, True, False]
    assert [method for method, _ in server.received].count("POST") == 1


def test_a_run_without_a_given_token_takes_fresh_names(
    server: TinyServer, http: httpx.Client, flow_of: FlowMaker
) -> None:
    flow = flow_of(create("ana{{run}}"), variables={"run": None})
    assert told([*replay(flow, http), *replay(flow, http)]) == []
    assert len({user["userName"] for user in server.users.values()}) == 2
    replay(flow, http, {"run": "-mine"})
    assert server.users["u-3"]["userName"] == "ana-mine"


def test_a_run_takes_the_token_of_its_client_where_the_file_asks_for_it(
    server: TinyServer, http: httpx.Client, flow_of: FlowMaker
) -> None:
    lower = step("GET", "/Users", 200)
    lower["request"]["headers"] = {"Authorization": "bearer {{token}}"}
    replay(flow_of(lower, variables={"run": "", "token": None}), http)
    assert [sent["HTTP_AUTHORIZATION"] for sent in server.headers] == ["bearer t"]


def test_elements_are_repeated_with_a_number_each(server: TinyServer, http: httpx.Client, flow_of: FlowMaker) -> None:
    pair = [{"value": "{{who}}-{{number}}"}, {"value": "x"}]
    flow = flow_of(
        create("ana", capture={"who": "id"}),
        step("PUT", "/Users/{{who}}", 200, {"members": [{"value": "y"}, {"$repeat": 2, "$each": pair}]}),
    )
    assert told(replay(flow, http)) == []
    members = json.loads(server.raw_bodies[1])["members"]
    assert [member["value"] for member in members] == ["y", "u-1-1", "x", "u-1-2", "x"]


def test_the_path_is_joined_to_the_base_address_as_text(
    server: TinyServer, http: httpx.Client, flow_of: FlowMaker
) -> None:
    replay(flow_of(step("GET", "//Users?filter=a+b&", 200)), http)
    assert server.received == [("GET", "/scim//Users?filter=a+b&")]


def test_an_answer_is_compared_with_what_it_gave_itself(http: httpx.Client, flow_of: FlowMaker) -> None:
    flow = flow_of(create("ana", capture={"own": "id"}, response={"headers": {"Location": "{{own}}"}}))
    assert told(replay(flow, http)) == ['header Location: nothing came, "u-1" was expected']


def test_each_exchange_is_shown_as_it_ends(http: httpx.Client, flow_of: FlowMaker) -> None:
    seen: list[Exchange] = []
    exchanges = replay(flow_of(create("ana"), step("DELETE", "/Users/{{ana}}", 204)), http, on_exchange=seen.append)
    assert seen == exchanges
    assert all(exchange.ok and exchange.milliseconds > 0 for exchange in seen)


@pytest.mark.parametrize(
    ("expected", "actual", "told"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, []),
        ({"a": {"b": "x"}}, {"a": {"b": "x", "c": "y"}}, []),
        ({"a": {"b": "x"}}, {"a": {"b": "y"}}, ['a.b: "y" came, "x" was expected']),
        ({"a": 1}, {}, ["a: missing, 1 was expected"]),
        ({"a": 1}, None, ['body: nothing came, {"a": 1} was expected']),
        ({"a": 1}, "<html>", ['body: "<html>" came, {"a": 1} was expected']),
        ({"active": True}, {"active": "True"}, ['active: "True" came, true was expected']),
        ({"total": 1}, {"total": True}, ["total: true came, 1 was expected"]),
        ({"total": {"$type": "integer"}}, {"total": 3}, []),
        ({"n": {"$type": "integer"}}, {"n": "3"}, ['n: "3" came, a value of type integer was expected']),
        ({"b": {"$type": "integer"}}, {"b": True}, ["b: true came, a value of type integer was expected"]),
        ({"at": {"$matches": "Z$"}}, {"at": "2024-01-01T00:00:00Z"}, []),
        ({"at": {"$matches": "Z$"}}, {"at": "now"}, ['at: "now" came, a text like Z$ was expected']),
        ({"at": {"$matches": "1"}}, {"at": 1}, ["at: 1 came, a text like 1 was expected"]),
        ({"m": [{"v": 2}, {"v": 1}]}, {"m": [{"v": 1, "d": "x"}, {"v": 2}, {"v": 3}]}, []),
        ({"m": [{"v": 4}]}, {"m": [{"v": 1}]}, ['m: no element is like {"v": 4} in [{"v": 1}]']),
        ({"m": [{"v": 4}]}, {"m": {"v": 4}}, ['m: {"v": 4} came, [{"v": 4}] was expected']),
        ({"m": {"$only": [{"v": 1}]}}, {"m": [{"v": 1, "d": "x"}]}, []),
        ({"m": {"$only": [{"v": 1}]}}, {"m": [{"v": 1}, {"v": 2}]}, ['m: unexpected element {"v": 2}']),
        ({"m": {"$only": [{"v": 1}]}}, {"m": [{"v": 1}, {"v": 1}]}, ["m: 2 elements came, 1 were expected"]),
    ],
)
def test_a_body_is_compared_as_a_subset(expected: Any, actual: Any, told: list[str]) -> None:
    assert mismatches(Expectation((200,), body=expected), Answer(200, {}, actual)) == told


@pytest.mark.parametrize(
    ("path", "body", "fine"),
    [
        ("title", {}, True),
        ("title", {"title": None}, True),
        ("title", {"title": ""}, True),
        ("title", {"title": "x"}, False),
        ("active", {"active": False}, False),
        ("members", {"members": []}, True),
        ("Resources.members", {"Resources": [{"id": "1"}, {"members": [{"value": "2"}]}]}, False),
        (f"{ENTERPRISE}:manager", {ENTERPRISE: {"department": "x"}}, True),
        (f"{ENTERPRISE}:manager", {ENTERPRISE: {"manager": {"value": "x"}}}, False),
        (ENTERPRISE, {ENTERPRISE: {"department": "x"}}, False),
    ],
)
def test_absent_means_missing_null_or_empty(path: str, body: Any, fine: bool) -> None:
    found = mismatches(Expectation((200,), absent=(path,)), Answer(200, {}, body))
    assert (found == []) is fine


def test_an_answer_without_content_has_no_body_to_compare() -> None:
    expected = Expectation((200, 204), body={"active": False})
    assert mismatches(expected, Answer(204, {}, None)) == []
    assert mismatches(expected, Answer(200, {}, None)) != []


@pytest.mark.parametrize(
    ("stated", "came", "fine"),
    [
        ("application/scim+json", "application/scim+json; charset=utf-8", True),
        ("application/scim+json", "application/json", False),
        ("application/scim+json; charset=utf-8", "application/scim+json", False),
        ("application/scim+json", None, False),
    ],
)
def test_a_header_may_carry_parameters_beyond_those_stated(stated: str, came: str | None, fine: bool) -> None:
    answer = Answer(200, {"content-type": came} if came else {}, None)
    assert (mismatches(Expectation((200,), {"Content-Type": stated}), answer) == []) is fine


def test_paths_lead_into_extensions_and_arrays() -> None:
    document = {"Resources": [{"id": "1", ENTERPRISE: {"manager": {"value": "m"}}}, {"id": "2"}]}
    assert find(document, "Resources.id") == ["1", "2"]
    assert find(document, "Resources.1.id") == ["2"]
    assert find(document, "Resources.9.id") == []
    assert find(document["Resources"][0], f"{ENTERPRISE}:manager.value") == ["m"]
    assert find(document, "$") == [document]


def test_a_merge_patch_leaves_the_captured_document_alone() -> None:
    document = {"a": {"b": 1, "c": 2}, "d": [1]}
    changed = merged(document, {"a": {"b": None}, "d": [], "e": {"f": None}})
    assert changed == {"a": {"c": 2}, "d": [], "e": {}}
    assert document == {"a": {"b": 1, "c": 2}, "d": [1]}


class TestCommand:
    """The command line; the server is reached through a client that knows its WSGI application."""

    @pytest.fixture(autouse=True)
    def _connect(self, server: TinyServer, monkeypatch: pytest.MonkeyPatch) -> None:
        def client(**options: Any) -> httpx.Client:
            return self.client_class(transport=httpx.WSGITransport(app=server), **options)

        self.client_class = httpx.Client
        monkeypatch.setattr(cli.httpx, "Client", client)

    def run(self, tmp_path: Path, *more: str) -> int:
        file = str(tmp_path / "y.json")
        return cli.main(["replay", "http://scim.example/scim", "--token", "t", "--file", file, *more])

    def test_it_prints_each_exchange_and_succeeds(
        self, tmp_path: Path, flow_of: FlowMaker, server: TinyServer, capsys: pytest.CaptureFixture[str]
    ) -> None:
        flow_of(create("ana{{run}}"), step("DELETE", "/Users/{{ana}}", 204))
        assert self.run(tmp_path, "--var", "run=-9") == 0
        out = capsys.readouterr().out
        assert re.search(r"ok +Step 1: POST /Users -> 201 in \d+ ms", out)
        assert "2 steps: 2 as stated, 0 not, 0 done before" in out
        assert server.headers[0]["HTTP_AUTHORIZATION"] == "Bearer t"
        assert b"ana-9" in server.raw_bodies[0]

    def test_a_mismatch_is_shown_below_its_exchange_and_exits_1(
        self, tmp_path: Path, flow_of: FlowMaker, capsys: pytest.CaptureFixture[str]
    ) -> None:
        flow_of(create("ana", response={"body": {"active": True}}), step("GET", "/Users/none", 200))
        assert self.run(tmp_path, "--json", str(tmp_path / "report.json")) == 1
        out = capsys.readouterr().out
        assert re.search(r"FAIL Step 1: .*\n +active: missing, true was expected\n", out)
        report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
        assert [entry["mismatches"] for entry in report] == [
            ["active: missing, true was expected"],
            ["status: 404 came, 200 was expected (no user none)"],
        ]
        assert report[0]["request"]["body"] == {"userName": "ana"}

    def test_what_is_done_before_is_shown_as_skipped(
        self, tmp_path: Path, flow_of: FlowMaker, server: TinyServer, capsys: pytest.CaptureFixture[str]
    ) -> None:
        server.create({"userName": "ana"})
        flow_of(create("ana", settled='/Users?filter=userName eq "ana"'))
        assert self.run(tmp_path) == 0
        assert "skip Step 1: POST /Users -> done before" in capsys.readouterr().out

    def test_flows_are_listed(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["list"]) == 0
        assert re.search(r"^okta/catalog-lifecycle +\d+ steps", capsys.readouterr().out, re.MULTILINE)

    @pytest.mark.parametrize(
        ("arguments", "reason"),
        [
            (["--client", "nobody"], "there is no client 'nobody'"),
            (["--client", "okta", "--flow", "none"], "there is no flow 'okta/none'"),
            (["--file", "missing.json"], "missing.json cannot be read"),
            (["--file", "missing.json", "--flow", "x"], "--flow picks one"),
        ],
    )
    def test_what_cannot_run_exits_2_and_says_why(
        self, arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cli.main(["replay", "http://scim.example/scim", *arguments]) == 2
        assert reason in capsys.readouterr().err

    def test_a_variable_without_a_value_is_a_usage_error(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as stop:
            cli.main(["replay", "http://scim.example/scim", "--client", "okta", "--var", "domain"])
        assert stop.value.code == 2
        assert "'domain' is not NAME=VALUE" in capsys.readouterr().err


def test_a_server_that_is_not_there_exits_2(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Port 0 is never listened on; a proxy of the machine has no say in this."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert cli.main(["replay", "http://127.0.0.1:0/scim", "--client", "okta"]) == 2
    assert "GET http://127.0.0.1:0/scim/Users" in capsys.readouterr().err
