"""Who runs chores: over SQLite a thread of each process, over PostgreSQL whoever takes jobs of the queue."""

from scim_server.app.installations import Installation
from scim_server.services.chore_threads import RESTS, ChoreThread


def start_asking(installation: Installation) -> None:
    """In a process that serves: have done what its requests leave to do."""
    queue = installation.job_queue()
    if queue is None:
        ChoreThread(installation.units, installation.chores, bell=installation.bell).start()
        return
    from scim_server.delivery.job_threads import BellThread

    BellThread(queue, installation.bell).start()


def start_working(installation: Installation, *, rests: bool) -> None:
    """In a process that serves nothing: do what there is to do. It `rests` between the steps of what takes long where
    what it locks may be wanted by servers that it is to be no burden to."""
    queue = installation.job_queue()
    if queue is None:
        ChoreThread(installation.units, installation.chores, bell=installation.bell).start()
        return
    from scim_server.delivery.job_threads import JobThread

    JobThread(queue, RESTS if rests else 0.0).start()
