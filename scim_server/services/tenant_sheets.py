"""A tenant with all that it has decided, as operators and admins read it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scim_server.domain.errors import Invalid
from scim_server.domain.settings import SETTINGS, check_setting
from scim_server.domain.tenants import Tenant
from scim_server.services.addresses import base_address
from scim_server.services.ports import Terms

Place = tuple[str, ...]
"""Where a wrong term stands: `profile`, or `switches` or `settings` and a name."""


@dataclass(frozen=True, slots=True)
class TenantSheet:
    """A tenant, the address that its clients use, and how each of its switches and settings stands."""

    tenant: Tenant
    base_address: str
    switches: Mapping[str, str]
    settings: Mapping[str, str]


def sheet(tenant: Tenant, public_url: str, terms: Terms) -> TenantSheet:
    """The tenant's sheet."""
    settings = {name: tenant.settings.text(name) for name in SETTINGS}
    return TenantSheet(tenant, base_address(public_url, tenant.slug), terms.positions(tenant), settings)


def wrong_terms(
    terms: Terms,
    profile: str | None,
    switches: Mapping[str, str | None],
    settings: Mapping[str, str | None],
) -> Iterator[tuple[Place, str]]:
    """Every term that no tenant can have, with the reason. None is the default of a switch or setting."""
    if profile is not None and profile not in terms.profiles:
        yield ("profile",), f"There is no profile '{profile}'. There are {', '.join(terms.profiles)}."
    for name, position in switches.items():
        reason = terms.refusal(name, position)
        if reason is not None:
            yield ("switches", name), reason
    for name, text in settings.items():
        reason = _refusal(name, text)
        if reason is not None:
            yield ("settings", name), reason


def _refusal(name: str, text: str | None) -> str | None:
    if name not in SETTINGS:
        return f"There is no setting '{name}'. There are {', '.join(SETTINGS)}."
    try:
        if text is not None:
            check_setting(name, text)
    except Invalid as refused:
        return refused.detail
    return None
