"""scim-sanity, a prober of live SCIM servers, against the application on a loopback port."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from scim_sanity.probe.runner import run_probe_api
from werkzeug.serving import WSGIRequestHandler, make_server

from scim_server.services import tenancy
from tests.http.conftest import SCHEMAS
from tests.worlds import CAUSE, World

AGENTS = SCHEMAS / "agents"
RAN = {
    "Phase 2 — User CRUD Lifecycle: POST /Users",
    "Phase 3 — Group CRUD Lifecycle: PATCH /Groups/{id}",
    "Phase 4 — Agent CRUD Lifecycle: PATCH /Agents/{id}",
    "Phase 5 — AgenticApplication CRUD Lifecycle: DELETE /AgenticApplications/{id}",
    "Phase 5a — Agent Rapid Lifecycle: Rapid create/delete 10 agents",
}
SWITCHES = {"patch.group_answer": "200", "unknown_members": "skip"}
"""The prober takes 200 alone for a PATCH of a group, which other clients want answered with 204, and adds a member who
is nobody."""


class SilentHandler(WSGIRequestHandler):
    """Writes no line for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application on a free loopback port; gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=SilentHandler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.covers("R-AGENT-3-01")
@pytest.mark.parametrize("profile", ["tolerant", "rfc"])
def test_no_check_fails_and_none_is_left_out(build_world: Callable[..., World], profile: str) -> None:
    world = build_world(schemas_dir=AGENTS)
    tenant = tenancy.set_terms(world.units, world.tenant("acme", profile), CAUSE, switches=SWITCHES)
    okta = world.connect(tenant)
    with served(world.app) as address:
        report = run_probe_api(f"{address}/scim/acme/v2", token=okta.token)
    results = [(f"{each['phase']}: {each['name']}", each["status"], each.get("message")) for each in report["results"]]
    assert [result for result in results if result[1] != "pass"] == []
    assert {name for name, *_ in results} >= RAN
    assert okta.find("/Users", "userName pr") == []
    assert okta.find("/Groups", "displayName pr") == []
