"""RFC 7644 sections 3.4.2.1 and 3.4.3: queries in a message, and over resources of every type."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.http.conftest import Connect
from tests.http.refusals import check_refusal, unchanged
from tests.http.test_statements import counting
from tests.worlds import ENTERPRISE, GROUP, SEARCH, SEATS, USER, Connection, World

LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"


class Firm:
    """A tenant made in this order: ana, Ops (ana), bo, Sales (bo and Ops), cy."""

    def __init__(self, client: Connection) -> None:
        self.client = client
        ana = client.create_user("ana", displayName="Ana", title="Lead", active=False)
        ops = client.create_group("Ops", ana["id"], externalId="E-1")
        boss = {ENTERPRISE: {"manager": {"value": ana["id"]}}}
        bo = client.create_user("bo", displayName="Bo", externalId="E-1", emails=[{"value": "bo@x.test"}], **boss)
        sales = client.create_group("Sales", bo["id"], ops["id"])
        self.ids = {"ana": ana["id"], "Ops": ops["id"], "bo": bo["id"], "Sales": sales["id"]}
        self.ids["cy"] = client.create_user("cy")["id"]
        self.names = {identifier: name for name, identifier in self.ids.items()}

    def list(self, path: str) -> str:
        """The names in a list, in order."""
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        assert answer.json["totalResults"] == len(answer.json["Resources"])
        return self.named(answer.json)

    def named(self, body: dict[str, Any]) -> str:
        return " ".join(self.names[each["id"]] for each in body["Resources"])


@pytest.fixture(scope="module")
def firm(house: World) -> Firm:
    return Firm(house.connect(house.tenant(f"firm-{uuid4().hex}")))


@pytest.mark.covers("R-7644-3.4.3-01", "R-7644-3.4.2.1-01")
@pytest.mark.parametrize(
    ("endpoint", "names"), [("", "ana Ops bo Sales cy"), ("/Users", "ana bo cy"), ("/Groups", "Ops Sales")]
)
def test_a_search_answers_a_list(firm: Firm, endpoint: str, names: str) -> None:
    answer = firm.client.search(endpoint)
    assert answer.status_code == 200
    assert answer.content_type == "application/scim+json"
    assert answer.json["schemas"] == [LIST]
    assert firm.named(answer.json) == names
    assert answer.json == firm.client.get(endpoint or "/").json


ACROSS = {
    'meta.resourceType eq "User" or meta.resourceType eq "Group"': "ana Ops bo Sales cy",
    'meta.resourceType eq "group"': "",
    'meta.resourceType eq "Group"': "Ops Sales",
    'userName sw "a"': "ana",
    'userName ne "ana"': "Ops bo Sales cy",
    "userName eq null": "Ops Sales",
    "userName ne null": "ana bo cy",
    "not (userName pr)": "Ops Sales",
    'not (userName eq "ana")': "Ops bo Sales cy",
    'displayName gt "b"': "Ops bo Sales",
    'displayName eq "ana" or displayName eq "OPS"': "ana Ops",
    'externalId eq "E-1"': "Ops bo",
    "externalId pr and active eq true": "bo",
    "active eq false": "ana",
    "members pr": "Ops Sales",
    'members[type eq "Group"]': "Sales",
    'not (members[type eq "Group"])': "ana Ops bo cy",
    'members eq "{ana}" or emails co "x.test"': "Ops bo",
    "groups pr": "ana bo",
    'id eq "{bo}" or id eq "{Ops}"': "Ops bo",
    f'{USER}:displayName eq "bo"': "bo",
    f"{USER}:displayName pr": "ana bo",
    f"{GROUP}:displayName pr": "Ops Sales",
    f'{ENTERPRISE}:manager.value eq "{{ana}}"': "bo",
    f'schemas eq "{GROUP}"': "Ops Sales",
    'meta.created gt "2020-01-01T00:00:00Z" and not (title pr)': "Ops bo Sales cy",
    'title eq "lead" and members pr': "",
    'userName eq "ana" and title pr or members pr': "ana Ops Sales",
}


@pytest.mark.covers("R-7644-3.4.2.1-01", "R-7644-3.4.2.1-02", "C-76")
@pytest.mark.parametrize(("filter_", "names"), ACROSS.items(), ids=ACROSS.keys())
def test_a_filter_across_types(firm: Firm, filter_: str, names: str) -> None:
    """What one type lacks is unset there; a URN names the type."""
    for name, identifier in firm.ids.items():
        filter_ = filter_.replace(f"{{{name}}}", identifier)
    assert firm.list(f"/?filter={quote(filter_)}") == names
    assert firm.named(firm.client.search(filter=filter_).json) == names


BAD_ACROSS = {
    "known to no type": 'shoeSize eq "7"',
    "beside a known one": 'userName eq "ana" or shoeSize pr',
    "unknown sub-attribute": 'emails[shoe eq "x"]',
    "complex": 'name eq "x"',
    "wrong type": 'active eq "maybe"',
    "never returned": 'password eq "x"',
    "unknown URN": 'urn:x:y:z eq "x"',
    "syntax": "userName eq",
    "made on reading": f"{SEATS}:status pr",
}


@pytest.mark.covers("C-76", "R-7644-3.4.2.2-28")
@pytest.mark.parametrize("filter_", BAD_ACROSS.values(), ids=BAD_ACROSS.keys())
def test_a_filter_that_no_type_can_read_is_refused(firm: Firm, filter_: str) -> None:
    check_refusal(firm.client.get(f"/?filter={quote(filter_)}"), 400, "invalidFilter")
    check_refusal(firm.client.search(filter=filter_), 400, "invalidFilter")


SORTED = {
    "sortBy=displayName": "ana bo Ops Sales cy",
    "sortBy=displayName&sortOrder=descending": "cy Sales Ops bo ana",
    "sortBy=userName": "ana bo cy Ops Sales",
    "sortBy=userName&sortOrder=descending": "Ops Sales cy bo ana",
    "sortBy=title&sortOrder=descending": "Ops bo Sales cy ana",
    "sortBy=active": "ana bo cy Ops Sales",
    "sortBy=emails": "bo ana Ops Sales cy",
    "sortBy=externalId": "Ops bo ana Sales cy",
    "sortBy=meta.created&sortOrder=descending": "cy Sales bo Ops ana",
    "sortBy=meta.resourceType": "Ops Sales ana bo cy",
    "sortOrder=descending": "ana Ops bo Sales cy",
}


@pytest.mark.covers("R-7644-3.4.2.3-01", "R-7644-3.4.2.3-02", "R-7644-3.4.2.3-05", "C-92", "C-93", "C-95")
@pytest.mark.parametrize(("query", "names"), SORTED.items(), ids=SORTED.keys())
def test_sorting_across_types(firm: Firm, query: str, names: str) -> None:
    """Where a type lacks the attribute its values are missing; ties go by id, oldest first."""
    assert firm.list(f"/?{query}") == names
    pages = [firm.client.get(f"/?{query}&count=2&startIndex={start}").json for start in (1, 3, 5)]
    assert " ".join(map(firm.named, pages)) == names
    assert [page["totalResults"] for page in pages] == [5, 5, 5]
    assert [page["startIndex"] for page in pages] == [1, 3, 5]


@pytest.mark.covers("R-7644-3.4.2.3-07", "C-96")
def test_sorting_by_what_no_type_has_is_refused(firm: Firm) -> None:
    for name in ("shoeSize", "name", "members", "password"):
        check_refusal(firm.client.get(f"/?sortBy={name}"), 400, "invalidValue", name)


@pytest.mark.covers("R-7644-3.4.2.1-04", "R-7644-3.4.2.5-07")
def test_each_type_is_shown_as_at_its_own_address(firm: Firm) -> None:
    """Computed attributes, meta and projection included."""
    for query in ("", "?attributes=displayName,members.value,meta", "?excludedAttributes=meta,members,groups"):
        for resource in firm.client.get(f"/{query}").json["Resources"]:
            endpoint = "/Users" if resource["schemas"][0] == USER else "/Groups"
            assert resource == firm.client.get(f"{endpoint}/{resource['id']}{query}").json
    kinds = [each["meta"]["resourceType"] for each in firm.client.get("/").json["Resources"]]
    assert kinds == ["User", "Group", "User", "Group", "User"]


@pytest.mark.covers("R-7644-3.4.2.1-03")
def test_too_broad_a_query_is_paged(firm: Firm) -> None:
    """By policy: never more than the maximum on a page, so nothing needs tooMany."""
    answer = firm.client.get("/?count=100000").json
    assert answer["itemsPerPage"] == answer["totalResults"] == 5
    assert firm.client.get("/?count=0").json["Resources"] == []


def test_seats_are_shown_where_asked_for(firm: Firm) -> None:
    shown = firm.client.search(attributes=[f"{SEATS}:status"]).json["Resources"]
    assert [each.get(SEATS, {}).get("status") for each in shown] == [
        "suspended",
        None,
        "unassigned",
        None,
        "unassigned",
    ]


BAD_MESSAGES: dict[str, tuple[Any, str]] = {
    "no object": ([], "invalidSyntax"),
    "text": ('"filter"', "invalidSyntax"),
    "no JSON": ("{", "invalidSyntax"),
    "count as text": ({"count": "10"}, "invalidValue"),
    "count as fraction": ({"count": 1.5}, "invalidValue"),
    "count as boolean": ({"count": True}, "invalidValue"),
    "start as text": ({"startIndex": "1"}, "invalidValue"),
    "filter as list": ({"filter": ['userName eq "x"']}, "invalidValue"),
    "filter as number": ({"filter": 7}, "invalidValue"),
    "attributes as text": ({"attributes": "userName"}, "invalidValue"),
    "attributes as numbers": ({"excludedAttributes": [7]}, "invalidValue"),
    "sortBy as list": ({"sortBy": ["userName"]}, "invalidValue"),
    "sortOrder": ({"sortBy": "userName", "sortOrder": "up"}, "invalidValue"),
    "cursor as number": ({"cursor": 7}, "invalidValue"),
    "cursor and start": ({"cursor": "", "startIndex": 1}, "invalidValue"),
    "both projections": ({"attributes": ["userName"], "excludedAttributes": ["name"]}, "invalidValue"),
    "given twice": ({"count": 1, "COUNT": 2}, "invalidSyntax"),
    "bad filter": ({"filter": "userName eq"}, "invalidFilter"),
    "unknown sort": ({"sortBy": "shoeSize"}, "invalidValue"),
}


@pytest.mark.covers("R-7644-3.4.2.4-06", "R-7644-3.4.2.5-03", "C-99")
@pytest.mark.parametrize(("body", "scim_type"), BAD_MESSAGES.values(), ids=BAD_MESSAGES.keys())
def test_refuses_messages(firm: Firm, body: Any, scim_type: str) -> None:
    if isinstance(body, dict):
        body = {"schemas": [SEARCH], **body}
    for path in ("/.search", "/Users/.search"):
        check_refusal(firm.client.post(path, body), 400, scim_type)


@pytest.mark.covers("R-7644-3.4.3-02")
def test_the_urn_is_wanted_where_the_profile_wants_it(connect_as: Connect) -> None:
    tolerant, strict = connect_as("tolerant"), connect_as("rfc")
    for path in ("/.search", "/Groups/.search"):
        assert tolerant.post(path, {}).status_code == 200
        check_refusal(strict.post(path, {}), 400, "invalidSyntax", SEARCH)
        check_refusal(strict.post(path, {"schemas": [USER]}), 400, "invalidSyntax", SEARCH)
        unknown = {"schemas": [SEARCH], "shoeSize": 7, "count": None, "cursor": None}
        assert strict.post(path, unknown).status_code == 200


@pytest.mark.covers("R-7644-3.4.3-04")
def test_a_search_creates_nothing(house: World, client: Connection) -> None:
    with unchanged(house):
        assert client.search("/Users", userName="ana").json["totalResults"] == 0
        for path in ("/.search", "/Users/.search"):
            for method in ("GET", "PUT", "PATCH", "DELETE"):
                refused = client.send(method, path, None if method == "GET" else {})
                check_refusal(refused, 405)
                assert refused.headers["Allow"] == "POST, OPTIONS"
        check_refusal(client.post("/", {"schemas": [USER], "userName": "ana"}), 405)
        check_refusal(client.post("/Schemas/.search", {"schemas": [SEARCH]}), 405)
        check_refusal(client.post("/Users/x/.search", {"schemas": [SEARCH]}), 404)
        check_refusal(Connection(client.http, client.slug, "none", "").search(), 401)


def test_a_search_has_slashes_like_any_address(firm: Firm) -> None:
    assert firm.named(firm.client.post("//Users//.search/", {"schemas": [SEARCH], "count": 1}).json) == "ana"


parameters = st.fixed_dictionaries(
    {},
    optional={
        "filter": st.sampled_from(['userName pr and id ne "x"', "members pr", 'displayName co "a"', "active eq true"]),
        "sortBy": st.sampled_from(["displayName", "userName", "meta.lastModified", "active", "title"]),
        "sortOrder": st.sampled_from(["ascending", "descending", "Descending"]),
        "startIndex": st.integers(-1, 7),
        "count": st.integers(-1, 7),
        "attributes": st.lists(st.sampled_from(["userName", "displayName", "members", "meta", "groups.value"])),
    },
)


@pytest.mark.covers("R-7644-3.4.3-03")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=parameters, endpoint=st.sampled_from(["", "/Users", "/Groups"]))
def test_a_message_finds_what_an_address_finds(firm: Firm, query: dict[str, Any], endpoint: str) -> None:
    texts = {name: ",".join(value) if isinstance(value, list) else value for name, value in query.items()}
    by_address = firm.client.get(f"{endpoint or '/'}?{urlencode(texts)}")
    by_message = firm.client.search(endpoint, **query)
    assert by_message.status_code == by_address.status_code
    if by_address.status_code == 200:
        assert by_message.json == by_address.json


@pytest.mark.covers("R-7644-3.4.3-05")
def test_a_search_leaves_no_personal_data_in_logs(
    build_world: Callable[..., World], capfd: pytest.CaptureFixture[str]
) -> None:
    client = (world := build_world(log_level="debug")).connect(world.tenant())
    client.search("/Users", filter='emails eq "canary@x.test"')
    check_refusal(client.search("/Users", filter='emails is "canary@x.test"'), 400, "invalidFilter")
    assert "canary" not in "".join(capfd.readouterr())


@pytest.mark.covers("R-7644-7-04")
@pytest.mark.parametrize(
    "filter_", ['userName eq "ana@x.test"', 'title pr or emails[value co "x"]', 'not (name.givenName eq "Ana")']
)
def test_personal_data_can_be_kept_out_of_addresses(house: World, connect_as: Connect, filter_: str) -> None:
    """Under the switch the query goes into a message."""
    client = _switched(house, connect_as, "filter.sensitive", "refuse")
    for path in ("/", "/Users"):
        check_refusal(client.get(f"{path}?filter={quote(filter_)}"), 403, "sensitive", "/.search")
        assert client.search(path.rstrip("/"), filter=filter_).status_code == 200
    for open_ in ('externalId eq "x"', "emails pr", 'displayName eq "Sales"'):
        path = "/Groups" if "displayName" in open_ else "/Users"
        assert client.get(f"{path}?filter={quote(open_)}").status_code == 200
    assert connect_as("rfc").get(f"/Users?filter={quote(filter_)}").status_code == 200


def _switched(house: World, connect_as: Connect, name: str, position: str) -> Connection:
    client = connect_as("tolerant")
    house.switch(client.slug, name, position)
    return client


def test_a_search_across_types_costs_the_same_whatever_it_finds(house: World, firm: Firm) -> None:
    """Token, how many, the page with people's groups and managers' names, and members."""
    firm.client.search(cursor="")
    for query in ({"count": 3}, {"count": 100}, {"filter": "displayName pr", "sortBy": "displayName"}, {"cursor": ""}):
        with counting(house) as count:
            assert firm.client.search(**query).status_code == 200
        assert int(count) == 4, "\n".join(count.statements)
