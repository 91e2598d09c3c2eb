"""RFC 7644 section 3.5.2: PATCH on random documents against a reference too simple to be wrong.

The reference walks plain lists and compares with plain Python; it knows only what the strategies make.
"""

import copy
from dataclasses import dataclass
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from scim_server.dialects import Message, normalise
from scim_server.protocol.errors import NoTarget, ScimError
from scim_server.protocol.patching import apply, operations_of, plan
from scim_server.protocol.profiles import RFC, TOLERANT
from scim_server.protocol.registry import standard_registry
from tests.examples import long_run

USER = standard_registry().resource_type("User")
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

texts = st.sampled_from(["a", "A", "b", "é", "É", 'q"\\', "x y"])
kinds = st.sampled_from(["work", "Work", "home"])
profiles = st.sampled_from([RFC, TOLERANT])
simple_paths = st.sampled_from(
    [("title",), ("nickName",), ("name", "givenName"), ("name", "familyName"), (ENTERPRISE, "department")]
)


def without_none(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


elements = st.builds(
    without_none,
    value=texts,
    type=st.none() | kinds,
    display=st.none() | texts,
    primary=st.none() | st.just(False),
)
primaries = st.none() | st.integers(0, 3)


def identity(element: dict[str, Any]) -> tuple[Any, ...]:
    folded = {name: str(held).lower() for name, held in element.items() if held is not False}
    if "value" in folded:
        return (folded.get("type"), folded["value"])
    return tuple(sorted(folded.items()))


@st.composite
def lists_of_elements(draw: st.DrawFn) -> list[dict[str, Any]]:
    found = draw(st.lists(elements, max_size=4, unique_by=identity))
    chosen = draw(primaries)
    return [{**each, "primary": True} if n == chosen else each for n, each in enumerate(found)]


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    document: dict[str, Any] = {"userName": "anna"}
    for path in draw(st.lists(simple_paths, unique=True)):
        put(document, path, draw(texts))
    if emails := draw(lists_of_elements()):
        document["emails"] = emails
    return with_schemas(document)


@dataclass(frozen=True)
class Step:
    """One operation, in parts that the reference can read without a parser."""

    op: str
    path: tuple[str, ...] = ()
    terms: tuple[tuple[str, str], ...] = ()
    sub: str | None = None
    value: Any = None

    def operation(self) -> dict[str, Any]:
        head = ":".join(self.path) if self.path[0] == ENTERPRISE else ".".join(self.path)
        if self.terms:
            tests = (f"{name} eq {quoted(text)}" for name, text in self.terms)
            head += "[" + " and ".join(tests) + "]" + (f".{self.sub}" if self.sub else "")
        return without_none(op=self.op, path=head, value=self.value)


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


terms = st.dictionaries(st.sampled_from(["type", "value", "display"]), texts | kinds, min_size=1, max_size=2)
filters = terms.map(lambda found: tuple(found.items()))
writes = st.sampled_from(["add", "replace"])
steps = st.one_of(
    st.builds(Step, writes, simple_paths, value=texts),
    st.builds(Step, st.just("remove"), simple_paths),
    st.builds(Step, writes, st.just(("emails",)), value=lists_of_elements().filter(bool)),
    st.builds(Step, st.just("remove"), st.just(("emails",))),
    st.builds(Step, st.just("remove"), st.just(("emails",)), value=st.lists(elements, max_size=2)),
    st.builds(Step, st.just("remove"), st.just(("emails",)), filters),
    st.builds(Step, st.just("remove"), st.just(("emails",)), filters, st.just("display")),
    st.builds(Step, writes, st.just(("emails",)), filters, st.just("display"), texts),
)


# The reference


def put(document: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for key in path[:-1]:
        document = document.setdefault(key, {})
    document[path[-1]] = value


def with_schemas(document: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in document.items() if value not in ([], {}) and name != "schemas"}
    return {"schemas": [USER.schema.urn, *([ENTERPRISE] if ENTERPRISE in kept else [])], **kept}


def expected(document: dict[str, Any], step: Step, creates: bool) -> dict[str, Any]:
    after = copy.deepcopy(document)
    if step.path != ("emails",):
        if step.op == "remove":
            holder = after if len(step.path) == 1 else after.get(step.path[0], {})
            holder.pop(step.path[-1], None)
        else:
            put(after, step.path, step.value)
    elif step.terms:
        after["emails"] = filtered(after.get("emails", []), step, creates)
    else:
        after["emails"] = listed(after.get("emails", []), step)
    return with_schemas(after)


def listed(emails: list[dict[str, Any]], step: Step) -> list[dict[str, Any]]:
    if step.op == "replace":
        return copy.deepcopy(step.value)
    if step.op == "add":
        return united(emails, step.value)
    if step.value is None:
        return []
    return [each for each in emails if not any(named(each, wanted) for wanted in step.value)]


def named(element: dict[str, Any], wanted: dict[str, Any]) -> bool:
    return all(same(element.get(name), wanted[name]) for name in ("value", "type") if name in wanted)


def united(emails: list[dict[str, Any]], news: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for new in news:
        twin = next((each for each in emails if identity(each) == identity(new)), None)
        if twin is None:
            twin = dict(new)
            emails = [*emails, twin]
        else:
            twin.update({name: value for name, value in new.items() if not same(twin.get(name), value)})
        if new.get("primary"):
            for each in emails:
                if each is not twin and each.get("primary"):
                    each["primary"] = False
    return emails


def same(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    return (one or None) == (other or None)


def filtered(emails: list[dict[str, Any]], step: Step, creates: bool) -> list[dict[str, Any]]:
    found = [each for each in emails if all(same(each.get(name), text) for name, text in step.terms)]
    if step.op == "remove":
        if step.sub is None:
            return [each for each in emails if each not in found]
        for each in found:
            each.pop(step.sub, None)
        return [each for each in emails if set(each) - {"type", "primary"}]
    if not found:
        if step.op == "replace" and not creates:
            raise NoTarget("no match")
        return united(emails, [{**dict(step.terms), "display": step.value}])
    for each in found:
        each["display"] = step.value
    return emails


# The properties


def carried_out(document: dict[str, Any], some: list[Step], profile: Any) -> dict[str, Any]:
    return patched(document, [step.operation() for step in some], profile)


def patched(document: dict[str, Any], operations: list[dict[str, Any]], profile: Any) -> dict[str, Any]:
    """As a request is carried out: what is a habit of clients in this profile is put right first."""
    message, _ = normalise(Message("patch", USER, {"Operations": operations}), profile)
    return apply(document, plan(operations_of(message.body), USER, profile), USER, profile)


@long_run
@given(documents(), st.lists(steps, min_size=1, max_size=6), profiles)
def test_patch_agrees_with_the_reference(document: dict[str, Any], some: list[Step], profile: Any) -> None:
    """Also where the reference finds no target; and the input stays as it was."""
    before = copy.deepcopy(document)
    wanted: dict[str, Any] | None = document
    try:
        for step in some:
            wanted = expected(wanted, step, profile is TOLERANT)
    except NoTarget:
        wanted = None
    try:
        after = carried_out(document, some, profile)
    except NoTarget:
        after = None
    assert after == wanted
    assert document == before


@long_run
@given(documents(), steps, profiles)
def test_the_same_step_twice_is_a_no_op(document: dict[str, Any], step: Step, profile: Any) -> None:
    """C-34: clients retry. A step that changes what its own filter looks for is another step the second time."""
    assume(step.sub not in dict(step.terms))
    try:
        once = carried_out(document, [step], profile)
    except NoTarget:
        return
    try:
        assert carried_out(once, [step], profile) == once
    except NoTarget:
        assert step.terms


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | texts,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["value", "type", "primary", "givenName", "x", ""]), inner, max_size=3)
    ),
    max_leaves=6,
)
any_paths = st.sampled_from(
    [
        None,
        "title",
        "active",
        "name",
        "name.givenName",
        "emails",
        "emails.display",
        "emails[primary eq true]",
        'emails[type eq "work"].value',
        "emails[not (value pr)].primary",
        "schemas",
        "manager",
        ENTERPRISE,
        "id",
        "password",
        "x",
        "[",
    ]
)
any_operations = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "Replace", "remove"])}, optional={"path": any_paths, "value": json_values}
)


@long_run
@given(documents(), st.lists(any_operations, min_size=1, max_size=4), profiles)
def test_whatever_comes_is_carried_out_or_refused(
    document: dict[str, Any], operations: list[dict[str, Any]], profile: Any
) -> None:
    """No other error, no trace of a refused request, and never two primaries."""
    before = copy.deepcopy(document)
    try:
        after = patched(document, operations, profile)
    except ScimError:
        pass
    else:
        assert sum(email.get("primary") is True for email in after.get("emails", [])) <= 1
        assert after["userName"] == "anna"
    assert document == before
