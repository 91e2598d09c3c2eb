"""Visitors who are limited to the people of some groups see and change those people, and nobody else."""

import pytest

from scim_server.console.views import PAGES
from scim_server.domain.tenants import Tenant
from scim_server.services import authorising
from tests.console import visitors
from tests.console.visitors import Visitor, text_of
from tests.worlds import CAUSE, Connection, World


@pytest.fixture
def ids(world: World, acme: Tenant, okta: Connection) -> dict[str, str]:
    """mine is in Sales, nested in a group within it; theirs is not."""
    world.buy(acme, "meeting", 2)
    ids = {
        name: str(okta.create_user(f"{name}@example.com", displayName=name.title(), entitlements=["meeting"])["id"])
        for name in ("mine", "nested", "theirs")
    }
    inner = okta.create_group("Sales EMEA", ids["nested"])["id"]
    okta.create_group("Sales", ids["mine"], inner)
    return ids


@pytest.fixture
def mia(world: World, acme: Tenant, okta: Connection, ids: dict[str, str]) -> Visitor:
    """A manager of Sales alone."""
    okta.create_user("mia@example.com")
    authorising.grant_role(world.units, acme, CAUSE, "mia@example.com", "manager", ["Sales"])
    return visitors.person(world, acme, "mia@example.com")


def test_the_list_and_its_export_have_nobody_else(mia: Visitor, ids: dict[str, str]) -> None:
    for page in (mia.see("/people"), mia.get("/people.csv").text):
        assert ("Mine" in page, "Nested" in page) == (True, True)
        assert "Theirs" not in page
        assert "mia@example.com" not in page.replace("mia@example.com Sign out", "")
    assert "Nobody meets" in mia.see("/people", text="theirs")
    assert "Nobody meets" in mia.see("/people", group="Nobody")


@pytest.mark.parametrize("page", ["", "/edit", "/transfer", "/welcome", "/exclusions/meeting"])
def test_somebody_else_is_not_there(mia: Visitor, ids: dict[str, str], page: str) -> None:
    assert mia.get(f"/people/{ids['nested']}{page}").status_code == 200
    for name in (ids["theirs"], "theirs@example.com", "nobody@example.com"):
        answer = mia.get(f"/people/{name}{page}")
        assert (answer.status_code, f"has no user '{name}'" in text_of(answer)) == (404, True)


def test_nobody_else_can_be_named_in_a_form(world: World, acme: Tenant, mia: Visitor, ids: dict[str, str]) -> None:
    chosen = f"/people/chosen?deed=suspend&user={ids['mine']}"
    assert mia.get(f"{chosen}&user={ids['theirs']}").status_code == 404
    assert mia.submit(chosen, user=[ids["mine"], ids["theirs"]]).status_code == 404
    assert world.standing(acme, "mine@example.com")[0] == "active"
    for receiver in (ids["theirs"], "theirs@example.com"):
        query = f"mode=seat&receiver={receiver}"
        assert mia.get(f"/people/{ids['mine']}/transfer?{query}").status_code == 404
    assert mia.done(chosen).startswith("Suspended: 1 person.")
    assert world.standing(acme, "mine@example.com")[0] == "suspended"


def test_who_leaves_the_groups_is_not_there_any_more(okta: Connection, mia: Visitor, ids: dict[str, str]) -> None:
    path = f"/people/{ids['nested']}"
    mia.see(path)
    (inner,) = okta.find("/Groups", 'displayName eq "Sales EMEA"')
    okta.patch(f"/Groups/{inner['id']}", {"op": "remove", "path": f'members[value eq "{ids["nested"]}"]'})
    assert mia.get(path).status_code == 404


def test_pages_about_everybody_are_closed(mia: Visitor) -> None:
    closed = [page for page in PAGES if page.method == "GET" and "<tenant>" in page.path and not page.within_care]
    assert {page.section for page in closed} >= {"overview", "people"}
    for page in closed:
        path = "/console" + page.path.replace("<tenant>", "acme").replace("<", "").replace(">", "")
        assert mia.get(path).status_code == 403, path


def test_only_what_is_open_is_offered(mia: Visitor) -> None:
    page = mia.get("/people").text
    assert "Overview" not in page
    for words in ("Add people", "Deleted", "Invitations"):
        assert words not in page
    home = mia.browser.get("/console")
    assert home.headers["Location"] == "/console/tenants/acme/people"
