"""Faults of defences, each with the tests of docs/security.md that must fail.

`tests/security/test_defence_faults.py` plants each and runs the tests that it names.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from typing import Any

from flask import Flask, request
from sqlalchemy import select

from scim_server.api import calls
from scim_server.api.blueprints import _bearer as bearer_of_call
from scim_server.domain import access
from scim_server.domain.access import Roles
from scim_server.domain.oauth_clients import TrustedIssuer
from scim_server.domain.tenants import ApiToken, Connection, PersonToken, Tenant, Token
from scim_server.http import admissions, forms
from scim_server.oauth import access_tokens, assertions, bearers, jwts
from scim_server.oauth.api_bearers import ApiBearer
from scim_server.oauth.bearers import Authenticator, Bearer
from scim_server.oauth.doors import Door
from scim_server.oauth.headers import Unauthenticated
from scim_server.oauth.presented import Presented
from scim_server.oauth.verifying_keys import VerifyingKey
from scim_server.protocol import filters, limits
from scim_server.protocol.errors import InvalidFilter
from scim_server.services import access_tokens as shown
from scim_server.services import api_tokens, credentials, csv_rows
from scim_server.store import places, queries, tables
from scim_server.store.operators import Operator
from scim_server.store.used_proofs import UsedProofs
from tests import databases
from tests.faults.catalogue import Patch, Plant
from tests.faults.mutations import replace_function, wrap_method

SQLITE = ("sqlite",)
"""For what is asked of no database; one of them stands for both."""


@dataclass(frozen=True)
class Defence:
    """One defence that is gone; `says` tells what the server then does.

    `caught_by` are the tests that must fail, as docs/security.md names them. `held_by_the_wall` says that on PostgreSQL
    they do not, as row-level security does what the code no longer does.
    """

    name: str
    says: str
    plant: Plant
    caught_by: tuple[str, ...]
    databases: tuple[str, ...] = SQLITE
    held_by_the_wall: bool = False


DEFENCES: list[Defence] = []


def gone(
    says: str, *caught_by: str, on: tuple[str, ...] = SQLITE, held_by_the_wall: bool = False
) -> Callable[[Plant], Plant]:
    """Register the decorated function, which takes the defence away."""

    def decorate(plant: Plant) -> Plant:
        DEFENCES.append(Defence(plant.__name__, says, plant, caught_by, on, held_by_the_wall))
        return plant

    return decorate


def _ignore(*_: Any, **__: Any) -> None:
    """In the place of what raises where it should."""


# Doors


NOBODY = "0" * 12


@gone(
    "The list of users is served to anybody.",
    "tests/http/test_authentication.py::test_refuses",
)
def scim_route_is_open(patch: Patch) -> None:
    def authenticate(original: Any, door: Authenticator, presented: Presented) -> Bearer:
        try:
            found: Bearer = original(door, presented)
        except Unauthenticated:
            if not presented.url.endswith("/Users"):
                raise
            slug = presented.url.split("/")[-3]
            tenant = Tenant(NOBODY, slug, slug, "tolerant", "")
            return Bearer(tenant, Connection(NOBODY, NOBODY, "x", "okta", "no", False, "admin", ""))
        return found

    wrap_method(patch, Authenticator, "authenticate", authenticate)


@gone(
    "The list of permissions is served to anybody.",
    "tests/api/test_calls.py::test_without_a_token_nothing_opens",
)
def api_route_is_open(patch: Patch) -> None:
    def bearer(service: Any) -> ApiBearer:
        if request.path.endswith("/permissions"):
            return ApiBearer("x", frozenset(api_tokens.OF_OPERATOR))
        return bearer_of_call(service)

    replace_function(patch, bearer_of_call, bearer)


@gone(
    "A token opens what it opens whatever its scopes are.",
    "tests/security/test_output.py::test_the_audit_trail_is_read_by_its_own_permission",
)
def api_scopes_are_not_checked(patch: Patch) -> None:
    replace_function(patch, calls.check_scope, _ignore)


@gone(
    "A token to read with writes.",
    "tests/http/test_token_scopes.py::test_the_refusal_says_what_is_missing",
)
def scim_scopes_are_not_checked(patch: Patch) -> None:
    replace_function(patch, admissions.check_scope, _ignore)


@gone(
    "A connection is served wherever it calls from.",
    "tests/http/test_connection_limits.py::test_a_restricted_connection_is_refused_on_every_address",
)
def networks_are_not_checked(patch: Patch) -> None:
    replace_function(patch, admissions.check_network, _ignore)


# Signed tokens


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


# Pages


@gone(
    "A form is answered whatever page it comes from.",
    "tests/http/test_forms.py::test_a_form_with_the_token_of_another_browser_is_refused",
)
def forms_need_no_token(patch: Patch) -> None:
    replace_function(patch, forms._is_own, lambda _: True)


# Credentials


@gone(
    "Whatever secret comes with the id of a connection's token opens it.",
    "tests/http/test_authentication.py::test_refuses",
    "tests/security/test_credentials.py::test_secrets_are_compared_in_constant_time",
    on=databases.KINDS,
)
def every_secret_opens(patch: Patch) -> None:
    def bearer(original: Any, operator: Operator, tenant_id: str, token_id: str, _: str) -> Any:
        right = operator.connection.scalar(select(tables.tokens.c.digest).filter_by(id=token_id))
        return original(operator, tenant_id, token_id, right or "")

    def opens(token: Token | PersonToken | ApiToken, _: Any, now: str) -> bool:
        return token.is_live(now)

    wrap_method(patch, Operator, "bearer", bearer)
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


# Tenants


@gone(
    "A resource is found by its id in whatever tenant.",
    "tests/http/test_authentication.py::test_a_resource_of_another_tenant_does_not_exist",
    on=databases.KINDS,
    held_by_the_wall=True,
)
def resources_are_found_in_every_tenant(patch: Patch) -> None:
    def anywhere(shelf: places.Shelf) -> Any:
        table = shelf.table
        columns = (table.c.id, table.c.document, table.c.version, table.c.created, table.c.modified)
        return select(*columns).where(shelf.rows, table.c.id == queries.bindparam("resource_id"))

    patch.setattr(queries, "_ONE", places.ByType(anywhere))


@gone(
    "The tenant is the one that the address names.",
    "tests/http/test_authentication.py::test_another_tenant_does_not_exist",
)
def any_slug_will_do(patch: Patch) -> None:
    from scim_server.http import exchanges

    begin = exchanges.Exchange.begin.__func__  # type: ignore[attr-defined]

    def anywhere(cls: Any, service: Any, rest: str, asked: Any, recording: Any) -> Any:
        bearer = service.authenticator.authenticate(exchanges.presented(asked.headers, asked.method, asked.url, None))
        own = "/".join([bearer.tenant.slug, *rest.split("/")[1:]])
        return begin(cls, service, own, asked, recording)

    patch.setattr(exchanges.Exchange, "begin", classmethod(anywhere))


# Power


@gone(
    "A connection grants every role.",
    "tests/security/test_privileges.py::test_no_attribute_makes_anybody_more_than_the_connection_may",
    "tests/http/test_grants.py::test_a_role_above_the_connection_is_echoed_granted_to_nobody_and_an_issue",
)
def no_role_is_above_a_connection(patch: Patch) -> None:
    patch.setattr(Roles, "is_above", lambda *_: False)


@gone(
    "An admin deals out roles above their own.",
    "tests/api/test_roles.py::test_nobody_deals_out_more_than_they_may",
    "tests/api/test_rules.py::test_no_rule_gives_or_takes_a_role_above_ones_own",
)
def no_role_is_above_an_admin(patch: Patch) -> None:
    replace_function(patch, access.check_within, _ignore)


# Filters


@gone(
    "Filters answer about attributes that are never returned.",
    "tests/security/test_parsing.py::test_nothing_is_found_out_about_what_may_not_be_read",
)
def hidden_attributes_are_searched(patch: Patch) -> None:
    def resolve(reader: Any, name: str) -> Any:
        return reader._named(name) if reader._within is None else filters._under(reader._within, name)

    patch.setattr(filters.Reader, "_resolve", resolve)


@gone(
    "A part of a filter that is not understood holds for everybody.",
    "tests/security/test_parsing.py::test_a_filter_with_an_unknown_part_is_refused_whole",
)
def unknown_parts_are_dropped(patch: Patch) -> None:
    def term(original: Any, reader: filters.Reader, node: Any) -> Any:
        try:
            return original(reader, node)
        except InvalidFilter:
            return filters.Present(reader._named("id"))

    wrap_method(patch, filters.Reader, "term", term)


# Output


@gone("A cell of a file may be a formula.", "tests/api/test_reports.py::test_a_file_runs_no_formula")
def formulas_are_exported(patch: Patch) -> None:
    replace_function(patch, csv_rows.defused, lambda cell: cell)


@gone("Pages show names as markup.", "tests/security/test_output.py::test_a_page_shows_names_as_text")
def pages_do_not_escape(patch: Patch) -> None:
    patch.setattr(Flask, "select_jinja_autoescape", lambda *_: False)


# Limits: each is off by one


LIMITS = "tests/http/test_limits.py::test_one_more_than_a_limit_is_refused_and_changes_nothing"
PAGE = "tests/http/test_limits.py::test_the_page_tells_all_limits_with_their_values"


@gone("A bulk may have one operation more than is published.", LIMITS)
def bulks_are_one_longer(patch: Patch) -> None:
    original = limits.check_bulk
    replace_function(patch, original, lambda body, most: original(body, _more(most, "bulk_operations")))
    _lengthen(patch)


@gone("A PATCH may have one operation more than is published.", LIMITS)
def patches_are_one_longer(patch: Patch) -> None:
    original = limits.check_patch
    replace_function(patch, original, lambda body, kind, most: original(body, kind, _more(most, "patch_operations")))
    _lengthen(patch)


@gone("A PATCH may name one member more than is published.", LIMITS)
def patches_name_one_more(patch: Patch) -> None:
    original = limits.check_patch
    replace_function(patch, original, lambda body, kind, most: original(body, kind, _more(most, "patch_members")))


def _more(most: limits.Limits, name: str) -> limits.Limits:
    changes: dict[str, Any] = {name: getattr(most, name) + 1}
    return replace(most, **changes)


def _lengthen(patch: Patch) -> None:
    original = limits.check_length
    replace_function(patch, original, lambda body, most: original(body, most + 1))


CONSTANTS: Mapping[str, str] = {
    "oauth.headers.LONGEST_HEADER": "Authorization headers",
    "protocol.validation.MAX_ELEMENTS": "attributes with many elements",
    "protocol.validation.MAX_INDEXED_LENGTH": "texts that are searched by",
    "protocol.grammar.MAX_LENGTH": "filters and paths",
    "protocol.grammar.MAX_TERMS": "filters of many terms",
    "protocol.grammar.MAX_DEPTH": "filters of many brackets",
    "protocol.texts.DEEPEST": "deep JSON",
    "api.shapes.LONGEST_PAGE": "pages of the admin API",
    "api.keys.LONGEST": "Idempotency-Keys",
}
"""Constants that are published, and what gets longer by one."""


def _raise(place: str, patch: Patch) -> None:
    """Raise a constant by one, in every module that imported it by name."""
    home, _, name = place.rpartition(".")
    value = getattr(import_module(f"scim_server.{home}"), name)
    for module in [each for key, each in sys.modules.items() if key.startswith("scim_server")]:
        if vars(module).get(name) == value:
            patch.setattr(module, name, value + 1)


DEFENCES += [
    Defence(f"{place.rpartition('.')[2].lower()}_of_{place.split('.')[1]}_is_one_more",
            f"One more is taken than is published of {what}.", partial(_raise, place), (PAGE,))
    for place, what in CONSTANTS.items()
]  # fmt: skip
