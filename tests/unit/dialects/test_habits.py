"""Every declared habit does what its sample says, and nothing else."""

import copy

import pytest

from scim_server.dialects import HABITS, Message, normalise
from scim_server.protocol.patching import apply, operations_of, plan
from scim_server.protocol.profiles import INTEROP, IPSIE, PROFILES, RFC, TOLERANT
from scim_server.protocol.registry import standard_registry

REGISTRY = standard_registry()
USER = REGISTRY.resource_type("User")
GROUP = REGISTRY.resource_type("Group")
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

each_habit = pytest.mark.parametrize("habit", HABITS, ids=lambda habit: habit.name)


def sample(habit, body):
    return Message(habit.verb, REGISTRY.resource_type(habit.resource_type), body)


def body_of(verb, body, kind=USER, profile=TOLERANT):
    return normalise(Message(verb, kind, body), profile)[0].body


def value_at(path, value, profile=TOLERANT, kind=USER):
    """What becomes of `value` in a PATCH operation at `path`."""
    operation = {"op": "replace", "path": path, "value": value}
    return body_of("patch", {"Operations": [operation]}, kind, profile)["Operations"][0]["value"]


# The declarations


@each_habit
def test_a_habit_turns_its_before_into_its_after(habit):
    before = copy.deepcopy(habit.before)
    message, fired = normalise(sample(habit, before), TOLERANT)
    assert (message.body, fired) == (habit.after, [habit.name])
    assert before == habit.before, "the message that came was changed"


@each_habit
def test_a_habit_switched_off_leaves_its_before_alone(habit):
    message = sample(habit, habit.before)
    assert normalise(message, TOLERANT, {habit.name}) == (message, [])


@each_habit
def test_a_habit_leaves_its_after_alone(habit):
    message = sample(habit, habit.after)
    rewritten, fired = normalise(message, TOLERANT)
    assert rewritten is message
    assert fired == []


@each_habit
def test_a_habit_applies_in_its_profiles_only(habit):
    for profile in PROFILES.values():
        _, fired = normalise(sample(habit, habit.before), profile)
        assert fired == ([habit.name] if profile.name in habit.profiles else [])


@each_habit
def test_a_habit_says_who_has_it_and_where_that_is_shown(habit):
    assert habit.source.startswith("https://")
    assert habit.clients
    assert habit.summary


def test_names_tell_habits_apart():
    assert len({habit.name for habit in HABITS}) == len(HABITS)


def test_the_profiles_of_the_drafts_have_no_habits():
    assert not any({INTEROP.name, IPSIE.name} & habit.profiles for habit in HABITS)


def test_rfc_takes_boolean_text_and_bare_managers():
    assert {habit.name for habit in HABITS if RFC.name in habit.profiles} == {"boolean-text", "bare-manager"}


def test_habits_fire_in_order_and_are_named():
    body = {"active": "True", "roles": ['{"value":"editor","displayName":"Editor"}'], "manager": "m1"}
    message, fired = normalise(Message("create", USER, body), TOLERANT)
    assert fired == ["boolean-text", "bare-manager", "bare-element", "json-assignment"]
    assert message.body == {
        "active": True,
        "roles": [{"display": "Editor", "value": "editor"}],
        "manager": {"value": "m1"},
    }


# Hostile and foreign shapes

ODD_VALUES = [None, True, 0, 1.5, "", "x", "True", [], {}, [[]], [{}], [None], {"": ""}, {"value": {"value": 1}}]
ODD_KEYS = ["active", "roles", "members", "manager", ENTERPRISE, "", "[", "emails[", "a]b[", "urn:", "emails..x"]


@pytest.mark.parametrize("verb", ["create", "replace", "patch", "query"])
@pytest.mark.parametrize("value", ODD_VALUES, ids=repr)
def test_no_shape_makes_a_habit_raise(verb, value):
    bodies = [value, *({key: value} for key in ODD_KEYS)]
    bodies += [{"Operations": value}, {"Operations": [value]}]
    bodies += [{"Operations": [{"op": value, "path": value, "value": value}]}]
    bodies += [{"operations": [{"path": key, "value": value}, {"value": {key: value}}]} for key in ODD_KEYS]
    bodies += [{ENTERPRISE: {ENTERPRISE: value, "": value, "manager": value}}]
    for kind in (USER, GROUP):
        for body in bodies:
            before = copy.deepcopy(body)
            normalise(Message(verb, kind, body), TOLERANT)
            assert body == before


def test_json_text_that_is_a_bomb_stays_text():
    for text in ('{"value":' * 100_000, '{"value":' + "9" * 5_000 + "}", '{"value":7}', "{", '["x"]'):
        assert value_at("roles", [{"value": text}]) == [{"value": text}]


def test_a_query_is_left_alone():
    message = Message("query", USER, {"active": "True"})
    assert normalise(message, TOLERANT) == (message, [])


# boolean-text


@pytest.mark.parametrize("profile", [TOLERANT, RFC], ids=["tolerant", "rfc"])
@pytest.mark.parametrize(
    ("path", "value", "after"),
    [
        ("active", "False", False),
        ("ACTIVE", "true", True),
        ("active", "TRUE", True),
        ("active", "yes", "yes"),
        ("active", "", ""),
        ("active", 0, 0),
        ("title", "True", "True"),
        ('emails[type eq "work"].primary', "True", True),
        ('emails[type eq "work"].value', "True", "True"),
        ('emails[type eq "work"]', {"Primary": "True", "value": "False"}, {"Primary": True, "value": "False"}),
        ("emails", [{"value": "True", "primary": "false"}], [{"value": "True", "primary": False}]),
        ("unknown", "True", "True"),
    ],
)
def test_text_becomes_a_boolean_where_the_schema_says_so(path, value, after, profile):
    assert value_at(path, value, profile) == after


def test_boolean_text_is_found_wherever_values_are():
    expected = {"Active": False, "emails": {"primary": True}, "urn:unknown": {"active": "False"}}
    given = {"Active": "False", "emails": {"primary": "True"}, "urn:unknown": {"active": "False"}}
    assert body_of("create", given) == expected
    assert body_of("replace", given) == expected
    patch = {"operations": [{"OP": "Replace", "Value": given}, {"op": "add", "path": None, "value": given}]}
    assert body_of("patch", patch) == {
        "operations": [
            {"OP": "Replace", "Value": expected},
            {"op": "add", "path": None, "value": expected},
        ]
    }


# bare-manager


@pytest.mark.parametrize("profile", [TOLERANT, RFC], ids=["tolerant", "rfc"])
@pytest.mark.parametrize("path", ["manager", f"{ENTERPRISE}:manager", f"{ENTERPRISE}:Manager"])
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
def test_a_manager_becomes_an_object_or_nothing(path, value, after, profile):
    assert value_at(path, value, profile) == after
    without_path = body_of("patch", {"Operations": [{"op": "add", "value": {path: value}}]}, profile=profile)
    assert without_path == {"Operations": [{"op": "add", "value": {path: after}}]}
    assert body_of("create", {path: value}, profile=profile) == {path: after}


def test_a_manager_inside_the_extension_is_found():
    for body in ({ENTERPRISE: {"manager": "m1"}}, {ENTERPRISE.lower(): {"manager": "m1"}}):
        (after,) = body_of("replace", body).values()
        assert after == {"manager": {"value": "m1"}}
    at_urn = value_at(ENTERPRISE, {"manager": "m1"})
    assert at_urn == {"manager": {"value": "m1"}}


def test_the_id_of_a_manager_by_path_is_text_already():
    assert value_at(f"{ENTERPRISE}:manager.value", "m1") == "m1"


# bare-element, json-assignment, display-alias


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
    assert value_at("members", value, kind=GROUP) == after
    assert value_at("roles", value) == after
    assert value_at("emails", value) == value
    assert value_at("members", value, RFC, GROUP) == value


def test_json_text_in_a_role_is_what_it_says():
    text = '{"id":"1","value":"editor","displayName":"Editor"}'
    assert value_at("roles", [{"value": text, "primary": False}]) == [
        {"primary": False, "display": "Editor", "value": "editor"}
    ]
    assert value_at("entitlements", {"value": text, "display": "E"}) == {"display": "E", "value": "editor"}
    assert value_at("emails", [{"value": text}]) == [{"value": text}]


def test_the_alias_gives_way_to_the_true_name():
    both = [{"value": "r", "displayName": "A", "display": "B"}]
    assert value_at("roles", both) == both
    assert value_at("members", [{"value": "u", "DisplayName": "A"}], kind=GROUP) == [{"value": "u", "display": "A"}]
    assert value_at("emails", [{"value": "u", "displayName": "A"}]) == [{"value": "u", "displayName": "A"}]


# Through to the document


@pytest.mark.parametrize("profile", [TOLERANT, RFC], ids=["tolerant", "rfc"])
def test_the_default_dialect_of_entra_is_carried_out(profile):
    """The traffic of reference section 4.3, both dialects of it."""
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [
            {"op": "Replace", "path": "active", "value": "False"},
            {"op": "Add", "path": 'emails[type eq "work"].value', "value": "a@x.test"},
            {"op": "Add", "path": f"{ENTERPRISE}:department", "value": "R&D"},
            {"op": "Add", "path": f"{ENTERPRISE}:manager", "value": "m1"},
            {"op": "replace", "value": {"name.givenName": "B", f"{ENTERPRISE}:employeeNumber": "7"}},
        ],
    }
    message, fired = normalise(Message("patch", USER, body), profile)
    assert fired == ["boolean-text", "bare-manager"]
    document = {"schemas": [USER.schema.urn], "userName": "a", "active": True}
    changes = plan(operations_of(message.body), USER, profile)
    assert apply(document, changes, USER, profile) == {
        "schemas": [USER.schema.urn, ENTERPRISE],
        "userName": "a",
        "active": False,
        "emails": [{"type": "work", "value": "a@x.test"}],
        "name": {"givenName": "B"},
        ENTERPRISE: {"department": "R&D", "manager": {"value": "m1"}, "employeeNumber": "7"},
    }


def test_empty_operations_change_nothing():
    message, _ = normalise(Message("patch", USER, {"operations": []}), TOLERANT)
    assert plan(operations_of({"Operations": message.body["operations"]}), USER, TOLERANT) == []
