"""RFC 7644 section 3.5.2: PATCH, case by case."""

import copy

import pytest

from scim_server.dialects import Message, normalise
from scim_server.protocol.errors import (
    InvalidFilter,
    InvalidPath,
    InvalidSyntax,
    InvalidValue,
    Mutability,
    NoTarget,
    TooMany,
)
from scim_server.protocol.patching import Operation, apply, operations_of, plan
from scim_server.protocol.profiles import INTEROP, RFC, TOLERANT
from scim_server.protocol.registry import build, standard_registry

REGISTRY = standard_registry()
USER = REGISTRY.resource_type("User")
GROUP = REGISTRY.resource_type("Group")
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
BOTH = pytest.mark.parametrize("profile", [TOLERANT, RFC], ids=["tolerant", "rfc"])

WORK = {"value": "a@x.test", "type": "work", "primary": True}
HOME = {"value": "a@home.test", "type": "home"}


def user(**attributes):
    document = {"schemas": [CORE], "userName": "anna", **attributes}
    if "enterprise" in document:
        document[ENTERPRISE] = document.pop("enterprise")
        document["schemas"] = [CORE, ENTERPRISE]
    return document


def planned(*operations, profile=RFC, kind=USER):
    """As a request is planned: what is a habit of clients in this profile is put right first."""
    message, _ = normalise(Message("patch", kind, {"Operations": list(operations)}), profile)
    return plan(operations_of(message.body), kind, profile)


def patched(document, *operations, profile=RFC, kind=USER, **options):
    before = copy.deepcopy(document)
    after = apply(document, planned(*operations, profile=profile, kind=kind), kind, profile, **options)
    assert document == before, "the input was changed"
    return after


def add(path, value, **more):
    return {"op": "add", "path": path, "value": value, **more}


def replace(path, value):
    return {"op": "replace", "path": path, "value": value}


def remove(path, **more):
    return {"op": "remove", "path": path, **more}


# The envelope


def test_operations_are_read_in_order():
    """R-7644-3.5.2-02."""
    message = {"Operations": [{"op": "add", "path": "title", "value": None}, {"op": "remove", "path": "title"}]}
    assert operations_of(message) == [
        Operation("add", "title", None, has_value=True),
        Operation("remove", "title", None, has_value=False),
    ]


@pytest.mark.parametrize(
    ("operations", "error"),
    [
        (None, InvalidSyntax),
        ({}, InvalidSyntax),
        ([], InvalidValue),
        ([5], InvalidSyntax),
        ([{}], InvalidSyntax),
        ([{"op": "move", "path": "title"}], InvalidSyntax),
        ([{"op": ["add"]}], InvalidSyntax),
        ([{"op": "Add", "path": "title"}], InvalidSyntax),
        ([{"op": "add", "path": 5}], InvalidPath),
        ([{"op": "add", "path": None}], InvalidPath),
    ],
)
def test_what_is_no_operation_is_refused(operations, error):
    """R-7644-3.5.2-01 and -02, C-30."""
    with pytest.raises(error):
        operations_of({"Operations": operations})


def test_the_detail_says_which_operation_was_wrong():
    with pytest.raises(InvalidPath, match=r"operation 2 \(add\).*bogus"):
        planned(add("title", "x"), add("bogus", "x"))


def test_operations_apply_in_order():
    """R-7644-3.5.2-03."""
    assert patched(user(), replace("title", "a"), remove("title")) == user()
    assert patched(user(), remove("title"), replace("title", "a")) == user(title="a")


def test_a_failing_operation_leaves_the_document_as_it_was():
    """R-7644-3.5.2-04."""
    document = user(emails=[WORK])
    before = copy.deepcopy(document)
    changes = planned(remove("emails"), replace('emails[type eq "zzz"].value', "b@x.test"))
    with pytest.raises(NoTarget):
        apply(document, changes, USER, RFC)
    assert document == before


# Paths


@BOTH
@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("emails[type eq", InvalidPath),
        ('emails[bogus eq "x"]', InvalidFilter),
        ("emails..value", InvalidPath),
        ("bogus", InvalidPath),
        ("emails[0]", InvalidPath),
        ('name[givenName eq "x"]', InvalidPath),
        ("urn:unknown:2.0:User:title", InvalidPath),
        ("", InvalidPath),
    ],
)
def test_bad_paths_are_refused_in_every_profile(path, error, profile):
    """R-7644-3.5.2-14 to -18, C-31, C-32."""
    with pytest.raises(error):
        planned(add(path, "x"), profile=profile)


@BOTH
@pytest.mark.parametrize("path", ["id", "meta", "meta.location", "groups", 'groups[value eq "g"].display'])
@pytest.mark.parametrize("op", ["add", "replace", "remove"])
def test_a_path_to_what_the_server_sets_is_refused(op, path, profile):
    """C-13, also in the tolerant profile and whatever the value is."""
    with pytest.raises(Mutability):
        planned({"op": op, "path": path, "value": "x"}, profile=profile)


def test_a_short_name_reaches_into_the_extension_under_tolerant():
    operations = [add("manager", {"value": "m1"}), add("department", "R&D")]
    after = patched(user(), *operations, profile=TOLERANT)
    assert after == user(enterprise={"manager": {"value": "m1"}, "department": "R&D"})
    with pytest.raises(InvalidPath):
        planned(*operations)


@BOTH
@pytest.mark.parametrize("op", ["add", "replace", "remove"])
def test_a_password_is_dropped_unread(op, profile):
    """C-36 with the design's rule that no password is ever held."""
    for value in ("secret-1", 7, {"x": "secret-1"}):
        assert planned({"op": op, "path": "password", "value": value}, profile=profile) == []
    assert planned({"op": "replace", "value": {"password": "secret-1"}}, profile=profile) == []


# add


@BOTH
def test_add_without_path_takes_an_object_of_attributes(profile):
    """R-7644-3.5.2.1-01."""
    after = patched(user(emails=[HOME]), {"op": "add", "value": {"emails": [WORK], "nickName": "An"}}, profile=profile)
    assert after == user(emails=[HOME, WORK], nickName="An")


@BOTH
@pytest.mark.parametrize(
    "value",
    [
        {f"{ENTERPRISE}:employeeNumber": "7", f"{ENTERPRISE}:manager.value": "m1"},
        {ENTERPRISE: {"employeeNumber": "7", "manager": {"value": "m1"}}},
        {ENTERPRISE.upper(): {"EmployeeNumber": "7", "Manager": {"Value": "m1"}}},
        {f"{ENTERPRISE}:employeeNumber": "7", ENTERPRISE: {"manager.value": "m1"}},
    ],
)
@pytest.mark.parametrize("op", ["add", "replace"])
def test_flat_and_nested_extension_keys_mean_the_same(op, value, profile):
    """R-7644-3.5.2.1-02, C-25; the URN joins schemas (C-27)."""
    after = patched(user(), {"op": op, "value": value}, profile=profile)
    assert after == user(enterprise={"employeeNumber": "7", "manager": {"value": "m1"}})


@BOTH
def test_dotted_keys_are_paths(profile):
    """R-7644-3.5.2.1-03."""
    value = {"displayName": "A", "name.givenName": "B", f"{ENTERPRISE}:employeeNumber": "7", "active": False}
    after = patched(user(name={"familyName": "C"}), {"op": "replace", "value": value}, profile=profile)
    assert after == user(
        name={"familyName": "C", "givenName": "B"},
        displayName="A",
        active=False,
        enterprise={"employeeNumber": "7"},
    )


def test_a_key_may_be_a_value_path():
    after = patched(user(), {"op": "replace", "value": {'emails[type eq "work"].value': "a@x.test"}}, profile=TOLERANT)
    assert after == user(emails=[{"type": "work", "value": "a@x.test"}])


def test_add_appends_replaces_or_merges_by_kind_of_attribute():
    """R-7644-3.5.2.1-04."""
    document = user(emails=[WORK], title="a", name={"givenName": "A"})
    after = patched(document, add("emails", [HOME]), add("title", "b"), add("name", {"familyName": "B"}))
    assert after == user(emails=[WORK, HOME], title="b", name={"givenName": "A", "familyName": "B"})


@pytest.mark.parametrize(
    "element",
    [
        WORK,
        {"value": "a@x.test", "type": "work"},
        {"value": "A@X.test", "type": "Work"},
    ],
)
def test_adding_what_is_there_changes_nothing(element):
    """C-04, C-05: by case and type rules."""
    assert patched(user(emails=[WORK, HOME]), add("emails", [element])) == user(emails=[WORK, HOME])


def test_a_missing_primary_equals_false():
    """C-05."""
    document = user(emails=[HOME])
    assert patched(document, add("emails", [{**HOME, "primary": False}])) == document


def test_elements_without_value_are_the_same_when_all_is_equal():
    document = user(addresses=[{"type": "work", "locality": "Oslo"}])
    assert patched(document, add("addresses", [{"type": "work", "locality": "OSLO"}])) == document
    after = patched(document, add("addresses", [{"type": "work", "locality": "Bergen"}]))
    assert [address["locality"] for address in after["addresses"]] == ["Oslo", "Bergen"]


def test_add_updates_the_element_of_the_same_type_and_value():
    """C-06: no twin, and the others lose primary."""
    after = patched(user(emails=[WORK, HOME]), add("emails", [{**HOME, "primary": True}]))
    assert after == user(emails=[{**WORK, "primary": False}, {**HOME, "primary": True}])


@BOTH
@pytest.mark.parametrize("path", ["title", "emails", 'emails[type eq "work"].value', ENTERPRISE])
def test_add_without_value_is_refused(path, profile):
    """R-7644-3.5.2.1-07."""
    with pytest.raises(InvalidValue):
        planned({"op": "add", "path": path}, profile=profile)


def test_add_of_null_is_refused_under_rfc():
    with pytest.raises(InvalidValue):
        planned(add("title", None))


@BOTH
def test_add_builds_the_element_from_the_eq_terms(profile):
    """C-03; the texts as they were written."""
    path = 'addresses[type eq "Work" and country eq "NO"].locality'
    after = patched(user(), add(path, "Oslo"), profile=profile)
    assert after == user(addresses=[{"type": "Work", "country": "NO", "locality": "Oslo"}])


def test_each_term_gives_its_own_text_to_the_new_element():
    after = patched(user(), add('emails[type eq "a" and value eq "A"].display', "D"))
    assert after == user(emails=[{"type": "a", "value": "A", "display": "D"}])


@BOTH
def test_several_adds_land_in_one_element(profile):
    """Quirk 6."""
    path = 'addresses[type eq "work"]'
    after = patched(user(), add(f"{path}.locality", "Oslo"), add(f"{path}.country", "NO"), profile=profile)
    assert after == user(addresses=[{"type": "work", "locality": "Oslo", "country": "NO"}])


@BOTH
@pytest.mark.parametrize(
    "terms", ['type co "work"', 'type eq "a" or type eq "b"', 'type eq "a" and type eq "b"', "type eq null"]
)
def test_a_filter_that_describes_no_element_builds_none(terms, profile):
    """C-03."""
    with pytest.raises(NoTarget):
        patched(user(), add(f"emails[{terms}].value", "a@x.test"), profile=profile)


def test_add_through_a_filter_merges_into_every_match():
    other = {"value": "b@x.test", "type": "work"}
    after = patched(user(emails=[WORK, other, HOME]), add('emails[type eq "work"]', {"display": "D"}))
    assert after == user(emails=[{**WORK, "display": "D"}, {**other, "display": "D"}, HOME])


# remove


@BOTH
def test_remove_needs_a_path(profile):
    """R-7644-3.5.2.2-01."""
    with pytest.raises(NoTarget):
        planned({"op": "remove"}, profile=profile)
    with pytest.raises(NoTarget):
        planned({"op": "remove", "value": {"title": "x"}}, profile=profile)


@BOTH
@pytest.mark.parametrize(
    ("path", "left"),
    [
        ("title", user(emails=[WORK, HOME], name={"givenName": "A"})),
        ("name.givenName", user(title="t", emails=[WORK, HOME])),
        ("emails", user(title="t", name={"givenName": "A"})),
        ('emails[type eq "home"]', user(title="t", emails=[WORK], name={"givenName": "A"})),
        (
            'emails[type eq "work"].primary',
            user(title="t", emails=[{"value": "a@x.test", "type": "work"}, HOME], name={"givenName": "A"}),
        ),
    ],
)
def test_remove_unsets_what_the_path_names(path, left, profile):
    """R-7644-3.5.2.2-02 to -04; no other element becomes primary by itself (C-10)."""
    document = user(title="t", emails=[WORK, HOME], name={"givenName": "A"})
    assert patched(document, remove(path), profile=profile) == left


@BOTH
@pytest.mark.parametrize(
    "path", ["title", "name", "emails", 'emails[type eq "zzz"]', ENTERPRISE, f"{ENTERPRISE}:manager"]
)
def test_removing_what_is_not_there_succeeds(path, profile):
    """C-02."""
    assert patched(user(), remove(path), profile=profile) == user()


def test_the_last_element_takes_the_attribute_along():
    """R-7644-3.5.2.2-03."""
    assert patched(user(emails=[WORK]), remove('emails[value eq "a@x.test"]')) == user()


@BOTH
@pytest.mark.parametrize("path", ["userName", "schemas", f"{CORE}:userName"])
def test_what_is_required_cannot_be_removed(path, profile):
    """C-11, C-29."""
    with pytest.raises(Mutability):
        planned(remove(path), profile=profile)


@BOTH
@pytest.mark.parametrize(
    ("value", "left"),
    [
        ([{"value": "a@x.test"}], [HOME]),
        ([{"value": "A@X.TEST", "type": "work", "display": "whoever"}], [HOME]),
        ([{"value": "a@x.test", "type": "home"}], [WORK, HOME]),
        ({"value": "a@x.test"}, [HOME]),
        ([{"type": "home"}], [WORK]),
        ([{"value": "not-there"}], [WORK, HOME]),
        ([], [WORK, HOME]),
        ([{}], [WORK, HOME]),
        ({}, [WORK, HOME]),
        ([None], [WORK, HOME]),
        ([{"value": "a@x.test"}, {"value": "a@home.test"}], None),
        (None, None),
    ],
)
def test_remove_with_a_value_list_removes_only_those(value, left, profile):
    """C-22: it never wipes the list, whatever the list of values is; null names everything."""
    after = patched(user(emails=[WORK, HOME]), remove("emails", value=value), profile=profile)
    assert after.get("emails") == left


@BOTH
def test_remove_with_a_value_that_fits_nothing_is_refused_not_a_wipe(profile):
    for value in (5, True, "", "x", [5], ["x"]):
        try:
            after = patched(user(emails=[WORK, HOME]), remove("emails", value=value), profile=profile)
        except InvalidValue:
            continue
        assert after == user(emails=[WORK, HOME]), value


def test_an_element_left_with_its_labels_only_is_dropped():
    """Quirk 18."""
    assert patched(user(emails=[WORK, HOME]), remove('emails[type eq "work"].value')) == user(emails=[HOME])


# replace


@BOTH
def test_replace_without_path_replaces_each_attribute(profile):
    """R-7644-3.5.2.3-01."""
    after = patched(user(emails=[WORK]), {"op": "replace", "value": {"emails": [HOME]}}, profile=profile)
    assert after == user(emails=[HOME])


@BOTH
def test_an_empty_list_clears(profile):
    """R-7644-3.5.2.3-02."""
    assert patched(user(emails=[WORK]), replace("emails", []), profile=profile) == user()


@BOTH
@pytest.mark.parametrize(
    ("path", "value", "after"),
    [
        ("nickName", "An", user(nickName="An")),
        ("emails", [HOME], user(emails=[HOME])),
        ("name.givenName", "A", user(name={"givenName": "A"})),
        ("name", {"givenName": "A"}, user(name={"givenName": "A"})),
    ],
)
def test_replace_of_what_is_not_there_sets_it(path, value, after, profile):
    """R-7644-3.5.2.3-03."""
    assert patched(user(), replace(path, value), profile=profile) == after


def test_a_complex_value_is_merged_or_overwritten_by_profile():
    """C-17."""
    document = user(name={"givenName": "A", "familyName": "B"})
    operation = replace("name", {"givenName": "C"})
    assert patched(document, operation) == user(name={"givenName": "C", "familyName": "B"})
    assert patched(document, operation, profile=INTEROP) == user(name={"givenName": "C"})


@BOTH
def test_null_inside_a_complex_value_clears_that_part(profile):
    document = user(name={"givenName": "A", "familyName": "B"})
    assert patched(document, replace("name", {"givenName": None}), profile=profile) == user(name={"familyName": "B"})


@BOTH
def test_every_match_of_a_filter_changes(profile):
    """C-19."""
    other = {"value": "b@x.test", "type": "work"}
    after = patched(user(emails=[WORK, other, HOME]), replace('emails[type eq "work"].display', "D"), profile=profile)
    assert after == user(emails=[{**WORK, "display": "D"}, {**other, "display": "D"}, HOME])


def test_a_replace_without_match_has_no_target_or_creates():
    """C-01 under rfc, quirk 5 under tolerant."""
    operation = replace('emails[type eq "work"].value', "a@x.test")
    with pytest.raises(NoTarget):
        patched(user(), operation)
    after = patched(user(), operation, profile=TOLERANT)
    assert after == user(emails=[{"type": "work", "value": "a@x.test"}])


def test_an_element_is_swapped_whole():
    """C-18 under rfc; quirk 77 keeps the filter's terms under tolerant."""
    document = user(addresses=[{"type": "work", "streetAddress": "S", "country": "NO"}])
    operation = replace('addresses[type eq "work"]', {"country": "SE"})
    assert patched(document, operation) == user(addresses=[{"country": "SE"}])
    assert patched(document, operation, profile=TOLERANT) == user(addresses=[{"type": "work", "country": "SE"}])


@pytest.mark.parametrize("path", ["title", "name", "name.givenName", "emails", ENTERPRISE, f"{ENTERPRISE}:manager"])
@BOTH
def test_null_clears(path, profile):
    """R-7644-3.5.2.3-08."""
    full = user(title="t", name={"givenName": "A"}, emails=[WORK], enterprise={"manager": {"value": "m"}})
    assert patched(full, replace(path, None), profile=profile) == patched(full, remove(path), profile=profile)


@pytest.mark.parametrize(
    "path", ["title", "name.givenName", 'emails[type eq "work"].value', f"{ENTERPRISE}:manager", "emails"]
)
@pytest.mark.parametrize("op", ["add", "replace"])
def test_empty_text_clears_under_tolerant(op, path):
    """Quirk 18, also of what is not there."""
    full = user(title="t", name={"givenName": "A"}, emails=[WORK], enterprise={"manager": {"value": "m"}})
    operation = {"op": op, "path": path, "value": ""}
    if (op, path) != ("add", "emails"):
        assert patched(full, operation, profile=TOLERANT) == patched(full, remove(path), profile=TOLERANT)
    assert patched(user(), operation, profile=TOLERANT) == user()


def test_empty_text_inside_values_clears_under_tolerant():
    value = {"name": {"givenName": ""}, "emails": [{"type": "work", "value": ""}, HOME], "title": ""}
    document = user(name={"givenName": "A", "familyName": "B"}, emails=[WORK], title="t")
    after = patched(document, {"op": "replace", "value": value}, profile=TOLERANT)
    assert after == user(name={"familyName": "B"}, emails=[HOME])


def test_empty_text_is_a_value_under_rfc():
    assert patched(user(title="t"), replace("title", "")) == user(title="")


@BOTH
@pytest.mark.parametrize("value", [None, ""])
def test_a_required_attribute_cannot_be_replaced_by_nothing(value, profile):
    """C-12."""
    with pytest.raises(InvalidValue):
        planned(replace("userName", value), profile=profile)
    with pytest.raises(InvalidValue):
        planned({"op": "replace", "value": {"userName": value}}, profile=profile)


@BOTH
@pytest.mark.parametrize(
    ("path", "value"),
    [("active", "x"), ("title", 5), ("name", "x"), ("emails", "x"), ("emails", [5]), ("title", ["x"])],
)
def test_a_value_of_another_type_is_refused(path, value, profile):
    """R-7644-3.5.2-08, C-21."""
    with pytest.raises(InvalidValue):
        planned(replace(path, value), profile=profile)


def test_a_bare_object_is_wrapped_by_profile():
    """C-20."""
    assert patched(user(), add("emails", WORK), profile=TOLERANT) == user(emails=[WORK])
    with pytest.raises(InvalidValue):
        planned(add("emails", WORK))


@BOTH
def test_letter_case_of_a_replaced_value_is_kept_as_sent(profile):
    """Quirk 72: clients compare what they wrote with what they read."""
    assert patched(user(displayName="anna"), replace("displayName", "Anna"), profile=profile) == user(
        displayName="Anna"
    )


# primary


@BOTH
@pytest.mark.parametrize(
    "operation",
    [
        add("emails", [{"value": "c@x.test", "primary": True}]),
        replace('emails[type eq "home"].primary', True),
        replace('emails[type eq "home"]', {**HOME, "primary": True}),
        add('emails[type eq "home"]', {"primary": True}),
    ],
)
def test_a_new_primary_takes_it_from_the_others(operation, profile):
    """R-7644-3.5.2-07, C-07."""
    after = patched(user(emails=[WORK, HOME]), operation, profile=profile)
    assert [email["value"] for email in after["emails"] if email.get("primary")] != ["a@x.test"]
    assert sum(email.get("primary") is True for email in after["emails"]) == 1


@BOTH
@pytest.mark.parametrize("op", ["add", "replace"])
def test_two_primaries_in_one_value_are_refused(op, profile):
    """C-08, C-09."""
    with pytest.raises(InvalidValue, match="primary"):
        planned({"op": op, "path": "emails", "value": [WORK, {**HOME, "primary": True}]}, profile=profile)


def test_a_path_that_makes_two_elements_primary_is_refused():
    twice = [{"value": "a@x.test", "type": "work"}, {"value": "b@x.test", "type": "work"}]
    with pytest.raises(InvalidValue, match="primary"):
        patched(user(emails=twice), replace('emails[type eq "work"].primary', True))


def test_single_role_assignment_builds_one_primary_role():
    """Quirk 8: Entra's SingleAppRoleAssignment."""
    path = 'roles[primary eq "True"]'
    after = patched(user(), add(f"{path}.value", "admin"), add(f"{path}.display", "Admin"), profile=TOLERANT)
    assert after == user(roles=[{"primary": True, "value": "admin", "display": "Admin"}])


# Extensions and schemas


@BOTH
def test_an_extension_as_a_whole(profile):
    """R-7644-3.5.2-19, C-26, C-28."""
    document = user(enterprise={"department": "A", "division": "B"})
    assert patched(document, add(ENTERPRISE, {"division": "C"}), profile=profile) == user(
        enterprise={"department": "A", "division": "C"}
    )
    assert patched(document, remove(ENTERPRISE), profile=profile) == user()
    gone = patched(document, remove(f"{ENTERPRISE}:department"), remove(f"{ENTERPRISE}:division"), profile=profile)
    assert gone == user()


def test_what_only_the_server_writes_cannot_be_removed_as_an_extension():
    with pytest.raises(Mutability):
        planned(remove("urn:scim-server:schemas:extension:seats:2.0:User"))


def test_an_extension_may_say_again_which_schema_it_is():
    """As in a POST: libraries put `schemas` into every structure that has a schema, strict ones included."""
    value = {"schemas": [ENTERPRISE], "department": "R&D"}
    for profile in (TOLERANT, RFC):
        assert patched(user(), add(ENTERPRISE, value), profile=profile)[ENTERPRISE] == {"department": "R&D"}
    with pytest.raises(InvalidSyntax):
        patched(user(), add(ENTERPRISE, {"schemas": [CORE]}), profile=RFC)


def test_schemas_follow_the_data():
    """R-7644-3.5.2-09, C-29."""
    document = user(enterprise={"department": "A"})
    assert patched(document, remove("schemas", value=[ENTERPRISE])) == user()
    assert patched(document, replace("schemas", [CORE])) == user()
    assert patched(document, add("schemas", [ENTERPRISE])) == document
    assert patched(user(), add("schemas", [ENTERPRISE])) == user()
    for operation in (remove("schemas", value=[CORE]), replace("schemas", [ENTERPRISE])):
        with pytest.raises(Mutability):
            patched(document, operation)
    with pytest.raises(InvalidValue):
        patched(document, add("schemas", ["urn:unknown"]))


def test_schemas_leave_by_a_filter_and_come_by_a_list():
    document = user(enterprise={"department": "A"})
    path = f'schemas[value eq "{ENTERPRISE}"]'
    assert patched(document, remove(path)) == user()
    for operation in (add(path, ENTERPRISE), replace(path, ENTERPRISE)):
        with pytest.raises(NoTarget):
            patched(document, operation)


# Members of a path-less value that are not the client's to write


def test_what_the_server_sets_is_ignored_under_tolerant():
    """Quirk 44."""
    value = {"id": "other", "meta": {"x": 1}, "groups": [{"value": "g"}], "schemas": ["urn:x"], "title": "t"}
    after = patched(user(), {"op": "replace", "value": value}, profile=TOLERANT)
    assert after == user(title="t")


def test_what_the_server_sets_must_be_equal_under_rfc():
    """C-14."""
    own = {"id": "u1", "meta": {"location": "https://x.test/Users/u1"}}
    value = {**own, "groups": [], "title": "t"}
    assert patched(user(), {"op": "replace", "value": value}, read_only=own) == user(title="t")
    for name in own:
        with pytest.raises(Mutability, match=name):
            patched(user(), {"op": "replace", "value": {name: "other"}}, read_only=own)


def test_unknown_names_in_a_path_less_value_follow_the_switch():
    """C-31."""
    for value in (
        {"bogus": 1, "title": "t"},
        {"urn:unknown:2.0:User": {"x": 1}, "title": "t"},
        {"name": {"bogus": 1}, "title": "t"},
        {"emails[bogus": 1, "title": "t"},
        {ENTERPRISE: {"bogus": 1}, "title": "t"},
    ):
        operation = {"op": "replace", "value": value}
        assert patched(user(), operation, profile=TOLERANT) == user(title="t")
        with pytest.raises(InvalidSyntax):
            planned(operation)


def test_null_in_a_path_less_add_is_absent():
    """Quirk 47."""
    assert patched(user(title="t"), {"op": "add", "value": {"title": None, "name": {"givenName": None}}}) == user(
        title="t"
    )


@pytest.mark.parametrize("value", [None, [], "x", 5])
@BOTH
def test_without_path_the_value_is_an_object(value, profile):
    with pytest.raises(InvalidValue):
        planned({"op": "replace", "value": value}, profile=profile)


def test_the_drafts_want_a_path_in_every_operation():
    with pytest.raises(InvalidSyntax):
        planned({"op": "replace", "value": {"title": "x"}}, profile=INTEROP)


def test_an_empty_object_without_path_changes_nothing():
    assert planned({"op": "add", "value": {}}) == []


def test_the_same_operations_twice_change_nothing_more():
    """C-34."""
    operations = [
        add("emails", [HOME]),
        add('addresses[type eq "work"].locality', "Oslo"),
        replace("name", {"givenName": "A"}),
        remove('emails[type eq "work"]'),
        add(f"{ENTERPRISE}:department", "R&D"),
    ]
    once = patched(user(emails=[WORK]), *operations)
    assert patched(once, *operations) == once


# Members of a group, which are planned here and carried out elsewhere


def test_members_are_planned_without_being_loaded():
    changes = planned(
        {"op": "add", "path": "members", "value": [{"$ref": None, "value": "u1", "display": "Anna"}]},
        {"op": "remove", "path": "members", "value": [{"value": "u1"}, {"value": "u2"}]},
        {"op": "remove", "path": "members"},
        {"op": "remove", "path": "members", "value": []},
        {"op": "replace", "value": {"members": [], "displayName": "G"}},
        kind=GROUP,
        profile=TOLERANT,
    )
    assert [(change.op, str(change.target.path), change.value) for change in changes] == [
        ("add", "members", [{"value": "u1"}]),
        ("remove", "members", None),
        ("remove", "members", None),
        ("replace", "members", []),
        ("replace", "displayName", "G"),
    ]
    (named,) = (change.target.filter for change in changes if change.target.filter)
    assert [term.value for term in named.terms] == ["u1", "u2"]


def test_the_drafts_take_no_value_in_a_remove():
    """C-22: the list is not wiped, whatever the profile."""
    with pytest.raises(InvalidValue):
        planned(remove("emails", value=[{"value": "a@x.test"}]), profile=INTEROP)


@BOTH
@pytest.mark.parametrize("path", ["members.value", 'members[value eq "u1"].value', "members.display"])
def test_a_member_is_not_edited_in_place(path, profile):
    """C-16; display is the server's."""
    for op in ("add", "replace", "remove"):
        with pytest.raises(Mutability):
            planned({"op": op, "path": path, "value": "u2"}, kind=GROUP, profile=profile)


# Immutable attributes, which the standard schemas have none of outside members


def badge(**attribute):
    core = {"id": "urn:x:Badge", "name": "Badge", "attributes": [{"name": "code", **attribute}]}
    common = {"id": "urn:scim-server:schemas:core:2.0:Common", "name": "Common", "attributes": []}
    kind = {"name": "Badge", "endpoint": "/Badges", "schema": "urn:x:Badge"}
    return build([core, common], [], [kind]).resource_type("Badge")


def test_an_immutable_value_is_set_once():
    """R-7644-3.5.2.1-08."""
    kind = badge(mutability="immutable")
    blank, stamped = {"schemas": ["urn:x:Badge"]}, {"schemas": ["urn:x:Badge"], "code": "a"}
    assert patched(blank, add("code", "a"), kind=kind) == stamped
    assert patched(stamped, replace("code", "a"), kind=kind) == stamped
    for operation in (add("code", "b"), replace("code", "b"), remove("code"), replace("code", None)):
        with pytest.raises(Mutability):
            patched(stamped, operation, kind=kind)


def test_an_extension_that_goes_takes_its_lists_along():
    """Also those that an operation before has touched."""
    common = {"id": "urn:scim-server:schemas:core:2.0:Common", "name": "Common", "attributes": []}
    core = {"id": "urn:x:Badge", "name": "Badge", "attributes": []}
    more = {"id": "urn:x:More", "name": "More", "attributes": [{"name": "codes", "multiValued": True}]}
    extensions = [{"schema": "urn:x:More", "required": False}]
    kind = {"name": "B", "endpoint": "/B", "schema": "urn:x:Badge", "schemaExtensions": extensions}
    badges = build([core, common, more], [], [kind]).resource_type("B")
    document = {"schemas": ["urn:x:Badge", "urn:x:More"], "urn:x:More": {"codes": ["a"]}}
    after = patched(document, add("urn:x:More:codes", ["b"]), remove("urn:x:More"), kind=badges)
    assert after == {"schemas": ["urn:x:Badge"]}


def test_an_immutable_part_of_an_element_is_not_swapped():
    kind = badge(
        type="complex",
        multiValued=True,
        subAttributes=[{"name": "value", "mutability": "immutable"}, {"name": "display"}],
    )
    document = {"schemas": ["urn:x:Badge"], "code": [{"value": "a", "display": "A"}]}
    swapped = patched(document, replace('code[display eq "A"]', {"value": "a", "display": "B"}), kind=kind)
    assert swapped["code"] == [{"value": "a", "display": "B"}]
    with pytest.raises(Mutability):
        patched(document, replace('code[display eq "A"]', {"value": "b"}), kind=kind)


def test_a_list_of_texts_takes_and_loses_values():
    kind = badge(multiValued=True)
    document = {"schemas": ["urn:x:Badge"], "code": ["a", "b"]}
    after = patched(document, add("code", ["A", "c"]), remove("code", value=["b"]), kind=kind)
    assert after["code"] == ["a", "c"]
    assert patched(document, remove('code[value eq "a"]'), kind=kind)["code"] == ["b"]
    assert patched(document, replace('code[value eq "a"]', "z"), kind=kind)["code"] == ["z", "b"]


def test_a_list_inside_a_complex_value_takes_values():
    """RFC 7643 section 2.3.8 lets a sub-attribute be multi-valued."""
    tags = {"name": "tags", "multiValued": True}
    single = badge(type="complex", subAttributes=[tags])
    document = {"schemas": ["urn:x:Badge"], "code": {"tags": ["a"]}}
    assert patched(document, add("code.tags", ["A", "b"]), kind=single)["code"] == {"tags": ["a", "b"]}
    several = badge(type="complex", multiValued=True, subAttributes=[tags, {"name": "value"}])
    document = {"schemas": ["urn:x:Badge"], "code": [{"value": "v", "tags": ["a"]}]}
    after = patched(document, add('code[value eq "v"].tags', ["b"]), kind=several)
    assert after["code"] == [{"value": "v", "tags": ["a", "b"]}]


def test_an_immutable_list_is_set_once():
    kind = badge(multiValued=True, mutability="immutable")
    blank, stamped = {"schemas": ["urn:x:Badge"]}, {"schemas": ["urn:x:Badge"], "code": ["a"]}
    assert patched(blank, add("code", ["a"]), kind=kind) == stamped
    assert patched(stamped, replace("code", ["a"]), kind=kind) == stamped
    for operation in (add("code", ["b"]), remove("code"), replace("code", [])):
        with pytest.raises(Mutability):
            patched(stamped, operation, kind=kind)


def test_a_required_object_is_not_emptied():
    """R-7644-3.5.2.2-05, the indirect way."""
    kind = badge(type="complex", required=True, subAttributes=[{"name": "value"}])
    with pytest.raises(Mutability):
        patched({"schemas": ["urn:x:Badge"], "code": {"value": "a"}}, remove("code.value"), kind=kind)


def test_a_required_list_is_not_emptied():
    """R-7644-3.5.2.2-05, the indirect way."""
    kind = badge(multiValued=True, required=True)
    document = {"schemas": ["urn:x:Badge"], "code": ["a"]}
    for operation in (remove("code", value=["a"]), remove('code[value eq "a"]')):
        with pytest.raises(Mutability):
            patched(document, operation, kind=kind)


# Cost


def test_a_thousand_operations_on_thousands_of_elements_all_apply():
    """Quirk 53."""
    document = user(emails=[{"value": f"e{n}@x.test", "type": "work"} for n in range(3000)])
    operations = []
    for n in range(250):
        operations += [
            add("emails", [{"value": f"new{n}@x.test", "type": "work"}]),
            remove(f'emails[value eq "e{n}@x.test"]'),
            remove("emails", value=[{"value": f"e{n + 1000}@x.test"}]),
            replace(f'emails[type eq "work" and value eq "e{n + 2000}@x.test"].display', "D"),
        ]
    after = apply(document, planned(*operations), USER, RFC)
    assert len(after["emails"]) == 3000 + 250 - 500
    assert sum("display" in email for email in after["emails"]) == 250


def test_what_no_index_can_spare_is_limited():
    document = user(emails=[{"value": f"e{n}@x.test", "type": "work"} for n in range(900)])
    with pytest.raises(TooMany):
        patched(document, *[remove('emails[value co "nobody"]')] * 100)
