"""Declared client habits: pure rewrites of a message into the RFC's shape, each with its source and sample.

A habit knows one shape and leaves every other alone, whatever the body is; none of them ever raises.
"""

from scim_server.dialects.catalogue import HABITS, normalise
from scim_server.dialects.habits import Habit, Message

__all__ = ["HABITS", "Habit", "Message", "normalise"]
