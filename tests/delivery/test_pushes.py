"""Push streams (RFC 8935): each token reaches its receiver at least once, in order for each person, signed as it goes."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import jwt
import pytest

from scim_server.delivery.egress import VettedWeb
from scim_server.domain.events import Event, ScimChange, Subject
from scim_server.domain.streams import EVERY_SCIM_EVENT, Delivery, Form, Status
from scim_server.domain.tenants import Tenant
from scim_server.domain.webhooks import State
from scim_server.services import redelivering, signing, streaming
from scim_server.services.signing import Rotation
from scim_server.services.stream_changes import StreamWishes, change_stream
from scim_server.services.streaming import NewStream
from tests.delivery.test_webhooks import BEYOND_A_PAUSE, HOUR, LOOPBACK, issues, work
from tests.receivers import Answer, Received, Receiver, nobody, receiving
from tests.worlds import CAUSE, World

AUDIENCE = "https://hr.example.com"
EVENT = "urn:ietf:params:scim:event"
RISC = "https://schemas.openid.net/secevent/risc/event-type"


@pytest.fixture
def world(build_world: Callable[..., World]) -> World:
    """A world that may send to this machine, and waits half a second for an answer."""
    built = build_world(egress_networks=LOOPBACK)
    built.installation = replace(built.installation, web=VettedWeb(LOOPBACK, seconds=0.5))
    return built


def listen(world: World, tenant: Tenant, receiver: Receiver, **wanted: Any) -> str:
    """A push stream `hr` to that receiver; answers its id."""
    new = NewStream("hr", Delivery.PUSH, receiver.url, "Bearer theirs", (AUDIENCE,), **wanted)
    return streaming.create_stream(world.units, tenant, CAUSE, new).id


def change(world: World, tenant: Tenant, *user_ids: str, event: str = "user.changed", **told: Any) -> None:
    """A change of each of those, in one commit."""
    with world.units.write(tenant, CAUSE) as uow:
        for user_id in user_ids:
            scim = ScimChange("patch", f"/Users/{user_id}", None, 'W/"2"', ("displayName",), None, None, {})
            data = {"changed": ["displayName"]} | ({"reason": "by_idp"} if event == "user.suspended" else {})
            uow.publish(Event(event, Subject.person(user_id), data, replace(scim, **told)))
        uow.commit()


@dataclass
class Reader:
    """Reads tokens as their receiver does: with PyJWT, by the keys that the issuer publishes."""

    world: World
    tenant: Tenant
    keys: dict[str, jwt.PyJWK] = field(default_factory=dict)

    def read(self, token: str | bytes) -> dict[str, Any]:
        text = token.decode() if isinstance(token, bytes) else token
        head = jwt.get_unverified_header(text)
        assert head["typ"] == "secevent+jwt"
        if head["kid"] not in self.keys:
            published = self.world.app.test_client().get(f"/oauth/{self.tenant.slug}/jwks").json
            self.keys = {each.key_id: each for each in jwt.PyJWKSet.from_dict(published).keys}
        issuer = f"{self.world.installation.settings.public_url}/oauth/{self.tenant.slug}"
        options = {"require": ["iss", "iat", "jti", "aud"], "verify_iat": False}
        return jwt.decode(
            text, self.keys[head["kid"]], algorithms=["RS256"], audience=AUDIENCE, issuer=issuer, options=options
        )

    def taken(self, receiver: Receiver) -> list[dict[str, Any]]:
        """What the receiver took, in order."""
        return [self.read(each.body) for each in receiver.taken]


def kinds(claims: Mapping[str, Any]) -> str:
    """The one event that a token has."""
    (uri,) = claims["events"]
    return str(uri)


def of_each(told: list[dict[str, Any]]) -> dict[str, list[str]]:
    """The ids of tokens, each once, of each person in the order in which they first came."""
    found: dict[str, list[str]] = defaultdict(list)
    for each in told:
        if each["jti"] not in found[each["sub_id"]["uri"]]:
            found[each["sub_id"]["uri"]].append(each["jti"])
    return found


def log(world: World, tenant: Tenant, state: State | None = None) -> list[Any]:
    """What was sent to the stream, oldest first."""
    return redelivering.deliveries(world.units, tenant, "hr", 10_000, state, called=streaming.stream_called)[::-1]


def refusal(err: str) -> tuple[int, dict[str, str], bytes]:
    return 400, {"Content-Type": "application/json"}, json.dumps({"err": err, "description": "No."}).encode()


@pytest.mark.covers("R-8935-2-01", "R-8417-2-02", "R-9967-5-01")
def test_tokens_arrive_signed_and_in_order(world: World, acme: Tenant) -> None:
    with receiving(lambda _: 202) as receiver:
        change(world, acme, "before")
        work(world)
        listen(world, acme, receiver)
        for _ in range(5):
            change(world, acme, "ana", "ben", "ana")
        assert work(world) == 15
        assert work(world) == 0
        signing.rotate(world.units, Rotation.AT_ONCE)
        world.installation = replace(world.installation)
        change(world, acme, "ana")
        assert work(world) == 1
    told = Reader(world, acme).taken(receiver)
    assert [len(each) for each in of_each(told).values()] == [11, 5]
    assert {kinds(each) for each in told} == {f"{EVENT}:prov:patch:notice"}
    for each in receiver.requests:
        assert each.headers["content-type"] == "application/secevent+jwt"
        assert each.headers["accept"] == "application/json"
        assert each.headers["authorization"] == "Bearer theirs"
    assert len({jwt.get_unverified_header(each.body.decode())["kid"] for each in receiver.taken}) == 2
    assert [each.state for each in log(world, acme)] == [State.DELIVERED] * 16
