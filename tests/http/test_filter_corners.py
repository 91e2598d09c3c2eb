"""RFC 7644 section 3.4.2.2: what filters mean in the corners, over HTTP."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from tests.http.refusals import check_refusal
from tests.worlds import ENTERPRISE, GROUP, USER, Connection, World

PEOPLE: dict[str, dict[str, Any]] = {
    "alice": {
        "displayName": 'He said "hi"\\ é',
        "nickName": "OR",
        "title": "and",
        "preferredLanguage": "en",
        "active": False,
        "emails": [{"value": "alice@x.test", "type": "work"}, {"value": "alice@home.org", "type": "home"}],
        "roles": [{"value": "member", "primary": False}],
        "x509Certificates": [{"value": "QUJD"}],
        "externalId": "eXt",
        "profileUrl": "https://x.test/Alice",
    },
    "bob": {
        "displayName": "Straße",
        "nickName": "%",
        "title": "",
        "emails": [{"value": "bob@home.org", "type": "home", "primary": True}],
        "externalId": "ext",
        "name": {"formatted": ""},
    },
    "carol": {"displayName": "100_%*", "emails": [], "ims": [{"value": "", "type": "x"}]},
}


@pytest.fixture(scope="module")
def club(house: World) -> Connection:
    client = house.connect(house.tenant(f"club-{uuid4().hex}"))
    for name, attributes in PEOPLE.items():
        client.create_user(name, **attributes)
    return client


def found(client: Connection, filter_: str) -> str:
    return " ".join(user["userName"] for user in client.find("/Users", filter_))


FILTERS = {
    'displayName eq "He said \\"hi\\"\\\\ \\u00e9"': "alice",
    'displayName ew "\\u00C9"': "alice",
    'displayName co "\\\\"': "alice",
    'displayName co "/"': "",
    'displayName eq "STRASSE"': "bob",
    'displayName sw "100_"': "carol",
    'displayName sw "1__"': "",
    'displayName co "%*"': "carol",
    'displayName ew "%"': "",
    'nickName eq "or" or nickName eq "%"': "alice bob",
    'nickName eq "OR" and title eq "and"': "alice",
    'nickName pr and preferredLanguage eq "en"': "alice",
    "not(title pr)": "bob carol",
    "NOT (title pr)": "bob carol",
    "not\t(title  pr)": "bob carol",
    "title pr": "alice",
    'title ne "and"': "bob carol",
    'not (title eq "and")': "bob carol",
    "title eq null": "bob carol",
    "title ne null": "alice",
    "active pr": "alice bob carol",
    "not (active pr)": "",
    "active eq true": "bob carol",
    "active ne false": "bob carol",
    "name pr": "",
    "emails pr": "alice bob",
    "ims pr": "carol",
    "ims.value pr": "",
    'emails.type ne "work"': "alice bob carol",
    'emails.type ne "home"': "alice carol",
    'not (emails.type eq "work")': "bob carol",
    'emails[type ne "work"]': "alice bob",
    'emails.type eq "work" and emails.value co "home.org"': "alice",
    'emails[type eq "work" and value co "home.org"]': "",
    'emails[not (type eq "home")]': "alice",
    "emails.primary eq false": "alice",
    "emails[primary eq true]": "bob",
    "roles.primary eq false": "alice",
    'emails co "HOME"': "alice bob",
    'emails sw ""': "alice bob",
    'title co ""': "alice bob",
    'x509Certificates eq "QUJD"': "alice",
    'x509Certificates.value eq "qujd"': "",
    'profileUrl eq "https://x.test/Alice"': "alice",
    'profileUrl eq "https://x.test/alice"': "",
    'externalId sw "ex"': "bob",
    'externalId gt "eX"': "alice bob",
    'externalId gt "eXt"': "bob",
    'userName co "LIC"': "alice",
    'userName gt "B"': "bob carol",
    'userName gt "bob"': "carol",
    'userName le "BOB"': "alice bob",
    'name[givenName eq "x"]': "",
    f'schemas eq "{USER}"': "alice bob carol",
    f'schemas eq "{USER.upper()}"': "",
    f'schemas[value eq "{USER}"]': "alice bob carol",
    f"{ENTERPRISE}:department pr": "",
    f"{ENTERPRISE.upper()}:MANAGER.VALUE pr": "",
    f'{USER.upper()}:USERNAME EQ "alice"': "alice",
    f'{USER}:name.familyName pr or {USER}:emails[type eq "work"]': "alice",
    'meta.resourceType eq "User" and userName ew "l"': "carol",
    'userName eq "alice" or userName eq "bob" and title pr': "alice",
    'not (userName eq "alice") and not (userName eq "bob")': "carol",
    '((userName eq "alice"))': "alice",
}


@pytest.mark.covers(
    *(f"R-7644-3.4.2.2-{number:02}" for number in (1, 2, 3, 4, 6, 8, 9, 10, 14, 15, 16, 17, 18, 20, 21, 22, 23, 25)),
    *("R-7644-3.4.2.2-30", "R-7644-3.4.2.2-31", "R-7644-3.4.2.2-34"),
    *(f"C-{number}" for number in (51, 53, 54, 57, 58, 59, 60, 61, 62, 70, 71, 73, 77, 80, 83, 84, 85, 86)),
)
@pytest.mark.parametrize(("filter_", "names"), FILTERS.items(), ids=FILTERS.keys())
def test_a_filter_means(club: Connection, filter_: str, names: str) -> None:
    assert found(club, filter_) == names
    searched = club.search("/Users", filter=filter_).json["Resources"]
    assert " ".join(user["userName"] for user in searched) == names


BAD = {
    "brackets within brackets": 'emails[emails[type eq "x"]]',
    "brackets on a simple attribute": 'userName[value eq "x"]',
    "not without parentheses": 'not userName eq "x"',
    "not without an operand": "not ()",
    "order of booleans": "active gt false",
    "order of binary": 'x509Certificates gt "QQ=="',
    "part of a boolean": 'active sw "t"',
    "part of a date": 'meta.created co "2026"',
    "number for text": "userName eq 7 7",
    "text for a date": 'meta.created gt "2026"',
    "date with an unencoded plus": 'meta.created gt "2026-01-01T00:00:00 02:00"',
    "null beyond equality": "title gt null",
    "complex": 'name eq "x"',
    "complex beyond values": "name co null",
    "operator": 'userName regex "a"',
    "operator first": 'eq userName "a"',
    "lone surrogate": 'userName eq "\\udc00"',
    "bad escape": 'userName eq "\\x"',
    "unclosed bracket": 'emails[type eq "x"',
    "bracket closed by a parenthesis": 'emails[type eq "x")',
    "trailing operator": "userName pr and",
    "leading operator": "and userName pr",
    "two operators": "userName pr and or title pr",
    "empty brackets": "emails[]",
    "extension alone": f"{ENTERPRISE} pr",
    "unknown URN": 'urn:ietf:params:scim:schemas:core:2.0:Nobody:userName eq "x"',
    "URN of the other type": f'{GROUP}:displayName eq "x"',
    "never returned": 'password sw "a"',
    "too many terms": " or ".join(["id pr"] * 9_000),
}


@pytest.mark.covers(
    *(f"R-7644-3.4.2.2-{number}" for number in (11, 12, 13, 19, 24, 27, 28, 32)),
    *("C-52", "C-56", "C-63", "C-64", "C-66", "C-70", "C-72", "C-74", "C-75", "C-78"),
)
@pytest.mark.parametrize("filter_", BAD.values(), ids=BAD.keys())
def test_a_filter_without_meaning_is_refused(club: Connection, filter_: str) -> None:
    check_refusal(club.search("/Users", filter=filter_), 400, "invalidFilter")


STRICT = [
    'emails[type eq "work"].value eq "x"',
    'active eq "true"',
    "active eq True",
    "userName eq alice",
    "title eq NULL",
]


@pytest.mark.covers("R-7644-3.4.2.2-05", "R-7644-3.4.2.2-35", "C-67", "C-68", "C-69", "C-82")
@pytest.mark.parametrize("filter_", STRICT)
def test_profile_rfc_takes_the_grammar_alone(strict: Connection, filter_: str) -> None:
    check_refusal(strict.search("/Users", filter=filter_), 400, "invalidFilter")


@pytest.mark.covers("R-7644-3.4.2.2-26", "C-65", "R-7643-2.3.5-02")
@pytest.mark.parametrize("name", ["meta.created", "meta.lastModified"])
def test_moments_are_compared_across_offsets(club: Connection, name: str) -> None:
    ana = club.find("/Users", 'userName eq "alice"')[0]
    moment = datetime.fromisoformat(ana["meta"][name.removeprefix("meta.")])
    east, west = timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-8))
    spellings = [
        *(moment.astimezone(zone).isoformat() for zone in (east, west)),
        moment.isoformat().replace("+00:00", "Z"),
        moment.isoformat().replace("+00:00", "000z").lower(),
        moment.replace(tzinfo=None).isoformat(),
    ]
    for text in spellings:
        assert found(club, f'{name} eq "{text}"') == "alice", text
        assert found(club, f'{name} ge "{text}" and {name} le "{text}"') == "alice", text
        assert "alice" not in found(club, f'{name} ne "{text}"')
    later = (moment + timedelta(microseconds=1)).astimezone(east).isoformat()
    assert "alice" in found(club, f'{name} lt "{later}"')
    assert found(club, f'{name} lt "{spellings[0]}"') == ""


def paths(client: Connection) -> Iterator[tuple[str, str]]:
    """Every attribute and sub-attribute that /Schemas shows, with the endpoint of its type."""
    for kind in client.get("/ResourceTypes").json["Resources"]:
        urns = [kind["schema"], *(each["schema"] for each in kind.get("schemaExtensions", []))]
        for urn in urns:
            for attribute in client.get(f"/Schemas/{urn}").json["attributes"]:
                yield kind["endpoint"], f"{urn}:{attribute['name']}"
                for sub in attribute.get("subAttributes", []):
                    yield kind["endpoint"], f"{urn}:{attribute['name']}.{sub['name']}"


FULL_USER = {
    **dict.fromkeys(("displayName", "nickName", "title", "userType", "preferredLanguage", "locale"), "x"),
    "timezone": "UTC",
    "profileUrl": "https://x.test/",
    "active": True,
    "name": dict.fromkeys(
        ("formatted", "familyName", "givenName", "middleName", "honorificPrefix", "honorificSuffix"), "x"
    ),
    **{
        name: [{"value": value, "display": "x", "type": "x", "primary": True}]
        for name, value in {
            "emails": "x@x.test",
            "phoneNumbers": "1",
            "ims": "x",
            "photos": "https://x.test/p",
            "roles": "member",
            "entitlements": "meeting",
            "x509Certificates": "QUJD",
        }.items()
    },
    "addresses": [
        {
            **dict.fromkeys(("formatted", "streetAddress", "locality", "region", "postalCode", "type"), "x"),
            "country": "SE",
            "primary": True,
        }
    ],
    ENTERPRISE: dict.fromkeys(("employeeNumber", "costCenter", "organization", "division", "department"), "x"),
}


@pytest.mark.covers("R-7644-3.4.2.2-29", "R-7644-3.4.2.2-30")
def test_every_attribute_can_be_searched_or_is_refused(client: Connection) -> None:
    """What is shown is found by `pr`; nothing is silently empty."""
    boss = client.create_user("boss@x.test", displayName="x")
    full = {**FULL_USER, ENTERPRISE: {**FULL_USER[ENTERPRISE], "manager": {"value": boss["id"]}}}
    user = client.create_user("full", **full)
    group = client.create_group("x", user["id"])
    shown = {"/Users": client.get(f"/Users/{user['id']}").json, "/Groups": group}
    searched, refused = 0, []
    common = [(endpoint, name) for endpoint in shown for name in ("id", "schemas", "meta.created", "meta.location")]
    for endpoint, path in [*paths(client), *common]:
        answer = client.get(f"{endpoint}?filter={quote(path)}+pr")
        if answer.status_code == 400:
            assert answer.json["scimType"] == "invalidFilter"
            refused.append(path.rpartition(":")[2])
        elif _is_shown(shown[endpoint], path):
            assert shown[endpoint]["id"] in [each["id"] for each in answer.json["Resources"]], path
            searched += 1
    assert searched > 80
    assert refused == ["meta.location", "meta.location"]


def _is_shown(resource: Any, path: str) -> bool:
    urn, _, dotted = path.rpartition(":")
    values = [resource.get(urn, resource)]
    for name in dotted.split("."):
        values = [inner for value in values if name in value for inner in _listed(value[name])]
    return bool(values)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.mark.covers("R-7644-3.4.2.2-34", "R-7644-3.3-06")
def test_a_default_is_matched_as_it_is_shown(client: Connection) -> None:
    for number, attributes in enumerate(({}, {"active": None}, {"active": True}, {"active": False})):
        user = client.create_user(f"u{number}", **attributes)
        shown = client.get(f"/Users/{user['id']}").json.get("active")
        for literal, matched in (("true", shown is True), ("false", shown is False), ("null", shown is None)):
            hits = [each["id"] for each in client.find("/Users", f'active eq {literal} and id eq "{user["id"]}"')]
            assert bool(hits) == matched, (attributes, literal)


@pytest.mark.covers("R-7644-3.4.1-04")
def test_one_resource_is_not_filtered(club: Connection) -> None:
    user_id = club.find("/Users", 'userName eq "alice"')[0]["id"]
    for filter_ in ('userName eq "other"', 'userName eq "alice"', "bad"):
        check_refusal(club.get(f"/Users/{user_id}?filter={quote(filter_)}"), 400, "invalidFilter", "filter")
    check_refusal(club.get(f"/Users/{user_id}?filter="), 400, "invalidFilter", "empty")
