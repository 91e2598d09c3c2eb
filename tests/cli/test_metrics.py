"""Metrics of `serve` at an address of their own, added up over its workers, and which metrics there are."""

import os
import signal
import subprocess
import time
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families as parse

from scim_server.telemetry import catalogue
from tests.cli.commands import PATIENCE, PLAIN, CommandLine, free_port, started
from tests.cli.test_serving import serving

REQUESTS = 40


def values(url: str, name: str) -> dict[tuple[str, ...], float]:
    """The values of a metric by those of its labels, sorted by their names; none while nobody listens."""
    try:
        text = httpx.get(f"{url}/metrics", **PLAIN).text
    except httpx.TransportError:
        return {}
    samples = [sample for family in parse(text) for sample in family.samples if sample.name == name]
    return {tuple(value for _, value in sorted(sample.labels.items())): sample.value for sample in samples}


def wait_for(url: str, name: str, wanted: dict[tuple[str, ...], float]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not wanted.items() <= (found := values(url, name)).items():
        assert time.monotonic() < deadline, found
        time.sleep(0.1)


def children(process: subprocess.Popen[str]) -> list[int]:
    """The processes that one has begun and that live."""
    found = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [int(child) for child in found]


def test_workers_are_told_together_and_whichever_dies(acme_cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next one takes over the address, and nothing that was counted is lost."""
    port, metrics = free_port(), free_port()
    monkeypatch.setenv("SCIM_METRICS_BIND", f"127.0.0.1:{metrics}")
    url = f"http://127.0.0.1:{metrics}"
    with serving(port, 2) as (process, _):
        wait_for(url, "scim_processes", {("serve",): 2})
        wait_for(url, "scim_tenants", {("home",): 1})
        for _ in range(REQUESTS):
            assert httpx.get(f"http://127.0.0.1:{port}/healthz", **PLAIN).status_code == 200
        health = {("none", "GET", "/healthz", "200"): REQUESTS}
        wait_for(url, "scim_http_requests_total", health)
        assert httpx.get(f"http://127.0.0.1:{port}/metrics", **PLAIN).status_code == 404
        for child in children(process):
            os.kill(child, signal.SIGKILL)
            wait_for(url, "scim_processes", {("serve",): 2})
            wait_for(url, "scim_http_requests_total", health)


def test_a_port_of_metrics_that_is_taken_is_refused(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("SCIM_METRICS_BIND", f"127.0.0.1:{port}")
    with serving(free_port(), 1):
        assert f"127.0.0.1:{port}" in cli.failed(1, "serve", "--bind", f"127.0.0.1:{free_port()}")


def test_workers_send_their_spans_until_the_end(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "console")
    port = free_port()
    with started("serve", "--bind", f"127.0.0.1:{port}", "--workers", "1", stdout=subprocess.PIPE) as process:
        deadline = time.monotonic() + PATIENCE
        while not _is_ready(f"http://127.0.0.1:{port}"):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        httpx.get(f"http://127.0.0.1:{port}/version", **PLAIN)
        process.terminate()
        told, _ = process.communicate(timeout=PATIENCE)
    assert '"name": "GET /version"' in told
    assert '"http.response.status_code": 200' in told
    assert '"service.name": "scim-server"' in told


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", **PLAIN).status_code == 200
    except httpx.TransportError:
        return False


def test_every_metric_is_listed(bare_cli: CommandLine) -> None:
    assert [each["name"] for each in bare_cli.json("metrics", "list")] == [each.name for each in catalogue.ALL]
    assert bare_cli.done("metrics", "table").out == f"{catalogue.table()}\n"
