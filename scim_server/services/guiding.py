"""The first steps of a tenant: what there must be before people get seats by themselves, and whether it is there."""

from collections.abc import Mapping
from enum import StrEnum

from scim_server.domain.tenants import Tenant
from scim_server.services.log_entries import Sought
from scim_server.services.ports import Units


class FirstStep(StrEnum):
    """What is to be done, in this order."""

    PRODUCT = "product"
    SUBSCRIPTION = "subscription"
    CONNECTION = "connection"
    TOKEN = "token"  # noqa: S105 no secret
    REQUEST = "request"
    RULE = "rule"
    SEAT = "seat"
    SIGN_IN = "sign_in"


def first_steps(units: Units, tenant: Tenant) -> Mapping[FirstStep, bool]:
    """Every step in order, and whether it is done; what is forgotten after some time counts by what it left."""
    with units.read(tenant) as uow:
        bought = uow.ledger.subscriptions()
        tokens = uow.connections.unrevoked_tokens()
        asked = any(token.last_used for token in tokens) or bool(uow.log.find(Sought(1)))
        return {
            FirstStep.PRODUCT: bool(uow.products.catalogue().products),
            FirstStep.SUBSCRIPTION: any(each.seats for each in bought),
            FirstStep.CONNECTION: bool(uow.connections.all()),
            FirstStep.TOKEN: bool(tokens or uow.oauth_clients.all() or uow.trusted_issuers.all()),
            FirstStep.REQUEST: asked,
            FirstStep.RULE: bool(uow.rules.all()),
            FirstStep.SEAT: any(each.assigned for each in bought),
            FirstStep.SIGN_IN: uow.sightings.any(),
        }
