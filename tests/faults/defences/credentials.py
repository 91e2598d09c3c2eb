"""Tokens that are looked up: their secrets, checksums and lives."""

from functools import partial
from typing import Any

from sqlalchemy import select

from scim_server.domain.tenants import ApiToken, Connection, PersonToken, Tenant, Token
from scim_server.oauth import bearers
from scim_server.oauth.bearers import Bearer
from scim_server.services import credentials
from scim_server.store import tables
from scim_server.store.bearers import Bearers
from tests import databases
from tests.faults.catalogue import Patch
from tests.faults.defences.registers import gone
from tests.faults.mutations import replace_function, wrap_method


@gone(
    "Whatever secret comes with the id of a connection's token opens it.",
    "tests/http/test_authentication.py::test_refuses",
    "tests/security/test_credentials.py::test_secrets_are_compared_in_constant_time",
    on=databases.KINDS,
)
def every_secret_opens(patch: Patch) -> None:
    def connection(original: Any, bearers: Bearers, token_id: str, _: str) -> Any:
        right = bearers.session.scalar(select(tables.tokens.c.digest).filter_by(id=token_id))
        return original(bearers, token_id, right or "")

    def opens(token: Token | PersonToken | ApiToken, _: Any, now: str) -> bool:
        return token.is_live(now)

    wrap_method(patch, Bearers, "connection", connection)
    replace_function(patch, credentials.opens, opens)


@gone(
    "Digests are compared by `==`, which takes the longer the more of them is right.",
    "tests/security/test_credentials.py::test_secrets_are_compared_in_constant_time",
    on=databases.KINDS,
)
def secrets_are_compared_by_equality(patch: Patch) -> None:
    def opens(token: Token | PersonToken | ApiToken, credential: credentials.Credential, now: str) -> bool:
        return token.digest == credential.digest and token.is_live(now)

    replace_function(patch, credentials.opens, opens)


@gone(
    "The checksum of a token is not looked at, so any text is looked up.",
    "tests/http/test_authentication.py::test_refuses",
)
def checksums_are_not_checked(patch: Patch) -> None:
    def read(original: Any, text: str) -> Any:
        body = text[: -credentials.CHECKSUM_LENGTH]
        return original(credentials.with_checksum(body) if body.isascii() else text)

    replace_function(patch, credentials.read_credential, partial(read, credentials.read_credential))


@gone("Tokens live for ever.", "tests/http/test_authentication.py::test_an_expired_token_is_refused")
def tokens_live_for_ever(patch: Patch) -> None:
    for kind in (Token, PersonToken, ApiToken):
        patch.setattr(kind, "is_live", lambda token, _: token.revoked is None)


@gone(
    "A token that was revoked opens what it did.",
    "tests/http/test_authentication.py::test_a_revoked_token_is_refused_at_once",
)
def revoked_tokens_open(patch: Patch) -> None:
    for kind in (Token, PersonToken, ApiToken):
        patch.setattr(kind, "is_live", lambda token, now: now < token.expires)


@gone(
    "The token of a suspended person opens what it did.",
    "tests/http/test_me.py::test_whoever_is_suspended_is_out_at_once_and_back_at_once",
)
def suspended_people_come_in(patch: Patch) -> None:
    def owned(tenant: Tenant, owner: Any, token: Any) -> Bearer:
        if isinstance(owner, Connection):
            return Bearer(tenant, connection=owner, token_id=token.id, scopes=token.scopes)
        return Bearer(tenant, person=owner, token_id=token.id)

    replace_function(patch, bearers._owned, owned)
