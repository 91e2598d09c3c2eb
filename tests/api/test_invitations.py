"""/invitations of the admin API: sent, listed, previewed; the link is for the invited person alone."""

from collections.abc import Callable

import pytest

from scim_server.config import SmtpServer
from scim_server.domain.tenants import Tenant
from tests.api import callers
from tests.api.callers import Caller, caller
from tests.cli.commands import CommandLine
from tests.pages import submit
from tests.worlds import World, contents

ADDRESS = "ana@x.test"
SMTP = SmtpServer("mail.x.test", 587, "starttls", None, None, None)


@pytest.fixture
def outside(world: World) -> None:
    """Somebody in another tenant who owns the address."""
    world.connect(world.tenant("other")).create_user(ADDRESS, displayName="Ana")


def test_the_operator_is_shown_the_link_where_no_mail_is_sent(
    operator: Caller, api: Caller, cli: CommandLine, world: World, acme: Tenant, outside: None
) -> None:
    world.buy(acme, "webinar", 1)
    path = "/tenants/acme/invitations"
    body = {"address": ADDRESS, "firstName": "Ana", "products": ["meeting", "webinar"], "role": "manager", "days": 3}
    answer = operator.post(path, body, Idempotency_Key="k-1")
    sent = answer.get_json()
    assert answer.headers["Location"] == f"/api/v1{path}/{sent['id']}"
    assert (sent["state"], sent["reserved"], sent["unreserved"], sent["byMail"]) == ("open", ["webinar"], [], False)
    assert sent["link"].startswith("https://seats.example.com/invitations/")
    assert operator.done("POST", path, body, Idempotency_Key="k-1") == {**sent, "link": None}
    shown = api.done("GET", f"~/invitations/{sent['id']}")
    assert [shown] == api.items("~/invitations?limit=1") == cli.json("invitation", "list", "acme")
    assert shown == {name: value for name, value in sent.items() if name not in {"link", "byMail", "unreserved"}}
    told = api.done("GET", f"~/invitations/{sent['id']}/preview")
    assert told == {"tenant": "Acme", "address": ADDRESS, "products": ["Webinar"], "expires": sent["expires"]}
    page = world.app.test_client().get(sent["link"].removeprefix("https://seats.example.com"))
    assert (told["products"][0] in page.text, told["tenant"] in page.text) == (True, True)
    assert submit(world.app.test_client(), page.request.path, answer="accept").status_code == 200
    accepted = api.done("GET", f"~/invitations/{sent['id']}")
    assert (accepted["state"], accepted["reserved"]) == ("accepted", [])
    assert accepted["userId"] == api.done("GET", f"~/users/{ADDRESS}")["id"]
    assert "was accepted" in api.refused(410, "GET", f"~/invitations/{sent['id']}/preview")["detail"]


def test_nobody_of_the_tenant_is_shown_the_link(
    build_world: Callable[..., World], api: Caller, world: World, acme: Tenant, outside: None
) -> None:
    """It would let them answer for the person."""
    before = contents(world)
    assert "SCIM_SMTP_URL" in api.refused(403, "POST", "~/invitations", {"address": ADDRESS})["detail"]
    assert contents(world) == before
    mailing = caller(build_world(smtp_url=SMTP), acme)
    sent = mailing.done("POST", "~/invitations", {"address": ADDRESS})
    assert (sent["byMail"], sent["link"]) == (True, None)
    assert [row["recipient"] for row in world.rows("mails")] == [ADDRESS]


def test_sent_again_it_has_a_new_link(operator: Caller, world: World, acme: Tenant, outside: None) -> None:
    first, second = (operator.done("POST", "/tenants/acme/invitations", {"address": ADDRESS}) for _ in range(2))
    assert first["id"] == second["id"]
    assert first["link"] != second["link"]
    assert len(operator.items("/tenants/acme/invitations")) == 1


def test_what_cannot_be_offered_is_refused(
    operator: Caller, api: Caller, world: World, acme: Tenant, outside: None
) -> None:
    path = "/tenants/acme/invitations"
    body = {"address": "", "days": 91, "products": [5], "role": "", "colour": "red"}
    problem = operator.refused(422, "POST", path, body)
    assert {error["pointer"].split("/")[1] for error in problem["errors"]} == {*body}
    before = contents(world)
    assert "Nobody outside has" in operator.refused(404, "POST", path, {"address": "ben@x.test"})["detail"]
    for wrong, status in (({"address": "ana"}, 422), ({"products": ["zoom"]}, 404), ({"role": "boss"}, 422)):
        operator.refused(status, "POST", path, {"address": ADDRESS, **wrong})
    granter = caller(world, acme, "people.read", "people.write", "roles.grant")
    for offer, lacking in (({"products": ["meeting"]}, "seats.write"),):
        assert lacking in granter.refused(403, "POST", "~/invitations", {"address": ADDRESS, **offer})["detail"]
    assert contents(world)["invitations"] == before["invitations"]


def test_nobody_offers_a_role_above_their_own(world: World, acme: Tenant, outside: None) -> None:
    narrow = callers.operator(world, "people.read", "people.write", "roles.grant")
    problem = narrow.refused(403, "POST", "/tenants/acme/invitations", {"address": ADDRESS, "role": "super_admin"})
    assert "beyond your own" in problem["detail"]
    assert world.rows("invitations") == []


def test_an_invitation_of_another_tenant_is_not_there(
    operator: Caller, api: Caller, world: World, acme: Tenant, outside: None
) -> None:
    world.tenant("third")
    theirs = operator.done("POST", "/tenants/third/invitations", {"address": ADDRESS})["id"]
    for path in ("~/invitations/{}", "~/invitations/{}/preview"):
        there, nowhere = (api.refused(404, "GET", path.format(each)) for each in (theirs, "nothing"))
        assert there["detail"].replace(theirs, "nothing") == nowhere["detail"]
    assert api.items("~/invitations") == []
