"""RFC 7644 section 3.5.2: what a PATCH path names, and which paths are refused as what."""

import pytest

from scim_server.protocol.errors import InvalidFilter, InvalidPath
from scim_server.protocol.filters import And, Comparison
from scim_server.protocol.registry import standard_registry
from scim_server.protocol.targets import Target, parse_target

USER = standard_registry().resource_type("User")
GROUP = standard_registry().resource_type("Group")
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def user(text: str) -> Target:
    return parse_target(text, USER)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("emails", "emails"),
        ("DISPLAYNAME", "displayName"),
        ("name.givenName", "name.givenName"),
        ("emails.value", "emails.value"),
        (" title ", "title"),
        (f"{CORE}:name.familyName", "name.familyName"),
        (f"{ENTERPRISE}:employeeNumber", f"{ENTERPRISE}:employeeNumber"),
        (f"{ENTERPRISE.upper()}:MANAGER.VALUE", f"{ENTERPRISE}:manager.value"),
        ("password", "password"),
    ],
)
def test_a_plain_path_names_an_attribute_or_sub_attribute(text: str, named: str) -> None:
    target = user(text)
    assert str(target.path) == named
    assert (target.filter, target.sub) == (None, None)


def test_an_extension_urn_alone_names_the_extension() -> None:
    target = user(ENTERPRISE.upper())
    assert (target.path.urn, target.path.attribute) == (ENTERPRISE, None)


def test_a_value_filter_chooses_elements_and_a_trailing_name_their_sub_attribute() -> None:
    target = user('Emails[Type eq "Work"].Value')
    assert str(target.path) == "emails"
    assert isinstance(target.filter, Comparison)
    assert (str(target.filter.path), target.filter.operator, target.filter.value) == ("emails.type", "eq", "work")
    assert target.sub is not None
    assert target.sub.name == "value"


def test_a_value_filter_alone_has_no_sub_attribute() -> None:
    target = user('addresses[type eq "work" and not (locality pr) or primary eq true]')
    assert target.sub is None
    assert target.filter is not None


@pytest.mark.parametrize("text", ['members[value eq "2819c223-7f76"]', 'Members[ value EQ "2819c223-7f76" ]'])
def test_the_quick_way_for_members_gives_what_the_grammar_gives(text: str) -> None:
    target = parse_target(text, GROUP)
    assert (str(target.path), target.sub) == ("members", None)
    assert isinstance(target.filter, Comparison)
    assert (str(target.filter.path), target.filter.operator, target.filter.value) == (
        "members.value",
        "eq",
        "2819c223-7f76",
    )


def test_a_sub_attribute_of_a_chosen_member() -> None:
    target = parse_target('members[value eq "2" or value eq "3"].display', GROUP)
    assert target.sub is not None
    assert target.sub.name == "display"


def test_value_stands_for_the_element_of_a_simple_list() -> None:
    target = user(f'schemas[value eq "{ENTERPRISE}"]')
    assert isinstance(target.filter, Comparison)
    assert (str(target.filter.path), target.filter.value) == ("schemas", ENTERPRISE)


def test_brackets_and_dots_inside_a_literal_belong_to_it() -> None:
    target = user('emails[display eq "a].b[0]\\"" and type eq "x"].value')
    assert isinstance(target.filter, And)
    assert isinstance(target.filter.terms[0], Comparison)
    assert target.filter.terms[0].value == 'a].b[0]"'


def test_the_text_of_a_boolean_is_none() -> None:
    with pytest.raises(InvalidFilter):
        user('roles[primary eq "True"].value')


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "bogus", "name.bogus", "emails..value", "name.", ".name", "name.givenName.x", "urn:example:x", CORE),
        *("emails[0]", "emails[-1].value", "emails[]", "emails[0", "emails[type eq", 'emails[type eq "work"'),
        *('emails[type eq "work"', 'emails[type eq "work"].', 'emails[type eq "work"]value', "emails]"),
        *('emails[type eq "work"].bogus', 'emails[type eq "work"].value.x', 'emails[type eq "work"].value eq "x"'),
        *('emails[type eq "a"][type eq "b"]', 'emails[type eq "a" and addresses[type eq "b"]]', '[type eq "work"]'),
        *('name[givenName eq "x"]', 'title[value eq "x"]', 'emails.type[value eq "x"]', f'{ENTERPRISE}[value eq "x"]'),
        *('bogus[value eq "x"]', 'userName[value eq "x"]', 'emails[type eq "a"] emails', "__class__", "constructor"),
        *("emails[" * 20, "a" * 20_000, "a" * 15_000 + "[", "emails[" + "(" * 60),
        'schemas[value eq "x"].value',
    ],
    ids=lambda text: text[:40],
)
def test_a_path_that_names_nothing_is_invalid_path(text: str) -> None:
    with pytest.raises(InvalidPath):
        user(text)


@pytest.mark.parametrize(
    "text",
    [
        *('emails[bogus eq "x"]', 'emails[type regex "x"]', "emails[type eq 'x']", 'emails[type eq "x" value pr]'),
        *("emails[primary gt true]", "emails[primary eq 5]", 'emails[type eq "\\ud800"]', 'emails[value eq "\\u0000"]'),
        *('emails[emails.type eq "x"]', 'emails[not type eq "x"]', "emails[type eq work]"),
    ],
)
def test_a_fault_between_the_brackets_is_invalid_filter(text: str) -> None:
    with pytest.raises(InvalidFilter):
        user(text)


def test_a_refusal_says_what_to_write_instead_of_a_position() -> None:
    with pytest.raises(InvalidPath, match="no positions; choose them by a filter"):
        user("emails[0].value")
