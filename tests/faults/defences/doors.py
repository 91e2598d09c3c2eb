"""Who is let in, wherever they come from, with whatever scope; and forms of pages that are not ours."""

from typing import Any

from flask import request

from scim_server.api import calls
from scim_server.api.blueprints import _bearer as bearer_of_call
from scim_server.domain.tenants import Connection, Tenant
from scim_server.http import admissions, forms
from scim_server.oauth.api_bearers import ApiBearer
from scim_server.oauth.bearers import Authenticator, Bearer
from scim_server.oauth.headers import Unauthenticated
from scim_server.oauth.presented import Presented
from scim_server.services import api_tokens
from tests.faults.catalogue import Patch
from tests.faults.defences.registers import gone, ignore
from tests.faults.mutations import replace_function, wrap_method

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
    replace_function(patch, calls.check_scope, ignore)


@gone(
    "A token to read with writes.",
    "tests/http/test_token_scopes.py::test_the_refusal_says_what_is_missing",
)
def scim_scopes_are_not_checked(patch: Patch) -> None:
    replace_function(patch, admissions.check_scope, ignore)


@gone(
    "A connection is served wherever it calls from.",
    "tests/http/test_connection_limits.py::test_a_restricted_connection_is_refused_on_every_address",
)
def networks_are_not_checked(patch: Patch) -> None:
    replace_function(patch, admissions.check_network, ignore)


@gone(
    "A form is answered whatever page it comes from.",
    "tests/http/test_forms.py::test_a_form_with_the_token_of_another_browser_is_refused",
)
def forms_need_no_token(patch: Patch) -> None:
    replace_function(patch, forms._is_own, lambda _: True)
