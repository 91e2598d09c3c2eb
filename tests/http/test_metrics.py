"""Metrics at /metrics: what they count, what they ask the database for, and whom they are shown to."""

import re
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families as parse
from sqlalchemy import event

from scim_server.domain.errors import Contention, Unavailable
from scim_server.domain.streams import Delivery
from scim_server.domain.tenants import Tenant
from scim_server.resources.operations import Operations
from scim_server.services import hooking, operator_hooking, provisioning_logs, tenancy
from scim_server.services.hooking import Wishes
from scim_server.services.polling import Asked, poll
from scim_server.services.ports import Unreachable
from scim_server.services.relaying import relay
from scim_server.services.retrying import ATTEMPTS, retried
from scim_server.services.streaming import NewStream, create_stream
from scim_server.store.operators import Operator
from scim_server.store.unit_of_work import UnitOfWork
from scim_server.telemetry import catalogue, meters
from scim_server.telemetry.slots import OWN
from scim_server.telemetry.surveys import OLD
from tests.alerts import METRICS, TELL_THE_FIRST, rule_called
from tests.delivery.test_pushes import change
from tests.delivery.test_webhooks import publish, work
from tests.http.test_doors import is_shut, send, tried
from tests.promql import Query
from tests.receivers import LOOPBACK, receiving
from tests.worlds import CAUSE, Connection, World

TOKEN = "metrics-metrics-metrics-metrics-metrics"
Read = Callable[..., dict[tuple[str, ...], float]]


@pytest.fixture
def watched(build_world: Callable[..., World], tmp_path: Path) -> Iterator[World]:
    """A world whose metrics are read with a token."""
    world = build_world(metrics_token=TOKEN, metrics_dir=tmp_path, metrics_tenants=1, egress_networks=LOOPBACK)
    world.sell("meeting", "webinar:meeting")
    assert world.app
    yield world
    world.installation.watch.end()


@pytest.fixture
def customer(watched: World) -> Tenant:
    return watched.tenant("customer")


@pytest.fixture
def entra(watched: World, customer: Tenant) -> Connection:
    return watched.connect(customer, "entra", idp="entra")


def scraped(world: World) -> str:
    answer = world.app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    return answer.text


@pytest.fixture
def read(watched: World) -> Read:
    """The values of one metric by its labels, in the order in which the catalogue has them, the cell left out."""

    def values(metric: str, *, asked: bool = False) -> dict[tuple[str, ...], float]:
        if asked:
            watched.installation.watch.turn()
        labels = next(each.labels for each in catalogue.ALL if metric in each.series)
        return {
            tuple(sample.labels[name] for name in labels if name != "cell"): sample.value
            for family in parse(scraped(watched))
            for sample in family.samples
            if sample.name == metric
        }

    return values


def stale(folder: Path) -> None:
    """Let what was asked for be of long enough ago to be asked for again."""
    (folder / OWN / "figures.json").unlink()


def test_requests_are_counted_by_route_method_dialect_and_status(watched: World, entra: Connection, read: Read) -> None:
    entra.create_user("ana@example.com")
    for _ in range(2):
        entra.get("/Users/secret")
    entra.http.get("/secret?secret=secret")
    entra.send("secret", "/Users")
    counted = read("scim_http_requests_total")
    assert counted["/scim/{tenant}/v2/Users", "POST", "entra", "201"] == 1
    assert counted["/scim/{tenant}/v2/Users/{id}", "GET", "entra", "404"] == 2
    assert counted["nowhere", "GET", "none", "404"] == 1
    assert counted["/scim/{tenant}/v2/Users", "other", "entra", "405"] == 1
    assert read("scim_http_request_duration_seconds_count")["/scim/{tenant}/v2/Users/{id}", "GET"] == 2
    text = scraped(watched)
    assert "secret" not in text
    assert "customer" not in text
    assert "ana" not in text


def test_refusals_are_counted_by_scim_type_those_of_bulk_operations_too(entra: Connection, read: Read) -> None:
    entra.create_user("ana@example.com")
    entra.post("/Users", {"userName": "ana@example.com"})
    operation = {"method": "POST", "path": "/Users", "bulkId": "1", "data": {"userName": "ana@example.com"}}
    schemas = ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]
    entra.post("/Bulk", {"schemas": schemas, "Operations": [operation, {**operation, "bulkId": "2"}]})
    entra.get("/Users?filter=nonsense")
    entra.http.get("/scim/customer/v2/Users")
    counted = read("scim_refusals_total")
    assert counted["uniqueness", "409"] == 3
    assert counted["invalidFilter", "400"] == 1
    assert counted["none", "401"] == 1


def test_what_loses_against_others_is_counted(watched: World, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    read("scim_retries_total")
    lost = iter(range(ATTEMPTS + 1))

    @retried
    def settle() -> None:
        if next(lost, None) is not None:
            raise Contention("lost")

    with pytest.raises(Contention):
        settle()
    settle()
    assert read("scim_retries_total") == {("settle",): ATTEMPTS}
    assert read("scim_retries_exhausted_total")["settle",] == 1


def test_chores_are_counted_and_told_when_they_are_due(watched: World, read: Read) -> None:
    scraped(watched)
    begun = time.time()
    watched.do_chore("tidy-issues")
    assert read("scim_chore_runs_total") == {("tidy-issues", "done"): 1, ("tidy-issues", "failed"): 0}
    assert begun <= read("scim_chore_last_success_timestamp_seconds")["tidy-issues",] <= time.time()
    assert read("scim_chore_last_duration_seconds")["tidy-issues",] == read("scim_chore_seconds_total")["tidy-issues",]
    due = read("scim_chore_next_run_timestamp_seconds", asked=True)
    assert begun + 3500 < due["tidy-issues",] < time.time() + 3700


def test_what_wakes_somebody_by_its_increase_is_told_before_it_has_happened(watched: World, read: Read) -> None:
    """Prometheus sees no increase in a series that begins with what has happened."""
    watched.installation.watch.turn()
    for counter, labels in catalogue.AT_ZERO:
        assert read(counter.metric.name)[labels] == 0
    watched.do_chore("tidy-issues")
    at_zero = {counter.metric.name for counter, _ in catalogue.AT_ZERO}
    by_themselves = {counter.metric.name for counter in (catalogue.GIVEN_UP, catalogue.CHORE_RUNS)}
    assert {happening(name) for name in TELL_THE_FIRST} == at_zero | by_themselves


def happening(alert: str) -> str:
    """The metric that the alert sees rise."""
    return Query(rule_called(alert)["expr"]).selectors[0].metric


def contend(world: World, mocked: pytest.MonkeyPatch) -> None:
    """A use case loses every time."""
    tenant = world.tenant("busy")
    mocked.setattr("time.sleep", lambda _seconds: None)

    def lose(*_: Any) -> None:
        raise Contention("lost")

    mocked.setattr(UnitOfWork, "commit", lose)
    with pytest.raises(Contention):
        hooking.create_webhook(world.units, world.installation.web, tenant, CAUSE, "app", "https://app.invalid/in")


def fail(world: World, mocked: pytest.MonkeyPatch) -> None:
    """A request that never came before meets a fault of the server."""

    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    mocked.setattr(Operations, "read", broken)
    assert world.connect(world.tenant("faulty"), "okta").get("/Users/1").status_code == 500


def fail_within_bulk(world: World, mocked: pytest.MonkeyPatch) -> None:
    """Only an operation does."""

    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    mocked.setattr(Operations, "carry_out", broken)
    operation = {"method": "POST", "path": "/Users", "bulkId": "1", "data": {"userName": "ana"}}
    bulk = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [operation]}
    answer = world.connect(world.tenant("faulty"), "okta").post("/Bulk", bulk)
    assert (answer.status_code, answer.json["Operations"][0]["status"]) == (200, "500")


def find_nobody(world: World, _mocked: pytest.MonkeyPatch) -> None:
    """Somebody else is not where they should be."""
    with pytest.raises(Unreachable):
        world.installation.web.get("https://nobody.invalid/keys", most=1000)


@pytest.mark.parametrize(
    ("alert", "happen"),
    [
        ("ScimContention", contend),
        ("ScimServerFaults", fail),
        ("ScimServerFaults", fail_within_bulk),
        ("ScimOthersUnreachable", find_nobody),
    ],
)
def test_an_alert_sees_the_first_that_happens(
    watched: World, read: Read, monkeypatch: pytest.MonkeyPatch, alert: str, happen: Callable[..., None]
) -> None:
    """As Prometheus does: by how much a series has risen that was there in the scrape before."""
    watched.installation.watch.turn()
    metric, chosen = happening(alert), Query(rule_called(alert)["expr"]).selectors[0].matchers
    places = {place: chosen[label] for place, label in enumerate(METRICS[metric].labels) if label in chosen}
    before = read(metric)
    with monkeypatch.context() as mocked:
        happen(watched, mocked)
    after = read(metric)
    rises = {
        labels: after[labels] - value
        for labels, value in before.items()
        if all(labels[place] == label for place, label in places.items())
    }
    assert sum(rises.values()) == 1


def test_entries_of_the_log_are_counted(watched: World, entra: Connection, read: Read) -> None:
    for _ in range(3):
        entra.get("/Users")
    watched.installation.log.flush()
    assert read("scim_log_entries_total") == {("written",): 3}
    assert read("scim_log_entries_waiting") == {(): 0}


def test_entries_that_the_store_cannot_take_are_seen_to_wait(
    watched: World, entra: Connection, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise Unavailable("the moon is full")

    monkeypatch.setattr("scim_server.services.log_buffers.keep", away)
    entra.get("/Users")
    watched.installation.log.flush()
    assert read("scim_log_entries_waiting") == {(): 1}
    monkeypatch.setattr("scim_server.services.log_buffers.keep", provisioning_logs.keep)
    watched.installation.log.flush()
    assert read("scim_log_entries_waiting") == {(): 0}


def test_seats_are_told_over_all_tenants(watched: World, customer: Tenant, entra: Connection, read: Read) -> None:
    watched.buy(customer, "meeting", 2)
    watched.buy(watched.tenant("other"), "meeting", 5)
    for name in ("ana", "ben", "cid"):
        entra.create_user(f"{name}@example.com", entitlements=["meeting"])
    found = read("scim_seats", asked=True)
    states = {state: found["meeting", state] for state in ("assigned", "held", "reserved", "free", "waiting")}
    assert states == {"assigned": 2, "held": 0, "reserved": 0, "free": 5, "waiting": 1}
    assert read("scim_seats_bought")["meeting",] == 7
    assert read("scim_resources")["User",] == 3
    assert read("scim_tenants") == {(): 2}
    assert read("scim_tenant_seats") == {
        ("other", "meeting", "taken"): 0,
        ("other", "meeting", "free"): 5,
        ("other", "meeting", "waiting"): 0,
    }


def test_held_seats_are_told_apart(watched: World, customer: Tenant, entra: Connection, read: Read) -> None:
    watched.buy(customer, "meeting", 20)
    watched.rule(customer, "Sales", "meeting")
    people = [entra.create_user(f"user{number}@example.com")["id"] for number in range(12)]
    group = entra.create_group("Sales", *people)
    entra.delete(f"/Groups/{group['id']}")
    found = read("scim_seats", asked=True)
    assert found["meeting", "held"] > 0
    assert found["meeting", "held"] + found["meeting", "assigned"] + found["meeting", "free"] == 20


def test_what_waits_is_told_by_the_age_of_the_oldest(
    watched: World, entra: Connection, read: Read, tmp_path: Path
) -> None:
    entra.create_user("ana@example.com")
    watched.advance(100)
    assert 100 <= read("scim_outbox_oldest_age_seconds", asked=True)[()] < 160
    assert 100 <= read("scim_audit_oldest_unsealed_age_seconds")[()] < 160
    assert read("scim_audit_unsealed_entries")[()] > 0
    watched.installation.sealer.flush()
    stale(tmp_path)
    assert read("scim_audit_oldest_unsealed_age_seconds", asked=True)[()] == 0
    assert read("scim_audit_unsealed_entries")[()] == 0


def test_webhooks_are_told_by_how_they_do_and_how_far_they_are_behind(
    watched: World, read: Read, tmp_path: Path
) -> None:
    world, acme, other = watched, watched.tenant("acme"), watched.tenant("other")

    def told(name: str) -> dict[tuple[str, ...], float]:
        (tmp_path / OWN / "figures.json").unlink(missing_ok=True)
        return read(name, asked=True)

    with receiving(lambda received: 422 if received.event["tenant"] == "other" else 204) as receiver:
        hooking.create_webhook(world.units, world.installation.web, acme, CAUSE, "app", receiver.url)
        operator_hooking.create_operator_webhook(world.units, world.installation.web, CAUSE, "vendor", receiver.url)
        hooking.create_webhook(world.units, world.installation.web, acme, CAUSE, "off", receiver.url)
        hooking.change_webhook(world.units, world.installation.web, acme, CAUSE, "off", Wishes(on=False))
        work(world)
        publish(world, acme, "ana", "ben")
        assert told("scim_outbox_waiting_events")[()] >= 2
        relay(world.units)
        world.advance(100)
        assert 100 <= told("scim_webhook_oldest_due_age_seconds")[()] < 160
        assert told("scim_webhook_events_behind")["operator", "webhook"] == 2
        publish(world, other, "cid")
        work(world)
    assert told("scim_outbox_waiting_events")[()] == 0
    assert told("scim_webhook_oldest_due_age_seconds")[()] == 0
    receivers = [("tenant", "webhook"), ("tenant", "push"), ("tenant", "poll"), ("operator", "webhook")]
    assert told("scim_webhook_events_behind") == dict.fromkeys(receivers, 0)
    states = told("scim_webhooks")
    assert (states["tenant", "working"], states["tenant", "off"], states["operator", "working"]) == (1, 1, 1)
    assert told("scim_deliveries_kept_back") == {("parked",): 1, ("dead",): 0}
    counted = told("scim_deliveries_total")
    assert (counted["webhook", "accepted"], counted["webhook", "refused"]) == (len(receiver.taken), 1)
    assert told("scim_delivery_duration_seconds_count")["webhook",] == len(receiver.requests)


def test_streams_are_told_by_how_their_tokens_come_to_receivers(watched: World, read: Read) -> None:
    web, acme = watched.installation.web, watched.tenant("acme")
    fetching = NewStream("crm", Delivery.POLL, owner=CAUSE.actor)
    asked = partial(poll, watched.units, watched.installation.signer(), acme, CAUSE, "crm")
    with receiving() as receiver:
        for new in (NewStream("hr", Delivery.PUSH, receiver.url), fetching):
            create_stream(watched.units, web, acme, CAUSE, new)
        change(watched, acme, "ana", "ben")
        work(watched)
    behind = read("scim_webhook_events_behind", asked=True)
    assert (behind["tenant", "push"], behind["tenant", "poll"]) == (0, 2), "nobody has fetched yet"
    ana, ben = asked(Asked()).sets
    asked(Asked(had=frozenset([ana]), refused={ben: "invalid_key"}))
    counted = read("scim_deliveries_total")
    assert {key: number for key, number in counted.items() if number} == {
        ("push", "accepted"): 2,
        ("poll", "accepted"): 1,
        ("poll", "rejected"): 1,
    }
    assert read("scim_delivery_duration_seconds_count")["push",] == 2


def test_credentials_are_told_by_when_the_last_one_ends(
    watched: World, customer: Tenant, entra: Connection, read: Read, tmp_path: Path
) -> None:
    """A token beside one that lives longer is nobody's problem."""
    for name, days in (("week", 5), ("month", 20)):
        terms = {"idp": "okta", "manages_entitlements": "auto", "max_role": "admin"}
        tenancy.create_connection(watched.units, customer, CAUSE, name, **terms)
        tenancy.issue_token(watched.units, customer, CAUSE, name, timedelta(days=days))
    tenancy.issue_token(watched.units, customer, CAUSE, "entra", timedelta(days=1))

    def of_connections() -> list[float]:
        found = read("scim_credentials", asked=True)
        return [found["connection", span] for span in ("expired", "7d", "30d", "later")]

    assert of_connections() == [0, 1, 1, 1]
    watched.advance(6 * 86_400)
    stale(tmp_path)
    assert of_connections() == [1, 0, 1, 1]
    watched.advance(40 * 86_400)
    stale(tmp_path)
    assert of_connections() == [1, 0, 0, 1]


def test_every_metric_can_be_parsed_and_is_in_the_catalogue(watched: World, entra: Connection, read: Read) -> None:
    entra.create_user("ana@example.com")
    watched.do_chore("mails")
    watched.installation.watch.turn()
    text = scraped(watched)
    known = {metric.name.removesuffix("_total"): metric for metric in catalogue.ALL}
    for family in parse(text):
        metric = known[family.name]
        assert (family.type, family.documentation) == (metric.kind.value, metric.help)
        for sample in family.samples:
            assert sample.labels.keys() == {*metric.labels, *(["le"] if "le" in sample.labels else [])}
    assert len(re.findall("^# HELP ", text, re.M)) == len(set(re.findall(r"^# HELP (\S+)", text, re.M)))
    assert "pid=" not in text


def test_the_database_is_asked_by_so_many_statements_however_much_there_is(
    watched: World, customer: Tenant, entra: Connection, tmp_path: Path
) -> None:
    """And not again within seconds, nor ever by a request."""
    asked: list[str] = []
    database = watched.installation.database
    event.listen(database.engine, "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))
    watch = watched.installation.watch
    watch.turn()
    first = len(asked)
    assert 5 < first < 20
    for _ in range(3):
        watch.turn()
        scraped(watched)
    assert len(asked) == first
    for number in range(5):
        watched.buy(watched.tenant(f"tenant{number}"), "webinar", number)
        entra.create_user(f"user{number}@example.com")
    stale(tmp_path)
    asked.clear()
    watch.turn()
    assert len(asked) == first


def test_a_database_that_is_away_is_told_and_keeps_nobody_waiting(
    watched: World, read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read("scim_database_up", asked=True) == {(): 1}

    def away(*_: Any, **__: Any) -> Any:
        raise Unavailable("the moon is full")

    stale(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(Operator, "figures", away)
        assert read("scim_database_up", asked=True) == {(): 0}
        assert read("scim_seats") == {}


def test_figures_that_are_too_old_are_left_out(watched: World, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read("scim_tenants", asked=True) == {(): 0}
    present = time.time()
    monkeypatch.setattr("time.time", lambda: present + OLD + 1)
    assert read("scim_tenants") == {}
    assert read("scim_figures_age_seconds") == {}


def test_nobody_reads_metrics_without_the_token(watched: World) -> None:
    http, adapter = watched.app.test_client(), watched.app.url_map.bind("localhost")
    for method, spelling, headers in tried("/metrics"):
        assert is_shut(adapter, send(http, method, spelling, headers)), (method, spelling, headers)
    for shown in (f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer", "Bearer "):
        answer = http.get("/metrics", headers={"Authorization": shown})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="metrics"'
    assert http.get(f"/metrics?token={TOKEN}").status_code == 401


def test_without_a_setting_there_are_no_metrics(build_world: Callable[..., World]) -> None:
    world = build_world()
    assert world.app.test_client().get("/metrics").status_code == 404
    catalogue.RETRIES.add("nobody")
    assert catalogue.RETRIES._children == {}


def test_metrics_that_cannot_be_kept_change_no_answer(watched: World, entra: Connection, tmp_path: Path) -> None:
    watched.installation.watch.end()
    watched.installation.watch.begin()
    shutil.rmtree(tmp_path)
    assert entra.get("/Users").status_code == 200
    entra.create_user("ana@example.com")


def test_labels_that_grow_beyond_measure_are_told_together(watched: World, read: Read) -> None:
    scraped(watched)
    for number in range(meters.MOST_SERIES + 10):
        catalogue.RETRIES.add(f"use case {number}")
    counted = read("scim_retries_total")
    assert len(counted) == meters.MOST_SERIES + 1
    assert counted["other",] == 10
