"""What a client writes in a filter, a path or a list (docs/security.md, section D): data, never more than it says."""

import ast
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import process_time
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import event

from tests.http.refusals import check_refusal, unchanged
from tests.worlds import GROUP, PATCH_OP, SEARCH, USER, Connection, World

PACKAGE = Path(__file__).parents[2] / "scim_server"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"


@contextmanager
def queries(world: World) -> Iterator[list[str]]:
    """The text of every statement sent to the database meanwhile."""
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    engine = world.installation.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


# D2: text of a client never is text of a query


MARK = "zqx7"
INJECTIONS = (
    f"' OR '{MARK}'='{MARK}",
    f"'; DROP TABLE users; -- {MARK}",
    f'" OR 1=1 -- {MARK}',
    f"\\'; SELECT pg_sleep(9); -- {MARK}",
    f"%{MARK}_%",
    f":{MARK} %({MARK})s ? {{{MARK}}}",
)


def test_no_text_of_a_client_is_text_of_a_query(world: World, okta: Connection) -> None:
    """D2: in a literal, an attribute, a sub-attribute, sortBy, a cursor, an id, a member or a name."""
    ana = okta.create_user("ana@x.test")
    group = okta.create_group("Crew", ana["id"])["id"]
    before = okta.get(f"/Users/{ana['id']}").json
    for text in INJECTIONS:
        inject(world, okta, ana["id"], group, text)
    assert okta.get(f"/Users/{ana['id']}").json == before
    assert okta.member_ids(group) == {ana["id"]}


def inject(world: World, okta: Connection, ana: str, group: str, text: str) -> None:
    """Put the text into every place; no statement has it, and nothing is found by it but what has it."""
    literal = json.dumps(text)
    with queries(world) as sent:
        answers = [
            *(okta.search("/Users", filter=f"{name} {operator} {literal}")
              for name in ("userName", "emails.value", "title", "externalId", "id", "meta.created")
              for operator in ("eq", "co")),
            okta.search("/Users", filter=f"emails[value eq {literal}]"),
            okta.search("/Users", filter=f'{text} eq "x"'),
            okta.search("/Users", filter=f"name.{text} pr"),
            okta.search("/Users", sortBy=text),
            okta.search("/Users", cursor=text),
            okta.search("/Users", attributes=[text]),
            okta.search("/Groups", filter=f"members[value eq {literal}]"),
            okta.search("", filter=f"displayName eq {literal}"),
            okta.get(f"/Users/{quote(text, safe='')}"),
            okta.get(f"/Users?filter={quote(f'userName eq {literal}')}&sortBy={quote(text)}"),
            okta.patch(f"/Groups/{group}", {"op": "remove", "path": f"members[value eq {literal}]"}),
            okta.patch(f"/Groups/{group}", {"op": "add", "path": "members", "value": [{"value": text}]}),
            okta.patch(f"/Users/{ana}", {"op": "remove", "path": f"emails[type eq {literal}]"}),
            okta.post("/Users", {"schemas": [USER], "userName": text, "title": text}),
        ]  # fmt: skip
    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []
    assert len(sent) > 20
    assert [statement for statement in sent if MARK in statement] == []


# D3: filters answer nothing about what may not be read


def probes(path: str, guess: str, resource: str) -> Iterator[tuple[str, Callable[[Connection], Any]]]:
    """Every way to ask something of an attribute that nobody may read, with one guess of its value."""
    literal = json.dumps(guess)
    for operator in ("eq", "ne", "co", "sw", "ew", "gt", "le"):
        yield operator, lambda client, op=operator: client.search("/Users", filter=f"{path} {op} {literal}")
        yield (
            f"not {operator}",
            lambda client, op=operator: client.search("/Users", filter=f"not ({path} {op} {literal}) or userName pr"),
        )
    yield "pr", lambda client: client.search("/Users", filter=f"{path} pr")
    yield "sortBy", lambda client: client.search("/Users", sortBy=path)
    yield "attributes", lambda client: client.get(f"/Users/{resource}?attributes={path}")
    target = f"{path}[value eq {literal}]"
    yield "path", lambda client: client.patch(f"/Users/{resource}", {"op": "remove", "path": target})


def test_nothing_is_found_out_about_what_may_not_be_read(world: World, okta: Connection) -> None:
    """D3: the same answer for every guess, whether or not it is right, of `password`."""
    truth = "Summer-2026"
    ana = okta.create_user("ana@x.test", password=truth)["id"]
    for path in ("password", f"{USER}:Password"):
        answers: dict[str, set[tuple[int, bytes]]] = {}
        for guess in (truth, truth[:1], "Z"):
            for name, ask in probes(path, guess, ana):
                answer = ask(okta)
                answers.setdefault(name, set()).add((answer.status_code, answer.data.replace(guess.encode(), b"")))
        differing = {name for name, seen in answers.items() if len({code for code, _ in seen}) != 1}
        assert differing == set()
        refused = {name for name, seen in answers.items() if {code for code, _ in seen} == {400}}
        assert refused >= answers.keys() - {"attributes", "sortBy", "path"}


def test_nothing_is_found_out_about_a_hidden_attribute_of_ones_own(library: World) -> None:
    """D3: likewise for what a schema file describes as never returned; what is stored makes no difference."""
    traits = "urn:example:params:scim:schemas:extension:traits:2.0:Any"
    client = library.connect(library.tenant("hidden"))
    answered: list[dict[str, tuple[int, bytes]]] = []
    for number, hidden in enumerate(("canary", "other")):
        body = {"schemas": [USER, traits], "userName": f"u{number}", traits: {"hidden": hidden}}
        made = client.post("/Users", body).json["id"]
        found = {}
        for name, ask in probes(f"{traits}:hidden", "canary", made):
            answer = ask(client)
            data = answer.data.replace(made.encode(), b"ID") if name == "attributes" else answer.data
            found[name] = (answer.status_code, data)
            assert b"canary" not in answer.data or answer.status_code == 400
        answered.append(found)
        client.delete(f"/Users/{made}")
    assert {name for name in answered[0] if answered[0][name][0] != answered[1][name][0]} == set()
    assert {code for name, (code, _) in answered[0].items() if name not in {"attributes", "sortBy", "path"}} == {400}


# D4: no filter is wider than it says


UNKNOWN = ("unknown", "name.unknown", "urn:example:nobody:unknown", "userName.value")
WIDENED = (
    "{0} pr",
    '{0} eq "x"',
    'userName eq "ana" and {0} eq "x"',
    'userName eq "ana" or {0} eq "x"',
    "not ({0} pr)",
    'emails[{0} eq "x"]',
    'userName pr and (title pr or ({0} co "x"))',
)


def test_a_filter_with_an_unknown_part_is_refused_whole(world: World, okta: Connection) -> None:
    """D4: no clause is dropped, in a filter, a search, a value filter or a sort."""
    people = [okta.create_user(name)["id"] for name in ("ana", "ben")]
    group = okta.create_group("Crew", *people)["id"]
    with unchanged(world):
        for name in UNKNOWN:
            for pattern in WIDENED:
                text = pattern.format(name)
                check_refusal(okta.search("/Users", filter=text), 400, "invalidFilter")
                check_refusal(okta.search("", filter=text), 400, "invalidFilter")
        for inner in ("unknown", "value.unknown"):
            for text in (
                f'{inner} eq "x"',
                f'{inner} ne "x"',
                f"{inner} pr",
                f'not ({inner} eq "x")',
                f'value eq "{people[0]}" or {inner} eq "x"',
                f'value eq "{people[0]}" and {inner} ne "x"',
            ):
                for op in ("remove", "replace"):
                    operation = {"op": op, "path": f"members[{text}]", **({"value": []} if op == "replace" else {})}
                    answer = okta.patch(f"/Groups/{group}", operation)
                    assert answer.status_code == 400, (text, op, answer.text)
    assert okta.member_ids(group) == set(people)


# D7: a path leads through the schema alone


NOWHERE = (
    "__class__", "__init__.__globals__", "metadata", "_sa_instance_state", "constructor", "constructor.prototype",
    "__proto__", "userName.x", "userName.__class__", 'emails[type eq "work"].value.x', "emails.0", "emails[0]",
    "tenant_id", "document", "search", "row", "version", "$", "*", "..", "name..givenName", "name.__dict__",
    "meta.tenant", "urn:x:__class__", "_fields", "__reduce__", "items", "keys", "get", "pop", "update",
)  # fmt: skip
READ_ONLY = ("id", "meta", "meta.version", "meta.location", "groups", "groups.value", "schemas[0]")


@pytest.mark.parametrize("profile", ["tolerant", "rfc"])
def test_a_path_leads_nowhere_but_through_the_schema(world: World, profile: str) -> None:
    """D7: a name of the implementation is an unknown attribute, in a path, a dotted key or an object."""
    client = world.connect(world.tenant("paths", profile))
    made = client.create_user("ana@x.test", emails=[{"value": "ana@x.test", "type": "work"}])
    path = f"/Users/{made['id']}"
    with unchanged(world):
        for name in NOWHERE:
            for op in ("replace", "remove"):
                value = {} if op == "remove" else {"value": "pwned"}
                answer = client.patch(path, {"op": op, "path": name, **value})
                assert answer.status_code == 400, (name, op, answer.text)
        for name in READ_ONLY:
            answer = client.patch(path, {"op": "replace", "path": name, "value": "pwned"})
            assert answer.status_code in {200, 400}, (name, answer.text)
    for name in (*NOWHERE, *READ_ONLY):
        answer = client.patch(path, {"op": "replace", "value": {name: "pwned", "title": "x"}})
        assert answer.status_code in {200, 400}, (name, answer.text)
    seen = client.get(path).json
    assert "pwned" not in json.dumps(seen)
    assert {**seen, "title": None, "meta": None} == {**made, "title": None, "meta": None}


def test_the_protocol_never_asks_an_object_for_a_name_it_was_given() -> None:
    """D7: no getattr, setattr, eval, exec or import by a name that is not written in the code."""
    loose = []
    for file in (*(PACKAGE / "protocol").glob("*.py"), *(PACKAGE / "dialects").glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            by_name = node.func.id in {"getattr", "setattr", "delattr"} and not isinstance(node.args[1], ast.Constant)
            if by_name or node.func.id in {"eval", "exec", "compile", "__import__"}:
                loose.append(f"{file.name}: {ast.unparse(node)}")
    assert set(loose) == {"profiles.py: getattr(profile, self.field)"}, "the field is one of those the module declares"


# D10: changes of members are differences


SIZES = [int(size) for size in os.environ.get("SCIM_TEST_SIZES", "99 100 101").split()]
"""Members of the groups that are changed; `make security-long` has them up to 10,000."""


def dialects(gone: str, came: str, rest: list[str]) -> Mapping[str, list[dict[str, Any]]]:
    """The ways in which clients take one member out and put another one in."""
    members = [{"value": each} for each in rest]
    adding = {"op": "Add", "path": "members", "value": [{"value": came}]}
    return {
        "Okta": [{"op": "remove", "path": f'members[value eq "{gone}"]'},
                 {"op": "add", "path": "members", "value": [{"value": came, "display": "x"}]}],
        "Okta, whole list": [{"op": "replace", "path": "members", "value": [*members, {"value": came}]}],
        "Okta, whole group": [{"op": "replace", "value": {"members": [*members, {"value": came}]}}],
        "Entra": [{"op": "Remove", "path": "members", "value": [{"value": gone}]}, adding],
        "Entra, by filter": [{"op": "Remove", "path": f'members[value eq "{gone}"]'}, adding],
        "Entra, without a path": [{"op": "remove", "path": "members", "value": {"value": gone}},
                                  {"op": "Add", "value": {"members": [{"value": came}]}}],
    }  # fmt: skip


def test_a_change_of_members_touches_only_those_it_names(build_world: Callable[..., World]) -> None:
    """D10: in six dialects and around every round number, nobody else is lost."""
    world = build_world(patch_max_members=20_000)
    client = world.connect(world.tenant())
    people = [client.create_user(f"u{number}")["id"] for number in range(max(SIZES) + 1)]
    for size in SIZES:
        group = client.create_group(f"Crew of {size}", *people[:size])["id"]
        here, outside = people[:size], people[size]
        for name in dialects("", "", []):
            gone, rest = here[0], here[1:]
            answer = client.patch(f"/Groups/{group}", *dialects(gone, outside, rest)[name])
            assert answer.status_code == 204, (size, name, answer.text)
            here, outside = [*rest, outside], gone
            assert client.member_ids(group) == set(here), (size, name)
        refused = client.patch(f"/Groups/{group}", {"op": "replace", "path": "members", "value": [{}]})
        assert refused.status_code == 400
        assert client.member_ids(group) == set(here)


# D11: nothing is searched again and again


def patterns(size: int) -> Iterator[tuple[str, str, Any]]:
    """Requests with texts of that length that a backtracking expression would choke on."""
    for name, text in {
        "a@": "a@" * (size // 2),
        "dots": "a." * (size // 2),
        "colons": "urn:a" * (size // 5),
        "blanks": " " * size,
        "brackets": "[" * size,
        "backslashes": "\\" * size,
        "semicolons": ";a=" * (size // 3),
    }.items():
        yield f"userName of {name}", "/Users", {"schemas": [USER], "userName": text}
        yield f"email of {name}", "/Users", {"schemas": [USER], "userName": "x", "emails": [{"value": text}]}
        yield f"filter of {name}", "/Users/.search", {"schemas": [SEARCH], "filter": text}
        yield f"literal of {name}", "/Users/.search", {"schemas": [SEARCH], "filter": f"userName eq {json.dumps(text)}"}
        yield f"schema of {name}", "/Users", {"schemas": [USER, text], "userName": "x", text: {"a": 1}}


def test_the_time_that_a_text_takes_grows_with_its_length(okta: Connection) -> None:
    """D11: four times as long a text takes no more than nine times the time; what is quadratic takes sixteen."""
    okta.create_user("x")
    small, large = (
        {name: seconds_of(okta, path, body) for name, path, body in patterns(size)} for size in (12_000, 48_000)
    )
    slow = {name: (small[name], spent) for name, spent in large.items() if spent > 0.05 and spent > 9 * small[name]}
    assert slow == {}
    assert max(large.values()) < 1


def seconds_of(client: Connection, path: str, body: Any) -> float:
    """The CPU time of the quicker of two requests, which must be answered properly."""
    spent = []
    for _ in range(2):
        begun = process_time()
        answer = client.post(path, body)
        spent.append(process_time() - begun)
        assert answer.status_code < 500, answer.text[:200]
    return min(spent)


# D13: a bulk is as long as it says


def operation(method: str, path: str, bulk_id: str | None = None, **data: Any) -> dict[str, Any]:
    return {"method": method, "path": path, "data": data, **({"bulkId": bulk_id} if bulk_id else {})}


def test_a_bulk_does_no_more_than_its_operations_say(world: World, okta: Connection, entra: Connection) -> None:
    """D13: self-reference, circles, unknown references, bulks in bulks, strangers and odd `failOnErrors`."""
    stranger = entra.create_user("eve")["id"]
    before = [row for row in world.rows("users") if row["id"] == stranger]
    crew = {"schemas": [GROUP], "displayName": "Crew"}

    def sent(*operations: dict[str, Any], **more: Any) -> Any:
        return okta.post("/Bulk", {"schemas": [BULK], "Operations": list(operations), **more})

    for fail in (0, -1, True, "1", 1.5):
        with unchanged(world):
            check_refusal(sent(operation("POST", "/Users", "a", userName="a"), failOnErrors=fail), 400, "invalidSyntax")
    itself = sent(operation("POST", "/Groups", "g", **crew, members=[{"value": "bulkId:g", "type": "Group"}]))
    assert itself.json["Operations"][0]["status"] in {"201", "400", "409"}
    refused = sent(
        operation("POST", "/Bulk", "b", schemas=[BULK], Operations=[operation("POST", "/Users", "c", userName="c")]),
        operation("POST", "/Groups", "d", schemas=[GROUP], displayName="D", members=[{"value": "bulkId:nobody"}]),
        operation("PUT", f"/Users/{stranger}", userName="taken-over"),
        operation("PATCH", f"/Users/{stranger}", schemas=[PATCH_OP], Operations=[{"op": "remove", "path": "title"}]),
        {"method": "DELETE", "path": f"/Users/{stranger}"},
        failOnErrors=10**9,
    )
    assert [each["status"] for each in refused.json["Operations"]] == ["400", "400", "404", "404", "404"]
    assert before == [row for row in world.rows("users") if row["id"] == stranger]
    assert {row["user_name_key"] for row in world.rows("users")} == {"eve"}
    nested = sent(operation("POST", "/Groups", "m", schemas=[GROUP], displayName="M", members=[{"value": stranger}]))
    assert okta.get(nested.json["Operations"][0]["location"].partition("/v2")[2]).json.get("members", []) == []


def test_a_search_message_is_no_bulk(okta: Connection) -> None:
    """D13: what is no BulkRequest is not read as one."""
    check_refusal(okta.post("/Bulk", {"schemas": [SEARCH], "filter": "userName pr"}), 400, "invalidSyntax")
