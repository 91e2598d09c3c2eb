"""RFC 7644 section 3.7: random bulks with random references, against single requests sent one after the other.

The reference sends nothing to /Bulk. It looks through what is left for the first operation whose references are
all settled and which overtakes nothing that touches what it changes, sends it alone, and looks again. Where that
one is part of a circle, it creates the members of the circle without the references and puts them after.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import databases
from tests.examples import EXAMPLES
from tests.worlds import ENTERPRISE, GROUP, PATCH_OP, USER, Connection, World, build

REQUEST = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
REFERENCE = re.compile(r"bulkId:(b\d)")
STATUS = {"PATCH": "200"}
"""What a bulk answers to a change, whether it answers the resource or not."""

Operation = dict[str, Any]

numbers = st.integers(0, 7)
references = numbers.map(lambda number: f"bulkId:b{number}")
ids = references | st.sampled_from(["old-user", "old-group", "nobody"])
names = st.sampled_from(["ana", "bo", "cy", "dee", "eve", "old"])
elements = st.lists(ids.map(lambda value: {"value": value}), max_size=3)


def extended(manager: str | None) -> dict[str, Any]:
    return {} if manager is None else {ENTERPRISE: {"manager": {"value": manager}}}


users = st.builds(
    lambda name, manager: ("/Users", {"schemas": [USER, ENTERPRISE], "userName": name, **extended(manager)}),
    names,
    st.none() | references,
)
groups = st.builds(
    lambda name, members: ("/Groups", {"schemas": [GROUP], "displayName": name, "members": members}), names, elements
)
member_changes = st.one_of(
    elements.map(lambda value: {"op": "add", "path": "members", "value": value}),
    elements.map(lambda value: {"op": "replace", "value": {"members": value}}),
    ids.map(lambda value: {"op": "remove", "path": f'members[value eq "{value}"]'}),
)
group_patches = st.builds(
    lambda target, changes: ("PATCH", f"/Groups/{target}", {"schemas": [PATCH_OP], "Operations": changes}),
    references | st.just("old-group"),
    st.lists(member_changes, min_size=1, max_size=2),
)
puts = st.builds(lambda made, target: ("PUT", f"{made[0]}/{target}", made[1]), users | groups, ids)
deletes = st.builds(
    lambda endpoint, target: ("DELETE", f"{endpoint}/{target}", None), st.sampled_from(["/Users", "/Groups"]), ids
)
posts = st.builds(lambda made: ("POST", *made), users | groups)


@st.composite
def bulks(draw: st.DrawFn) -> list[Operation]:
    """Up to eight operations; the nth POST has one of the eight bulkIds."""
    kinds = draw(st.lists(st.one_of(posts, posts, posts, group_patches, puts, deletes), min_size=1, max_size=8))
    bulk_ids = iter(draw(st.permutations(range(8))))
    return [
        {"method": method, "path": path, "data": data} | ({"bulkId": f"b{next(bulk_ids)}"} if method == "POST" else {})
        for method, path, data in kinds
    ]


@dataclass
class Reference:
    """Carries a bulk out by single requests; `statuses` by number."""

    client: Connection
    operations: list[Operation]
    most: int | None
    known: dict[str, str] = field(default_factory=dict)
    statuses: dict[int, str] = field(default_factory=dict)

    def run(self) -> list[str]:
        makers = {each["bulkId"]: number for number, each in enumerate(self.operations) if "bulkId" in each}
        wants = [{makers[x] for x in self.mentions(each) if x in makers} for each in self.operations]
        while len(self.statuses) < len(self.operations) and not self.is_over():
            left = [number for number in range(len(self.operations)) if number not in self.statuses]
            steps = ((number, self.circle(number, wants)) for number in left)
            number, members = next((n, c) for n, c in steps if c or self.is_ready(n, wants, left))
            if members:
                self.create_circle(members)
            else:
                self.statuses[number] = self.send(number, makers)
        return [self.statuses[number] for number in sorted(self.statuses)]

    def is_over(self) -> bool:
        return self.most is not None and sum(status >= "300" for status in self.statuses.values()) >= self.most

    def mentions(self, operation: Operation) -> set[str]:
        return set(REFERENCE.findall(json.dumps(operation)))

    def is_ready(self, number: int, wants: list[set[int]], left: list[int]) -> bool:
        return wants[number] <= self.statuses.keys() and not self.overtakes(number, left)

    def overtakes(self, number: int, left: list[int]) -> bool:
        """Whether something earlier that is still to be done touches what this one changes."""
        target = self.operations[number]["path"].split("/")[2:]
        return bool(target) and any(
            other < number and self.touches(self.operations[other], target[0]) for other in left
        )

    def touches(self, operation: Operation, target: str) -> bool:
        bulk_id = REFERENCE.fullmatch(target)
        return operation["path"].endswith(f"/{target}") or bool(bulk_id and bulk_id[1] in self.mentions(operation))

    def circle(self, number: int, wants: list[set[int]]) -> list[int] | None:
        """The circle that the operation is part of, if everything else that it needs is done."""
        reached = self.reached(number, wants)
        if number not in reached:
            return None
        members = {each for each in reached if number in self.reached(each, wants)}
        settled = members | self.statuses.keys()
        return sorted(members) if all(wants[each] <= settled for each in members) else None

    def reached(self, number: int, wants: list[set[int]]) -> set[int]:
        found: set[int] = set()
        new = wants[number] - self.statuses.keys()
        while new:
            found |= new
            new = {each for known in new for each in wants[known]} - found - self.statuses.keys()
        return found

    def send(self, number: int, makers: dict[str, int]) -> str:
        operation = self.operations[number]
        missing = [bulk_id for bulk_id in self.mentions(operation) if bulk_id not in self.known]
        if missing:
            return (
                "400/409"
                if {bulk_id in makers for bulk_id in missing} == {True, False}
                else ("409" if missing[0] in makers else "400")
            )
        answer = self.single(operation["method"], operation["path"], operation["data"])
        if operation["method"] == "POST" and answer.status_code == 201:
            self.known[operation["bulkId"]] = answer.json["id"]
        failed = answer.status_code >= 300
        return str(answer.status_code) if failed else STATUS.get(operation["method"], str(answer.status_code))

    def create_circle(self, members: list[int]) -> None:
        made: list[int] = []
        for number in members:
            operation = self.operations[number]
            missing = self.mentions(operation) - self.known.keys()
            answer = None
            if missing <= {self.operations[each]["bulkId"] for each in members}:
                answer = self.single("POST", operation["path"], self.without(operation["data"], missing))
            if answer is None or answer.status_code != 201:
                self.take_back(made)
                makers = {each.get("bulkId") for each in self.operations}
                unknown = "409" if missing <= makers else "400"
                self.statuses |= dict.fromkeys(members, "409")
                self.statuses[number] = str(answer.status_code) if answer is not None else unknown
                return
            self.known[operation["bulkId"]] = answer.json["id"]
            made.append(number)
        for number in members:
            operation = self.operations[number]
            answer = self.single("PUT", f"{operation['path']}/bulkId:{operation['bulkId']}", operation["data"])
            if answer.status_code != 200:  # a group cannot be anybody's manager, which shows once both are there
                self.take_back(made)
                self.statuses |= dict.fromkeys(members, "409")
                self.statuses[number] = str(answer.status_code)
                return
            self.statuses[number] = "201"

    def take_back(self, made: list[int]) -> None:
        for number in made:
            operation = self.operations[number]
            self.single("DELETE", f"{operation['path']}/bulkId:{operation['bulkId']}", None)
            del self.known[operation["bulkId"]]

    def without(self, data: dict[str, Any], missing: set[str]) -> dict[str, Any]:
        cut = {f"bulkId:{bulk_id}" for bulk_id in missing}
        kept = {key: value for key, value in data.items() if key != ENTERPRISE}
        if "members" in data:
            kept["members"] = [each for each in data["members"] if each["value"] not in cut]
        elif data.get(ENTERPRISE, {}).get("manager", {}).get("value") not in cut:
            kept[ENTERPRISE] = data[ENTERPRISE]
        return kept

    def single(self, method: str, path: str, data: Any) -> Any:
        written = json.dumps([path, data])
        for bulk_id, resource_id in self.known.items():
            written = written.replace(f"bulkId:{bulk_id}", resource_id)
        path, data = json.loads(written)
        return self.client.send(method, path, data)


def picture(client: Connection) -> dict[str, Any]:
    """The tenant by names instead of ids."""
    users, groups = client.find("/Users", "id pr"), client.find("/Groups", "id pr")
    known = {each["id"]: each["userName"] for each in users} | {each["id"]: each["displayName"] for each in groups}
    managers = {
        each["userName"]: known.get(each.get(ENTERPRISE, {}).get("manager", {}).get("value"), "nobody")
        for each in users
    }
    members = {
        each["displayName"]: sorted(known[member["value"]] for member in each.get("members", ())) for each in groups
    }
    return {"managers": managers, "members": members}


@pytest.fixture(scope="module", params=databases.KINDS)
def house(request: pytest.FixtureRequest) -> Iterator[World]:
    url = request.getfixturevalue(f"{request.param}_databases")()
    built = build(url, email_scope="tenant")
    yield built
    built.check()
    built.installation.database.dispose()
    databases.drop(url)


_numbers = count(1)


def furnished(house: World, operations: list[Operation]) -> tuple[Connection, list[Operation]]:
    """A tenant with a user and a group, and the operations with their ids."""
    client = house.connect(house.tenant(f"tenant{next(_numbers)}"))
    user = client.create_user("old")["id"]
    group = client.create_group("old group", user)["id"]
    written = json.dumps(operations).replace("old-user", user).replace("old-group", group)
    return client, json.loads(written)


@pytest.mark.covers("R-7644-3.7-13", "R-7644-3.7.1-01", "R-7644-3.7.2-01", "R-7644-3.7.2-02", "R-7644-3.7-06")
@settings(max_examples=EXAMPLES // 2, deadline=None, suppress_health_check=list(HealthCheck))
@given(operations=bulks(), most=st.none() | st.integers(1, 3))
def test_a_bulk_does_what_single_requests_do(house: World, operations: list[Operation], most: int | None) -> None:
    client, sent = furnished(house, operations)
    limit = {} if most is None else {"failOnErrors": most}
    answer = client.post("/Bulk", {"schemas": [REQUEST], "Operations": sent, **limit})
    assert answer.status_code == 200, answer.text
    other, expected = furnished(house, operations)
    statuses = Reference(other, expected, most).run()
    found = [result["status"] for result in answer.json["Operations"]]
    assert [a for a, b in zip(found, statuses, strict=True) if a not in b.split("/")] == [], (found, statuses)
    assert picture(client) == picture(other)
