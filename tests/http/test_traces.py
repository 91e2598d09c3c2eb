"""Spans of requests, use cases, transactions, chores and what goes out: who is whose child, and what they say."""

import json
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from scim_server.delivery.egress import VettedWeb
from scim_server.services.ports import Unreachable
from scim_server.telemetry import traces
from tests.webs import answer, serving
from tests.worlds import Connection, World

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SAID = f"00-{TRACE}-{PARENT}-01"
Finished = Callable[[], list[ReadableSpan]]


@pytest.fixture
def finished(monkeypatch: pytest.MonkeyPatch) -> Iterator[Finished]:
    """Takes the spans that ended since it was last called; everything that is built meanwhile is traced."""
    exporter = InMemorySpanExporter()
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "console")
    traces.begin(lambda: SimpleSpanProcessor(exporter))

    def take() -> list[ReadableSpan]:
        found = list(exporter.get_finished_spans())
        exporter.clear()
        return found

    yield take
    traces.end()


@pytest.fixture
def world(finished: Finished, build_world: Callable[..., World]) -> World:
    """A world that is traced."""
    world = build_world(trusted_proxies=(ip_network("10.0.0.0/8"),), log_level="info")
    assert world.app
    finished()
    return world


@pytest.fixture
def client(world: World, finished: Finished) -> Connection:
    client = world.connect(world.tenant(), idp="okta")
    finished()
    return client


def test_a_request_is_a_span_with_its_use_case_and_transaction_below(client: Connection, finished: Finished) -> None:
    answered = client.post("/Users", {"userName": "ana"})
    spans = finished()
    by_id = {span.context.span_id: span for span in spans}
    (request,) = [span for span in spans if span.kind.name == "SERVER"]
    assert request.name == "POST /scim/{tenant}/v2/Users"
    attributes = dict(request.attributes or {})
    assert attributes.pop("scim.actor").startswith("connection:")
    assert attributes == {
        "http.request.method": "POST",
        "http.route": "/scim/{tenant}/v2/Users",
        "http.response.status_code": 201,
        "scim.request_id": answered.headers["X-Request-Id"],
        "scim.tenant": "acme",
        "scim.dialect": "okta",
    }
    (write,) = [span for span in spans if span.name == "write"]
    assert dict(write.attributes or {}).keys() == {"db.system.name", "scim.cell"}
    above = by_id[write.parent.span_id]
    assert above.name != request.name
    assert by_id[above.parent.span_id] is request
    assert {span.context.trace_id for span in spans} == {request.context.trace_id}


def test_no_span_holds_what_came(client: Connection, finished: Finished) -> None:
    client.post("/Users", {"userName": "secret@example.com", "displayName": "secret"})
    client.get('/Users?filter=userName eq "secret@example.com"')
    client.get("/Users/secret")
    client.post("/Users", '{"secret')
    client.http.get("/secret?secret=secret", headers={"Authorization": "Bearer secret", "traceparent": "secret"})
    spans = finished()
    assert len(spans) > 5
    assert "secret" not in "".join(span.to_json() for span in spans)
    assert client.token not in "".join(span.to_json() for span in spans)


def test_a_trace_of_a_trusted_proxy_goes_on_here(client: Connection, finished: Finished) -> None:
    client.http.environ_base["REMOTE_ADDR"] = "10.0.0.1"
    client.get("/Users", traceparent=SAID)
    (request,) = [span for span in finished() if span.kind.name == "SERVER"]
    assert (f"{request.context.trace_id:032x}", f"{request.parent.span_id:016x}") == (TRACE, PARENT)


def test_a_trace_of_anybody_else_is_linked_to(client: Connection, finished: Finished) -> None:
    """Who is nobody's proxy decides neither what is recorded nor under which id."""
    client.get("/Users", traceparent=SAID)
    client.get("/Users", traceparent="nonsense")
    first, second = [span for span in finished() if span.kind.name == "SERVER"]
    assert first.parent is None
    assert f"{first.context.trace_id:032x}" != TRACE
    assert [f"{link.context.trace_id:032x}" for link in first.links] == [TRACE]
    assert not second.links


def test_the_log_has_the_ids_of_the_trace(
    client: Connection, finished: Finished, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    client.get("/Users")
    (request,) = [span for span in finished() if span.kind.name == "SERVER"]
    (line,) = map(json.loads, capsys.readouterr().err.splitlines())
    assert line["trace_id"] == f"{request.context.trace_id:032x}"
    assert line["span_id"] == f"{request.context.span_id:016x}"


def test_a_fault_is_told_by_its_kind(client: Connection, finished: Finished, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_(*_: Any, **__: Any) -> None:
        raise KeyError("secret")

    monkeypatch.setattr("scim_server.resources.operations.Operations.read", break_)
    assert client.get("/Users/1").status_code == 500
    (request,) = [span for span in finished() if span.kind.name == "SERVER"]
    assert request.status.status_code.name == "ERROR"
    assert (request.attributes or {})["error.type"] == "500"
    assert not request.events


def test_a_chore_is_a_trace_of_its_own(world: World, finished: Finished) -> None:
    world.do_chore("tidy-issues")
    spans = finished()
    (chore,) = [span for span in spans if span.name == "chore tidy-issues"]
    assert chore.parent is None
    assert (chore.attributes or {})["scim.request_id"]
    assert [span for span in spans if span.parent and span.parent.span_id == chore.context.span_id]


def test_whoever_is_asked_can_go_on_with_the_trace(finished: Finished) -> None:
    with serving(answer(b"keys")) as server, traces.span("sign in"):
        url = f"http://127.0.0.1:{server.port}/keys?secret=secret"
        assert VettedWeb((ip_network("127.0.0.1/32"),)).get(url, most=1000).body == b"keys"
    sent, _ = finished()
    head = server.requests[0].decode().lower()
    assert f"traceparent: 00-{sent.context.trace_id:032x}-{sent.context.span_id:016x}-0" in head
    assert "tracestate" not in head
    assert "baggage" not in head
    assert dict(sent.attributes or {}) == {"http.request.method": "GET", "scim.outcome": "2xx"}


def test_what_cannot_be_reached_is_a_failed_span_without_its_address(finished: Finished) -> None:
    with pytest.raises(Unreachable):
        VettedWeb().get("https://127.0.0.1/secret", most=1000)
    (sent,) = finished()
    assert (sent.attributes or {})["error.type"] == "Unreachable"
    assert "secret" not in sent.to_json()
    assert "127.0.0.1" not in sent.to_json()


def test_nothing_is_traced_that_nobody_asked_for(build_world: Callable[..., World]) -> None:
    world = build_world()
    assert type(world.installation.units).__name__ == "Units"
    assert not traces.is_on()
    assert (traces.outgoing(), traces.ids()) == ({}, {})
    assert traces.span("one") is traces.span("another")


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector:4318/v1/traces"}, True),
        ({"OTEL_TRACES_EXPORTER": "console"}, True),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, False),
        ({"OTEL_SDK_DISABLED": "true", "OTEL_TRACES_EXPORTER": "otlp"}, False),
        ({"OTEL_SERVICE_NAME": "seats"}, False),
    ],
)
def test_the_standard_variables_say_whether_to_trace(environ: dict[str, str], wanted: bool) -> None:
    assert traces.wanted(environ) is wanted


def test_an_exporter_that_is_not_known_is_refused_by_name() -> None:
    with pytest.raises(traces.Untraceable, match="OTEL_TRACES_EXPORTER"):
        traces.exporting({"OTEL_TRACES_EXPORTER": "zipkin"})
