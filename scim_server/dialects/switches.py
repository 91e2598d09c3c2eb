"""Every habit as a switch of a tenant: `dialect.NAME`, on or off."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scim_server.dialects.catalogue import HABITS, is_on
from scim_server.dialects.habits import Habit
from scim_server.protocol.profiles import DIALECT, ON, Profile, value_of


@dataclass(frozen=True, slots=True)
class HabitSwitch:
    """A choice, in the sense of the protocol's profiles: whether a habit is served."""

    habit: Habit

    @property
    def name(self) -> str:
        return DIALECT + self.habit.name

    @property
    def positions(self) -> Mapping[str, Any]:
        return ON

    @property
    def decides(self) -> str:
        return f"Client habit: {self.habit.summary}."

    def value(self, position: str) -> Any:
        return value_of(self, position)

    def position(self, profile: Profile) -> str:
        return "on" if is_on(self.habit, profile) else "off"


HABIT_SWITCHES: Mapping[str, HabitSwitch] = {switch.name: switch for switch in map(HabitSwitch, HABITS)}
