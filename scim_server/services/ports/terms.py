"""What a tenant can choose of the protocol, for whoever does not know it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from scim_server.domain.tenants import Tenant


class TermChoice(Protocol):
    """One switch."""

    @property
    def name(self) -> str: ...

    @property
    def positions(self) -> Collection[str]:
        """What it can be set to; several names separated by commas where its only position says so."""
        ...

    @property
    def decides(self) -> str: ...


class Terms(Protocol):
    """Profiles, and switches to vary them."""

    @property
    def usual_profile(self) -> str: ...

    @property
    def profiles(self) -> Sequence[str]: ...

    @property
    def choices(self) -> Mapping[str, TermChoice]:
        """Every switch by name."""
        ...

    def positions(self, tenant: Tenant) -> Mapping[str, str]:
        """How each switch of the tenant stands, set by itself or by its profile."""
        ...

    def refusal(self, name: str, position: str | None) -> str | None:
        """Why a switch cannot be set so, None where it can; None as position is as the profile has it."""
        ...
