"""What is known of the boxes that an identity provider's pages have, and how long what is pasted lives."""

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from scim_server.domain.errors import Invalid
from scim_server.services.addresses import base_address, issuer_address
from scim_server.services.guides import AUTHORIZATION_ENDPOINT, BASE, TOKEN_ENDPOINT

USUAL_DAYS, MOST_DAYS = 365, 3650


def addresses(public_url: str, slug: str) -> dict[str, str]:
    """The addresses that go into boxes."""
    issuer = issuer_address(public_url, slug)
    return {
        BASE: base_address(public_url, slug),
        TOKEN_ENDPOINT: f"{issuer}/token",
        AUTHORIZATION_ENDPOINT: f"{issuer}/authorize",
    }


def typed_days(form: MultiDict[str, str], name: str) -> int:
    """A number of days. Raises Invalid."""
    days = form.get(name, type=int)
    if days is None or not 1 <= days <= MOST_DAYS:
        raise Invalid(gettext("Write a number of days from 1 to %(most)s.", most=MOST_DAYS))
    return days
