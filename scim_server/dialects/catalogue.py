"""Every declared habit, and the one function that applies them."""

from collections.abc import Set
from functools import lru_cache

from scim_server.dialects import assignments, envelopes, filters, names, operations, schemas, values
from scim_server.dialects.habits import Habit, Message
from scim_server.protocol.profiles import ON, Profile

HABITS: tuple[Habit, ...] = (
    *envelopes.HABITS,
    *schemas.SCHEMAS,
    *names.HABITS,
    schemas.READ_ONLY,
    names.DOTTED,
    *filters.HABITS,
    *values.HABITS,
    *assignments.HABITS,
    schemas.UNKNOWN,
    *operations.HABITS,
)
"""In the order in which they apply: a later one sees what an earlier one made."""


def normalise(message: Message, profile: Profile, switched_off: Set[str] = frozenset()) -> tuple[Message, list[str]]:
    """`message` in the RFC's shape, and the names of the habits that fired, in order.

    Left out are habits that are off in `profile`, as the tenant may have switched it, and those in `switched_off`.
    """
    fired = []
    for habit in _applying(profile, frozenset(switched_off)):
        rewritten = habit.rewrite(message)
        if rewritten is not message:
            fired.append(habit.name)
            message = rewritten
    return message, fired


def is_on(habit: Habit, profile: Profile) -> bool:
    """Whether the habit is served: as the tenant has switched it, else as the profile says."""
    position = dict(profile.dialects).get(habit.name)
    if position is not None:
        return ON[position]
    return habit.follows(profile) if habit.follows else profile.name in habit.profiles


@lru_cache(maxsize=256)
def _applying(profile: Profile, switched_off: frozenset[str]) -> tuple[Habit, ...]:
    return tuple(habit for habit in HABITS if is_on(habit, profile) and habit.name not in switched_off)
