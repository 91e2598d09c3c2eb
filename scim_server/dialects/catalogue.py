"""Every declared habit, and the one function that applies them."""

from collections.abc import Set

from scim_server.dialects import entra
from scim_server.dialects.habits import Habit, Message
from scim_server.protocol.profiles import Profile

HABITS: tuple[Habit, ...] = entra.HABITS
"""In the order in which they apply: a later one sees what an earlier one made."""


def normalise(message: Message, profile: Profile, switched_off: Set[str] = frozenset()) -> tuple[Message, list[str]]:
    """`message` in the RFC's shape, and the names of the habits that fired, in order.

    Habits named in `switched_off`, and those that do not belong to `profile`, are left out.
    """
    fired = []
    for habit in HABITS:
        if profile.name not in habit.profiles or habit.name in switched_off:
            continue
        rewritten = habit.rewrite(message)
        if rewritten is not message:
            fired.append(habit.name)
            message = rewritten
    return message, fired
