"""The address of its own that metrics are read at."""

import socket
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

from scim_server.telemetry import listeners
from scim_server.telemetry.listeners import Listener

TOKEN = "metrics-metrics-metrics-metrics-metrics"


@pytest.fixture(params=["127.0.0.1", "::1"])
def host(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What listens from now on waits for a tenth of a second."""
    monkeypatch.setattr(listeners, "PATIENCE", 0.1)


@pytest.fixture
def http(host: str) -> Iterator[httpx.Client]:
    with closing(Listener(host, 0, lambda: b"scim_processes 1.0\n", TOKEN)) as listener:
        url = f"http://[{host}]:{listener.port}" if ":" in host else f"http://{host}:{listener.port}"
        with httpx.Client(base_url=url, trust_env=False, headers={"Authorization": f"Bearer {TOKEN}"}) as client:
            yield client


def test_it_shows_metrics_and_nothing_else(http: httpx.Client) -> None:
    answer = http.get("/metrics")
    assert (answer.status_code, answer.text) == (200, "scim_processes 1.0\n")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert answer.headers["Server"].strip() == "scim-server"
    for path in ("/", "/metrics/", "/readyz", "/scim"):
        assert http.get(path).status_code == 404
    assert http.post("/metrics").status_code == 501


def test_it_wants_its_token(http: httpx.Client) -> None:
    for shown in ("", "Bearer", f"Bearer {TOKEN}x", f"Basic {TOKEN}"):
        answer = http.get("/metrics", headers={"Authorization": shown})
        assert (answer.status_code, answer.text) == (401, "")
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="metrics"'


@pytest.mark.usefixtures("impatient")
def test_whoever_says_nothing_keeps_nobody_out(
    http: httpx.Client, host: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.create_connection((host, http.base_url.port or 0)) as silent:
        assert http.get("/metrics", timeout=20).status_code == 200
        silent.sendall(b"\0\r\n\r\n")
    assert capfd.readouterr().err == ""


def test_without_a_token_anybody_on_the_machine_may_look() -> None:
    with closing(Listener("127.0.0.1", 0, lambda: b"", None)) as listener:
        assert httpx.get(f"http://127.0.0.1:{listener.port}/metrics", trust_env=False).status_code == 200


def test_one_address_has_one_listener() -> None:
    with closing(Listener("127.0.0.1", 0, lambda: b"", None)) as listener, pytest.raises(OSError, match="in use"):
        Listener("127.0.0.1", listener.port, lambda: b"", None)
