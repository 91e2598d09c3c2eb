"""RFC 7643 section 2: characteristics and types, of an extension's attributes on users, groups and described resources.

One extension has all of them; it extends three resource types by schema files alone.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from scim_server.domain.events import Cause
from scim_server.services import tenancy
from tests.http.refusals import check_refusal, unchanged
from tests.worlds import GROUP, USER, Connection, World

ASSET = "urn:example:params:scim:schemas:core:2.0:Asset"
TRAITS = "urn:example:params:scim:schemas:extension:traits:2.0:Any"

_numbers = count(1)


@dataclass
class Host:
    """A resource type that the extension extends, seen by one connection."""

    client: Connection
    endpoint: str
    urn: str
    name: str

    def body(self, traits: dict[str, Any], **attributes: Any) -> dict[str, Any]:
        named = {self.name: f"resource {next(_numbers)}".replace(" ", "-")}
        return {"schemas": [self.urn, TRAITS], **named, **attributes, TRAITS: traits}

    def post(self, traits: dict[str, Any], query: str = "") -> TestResponse:
        return self.client.post(self.endpoint + query, self.body(traits))

    def make(self, **traits: Any) -> dict[str, Any]:
        answer = self.post(traits)
        assert answer.status_code == 201, answer.text
        return answer.json

    def address(self, made: dict[str, Any]) -> str:
        return f"{self.endpoint}/{made['id']}"

    def put(self, made: dict[str, Any], traits: dict[str, Any]) -> TestResponse:
        return self.client.put(self.address(made), {**self.body(traits), self.name: made[self.name]})

    def patch(self, made: dict[str, Any], op: str, path: str, *value: Any) -> TestResponse:
        given = {"value": value[0]} if value else {}
        operation = {"op": op, "path": f"{TRAITS}:{path}", **given}
        return self.client.patch(f"{self.address(made)}?excludedAttributes=none", operation)

    def read(self, made: dict[str, Any], query: str = "") -> dict[str, Any]:
        answer = self.client.get(self.address(made) + query)
        assert answer.status_code == 200, answer.text
        return answer.json.get(TRAITS, {})

    def matches(self, made: dict[str, Any], test: str) -> bool:
        found = self.client.find(self.endpoint, f"{TRAITS}:{test}")
        return made["id"] in {each["id"] for each in found}


HOSTS = {
    "users": ("/Users", USER, "userName"),
    "groups": ("/Groups", GROUP, "displayName"),
    "assets": ("/Assets", ASSET, "label"),
}


@pytest.fixture(params=HOSTS)
def host(request: pytest.FixtureRequest, reader: Connection) -> Host:
    return Host(reader, *HOSTS[request.param])


@pytest.mark.covers("R-7643-3.3-03", "R-7643-3.3-01", "R-7643-2.2-09")
def test_an_extension_is_kept_searched_sorted_and_projected(host: Host) -> None:
    first, second = host.make(exact="b", title="One"), host.make(exact="a", title="Two")
    assert first["schemas"] == [host.urn, TRAITS]
    assert first[TRAITS] == host.read(first) == {"exact": "b", "title": "One"}
    assert host.matches(first, 'title eq "ONE"')
    assert not host.matches(second, 'title eq "ONE"')
    found = host.client.get(f"{host.endpoint}?sortBy={quote(TRAITS)}:exact").json["Resources"]
    assert [each["id"] for each in found] == [second["id"], first["id"]]
    assert host.read(first, f"?attributes={TRAITS}:title") == {"title": "One"}
    assert host.read(first, f"?excludedAttributes={TRAITS}:title") == {"exact": "b"}
    assert host.patch(first, "remove", "title").json[TRAITS] == {"exact": "b"}
    emptied = host.patch(first, "remove", "exact").json
    assert (TRAITS in emptied, emptied["schemas"]) == (False, [host.urn])


@pytest.mark.covers("R-7643-3.3-04")
def test_one_name_in_core_and_extension_stays_apart(reader: Connection) -> None:
    made = reader.create_user("ana", title="Chief", **{TRAITS: {"title": "Dr"}})
    for path, text, hits in (
        ("title", "Chief", 1),
        ("title", "Dr", 0),
        (f"{TRAITS}:title", "Dr", 1),
        (f"{TRAITS}:title", "Chief", 0),
    ):
        assert len(reader.find("/Users", f'{path} eq "{text}"')) == hits
    shown = reader.get(f"/Users/{made['id']}?attributes={TRAITS}:title").json
    assert (shown[TRAITS], "title" in shown) == ({"title": "Dr"}, False)
    patched = reader.patch(f"/Users/{made['id']}", {"op": "replace", "path": f"{TRAITS}:title", "value": "Prof"}).json
    assert (patched["title"], patched[TRAITS]) == ("Chief", {"title": "Prof"})


@pytest.mark.covers("R-7643-2.2-11", "R-7643-2.2-03")
@pytest.mark.parametrize(
    ("name", "value", "same", "other"),
    [("badge", "Ab-1", "aB-1", "Ab-2"), ("serial", "x", "x", "X"), ("number", 7, 7, 8)],
)
def test_a_value_is_unique_in_the_tenant(
    host: Host, library: World, name: str, value: Any, same: Any, other: Any
) -> None:
    first, second = host.make(**{name: value}), host.make(**{name: other})
    with unchanged(library):
        check_refusal(host.post({name: same}), 409, "uniqueness", f"{TRAITS}:{name}")
        check_refusal(host.put(second, {name: same}), 409, "uniqueness", name)
        check_refusal(host.patch(second, "replace", name, same), 409, "uniqueness", name)
    assert host.put(first, {name: same, "title": "kept"}).status_code == 200
    assert host.patch(first, "replace", name, 99 if name == "number" else "freed").status_code == 200
    assert host.patch(second, "replace", name, same).status_code == 200
    assert host.client.delete(host.address(second)).status_code == 204
    assert host.make(**{name: same})[TRAITS] == {name: same}


@pytest.mark.covers("R-7643-2.2-11")
def test_values_of_list_elements_are_unique(host: Host) -> None:
    first = host.make(lockers=[{"value": "1"}, {"value": "2", "type": "work"}])
    check_refusal(host.post({"lockers": [{"value": "3"}, {"value": "2"}]}), 409, "uniqueness", "lockers.value")
    assert host.patch(first, "remove", 'lockers[value eq "2"]').status_code == 200
    host.make(lockers=[{"value": "3"}, {"value": "2"}])


@pytest.mark.covers("R-7643-2.2-11")
def test_unique_values_are_kept_for_each_type_and_tenant(reader_as: Any) -> None:
    for reader in (reader_as("tolerant"), reader_as("rfc")):
        for kind in HOSTS.values():
            Host(reader, *kind).make(badge="b1", serial="s1", number=1)


@pytest.mark.covers("R-7643-2.2-12")
def test_of_two_creates_with_one_value_one_succeeds(host: Host, library: World) -> None:
    def create(_: int) -> int:
        client = library.same_client(host.client)
        return client.post(host.endpoint, host.body({"badge": "same"})).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(create, range(8))) == [201, *[409] * 7]


@pytest.mark.covers("R-7643-2.2-13", "R-7644-6-02")
def test_a_global_value_is_unique_across_tenants_and_tells_nothing(reader_as: Any, library: World) -> None:
    one, other = reader_as("tolerant"), reader_as("tolerant")
    key = f"key-{next(_numbers)}"
    made = Host(one, *HOSTS["users"]).make(passport=key)
    with unchanged(library):
        for kind in HOSTS.values():
            answer = Host(other, *kind).post({"passport": key})
            check_refusal(answer, 409, "uniqueness", "passport")
            assert one.slug not in answer.text
            assert made["id"] not in answer.text
    one.delete(f"/Users/{made['id']}")
    Host(other, *HOSTS["assets"]).make(passport=key)


def test_a_unique_value_has_a_length_that_an_index_holds(host: Host, library: World) -> None:
    host.make(serial="x" * 512)
    with unchanged(library):
        check_refusal(host.post({"serial": "y" * 513}), 400, "invalidValue", "512")


@pytest.mark.covers("R-7644-3.5.1-05", "C-41")
@pytest.mark.covers("R-7643-2.2-05", "R-7644-3.5.2.1-08")
def test_an_immutable_value_is_set_once(host: Host, library: World) -> None:
    made, text = host.make(title="x"), "2026-11-22T01:02:03Z"
    assert host.patch(made, "add", "hireDate", text).json[TRAITS]["hireDate"] == text
    assert host.put(made, {"hireDate": text}).status_code == 200
    assert host.put(made, {"hireDate": "2026-11-22T02:02:03+01:00"}).status_code == 200
    with unchanged(library):
        for answer in (
            host.put(made, {"hireDate": "2026-11-23T01:02:03Z"}),
            host.put(made, {}),
            host.patch(made, "replace", "hireDate", "2026-11-23T01:02:03Z"),
            host.patch(made, "remove", "hireDate"),
        ):
            check_refusal(answer, 400, "mutability", "hireDate")


@pytest.mark.covers("R-7643-2.2-04")
def test_a_read_only_value_is_ignored_or_refused(host: Host, library: World) -> None:
    made = host.make(assigned="mine", title="x")
    assert made[TRAITS] == {"title": "x"}
    assert TRAITS not in host.put(made, {"assigned": "mine"}).json
    with unchanged(library):
        check_refusal(host.patch(made, "replace", "assigned", "mine"), 400, "mutability", "assigned")


@pytest.mark.covers("R-7643-2.2-06", "R-7643-7-02")
def test_a_write_only_value_is_taken_and_kept_nowhere(host: Host, library: World) -> None:
    made = host.make(pin="canary-93c1", title="x")
    assert host.patch(made, "replace", "pin", "canary-93c1").json[TRAITS] == {"title": "x"}
    assert host.put(made, {"pin": "canary-93c1", "title": "x"}).json[TRAITS] == {"title": "x"}
    for table in ("users", "groups", "resources", "outbox"):
        assert "canary-93c1" not in repr(library.rows(table))
    assert "canary-93c1" not in repr(library.trail())
    published = host.client.get(f"/Schemas/{TRAITS}").json["attributes"]
    assert "pin" not in [attribute["name"] for attribute in published]


@pytest.mark.covers("R-7643-2.2-07", "R-7643-2.2-08")
def test_values_returned_always_and_never(host: Host, library: World) -> None:
    made = host.make(marker="m", hidden="canary", title="x")
    assert made[TRAITS] == {"marker": "m", "title": "x"}
    assert host.read(made, f"?attributes={TRAITS}:title") == {"marker": "m", "title": "x"}
    assert host.read(made, f"?excludedAttributes={TRAITS}") == {"marker": "m"}
    assert host.read(made, f"?attributes={TRAITS}:hidden") == {"marker": "m"}
    assert "canary" not in host.patch(made, "replace", "hidden", "canary").text
    filter_ = quote(f'{TRAITS}:hidden eq "canary"')
    check_refusal(host.client.get(f"{host.endpoint}?filter={filter_}"), 400, "invalidFilter", "hidden")


@pytest.mark.covers("R-7643-2.2-10", "C-79")
def test_a_value_returned_on_request(host: Host) -> None:
    answer = host.post({"notes": "n", "title": "x", "desk": {"room": 1, "code": "c"}})
    made = answer.json
    assert made[TRAITS] == {"notes": "n", "title": "x", "desk": {"room": 1, "code": "c"}}
    assert host.read(made) == {"title": "x", "desk": {"room": 1}}
    assert [found["id"] for found in host.client.find(host.endpoint, f'{TRAITS}:notes eq "N"')] == [made["id"]]
    assert host.read(made, f"?attributes={TRAITS}:notes") == {"notes": "n"}
    assert host.read(made, f"?attributes={TRAITS}:desk.code") == {"desk": {"code": "c"}}
    assert host.put(made, {"notes": "n2"}).json[TRAITS] == {"notes": "n2"}
    assert host.patch(made, "replace", "notes", "n3").json[TRAITS]["notes"] == "n3"
    assert "notes" not in host.patch(made, "replace", "title", "y").json[TRAITS]
    assert host.patch(made, "add", "desk", {"room": 1, "code": "d"}).json[TRAITS]["desk"] == {"room": 1, "code": "d"}


@pytest.mark.covers("R-7643-2.2-14")
def test_canonical_values_are_open_or_closed(reader_as: Any, library: World) -> None:
    for profile in ("tolerant", "rfc"):
        reader = reader_as(profile)
        hosts = [Host(reader, *kind) for kind in HOSTS.values()]
        for host in hosts:
            assert host.make(grade="medium")[TRAITS] == {"grade": "medium"}
        tenant = tenancy.tenant(library.units, reader.slug)
        cause = Cause("test", "test", "test")
        tenancy.set_terms(library.units, tenant, cause, switches={"canonical_values": "closed"})
        for host in hosts:
            made = host.make(grade="HIGH", lockers=[{"value": f"{profile}{next(_numbers)}", "type": "Work"}])
            with unchanged(library):
                check_refusal(host.post({"grade": "medium"}), 400, "invalidValue", "low, high")
                check_refusal(host.patch(made, "replace", "grade", "medium"), 400, "invalidValue", "grade")
                element = {"lockers": [{"value": "1", "type": "swim"}]}
                check_refusal(host.post(element), 400, "invalidValue", "lockers.type")


@pytest.mark.covers("R-7643-2.2-03")
def test_letter_case_counts_where_the_schema_says_so(host: Host) -> None:
    made = host.make(exact="Ab", title="Ab")
    assert made[TRAITS] == {"exact": "Ab", "title": "Ab"}
    assert [host.matches(made, f'{name} eq "aB"') for name in ("exact", "title")] == [False, True]
    assert [host.matches(made, f'{name} co "B"') for name in ("exact", "title")] == [False, True]


@pytest.mark.covers("R-7643-2.3.3-01")
def test_a_decimal_is_exact(host: Host, library: World) -> None:
    made = host.make(score=0.1)
    assert '"score":0.1' in host.client.get(host.address(made)).text
    for test, hit in (("eq 0.1", True), ("gt 0.1", False), ("ge 0.10", True), ("eq 1e-1", True), ("eq 0.2", False)):
        assert host.matches(made, f"score {test}") is hit, test
    assert host.patch(made, "replace", "score", 123456789.012345).json[TRAITS]["score"] == 123456789.012345
    assert host.matches(made, "score eq 123456789.012345")
    body = f'{{"schemas":["{host.urn}"],"{host.name}":"x","{TRAITS}":{{"score":0.12345678901234567891}}}}'
    with unchanged(library):
        check_refusal(host.client.post(host.endpoint, body), 400, "invalidSyntax", "digits")
        check_refusal(host.post({"score": "0.1"}), 400, "invalidValue", "score")


@pytest.mark.covers("R-7643-2.3.4-01")
@pytest.mark.parametrize("text", ["1.5", "1e3", "1.0", '"1"', "true", "9223372036854775808"])
def test_an_integer_has_no_fraction_or_exponent(host: Host, library: World, text: str) -> None:
    body = f'{{"schemas":["{host.urn}"],"{host.name}":"x","{TRAITS}":{{"level":{text}}}}}'
    scim_type = "invalidSyntax" if len(text) > 10 else "invalidValue"
    with unchanged(library):
        check_refusal(host.client.post(host.endpoint, body), 400, scim_type)


def test_integers_compare_as_numbers(host: Host) -> None:
    made = host.make(level=9007199254740993, levels=[10, 9])
    assert host.read(made)["level"] == 9007199254740993
    assert host.matches(made, "level eq 9007199254740993")
    assert not host.matches(made, "level eq 9007199254740992")
    assert host.matches(made, "levels eq 9")
    assert host.matches(made, "levels gt 9")
    assert not host.matches(made, "levels lt 9")


@pytest.mark.covers("R-7643-2.3.5-01", "R-7643-2.3.5-02")
def test_a_date_time_keeps_its_offset_and_compares_as_an_instant(host: Host, library: World) -> None:
    text = "2026-11-22T01:02:03+05:30"
    made = host.make(reviewed=text)
    assert host.read(made) == {"reviewed": text}
    assert host.matches(made, 'reviewed eq "2026-11-21T19:32:03Z"')
    assert host.matches(made, 'reviewed lt "2026-11-22T00:00:00Z"')
    with unchanged(library):
        check_refusal(host.post({"reviewed": "2026-11-22"}), 400, "invalidValue", "reviewed")


@pytest.mark.covers("R-7643-2.3.6-01", "R-7643-2.3.6-02")
def test_binary_is_base64_and_has_no_order(host: Host, library: World) -> None:
    made = host.make(blob="AQI")
    assert host.matches(made, 'blob eq "AQI"')
    assert not host.matches(made, 'blob eq "aqi"')
    with unchanged(library):
        for text in ("%%%", "AQ\nI=", "A"):
            check_refusal(host.post({"blob": text}), 400, "invalidValue", "blob")
    filter_ = quote(f'{TRAITS}:blob gt "A"')
    check_refusal(host.client.get(f"{host.endpoint}?filter={filter_}"), 400, "invalidFilter", "blob")


@pytest.mark.covers("R-7643-2.3.2-01")
def test_a_boolean_is_true_or_false(host: Host, library: World) -> None:
    made = host.make(remote=False)
    assert host.matches(made, "remote eq false")
    assert not host.matches(made, "remote eq true")
    with unchanged(library):
        check_refusal(host.post({"remote": 1}), 400, "invalidValue", "remote")


@pytest.mark.covers("R-7643-2.3.1-01")
def test_text_is_kept_as_it_came(host: Host) -> None:
    text = " e\u0301 \u202eabc\u202c \U0001f469\u200d\U0001f680 "
    assert host.make(title=text)[TRAITS] == {"title": text}


@pytest.mark.covers("R-7643-2.2-15")
def test_a_reference_to_another_type_is_refused(host: Host, library: World) -> None:
    client = host.client
    user, group = client.create_user("ana")["id"], client.create_group("staff")["id"]
    asset = client.post("/Assets", {"schemas": [ASSET], "label": "desk"}).json["id"]
    made = host.make(friend=f"Users/{user}", watchers=[{"value": user, "type": "User"}, {"value": group}])
    for text in (f"{_base(client)}/Users/{user}", user, "https://other.example.com/people/1", "Users/unknown"):
        assert host.patch(made, "replace", "friend", text).json[TRAITS]["friend"] == text
    with unchanged(library):
        for text in (f"Groups/{group}", f"{_base(client)}/Groups/{group}", asset):
            check_refusal(host.post({"friend": text}), 400, "invalidValue", "friend")
            check_refusal(host.patch(made, "replace", "friend", text), 400, "invalidValue", "expected User")
        for watcher in ({"value": asset}, {"$ref": f"../Assets/{asset}"}):
            check_refusal(host.post({"watchers": [watcher]}), 400, "invalidValue", "User or Group")
            check_refusal(host.patch(made, "add", "watchers", [watcher]), 400, "invalidValue", "of type Asset")


def _base(client: Connection) -> str:
    return f"https://seats.example.com/scim/{client.slug}/v2"


@pytest.mark.covers("R-7643-2.2-15")
def test_a_member_of_another_type_than_it_says_is_refused(reader: Connection, library: World) -> None:
    user = reader.create_user("ana")["id"]
    asset = reader.post("/Assets", {"schemas": [ASSET], "label": "desk"}).json["id"]
    group = reader.create_group("staff")
    address = f"/Groups/{group['id']}"
    with unchanged(library):
        for member in ({"value": user, "type": "Group"}, {"value": asset, "type": "User"}):
            body = {"schemas": [GROUP], "displayName": "other", "members": [member]}
            check_refusal(reader.post("/Groups", body), 400, "invalidValue", member["value"])
            check_refusal(reader.put(address, body), 400, "invalidValue", member["type"])
            operation = {"op": "add", "path": "members", "value": [member]}
            check_refusal(reader.patch(address, operation), 400, "invalidValue", "type")
    operation = {"op": "add", "path": "members", "value": [{"value": user, "type": "user"}]}
    assert reader.patch(address, operation).status_code == 204


@pytest.mark.covers("R-7643-2.2-15", "R-7643-4.3-01")
def test_a_manager_is_a_user(reader: Connection, library: World) -> None:
    enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    group = reader.create_group("staff")["id"]
    with unchanged(library):
        body = {"schemas": [USER], "userName": "ben", enterprise: {"manager": {"value": group}}}
        check_refusal(reader.post("/Users", body), 400, "invalidValue", "of type Group")


@pytest.mark.covers("R-7643-2.4-01", "R-7643-2.4-02")
def test_at_most_one_element_is_primary(host: Host, library: World) -> None:
    two = [{"value": "1", "primary": True}, {"value": "2", "primary": True}]
    made = host.make(lockers=[{"value": "1", "primary": True}, {"value": "2"}])
    assert host.matches(made, "lockers[primary eq false]")
    with unchanged(library):
        check_refusal(host.post({"lockers": two}), 400, "invalidValue", "primary")
        check_refusal(host.patch(made, "replace", "lockers", two), 400, "invalidValue", "primary")
    moved = host.patch(made, "replace", 'lockers[value eq "2"].primary', True).json[TRAITS]["lockers"]
    assert [element["value"] for element in moved if element.get("primary")] == ["2"]


@pytest.mark.covers("R-7643-2.4-03", "R-7643-2.4-04", "R-7643-2.3.8-02")
def test_elements_are_told_apart_by_type_and_value(host: Host) -> None:
    made = host.make(lockers=[{"value": "1", "type": "work"}, {"type": "work", "value": "1"}, {"value": "1"}])
    assert made[TRAITS]["lockers"] == [{"value": "1", "type": "work"}, {"value": "1"}]
    again = host.patch(made, "add", "lockers", [{"type": "work", "value": "1"}])
    assert again.json["meta"] == made["meta"]


@pytest.mark.covers("R-7643-2.5-01", "R-7643-2.5-02")
def test_what_holds_nothing_is_not_there(host: Host) -> None:
    made = host.make(title="x", desk={"building": "B", "room": 1}, tags=["a"])
    assert host.patch(made, "remove", "desk.building").json[TRAITS]["desk"] == {"room": 1}
    assert "desk" not in host.patch(made, "remove", "desk.room").json[TRAITS]
    assert not host.matches(made, "desk pr")
    assert host.put(made, {"title": "x", "tags": [], "desk": {"room": None}}).json[TRAITS] == {"title": "x"}
    assert not host.matches(made, "tags pr")


@pytest.mark.covers("R-7643-2.3.8-02")
def test_simple_values_in_a_list_are_changed_one_by_one(host: Host) -> None:
    made = host.make(tags=["Red", "Blue"], levels=[1, 2])
    assert host.matches(made, 'tags eq "red"')
    assert host.matches(made, 'tags[value sw "b"]')
    assert host.patch(made, "add", "tags", ["green", "RED"]).json[TRAITS]["tags"] == ["Red", "Blue", "green"]
    assert host.patch(made, "remove", 'tags[value eq "BLUE"]').json[TRAITS]["tags"] == ["Red", "green"]
    assert host.patch(made, "replace", "levels", [3]).json[TRAITS]["levels"] == [3]
    assert "levels" not in host.patch(made, "remove", "levels").json[TRAITS]


@pytest.mark.covers("R-7643-2.2-02")
def test_a_required_part_of_an_element(host: Host, library: World) -> None:
    made = host.make(lockers=[{"value": "1"}])
    with unchanged(library):
        check_refusal(host.post({"lockers": [{"type": "work", "value": ""}]}), 400, "invalidValue", "lockers.value")
        check_refusal(host.patch(made, "remove", 'lockers[value eq "1"].value'), 400, "mutability", "value")
