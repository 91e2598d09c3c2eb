"""/users of the admin API: people found and shown as the command line shows them."""

from scim_server.domain.tenants import Tenant
from tests.api.callers import Caller
from tests.cli.commands import CommandLine
from tests.worlds import Connection, World


def test_a_person_is_shown_as_the_command_line_does(
    cli: CommandLine, api: Caller, world: World, acme: Tenant, okta: Connection
) -> None:
    world.buy(acme, "meeting", 1)
    world.rule(acme, "Sales", "meeting")
    ana = okta.create_user("Ana", emails=[{"value": "ana@x.test"}], entitlements=["Meeting"], externalId="E-1")["id"]
    okta.create_group("Sales", ana)
    shown = api.done("GET", "~/users/ana")
    assert shown == api.done("GET", f"~/users/{ana}") == cli.json("user", "show", "acme", "ANA")
    assert (shown["userName"], shown["email"], shown["externalId"]) == ("Ana", "ana@x.test", "E-1")
    assert [(seat["product"], seat["state"], seat["source"]) for seat in shown["seats"]] == [
        ("meeting", "assigned", "direct")
    ]
    assert api.items("~/users") == [shown] == cli.json("user", "list", "acme")
    assert "no user 'ben'" in api.refused(404, "GET", "~/users/ben")["detail"]


def test_people_are_sought(cli: CommandLine, api: Caller, world: World, acme: Tenant, okta: Connection) -> None:
    ana = okta.create_user("ana", displayName="Ana Silva")["id"]
    okta.create_user("ben@x.test", active=False, externalId="E-2")
    okta.create_user("cas", roles=[{"value": "admin"}], entitlements=["webinar"])
    okta.create_group("Sales", okta.create_group("EMEA", ana)["id"])

    def found(query: str) -> list[str]:
        return [user["userName"] for user in api.items(f"~/users?limit=1&{query}")]

    assert found("") == ["ana", "ben@x.test", "cas"]
    assert found("active=false") == ["ben@x.test"]
    assert found("active=true&text=sil") == ["ana"]
    assert found("userName=ANA") == found("group=Sales") == ["ana"]
    assert found("email=BEN@x.test") == found("externalId=E-2") == ["ben@x.test"]
    assert found("role=ADMIN") == found("product=Webinar") == ["cas"]
    problem = api.refused(422, "GET", "~/users?active=perhaps&colour=red&after=1")
    assert [error["parameter"] for error in problem["errors"]] == ["after", "active", "colour"]

    def listed(*options: str) -> list[str]:
        return [user["userName"] for user in cli.json("user", "list", "acme", *options)]

    assert listed("--text", "sil") == listed("--group", "Sales") == ["ana"]
    assert listed("--inactive") == listed("--email", "ben@x.test") == listed("--external-id", "E-2") == ["ben@x.test"]
    assert listed("--product", "webinar", "--active") == listed("--role", "admin") == ["cas"]
    assert cli.done("user", "list", "acme", "--text", "x").out == "Tenant 'acme' has nobody like that.\n"
    assert "no other condition" in cli.failed(2, "user", "list", "acme", "--deleted", "--text", "x")


def test_somebody_changed_by_hand_is_shown_whole(cli: CommandLine, api: Caller, world: World, acme: Tenant) -> None:
    cli.done("rule", "create", "acme", "--filter", "title pr", "--language", "de", "--product", "meeting")
    okta = world.connect(acme)
    okta.create_user("ana", title="Coach")
    handed = api.done("POST", "~/users/ana/seats", {"give": ["meeting"]})
    assert handed["user"] == api.done("GET", "~/users/ana")
    assert handed["user"]["language"] == "de"
