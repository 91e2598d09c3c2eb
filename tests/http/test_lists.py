"""RFC 7644 section 3.4.2: filters, sorting and paging over HTTP."""

from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from tests.http.refusals import check_refusal
from tests.worlds import ENTERPRISE, GROUP, SEATS, USER, Connection, World

LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"

PEOPLE: dict[str, dict[str, Any]] = {
    "ana": {
        "externalId": "E-1",
        "displayName": "Ana Ånger",
        "name": {"givenName": "Ana", "familyName": "Ånger"},
        "emails": [{"value": "Ana@X.test", "type": "work", "primary": True}, {"value": "a@home.test", "type": "home"}],
        ENTERPRISE: {"department": "R&D", "employeeNumber": "7"},
    },
    "bo": {"externalId": "e-1", "displayName": "bo", "emails": [{"value": "bo@x.test", "type": "home"}], "title": ""},
    "cy": {"active": False, "displayName": '100% "Cy" \\ O\'x', "title": "Lead", "nickName": "c_y"},
}


class Company:
    """A tenant with ana (in Sales, boss of bo), bo (in Sales and Ops) and cy (inactive, in no group).

    All holds Sales, and All and Ring hold each other.
    """

    def __init__(self, client: Connection) -> None:
        self.client = client
        self.ids = {name: client.create_user(name, **PEOPLE[name])["id"] for name in ("ana", "cy")}
        boss = {ENTERPRISE: {"manager": {"value": self.ids["ana"]}}}
        self.ids["bo"] = client.create_user("bo", **PEOPLE["bo"], **boss)["id"]
        self.ids["sales"] = client.create_group("Sales", self.ids["ana"], self.ids["bo"], externalId="G-1")["id"]
        self.ids["ops"] = client.create_group("Ops", self.ids["bo"])["id"]
        self.ids["all"] = client.create_group("All", self.ids["sales"])["id"]
        self.ids["ring"] = client.create_group("Ring", self.ids["all"])["id"]
        client.patch(
            f"/Groups/{self.ids['all']}", {"op": "add", "path": "members", "value": [{"value": self.ids["ring"]}]}
        )
        self.names = {identifier: name for name, identifier in self.ids.items()}

    def find(self, endpoint: str, filter_: str) -> set[str]:
        """The names of those who match; `{ana}` stands for the id of ana, `{base}` for the tenant's base address."""
        base = f"https://seats.example.com/scim/{self.client.slug}/v2"
        for name, identifier in {**self.ids, "base": base, "unversioned": base.removesuffix("/v2")}.items():
            filter_ = filter_.replace(f"{{{name}}}", identifier)
        return {self.names[found["id"]] for found in self.client.find(endpoint, filter_)}


@pytest.fixture(scope="module")
def company(house: World) -> Company:
    return Company(house.connect(house.tenant(f"company-{uuid4().hex}")))


USERS = {
    'userName eq "ana"': "ana",
    'userName eq "ANA"': "ana",
    'userName eq "ａna"': "ana",
    'USERNAME EQ "ana"': "ana",
    'urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ana"': "ana",
    'userName eq "an"': "",
    'userName ne "ana"': "bo cy",
    'userName sw "A"': "ana",
    'userName co "N"': "ana",
    'userName ew "O"': "bo",
    'userName gt "ana"': "bo cy",
    'userName le "bo"': "ana bo",
    'externalId eq "E-1"': "ana",
    'externalId eq "e-1"': "bo",
    'id eq "{ana}"': "ana",
    'id eq "nobody"': "",
    'displayName eq "ana ånger"': "ana",
    'displayName co "ÅNG"': "ana",
    'displayName co "100%"': "cy",
    'displayName sw "%"': "",
    'displayName co "\\"Cy\\""': "cy",
    'displayName co "\\\\ O\'x"': "cy",
    'nickName eq "cxy"': "",
    'nickName co "_"': "cy",
    'name.familyName eq "ånger"': "ana",
    "name pr": "ana",
    "title pr": "cy",
    "active eq true": "ana bo",
    "active eq false": "cy",
    'active eq "False"': "cy",
    "active ne true": "cy",
    'emails eq "ana@x.test"': "ana",
    'emails.value eq "ANA@x.test"': "ana",
    'emails.value ew "x.test"': "ana bo",
    'emails.type eq "home"': "ana bo",
    'emails[type eq "work"]': "ana",
    'emails[type eq "home" and value ew "@x.test"]': "bo",
    'emails.type eq "home" and emails.value ew "@x.test"': "ana bo",
    'emails[type eq "work"].value eq "ana@x.test"': "ana",
    'emails[type eq "home"].value eq "ana@x.test"': "",
    "emails[primary eq true]": "ana",
    "not (emails pr)": "cy",
    'emails ne "bo@x.test"': "ana cy",
    "groups pr": "ana bo",
    'groups eq "{sales}"': "ana bo",
    'groups.value eq "{ops}"': "bo",
    'groups.display eq "sales"': "ana bo",
    'groups eq "{all}"': "ana bo",
    'groups.value eq "{ring}"': "ana bo",
    'groups.display sw "al"': "ana bo",
    'groups.type eq "direct"': "ana bo",
    'groups[value eq "{all}" and type eq "indirect"]': "ana bo",
    'groups[value eq "{sales}" and type eq "indirect"]': "",
    'groups[type eq "direct" and display eq "all"]': "",
    'groups ne "{ops}"': "ana bo cy",
    'groups.$ref eq "{base}/Groups/{ops}"': "bo",
    'groups.$ref eq "{base}/Users/{ops}"': "",
    'groups[$ref eq "../Groups/{all}" and type eq "indirect"]': "ana bo",
    "groups.$ref pr": "ana bo",
    f'{ENTERPRISE}:manager.$ref eq "{{base}}/Users/{{ana}}"': "bo",
    'manager.$ref ne "Users/{ana}"': "ana cy",
    "manager.$ref pr": "bo",
    "manager.$ref eq null": "ana cy",
    'groups[value eq "{ops}"]': "bo",
    'not (groups eq "{ops}")': "ana cy",
    f'{ENTERPRISE}:department eq "r&d"': "ana",
    f'{ENTERPRISE}:manager.value eq "{{ana}}"': "bo",
    f'{ENTERPRISE}:manager eq "{{ana}}"': "bo",
    'manager eq "{ana}"': "bo",
    'id eq "{bo}" and manager eq "{ana}"': "bo",
    'id eq "{cy}" and manager eq "{ana}"': "",
    'meta.resourceType eq "User"': "ana bo cy",
    'meta.lastModified gt "2020-01-01T00:00:00Z"': "ana bo cy",
    'meta.created lt "2020-01-01T00:00:00+02:00"': "",
    f'schemas eq "{ENTERPRISE}"': "ana bo",
    'userName eq "ana" or userName eq "bo" and active eq false': "ana",
    '(userName eq "ana" or userName eq "bo") and active eq false': "",
    'not (userName eq "ana") and active eq true': "bo",
    "userName eq ana": "ana",
    "externalId eq null": "cy",
    '  userName   eq   "ana"  ': "ana",
}


@pytest.mark.covers(
    *(f"R-7644-3.4.2.2-{number:02}" for number in (1, 2, 3, 4, 14, 15, 16, 17, 18, 20, 25, 30, 31, 34)),
    *("C-51", "C-53", "C-54", "C-73", "C-80", "C-81", "C-85"),
)
@pytest.mark.parametrize(("filter_", "expected"), USERS.items(), ids=USERS.keys())
def test_users_are_found(company: Company, filter_: str, expected: str) -> None:
    assert company.find("/Users", filter_) == set(expected.split())


GROUPS = {
    'displayName eq "SALES"': "sales",
    'externalId eq "G-1"': "sales",
    'externalId eq "g-1"': "",
    'members eq "{bo}"': "sales ops",
    'members.value eq "{ana}"': "sales",
    'members[value eq "{ana}"]': "sales",
    'members[value eq "{ana}" and type eq "User"]': "sales",
    'id eq "{ops}" and members eq "{ana}"': "",
    'id eq "{sales}" and members eq "{ana}"': "sales",
    'members eq "{cy}"': "",
    "members pr": "sales ops all ring",
    'members.$ref eq "{base}/Users/{ana}"': "sales",
    'members.$ref eq "{unversioned}/Users/{ana}"': "sales",
    'members.$ref eq "https://seats.example.com/Users/{ana}"': "sales",
    'members.$ref eq "Users/{ana}"': "sales",
    'members.$ref eq "../Users/{ana}"': "sales",
    'members.$ref eq "/Users/{ana}"': "sales",
    'members.$ref eq "{base}/Groups/{ana}"': "",
    'members.$ref eq "{base}/Groups/{sales}"': "all",
    'members.$ref eq "https://other.example.com/scim/x/v2/Users/{ana}"': "",
    'members.$ref eq "{ana}"': "",
    'members.$ref eq "https://[::1/Users/{ana}"': "",
    'members.$ref ne "Users/{bo}"': "sales all ring",
    'members[$ref ne "Users/{bo}"]': "sales all ring",
    'members[$ref eq "Users/{bo}" and type eq "User"]': "sales ops",
    "members.$ref pr": "sales ops all ring",
    'members.type eq "Group"': "all ring",
    'displayName sw "s" and not (members eq "{cy}")': "sales",
    'meta.resourceType eq "Group"': "sales ops all ring",
}


@pytest.mark.covers("R-7643-2.3.7-01", "R-7643-2.3.7-03", "C-55", "C-81")
@pytest.mark.parametrize(("filter_", "expected"), GROUPS.items(), ids=GROUPS.keys())
def test_groups_are_found(company: Company, filter_: str, expected: str) -> None:
    assert company.find("/Groups", filter_) == set(expected.split())


BAD_FILTERS = {
    "unknown attribute": ('shoeSize eq "7"', "shoeSize"),
    "unknown beside a known one": ('userName eq "ana" or shoeSize eq "7"', "shoeSize"),
    "unknown sub-attribute": ('name.shoe eq "7"', "shoe"),
    "unknown in brackets": ('emails[shoe eq "7"]', "shoe"),
    "unknown URN": ('urn:x:y:z eq "7"', "urn:x:y"),
    "attribute of the other type": ('members eq "x"', "members"),
    "complex": ('name eq "x"', "name"),
    "password": ('password eq "x"', "password"),
    "unknown operator": ('userName is "x"', "is"),
    "no operator": ("userName", ""),
    "no value": ("userName eq", ""),
    "open bracket": ('emails[type eq "work"', ""),
    "open parenthesis": ('(userName eq "x"', ""),
    "open quote": ('userName eq "x', ""),
    "not without parentheses": ('not userName eq "x"', ""),
    "blank": ("()", ""),
    "part of an address made on reading": ('groups.$ref co "x"', "$ref"),
    "trailing operator": ('userName eq "x" and', ""),
    "two dots": ('name.given.name eq "x"', "name"),
    "single quotes": ("userName eq 'x'", ""),
    "contains a boolean": ("active co true", "active"),
    "greater than a boolean": ("active gt true", "active"),
    "text for a boolean": ('active eq "maybe"', "active"),
    "no date": ('meta.created gt "yesterday"', "meta.created"),
    "unencoded plus": ('meta.created gt "2020-01-01T00:00:00+02:00"'.replace("+", " "), "%2B"),
    "lone surrogate": ('userName eq "\\ud83d"', ""),
    "NUL": ('userName eq "a\\u0000"', ""),
    "raw NUL": ('userName eq "a\x00"', ""),
    "too long": ('userName eq "' + "x" * 20_000 + '"', ""),
    "too deep": ("(" * 500 + 'userName eq "x"' + ")" * 500, ""),
    "SQL": ('userName eq "x"; DROP TABLE users', ""),
}


@pytest.mark.covers(
    *(f"R-7644-3.4.2.2-{number}" for number in (11, 12, 13, 19, 24, 27, 28, 32)),
    *("C-52", "C-56", "C-63", "C-64", "C-66", "C-70", "C-72", "C-74", "C-75", "C-78"),
)
@pytest.mark.parametrize(("filter_", "named"), BAD_FILTERS.values(), ids=BAD_FILTERS.keys())
def test_refuses_filters(company: Company, filter_: str, named: str) -> None:
    """A wrong filter is 400, never an empty list (C-75) and never everybody."""
    check_refusal(company.client.get(f"/Users?filter={quote(filter_)}"), 400, "invalidFilter", named)


STRICT_FILTERS = ["userName eq ana", 'active eq "False"', "active eq True"]


@pytest.mark.covers("R-7644-3.4.2.2-05", "C-67", "C-68", "C-69")
@pytest.mark.parametrize("filter_", STRICT_FILTERS)
def test_profile_rfc_takes_no_bare_words(strict: Connection, filter_: str) -> None:
    check_refusal(strict.get(f"/Users?filter={quote(filter_)}"), 400, "invalidFilter")


@pytest.mark.covers("R-7644-3.4.2-01", "R-7644-3.4.2-05")
def test_nothing_found_is_an_empty_list(client: Connection) -> None:
    answer = client.get("/Users")
    assert answer.status_code == 200
    assert answer.content_type == "application/scim+json"
    assert answer.json == {
        "schemas": [LIST],
        "totalResults": 0,
        "startIndex": 1,
        "itemsPerPage": 0,
        "Resources": [],
    }


@pytest.fixture(scope="module")
def crowd(house: World) -> Connection:
    """A tenant of ten, u0 to u9."""
    connection = house.connect(house.tenant(f"crowd-{uuid4().hex}"))
    for number in range(10):
        connection.create_user(f"u{number}")
    return connection


PAGES = {
    "": (1, "0123456789"),
    "startIndex=4&count=3": (4, "345"),
    "startIndex=9&count=3": (9, "89"),
    "startIndex=0&count=2": (1, "01"),
    "startIndex=-7&count=2": (1, "01"),
    "count=1000": (1, "0123456789"),
    "count=-1": (1, ""),
    "count=0": (1, ""),
    "startIndex=11": (11, ""),
    "startIndex=999999999999999": (999_999_999_999_999, ""),
    "STARTINDEX=4&Count=3": (4, "345"),
    "startIndex=&count=": (1, "0123456789"),
    "attributes=&count=2": (1, "01"),
    "filter=userName+sw+%22u%22&startIndex=3&count=2": (3, "23"),
    "sortBy=userName&sortOrder=descending&count=3": (1, "987"),
    "sortBy=USERNAME&startIndex=2&count=2": (2, "12"),
    "sortBy=title&count=2": (1, "01"),
}


@pytest.mark.covers(
    *(f"R-7644-3.4.2-{number:02}" for number in (2, 3, 4, 5)),
    *(f"R-7644-3.4.2.4-{number:02}" for number in (1, 2, 3, 4)),
    *("C-87", "C-88", "C-89", "C-90", "C-91"),
)
@pytest.mark.parametrize(("query", "expected"), PAGES.items(), ids=PAGES.keys())
def test_pages(crowd: Connection, query: str, expected: tuple[int, str]) -> None:
    """C-87 to C-91, quirks 30 to 33 and 39: the start is echoed, the counters are true integers."""
    answer = crowd.get(f"/Users?{query}")
    assert answer.status_code == 200, answer.text
    start_index, names = expected
    assert answer.json["totalResults"] == 10
    assert answer.json["startIndex"] == start_index
    assert answer.json["itemsPerPage"] == len(names)
    assert [user["userName"] for user in answer.json.get("Resources", [])] == [f"u{name}" for name in names]


def test_count_0_answers_counters_alone(crowd: Connection) -> None:
    assert crowd.get("/Users?count=0").json["Resources"] == []


BAD_QUERIES = {
    "startIndex=one": "startIndex",
    "count=1.5": "count",
    "count=99999999999999999999": "count",
    "count=%D9%A3": "count",
    "sortBy=shoeSize": "shoeSize",
    "sortBy=emails%5Btype+eq+%22work%22%5D": "sortBy",
    "sortBy=userName&sortOrder=up": "sortOrder",
    "attributes=userName&excludedAttributes=name": "excludedAttributes",
}


@pytest.mark.covers("R-7644-3.4.2.4-05", "R-7644-3.4.2.3-06", "R-7644-3.4.2.3-07", "C-96", "C-97", "C-99")
@pytest.mark.parametrize(("query", "named"), BAD_QUERIES.items(), ids=BAD_QUERIES.keys())
def test_refuses_queries(crowd: Connection, query: str, named: str) -> None:
    check_refusal(crowd.get(f"/Users?{query}"), 400, "invalidValue", named)


@pytest.mark.covers("R-7644-3.4.2-03", "R-7644-3.4.2-04")
def test_pages_join_without_gap_or_repeat(crowd: Connection) -> None:
    """Default order is stable, and every page counts the whole."""
    seen = []
    for start in range(1, 11, 3):
        page = crowd.get(f"/Users?startIndex={start}&count=3").json
        assert page["totalResults"] == 10
        seen += [user["userName"] for user in page["Resources"]]
    assert seen == [f"u{number}" for number in range(10)]


def test_a_list_shows_what_a_read_shows(company: Company) -> None:
    for endpoint in ("/Users", "/Groups"):
        for resource in company.client.get(endpoint).json["Resources"]:
            assert company.client.get(f"{endpoint}/{resource['id']}").json == resource


@pytest.mark.covers("R-7644-3.4.1-01", "R-7644-3.4.1-02", "R-7644-3.4.1-03")
def test_an_id_is_of_its_type_and_tenant(company: Company, client: Connection) -> None:
    """Elsewhere it is answered like an id that nobody has."""
    ana, sales = company.ids["ana"], company.ids["sales"]
    found = company.client.get(f"/Users/{ana}")
    assert found.status_code == 200
    assert found.headers["ETag"]
    assert found.headers["Location"] == found.json["meta"]["location"]
    for asked, path in (
        (company.client, f"/Groups/{ana}"),
        (company.client, f"/Users/{sales}"),
        (client, f"/Users/{ana}"),
    ):
        there = asked.get(path)
        check_refusal(there, 404)
        missing = asked.get(path.rpartition("/")[0] + "/nobody")
        identifier = path.rpartition("/")[2]
        assert there.json["detail"].replace(identifier, "nobody") == missing.json["detail"]


def test_a_list_is_of_one_tenant(company: Company, client: Connection) -> None:
    mine = client.create_user("ana")
    group = client.create_group("Sales", mine["id"])
    assert [user["id"] for user in client.find("/Users", 'userName eq "ana"')] == [mine["id"]]
    assert client.find("/Groups", f'members eq "{company.ids["ana"]}"') == []
    assert client.find("/Users", f'groups eq "{company.ids["sales"]}"') == []
    assert client.find("/Users", f'id eq "{company.ids["ana"]}"') == []
    assert client.find("/Groups", f'id eq "{group["id"]}"')[0]["schemas"] == [GROUP]


def test_what_was_written_is_found_at_once(client: Connection) -> None:
    """Quirk 71, for every searchable column."""
    ana = client.create_user("ana")
    client.patch(
        f"/Users/{ana['id']}",
        {"op": "add", "value": {"externalId": "e", "userName": "bo", "emails": [{"value": "n@x.test"}]}},
    )
    for filter_ in ('externalId eq "e"', 'userName eq "bo"', 'emails eq "n@x.test"'):
        assert [found["id"] for found in client.find("/Users", filter_)] == [ana["id"]]
    assert client.find("/Users", 'userName eq "ana"') == []
    client.put(f"/Users/{ana['id']}", {"schemas": [USER], "userName": "bo"})
    assert client.find("/Users", 'emails eq "n@x.test"') == []


def test_what_is_made_on_reading_is_searched_or_refused_never_missed(okta: Connection) -> None:
    """The manager's displayName is the manager's own; seats cannot be searched, and the answer says so."""
    boss = okta.create_user("boss@x.test", displayName="The Boss")
    okta.create_user("ana@x.test", **{ENTERPRISE: {"manager": {"value": boss["id"]}}})
    found = okta.find("/Users", f'{ENTERPRISE}:manager.displayName eq "the boss"')
    assert [user["userName"] for user in found] == ["ana@x.test"]
    refused = okta.get(f"/Users?filter={SEATS}:status+pr")
    assert (refused.status_code, refused.json["scimType"]) == (400, "invalidFilter")
