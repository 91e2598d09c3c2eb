"""Tokens and proofs that others sign, or that we do."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from scim_server.domain.oauth_clients import TrustedIssuer
from scim_server.oauth import access_tokens, assertions, jwts
from scim_server.oauth.doors import Door
from scim_server.oauth.verifying_keys import VerifyingKey
from scim_server.services import access_tokens as shown
from scim_server.store.used_proofs import UsedProofs
from tests import databases
from tests.faults.catalogue import Patch
from tests.faults.defences.registers import gone
from tests.faults.mutations import replace_function, wrap_method

DOORS = "tests/http/test_oauth_doors.py::test_refuses"
FOREIGN = "tests/http/test_foreign_tokens.py"
ASSERTIONS = "tests/http/test_oauth_assertions.py::test_refuses"


@gone("Whoever writes a token has signed it.", DOORS, ASSERTIONS, on=databases.KINDS)
def signatures_are_not_checked(patch: Patch) -> None:
    replace_function(patch, jwts.is_signature, lambda *_: True)


@gone("An assertion may be without a signature (`alg` none).", ASSERTIONS)
def the_list_of_algorithms_is_wider(patch: Patch) -> None:
    def is_by(original: Any, token: jwts.Jwt, key: Any, algorithms: tuple[str, ...]) -> bool:
        return token.header.get("alg") == "none" or original(token, key, algorithms)

    wrap_method(patch, jwts.Jwt, "is_by", is_by)


@gone("A token for somebody else opens the door.", DOORS)
def audiences_are_not_checked(patch: Patch) -> None:
    def agrees(original: Any, claims: Mapping[str, Any], issuer: str, token: Any) -> bool:
        return bool(original({**claims, "aud": token.resource}, issuer, token))

    replace_function(patch, access_tokens._agrees, partial(agrees, access_tokens._agrees))


@gone("The token of another issuer, or another tenant's, opens the door.", DOORS)
def issuers_are_not_checked(patch: Patch) -> None:
    def agrees(original: Any, claims: Mapping[str, Any], issuer: str, token: Any) -> bool:
        return bool(original({**claims, "iss": issuer}, issuer, token))

    replace_function(patch, access_tokens._agrees, partial(agrees, access_tokens._agrees))


@gone("A signed token is good before and after its time.", DOORS)
def signed_tokens_are_always_current(patch: Patch) -> None:
    replace_function(patch, access_tokens._is_current, lambda *_: True)


@gone("An assertion for another server proves its client here.", ASSERTIONS)
def audiences_of_assertions_are_not_checked(patch: Patch) -> None:
    def check_names(original: Any, claims: Mapping[str, Any], client_id: str, issuer: str) -> None:
        original({**claims, "aud": issuer}, client_id, issuer)

    replace_function(patch, assertions._check_names, partial(check_names, assertions._check_names))


@gone(
    "An assertion that somebody overheard proves its client again.",
    "tests/http/test_oauth_assertions.py::test_an_assertion_is_good_once",
)
def assertions_are_good_for_ever(patch: Patch) -> None:
    replace_function(patch, shown.use_once, lambda *_: True)


@gone("A token is good for whatever its issuer says.", f"{FOREIGN}::test_claims_that_do_not_fit")
def claims_of_foreign_tokens_are_not_checked(patch: Patch) -> None:
    patch.setattr(TrustedIssuer, "fits", lambda *_: True)


@gone("A foreign token may be without a signature (`alg` none).", f"{FOREIGN}::test_signatures_that_are_none")
def foreign_tokens_need_no_signature(patch: Patch) -> None:
    def signed(original: Any, key: VerifyingKey, token: jwts.Jwt) -> bool:
        return token.header.get("alg") == "none" or original(key, token)

    wrap_method(patch, VerifyingKey, "signed", signed)


@gone(
    "A token that is bound to a key opens without it.",
    "tests/http/test_proofs.py::test_a_bound_token_is_nothing_without_its_key",
)
def bindings_are_not_held(patch: Patch) -> None:
    def bearer(original: Any, door: Door[Any], *given: Any) -> Any:
        patch.setattr(door, "_checks", ())
        return original(door, *given)

    wrap_method(patch, Door, "bearer", bearer)


@gone("A proof that somebody overheard proves again.", "tests/http/test_proofs.py::test_a_proof_is_taken_once")
def proofs_are_good_for_ever(patch: Patch) -> None:
    patch.setattr(UsedProofs, "use", lambda *_: True)
