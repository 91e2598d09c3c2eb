"""What the application asks and reports of people, and what they see of themselves."""

from datetime import timedelta
from pathlib import Path

import pytest

from scim_server.domain.instants import instant, later
from scim_server.domain.tenants import Tenant
from scim_server.services import seeing
from tests.api.callers import Caller
from tests.api.test_sessions import herself
from tests.cli.commands import CommandLine
from tests.http.refusals import unchanged
from tests.http.test_statements import counting
from tests.worlds import Connection, World


@pytest.fixture
def people(okta: Connection) -> dict[str, str]:
    """Ana's and Ben's ids."""
    return {name: okta.create_user(f"{name}@x.test")["id"] for name in ("ana", "ben")}


def test_sign_ins_are_reported_singly_and_in_batches(
    world: World, acme: Tenant, api: Caller, people: dict[str, str]
) -> None:
    now = instant(world.units.clock())
    early = later(now, -timedelta(days=2))
    body = {
        "sightings": [
            {"user": "ANA@x.test", "at": early},
            {"user": "nobody"},
            {"user": people["ben"], "at": "2999-01-01"},
            {"user": "ana@x.test", "at": later(now, -timedelta(days=3))},
            {"user": "nobody", "at": early},
        ]
    }
    assert api.done("POST", "~/sightings", body) == {
        "reported": 3,
        "unknown": [{"entry": 2, "user": "nobody"}, {"entry": 5, "user": "nobody"}],
    }
    assert world.person(acme, "ana@x.test").last_seen == early
    assert now <= str(world.person(acme, "ben@x.test").last_seen) < "2999"
    assert api.done("POST", "~/sightings", {"sightings": [{"user": "ana@x.test"}]})["reported"] == 1
    assert str(world.person(acme, "ana@x.test").last_seen) >= now


def test_a_batch_costs_a_fixed_number_of_statements(world: World, api: Caller, okta: Connection) -> None:
    names = [okta.create_user(f"u{number}@x.test")["userName"] for number in range(5)]
    costs = set()
    for several in (names[:1], names):
        with counting(world) as cost:
            api.done("POST", "~/sightings", {"sightings": [{"user": name} for name in several]})
        costs.add(int(cost))
    assert len(costs) == 1, costs


def test_a_batch_that_is_wrong_is_refused_whole(world: World, api: Caller, people: dict[str, str]) -> None:
    with unchanged(world):
        problem = api.refused(422, "POST", "~/sightings", {"sightings": [{"user": "ana@x.test"}, {"at": "never"}]})
        assert [error["pointer"] for error in problem["errors"]] == ["/sightings/1/user", "/sightings/1/at"]
        many = {"sightings": [{"user": "ana@x.test"}] * (seeing.MOST_SEEN + 1)}
        api.refused(422, "POST", "~/sightings", many)


@pytest.mark.parametrize("at", ["0500-06-01", "9999-12-31T23:59:59-12:00", "tomorrow", "1969-12-31", "9" * 512])
def test_a_moment_is_one_that_can_be_compared(world: World, api: Caller, people: dict[str, str], at: str) -> None:
    with unchanged(world):
        problem = api.refused(422, "POST", "~/sightings", {"sightings": [{"user": "ana@x.test", "at": at}]})
    assert problem["errors"][0]["pointer"] == "/sightings/0/at"
    assert "1970 to 9998" in problem["errors"][0]["detail"]


@pytest.mark.parametrize(
    "text",
    [
        '{"user": "ana@x.test", "at": "2026-01-02T03:04:05Z"}\n\n{"user": "nobody"}\n{"user": "ben@x.test"}\n',
        "user,at\r\nana@x.test,2026-01-02T03:04:05Z\r\nnobody,\r\nben@x.test,\r\n",
        "\ufeffat;user\n2026-01-02T03:04:05Z;ana@x.test\n;nobody\n;ben@x.test\n",
    ],
)
def test_a_file_of_sign_ins_is_reported(
    cli: CommandLine, world: World, acme: Tenant, people: dict[str, str], tmp_path: Path, text: str
) -> None:
    file = tmp_path / "seen"
    file.write_text(text, newline="")
    said = cli.done("user", "seen", "acme", "--file", str(file))
    assert said.out == "2 sign-ins are noted. Of nobody in the tenant: 'nobody' (2).\n"
    assert cli.json("user", "seen", "acme", "--file", str(file))["unknown"] == [{"entry": 2, "user": "nobody"}]
    assert world.person(acme, "ana@x.test").last_seen == "2026-01-02T03:04:05.000000Z"


def test_a_file_that_is_wrong_anywhere_reports_nothing(
    cli: CommandLine, world: World, acme: Tenant, people: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "seen"
    wrong = [
        ('{"user": "ana@x.test"}\n{"user": 5}\n', "Line 2: user must be"),
        ('{"user": "ana@x.test"}\n{', "Line 2 is no JSON object"),
        ('{"user": "ana@x.test", "when": "now"}', "Line 1: write an object with the members user"),
        ("user,at\nana@x.test,\nben@x.test,never\n", "Line 3: 'never' is no moment"),
        ("name,at\nana@x.test,\n", "Line 1: the first line names the columns"),
        ('user,at\n"ana', "Line 2 cannot be read"),
    ]
    with unchanged(world):
        for text, words in wrong:
            file.write_text(text)
            assert words in cli.failed(1, "user", "seen", "acme", "--file", str(file))
        file.write_bytes(b"user\n\xff\xfe\n")
        assert "is not in UTF-8" in cli.failed(1, "user", "seen", "acme", "--file", str(file))
        assert "Name a person" in cli.failed(2, "user", "seen", "acme")
        assert "Name a person" in cli.failed(2, "user", "seen", "acme", "ana@x.test", "--file", str(file))


def test_the_application_reads_everything_in_one_call(
    cli: CommandLine, world: World, acme: Tenant, api: Caller, okta: Connection
) -> None:
    world.buy(acme, "webinar", 1)
    cli.done("template", "set", "acme", "webinar", "large", "rooms=500")
    group = okta.create_group("Team")["id"]
    cli.done(
        "rule", "create", "acme", "--group", "Team", "--product", "webinar", "--template", "webinar=large",
        "--language", "de", "--role", "manager", "--role-group", group,
    )  # fmt: skip
    ana = okta.create_user("ana@x.test", displayName="Ana", preferredLanguage="fr", entitlements=["training"])
    assert api.done("GET", f"~/users/{ana['id']}/access")["language"] == "fr"
    okta.patch(f"/Groups/{group}", {"op": "add", "path": "members", "value": [{"value": ana["id"]}]})
    found = api.done("GET", "~/users/ANA@x.test/access")
    assert found == api.done("GET", f"~/users/{ana['id']}/access") == cli.json("user", "access", "acme", "ana@x.test")
    assert {name: found[name] for name in ("id", "userName", "displayName", "email", "status", "language")} == {
        "id": ana["id"], "userName": "ana@x.test", "displayName": "Ana", "email": "ana@x.test", "status": "active",
        "language": "de",
    }  # fmt: skip
    assert [(each["product"], each["state"], each["usable"], each["through"]) for each in found["products"]] == [
        ("meeting", "included", True, ["webinar"]),
        ("training", "waiting", False, []),
        ("webinar", "assigned", True, []),
    ]
    (role,) = found["roles"]
    assert (role["role"], role["scope"]) == ("manager", [group])
    assert "people.read" in role["permissions"]
    assert found["settings"] == {"webinar": {"rooms": "500"}}
    shown = cli.done("user", "access", "acme", "ana@x.test").out
    for word in ("Ana", "webinar", "included", "manager", "rooms"):
        assert word in shown or word == "Ana"
    assert herself(world, acme, "ana@x.test").done("GET", "/me") == found


def test_access_costs_a_fixed_number_of_statements(world: World, acme: Tenant, api: Caller, okta: Connection) -> None:
    world.buy(acme, "webinar", 1)
    world.rule(acme, "Team", "meeting")
    rich = okta.create_user("ana@x.test", entitlements=["webinar", "training"], roles=[{"value": "admin"}])["id"]
    okta.create_user("ben@x.test")
    okta.create_group("Team", rich)
    costs = set()
    for name in ("ana@x.test", "ben@x.test"):
        with counting(world) as cost:
            api.done("GET", f"~/users/{name}/access")
        costs.add(int(cost))
    assert len(costs) == 1, costs
    assert costs.pop() <= 16


def test_whoever_is_suspended_may_use_nothing(world: World, acme: Tenant, api: Caller, okta: Connection) -> None:
    world.buy(acme, "webinar", 1)
    ana = okta.create_user("ana@x.test", entitlements=["webinar"], roles=[{"value": "admin"}])["id"]
    okta.patch(f"/Users/{ana}", {"op": "replace", "path": "active", "value": False})
    found = api.done("GET", "~/users/ana@x.test/access")
    assert (found["status"], found["reason"], found["products"], found["roles"]) == ("suspended", "by_idp", [], [])
    assert "has no user 'nobody'" in api.refused(404, "GET", "~/users/nobody/access")["detail"]


def test_me_is_a_person_and_nobody_else(world: World, acme: Tenant, api: Caller, people: dict[str, str]) -> None:
    for name in ("ana", "ben"):
        assert herself(world, acme, f"{name}@x.test").done("GET", "/me")["id"] == people[name]
    assert "'me'" in api.refused(403, "GET", "/me")["detail"]
    herself(world, acme, "ana@x.test").refused(403, "GET", "~/users/ben@x.test/access")
