"""The keys that access tokens are signed with: made once, published before they sign, rotated while tokens are used."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from joserfc import jwk, jwt

from scim_server.app import create_app
from scim_server.domain.errors import Taken
from scim_server.domain.tenants import Tenant
from scim_server.services import credential_lists, resealing, signing, tenancy
from scim_server.services.signing import Rotation
from scim_server.store.vaults import Vault
from tests.http.refusals import unchanged
from tests.http.test_statements import counting
from tests.programs import Program, claims_of, header_of, program
from tests.worlds import World

HOUR, DAY = 3600, 86_400


@pytest.fixture
def idp(build_world: Callable[..., World]) -> Program:
    world = build_world()
    return program(world, world.connect(world.tenant()))


def published(idp: Program) -> list[dict[str, Any]]:
    answer = idp.world.app.test_client().get(f"/oauth/{idp.slug}/jwks")
    assert answer.headers["Cache-Control"] == "public, max-age=900"
    keys: list[dict[str, Any]] = answer.json["keys"]
    return keys


def kids(idp: Program) -> set[str]:
    return {key["kid"] for key in published(idp)}


def access_tokens(world: World, tenant: Tenant) -> list[str]:
    """Those that the list of live credentials has, by id."""
    return [each.id for each in credential_lists.credentials(world.units, tenant) if each.kind == "access_token"]


def rotate(idp: Program) -> int | None:
    return idp.world.do_chore(signing.CHORE)


def test_a_key_is_made_when_a_token_is_first_issued(idp: Program) -> None:
    """Whatever the issuer: there is one key set."""
    assert published(idp) == []
    token = idp.token()
    (key,) = published(idp)
    assert set(key) == {"kty", "n", "e", "kid", "use", "alg"}
    assert key["kid"] == jwk.RSAKey.import_key(key).thumbprint() == header_of(token)["kid"]
    assert jwt.decode(token, jwk.KeySet.import_key_set({"keys": [key]}), ["RS256"]).claims["iss"] == idp.issuer
    assert idp.world.app.test_client().get("/oauth/nobody/jwks").json == {"keys": [key]}
    assert idp.world.app.test_client().get("/oauth/No_Body/jwks").status_code == 404


def test_of_several_processes_one_makes_the_first_key(idp: Program) -> None:
    world = idp.world
    apps = [world.app, create_app(world.installation, in_background=False)]
    form, auth = {"grant_type": "client_credentials"}, (idp.client_id, str(idp.secret))

    def ask(app: Any) -> Any:
        return app.test_client().post(f"/oauth/{idp.slug}/token", data=form, auth=auth)

    with ThreadPoolExecutor(len(apps)) as pool:
        tokens = [answer.json["access_token"] for answer in pool.map(ask, apps)]
    assert {header_of(token)["kid"] for token in tokens} == kids(idp)
    assert len(kids(idp)) == 1
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(signing.make_first, [world.units] * 4))
    world.advance(-60)
    signing.make_first(world.units)  # begun before the key was made, and done after
    world.advance(60)
    assert len(world.rows("signing_keys")) == 1
    assert [idp.scim(token).get("/Users").status_code for token in tokens] == [200] * len(tokens)


def test_keys_follow_each_other_every_90_days(idp: Program) -> None:
    """The next is published a day before it signs, the last until what it signed has expired."""
    world = idp.world
    first = header_of(idp.token())["kid"]
    world.advance(88 * DAY)
    assert (rotate(idp), kids(idp)) == (0, {first})
    world.advance(DAY + HOUR)
    assert rotate(idp) == 1
    (second,) = kids(idp) - {first}
    assert header_of(idp.token())["kid"] == first
    assert rotate(idp) == 0
    world.advance(DAY - HOUR)
    old = idp.token()
    world.advance(HOUR + 60)
    assert header_of(idp.token())["kid"] == second
    assert kids(idp) == {first, second}
    assert idp.scim(old).get("/Users").status_code == 401  # its hour is over
    world.advance(7 * HOUR)
    assert kids(idp) == {second}
    assert rotate(idp) == 1
    assert len(world.rows("signing_keys")) == 1


@pytest.mark.covers("R-9068-4-02")
def test_no_request_is_refused_while_keys_rotate(idp: Program) -> None:
    """Two processes, one of which rotates at once and over again while tokens are issued and used at both."""
    world = idp.world
    apps = [world.app, create_app(world.installation, in_background=False)]
    over = threading.Event()
    idp.token()

    def use(number: int) -> list[int]:
        issuing, serving = apps[number % 2].test_client(), apps[(number + 1) % 2].test_client()
        codes = []
        while not over.is_set() or not codes:
            form = {"grant_type": "client_credentials"}
            auth = (idp.client_id, str(idp.secret))
            token = issuing.post(f"/oauth/{idp.slug}/token", data=form, auth=auth).json["access_token"]
            headers = {"Authorization": f"Bearer {token}"}
            codes += [
                http.get(f"/scim/{idp.slug}/v2/Users/x", headers=headers).status_code for http in (issuing, serving)
            ]
        return codes

    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(use, number) for number in range(2)]
        for _ in range(4):
            world.advance(61)
            signing.rotate(world.units, Rotation.AT_ONCE)
        over.set()
        codes = [code for each in running for code in each.result()]
    assert set(codes) == {404}
    world.advance(61)
    assert len(kids(idp)) == 5


def test_a_key_that_waits_gives_way_to_one_that_signs_at_once(idp: Program) -> None:
    """A second one that waits is refused; one that gave way signs nothing, not even when its time would have come."""
    world = idp.world
    idp.token()
    waiting = signing.rotate(world.units, Rotation.PLANNED)
    with unchanged(world), pytest.raises(Taken, match=waiting.id):
        signing.rotate(world.units, Rotation.PLANNED)
    world.advance(DAY - HOUR)
    new = signing.rotate(world.units, Rotation.AT_ONCE)
    world.advance(2 * HOUR)
    assert waiting.id not in kids(idp)
    assert header_of(idp.token())["kid"] == new.id
    assert signing.rotate(world.units, Rotation.PLANNED).starts > new.starts


def test_what_a_compromised_key_signed_opens_nothing(idp: Program) -> None:
    """At once, in every process, and no list has it any more."""
    token = idp.token()
    tenant = tenancy.tenant(idp.world.units, idp.slug)
    other = create_app(idp.world.installation, in_background=False).test_client()
    assert replace(idp.scim(token), http=other).get("/Users").status_code == 200
    assert access_tokens(idp.world, tenant) == [claims_of(token)["jti"]]
    new = signing.rotate(idp.world.units, Rotation.COMPROMISED)
    assert replace(idp.scim(token), http=other).get("/Users").status_code == 401
    assert idp.scim(token).get("/Users").status_code == 401
    assert idp.ask("introspect", token=token).json == {"active": False}
    assert access_tokens(idp.world, tenant) == []
    idp.world.advance(5)
    assert kids(idp) == {new.id} == {header_of(idp.token())["kid"]}


def test_unknown_keys_make_nobody_look_more_than_once_a_second(idp: Program) -> None:
    """A flood of forged headers costs one look-up; a new key is known a second later at most."""
    token = idp.token()
    idp.scim(token).get("/Users/x")
    head, rest = token.split(".", 1)
    with counting(idp.world) as count:
        for number in range(20):
            idp.scim(f"{head[:-4]}{number:04d}.{rest}").get("/Users/x")
    assert int(count) <= 2
    other = create_app(idp.world.installation, in_background=False)
    new = signing.rotate(idp.world.units, Rotation.AT_ONCE)
    form, auth = {"grant_type": "client_credentials"}, (idp.client_id, str(idp.secret))
    fresh = other.test_client().post(f"/oauth/{idp.slug}/token", data=form, auth=auth).json["access_token"]
    assert header_of(fresh)["kid"] == new.id
    idp.world.advance(1)
    assert idp.scim(fresh).get("/Users").status_code == 200


def test_a_key_that_was_made_a_moment_after_the_last_look_is_found(idp: Program) -> None:
    """Another process signs with it at once."""
    idp.token()
    here = create_app(idp.world.installation, in_background=False).test_client()
    assert replace(idp.scim(idp.token()), http=here).get("/Users").status_code == 200
    signing.rotate(idp.world.units, Rotation.AT_ONCE)
    there = create_app(idp.world.installation, in_background=False)
    form, auth = {"grant_type": "client_credentials"}, (idp.client_id, str(idp.secret))
    token = there.test_client().post(f"/oauth/{idp.slug}/token", data=form, auth=auth).json["access_token"]
    assert replace(idp.scim(token), http=here).get("/Users").status_code == 200


def test_private_keys_are_sealed_and_sealed_anew(build_world: Callable[..., World]) -> None:
    old, new = "old " * 10, "new " * 10
    world = build_world(secret_key=(old,))
    idp = program(world, world.connect(world.tenant()))
    token = idp.token()
    (row,) = world.rows("signing_keys")
    assert row["private"].startswith("v1.")
    world.installation.database.vault = Vault((new, old))
    assert resealing.reseal(world.units).count >= 1
    (again,) = world.rows("signing_keys")
    assert again["private"] not in {row["private"], ""}
    world.installation.database.vault = Vault((new,))
    assert idp.scim(token).get("/Users").status_code == 200
    assert create_app(world.installation, in_background=False).test_client().post(
        f"/oauth/{idp.slug}/token", data={"grant_type": "client_credentials"}, auth=(idp.client_id, str(idp.secret))
    ).status_code == 200  # fmt: skip
