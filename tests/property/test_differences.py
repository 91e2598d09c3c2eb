"""The operations between two documents are a PATCH that makes the one out of the other, in every profile."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scim_server.protocol.differences import PATCH_OP, operations_between, paths_between
from scim_server.protocol.patching import apply, operations_of, plan
from scim_server.protocol.paths import resolve
from scim_server.protocol.profiles import Profile
from scim_server.protocol.validation import settle
from tests.examples import long_run
from tests.property.test_patching import ENTERPRISE, USER, documents, profiles, texts, without_none

rest = st.builds(
    without_none,
    active=st.none() | st.booleans(),
    locale=st.none() | texts,
    roles=st.none() | st.lists(st.builds(dict, value=texts), max_size=3),
    phoneNumbers=st.none() | st.lists(st.builds(dict, value=texts, type=texts), max_size=2),
)
managers = st.none() | st.fixed_dictionaries({"manager": st.fixed_dictionaries({"value": texts})})


@st.composite
def whole(draw: st.DrawFn) -> dict[str, Any]:
    """A document as it is stored."""
    document = {**draw(documents()), **draw(rest)}
    manager = draw(managers)
    if manager is not None:
        document[ENTERPRISE] = {**document.get(ENTERPRISE, {}), **manager}
    return settle(document, USER)


@long_run
@given(whole(), whole(), profiles)
def test_they_make_the_one_out_of_the_other(before: dict[str, Any], after: dict[str, Any], profile: Profile) -> None:
    operations = operations_between(before, after, USER)
    if not operations:
        assert before == after
        return
    message = {"schemas": [PATCH_OP], "Operations": operations}
    assert apply(before, plan(operations_of(message), USER, profile), USER, profile) == after


@given(whole(), whole())
def test_each_path_names_what_is_different(before: dict[str, Any], after: dict[str, Any]) -> None:
    paths = paths_between(before, after, USER)
    assert len(paths) == len(set(paths))
    assert bool(paths) == (before != after)
    for path in paths:
        keys = resolve(path, USER).keys
        assert _at(before, keys) != _at(after, keys)


def _at(document: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        document = document.get(key) if isinstance(document, dict) else None
    return document
