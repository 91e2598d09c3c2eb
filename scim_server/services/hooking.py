"""Webhooks of a tenant, as its admins set them up."""

from dataclasses import astuple, dataclass, fields, replace
from datetime import timedelta
from typing import TypeVar

from scim_server.domain.errors import Forbidden, Invalid
from scim_server.domain.events import Cause
from scim_server.domain.instants import Instant, later
from scim_server.domain.operator_webhooks import OperatorWebhook
from scim_server.domain.tenants import Tenant
from scim_server.domain.webhooks import Progress, Secrets, Stopped, Webhook, check_webhook
from scim_server.services.issues import WEBHOOK_FAILING
from scim_server.services.ports import OperatorWebhooks, UnitOfWork, Units, Web, Webhooks
from scim_server.services.receivers import check_address, followed, record, webhook_among, webhook_called
from scim_server.services.retrying import retried
from scim_server.services.webhook_signatures import new_secret

W = TypeVar("W", Webhook, OperatorWebhook)
USUAL_OVERLAP = timedelta(hours=24)
LONGEST_OVERLAP = timedelta(days=30)
MOST = 20
"""Webhooks of a tenant."""
SEES = "people.read"
"""The permission that it takes to have events sent somewhere, besides the one to set up what is outside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooked(Webhook):
    """A webhook, how far it has come, and how many events come after that."""

    progress: Progress
    behind: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Revealed(Webhook):
    """A webhook with its secret, which is shown this once."""

    secret: str


@dataclass(frozen=True, slots=True)
class Wishes:
    """What of a webhook is to be otherwise; None leaves it as it is."""

    name: str | None = None
    url: str | None = None
    types: tuple[str, ...] | None = None
    on: bool | None = None


def create_webhook(
    units: Units, web: Web, tenant: Tenant, cause: Cause, name: str, url: str, types: tuple[str, ...] = ()
) -> Revealed:
    """Have the tenant's events from now on, or those of some types, sent somewhere.

    Raises Forbidden, Invalid, Taken.
    """
    check_sees(cause)
    check_address(web, url)
    check_webhook(name, url, types)
    return _create_webhook(units, tenant, cause, name, url, types)


@retried
def _create_webhook(
    units: Units, tenant: Tenant, cause: Cause, name: str, url: str, types: tuple[str, ...]
) -> Revealed:
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=True)
        if len(uow.webhooks.all()) >= MOST:
            raise Invalid(f"A tenant has {MOST} webhooks at most. Remove one that is not needed.")
        webhook, secret = Webhook(uow.new_id(), name, url, types, uow.now), new_secret()
        _, last = uow.placed_events.reach()
        uow.webhooks.add(webhook, Secrets(secret), last)
        record(uow, None, webhook, "created")
        uow.commit()
        return Revealed(*astuple(webhook), secret=secret)


def webhooks(units: Units, tenant: Tenant) -> list[Hooked]:
    """Every webhook of the tenant by name."""
    with units.read(tenant) as uow:
        found = followed(uow, uow.webhooks.all())
        return [Hooked(*astuple(each), progress=progress, behind=behind) for each, progress, behind in found]


def webhook(units: Units, tenant: Tenant, named: str) -> Hooked:
    """The webhook of that name or id. Raises Missing."""
    return webhook_among(webhooks(units, tenant), named, tenant.slug)


def change_webhook(units: Units, web: Web, tenant: Tenant, cause: Cause, named: str, wishes: Wishes) -> Webhook:
    """Change a webhook. One that is switched on again goes on where it was.

    Raises Forbidden, Invalid, Missing, Taken.
    """
    check_sees(cause)
    check_address(web, wishes.url, lambda: webhook(units, tenant, named).url)
    return _change_webhook(units, tenant, cause, named, wishes)


@retried
def _change_webhook(units: Units, tenant: Tenant, cause: Cause, named: str, wishes: Wishes) -> Webhook:
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=True)
        before = webhook_called(uow, named)
        after = wished(before, wishes)
        check_webhook(after.name, after.url, after.types)
        if after == before:
            return before
        uow.webhooks.save(after)
        _settle_switch(uow, before, after)
        record(uow, before, after, "changed")
        uow.commit()
        return after


def wished(webhook: W, wishes: Wishes) -> W:
    """The webhook as it is to be."""
    stopped = webhook.stopped
    if wishes.on is not None:
        stopped = None if wishes.on else stopped or Stopped.BY_ADMIN
    said = {each.name: getattr(wishes, each.name) for each in fields(wishes) if each.name != "on"}
    return replace(webhook, stopped=stopped, **{name: value for name, value in said.items() if value is not None})


def _settle_switch(uow: UnitOfWork, before: Webhook, after: Webhook) -> None:
    """Another address, or being switched on, is a reason to try at once."""
    progress = uow.cursors.lock(after.id)
    if not after.enabled:
        uow.cursors.request(after.id, replace(progress, due=None))
    elif not before.enabled or before.url != after.url:
        uow.cursors.request(after.id, replace(progress, due=uow.now, failures=0, failing=None))
    if before.name != after.name or (after.enabled and not before.enabled):
        uow.issues.close(WEBHOOK_FAILING, subjects=[before.name])


def rotate_secret(
    units: Units, tenant: Tenant, cause: Cause, named: str, overlap: timedelta = USUAL_OVERLAP
) -> Revealed:
    """Sign with a new secret, and for the overlap with the one there is as well.

    Raises Forbidden, Invalid, Missing.
    """
    check_sees(cause)
    check_overlap(overlap)
    return _rotate(units, tenant, cause, named, overlap)


def check_overlap(overlap: timedelta) -> None:
    """Raises Invalid where two secrets cannot be good for so long."""
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        raise Invalid(f"Two secrets are good at once for {LONGEST_OVERLAP.days} days at most.")


@retried
def _rotate(units: Units, tenant: Tenant, cause: Cause, named: str, overlap: timedelta) -> Revealed:
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=True)
        before = webhook_called(uow, named)
        after, secret = give_secret(uow.webhooks, before, overlap, uow.now)
        uow.webhooks.save(after)
        record(uow, before, after, "secret_rotated")
        uow.commit()
        return Revealed(*astuple(after), secret=secret)


def give_secret(kept: Webhooks | OperatorWebhooks, webhook: W, overlap: timedelta, now: Instant) -> tuple[W, str]:
    """Have it sign with a new secret, and for the overlap with the one there is as well: what it is then, which is to
    be saved, and the secret."""
    former, secret = kept.secrets(webhook.id).present if overlap else None, new_secret()
    kept.replace_secrets(webhook.id, Secrets(secret, former))
    return replace(webhook, overlaps=later(now, overlap) if overlap else None), secret


@retried
def remove_webhook(units: Units, tenant: Tenant, cause: Cause, named: str) -> Webhook:
    """Send nothing there any more, and forget how far it had come. Raises Missing."""
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=True)
        removed = webhook_called(uow, named)
        uow.webhooks.remove(removed.id)
        uow.issues.close(WEBHOOK_FAILING, subjects=[removed.name])
        record(uow, removed, None, "removed")
        uow.commit()
        return removed


def check_sees(cause: Cause) -> None:
    """Raises Forbidden for somebody who may not see what events tell of people."""
    if cause.permits is not None and SEES not in cause.permits:
        raise Forbidden(
            f"Whoever decides where events go sees what they tell of people: that takes the permission {SEES}."
        )
