"""Sessions over the admin API, and that no token but their organiser's ever shows a recording."""

import re
from typing import Any

import pytest

from scim_server.api.nouns import ENDPOINTS
from scim_server.domain.tenants import Tenant
from scim_server.services import api_tokens, auditing, person_tokens
from scim_server.services.audit_entries import SoughtEntries
from tests.api.callers import DAY, Caller, caller
from tests.api.callers import operator as operator_of
from tests.cli.commands import CommandLine
from tests.http.refusals import unchanged
from tests.http.test_statements import counting
from tests.schedules import LONG_AGO, SOON
from tests.worlds import CAUSE, Connection, World

SECRET = "Salaries of the board"
ASKED = re.compile(r'"(?:at|until)":"[^"]*"')
"""When an answer about the past was asked for."""


def meeting(organiser: str, kind: str = "meeting", **members: Any) -> dict[str, Any]:
    """What is sent to register a session."""
    return {"kind": kind, "organiser": organiser, "title": "About it", "starts": SOON} | members


def herself(world: World, tenant: Tenant, user_name: str) -> Caller:
    """A person with a token of their own."""
    _, text = person_tokens.issue_token(world.units, tenant, CAUSE, user_name, DAY)
    return Caller(world.app.test_client(), text, tenant.slug)


@pytest.fixture
def people(okta: Connection) -> dict[str, str]:
    """Ana's and Ben's ids."""
    return {name: okta.create_user(f"{name}@x.test")["id"] for name in ("ana", "ben")}


def test_a_session_is_registered_replaced_listed_and_cancelled(
    world: World, api: Caller, people: dict[str, str]
) -> None:
    first = api.done("PUT", "~/sessions/m1", meeting("ANA@x.test", coOrganisers=[people["ben"]]))
    assert first == {
        "id": "m1",
        "kind": "meeting",
        "organiser": "ana@x.test",
        "organiserId": people["ana"],
        "title": "About it",
        "starts": "2100-01-31T09:00:00.000000Z",
        "ends": None,
        "coOrganisers": ["ben@x.test"],
    }
    again = api.done("PUT", "~/sessions/m1", meeting("ben@x.test", "training", starts=LONG_AGO, ends=SOON))
    assert api.items("~/sessions") == [again]
    assert api.items("~/sessions?user=ana@x.test") == []
    assert api.delete("~/sessions/m1").status_code == 204
    api.refused(404, "DELETE", "~/sessions/m1")
    assert [each.actor for each in world.trail() if each.object_type == "session"] == [
        f"api:{api.token.split('_')[1]}"
    ] * 3


def test_many_sessions_are_registered_at_once_and_listed_page_by_page(
    api: Caller, people: dict[str, str], cli: CommandLine
) -> None:
    rows = [{"id": f"m{number}", **meeting("ana@x.test")} for number in range(7)]
    assert api.done("POST", "~/sessions", {"sessions": rows}) == {"sessions": 7, "changed": 7}
    assert api.done("POST", "~/sessions", {"sessions": rows}) == {"sessions": 7, "changed": 0}
    whole = api.items("~/sessions?limit=3")
    assert [each["id"] for each in whole] == [f"m{number}" for number in range(7)]
    assert cli.json("session", "list", "acme") == whole


def test_every_wrong_session_of_a_list_is_named_and_none_is_stored(
    world: World, api: Caller, people: dict[str, str]
) -> None:
    good = {"id": "m1", **meeting("ana@x.test")}
    rows = [good, {**good, "id": "m2", "organiser": "eve"}, {**good}, {**good, "id": "m3", "ends": LONG_AGO}]
    with unchanged(world):
        problem = api.refused(422, "POST", "~/sessions", {"sessions": rows})
    assert [error["pointer"] for error in problem["errors"]] == ["/sessions/1", "/sessions/2", "/sessions/3"]
    wrong = {"sessions": [{**good, "kind": "party", "room": 1}, {"id": "m2"}]}
    pointers = {error["pointer"] for error in api.refused(422, "POST", "~/sessions", wrong)["errors"]}
    assert pointers == {
        "/sessions/0/kind", "/sessions/0/room", "/sessions/1/kind", "/sessions/1/organiser", "/sessions/1/title",
        "/sessions/1/starts",
    }  # fmt: skip
    assert "'eve' is no user name" in api.refused(422, "PUT", "~/sessions/m2", meeting("eve"))["detail"]


def test_a_person_sees_what_they_organise_recordings_included(
    world: World, acme: Tenant, api: Caller, people: dict[str, str]
) -> None:
    api.done("PUT", "~/sessions/m1", meeting("ana@x.test"))
    api.done("PUT", "~/sessions/m2", meeting("ben@x.test", coOrganisers=["ana@x.test"]))
    recording = meeting("ana@x.test", "recording", title=SECRET, starts=LONG_AGO, coOrganisers=["ben@x.test"])
    shown = api.done("PUT", "~/sessions/r1", recording)
    ana, ben = (herself(world, acme, f"{name}@x.test") for name in ("ana", "ben"))
    assert ana.items("/me/sessions?limit=1") == [shown, *api.items("~/sessions?user=ana@x.test")]
    assert [each["id"] for each in ben.items("/me/sessions")] == ["m2"]
    assert api.delete("~/sessions/r1?recordingOf=ana@x.test").status_code == 204
    assert [each["id"] for each in ana.items("/me/sessions")] == ["m1"]


def test_own_sessions_cost_a_fixed_number_of_statements(
    world: World, acme: Tenant, api: Caller, people: dict[str, str]
) -> None:
    ana = herself(world, acme, "ana@x.test")
    costs = []
    for number in range(3):
        api.done("PUT", f"~/sessions/r{number}", meeting("ana@x.test", "recording"))
        with counting(world) as cost:
            ana.get("/me/sessions")
        costs.append(int(cost))
    assert len(set(costs)) == 1, costs


def test_nobody_elses_token_shows_a_recording(
    world: World, acme: Tenant, api: Caller, okta: Connection, people: dict[str, str]
) -> None:
    """Every GET of the admin API, by every kind of token; the trail and its export; SCIM; whatever is a report."""
    api.done("PUT", "~/sessions/m1", meeting("ana@x.test"))
    readers = [api, operator_of(world), herself(world, acme, "ben@x.test")]
    trail = _trail(world, acme)
    before = [_everything_read(reader) for reader in readers]
    for number in range(3):
        api.done("PUT", f"~/sessions/secret-{number}", meeting("ana@x.test", "recording", title=SECRET))
    assert [_everything_read(reader) for reader in readers] == before
    assert _trail(world, acme) == trail
    for path in ("/Users", f"/Users/{people['ana']}", "/Me", "/Groups", "/ServiceProviderConfig"):
        assert "secret-" not in okta.get(path).text
        assert SECRET not in okta.get(path).text


def _everything_read(reader: Caller) -> list[str]:
    """What the token is answered by every address that is read, the reports as CSV as well; times of requests apart."""
    texts = []
    for endpoint in ENDPOINTS:
        if endpoint.method != "GET":
            continue
        path = (
            endpoint.path.replace("{tenant}", "acme").replace("{user}", "ana@x.test").replace("{session}", "secret-1")
        )
        wanted = ["application/json", *([endpoint.gives] if endpoint.gives else [])]
        for media_type in wanted:
            answer = reader.get(path, Accept=media_type)
            texts.append(ASKED.sub("", answer.text) if answer.status_code == 200 else str(answer.status_code))
    return texts


def _trail(world: World, tenant: Tenant) -> tuple[Any, Any]:
    entries = auditing.entries(world.units, tenant, SoughtEntries(10_000))
    key = world.installation.sealer.key()
    exported = [line for line in auditing.export(world.units, tenant, key) if b'"entry"' in line]
    return [each.id for each in entries], exported


def test_an_admin_learns_nothing_by_trying(world: World, acme: Tenant, api: Caller, people: dict[str, str]) -> None:
    api.done("PUT", "~/sessions/r1", meeting("ana@x.test", "recording", title=SECRET))
    with unchanged(world):
        there, nowhere = (api.refused(404, "DELETE", f"~/sessions/{name}")["detail"] for name in ("r1", "r2"))
        assert there.replace("r1", "r2") == nowhere
        for name in ("r1", "r2"):
            assert api.delete(f"~/sessions/{name}?recordingOf=ben@x.test").status_code == 204
        for body in (meeting("ana@x.test"), meeting("ben@x.test", "recording")):
            detail = api.refused(422, "PUT", "~/sessions/r1", body)["detail"]
            assert "recording" not in detail
            assert SECRET not in detail
        taken = {"sessions": [{"id": "r1", **meeting("ben@x.test")}]}
        assert SECRET not in str(api.refused(422, "POST", "~/sessions", taken))
    guess = [{"sessions": [{"id": name, **meeting("ana@x.test", "recording", title=SECRET)}]} for name in ("r1", "r2")]
    assert api.done("POST", "~/sessions", guess[0]) == api.done("POST", "~/sessions", guess[1])


def test_the_answer_to_a_request_with_a_key_keeps_no_title(world: World, api: Caller, people: dict[str, str]) -> None:
    body = {"sessions": [{"id": "r1", **meeting("ana@x.test", "recording", title=SECRET)}]}
    api.post("~/sessions", body, Idempotency_Key="k-1")
    assert SECRET not in repr(world.rows("idempotent_requests"))


def test_a_recording_ends_with_the_access_of_whoever_is_suspended(
    world: World, acme: Tenant, api: Caller, okta: Connection, people: dict[str, str]
) -> None:
    api.done("PUT", "~/sessions/r1", meeting("ana@x.test", "recording"))
    ana = herself(world, acme, "ana@x.test")
    okta.patch(f"/Users/{people['ana']}", {"op": "replace", "path": "active", "value": False})
    assert ana.get("/me/sessions").status_code == 401
    okta.patch(f"/Users/{people['ana']}", {"op": "replace", "path": "active", "value": True})
    okta.delete(f"/Users/{people['ana']}")
    okta.create_user("ana@x.test", externalId="somebody else")
    assert ana.get("/me/sessions").status_code == 401


def test_a_recording_stays_within_its_tenant(world: World, acme: Tenant, api: Caller, people: dict[str, str]) -> None:
    other = world.tenant("other")
    world.connect(other).create_user("ana@other.test")
    api.done("PUT", "~/sessions/r1", meeting("ana@x.test", "recording", title=SECRET))
    there = caller(world, other)
    shown = there.done("PUT", "~/sessions/r1", meeting("ana@other.test", title="Another"))
    assert there.items("~/sessions") == [shown]
    assert SECRET not in herself(world, other, "ana@other.test").get("/me/sessions").text
    there.refused(404, "GET", "/tenants/acme/sessions")


def test_sessions_are_registered_by_whoever_may(world: World, acme: Tenant, people: dict[str, str]) -> None:
    reader, ana = caller(world, acme, *(api_tokens.OF_TENANT - {"sessions.write"})), herself(world, acme, "ana@x.test")
    with unchanged(world):
        reader.refused(403, "PUT", "~/sessions/m1", meeting("ana@x.test"))
        reader.refused(403, "POST", "~/sessions", {"sessions": [{"id": "m1", **meeting("ana@x.test")}]})
        reader.refused(403, "DELETE", "~/sessions/m1")
        ana.refused(403, "GET", "~/sessions")
    for token in (reader, operator_of(world)):
        token.refused(403, "GET", "/me/sessions")
