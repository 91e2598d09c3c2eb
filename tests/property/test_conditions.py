"""A rule's condition has one meaning: asked of either database, and worked out in memory for each person."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_server.protocol.conditions import read_condition
from scim_server.protocol.matching import matches
from scim_server.protocol.normalising import search_copy
from scim_server.protocol.registry import standard_registry
from scim_server.resources.users import newcomer
from scim_server.services import tenancy
from tests import databases
from tests.examples import long_run
from tests.worlds import CAUSE, ENTERPRISE, World, build

KIND = standard_registry().resource_type("User")
WORDS = ("Sales", "sales", "SALES EMEA", "Support", "s", "", "100%", "a_b", "é", "E\u0301", 'say "hi"', "\\")
CORE = ("title", "userType", "nickName", "locale", "displayName", "externalId")
EXTENSION = ("department", "division", "costCenter", "organization")
ELEMENTS = ("emails", "phoneNumbers", "roles")
TYPES = ("work", "Work", "home")

words = st.sampled_from(WORDS)
elements = st.lists(
    st.fixed_dictionaries({"value": words.filter(bool)}, optional={"type": st.sampled_from(TYPES)}), max_size=2
)
documents = st.fixed_dictionaries(
    {"active": st.booleans()},
    optional={
        **dict.fromkeys(CORE, words),
        **dict.fromkeys(ELEMENTS, elements),
        "name": st.fixed_dictionaries({"familyName": words}),
        ENTERPRISE: st.fixed_dictionaries(
            {}, optional={**dict.fromkeys(EXTENSION, words), "manager": st.fixed_dictionaries({"value": words})}
        ),
    },
)
literals = words.map(lambda word: '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"')
operators = st.sampled_from(["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"])


def terms_on(*names: str) -> st.SearchStrategy[str]:
    """One comparison or `pr` on one of the attributes."""
    compared = st.tuples(st.sampled_from(names), operators, literals).map(" ".join)
    return st.one_of(compared, st.sampled_from(names).map("{} pr".format))


def joined(terms: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.recursive(
        terms,
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda parts: f"({' '.join(parts)})"),
            inner.map("not ({})".format),
        ),
        max_leaves=4,
    )


conditions = joined(
    st.one_of(
        terms_on(*CORE, *EXTENSION, "name.familyName", "manager.value", f"{ENTERPRISE}:department"),
        st.sampled_from(["active eq true", "active eq false", "manager pr", "name pr", "costCenter eq null"]),
        st.tuples(st.sampled_from(ELEMENTS), joined(terms_on("value", "type"))).map(
            lambda pair: "{}[{}]".format(*pair)
        ),
    )
)


@pytest.fixture(scope="module")
def worlds(sqlite_databases: databases.Fresh, postgresql_databases: databases.Fresh) -> Iterator[list[World]]:
    """One installation with a tenant acme on each database."""
    urls = [sqlite_databases(), postgresql_databases()]
    built = [build(url) for url in urls]
    for world in built:
        world.tenant("acme")
    yield built
    for world, url in zip(built, urls, strict=True):
        world.installation.database.dispose()
        databases.drop(url)


@long_run
@given(people=st.lists(documents, max_size=6), texts=st.lists(conditions, min_size=1, max_size=5))
def test_who_meets_a_condition_is_the_same_in_both_databases_and_in_memory(
    worlds: list[World], people: list[dict[str, Any]], texts: list[str]
) -> None:
    """The people are taken in and never committed."""
    for world in worlds:
        with world.units.write(tenancy.tenant(world.units, "acme"), CAUSE) as uow:
            users = [
                newcomer({**document, "userName": f"person-{number}"}, "test").begun(uow.new_id(), uow.now)
                for number, document in enumerate(people)
            ]
            for user in users:
                uow.users.add(user)
            asked = {str(number): text for number, text in enumerate(texts)}
            expected = {
                (user.id, rule)
                for user, document in zip(users, people, strict=True)
                for rule, text in asked.items()
                if matches(read_condition(text, KIND), search_copy(document, KIND))
            }
            found = uow.conditions.meeting(asked)
            assert len(found) == len(set(found))
            assert set(found) == expected
            some = {user.id for user in users[::2]}
            assert set(uow.conditions.meeting(asked, some)) == {pair for pair in expected if pair[0] in some}
