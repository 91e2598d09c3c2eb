"""The first steps of a tenant in words, each with the page where it is taken."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask_babel import LazyString, lazy_gettext

from scim_server.services.guiding import FirstStep


@dataclass(frozen=True, slots=True)
class Guidance:
    """What a step asks for, why, and the page where it is done."""

    title: LazyString
    why: LazyString
    page: str


GUIDANCE: Mapping[FirstStep, Guidance] = {
    FirstStep.PRODUCT: Guidance(
        lazy_gettext("A product is in the catalogue"),
        lazy_gettext("The operator adds what is sold to all tenants."),
        "list_products",
    ),
    FirstStep.SUBSCRIPTION: Guidance(
        lazy_gettext("Seats are bought"),
        lazy_gettext("Nobody gets a seat that was not bought."),
        "buy_seats",
    ),
    FirstStep.CONNECTION: Guidance(
        lazy_gettext("A connection to the identity provider is made"),
        lazy_gettext("People and groups then come by themselves."),
        "choose_provider",
    ),
    FirstStep.TOKEN: Guidance(
        lazy_gettext("The connection has a token"),
        lazy_gettext("The identity provider proves itself with it."),
        "list_connections",
    ),
    FirstStep.REQUEST: Guidance(
        lazy_gettext("The first request has come"),
        lazy_gettext("Test the connection at the identity provider; what it sends is in the provisioning log."),
        "list_requests",
    ),
    FirstStep.RULE: Guidance(
        lazy_gettext("A rule gives a group its products"),
        lazy_gettext("Whoever joins the group then gets a seat, and loses it on leaving."),
        "list_rules",
    ),
    FirstStep.SEAT: Guidance(
        lazy_gettext("Somebody has a seat"),
        lazy_gettext("By a rule, or given to a person by hand."),
        "list_people",
    ),
    FirstStep.SIGN_IN: Guidance(
        lazy_gettext("Somebody has signed in to the application"),
        lazy_gettext("It reports who was seen; idle seats can be found from then on."),
        "list_people",
    ),
}


def guide(steps: Mapping[FirstStep, bool]) -> Iterator[tuple[Guidance, bool]]:
    """Every step in order with whether it is done; nothing once all are."""
    if not all(steps.values()):
        yield from ((GUIDANCE[step], done) for step, done in steps.items())
