"""What a document must satisfy, and what is settled before it is judged: RFC 7643 sections 2.2, 2.4, 2.5."""

import copy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_server.protocol.errors import InvalidValue, Mutability
from scim_server.protocol.registry import schema_of, standard_registry
from scim_server.protocol.schemas import ResourceType, SchemaExtension
from scim_server.protocol.validation import check, check_immutable, settle

USER = standard_registry().resource_type("User")
GROUP = standard_registry().resource_type("Group")
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
DESK = "urn:example:Desk"


def with_desk(*, required: bool = False, **characteristics: Any) -> ResourceType:
    """Group with an extension of one attribute `room`, and a complex `key` with the required `number`."""
    number = {
        "name": "number",
        "required": True,
        "mutability": characteristics.get("mutability", "readWrite"),
    }
    key = {"name": "key", "type": "complex", "subAttributes": [number]}
    desk = schema_of({"id": DESK, "name": "Desk", "attributes": [{"name": "room", **characteristics}, key]})
    return replace(GROUP, extensions=(SchemaExtension(desk, required),))


def settled(**document: Any) -> dict[str, Any]:
    return settle({"userName": "jo", **document}, USER)


def test_unassigned_values_go() -> None:
    """RFC 7643 section 2.5: null, an empty list and an object without values are one state."""
    document = settled(
        title=None,
        nickName="",
        active=False,
        name={"givenName": None},
        emails=[{"value": None}, {}],
        **{ENTERPRISE: {"manager": {"value": None}, "department": None}},
    )
    assert document == {"schemas": [CORE], "userName": "jo", "nickName": "", "active": False}


def test_an_element_left_with_its_type_alone_holds_no_value() -> None:
    """Quirk 18."""
    emails = [{"type": "work", "primary": True}, {"type": "home", "value": "x"}]
    assert settled(emails=emails)["emails"] == [{"type": "home", "value": "x"}]
    assert "addresses" not in settled(addresses=[{"type": "work"}])


def test_the_same_type_and_value_is_one_element() -> None:
    """RFC 7643 section 2.4, under the attribute's case rule; what the later adds is kept (C-06)."""
    emails = [
        {"type": "work", "value": "Jo@example.com"},
        {"type": "home", "value": "jo@example.com"},
        {"type": "Work", "value": "jo@Example.com", "primary": True},
    ]
    assert settled(emails=emails)["emails"] == [
        {"type": "Work", "value": "jo@Example.com", "primary": True},
        {"type": "home", "value": "jo@example.com"},
    ]


def test_values_that_differ_in_exact_case_are_two_elements() -> None:
    photos = [
        {"type": "photo", "value": "https://example.com/a"},
        {"type": "photo", "value": "https://example.com/A"},
    ]
    assert settled(photos=photos)["photos"] == photos


def test_elements_without_value_are_one_only_when_they_hold_the_same() -> None:
    """Two work addresses are two addresses."""
    here = {"type": "work", "locality": "Berlin"}
    there = {"type": "work", "locality": "Bonn"}
    assert settled(addresses=[here, there, dict(reversed(here.items()))])["addresses"] == [here, there]


def test_schemas_follow_the_data() -> None:
    """R-7643-3-06, and the order that some clients rely on (quirk 62)."""
    document = {"schemas": [ENTERPRISE, "urn:x"], ENTERPRISE: {"department": "x"}, "userName": "jo"}
    assert settle(document, USER)["schemas"] == [CORE, ENTERPRISE]
    assert settle({"schemas": [ENTERPRISE], ENTERPRISE: {}}, USER) == {"schemas": [CORE]}


ELEMENTS = st.lists(
    st.dictionaries(
        st.sampled_from(["value", "type", "display", "primary"]), st.none() | st.sampled_from(["a", "A", ""])
    ),
    max_size=6,
)


@given(ELEMENTS, st.none() | st.dictionaries(st.sampled_from(["givenName", "familyName"]), st.none() | st.text()))
def test_settling_settles(emails: list[Any], name: Any) -> None:
    """A settled document stays as it is, and the one given is untouched."""
    document = {"userName": "jo", "emails": emails, "name": name}
    before = copy.deepcopy(document)
    once = settle(document, USER)
    assert settle(once, USER) == once
    assert document == before


@pytest.mark.parametrize("name", [None, "", "  "])
def test_a_required_attribute_must_hold_something(name: Any) -> None:
    """R-7643-2.2-02, C-12."""
    with pytest.raises(InvalidValue, match="userName is required"):
        check(settled(userName=name), USER)
    with pytest.raises(InvalidValue, match="displayName is required"):
        check(settle({"displayName": name}, GROUP), GROUP)


def test_required_attributes_of_an_extension_count_only_with_the_extension() -> None:
    kind = with_desk(required=False, type="string")
    check({"displayName": "x"}, kind)
    with pytest.raises(InvalidValue, match=rf"{DESK}:key\.number is required"):
        check({"displayName": "x", DESK: {"key": {"other": "x"}}}, kind)


def test_a_required_extension_must_be_there() -> None:
    """R-7643-3.3-02."""
    kind = with_desk(required=True)
    check({"displayName": "x", DESK: {"room": "1"}}, kind)
    with pytest.raises(InvalidValue, match=DESK):
        check({"displayName": "x"}, kind)


def test_at_most_one_element_is_primary() -> None:
    """R-7643-2.4-01."""
    one = {"value": "a", "primary": True}
    check(settled(emails=[one, {"value": "b", "primary": False}, {"value": "c"}]), USER)
    with pytest.raises(InvalidValue, match="emails: 'primary'"):
        check(settled(emails=[one, {"value": "b", "primary": True}]), USER)


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"userName": "x" * 513}, "userName"),
        ({"externalId": "x" * 513}, "externalId"),
        ({"displayName": "x" * 513}, "displayName"),
        ({"emails": [{"value": "a"}, {"value": "x" * 513}]}, "emails.value"),
    ],
)
def test_indexed_texts_are_limited(document: dict[str, Any], path: str) -> None:
    """The store indexes these; one character less passes, other texts may be longer."""
    with pytest.raises(InvalidValue, match=f"{path} has 513 characters; at most 512"):
        check(settled(**document), USER)
    check(settled(title="x" * 5000, userName="x" * 512), USER)


@pytest.mark.parametrize("name", [" jo", "jo doe", "a\u200bb", "a\u0000", "\u2603"])
def test_a_user_name_that_precis_refuses_is_refused(name: str) -> None:
    """R-7644-5-01, C-49; the detail says so in words."""
    with pytest.raises(InvalidValue, match="userName holds what no user name may hold"):
        check(settled(userName=name), USER)


@pytest.mark.parametrize("name", ["Ａlice", "jo@example.com", "jürgen", "live.com#jo_x.com#EXT#@y.onmicrosoft.com"])
def test_user_names_that_clients_send_pass(name: str) -> None:
    check(settled(userName=name), USER)


def test_server_values_are_not_judged() -> None:
    """`id` and `meta` are required of an answer; the document does not have them yet."""
    check({"userName": "jo"}, USER)


def test_an_immutable_value_is_set_once() -> None:
    """R-7643-2.2-05."""
    kind = with_desk(mutability="immutable")
    before = {"displayName": "x", DESK: {"room": "A1", "key": {"number": "1"}}}
    check_immutable({"displayName": "x"}, before, kind)
    check_immutable(before, {**before, "displayName": "y"}, kind)
    check_immutable(before, {**before, DESK: {"room": "a1", "key": {"number": "1"}}}, kind)
    with pytest.raises(Mutability, match=f"{DESK}:room is immutable"):
        check_immutable(before, {**before, DESK: {"room": "B2", "key": {"number": "1"}}}, kind)
    with pytest.raises(Mutability, match=rf"{DESK}:key\.number is immutable"):
        check_immutable(before, {**before, DESK: {"room": "A1", "key": {"number": "2"}}}, kind)
    with pytest.raises(Mutability, match="neither changed nor removed"):
        check_immutable(before, {"displayName": "x"}, kind)


def test_elements_with_immutable_parts_come_and_go() -> None:
    """C-16: members are added and removed, though `members.value` is immutable."""
    before = {"displayName": "x", "members": [{"value": "1"}]}
    check_immutable(before, {"displayName": "x", "members": [{"value": "2"}]}, GROUP)


def test_an_immutable_list_is_set_once() -> None:
    """Immutable as a whole, it neither grows nor shrinks."""
    kind = with_desk(mutability="immutable", multiValued=True)
    before = {DESK: {"room": ["a"]}}
    check_immutable(before, {DESK: {"room": ["A"]}}, kind)
    with pytest.raises(Mutability, match="room is immutable"):
        check_immutable(before, {DESK: {"room": ["a", "b"]}}, kind)
