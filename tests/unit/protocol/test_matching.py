"""RFC 7644 section 3.4.2.2 and corner cases C-53 to C-65, C-71, C-77, C-83, C-84: which resources a filter finds."""

from typing import Any

import pytest

from scim_server.protocol.filters import ValuePath, parse_filter
from scim_server.protocol.matching import element_matches, matches
from scim_server.protocol.normalising import search_copy
from scim_server.protocol.registry import standard_registry

USER = standard_registry().resource_type("User")
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

BABS: dict[str, Any] = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
    "id": "2819c223",
    "externalId": "Ext-1",
    "userName": "BJensen@Example.com",
    "name": {"familyName": "Jensen", "givenName": "Bárbara", "honorificSuffix": ""},
    "nickName": "",
    "active": False,
    "emails": [
        {"value": "Babs@Work.example", "type": "work", "primary": True},
        {"value": "babs@home.example", "type": "home", "display": "100%_sure"},
    ],
    "phoneNumbers": [],
    "ims": [{"value": ""}],
    "addresses": [{}],
    "meta": {"resourceType": "User", "created": "2026-01-01T02:00:00+02:00", "version": 'W/"1"'},
    ENTERPRISE: {"department": "Tour Operations", "manager": {"value": "26118915"}},
}


def finds(text: str, document: dict[str, Any] = BABS) -> bool:
    return matches(parse_filter(text, USER), search_copy(document, USER))


@pytest.mark.parametrize(
    "text",
    [
        *('userName eq "bjensen@EXAMPLE.com"', 'userName sw "BJ"', 'userName co "SEN@"', 'userName ew ".COM"'),
        *('name.givenName eq "ba\u0301rbara"', 'name.givenName co "ÁR"', 'externalId eq "Ext-1"', 'id eq "2819c223"'),
        *(
            'userName gt "bj"',
            'userName lt "bk"',
            'userName ge "bjensen@example.com"',
            'userName le "bjensen@example.com"',
        ),
        *('emails.type eq "work" and emails.value co "home"', 'emails.type ne "work"', 'not (emails.type eq "other")'),
        *(
            'emails[type eq "work" and value co "work"]',
            'emails[type eq "home" and primary eq false]',
            'emails co "HOME"',
        ),
        *("emails[primary ne true]", "emails.primary eq false", "emails[primary eq true]", "emails[not (display pr)]"),
        *('emails.display co "%"', 'emails.display sw "100%_"', 'emails.display ew "_sure"'),
        *("emails pr", "name pr", "active pr", "meta pr", "schemas pr", "active eq false", "active ne true"),
        *('title ne "x"', "title eq null", "nickName eq null", "userName ne null", 'phoneNumbers.type ne "work"'),
        *(
            'phoneNumbers[type eq "x"] or userName pr',
            "phoneNumbers eq null",
            'ims.value eq ""',
            "nickName pr or id pr",
        ),
        *('nickName co ""', 'userName sw ""', 'userName ew ""', 'nickName eq ""', 'nickName lt "a"'),
        *('meta.created eq "2026-01-01T00:00:00Z"', 'meta.created eq "2025-12-31T19:00:00.000-05:00"'),
        *('meta.created eq "2026-01-01T00:00:00"', 'meta.created lt "2026-01-01T00:00:00.000001Z"'),
        *(f'schemas eq "{ENTERPRISE}"', f'schemas[value eq "{ENTERPRISE}"]', f'schemas ne "{ENTERPRISE}"'),
        *(
            f'{ENTERPRISE}:department eq "tour operations"',
            f'{ENTERPRISE}:manager eq "26118915"',
            f"{ENTERPRISE}:manager pr",
        ),
        *(
            'name[familyName eq "jensen" and givenName sw "b"]',
            "addresses[not (type pr)]",
            'meta.resourceType eq "User"',
        ),
    ],
)
def test_what_is_found(text: str) -> None:
    assert finds(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            'externalId eq "ext-1"',
            'externalId sw "ext"',
            'id eq "2819C223"',
            'userName eq "bjensen"',
            'userName gt "bk"',
        ),
        *('emails[type eq "work" and value co "home"]', 'not (emails.type eq "work")', 'emails.type eq "other"'),
        *("emails[primary eq true and display pr]", 'emails.display co "100_"', 'emails.display sw "%"'),
        *(
            "title pr",
            "nickName pr",
            "phoneNumbers pr",
            "ims pr",
            "addresses pr",
            "name.honorificSuffix pr",
            "roles pr",
        ),
        *('title eq "x"', 'title co ""', 'title lt "z"', "userName eq null", "active eq true", "active ne false"),
        *("phoneNumbers.primary eq false", 'phoneNumbers[type ne "x"]', 'meta.created gt "2026-01-01T00:00:00Z"'),
        *(
            f"{ENTERPRISE}:costCenter pr",
            f'{ENTERPRISE}:organization eq "x"',
            'name[familyName eq "jensen" and middleName pr]',
        ),
        *('meta.resourceType eq "user"', 'schemas eq "urn:x"'),
    ],
)
def test_what_is_not_found(text: str) -> None:
    assert not finds(text)


@pytest.mark.parametrize(
    "text",
    ['name[not (familyName eq "x")]', "emails pr", f'{ENTERPRISE}:department eq "x"', "name pr", 'schemas eq "x"'],
)
def test_nothing_is_found_in_an_empty_document(text: str) -> None:
    assert not finds(text, {})


def test_every_missing_value_differs_from_every_literal() -> None:
    for text in ('emails.value ne "x"', 'schemas ne "x"', f'{ENTERPRISE}:manager ne "x"', "active ne true"):
        assert finds(text, {}), text


def test_equality_with_null_is_the_opposite_of_presence() -> None:
    for name in ("title", "emails", "emails.display", "name", "ims", "active", "schemas"):
        assert finds(f"{name} eq null") is not finds(f"{name} pr"), name
        assert finds(f"{name} ne null") is finds(f"{name} pr"), name


def test_a_value_of_another_type_never_compares() -> None:
    tree = parse_filter('title gt "a"', USER)
    assert not matches(tree, {"title": 5})
    assert not matches(parse_filter("active eq true", USER), {"active": 1})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('type eq "WORK"', True),
        ('value eq "babs@WORK.example" and primary eq true', True),
        ('type eq "home"', False),
        ("display eq null", True),
    ],
)
def test_one_raw_element_is_normalised_before_it_is_tested(text: str, expected: bool) -> None:
    tree = parse_filter(f"emails[{text}]", USER)
    assert isinstance(tree, ValuePath)
    assert element_matches(tree.filter, tree.path.leaf, BABS["emails"][0]) is expected


def test_a_raw_element_of_a_simple_list_is_its_own_value() -> None:
    tree = parse_filter(f'schemas[value ew "enterprise:2.0:User" or value eq "{ENTERPRISE}"]', USER)
    assert isinstance(tree, ValuePath)
    assert [element_matches(tree.filter, tree.path.leaf, urn) for urn in BABS["schemas"]] == [False, True]
