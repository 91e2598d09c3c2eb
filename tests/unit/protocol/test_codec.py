"""Decoding bodies: RFC 7643 sections 2.1, 2.3, 2.5 and 3, and what profiles leave open."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_server.dialects import Message, normalise
from scim_server.dialects.habits import Verb
from scim_server.protocol.codec import decode_message, decode_resource, decode_value
from scim_server.protocol.errors import InvalidSyntax, InvalidValue
from scim_server.protocol.profiles import INTEROP, RFC, TOLERANT, Profile
from scim_server.protocol.registry import attribute_of, standard_registry

USER = standard_registry().resource_type("User")
GROUP = standard_registry().resource_type("Group")
PATCH_OP = standard_registry().messages["PatchOp"]
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
SEATS = "urn:scim-server:schemas:extension:seats:2.0:User"


def decoded_by(profile: Profile, body: Any, verb: Verb = "create") -> dict[str, Any]:
    """As a request is decoded: what is a habit of clients in this profile is put right first."""
    return decode_resource(normalise(Message(verb, USER, body), profile)[0].body, USER, profile)


def user(profile: Profile = TOLERANT, **body: Any) -> dict[str, Any]:
    return decoded_by(profile, {"schemas": [CORE], **body})


def test_names_come_out_in_the_schema_s_spelling() -> None:
    """R-7643-2.1-01, sub-attributes and extensions included."""
    body = {
        "SCHEMAS": [CORE.upper()],
        "USERNAME": "jo",
        "EMails": [{"VALUE": "jo@example.com", "Type": "work"}],
        ENTERPRISE.lower(): {"DEPARTMENT": "R&D", "Manager": {"Value": "1"}},
    }
    assert decode_resource(body, USER, RFC) == {
        "schemas": [CORE, ENTERPRISE],
        "userName": "jo",
        "emails": [{"value": "jo@example.com", "type": "work"}],
        ENTERPRISE: {"department": "R&D", "manager": {"value": "1"}},
    }


@pytest.mark.parametrize(
    "body",
    [
        {"userName": "a", "USERNAME": "b"},
        {"password": "a", "Password": "b"},
        {"name": {"givenName": "a", "GivenName": "b"}},
        {ENTERPRISE: {"department": "a"}, f"{ENTERPRISE}:department": "b"},
        {ENTERPRISE: {"department": "a", "Department": "b"}},
        {ENTERPRISE: {"department": "a"}, ENTERPRISE.lower(): {"department": "b"}},
    ],
)
def test_an_attribute_given_twice_is_refused(body: dict[str, Any]) -> None:
    """R-7643-2.1-04: two spellings of one name are the same attribute, in every profile."""
    with pytest.raises(InvalidSyntax, match="given twice"):
        user(**body)


@pytest.mark.parametrize("profile", [TOLERANT, RFC, INTEROP], ids=lambda profile: profile.name)
def test_read_only_attributes_and_passwords_are_dropped(profile: Profile) -> None:
    """RFC 7644 sections 3.3 and 3.5.1, and the invariant that no password is ever held."""
    decoded = user(
        profile,
        userName="jo",
        password="secret",
        id="x",
        meta={"version": 1},
        groups="nonsense",
        **{ENTERPRISE: {"manager": {"value": "1", "displayName": "Boss"}}, SEATS: {"status": "active"}},
    )
    assert decoded == {
        "schemas": [CORE, ENTERPRISE],
        "userName": "jo",
        ENTERPRISE: {"manager": {"value": "1"}},
    }


def test_unassigned_values_are_dropped_and_empty_text_is_kept() -> None:
    """R-7643-2.5-01 to 03."""
    decoded = user(
        userName="jo",
        title=None,
        nickName="",
        name={"givenName": None},
        emails=[{"value": "jo@example.com", "type": None}, {}],
        **{ENTERPRISE: {"department": None}},
    )
    assert decoded == {
        "schemas": [CORE],
        "userName": "jo",
        "nickName": "",
        "emails": [{"value": "jo@example.com"}],
    }


@pytest.mark.parametrize("empty", [[], None, [None, {}, {"value": None, "type": "work"}]])
def test_a_list_that_is_given_and_empty_is_not_one_that_is_left_out(empty: Any) -> None:
    """A PUT with `members: []` empties a group (quirk 52); one without leaves it to the server what to do."""
    assert user(emails=empty) == {"schemas": [CORE], "emails": []}
    assert user() == {"schemas": [CORE]}


def test_an_extension_may_say_again_which_schema_it_is() -> None:
    """RFC 7643 section 3: `schemas` names those of the current JSON structure; another one is unknown there."""
    body = {"schemas": [ENTERPRISE], "department": "R&D"}
    assert user(RFC, **{ENTERPRISE: body})[ENTERPRISE] == {"department": "R&D"}
    with pytest.raises(InvalidSyntax, match="has no attribute 'schemas'"):
        user(RFC, **{ENTERPRISE: {"schemas": [CORE]}})


@pytest.mark.parametrize(
    "body",
    [
        {"bogus": 1},
        {"urn:example:x": {"a": 1}},
        {"name": {"bogus": 1}},
        {"emails": [{"bogus": 1}]},
        {"emails.value": "x"},
        {ENTERPRISE: {"bogus": 1}},
        {f"{ENTERPRISE}:bogus": 1},
        {"department": "a"},
    ],
)
def test_unknown_attributes_are_refused_where_the_profile_says_so(body: dict[str, Any]) -> None:
    """R-7643-2.1-03: strictly read, a name that is no attribute is named in the refusal."""
    name = str(next(iter(body)))
    inner = body[name]
    with pytest.raises(InvalidSyntax) as refused:
        user(RFC, **body)
    assert ("bogus" if "bogus" in str(inner) else name) in refused.value.detail


def test_unknown_attributes_are_ignored_by_default() -> None:
    """Every client sends some (quirk 42)."""
    body = {"bogus": 1, "urn:x:y": {}, "name": {"bogus": 1, "givenName": "Jo"}, ENTERPRISE: {"bogus": 1}}
    assert user(**body) == {"schemas": [CORE], "name": {"givenName": "Jo"}}


def test_extension_attributes_arrive_flat_or_by_short_name() -> None:
    """C-25 and quirk 7: a short name that only one extension has is meant as that attribute."""
    flat = {f"{ENTERPRISE}:department": "a", f"{ENTERPRISE.upper()}:manager.value": "1"}
    expected = {"department": "a", "manager": {"value": "1"}}
    assert user(RFC, **flat)[ENTERPRISE] == expected
    assert user(department="a", manager={"value": "1"})[ENTERPRISE] == expected


def test_core_attributes_arrive_under_their_urn_or_with_dots() -> None:
    """RFC 7644 section 3.10: the URN holds dots itself."""
    body = {f"{CORE}:userName": "jo", "name.givenName": "Jo", "name.familyName": "Doe"}
    assert user(RFC, **body) == {
        "schemas": [CORE],
        "userName": "jo",
        "name": {"givenName": "Jo", "familyName": "Doe"},
    }


@pytest.mark.parametrize(
    "schemas",
    [None, [], [ENTERPRISE], CORE, [CORE, 5], [CORE, "urn:example:x"]],
    ids=["null", "empty", "without base", "text", "number inside", "unknown URN"],
)
def test_schemas_is_checked_or_corrected(schemas: Any) -> None:
    """R-7643-3-01 to 03; the tolerant profile decides by the address (quirk 40)."""
    with pytest.raises(InvalidSyntax, match="schemas"):
        user(RFC, schemas=schemas, userName="jo")
    assert user(schemas=schemas, userName="jo")["schemas"] == [CORE]


def test_schemas_left_out() -> None:
    """R-7643-3-01: missing altogether is no different."""
    with pytest.raises(InvalidSyntax, match="schemas"):
        decoded_by(RFC, {"userName": "jo"})
    assert decoded_by(TOLERANT, {"userName": "jo"})["schemas"] == [CORE]


def test_schemas_says_what_the_resource_carries() -> None:
    """R-7643-3-04 to 06: no URN twice, none without data, none missing, the base first."""
    assert user(RFC, schemas=[ENTERPRISE, CORE, CORE], userName="jo")["schemas"] == [CORE]
    assert user(RFC, schemas=[CORE], **{ENTERPRISE: {"division": "x"}})["schemas"] == [CORE, ENTERPRISE]


@pytest.mark.parametrize(("body", "kind"), [([], "a list"), ("x", "a text"), (None, "null"), (3, "a number")])
def test_a_body_that_is_no_object_is_refused(body: Any, kind: str) -> None:
    """The refusal says what came instead."""
    with pytest.raises(InvalidSyntax, match=f"not {kind}"):
        decode_resource(body, USER, RFC)


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"userName": 5}, "userName: expected a text, got a number"),
        ({"userName": {"a": 1}}, "userName: expected a text, got an object"),
        ({"active": "yes"}, "active: expected true or false, got a text"),
        ({"active": 1}, "active: expected true or false, got a number"),
        ({"name": "Jo"}, "name: expected an object, got a text"),
        ({"name": [{}]}, "name: expected an object, got a list"),
        ({"emails": "x"}, "emails: expected a list, got a text"),
        ({"emails": ["x"]}, "emails[0]: expected an object, got a text"),
        ({"emails": [{}, {"value": True}]}, "emails[1].value: expected a text, got true"),
        ({"emails": [{"primary": "yes"}]}, "emails[0].primary: expected true or false, got a text"),
        ({"photos": [{"value": 1}]}, "photos[0].value: expected a text that holds a URI, got a number"),
        ({ENTERPRISE: {"department": 1}}, f"{ENTERPRISE}:department: expected a text, got a number"),
        ({ENTERPRISE: []}, f"{ENTERPRISE}: expected an object, got a list"),
    ],
)
def test_a_value_of_another_type_is_refused(body: dict[str, Any], detail: str) -> None:
    """RFC 7643 section 2.3: nothing is coerced, and the refusal names place, type due and type given."""
    for profile in (TOLERANT, RFC):
        with pytest.raises(InvalidValue) as refused:
            user(profile, **body)
        assert refused.value.detail == detail


def test_a_refusal_stays_short_and_shows_no_values() -> None:
    """However much is wrong, the detail is for a person, and values may be private."""
    with pytest.raises(InvalidValue) as refused:
        user(emails=[{"value": {"private": "x" * 10_000}}] * 1000)
    assert refused.value.detail.endswith("; and 997 more")
    assert len(refused.value.detail) < 500
    with pytest.raises(InvalidSyntax) as refused:
        user(RFC, **{"b" * 10_000: 1})
    assert len(refused.value.detail) < 500


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("integer", [0, -5, 2**63 - 1], [1.5, 1000.0, True, "5", 2**63]),
        ("decimal", [0, 1.5, Decimal("0.1")], [True, "1.5", float("nan"), float("inf"), Decimal("NaN")]),
        ("boolean", [True, False], [0, 1, "true", ""]),
        (
            "dateTime",
            ["2026-11-22T01:02:03+05:30", "2026-11-22T01:02:03Z"],
            ["2026-11-22", "yesterday", "", 5, "2026-02-30T00:00:00Z", "0001-01-01T00:00:00+14:00"],
        ),
        (
            "binary",
            ["", "QQ==", "QQ", "QUI=", "QUI", "QUJD"],
            ["%%%", "QUJD\n", "A", "Q=Q=", "QQ=", "===", 5],
        ),
        ("reference", ["https://example.com/x", "Users/1"], [5, {}]),
        ("string", ["", " leading", "\u202eabc", "e\u0301"], [5, True, [], {}]),
    ],
)
def test_simple_types(kind: str, good: list[Any], bad: list[Any]) -> None:
    """RFC 7643 sections 2.3.1 to 2.3.7: what fits is kept as it was written, the rest is refused."""
    attribute = attribute_of({"name": "x", "type": kind})
    for value in good:
        decoded = decode_value(attribute, value)
        assert decoded == value
        assert type(decoded) is type(value)
    for value in bad:
        with pytest.raises(InvalidValue, match=r"^x: expected"):
            decode_value(attribute, value)


@given(st.text(), st.text())
def test_text_is_kept_code_point_by_code_point(name: str, display: str) -> None:
    """R-7643-2.3.1-01: never trimmed, re-cased or normalised."""
    decoded = user(displayName=name, name={"formatted": display})
    assert decoded["displayName"] == name
    assert decoded["name"]["formatted"] == display


def test_a_bare_object_is_wrapped_where_the_profile_says_so() -> None:
    """R-7643-2.4-05, quirk 67."""
    email = {"value": "jo@example.com"}
    assert user(emails=email)["emails"] == [email]
    with pytest.raises(InvalidValue, match="emails: expected a list, got an object"):
        user(RFC, emails=email)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("title", None, None),
        ("title", "x", "x"),
        ("emails", [], None),
        ("emails", [{}, None], None),
        ("emails", [{"VALUE": "x"}], [{"value": "x"}]),
        ("name", {}, None),
        ("name", {"GivenName": None, "familyName": "Doe"}, {"givenName": None, "familyName": "Doe"}),
    ],
)
def test_one_value_of_a_patch(name: str, value: Any, expected: Any) -> None:
    """None means unassigned; what a merge is to clear within a single complex value stays visible."""
    attribute = USER.attribute(name)
    assert attribute is not None
    assert decode_value(attribute, value) == expected


def test_one_value_of_a_patch_names_what_is_unknown_in_it() -> None:
    """R-7643-2.1-03 inside a PATCH value."""
    members = GROUP.attribute("members")
    assert members is not None
    with pytest.raises(InvalidSyntax, match=r"members\.name"):
        decode_value(members, [{"value": "1", "name": "x"}])


def test_a_message_is_read_as_it_is() -> None:
    """A null value means something; the rest of an operation is the planner's to judge."""
    body = {"schemas": [PATCH_OP.urn.upper()], "Operations": [{"op": "Replace", "value": None}]}
    assert decode_message(body, PATCH_OP) == {"Operations": [{"op": "Replace", "value": None}]}


def test_a_value_of_any_type_passes_untouched() -> None:
    """What a PATCH value must be is known only with its path."""
    for value in ("x", 5, [1, {"A": None}], {"Members": [{}]}, False):
        message = {"schemas": [PATCH_OP.urn], "Operations": [{"op": "add", "value": value}]}
        assert decode_message(message, PATCH_OP)["Operations"][0]["value"] == value


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ([], "PatchOp message"),
        ({}, "'Operations' is missing"),
        ({"Operations": None}, "'Operations' is missing"),
        ({"Operations": {}}, "Operations: expected a list"),
        ({"Operations": ["x"]}, r"Operations\[0\]: expected an object"),
        ({"Operations": [{"op": 5}]}, r"Operations\[0\]\.op: expected a text"),
        ({"Operations": [], "operations": []}, "'operations' is unknown"),
        ({"Operations": [{"op": "add", "Op": "add"}]}, "'Op' is unknown; expected one of op, path, value"),
        ({"Operations": [], "id": "x"}, "'id' is unknown"),
    ],
)
def test_a_malformed_message_is_a_syntax_error(body: Any, detail: str) -> None:
    """The message is not the one that belongs here, so it is invalidSyntax, whatever the profile."""
    if isinstance(body, dict):
        body = {"schemas": [PATCH_OP.urn], **body}
    with pytest.raises(InvalidSyntax, match=detail):
        decode_message(body, PATCH_OP)


def test_a_message_needs_its_urn() -> None:
    """R-7643-3-01 for messages."""
    for schemas in ({}, {"schemas": None}, {"schemas": [CORE]}, {"schemas": PATCH_OP.urn}):
        with pytest.raises(InvalidSyntax, match="PatchOp"):
            decode_message({**schemas, "Operations": []}, PATCH_OP)
