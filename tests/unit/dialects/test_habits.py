"""What single habits make of the shapes around their samples."""

import pytest

from scim_server.dialects import HABITS, Message, normalise
from scim_server.protocol.patching import apply, operations_of, plan
from scim_server.protocol.profiles import RFC, TOLERANT
from scim_server.protocol.registry import standard_registry

REGISTRY = standard_registry()
USER = REGISTRY.resource_type("User")
GROUP = REGISTRY.resource_type("Group")
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
BY_NAME = {habit.name: habit for habit in HABITS}


def body_of(name, verb, body, kind=USER):
    """What one habit makes of a body."""
    return BY_NAME[name].rewrite(Message(verb, kind, body)).body


def operations(name, *given, kind=USER):
    return body_of(name, "patch", {"Operations": list(given)}, kind)["Operations"]


def value_at(name, path, value, kind=USER):
    (operation,) = operations(name, {"op": "replace", "path": path, "value": value}, kind=kind)
    return operation["value"]


def filter_of(name, text, kind=USER):
    return body_of(name, "query", {"filter": text}, kind)["filter"]


# Together


def test_habits_fire_in_order_and_are_named():
    body = {
        "schemas": [CORE],
        "active": "True",
        "roles": ['{"value":"editor","displayName":"Editor"}'],
        "manager": "m1",
    }
    message, fired = normalise(Message("create", USER, body), TOLERANT)
    assert fired == ["short-names", "boolean-text", "bare-manager", "bare-element", "json-assignment"]
    assert message.body == {
        "schemas": [CORE],
        "active": True,
        "roles": [{"display": "Editor", "value": "editor"}],
        f"{ENTERPRISE}:manager": {"value": "m1"},
    }


@pytest.mark.parametrize("profile", [TOLERANT, RFC], ids=["tolerant", "rfc"])
def test_both_dialects_of_entra_are_carried_out(profile):
    body = {
        "schemas": [PATCH_OP],
        "Operations": [
            {"op": "Replace", "path": "active", "value": "False"},
            {"op": "Add", "path": 'emails[type eq "work"].value', "value": "a@x.test"},
            {"op": "Add", "path": f"{ENTERPRISE}:department", "value": "R&D"},
            {"op": "Add", "path": f"{ENTERPRISE}:manager", "value": "m1"},
            {"op": "replace", "value": {"name.givenName": "B", f"{ENTERPRISE}:employeeNumber": "7"}},
        ],
    }
    message, fired = normalise(Message("patch", USER, body), profile)
    assert fired == ["op-case", "dotted-keys", "boolean-text", "bare-manager"]
    document = {"schemas": [CORE], "userName": "a", "active": True}
    changes = plan(operations_of(message.body), USER, profile)
    assert apply(document, changes, USER, profile) == {
        "schemas": [CORE, ENTERPRISE],
        "userName": "a",
        "active": False,
        "emails": [{"type": "work", "value": "a@x.test"}],
        "name": {"givenName": "B"},
        ENTERPRISE: {"department": "R&D", "manager": {"value": "m1"}, "employeeNumber": "7"},
    }


# Messages


def test_a_keyword_given_twice_is_left_for_the_protocol_to_refuse():
    twice = {"Operations": [], "operations": [], "x": 1}
    assert body_of("keyword-case", "patch", twice) == twice
    assert body_of("extra-keys", "patch", twice) == {"Operations": [], "operations": []}


@pytest.mark.parametrize("op", ["move", 5, None, ["add"], "", "add "])
def test_what_is_no_op_is_left_alone(op):
    operation = {"op": op, "path": "title"}
    assert operations("op-case", operation) == [operation]


@pytest.mark.parametrize("schemas", [[], ["urn:x"], [ENTERPRISE], "urn:x", 5, {}, [None]])
def test_the_address_says_what_a_resource_is(schemas):
    body = body_of("unknown-schemas", "create", {"SCHEMAS": schemas, "userName": "a"})
    assert body["SCHEMAS"][0] == CORE
    assert set(body["SCHEMAS"]) <= {CORE, ENTERPRISE}


def test_known_urns_stay_and_are_not_missed_where_there_are_none():
    body = {"schemas": [ENTERPRISE.lower(), CORE]}
    assert body_of("unknown-schemas", "create", body) == body
    assert body_of("unknown-schemas", "create", {"userName": "a"}) == {"userName": "a"}
    assert body_of("missing-schemas", "create", {"schemas": None}) == {"schemas": [CORE]}
    assert operations("unknown-schemas", {"op": "replace", "path": "schemas", "value": [ENTERPRISE, "urn:x"]}) == [
        {"op": "replace", "path": "schemas", "value": [ENTERPRISE]}
    ]


def test_what_the_server_sets_is_left_out_of_values_without_path_alone():
    value = {"id": "1", "meta": {}, "Groups": [], "schemas": [], "meta.version": "1", "title": "t", "x": 1}
    given = {"op": "replace", "value": value}
    assert operations("read-only-members", given) == [{"op": "replace", "value": {"title": "t", "x": 1}}]
    at_path = {"op": "replace", "path": "id", "value": "1"}
    assert operations("read-only-members", at_path) == [at_path]
    assert body_of("read-only-members", "create", value) == value


def test_unknown_attributes_go_wherever_they_are():
    body = {
        "x": 1,
        "urn:x:y": {},
        "name": {"x": 1, "GivenName": "A"},
        "emails": [{"x": 1, "value": "a"}, 5],
        ENTERPRISE: {"x": 1, "schemas": [ENTERPRISE], "manager": {"x": 1, "value": "m"}},
    }
    left = {
        "name": {"GivenName": "A"},
        "emails": [{"value": "a"}, 5],
        ENTERPRISE: {"schemas": [ENTERPRISE], "manager": {"value": "m"}},
    }
    assert body_of("unknown-attributes", "create", body) == left
    assert operations("unknown-attributes", {"op": "add", "value": body}) == [{"op": "add", "value": left}]
    assert value_at("unknown-attributes", "emails", [{"x": 1}]) == [{}]
    assert value_at("unknown-attributes", ENTERPRISE, {"x": 1, "division": "d"}) == {"division": "d"}


# Names


@pytest.mark.parametrize(
    ("name", "qualified"),
    [
        ("manager", f"{ENTERPRISE}:manager"),
        ("Manager.value", f"{ENTERPRISE}:Manager.value"),
        (f"{ENTERPRISE}:manager", f"{ENTERPRISE}:manager"),
        ("title", "title"),
        ("managers", "managers"),
        ("name.manager", "name.manager"),
    ],
)
def test_short_names_get_their_urn(name, qualified):
    assert operations("short-names", {"op": "remove", "path": name}) == [{"op": "remove", "path": qualified}]
    assert body_of("short-names", "create", {name: "x"}) == {qualified: "x"}
    assert body_of("short-names", "query", {"sortBy": name}) == {"sortBy": qualified}
    assert (
        body_of("short-names", "query", {"attributes": f"id, {name}"})["attributes"].split(",")[1].strip() == qualified
    )
    assert filter_of("short-names", f'emails[type pr] and {name} eq "manager"') == (
        f'emails[type pr] and {qualified} eq "manager"'
    )


def test_short_names_are_left_alone_where_no_extension_has_them():
    assert operations("short-names", {"op": "remove", "path": "manager"}, kind=GROUP)[0]["path"] == "manager"
    assert filter_of("short-names", 'userName eq "manager"') == 'userName eq "manager"'
    both = {"manager": "a", f"{ENTERPRISE}:manager": "b"}
    assert body_of("short-names", "create", both) == both


def test_keys_that_are_paths_keep_their_order():
    value = {"title": "t", "name.givenName": "A", "nickName": "n", 'emails[type eq "work"].value': "e", "x.y": 1}
    assert operations("dotted-keys", {"op": "replace", "value": value}) == [
        {"op": "replace", "value": {"title": "t"}},
        {"op": "replace", "path": "name.givenName", "value": "A"},
        {"op": "replace", "value": {"nickName": "n"}},
        {"op": "replace", "path": 'emails[type eq "work"].value', "value": "e"},
        {"op": "replace", "value": {"x.y": 1}},
    ]


def test_keys_that_are_paths_inside_an_extension():
    value = {ENTERPRISE: {"manager.value": "m", "division": "d"}}
    assert operations("dotted-keys", {"op": "add", "value": value}) == [
        {"op": "add", "value": {ENTERPRISE: {"division": "d"}}},
        {"op": "add", "path": f"{ENTERPRISE}:manager.value", "value": "m"},
    ]


def test_keys_that_are_paths_nest_in_a_body():
    body = {"name.givenName": "A", "name": {"familyName": "B"}, "name.formatted": "A B", "emails.value": "x"}
    assert body_of("dotted-keys", "create", body) == {
        "name": {"familyName": "B", "givenName": "A", "formatted": "A B"},
        "emails.value": "x",
    }
    clash = {"name": {"givenName": "A"}, "name.givenName": "B"}
    assert body_of("dotted-keys", "create", clash) == clash


# Filters


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("userName eq Anna", 'userName eq "Anna"'),
        ("(userName eq anna)", '(userName eq "anna")'),
        ("employeeNumber eq 007", "employeeNumber eq 007"),
        (f"{ENTERPRISE}:employeeNumber eq 007", f'{ENTERPRISE}:employeeNumber eq "007"'),
        ("meta.created gt 2011-05-13T04:42:34Z", 'meta.created gt "2011-05-13T04:42:34Z"'),
        ("title eq NULL", "title eq null"),
        ("title eq null", "title eq null"),
        ("title eq True", 'title eq "True"'),
        ("active eq FALSE", "active eq false"),
        ("active eq yes", "active eq yes"),
        ("emails[value eq a@x.test and primary eq True]", 'emails[value eq "a@x.test" and primary eq true]'),
        ('title eq "a eq b"', 'title eq "a eq b"'),
        ("bogus eq x", "bogus eq x"),
        ("userName eq 'x'", "userName eq 'x'"),
        ("userName eq", "userName eq"),
    ],
)
def test_words_without_quotes(text, after):
    assert filter_of("bare-words", text) == after


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ('emails[type eq "w"].value eq "x"', 'emails[type eq "w" and value eq "x"]'),
        ('emails[type eq "w"].value pr', 'emails[type eq "w" and value pr]'),
        (
            'emails[type eq "a" or type eq "b"].value sw "x" and title pr',
            'emails[(type eq "a" or type eq "b") and value sw "x"] and title pr',
        ),
        (
            'not (ims[type pr].value eq "].") or emails[type pr].value eq "y"',
            'not (ims[type pr and value eq "]."]) or emails[type pr and value eq "y"]',
        ),
        ('emails[type eq "w"].value', 'emails[type eq "w"].value'),
        ('emails[type eq "w"]', 'emails[type eq "w"]'),
    ],
)
def test_a_test_behind_the_bracket_moves_inside(text, after):
    assert filter_of("trailing-sub-attribute", text) == after


def test_a_path_is_no_filter():
    path = 'emails[type eq "w"].value'
    assert operations("trailing-sub-attribute", {"op": "remove", "path": path}) == [{"op": "remove", "path": path}]


def test_the_text_of_a_boolean_is_one_where_a_boolean_is_compared():
    text = 'active eq "True" and title eq "True" and emails[primary eq "false"]'
    assert filter_of("boolean-literals", text) == 'active eq true and title eq "True" and emails[primary eq false]'


# Values


@pytest.mark.parametrize(
    ("path", "value", "after"),
    [
        ("active", "False", False),
        ("ACTIVE", "true", True),
        ("active", "yes", "yes"),
        ("active", 0, 0),
        ("title", "True", "True"),
        ('emails[type eq "work"].primary', "True", True),
        ('emails[type eq "work"].value', "True", "True"),
        ('emails[type eq "work"]', {"Primary": "True", "value": "False"}, {"Primary": True, "value": "False"}),
        ("emails", [{"value": "True", "primary": "false"}], [{"value": "True", "primary": False}]),
        ("unknown", "True", "True"),
    ],
)
def test_text_becomes_a_boolean_where_the_schema_says_so(path, value, after):
    assert value_at("boolean-text", path, value) == after


def test_values_are_found_wherever_they_are():
    expected = {"Active": False, "emails": {"primary": True}, "urn:unknown": {"active": "False"}}
    given = {"Active": "False", "emails": {"primary": "True"}, "urn:unknown": {"active": "False"}}
    assert body_of("boolean-text", "create", given) == expected
    assert body_of("boolean-text", "replace", given) == expected
    assert operations("boolean-text", {"op": "add", "path": None, "value": given})[0]["value"] == expected


@pytest.mark.parametrize(
    ("value", "after"),
    [
        ("m1", {"value": "m1"}),
        (["m1"], {"value": "m1"}),
        ([{"$ref": None, "value": "m1"}], {"$ref": None, "value": "m1"}),
        ({"value": "m1"}, {"value": "m1"}),
        ({"value": ""}, None),
        ("", None),
        ([], None),
        (None, None),
        (["m1", "m2"], ["m1", "m2"]),
        (7, 7),
    ],
)
def test_a_manager_becomes_an_object_or_nothing(value, after):
    path = f"{ENTERPRISE}:Manager"
    assert value_at("bare-manager", path, value) == after
    assert value_at("bare-manager", ENTERPRISE, {"manager": value}) == {"manager": after}
    assert operations("bare-manager", {"op": "add", "value": {path: value}})[0]["value"] == {path: after}
    assert body_of("bare-manager", "create", {ENTERPRISE.lower(): {"manager": value}}) == {
        ENTERPRISE.lower(): {"manager": after}
    }
    assert value_at("bare-manager", f"{path}.value", "m1") == "m1"


@pytest.mark.parametrize(
    ("value", "after"),
    [
        ("u1", [{"value": "u1"}]),
        (["u1", {"value": "u2"}], [{"value": "u1"}, {"value": "u2"}]),
        ("", ""),
        ([], []),
        ([7, None], [7, None]),
        ({"value": "u1"}, {"value": "u1"}),
    ],
)
def test_bare_texts_become_elements(value, after):
    assert value_at("bare-element", "members", value, GROUP) == after
    assert value_at("bare-element", "roles", value) == after
    assert value_at("bare-element", "emails", value) == value


def test_one_object_becomes_a_list_unless_elements_are_chosen():
    assert value_at("single-element", "emails", {"value": "a"}) == [{"value": "a"}]
    assert value_at("single-element", 'emails[type eq "work"]', {"value": "a"}) == {"value": "a"}
    assert value_at("single-element", "name", {"givenName": "A"}) == {"givenName": "A"}
    assert value_at("single-element", "emails", "a") == "a"


def test_json_text_in_a_role_is_what_it_says():
    text = '{"id":"1","value":"editor","displayName":"Editor"}'
    assert value_at("json-assignment", "roles", [{"value": text, "primary": False}]) == [
        {"primary": False, "display": "Editor", "value": "editor"}
    ]
    assert value_at("json-assignment", "entitlements", {"value": text, "display": "E"}) == {
        "display": "E",
        "value": "editor",
    }
    assert value_at("json-assignment", "emails", [{"value": text}]) == [{"value": text}]


def test_json_text_that_is_a_bomb_stays_text():
    for text in ('{"value":' * 100_000, '{"value":' + "9" * 5_000 + "}", '{"value":7}', "{", '["x"]'):
        assert value_at("json-assignment", "roles", [{"value": text}]) == [{"value": text}]


def test_the_alias_gives_way_to_the_true_name():
    both = [{"value": "r", "displayName": "A", "display": "B"}]
    assert value_at("display-alias", "roles", both) == both
    assert value_at("display-alias", "members", [{"value": "u", "DisplayName": "A"}], GROUP) == [
        {"value": "u", "display": "A"}
    ]
    assert value_at("display-alias", "emails", [{"value": "u", "displayName": "A"}]) == [
        {"value": "u", "displayName": "A"}
    ]


@pytest.mark.parametrize(
    ("path", "value", "after"),
    [
        ("title", "", None),
        ("userName", "", ""),
        ("name", {"givenName": "", "familyName": "B"}, {"givenName": None, "familyName": "B"}),
        ("emails", ["", {"value": "", "type": "work"}], [{"value": None, "type": "work"}]),
        ("title", " ", " "),
    ],
)
def test_empty_texts_become_null(path, value, after):
    assert value_at("empty-text", path, value) == after
    assert operations("empty-text", {"op": "add", "value": {path: value}})[0]["value"] == {path: after}


def test_empty_texts_stay_where_they_would_wipe_or_are_meant():
    removal = {"op": "remove", "path": "emails", "value": ""}
    assert operations("empty-text", removal) == [removal]
    assert value_at("empty-text", "members", "", GROUP) == ""
    assert body_of("empty-text", "replace", {"title": ""}) == {"title": ""}


# Operations


@pytest.mark.parametrize(
    ("value", "paths"),
    [
        (
            [{"value": "a", "type": "work", "display": "x", "primary": True}],
            ['emails[value eq "a" and type eq "work"]'],
        ),
        ([{"value": 'q"\\'}, {"type": "home"}], [r'emails[value eq "q\"\\"]', 'emails[type eq "home"]']),
        ({"value": "a"}, ['emails[value eq "a"]']),
        ([{"primary": True, "display": "x"}], ['emails[display eq "x"]']),
    ],
)
def test_what_a_remove_lists_is_named_in_paths(value, paths):
    given = {"op": "remove", "path": "emails", "value": value}
    assert operations("remove-by-value", given) == [{"op": "remove", "path": path} for path in paths]


@pytest.mark.parametrize("value", [[], [{}], [None], [{"primary": True}], {}])
def test_a_remove_that_names_nothing_changes_nothing(value):
    given = {"op": "remove", "path": "emails", "value": value}
    assert operations("remove-by-value", given) == [{"op": "add", "value": {}}]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        *(("emails", 5), ("emails", ["x"]), ("emails", [{"value": ["x"]}]), ("emails", None), ("emails", "")),
        *(("title", "x"), ("bogus", [{"value": "x"}]), ('emails[type eq "a"]', [{"value": "x"}]), (5, [])),
    ],
)
def test_a_remove_that_lists_no_elements_is_left_to_be_refused(path, value):
    given = {"op": "remove", "path": path, "value": value}
    assert operations("remove-by-value", given) == [given]


def test_members_are_named_by_their_ids_many_in_one_path():
    listed = [{"value": f"u{number}", "type": "User"} for number in range(250)]
    given = operations("remove-by-value", {"op": "remove", "path": "members", "value": listed}, kind=GROUP)
    assert [operation["path"].count("value eq") for operation in given] == [100, 100, 50]
    nobody = {"op": "remove", "path": "members", "value": [{"display": "x"}]}
    assert operations("remove-by-value", nobody, kind=GROUP) == [nobody]


@pytest.mark.parametrize(
    ("operation", "after"),
    [
        ({"op": "add", "path": "title", "value": None}, {"op": "remove", "path": "title"}),
        ({"op": "add", "path": "emails", "value": None}, {"op": "add", "path": "emails", "value": []}),
        ({"op": "replace", "path": "title", "value": None}, None),
        ({"op": "replace", "path": "emails[type pr]", "value": None}, {"op": "remove", "path": "emails[type pr]"}),
        ({"op": "replace", "path": "userName", "value": None}, None),
        ({"op": "replace", "path": "title"}, None),
        ({"op": "replace", "path": "emails[type pr].value", "value": ""}, None),
    ],
)
def test_null_at_a_path(operation, after):
    assert operations("null-clears", operation) == [after or operation]


@pytest.mark.parametrize(
    ("operation", "op"),
    [
        ({"op": "replace", "path": "emails[type pr].value", "value": "x"}, "add"),
        ({"op": "replace", "path": "emails[type pr].value", "value": None}, "replace"),
        ({"op": "replace", "path": "emails[type pr]", "value": {}}, "replace"),
        ({"op": "replace", "path": "name.givenName", "value": "x"}, "replace"),
        ({"op": "replace", "path": "bogus[type pr].value", "value": "x"}, "replace"),
        ({"op": "remove", "path": "emails[type pr].value", "value": "x"}, "remove"),
    ],
)
def test_elements_are_made_only_for_a_part_of_them(operation, op):
    assert operations("missing-element", operation) == [{**operation, "op": op}]


@pytest.mark.parametrize(
    ("path", "value", "after"),
    [
        ('emails[type eq "Work"]', {"value": "a"}, {"type": "Work", "value": "a"}),
        ('emails[type eq "work"]', {"Type": "home"}, {"Type": "home"}),
        ('emails[type eq "a" or type eq "b"]', {"value": "a"}, {"value": "a"}),
        ('emails[type eq "work"', {"value": "a"}, {"value": "a"}),
        ('emails[type eq "work"]', "x", "x"),
    ],
)
def test_an_element_keeps_what_the_filter_says(path, value, after):
    assert value_at("element-type", path, value) == after
