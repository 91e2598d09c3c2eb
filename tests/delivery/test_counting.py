"""What goes out is counted by what came of it."""

from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families as parse

from scim_server.delivery.egress import VettedWeb
from scim_server.services.ports import Unreachable
from scim_server.telemetry import meters
from scim_server.telemetry.expositions import exposed
from scim_server.telemetry.slots import Slots
from scim_server.telemetry.surveys import Survey
from tests.webs import answer, serving


@pytest.fixture
def slots(tmp_path: Path) -> Iterator[Slots]:
    yield meters.begin(tmp_path)
    meters.end()


def counted(slots: Slots, name: str) -> dict[str, float]:
    """The values of a metric by its only label."""
    text = exposed(slots, Survey(slots, list)).decode()
    samples = [sample for family in parse(text) for sample in family.samples if sample.name == name]
    return {"".join(sample.labels.values()): sample.value for sample in samples}


def test_requests_to_others_are_counted(slots: Slots) -> None:
    web = VettedWeb((ip_network("127.0.0.1/32"),), seconds=5)
    for status in ("200 OK", "404 Not Found", "410 Gone", "503 Service Unavailable"):
        with serving(answer(b"", status)) as server:
            web.get(f"http://127.0.0.1:{server.port}/keys", most=1000)
    with pytest.raises(Unreachable):
        VettedWeb().get("https://127.0.0.1/keys", most=1000)
    assert counted(slots, "scim_egress_requests_total") == {"2xx": 1, "4xx": 2, "5xx": 1, "unreachable": 1}
    assert counted(slots, "scim_egress_request_duration_seconds_count") == {"": 5}
