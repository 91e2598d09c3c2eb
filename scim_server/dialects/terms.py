"""What a tenant can choose of the protocol: profiles, and switches to vary them, those of clients' habits included."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from scim_server.dialects.switches import HABIT_SWITCHES
from scim_server.domain.tenants import Tenant
from scim_server.protocol.profiles import PROFILES, SWITCHES, TOLERANT, Choice, UnknownSwitch, profile_of
from scim_server.services.ports import Terms

CHOICES: Mapping[str, Choice] = {**SWITCHES, **HABIT_SWITCHES}
"""Everything that a tenant can set otherwise than its profile does."""


class ProtocolTerms(Terms):
    """The terms as edges see them that know neither the protocol nor the habits of clients."""

    usual_profile = TOLERANT.name

    @cached_property
    def profiles(self) -> Sequence[str]:
        return tuple(PROFILES)

    @cached_property
    def choices(self) -> Mapping[str, Choice]:
        return CHOICES

    def positions(self, tenant: Tenant) -> dict[str, str]:
        profile = profile_of(tenant.profile, tenant.switched)
        return {name: choice.position(profile) for name, choice in CHOICES.items()}

    def refusal(self, name: str, position: str | None) -> str | None:
        choice = CHOICES.get(name)
        if choice is None:
            return f"There is no switch '{name}'. There are {', '.join(CHOICES)}."
        try:
            if position is not None:
                choice.value(position)
        except UnknownSwitch as unknown:
            return str(unknown)
        return None
