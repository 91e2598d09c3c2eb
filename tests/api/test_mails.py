"""Mails over the admin API: their texts, what became of them, and welcomes; as the command line prints them."""

from collections.abc import Callable

import pytest

from scim_server.config import SmtpServer
from scim_server.domain.tenants import Tenant
from scim_server.services import ruling, stocktaking, welcoming
from tests import databases
from tests.api.callers import Caller, caller
from tests.rebuilds import check_rebuilt
from tests.worlds import CAUSE, Connection, World

TEXT = {"subject": "Hello {first_name}", "body": "You have {products}.\n"}


@pytest.fixture
def world(build_world: Callable[..., World]) -> World:
    """A world with a mail server, which nobody asks."""
    built = build_world(smtp_url=SmtpServer("127.0.0.1", 9, "none"))
    built.sell("meeting")
    return built


@pytest.fixture
def acme(world: World) -> Tenant:
    """A tenant that tells people what they get."""
    tenant = world.tenant("acme")
    world.buy(tenant, "meeting", 9)
    return world.decide("acme", welcome_mails="yes", change_mails="yes")


def person(client: Connection, name: str) -> str:
    emails = [{"value": f"{name}@x.test"}]
    return str(client.create_user(name, emails=emails, entitlements=["meeting"], displayName=name.title())["id"])


def test_mails_are_listed_the_newest_first(api: Caller, okta: Connection) -> None:
    for number in range(5):
        person(okta, f"p{number}")
    found = api.items("~/mails?limit=2")
    assert [each["userName"] for each in found] == ["p4", "p3", "p2", "p1", "p0"]
    assert {each["state"] for each in found} == {"waiting"}
    assert api.items("~/mails?state=sent") == []
    assert api.refused(422, "GET", "~/mails?state=lost")["errors"][0]["parameter"] == "state"


def test_texts_are_written_read_and_reset(api: Caller, okta: Connection) -> None:
    ana = person(okta, "ana")
    shipped = api.items("~/mail-templates?limit=3")
    assert {(each["name"], each["own"]) for each in shipped} == {("change", False), ("welcome", False)}
    own = api.done("PUT", "~/mail-templates/welcome/en-GB", TEXT)
    assert own == {"name": "welcome", "language": "en-gb", **TEXT, "own": True}
    assert api.done("GET", "~/mail-templates/welcome/en-gb") == own
    draft = api.done("GET", f"~/users/{ana}/mail?language=en-GB")
    assert (draft["subject"], draft["body"], draft["recipient"]) == ("Hello Ana", "You have Meeting.\n", "ana@x.test")
    assert api.done("GET", "~/users/ana/mail?template=change")["language"] == "en"
    assert api.done("DELETE", "~/mail-templates/welcome/en-GB") is None
    api.refused(404, "DELETE", "~/mail-templates/welcome/en-GB")
    api.refused(404, "GET", "~/mail-templates/welcome/en-GB")
    wrong = api.refused(422, "PUT", "~/mail-templates/welcome/en", {"body": "", "colour": 1})
    assert [each["pointer"] for each in wrong["errors"]] == ["/subject", "/body", "/colour"]
    assert "{colour}" in api.refused(422, "PUT", "~/mail-templates/welcome/en", {**TEXT, "body": "{colour}"})["detail"]
    api.refused(422, "PUT", "~/mail-templates/none/en", TEXT)
    api.refused(404, "GET", "~/users/nobody/mail")


def test_welcomes_are_sent_again(world: World, acme: Tenant, api: Caller, okta: Connection) -> None:
    person(okta, "ana")
    okta.create_user("ben", entitlements=["meeting"])
    (welcome,) = api.done("POST", "~/users/ana/welcome")["welcomed"]
    assert (welcome["userName"], welcome["address"], welcome["sent"]) == ("ana", "ana@x.test", 2)
    bulk = api.done("POST", "~/welcomes")
    assert ([each["sent"] for each in bulk["welcomed"]], bulk["withoutAddress"]) == ([3], ["ben"])
    assert len(api.items("~/mails")) == 3
    assert "no e-mail address" in api.refused(422, "POST", "~/users/ben/welcome")["detail"]
    caller(world, acme, "people.read").refused(403, "POST", "~/welcomes")


def test_without_a_mail_server_no_welcome_is_promised(build_world: Callable[..., World]) -> None:
    deaf = build_world()
    api = caller(deaf, deaf.tenant("deaf"))
    for path in ("~/welcomes", "~/users/ana/welcome"):
        assert api.refused(422, "POST", path)["detail"] == welcoming.NO_SERVER


def test_a_text_is_in_the_trail_and_can_be_undone(
    world: World, acme: Tenant, api: Caller, sqlite_databases: databases.Fresh
) -> None:
    api.done("PUT", "~/mail-templates/sales/en", TEXT)
    api.done("PUT", "~/mail-templates/welcome/fr", TEXT)
    rule = ruling.create_rule(world.units, acme, CAUSE, {"group": "Sales", "products": ["meeting"], "mail": "sales"})
    assert stocktaking.compare(world.units, acme) == []
    check_rebuilt(world, acme, sqlite_databases())
    made = [entry for entry in world.trail(acme) if entry.object_type == "mail_template"]
    assert "in use" in api.refused(409, "POST", "~/undo", {"entryId": made[0].id})["detail"]
    api.done("POST", "~/undo", {"entryId": made[1].id})
    assert [each["name"] for each in api.items("~/mail-templates") if each["own"]] == ["sales"]
    ruling.delete_rule(world.units, acme, CAUSE, rule.id)
    undone = api.done("POST", "~/undo", {"entryId": made[0].id})
    api.done("POST", "~/undo", {"requestId": undone["requestId"]})
    assert api.done("GET", "~/mail-templates/sales/en") == {"name": "sales", "language": "en", **TEXT, "own": True}


def test_a_welcome_is_not_unsent(world: World, acme: Tenant, api: Caller, okta: Connection) -> None:
    person(okta, "ana")
    api.done("POST", "~/users/ana/welcome")
    (sent,) = [entry for entry in world.trail(acme) if entry.object_type == "welcome"]
    assert "not unsent" in api.refused(422, "POST", "~/undo", {"entryId": sent.id})["detail"]
