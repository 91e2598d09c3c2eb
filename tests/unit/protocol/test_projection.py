"""RFC 7644 section 3.9 and the characteristic `returned`."""

from dataclasses import replace
from typing import Any

import pytest

from scim_server.protocol.errors import InvalidValue
from scim_server.protocol.projection import project, shows
from scim_server.protocol.registry import schema_of, standard_registry
from scim_server.protocol.schemas import SchemaExtension

USER = standard_registry().resource_type("User")
GROUP = standard_registry().resource_type("Group")
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
SEATS = "urn:scim-server:schemas:extension:seats:2.0:User"
NOTES = "urn:example:Notes"

DOCUMENT: dict[str, Any] = {
    "schemas": [CORE, ENTERPRISE],
    "id": "1",
    "externalId": "e",
    "userName": "jo",
    "password": "secret",
    "active": False,
    "title": "",
    "name": {"givenName": "Jo", "familyName": "Doe"},
    "emails": [{"value": "a", "type": "work", "primary": True}, {"type": "home", "display": "b"}],
    "meta": {"resourceType": "User", "version": 'W/"1"'},
    ENTERPRISE: {"department": "R&D", "manager": {"value": "2", "displayName": "Boss"}},
    SEATS: {"status": "active", "seats": [{"product": "meeting", "state": "assigned"}]},
    "unheard": "of",
}
ALWAYS = {"schemas": [CORE, ENTERPRISE], "id": "1"}


def named(*attributes: str) -> dict[str, Any]:
    """What is shown beside the attributes that are always shown."""
    shown = project(DOCUMENT, USER, attributes)
    assert {name: shown.pop(name) for name in ALWAYS} == ALWAYS
    return shown


def test_by_default_everything_but_secrets_and_what_is_shown_on_request() -> None:
    """R-7643-2.2-07 to 10; what is in no schema is never shown (R-7643-2.1-03)."""
    hidden = {"password", SEATS, "unheard"}
    assert project(DOCUMENT, USER) == {name: value for name, value in DOCUMENT.items() if name not in hidden}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("userName", {"userName": "jo"}),
        ("USERNAME", {"userName": "jo"}),
        (f"{CORE}:userName", {"userName": "jo"}),
        ("name", {"name": DOCUMENT["name"]}),
        ("name.givenName", {"name": {"givenName": "Jo"}}),
        ("emails.value", {"emails": [{"value": "a"}]}),
        ("title", {"title": ""}),
        ("active", {"active": False}),
        (ENTERPRISE, {ENTERPRISE: DOCUMENT[ENTERPRISE]}),
        (f"{ENTERPRISE.lower()}:Department", {ENTERPRISE: {"department": "R&D"}}),
        (f"{ENTERPRISE}:manager.value", {ENTERPRISE: {"manager": {"value": "2"}}}),
        (f"{ENTERPRISE}:manager", {ENTERPRISE: {"manager": {"value": "2", "displayName": "Boss"}}}),
        ("password", {}),
        ("bogus", {}),
        ("urn:example:x:y", {}),
        ("name.bogus", {}),
        ("nickName", {}),
        ("id", {}),
    ],
)
def test_attributes_replace_the_default(name: str, expected: dict[str, Any]) -> None:
    """R-7644-3.4.2.5-01, 04 to 06; C-98 to C-105."""
    assert named(name) == expected


def test_several_names_add_up() -> None:
    """A whole attribute and a part of it are the whole."""
    assert named("userName", "name.givenName", "name") == {"userName": "jo", "name": DOCUMENT["name"]}


@pytest.mark.parametrize("name", [SEATS, f"{SEATS}:seats"])
def test_what_is_returned_on_request_is_shown_when_named(name: str) -> None:
    """R-7643-2.2-10; `schemas` then lists the extension."""
    shown = project(DOCUMENT, USER, [name])
    assert shown["schemas"] == [CORE, ENTERPRISE, SEATS]
    assert shown[SEATS]["seats"] == DOCUMENT[SEATS]["seats"]
    assert ("status" in shown[SEATS]) == (name == SEATS)
    assert DOCUMENT["schemas"] == [CORE, ENTERPRISE]


def test_what_was_just_written_is_shown_beside_the_default() -> None:
    """C-103, and the tenant's switch that shows seats always; an explicit list has the last word."""
    shown = project(DOCUMENT, USER, requested={SEATS})
    assert shown == {**project(DOCUMENT, USER), SEATS: DOCUMENT[SEATS], "schemas": [CORE, ENTERPRISE, SEATS]}
    assert SEATS not in project(DOCUMENT, USER, ["userName"], requested={SEATS})
    assert SEATS not in project(DOCUMENT, USER, excluded=[SEATS], requested={SEATS})


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        ("emails", "emails"),
        ("EMAILS", "emails"),
        (ENTERPRISE, ENTERPRISE),
        ("meta", "meta"),
        ("bogus", None),
        ("id", None),
        ("schemas", None),
        ("password", None),
    ],
)
def test_excluded_attributes_go_unless_always_shown(name: str, gone: str | None) -> None:
    """R-7644-3.4.2.5-02."""
    expected = {key: value for key, value in project(DOCUMENT, USER).items() if key != gone}
    assert project(DOCUMENT, USER, excluded=[name]) == expected


def test_excluded_sub_attributes_go_alone() -> None:
    """C-101; an element or object that has nothing left to show is not shown."""
    assert project(DOCUMENT, USER, excluded=["emails.type", "emails.primary"])["emails"] == [
        {"value": "a"},
        {"display": "b"},
    ]
    assert "name" not in project(DOCUMENT, USER, excluded=["name.givenName", "name.familyName"])
    manager = project(DOCUMENT, USER, excluded=[f"{ENTERPRISE}:manager.displayName"])[ENTERPRISE]["manager"]
    assert manager == {"value": "2"}


def test_both_lists_exclude_each_other() -> None:
    """C-99."""
    with pytest.raises(InvalidValue, match="exclude each other"):
        project(DOCUMENT, USER, ["userName"], ["emails"])


def test_returned_of_a_sub_attribute_counts() -> None:
    """The stricter of parent and part decides, and a part on request has to be named itself."""
    subs = [{"name": "text"}, {"name": "cost", "returned": "request"}, {"name": "pin", "returned": "never"}]
    note = {"name": "note", "type": "complex", "subAttributes": subs}
    kind = replace(
        GROUP,
        extensions=(SchemaExtension(schema_of({"id": NOTES, "name": "N", "attributes": [note]}), False),),
    )
    document = {"schemas": [], "id": "1", NOTES: {"note": {"text": "t", "cost": "c", "pin": "p"}}}
    assert project(document, kind)[NOTES] == {"note": {"text": "t"}}
    assert project(document, kind, [NOTES])[NOTES] == {"note": {"text": "t"}}
    assert project(document, kind, [f"{NOTES}:note.cost"])[NOTES] == {"note": {"cost": "c"}}
    assert project(document, kind, [f"{NOTES}:note.pin"]) == {"schemas": [], "id": "1"}


@pytest.mark.parametrize(
    ("attributes", "excluded", "expected"),
    [
        ((), (), True),
        (("members",), (), True),
        (("members.value",), (), True),
        (("displayName",), (), False),
        ((), ("Members",), False),
        ((), ("members.display",), True),
    ],
)
def test_whether_members_are_needed(attributes: tuple[str, ...], excluded: tuple[str, ...], expected: bool) -> None:
    """R-7644-3.4.2.5-08: what is not shown need not be loaded."""
    assert shows("members", GROUP, attributes, excluded) is expected
