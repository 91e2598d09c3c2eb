"""RFC 7644 section 3.4.2.2: filters that no index serves are refused where they would read too much (`tooMany`)."""

from collections.abc import Callable
from urllib.parse import quote

import pytest

from tests.http.refusals import check_refusal
from tests.worlds import ENTERPRISE, Connection, World

MOST = 3
ID = "01900000-0000-7000-8000-000000000077"


@pytest.fixture
def client(build_world: Callable[..., World]) -> Connection:
    """Of a tenant that has one user more than a filter may read."""
    world = build_world(search_max_rows=MOST)
    client = world.connect(world.tenant())
    for number in range(MOST + 1):
        client.create_user(f"u{number}", title="Boss", displayName=f"User {number}")
    client.create_group("Sales")
    return client


@pytest.mark.parametrize(
    "text",
    [
        'title co "x"',
        'title sw "x"',
        "title pr",
        "not (title pr)",
        'userName ne "u1"',
        'displayName co "us"',
        'meta.created gt "2026-01-01T00:00:00Z"',
        'title co "x" or userName eq "u1"',
        'emails[type eq "work" or type co "x"]',
        'not (userName eq "u1")',
    ],
)
def test_what_no_index_serves_is_refused_where_there_are_too_many(client: Connection, text: str) -> None:
    answer = client.get(f"/Users?filter={quote(text)}")
    check_refusal(answer, 400, "tooMany", f"all {MOST + 1} resources", f"at most {MOST} may", "userName")
    check_refusal(client.search("/Users", filter=text), 400, "tooMany")
    check_refusal(client.search(filter=text), 400, "tooMany")


@pytest.mark.parametrize(
    "text",
    [
        'userName eq "u1"',
        'externalId eq "x"',
        'displayName eq "user 1"',
        'emails.value eq "a@x.test"',
        'emails[type eq "work"].value eq "a@x.test"',
        'emails[type eq "work" and value eq "a@x.test"]',
        f'{ENTERPRISE}:employeeNumber eq "1"',
        "active eq true",
        f'id eq "{ID}"',
        'title eq "boss" and meta.created gt "2026-01-01T00:00:00Z"',
        'userName sw "u"',
        'emails.value sw "u"',
        'meta.lastModified ge "2026-01-01T00:00:00Z"',
        'title co "oss" and userName eq "u1"',
        'userName eq "u1" or externalId eq "x"',
        f'groups.value eq "{ID}"',
    ],
)
def test_what_identity_providers_match_by_is_served_whatever_the_size(client: Connection, text: str) -> None:
    assert client.get(f"/Users?filter={quote(text)}").status_code == 200


def test_groups_are_matched_whatever_their_number(client: Connection) -> None:
    for text in ('displayName eq "sales"', 'externalId eq "x"', f'id eq "{ID}" and members eq "{ID}"'):
        assert client.get(f"/Groups?filter={quote(text)}").status_code == 200
    assert client.get('/Groups?filter=displayName ew "s"').json["totalResults"] == 1, "there are few of them"


def test_lists_without_a_filter_have_no_such_limit(client: Connection) -> None:
    assert client.get("/Users?sortBy=title").json["totalResults"] == MOST + 1


def test_parts_of_names_are_looked_up_on_postgresql(client: Connection, database_url: str) -> None:
    """SQLite has no index for them."""
    answer = client.get('/Users?filter=displayName co "ser 1"')
    if database_url.startswith("sqlite"):
        check_refusal(answer, 400, "tooMany")
    else:
        assert answer.json["totalResults"] == 1
