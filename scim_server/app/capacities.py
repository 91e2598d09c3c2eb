"""How much of a machine a server takes: processes, threads in each, and connections of each to a database.

What the settings leave open follows from the machine; the figures behind it are in docs/scaling.md.
"""

import os

from scim_server.config import Settings

THREADS = 4
"""Requests that a process handles at once. They share one interpreter: more of them only wait for it together."""
BACKGROUND = 3
"""Threads of a process that use the database beside those of requests: log, audit trail, chores."""
UNASKED = 8
"""Processes that are begun without being told to: with more, the connections to the database want to be counted."""


def workers(settings: Settings) -> int:
    """Processes that serve: one for each core that this one may use; on SQLite, whose writers take turns, one."""
    alone = settings.database_url.startswith("sqlite")
    return settings.workers or (1 if alone else min(_cores(), UNASKED))


def threads(settings: Settings) -> int:
    """Requests that each of them handles at once."""
    return settings.threads or THREADS


def pool_size(settings: Settings) -> int:
    """Connections that a process keeps to each database: none of its threads waits for another's."""
    return settings.database_pool or threads(settings) + BACKGROUND


def _cores() -> int:
    """Those of a container or a unit with a CPU set, not the machine's."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
