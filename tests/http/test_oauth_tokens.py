"""RFC 6749 and RFC 9068: a client obtains a token by its secret, and provisions a user with it."""

from dataclasses import replace

from scim_server.services import client_secrets, registering, tenancy
from tests.worlds import CAUSE, Connection, World


def test_a_client_provisions_a_user_with_its_token(client: Connection, house: World) -> None:
    tenant = tenancy.tenant(house.units, client.slug)
    made = registering.register_client(house.units, tenant, CAUSE, "idp", connection=client.name, scopes=["scim"])
    secret = client_secrets.issue_secret(house.units, tenant, CAUSE, made.client.id)
    asked = {"grant_type": "client_credentials"}
    answer = client.http.post(f"/oauth/{client.slug}/token", data=asked, auth=(made.client.id, str(secret.text)))
    assert answer.status_code == 200, answer.text
    assert answer.json["expires_in"] == 3600
    replace(client, token=answer.json["access_token"]).create_user("ana")
