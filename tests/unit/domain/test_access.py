"""Roles as bundles of permissions, and which is above which."""

from itertools import pairwise

import pytest

from scim_server.domain.access import ADMIN, MANAGER, MEMBER, PERMISSIONS, ROLES, SUPER_ADMIN, Role, Roles, new_role
from scim_server.domain.errors import Invalid

NOW = "2026-01-01T00:00:00.000000Z"


def own(code: str, *permissions: str) -> Role:
    return new_role(code, code.title(), "", permissions, NOW)


def test_each_built_in_role_permits_what_those_it_includes_permit_and_more() -> None:
    for lower, higher in pairwise(ROLES.values()):
        assert lower.code in higher.includes
        assert lower.permissions < higher.permissions
        assert (higher.is_above(lower), lower.is_above(higher)) == (True, False)


def test_a_member_may_nothing_and_a_super_admin_everything() -> None:
    assert ROLES[MEMBER].permissions == frozenset()
    assert ROLES[SUPER_ADMIN].permissions == PERMISSIONS.keys()
    assert "super_admins.grant" not in ROLES[ADMIN].permissions


def test_a_custom_role_is_above_one_that_lacks_any_of_its_permissions() -> None:
    roles = Roles((own("auditor", "audit.read"), own("desk", "people.read"), own("buyer", "subscriptions.write")))
    above = {code: [limit for limit in ROLES if roles.is_above(code, limit)] for code in ("auditor", "desk", "buyer")}
    assert above == {"auditor": [MEMBER, MANAGER], "desk": [MEMBER], "buyer": [MEMBER, MANAGER, ADMIN]}


def test_a_role_is_found_by_its_code_whatever_the_letter_case() -> None:
    roles = Roles((own("auditor", "audit.read"),))
    assert [roles.find(value) for value in ("AUDITOR", "Super_Admin", "pilot", "")] == [
        "auditor",
        "super_admin",
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("code", "name", "permissions", "word"),
    [
        ("Auditor", "Auditor", ["audit.read"], "lower-case"),
        ("", "Auditor", ["audit.read"], "1 to 64"),
        ("admin", "Admin", ["audit.read"], "super_admin"),
        ("auditor", " ", ["audit.read"], "name"),
        ("auditor", "Auditor", [], "at least one"),
        ("auditor", "Auditor", ["audit.read", "audit.burn"], "'audit.burn'"),
    ],
)
def test_an_impossible_role_is_refused_with_the_cure(code: str, name: str, permissions: list[str], word: str) -> None:
    with pytest.raises(Invalid, match=word):
        new_role(code, name, "", permissions, NOW)
