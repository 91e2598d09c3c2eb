"""Every traffic file that ships is sound: well-formed, sourced, and able to be played from its first step."""

import re
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from scim_conformance.expectations import type_names
from scim_conformance.flows import Flow, Step, UnsoundFlowError, available, load, load_client
from scim_conformance.templates import variables_of

FLOWS = {name: load(name) for name in available()}
README = Path(__file__).parents[3] / "conformance" / "README.md"
LIFECYCLES = {
    "okta/catalog-lifecycle",
    "okta/custom-app-lifecycle",
    "okta/group-push",
    "entra/default-lifecycle",
    "entra/aadoptscim062020-lifecycle",
    "entra/group-push-default",
    "entra/group-push-flag",
}

UNSEEN = {
    55: "requests in flight at the same time; a file is played in order (tests/http/test_concurrency.py)",
}
"""Habits that no file can show, and why."""

each_flow = pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS.keys())
each_demo = pytest.mark.parametrize("flow", [FLOWS["demo/okta"], FLOWS["demo/entra"]], ids=["okta", "entra"])


def needed_by(step: Step) -> set[str]:
    """Variables that must have a value before the step; its answer is compared after its captures."""
    request = [step.settled, step.request.path, step.request.headers, step.request.body]
    return set(variables_of(request)) | (compared_by(step) - set(step.capture))


def compared_by(step: Step) -> set[str]:
    return set(variables_of([step.response.headers, step.response.body]))


def matchers_of(expected: object) -> list[dict[str, object]]:
    """Every object of an expectation that holds a `$` member."""
    if isinstance(expected, list):
        return [matcher for element in expected for matcher in matchers_of(element)]
    if not isinstance(expected, dict):
        return []
    own = [expected] if any(name.startswith("$") and name != "$ref" for name in expected) else []
    return own + [matcher for value in expected.values() for matcher in matchers_of(value)]


def names_created(flow: Flow) -> set[str]:
    bodies = [step.request.body for step in flow.steps if step.request.method == "POST"]
    return {body.get("userName", body["displayName"]) for body in bodies}


CLIENTS = {
    "authentik",
    "aws",
    "cyberark",
    "duo",
    "entra",
    "entra-validator",
    "google",
    "jumpcloud",
    "keycloak",
    "okta",
    "onelogin",
    "oracle",
    "ping",
    "polis",
    "postman",
    "rippling",
    "sailpoint",
    "scimgateway",
}


def test_both_large_clients_have_their_lifecycles_and_group_pushes() -> None:
    assert set(FLOWS) >= LIFECYCLES


def test_every_client_has_a_file() -> None:
    assert {flow.client for flow in FLOWS.values()} >= CLIENTS


@each_flow
def test_a_file_lies_where_its_client_and_flow_say(flow: Flow) -> None:
    place = f"demo/{flow.client}" if flow.flow == "demo" else f"{flow.client}/{flow.flow}"
    assert flow.name == place


@each_flow
def test_each_step_names_an_address_as_its_source(flow: Flow) -> None:
    for step in flow.steps:
        address = urlsplit(step.source)
        assert address.scheme == "https", step.title
        assert "." in address.netloc, step.title


@each_flow
def test_step_titles_are_unique(flow: Flow) -> None:
    titles = [step.title for step in flow.steps]
    assert len(titles) == len(set(titles))


@each_flow
def test_each_variable_has_a_value_before_it_is_used(flow: Flow) -> None:
    known = set(flow.variables)
    for step in flow.steps:
        assert needed_by(step) <= known, step.title
        known |= set(step.capture)


@each_flow
def test_each_capture_is_used_later(flow: Flow) -> None:
    for number, step in enumerate(flow.steps):
        used = {name for later in flow.steps[number + 1 :] for name in needed_by(later)}
        assert set(step.capture) <= used | compared_by(step), step.title


@each_flow
def test_requests_are_relative_to_the_base_address(flow: Flow) -> None:
    for step in flow.steps:
        for path in filter(None, [step.request.path, step.settled]):
            assert path.startswith("/"), step.title
            assert not path.startswith("//") or 36 in step.habits, step.title
            assert "%" not in path, step.title


@each_flow
def test_only_bodies_that_a_method_carries_are_sent(flow: Flow) -> None:
    for step in flow.steps:
        carries = step.request.method in {"POST", "PUT", "PATCH"}
        assert carries == (step.request.body is not None), step.title


@each_flow
def test_statuses_are_statuses_and_matchers_are_known(flow: Flow) -> None:
    for step in flow.steps:
        assert step.response.status, step.title
        assert all(200 <= status < 600 for status in step.response.status), step.title
        for matcher in matchers_of(step.response.body):
            assert set(matcher) in ({"$only"}, {"$type"}, {"$matches"}), step.title
            assert matcher.get("$type", "string") in type_names(), step.title


@each_flow
def test_habits_are_explained_in_the_readme(flow: Flow) -> None:
    rows = re.findall(r"^\| ([\d, ]+) \|", README.read_text(encoding="utf-8"), re.MULTILINE)
    explained = {int(number) for row in rows for number in row.split(",")}
    assert set(flow.habits) <= explained


def test_every_habit_is_shown_by_some_step() -> None:
    """All rows of the README's table; those named in UNSEEN must really be unseen."""
    shown = {habit for flow in FLOWS.values() for habit in flow.habits}
    assert shown == set(range(1, 78)) - set(UNSEEN)


@each_flow
def test_addresses_are_invented(flow: Flow) -> None:
    """Only domains that RFC 2606 reserves for examples."""
    assert re.fullmatch(r"(\w+\.)?example\.(com|net|org)", flow.variables["domain"])


@pytest.mark.parametrize("name", sorted(set(FLOWS) - {"demo/okta", "demo/entra"}))
def test_a_lifecycle_takes_fresh_names_and_reads_what_it_wrote(name: str) -> None:
    flow = FLOWS[name]
    assert flow.variables["run"] is None
    assert any(step.request.method == "GET" and step.response.body for step in flow.steps)
    for step in flow.steps:
        if step.request.method == "POST" and 201 in step.response.status:
            assert "run" in set(variables_of(step.request.body)), step.title


def test_the_two_demo_stories_share_no_person_and_no_group() -> None:
    okta, entra = FLOWS["demo/okta"], FLOWS["demo/entra"]
    assert okta.variables["domain"] != entra.variables["domain"]
    assert not names_created(okta) & names_created(entra)


@each_demo
def test_every_demo_step_can_be_resumed_and_states_its_seats(flow: Flow) -> None:
    for step in flow.steps:
        assert step.settled, step.title
        assert step.seats, step.title


@each_demo
def test_demo_seats_add_up_to_what_was_bought(flow: Flow) -> None:
    bought = {"meeting": 5, "webinar": 2, "training": 1}
    for step in flow.steps:
        for product, row in step.seats.items():
            assert set(row) == {"assigned", "waiting", "free"}, step.title
            assert row["assigned"] + row["free"] == bought[product], step.title
            assert not (row["waiting"] and row["free"]), step.title


@each_demo
def test_in_each_demo_seats_run_out_and_one_who_waited_is_promoted(flow: Flow) -> None:
    product = "webinar" if flow.client == "okta" else "training"
    rows = [step.seats[product] for step in flow.steps]
    promotions = [after for before, after in pairwise(rows) if after["waiting"] < before["waiting"]]
    assert promotions
    assert all(row["free"] == 0 for row in promotions)


def test_a_client_is_loaded_with_all_its_flows() -> None:
    assert [flow.name for flow in load_client("demo")] == ["demo/entra", "demo/okta"]


def test_an_unknown_flow_or_client_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnsoundFlowError, match=r"there are .*okta/group-push"):
        load("okta/none")
    with pytest.raises(UnsoundFlowError, match=r"there are authentik, .*, okta, "):
        load_client("none")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "cannot be read as JSON"),
        ("[]", "an object is expected"),
        ('{"client": "x"}', "flow is missing"),
        ('{"client": 1, "flow": "", "title": "", "about": "", "profile": "", "steps": []}', "client must be"),
        (
            '{"client": "x", "flow": "", "title": "", "about": "", "profile": "", "steps": [{"title": "a",'
            ' "source": "", "request": {"method": "GET", "path": "/"}, "response": {"statuses": [200]}}]}',
            "step 1, response: status is missing",
        ),
        (
            '{"client": "x", "flow": "", "title": "", "about": "", "profile": "", "steps": [], "step": []}',
            "step is not a member",
        ),
    ],
)
def test_a_file_of_another_form_is_refused_with_the_place(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "flow.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UnsoundFlowError, match=reason):
        load(file)
