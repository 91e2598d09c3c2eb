"""The page, the alert rules and the dashboard speak of metrics that there are, in a way that Prometheus understands."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scim_server.telemetry import catalogue
from scim_server.telemetry.metrics import Kind, Metric
from tests.alerts import METRICS, TELL_THE_FIRST, groups, rule_called, rules
from tests.promql import OVER_RANGES, BadQuery, Query, Selector

DOCS = Path(__file__).parents[2] / "docs"
FOLDER = DOCS / "observability"
OF_SCRAPES = frozenset({"job", "instance"})
"""Labels that Prometheus gives whatever it scrapes."""
DURATION = re.compile(r"[1-9][0-9]*[smhd]")
SEVERITIES = {"critical", "warning", "info"}


def panels() -> list[dict[str, Any]]:
    board = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def queries() -> Iterator[Any]:
    for rule in rules():
        yield pytest.param(rule["expr"], id=rule["alert"])
    for panel in panels():
        for target in panel["targets"]:
            query = target["expr"].replace("$__rate_interval", "5m").replace("$job", "scim-server")
            yield pytest.param(query, id=f"{panel['title']}-{target['refId']}")


@pytest.mark.parametrize("query", list(queries()))
def test_a_query_names_metrics_that_there_are_with_those_labels(query: str) -> None:
    read = Query(query)
    assert read.selectors
    for selector in read.selectors:
        metric = METRICS[selector.metric]
        known = OF_SCRAPES | {*metric.labels} | ({"le"} if selector.metric.endswith("_bucket") else set())
        assert selector.matchers.keys() <= known, selector
        assert selector.kept <= known, selector
        _check_call(selector, metric)


def _check_call(selector: Selector, metric: Metric) -> None:
    """Counters and histograms rise for ever: what they say is by how much. Gauges are as they are."""
    assert selector.is_range == (selector.within in OVER_RANGES), selector
    if metric.kind is not Kind.GAUGE:
        assert selector.within in {"rate", "increase"}, selector
    else:
        assert selector.within not in {"rate", "increase"}, selector


WRONG = (
    "sum(rate(scim_http_requests_total[5m])",
    "sum by (status (scim_processes))",
    'scim_seats{state="waiting}',
    'scim_seats{state=~"("}',
    "speed(scim_http_requests_total[5m])",
    "scim_seats >",
    "scim_seats scim_tenants",
)


@pytest.mark.parametrize("query", WRONG)
def test_what_is_no_query_is_not_taken_for_one(query: str) -> None:
    with pytest.raises((BadQuery, re.error)):
        Query(query)


def test_every_rule_has_what_whoever_is_woken_needs() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names) > 10
    for rule in rules():
        assert rule.keys() == {"alert", "expr", "for", "labels", "annotations"}, rule
        assert re.fullmatch(r"Scim[A-Za-z]+", rule["alert"])
        assert DURATION.fullmatch(rule["for"]), rule
        assert rule["labels"].keys() == {"severity"}
        assert rule["labels"]["severity"] in SEVERITIES
        assert rule["annotations"].keys() == {"summary", "description"}
        assert rule["annotations"]["description"].endswith(".")
        _check_templates(rule)


def test_rules_about_what_should_never_happen_see_it_for_longer_than_they_wait() -> None:
    """What happens once is seen for as long as the range: a rule that waits as long tells of the second at best."""
    assert {each["alert"] for each in rules() if "increase(" in each["expr"]} <= TELL_THE_FIRST
    for alert in TELL_THE_FIRST:
        ranges = [seconds(each[1:-1]) for each in re.findall(r"\[\w+\]", rule_called(alert)["expr"])]
        assert ranges
        assert seconds(rule_called(alert)["for"]) < min(ranges), alert


def seconds(duration: str) -> int:
    return int(duration[:-1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[duration[-1]]


def _check_templates(rule: dict[str, Any]) -> None:
    """What annotations fill in is there: labels that the query keeps."""
    kept = {label for selector in Query(rule["expr"]).selectors for label in selector.kept}
    for text in rule["annotations"].values():
        assert text.count("{{") == text.count("}}")
        for label in re.findall(r"\$labels\.(\w+)", text):
            assert label in kept | (OF_SCRAPES if not kept else set()), rule


def test_groups_of_rules_are_named_apart() -> None:
    loaded = groups()
    assert loaded.keys() == {"groups"}
    assert all(group.keys() == {"name", "rules"} for group in loaded["groups"])
    names = [group["name"] for group in loaded["groups"]]
    assert len(set(names)) == len(names)


def test_the_dashboard_can_be_imported_and_leaves_no_metric_out() -> None:
    board = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids)
    assert {variable["name"] for variable in board["templating"]["list"]} == {"datasource", "job"}
    for panel in panels():
        assert panel["title"]
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
    shown = json.dumps(board)
    assert [metric.name for metric in catalogue.ALL if metric.name not in shown] == []


def test_the_names_of_metrics_are_as_prometheus_wants_them() -> None:
    """https://prometheus.io/docs/practices/naming/ and what `promtool check metrics` looks for."""
    names = [metric.name for metric in catalogue.ALL]
    assert len(set(names)) == len(names)
    for metric in catalogue.ALL:
        assert re.fullmatch(r"scim(?:_[a-z]+)+", metric.name), metric
        assert metric.name.endswith("_total") == (metric.kind is Kind.COUNTER), metric
        assert metric.help.endswith("."), metric
        assert metric.help[0].isupper(), metric
        assert not {"le", "quantile", "job", "instance"} & {*metric.labels}, metric
        assert all(re.fullmatch(r"[a-z]+(?:_[a-z]+)*", label) for label in metric.labels), metric
        assert not re.search(r"_(?:count|sum|bucket|created|ms|minutes|hours|days|percent)$", metric.name), metric
        assert not re.search(r"counter|gauge|histogram", metric.name), metric
        if metric.kind is Kind.HISTOGRAM:
            assert metric.name.endswith("_seconds")
            assert list(metric.buckets) == sorted(set(metric.buckets))


def test_no_metric_is_told_apart_by_tenant_unless_the_operator_says_so() -> None:
    told = [metric.name for metric in catalogue.ALL if "tenant" in metric.labels]
    assert told == [catalogue.TENANT_SEATS.name]


def test_the_page_has_the_table_of_all_metrics() -> None:
    page = (DOCS / "observability.md").read_text(encoding="utf-8")
    assert catalogue.table() in page, "write it again with `scim-server metrics table`"
