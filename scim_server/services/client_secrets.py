"""Secrets of clients of the authorization server: several may be live at once, so that one can follow another."""

from dataclasses import dataclass
from datetime import timedelta

from scim_server.domain.errors import Invalid, Missing, Taken
from scim_server.domain.events import Cause, Change
from scim_server.domain.facts import of_client_secret
from scim_server.domain.instants import Instant, later
from scim_server.domain.oauth_clients import ClientSecret, OAuthClient
from scim_server.domain.tenants import Tenant
from scim_server.services.credentials import Prefix, check_life, digest, new_text
from scim_server.services.expiring import settle_expiries
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.registering import check_within_reach, client_called, live_client

LIFE = timedelta(days=365)
MOST_LIVE = 5


@dataclass(frozen=True, slots=True)
class SecretEntry:
    """A secret as it is listed. `state` is live, revoked or expired; `text` is there once, as it is issued."""

    secret: ClientSecret
    client: OAuthClient
    state: str
    text: str | None = None


def issue_secret(units: Units, tenant: Tenant, cause: Cause, called: str, life: timedelta = LIFE) -> SecretEntry:
    """A new secret for a client, by its id or name; its text is shown this once.

    Raises Missing, Taken where the client is revoked or has enough of them, Invalid for a client that has none,
    Forbidden where the client may do more than whoever issues it.
    """
    check_life(life)
    with units.write(tenant, cause) as uow:
        client = live_client(uow, called)
        if not client.has_secrets:
            raise Invalid(f"Client '{client.name}' proves itself by {client.method}: it has no secrets.")
        check_within_reach(uow, client)
        if sum(each.is_live(uow.now) for each in uow.oauth_clients.secrets(client.id)) >= MOST_LIVE:
            raise Taken(f"Client '{client.name}' has {MOST_LIVE} live secrets. Revoke one that is not in use.")
        secret_id, text = new_text(Prefix.CLIENT, tenant.id)
        secret = ClientSecret(tenant.id, secret_id, client.id, digest(text), uow.now, later(uow.now, life))
        uow.oauth_clients.add_secret(secret)
        uow.record(Change("client_secret", secret.id, "client_secret.issued", None, of_client_secret(secret)))
        settle_expiries(uow)
        uow.commit()
        return SecretEntry(secret, client, _state(secret, uow.now), text)


def secrets(units: Units, tenant: Tenant, called: str) -> list[SecretEntry]:
    """The secrets of a client, by its id or name, oldest first, without their texts. Raises Missing."""
    with units.read(tenant) as uow:
        client = client_called(uow, called)
        return [SecretEntry(each, client, _state(each, uow.now)) for each in uow.oauth_clients.secrets(client.id)]


def secret(units: Units, tenant: Tenant, called: str, secret_id: str) -> SecretEntry:
    """One secret of the client, without its text. Raises Missing."""
    with units.read(tenant) as uow:
        client = client_called(uow, called)
        found = _secret(uow, client, secret_id)
        return SecretEntry(found, client, _state(found, uow.now))


def revoke_secret(units: Units, tenant: Tenant, cause: Cause, called: str, secret_id: str) -> None:
    """End a secret at once; tokens that it obtained live on. Raises Missing, Taken where it was revoked before."""
    with units.write(tenant, cause) as uow:
        client = client_called(uow, called)
        _secret(uow, client, secret_id)
        if not uow.oauth_clients.revoke_secret(client.id, secret_id, uow.now):
            raise Taken(f"Secret '{secret_id}' is revoked already.")
        change = {"revoked": None}, {"revoked": uow.now}
        uow.record(Change("client_secret", secret_id, "client_secret.revoked", *change))
        settle_expiries(uow)
        uow.commit()


def _secret(uow: UnitOfWork, client: OAuthClient, secret_id: str) -> ClientSecret:
    found = next((each for each in uow.oauth_clients.secrets(client.id) if each.id == secret_id), None)
    if found is None:
        raise Missing(f"Client '{client.name}' has no secret '{secret_id}'.")
    return found


def _state(secret: ClientSecret, now: Instant) -> str:
    if secret.revoked is not None:
        return "revoked"
    return "live" if secret.is_live(now) else "expired"
