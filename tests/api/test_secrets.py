"""Sealing anew over the admin API."""

from collections.abc import Callable

from tests.api.callers import caller, operator
from tests.worlds import World

KEY = "some-key-of-32-characters-at-least"


def test_secrets_are_sealed_anew_by_the_operator_alone(build_world: Callable[..., World]) -> None:
    world = build_world(secret_key=(KEY,))
    acme = world.tenant()
    world.connect(acme).create_user("ana")
    assert operator(world).done("POST", "/operator/secrets/reseal") == {"count": 0}
    operator(world, "tenants.read").refused(403, "POST", "/operator/secrets/reseal")
    caller(world, acme).refused(403, "POST", "/operator/secrets/reseal")


def test_without_a_key_there_is_nothing_to_seal_with(world: World) -> None:
    problem = operator(world).refused(422, "POST", "/operator/secrets/reseal")
    assert problem["detail"] == "SCIM_SECRET_KEY is not set: there is no key to seal with."
