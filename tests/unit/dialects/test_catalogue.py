"""Every declared habit does what its sample says, and nothing else."""

import copy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scim_conformance.replay import available

from scim_server.dialects import HABITS, Message, normalise
from scim_server.dialects.courtesies import ACCEPT_RAW, ALWAYS, COURTESIES
from scim_server.dialects.pages import page
from scim_server.dialects.quirks import ENTRIES, QUIRKS, answers
from scim_server.dialects.switches import HABIT_SWITCHES
from scim_server.protocol.codec import decode_message, decode_resource
from scim_server.protocol.filters import parse_filter
from scim_server.protocol.patching import operations_of, plan
from scim_server.protocol.profiles import (
    DIALECT,
    INTEROP,
    IPSIE,
    PROFILES,
    RFC,
    SWITCHES,
    TOLERANT,
    profile_of,
    read_switches,
)
from scim_server.protocol.registry import standard_registry

REGISTRY = standard_registry()
USER = REGISTRY.resource_type("User")
GROUP = REGISTRY.resource_type("Group")
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PAGE = Path(__file__).parents[3] / "docs" / "dialects.md"
CLIENTS = {name.partition("/")[0] for name in available()}

each_habit = pytest.mark.parametrize("habit", HABITS, ids=lambda habit: habit.name)
each_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)


def sample(habit, body):
    return Message(habit.verb, REGISTRY.resource_type(habit.resource_type), body)


# The samples


@each_habit
def test_a_habit_turns_its_before_into_its_after(habit):
    before = copy.deepcopy(habit.before)
    message, fired = normalise(sample(habit, before), TOLERANT)
    assert (message.body, fired) == (habit.after, [habit.name])
    assert before == habit.before, "the message that came was changed"


@each_habit
def test_a_habit_switched_off_leaves_its_before_alone(habit):
    message, fired = normalise(sample(habit, habit.before), TOLERANT, {habit.name})
    assert message.body != habit.after
    assert habit.name not in fired


@each_habit
def test_no_habit_touches_what_another_one_made(habit):
    message = sample(habit, habit.after)
    rewritten, fired = normalise(message, TOLERANT)
    assert rewritten is message
    assert fired == []


@each_habit
def test_the_protocol_takes_the_after(habit):
    """It is in the RFC's shape: it is read under the strict profile, which serves no habits here."""
    kind, body = REGISTRY.resource_type(habit.resource_type), habit.after
    if habit.verb == "query":
        if "filter" in body:
            parse_filter(body["filter"], kind)
    elif habit.verb == "patch":
        plan(operations_of(decode_message(body, REGISTRY.messages["PatchOp"])), kind, RFC)
    else:
        decode_resource(body, kind, RFC)


@each_habit
def test_a_habit_applies_in_its_profiles_only(habit):
    for profile in PROFILES.values():
        _, fired = normalise(sample(habit, habit.before), profile)
        assert (habit.name in fired) == (profile.name in habit.profiles)


@each_habit
def test_a_tenant_switches_a_habit(habit):
    name = DIALECT + habit.name
    for profile in PROFILES.values():
        for position in ("on", "off"):
            assert read_switches([f"{name}={position}"], HABIT_SWITCHES) == {name: position}
            own = profile_of(profile.name, ((name, position),))
            _, fired = normalise(sample(habit, habit.before), own)
            assert (habit.name in fired) == (position == "on")
            assert HABIT_SWITCHES[name].position(own) == position


# The declarations


@each_entry
def test_an_entry_says_who_has_the_habit_and_where_that_is_shown(entry):
    assert entry.source.startswith("https://")
    assert entry.clients
    assert set(entry.clients) <= CLIENTS
    assert entry.summary
    assert set(entry.quirks) <= QUIRKS.keys()


def test_names_tell_entries_apart():
    assert len({entry.name for entry in ENTRIES}) == len(ENTRIES)


def test_what_is_no_habit_always_holds_or_has_a_switch_or_an_option():
    assert {courtesy.rule for courtesy in COURTESIES} <= {ALWAYS, ACCEPT_RAW, *SWITCHES}


def test_the_profiles_of_the_drafts_take_the_letter_case_of_op_and_nothing_else():
    for profile in (INTEROP, IPSIE):
        assert [habit.name for habit in HABITS if profile.name in habit.profiles] == ["op-case"]


def test_rfc_takes_what_the_two_largest_clients_cannot_do_without():
    assert {habit.name for habit in HABITS if RFC.name in habit.profiles} == {
        "op-case",
        "boolean-text",
        "bare-manager",
        "dotted-keys",
        "remove-by-value",
    }


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_what_follows_a_switch_stands_as_its_profiles_say(profile):
    for habit in HABITS:
        if habit.follows:
            assert habit.follows(profile) == (profile.name in habit.profiles)


def test_every_row_of_the_table_has_an_answer():
    assert list(QUIRKS) == list(range(1, 78))
    assert [number for number in QUIRKS if not answers(number)] == []


def test_the_page_is_as_the_catalogue_says():
    """`scim-server dialects page > docs/dialects.md` writes it."""
    assert PAGE.read_text() == page() + "\n"


# Whatever comes

KEYS = [
    *("schemas", "SCHEMAS", "Operations", "operations", "op", "OP", "path", "value", "filter", "sortBy", "attributes"),
    *("active", "roles", "members", "manager", "department", "emails", "emails.value", "name", "name.givenName", "id"),
    *("displayName", "title", "", "[", "emails[", "a]b[", "urn:", "x", ENTERPRISE, f"{ENTERPRISE}:manager.value"),
    *(f"{ENTERPRISE}.manager", 'emails[type eq "work"].value', 'emails[primary eq "True"]', "groups", "password"),
]
TEXTS = [
    *("", "x", "True", "false", "add", "Replace", "remove", "title", '{"value":"x"}', '{"value":' * 40, "\ud800", "\0"),
    *(
        'emails[type eq "work"].value eq x',
        'a[b] or (c[d eq "e"].f pr',
        "active eq True",
        "manager eq 7",
        "].",
        "]. ].",
    ),
    *("x[y].z", 'emails[type eq "a" or type eq "b"].value sw "c"', "emails[type pr].", "a.b eq eq", *KEYS),
]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.sampled_from(TEXTS) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | st.text(), inner, max_size=4),
    max_leaves=12,
)
operations = st.dictionaries(st.sampled_from(["op", "path", "value", "Path", "name"]), json_values, max_size=4)
bodies = (
    json_values
    | st.dictionaries(st.sampled_from(KEYS), json_values, max_size=5)
    | st.fixed_dictionaries({"Operations": st.lists(operations | json_values, max_size=3)})
)
verbs = st.sampled_from(["create", "replace", "patch", "query", "search", "bulk"])
kinds = st.sampled_from(["User", "Group"])


@given(verbs, kinds, bodies)
def test_no_shape_makes_a_habit_raise_or_change_what_came(verb, kind, body):
    before = copy.deepcopy(body)
    normalise(Message(verb, REGISTRY.resource_type(kind), body), TOLERANT)
    assert body == before


@given(verbs, kinds, bodies)
def test_what_was_put_right_once_stays(verb, kind, body):
    once, _ = normalise(Message(verb, REGISTRY.resource_type(kind), body), TOLERANT)
    again, _ = normalise(once, TOLERANT)
    assert again.body == once.body
