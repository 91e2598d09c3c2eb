"""SSF 1.0: what a tenant's issuer says of itself as a transmitter, and the streams that receivers manage there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import jwt
import pytest
from werkzeug.test import TestResponse

from scim_server.domain.streams import Delivery, Form, Status
from scim_server.domain.tenants import Tenant
from scim_server.services import registering, streaming
from scim_server.services.api_tokens import issue_token
from scim_server.services.security_event_types import CAEP, SCIM, SSF, supported
from scim_server.services.stream_changes import StreamWishes, change_stream
from tests.delivery.test_pushes import kinds
from tests.delivery.test_webhooks import work
from tests.http.refusals import unchanged
from tests.programs import Program, program
from tests.receivers import Receiver, reaching, receiving
from tests.worlds import CAUSE, Connection, World

ORIGIN = "https://seats.example.com"
PUSH, POLL = "urn:ietf:rfc:8935", "urn:ietf:rfc:8936"
NOTICE, FULL = f"{SCIM}:prov:patch:notice", f"{SCIM}:prov:patch:full"
REVOKED = f"{CAEP}/session-revoked"
SCOPES = ["events.receive", "people.read"]


@dataclass
class App:
    """A receiver, with what the transmitter says of itself."""

    world: World
    slug: str
    token: str
    receiver: Receiver
    audience: str

    @property
    def transmitter(self) -> dict[str, Any]:
        return self.world.app.test_client().get(f"/.well-known/ssf-configuration/oauth/{self.slug}").json

    def send(self, method: str, endpoint: str, body: Any = None, **query: str) -> TestResponse:
        path = self.transmitter[f"{endpoint}_endpoint"].removeprefix(ORIGIN)
        headers = {"Authorization": f"Bearer {self.token}"}
        given = {} if body is None else {"json": body}
        answer = self.world.app.test_client().open(path, method=method, headers=headers, query_string=query, **given)
        assert answer.headers["Cache-Control"] == "no-store"
        return answer

    def done(self, method: str, endpoint: str, body: Any = None, status: int = 200, **query: str) -> Any:
        answer = self.send(method, endpoint, body, **query)
        assert answer.status_code == status, answer.text
        return answer.json if answer.data else None

    def refused(self, status: int, method: str, endpoint: str, body: Any = None, **query: str) -> dict[str, Any]:
        answer = self.send(method, endpoint, body, **query)
        assert answer.status_code == status, answer.text
        assert answer.json.keys() == {"err", "description"}
        return answer.json

    def listen(self, *events: str, **more: Any) -> dict[str, Any]:
        """A new stream that is pushed here."""
        delivery = {"method": PUSH, "endpoint_url": self.receiver.url}
        return self.done("POST", "configuration", {"delivery": delivery, "events_requested": [*events], **more}, 201)

    def change(self, stream: dict[str, Any], method: str = "PATCH", **members: Any) -> dict[str, Any]:
        return self.done(method, "configuration", {"stream_id": stream["stream_id"], **members})

    def told(self) -> list[dict[str, Any]]:
        """What has come so far, read with PyJWT by the published keys."""
        work(self.world)
        jwks = self.world.app.test_client().get(self.transmitter["jwks_uri"].removeprefix(ORIGIN)).json
        (key,) = jwt.PyJWKSet.from_dict(jwks).keys
        wanted: dict[str, Any] = {"algorithms": ["RS256"], "issuer": self.transmitter["issuer"]}
        return [jwt.decode(each.body, key, audience=self.audience, **wanted) for each in self.receiver.taken]


@pytest.fixture
def world(build_world: Callable[..., World]) -> World:
    return reaching(build_world)


@pytest.fixture
def client(world: World, okta: Connection) -> Program:
    """An OAuth client that may receive."""
    return program(world, okta, scopes=["scim", *SCOPES])


@pytest.fixture
def app(world: World, client: Program) -> Iterator[App]:
    with receiving(lambda _: 202) as receiver:
        yield App(world, client.slug, client.token(scope=" ".join(SCOPES)), receiver, client.client_id)


def other(app: App, acme: Tenant, name: str = "other", *scopes: str) -> App:
    """Another program of the tenant, with a token of the admin API."""
    wanted = frozenset(scopes or SCOPES)
    _, text = issue_token(app.world.units, acme, CAUSE, name, wanted, timedelta(days=1))
    return replace(app, token=text)


@pytest.mark.covers("R-SSF-7-01")
def test_what_the_transmitter_says_of_itself_is_so(app: App) -> None:
    told = app.transmitter
    answer = app.world.app.test_client().get(f"/.well-known/ssf-configuration/oauth/{app.slug}")
    assert answer.mimetype == "application/json"
    assert told["issuer"] == f"{ORIGIN}/oauth/{app.slug}"
    assert told["spec_version"] == "1_0"
    assert told["delivery_methods_supported"] == [PUSH, POLL]
    assert {"spec_urn": "urn:ietf:rfc:6749"} in told["authorization_schemes"]
    assert app.world.app.test_client().get(told["jwks_uri"].removeprefix(ORIGIN)).json.keys() == {"keys"}
    asked = {"configuration": "GET", "status": "GET", "verification": "POST", "add_subject": "POST"}
    for name, method in {**asked, "remove_subject": "POST"}.items():
        assert told[f"{name}_endpoint"].startswith(f"{told['issuer']}/")
        assert app.send(method, name).status_code not in {404, 405}, name
    made_up = app.world.app.test_client().get("/.well-known/ssf-configuration/oauth/nobody")
    assert made_up.text.replace("nobody", app.slug) == answer.text
    for wrong in ("", "/", "/oauth", "/oauth/No_Body", "/scim/acme/v2"):
        assert app.world.app.test_client().get(f"/.well-known/ssf-configuration{wrong}").status_code == 404


def test_the_path_of_the_server_is_in_the_configuration_too(build_world: Callable[..., World]) -> None:
    world = build_world(public_url="https://example.com/seats")
    for path in ("/seats/oauth/acme", "/oauth/acme"):
        told = world.app.test_client().get(f"/.well-known/ssf-configuration{path}").json
        assert told["issuer"] == "https://example.com/seats/oauth/acme"


@pytest.mark.covers("R-SSF-8-01")
def test_a_receiver_looks_after_its_streams(app: App, client: Program) -> None:
    assert app.done("GET", "configuration") == []
    made = app.listen(NOTICE, REVOKED, "urn:example:unknown", description="Ours")
    assert made == {
        "stream_id": made["stream_id"],
        "iss": app.transmitter["issuer"],
        "aud": client.client_id,
        "events_supported": list(supported(Form.FULL)),
        "events_requested": [NOTICE, REVOKED, "urn:example:unknown"],
        "events_delivered": [NOTICE, REVOKED],
        "delivery": {"method": PUSH, "endpoint_url": app.receiver.url},
        "description": "Ours",
    }
    assert app.done("GET", "configuration", stream_id=made["stream_id"]) == made
    assert app.done("GET", "configuration") == [made]
    changed = app.change(made, events_requested=[FULL], aud=client.client_id, iss=made["iss"])
    assert (changed["events_delivered"], changed["description"]) == ([FULL], "Ours")
    replaced = app.change(changed, "PUT", **{key: changed[key] for key in ("delivery", "events_requested")})
    assert replaced == {name: value for name, value in changed.items() if name != "description"}
    assert app.done("DELETE", "configuration", None, 204, stream_id=made["stream_id"]) is None
    assert app.done("GET", "configuration") == []
    app.refused(404, "DELETE", "configuration", stream_id=made["stream_id"])


def test_a_receiver_that_names_nothing_polls_for_all_of_scim(app: App) -> None:
    made = app.done("POST", "configuration", {}, 201)
    assert made["delivery"]["method"] == POLL
    assert made["delivery"]["endpoint_url"].startswith(f"{ORIGIN}/")
    assert made["events_delivered"] == [each for each in supported(Form.NOTICE) if each.startswith("urn:")]
    assert made["events_requested"] == made["events_delivered"]
    again = app.change(made, "PUT", delivery=made["delivery"])
    assert again == made
    one = app.listen(NOTICE)
    assert {each["stream_id"] for each in app.done("GET", "configuration")} == {one["stream_id"], made["stream_id"]}


@pytest.mark.covers("R-8936-2-04", "R-SSF-8-03")
def test_a_receiver_polls_where_its_configuration_says(app: App, acme: Tenant) -> None:
    """With the same token, and nobody else's."""
    made = app.done("POST", "configuration", {}, 201)
    app.done("POST", "verification", {"stream_id": made["stream_id"], "state": "x"}, 204)
    work(app.world)
    path = made["delivery"]["endpoint_url"].removeprefix(ORIGIN)

    def poll(token: str) -> TestResponse:
        headers = {"Authorization": f"Bearer {token}"}
        return app.world.app.test_client().post(path, json={"returnImmediately": True}, headers=headers)

    ((jti, token),) = poll(app.token).json["sets"].items()
    claims = jwt.decode(token, options={"verify_signature": False})
    assert (claims["jti"], claims["aud"]) == (jti, app.audience)
    assert claims["events"] == {f"{SSF}/verification": {"state": "x"}}
    assert poll(other(app, acme).token).status_code in {403, 404}


@pytest.mark.covers("R-SSF-8-01", "R-8935-2-03")
def test_what_a_receiver_does_not_decide_it_cannot_set(app: App) -> None:
    made = app.listen(NOTICE)
    wrong: list[dict[str, Any]] = [
        {"iss": "https://else.example.com"},
        {"aud": "somebody"},
        {"events_delivered": [FULL]},
        {"events_supported": []},
        {"delivery": {"method": POLL}},
        {"delivery": {"method": PUSH}},
        {"delivery": {"method": PUSH, "endpoint_url": "ftp://x"}},
        {"delivery": {"method": PUSH, "endpoint_url": "https://169.254.169.254/latest"}},
        {"delivery": "push"},
        {"delivery": {"method": []}},
        {"delivery": {"method": {}}},
        {"events_requested": "all"},
        {"events_requested": ["white space"]},
        {"description": 1},
    ]
    with unchanged(app.world):
        for members in wrong:
            app.refused(400, "PATCH", "configuration", {"stream_id": made["stream_id"], **members})
        app.refused(400, "PUT", "configuration", {"stream_id": made["stream_id"]})
        app.refused(400, "PATCH", "configuration", {"events_requested": [NOTICE]})
        app.refused(400, "PATCH", "configuration", ["no object"])
        app.refused(400, "DELETE", "configuration")
        app.refused(400, "POST", "configuration", {"delivery": {"method": POLL, "endpoint_url": "https://x.example"}})
        app.refused(404, "PATCH", "configuration", {"stream_id": "nothing"})
        app.refused(404, "GET", "configuration", stream_id="\u0661")
        for endpoint in ("configuration", "status"):
            app.refused(400, "GET", endpoint, stream_id="a\0b")
        app.refused(400, "POST", "remove_subject", {"stream_id": "a\0b"})
        app.refused(413, "POST", "configuration", {"description": "x" * 70_000})


def test_a_header_stays_with_its_address_and_is_shown_to_nobody(app: App) -> None:
    header = {"authorization_header": "Bearer theirs"}
    delivery = {"method": PUSH, "endpoint_url": app.receiver.url}
    made = app.listen(NOTICE, delivery=delivery | header)
    assert made["delivery"] == delivery
    app.change(made, "PUT", delivery=made["delivery"], events_requested=[NOTICE])
    app.done("POST", "verification", {"stream_id": made["stream_id"]}, 204)
    assert len(app.told()) == 1
    assert app.receiver.requests[-1].headers["authorization"] == "Bearer theirs"
    app.change(made, delivery=delivery | {"endpoint_url": f"{app.receiver.url}/else"})
    app.done("POST", "verification", {"stream_id": made["stream_id"]}, 204)
    assert len(app.told()) == 2
    assert "authorization" not in app.receiver.requests[-1].headers


@pytest.mark.covers("R-SSF-8-02", "R-SSF-8-03")
def test_a_paused_stream_keeps_what_happens(app: App, okta: Connection) -> None:
    made = app.listen(NOTICE, f"{SCIM}:prov:create:notice")
    about = {"stream_id": made["stream_id"]}
    assert app.done("GET", "status", **about) == {**about, "status": "enabled"}
    paused = {**about, "status": "paused", "reason": "maintenance"}
    assert app.done("POST", "status", paused) == paused == app.done("GET", "status", **about)
    ana = okta.create_user("ana")
    assert app.told() == []
    assert app.done("POST", "status", {**about, "status": "enabled"}) == {**about, "status": "enabled"}
    app.done("POST", "verification", {**about, "state": "VGhpcw=="}, 204)
    told = {kinds(each): each for each in app.told()}
    assert told.keys() == {f"{SCIM}:prov:create:notice", f"{SSF}/verification"}
    assert told[f"{SCIM}:prov:create:notice"]["sub_id"]["id"] == ana["id"]
    verified = told[f"{SSF}/verification"]
    assert verified["events"] == {f"{SSF}/verification": {"state": "VGhpcw=="}}
    assert verified["sub_id"] == {"format": "opaque", "id": made["stream_id"]}
    app.done("POST", "status", {**about, "status": "disabled"})
    okta.create_user("ben")
    app.done("POST", "status", {**about, "status": "enabled"})
    assert [kinds(each) for each in app.told()].count(f"{SCIM}:prov:create:notice") == 1
    app.refused(400, "POST", "status", {**about, "status": "asleep"})
    app.refused(400, "GET", "status")
    app.refused(404, "POST", "status", {"stream_id": "nothing", "status": "paused"})
    app.refused(404, "POST", "verification", {"stream_id": "nothing"})
    app.refused(400, "POST", "verification", {**about, "state": 1})


def test_a_receiver_is_told_what_an_admin_decides(app: App, okta: Connection, world: World, acme: Tenant) -> None:
    """Before nothing is sent any more (section 8.1.5), and once; what happened before that is kept as well."""

    def wish(status: Status, reason: str | None = None) -> None:
        web, wishes = world.installation.web, StreamWishes(status=status, reason=reason)
        change_stream(world.units, web, acme, CAUSE, stream_id, wishes)

    def new() -> list[Any]:
        before = len(app.receiver.taken)
        return [payload for each in app.told()[before:] for payload in each["events"].values()]

    stream_id = app.listen(f"{SCIM}:prov:create:notice")["stream_id"]
    okta.create_user("ana")
    wish(Status.PAUSED, "maintenance")
    okta.create_user("ben")
    assert new() == [{"status": "paused", "reason": "maintenance"}]
    assert new() == []
    wish(Status.ENABLED)
    told = new()
    assert len(told) == 3
    assert {"status": "enabled"} in told
    wish(Status.DISABLED)
    assert new() == [{"status": "disabled"}]
    wish(Status.ENABLED)
    assert new() == [{"status": "enabled"}]


@pytest.mark.covers("R-SSF-8-04")
@pytest.mark.parametrize("form", ["email", "iss_sub", "scim", "complex", "aliases"])
def test_a_receiver_chooses_whom_it_is_told_of(app: App, okta: Connection, form: str) -> None:
    ana = okta.create_user("ana@example.com")
    email = {"format": "email", "email": "ana@example.com"}
    subject = {
        "email": email,
        "iss_sub": {"format": "iss_sub", "iss": app.transmitter["issuer"], "sub": ana["id"]},
        "scim": {"format": "scim", "uri": f"/Users/{ana['id']}", "externalId": "x"},
        "complex": {"format": "complex", "user": email, "tenant": {"format": "opaque", "id": "acme"}},
        "aliases": {"format": "aliases", "identifiers": [{"format": "opaque", "id": "x"}, email]},
    }[form]
    made = app.listen(NOTICE)
    about = {"stream_id": made["stream_id"], "subject": subject}
    counts = []
    for endpoint, status in (("remove_subject", 204), ("remove_subject", 204), ("add_subject", 200)):
        assert app.done("POST", endpoint, about, status) is None
        title = f"title {len(counts)}"
        okta.patch(f"/Users/{ana['id']}", {"op": "replace", "path": "title", "value": title})
        counts.append(len(app.told()))
    assert counts == [0, 0, 1]


@pytest.mark.covers("R-SSF-8-04")
def test_nobody_learns_whom_there_is(app: App, okta: Connection, world: World, acme: Tenant) -> None:
    """Whoever is known, in another tenant, or unknown: the answer is the same."""
    ana = okta.create_user("ana@example.com")["id"]
    world.connect(world.tenant("globex"), "entra").create_user("eva@example.com")
    stream_id = app.listen(NOTICE)["stream_id"]
    subjects: list[dict[str, Any]] = [
        {"format": "email", "email": "ana@example.com"},
        {"format": "email", "email": "eva@example.com"},
        {"format": "email", "email": "nobody@example.com"},
        {"format": "iss_sub", "iss": "https://else.example.com", "sub": "x"},
        {"format": "iss_sub", "iss": app.transmitter["issuer"], "sub": "nobody"},
        {"format": "scim", "uri": "/Users/nobody"},
        {"format": "scim", "uri": f"/Groups/{ana}"},
        {"format": "phone_number", "phone_number": "+12065550123"},
    ]
    for endpoint in ("add_subject", "remove_subject"):
        answers = [app.send("POST", endpoint, {"stream_id": stream_id, "subject": each}) for each in subjects]
        assert len({(each.status_code, each.text) for each in answers}) == 1
    assert [row["subject"] for row in world.rows("stream_subjects")] == [f"user:{ana}"]
    wrong: list[Any] = [None, "ana", {}, {"format": "email"}, {"format": "aliases", "identifiers": "x"}]
    nested = {"format": "aliases", "identifiers": [{"format": "aliases", "identifiers": []}]}
    for subject in [*wrong, nested]:
        app.refused(400, "POST", "add_subject", {"stream_id": stream_id, "subject": subject})
    app.refused(404, "POST", "add_subject", {"stream_id": "nothing", "subject": subjects[0]})


@pytest.mark.covers("R-SSF-7-01", "R-8936-2-04", "R-9967-5-01")
def test_each_receiver_has_its_own_streams(app: App, acme: Tenant, world: World, okta: Connection) -> None:
    made = app.listen(NOTICE)
    stranger, about = other(app, acme), {"stream_id": made["stream_id"]}
    admins = streaming.NewStream("admins", Delivery.PUSH, app.receiver.url)
    streaming.create_stream(world.units, world.installation.web, acme, CAUSE, admins)
    assert stranger.done("GET", "configuration") == []
    assert app.done("GET", "configuration") == [made]
    with unchanged(world):
        stranger.refused(404, "GET", "configuration", **about)
        stranger.refused(404, "PATCH", "configuration", {**about, "description": "x"})
        stranger.refused(404, "PUT", "configuration", {**about, "delivery": made["delivery"]})
        stranger.refused(404, "DELETE", "configuration", **about)
        stranger.refused(404, "GET", "status", **about)
        stranger.refused(404, "POST", "status", {**about, "status": "paused"})
        stranger.refused(404, "POST", "verification", about)
        subject = {"format": "email", "email": "ana@example.com"}
        for endpoint in ("add_subject", "remove_subject"):
            stranger.refused(404, "POST", endpoint, {**about, "subject": subject})


def test_a_token_that_is_called_as_another_has_nothing_of_it(app: App, acme: Tenant) -> None:
    made = other(app, acme, "warehouse").listen(NOTICE)
    second = other(app, acme, "warehouse")
    assert second.done("GET", "configuration") == []
    second.refused(404, "GET", "configuration", stream_id=made["stream_id"])


@pytest.mark.parametrize("ends", [True, False])
def test_nothing_more_is_told_to_a_client_that_may_receive_no_more(
    app: App, client: Program, okta: Connection, world: World, acme: Tenant, ends: bool
) -> None:
    """But that it is told no more (section 8.1.5)."""
    app.listen(f"{SCIM}:*")
    okta.create_user("ana")
    assert len(app.told()) == 1
    if ends:
        registering.revoke_client(world.units, acme, CAUSE, client.client_id)
    else:
        registering.edit_client(world.units, acme, CAUSE, client.client_id, scopes=["scim", "people.read"])
    okta.create_user("eva")
    (last,) = app.told()[1:]
    assert [*last["events"].values()] == [{"status": "paused", "reason": "owner_revoked"}]
    (stream,) = streaming.streams(world.units, acme)
    assert (stream.status, stream.progress.due) == (Status.PAUSED, None)


@pytest.mark.covers("R-SSF-8-02")
@pytest.mark.parametrize("status", [Status.PAUSED, Status.DISABLED])
def test_what_an_admin_has_stopped_a_receiver_does_not_start(
    app: App, world: World, acme: Tenant, status: Status
) -> None:
    def wish(wanted: Status) -> None:
        change_stream(world.units, world.installation.web, acme, CAUSE, stream_id, StreamWishes(status=wanted))

    stream_id = app.listen(NOTICE)["stream_id"]
    about = {"stream_id": stream_id}
    app.done("POST", "status", {**about, "status": "paused"})
    app.done("POST", "status", {**about, "status": "enabled"})
    wish(status)
    with unchanged(world):
        for asked in Status:
            refused = app.refused(403, "POST", "status", {**about, "status": asked.value})
            assert refused["err"] == "access_denied"
    app.change({"stream_id": stream_id}, description="still ours")
    assert app.done("GET", "status", **about)["status"] == status
    wish(Status.ENABLED)
    app.done("POST", "status", {**about, "status": "paused"})
    assert app.done("POST", "status", {**about, "status": "enabled"})["status"] == "enabled"


def test_who_may_not_receive_is_refused(app: App, acme: Tenant, world: World, okta: Connection) -> None:
    for token, status, err in (
        ("nonsense", 401, "authentication_failed"),
        (okta.token, 401, "authentication_failed"),
        (other(app, acme, "reader", "events.read", "people.read").token, 403, "access_denied"),
    ):
        for method, endpoint in (("GET", "configuration"), ("POST", "configuration"), ("POST", "verification")):
            answer = replace(app, token=token).send(method, endpoint, {} if method == "POST" else None)
            assert (answer.status_code, answer.json["err"]) == (status, err)
            assert "WWW-Authenticate" in answer.headers
    blind = other(app, acme, "blind", "events.receive")
    assert "people.read" in blind.refused(403, "POST", "configuration", {})["description"]
    elsewhere = other(app, world.tenant("globex"), "theirs")
    elsewhere.refused(404, "GET", "configuration")
