"""The page to browse the admin API: its own files and nothing else."""

import re
from importlib.resources import files

import pytest

from tests.worlds import World

OWN = ("default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "frame-ancestors 'none'")


def test_the_page_loads_nothing_but_its_own_files(world: World) -> None:
    http = world.app.test_client()
    page = http.get("/api/v1/docs", buffered=True)
    assert (page.status_code, page.mimetype) == (200, "text/html")
    policy = page.headers["Content-Security-Policy"].split("; ")
    assert set(OWN) <= set(policy)
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    named = re.findall(r'(?:href|src)="([^"]+)"', page.text)
    assert len(named) == 6
    for address in named:
        answer = http.get(f"/api/v1/{address}", buffered=True)
        assert answer.status_code == 200, address
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "<script>" not in page.text


@pytest.mark.parametrize("name", ["LICENSE", "NOTICE", "swagger-ui-bundle.js.LICENSE.txt"])
def test_what_others_wrote_comes_with_their_licence(name: str) -> None:
    assert files("scim_server.api").joinpath("static", name).is_file()


def test_beside_the_files_there_is_nothing(world: World) -> None:
    http = world.app.test_client()
    for address in ("docs/nothing.js", "docs/../pages.py", "docs/%2e%2e/pages.py"):
        assert http.get(f"/api/v1/{address}").status_code in {401, 404}, address
