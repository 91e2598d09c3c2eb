"""RFC 7644 section 3.14: versions as weak entity tags, and the conditions on them."""

import pytest

from tests.http.refusals import check_refusal, unchanged
from tests.worlds import GROUP, USER, Connection, World

SAME = ['W/"1"', '"1"', 'W/"7", W/"1"', "*", ' W/"1" ']
OTHER = ['W/"7"', '"0"', "1", "nonsense", "", 'W/"11"']


@pytest.fixture
def ana(client: Connection) -> str:
    return f"/Users/{client.create_user('ana')['id']}"


@pytest.mark.parametrize("tag", SAME)
def test_who_has_it_is_told_so(client: Connection, ana: str, tag: str) -> None:
    """R-7644-3.14-02."""
    answer = client.get(ana, If_None_Match=tag)
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", 'W/"1"')
    assert "Content-Type" not in answer.headers


@pytest.mark.parametrize("tag", OTHER)
def test_who_has_another_gets_it(client: Connection, ana: str, tag: str) -> None:
    assert client.get(ana, If_None_Match=tag).status_code == 200


@pytest.mark.parametrize("tag", SAME)
def test_a_change_of_the_expected_version_is_made(client: Connection, ana: str, tag: str) -> None:
    """R-7644-3.14-03 and 04; the new tag is in the answer."""
    answer = client.patch(ana, {"op": "add", "path": "title", "value": "x"}, If_Match=tag)
    assert (answer.status_code, answer.headers["ETag"]) == (200, 'W/"2"')


@pytest.mark.parametrize("tag", OTHER)
def test_a_change_of_another_version_is_refused(client: Connection, house: World, ana: str, tag: str) -> None:
    with unchanged(house):
        body = {"schemas": [USER], "userName": "bo"}
        for answer in (
            client.patch(ana, {"op": "add", "path": "title", "value": "x"}, If_Match=tag),
            client.put(ana, body, If_Match=tag),
            client.delete(ana, If_Match=tag),
        ):
            check_refusal(answer, 412, None, "If-Match", 'W/"1"')


def test_if_none_match_guards_changes_as_well(client: Connection, house: World, ana: str) -> None:
    with unchanged(house):
        for answer in (
            client.put(ana, {"schemas": [USER], "userName": "bo"}, If_None_Match="*"),
            client.patch(ana, {"op": "add", "path": "title", "value": "x"}, If_None_Match='W/"1"'),
            client.delete(ana, If_None_Match="*"),
        ):
            check_refusal(answer, 412, None, "If-None-Match")


def test_the_version_is_looked_at_before_the_body(client: Connection, house: World, ana: str) -> None:
    """C-37; and nobody's version is 404."""
    with unchanged(house):
        bad = {"op": "replace", "path": "shoeSize", "value": 1}
        check_refusal(client.patch(ana, bad, If_Match='W/"7"'), 412)
        check_refusal(client.put(ana, {"userName": ""}, If_Match='W/"7"'), 412)
        check_refusal(client.delete("/Users/nobody", If_Match='W/"7"'), 404)
        check_refusal(client.delete("/Users/nobody", If_Match="*"), 404)


def test_nobody_has_to_name_a_version(client: Connection, ana: str) -> None:
    """Quirk 61: a stale meta.version in a body is no condition."""
    body = {"schemas": [USER], "userName": "ana", "title": "x", "meta": {"version": 'W/"99"'}}
    assert client.put(ana, body).headers["ETag"] == 'W/"2"'


def test_each_change_raises_the_version_by_one(client: Connection, ana: str) -> None:
    tags = [
        client.patch(ana, {"op": "replace", "path": "title", "value": title}).headers["ETag"]
        for title in ("a", "b", "b", "c")
    ]
    assert tags == ['W/"2"', 'W/"3"', 'W/"3"', 'W/"4"']
    read = client.get(ana)
    assert read.headers["ETag"] == read.json["meta"]["version"] == 'W/"4"'
    assert read.json["meta"]["lastModified"] > read.json["meta"]["created"]


def test_members_are_part_of_a_groups_version(client: Connection, ana: str) -> None:
    """R-7644-3.14-06; of the user's they are not."""
    group = f"/Groups/{client.create_group('Sales')['id']}"
    member = ana.rpartition("/")[2]
    answer = client.patch(group, {"op": "add", "path": "members", "value": [{"value": member}]}, If_Match='W/"1"')
    assert (answer.status_code, answer.headers["ETag"]) == (204, 'W/"2"')
    answer = client.put(group, {"schemas": [GROUP], "displayName": "Sales", "members": []}, If_Match='W/"1"')
    check_refusal(answer, 412)
    assert client.get(ana).headers["ETag"] == 'W/"1"'


def test_head_shows_what_get_shows_without_the_body(client: Connection, ana: str) -> None:
    """R-7644-3.2-03."""
    for path in (ana, "/Users", "/ServiceProviderConfig"):
        get, head = client.get(path), client.send("HEAD", path)
        assert (head.status_code, head.data) == (200, b"")
        for name in ("ETag", "Content-Type", "Content-Length", "Location"):
            assert head.headers.get(name) == get.headers.get(name)
