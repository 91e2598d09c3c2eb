"""RFC 7644 section 6: nothing crosses from one tenant to another."""

import pytest

from tests.http.refusals import check_refusal, unchanged
from tests.worlds import GROUP, USER, Connection, World


@pytest.mark.covers("R-7643-9-02", "R-7644-6-05", "R-7643-3.1-02")
def test_the_same_person_in_two_tenants_has_unrelated_ids(client: Connection, strict: Connection) -> None:
    one, other = (each.create_user("ana", externalId="e1") for each in (client, strict))
    assert one["id"] != other["id"]
    everything = [each.create_user(f"u{number}")["id"] for each in (client, strict) for number in range(20)]
    everything += [each.create_group(f"g{number}")["id"] for each in (client, strict) for number in range(20)]
    assert len(set(everything)) == len(everything)


@pytest.mark.covers("R-7644-6-04", "C-48")
def test_external_ids_repeat_across_tenants_and_are_found_in_the_own_alone(
    client: Connection, strict: Connection
) -> None:
    mine = client.create_user("ana", externalId="e1")["id"]
    strict.create_user("bea", externalId="e1")
    assert [user["id"] for user in client.find("/Users", 'externalId eq "e1"')] == [mine]


@pytest.mark.covers("C-132", "C-136")
def test_a_member_of_another_tenant_is_any_unknown_member(client: Connection, strict: Connection, house: World) -> None:
    stranger = client.create_user("ana")["id"]
    said = []
    with unchanged(house):
        for member in (stranger, "nobody"):
            answer = strict.post(
                "/Groups", {"schemas": [GROUP], "displayName": "Sales", "members": [{"value": member}]}
            )
            check_refusal(answer, 400, "invalidValue", member)
            said.append(answer.text.replace(member, "MEMBER"))
        for resource in (stranger, "nobody"):
            answer = strict.get(f"/Users/{resource}")
            check_refusal(answer, 404)
            said.append(answer.text.replace(resource, "MEMBER"))
    assert len(set(said)) == 2


@pytest.mark.covers("C-135", "R-9865-5-06", "R-7644-2.2-01")
def test_without_a_good_token_nobody_learns_which_tenants_there_are(client: Connection) -> None:
    answers = [
        client.http.open(f"/scim/{slug}/v2{path}", method=method, headers=headers)
        for slug in (client.slug, "no-such-tenant")
        for method, path in (("GET", "/Users?cursor"), ("POST", "/Users"), ("GET", "/?cursor"))
        for headers in ({}, {"Authorization": "Bearer nothing"})
    ]
    for answer in answers:
        check_refusal(answer, 401)
    assert len({answer.data for answer in answers}) == 2


@pytest.mark.covers("R-7644-3.8-05", "R-7644-3.13-01", "R-7644-3.13-02", "R-7644-3.12-08")
@pytest.mark.parametrize("path", ["v1/Users", "v3/Users", "Users", "v2/Users.scim", "v2/Users/1.scim", "v2.0/Users"])
def test_there_is_one_version_and_no_suffix(client: Connection, path: str) -> None:
    headers = {"Authorization": f"Bearer {client.token}"}
    check_refusal(client.http.get(f"/scim/{client.slug}/{path}", headers=headers), 404)


@pytest.mark.covers("C-116", "R-7644-3.14-06", "R-7644-3.14-09")
def test_a_change_of_groups_is_the_groups_and_not_the_persons(client: Connection) -> None:
    ana = client.create_user("ana")["id"]
    group = client.create_group("Sales")["id"]
    client.patch(f"/Groups/{group}", {"op": "add", "path": "members", "value": [{"value": ana}]})
    assert client.get(f"/Users/{ana}").headers["ETag"] == 'W/"1"'
    assert client.get(f"/Groups/{group}").headers["ETag"] == 'W/"2"'
    assert "ETag" not in client.get("/Users").headers


@pytest.mark.covers("C-72", "R-7644-3.4.2.2-26")
def test_a_plus_sign_that_became_a_blank_is_explained(client: Connection) -> None:
    client.create_user("ana")
    bad = client.get('/Users?filter=meta.created gt "2020-01-01T00:00:00+02:00"')
    check_refusal(bad, 400, "invalidFilter", "%2B")
    good = client.get('/Users?filter=meta.created gt "2020-01-01T00:00:00%2B02:00"')
    assert good.json["totalResults"] == 1


@pytest.mark.covers("C-83")
def test_value_stands_for_the_element_of_a_simple_list(client: Connection) -> None:
    client.create_user("ana")
    assert len(client.find("/Users", f'schemas[value eq "{USER}"]')) == 1
    assert client.find("/Users", 'schemas[value eq "urn:x"]') == []


@pytest.mark.covers("C-40", "R-7643-4.1-04", "R-7644-5-03", "R-7644-3.5.1-03")
def test_there_is_no_password_to_change(client: Connection, house: World) -> None:
    """Whatever comes is dropped, no hash is kept, and discovery says that passwords are not changed here."""
    ana = client.create_user("ana", password="p\u00e4ssword")["id"]
    assert client.put(f"/Users/{ana}", {"schemas": [USER], "userName": "ana", "password": "other"}).status_code == 200
    assert client.get(f"/Users/{ana}").headers["ETag"] == 'W/"1"'
    assert client.get("/ServiceProviderConfig").json["changePassword"] == {"supported": False}
    assert "ssword" not in repr([house.rows("users"), house.trail(), house.rows("outbox")])
