"""The alert rules of docs/observability, and the metrics that they can be about."""

from pathlib import Path
from typing import Any

import yaml

from scim_server.telemetry import catalogue
from scim_server.telemetry.metrics import Kind, Metric

FILE = Path(__file__).parents[1] / "docs" / "observability" / "alerts.yml"
METRICS = {"up": Metric("up", Kind.GAUGE, "")} | {name: metric for metric in catalogue.ALL for name in metric.series}
"""By the names of their series; `up` is Prometheus's own."""
TELL_THE_FIRST = {
    "ScimServerFaults",
    "ScimConnectionsUsedUp",
    "ScimContention",
    "ScimChoreFails",
    "ScimLogEntriesLost",
    "ScimMailsFail",
    "ScimOthersUnreachable",
}
"""Rules about what should never happen."""


def groups() -> Any:
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def rules() -> list[dict[str, Any]]:
    return [rule for group in groups()["groups"] for rule in group["rules"]]


def rule_called(alert: str) -> dict[str, Any]:
    return next(each for each in rules() if each["alert"] == alert)
