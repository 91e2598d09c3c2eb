"""Why a client is not let in: its operator finds the reason in the log, whoever asks learns nothing."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.test import TestResponse

from scim_server.oauth.reasons import Reason
from scim_server.services import client_secrets, registering, tenancy
from tests.http.test_federation import ask, federated
from tests.http.test_oauth_assertions import REFUSED, shown
from tests.issuers import LOOPBACK, issuing, rsa, trust
from tests.programs import Program, key_holder, program
from tests.worlds import CAUSE, Connection, World

Log = Callable[[], dict[str, Any]]

OF_ASSERTIONS = {
    "the token endpoint as audience": Reason.OTHER_AUDIENCE,
    "another audience beside": Reason.OTHER_AUDIENCE,
    "another issuer's audience": Reason.OTHER_AUDIENCE,
    "no audience": Reason.OTHER_AUDIENCE,
    "another issuer": Reason.OTHER_NAMES,
    "another subject": Reason.NOT_OUR_ID,
    "no subject": Reason.NOT_OUR_ID,
    "no id": Reason.NO_ID,
    "a long id": Reason.NO_ID,
    "expired": Reason.EXPIRED,
    "never expires": Reason.NO_MOMENTS,
    "expires in a year": Reason.TOO_LONG,
    "just too long": Reason.TOO_LONG,
    "made in the future": Reason.NOT_YET,
    "not yet valid": Reason.NOT_YET,
    "another type": Reason.OTHER_TYPE,
    "unknown key": Reason.NOT_SIGNED,
    "signature of another": Reason.NOT_SIGNED,
    "unsigned": Reason.NOT_SIGNED,
    "HS256 with the public key": Reason.NOT_SIGNED,
    "no token": Reason.UNREADABLE,
}


@pytest.fixture
def world(build_world: Callable[..., World]) -> World:
    return build_world(log_level="info", egress_networks=LOOPBACK)


@pytest.fixture
def okta(world: World) -> Connection:
    return world.connect(world.tenant())


@pytest.fixture
def log(world: World, capsys: pytest.CaptureFixture[str]) -> Log:
    """Takes the line of the last request."""

    def take() -> dict[str, Any]:
        line: dict[str, Any] = json.loads(capsys.readouterr().err.splitlines()[-1])
        return line

    return take


def check_reason(answer: TestResponse, line: dict[str, Any], reason: Reason, claimed: str | None) -> None:
    """The line has it, the answer has not; nobody is said to have acted."""
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")
    assert "X-Request-Id" in answer.json["error_description"]
    assert reason.value not in answer.text
    assert line["request_id"] == answer.headers["X-Request-Id"]
    assert (line["refused"], line.get("claimed")) == (reason.value, claimed)
    assert "actor" not in line


def test_the_log_says_what_was_wrong_with_an_assertion(okta: Connection, world: World, log: Log) -> None:
    idp = key_holder(world, okta)
    assert OF_ASSERTIONS.keys() == REFUSED.keys()
    for name, make in REFUSED.items():
        reason = OF_ASSERTIONS[name]
        unknown = reason in {Reason.NOT_OUR_ID, Reason.UNREADABLE}
        check_reason(shown(idp, make(idp)), log(), reason, None if unknown else f"client:{idp.client_id}")
    once = idp.assertion()
    assert shown(idp, once).status_code == 200
    assert "refused" not in log()
    check_reason(shown(idp, once), log(), Reason.SHOWN_BEFORE, f"client:{idp.client_id}")


def test_the_log_says_what_was_wrong_with_a_secret(okta: Connection, world: World, log: Log) -> None:
    idp, other, keyed = program(world, okta), program(world, okta), key_holder(world, okta)
    elsewhere = program(world, world.connect(world.tenant("other")))
    claimed = f"client:{idp.client_id}"

    def tell(given: Program, reason: Reason, whom: str | None) -> None:
        check_reason(given.obtain(), log(), reason, whom)

    tell(replace(idp, secret="canary"), Reason.NOT_OUR_SECRET, None)
    tell(replace(idp, client_id="canary"), Reason.NOT_OUR_ID, None)
    tell(replace(idp, secret=other.secret), Reason.NO_SUCH_SECRET, None)
    tell(replace(elsewhere, slug="acme"), Reason.OTHER_TENANT, None)
    check_reason(idp.post("token", {"grant_type": "client_credentials"}), log(), Reason.NO_PROOF, None)
    basic = base64.b64encode(b"\xff").decode()
    check_reason(idp.post("token", {}, headers={"Authorization": f"Basic {basic}"}), log(), Reason.NOT_BASIC, None)
    check_reason(idp.obtain(client_id=other.client_id), log(), Reason.TWO_CLIENTS, None)
    check_reason(idp.post("token", {**idp.proof()}), log(), Reason.OTHER_METHOD, claimed)
    forged = keyed.assertion(iss=idp.client_id, sub=idp.client_id)
    check_reason(shown(keyed, forged), log(), Reason.OTHER_METHOD, claimed)
    nobody = idp.client_id[:-1] + ("A" if idp.client_id[-1] != "A" else "B")
    check_reason(shown(keyed, keyed.assertion(iss=nobody, sub=nobody)), log(), Reason.UNKNOWN, None)
    tenant = tenancy.tenant(world.units, "acme")
    (secret,) = client_secrets.secrets(world.units, tenant, idp.client_id)
    client_secrets.revoke_secret(world.units, tenant, CAUSE, idp.client_id, secret.secret.id)
    tell(idp, Reason.SECRET_OVER, claimed)
    registering.revoke_client(world.units, tenant, CAUSE, idp.client_id)
    tell(idp, Reason.REVOKED, claimed)


def test_the_log_says_what_was_wrong_with_a_foreign_token(okta: Connection, world: World, log: Log) -> None:
    with issuing() as issuer:
        client = federated(world, okta)
        claimed = f"client:{client.id}"
        check_reason(ask(okta, client, issuer.token(world)), log(), Reason.NOT_TRUSTED, claimed)
        trust(world, okta, issuer, client=client.id)
        assert ask(okta, client, issuer.token(world)).status_code == 200
        refused = {
            Reason.NOT_TRUSTED: issuer.token(world, aud="api://other"),
            Reason.NOT_CURRENT: issuer.token(world, exp=1_700_000_000),
            Reason.NOT_BY_ISSUER: issuer.token(world, rsa(2), {"kid": "key-1"}),
            Reason.OTHER_TYPE: issuer.token(world, header={"typ": "dpop+jwt"}),
        }
        for reason, assertion in refused.items():
            check_reason(ask(okta, client, assertion), log(), reason, claimed)
