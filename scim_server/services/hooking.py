"""Webhooks of a tenant, as its admins set them up."""

from dataclasses import astuple, dataclass, replace
from datetime import timedelta

from scim_server.domain.errors import Forbidden, Invalid, Missing
from scim_server.domain.events import Cause, Change
from scim_server.domain.facts import of_webhook
from scim_server.domain.instants import later
from scim_server.domain.tenants import Tenant
from scim_server.domain.webhooks import Progress, Secrets, Stopped, Webhook, check_webhook
from scim_server.services.issues import WEBHOOK_FAILING
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried
from scim_server.services.webhook_signatures import new_secret

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


@retried
def create_webhook(
    units: Units, tenant: Tenant, cause: Cause, name: str, url: str, types: tuple[str, ...] = ()
) -> Revealed:
    """Have the tenant's events from now on, or those of some types, sent somewhere.

    Raises Forbidden, Invalid, Taken.
    """
    check_sees(cause)
    check_webhook(name, url, types)
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=True)
        if len(uow.webhooks.all()) >= MOST:
            raise Invalid(f"A tenant has {MOST} webhooks at most. Remove one that is not needed.")
        webhook, secret = Webhook(uow.new_id(), name, url, types, uow.now), new_secret()
        _, last = uow.placed_events.reach()
        uow.webhooks.add(webhook, Secrets(secret), last)
        uow.record(Change("webhook", webhook.id, "webhook.created", None, of_webhook(webhook)))
        uow.commit()
        return Revealed(*astuple(webhook), secret=secret)


def webhooks(units: Units, tenant: Tenant) -> list[Hooked]:
    """Every webhook of the tenant by name."""
    with units.read(tenant) as uow:
        progress = uow.cursors.all()
        _, last = uow.placed_events.reach()
        return [_hooked(each, progress[each.id], last) for each in uow.webhooks.all() if each.id in progress]


def webhook(units: Units, tenant: Tenant, named: str) -> Hooked:
    """The webhook of that name or id. Raises Missing."""
    with units.read(tenant) as uow:
        found = webhook_called(uow, named)
        _, last = uow.placed_events.reach()
        return _hooked(found, uow.cursors.all()[found.id], last)


def _hooked(webhook: Webhook, progress: Progress, last: int) -> Hooked:
    return Hooked(*astuple(webhook), progress=progress, behind=max(0, last - progress.position))


@retried
def change_webhook(units: Units, tenant: Tenant, cause: Cause, named: str, wishes: Wishes) -> Webhook:
    """Change a webhook. One that is switched on again goes on where it was.

    Raises Forbidden, Invalid, Missing, Taken.
    """
    check_sees(cause)
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=True)
        before = webhook_called(uow, named)
        after = _wished(before, wishes)
        check_webhook(after.name, after.url, after.types)
        if after == before:
            return before
        uow.webhooks.save(after)
        _settle_switch(uow, before, after)
        uow.record(Change("webhook", after.id, "webhook.changed", of_webhook(before), of_webhook(after)))
        uow.commit()
        return after


def _wished(webhook: Webhook, wishes: Wishes) -> Webhook:
    stopped = webhook.stopped
    if wishes.on is not None:
        stopped = None if wishes.on else stopped or Stopped.BY_ADMIN
    return replace(
        webhook,
        name=webhook.name if wishes.name is None else wishes.name,
        url=webhook.url if wishes.url is None else wishes.url,
        types=webhook.types if wishes.types is None else wishes.types,
        stopped=stopped,
    )


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
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        raise Invalid(f"Two secrets are good at once for {LONGEST_OVERLAP.days} days at most.")
    return _rotate(units, tenant, cause, named, overlap)


@retried
def _rotate(units: Units, tenant: Tenant, cause: Cause, named: str, overlap: timedelta) -> Revealed:
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=True)
        before = webhook_called(uow, named)
        former = uow.webhooks.secrets(before.id).present if overlap else None
        after, secret = replace(before, overlaps=later(uow.now, overlap) if overlap else None), new_secret()
        uow.webhooks.replace_secrets(after.id, Secrets(secret, former))
        uow.webhooks.save(after)
        uow.record(Change("webhook", after.id, "webhook.secret_rotated", of_webhook(before), of_webhook(after)))
        uow.commit()
        return Revealed(*astuple(after), secret=secret)


@retried
def remove_webhook(units: Units, tenant: Tenant, cause: Cause, named: str) -> Webhook:
    """Send nothing there any more, and forget how far it had come. Raises Missing."""
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=True)
        removed = webhook_called(uow, named)
        uow.webhooks.remove(removed.id)
        uow.issues.close(WEBHOOK_FAILING, subjects=[removed.name])
        uow.record(Change("webhook", removed.id, "webhook.removed", of_webhook(removed), None))
        uow.commit()
        return removed


def webhook_called(uow: UnitOfWork, named: str) -> Webhook:
    """The webhook of that name or id. Raises Missing."""
    found = next((each for each in uow.webhooks.all() if named in {each.id, each.name}), None)
    if found is None:
        slug = uow.tenant.slug
        raise Missing(f"Tenant '{slug}' has no webhook '{named}'. `scim-server webhook list {slug}` shows all.")
    return found


def check_sees(cause: Cause) -> None:
    """Raises Forbidden for somebody who may not see what is sent."""
    if cause.permits is not None and SEES not in cause.permits:
        raise Forbidden(
            f"Whoever decides where events go sees what they tell of people: that takes the permission {SEES}."
        )
