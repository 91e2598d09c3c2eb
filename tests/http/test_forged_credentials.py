"""A checksum keeps nobody from making texts that look like credentials: what is in them is looked at all the same."""

from base64 import b64encode
from collections.abc import Iterator
from itertools import count, product
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from scim_server.services.credentials import SECRET_LENGTH, TOKEN_ID_LENGTH, Prefix, with_checksum
from tests.http.refusals import unchanged
from tests.http.test_statements import counting
from tests.oauth import application
from tests.worlds import World

_numbers = count(1)
STRANGE = ("\0", "\n", "'", "/", " ")
"""Characters that no id has in it; PostgreSQL takes no text with the first of them."""


def forged(prefix: Prefix, character: str) -> str:
    return with_checksum(f"{prefix}_{character * TOKEN_ID_LENGTH}_{'a' * SECRET_LENGTH}")


def at_every_door(http: FlaskClient, text: str) -> Iterator[TestResponse]:
    """The ways of a credential that let any character through."""
    basic = {"Authorization": f"Basic {b64encode(f'okta:{text}'.encode()).decode()}"}
    yield http.get("/scim/acme/v2/Users", headers=basic)
    yield http.get("/api/v1/tenants", headers=basic)
    yield http.get(f"/invitations/{quote(text, safe='')}")


@pytest.mark.parametrize("prefix", Prefix)
def test_what_no_server_wrote_is_refused_without_a_look_up(house: World, prefix: Prefix) -> None:
    http = house.app.test_client()
    with counting(house) as told:
        for character in STRANGE:
            for answer in at_every_door(http, forged(prefix, character)):
                assert answer.status_code in {401, 404}, (character, answer.request.path, answer.text)
    assert told.statements == []


def test_clients_and_admins_show_such_texts_in_vain(house: World) -> None:
    tenant = house.tenant(f"forged-{next(_numbers)}")
    house.connect(tenant)
    app = application(house, tenant, "okta")
    with unchanged(house):
        for prefix, character in product(Prefix, STRANGE):
            text = forged(prefix, character)
            assert app.decide(text).status_code == 403
            assert app.redeem(text).status_code == 400
            assert app.refresh(text).status_code == 400
            asked = f"/oauth/{tenant.slug}/introspect"
            told = app.browser.post(asked, data={"token": text}, auth=(app.client.id, app.secret))
            assert told.json == {"active": False}
