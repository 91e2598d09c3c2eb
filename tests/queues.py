"""Asynchronous requests as tests have them carried out."""

from threading import Event

from scim_server.app.late_runs import LateRuns
from scim_server.delivery.request_queues import RequestQueues
from tests.worlds import World


def work(world: World) -> int:
    """Carry out what waits, as a worker does; answers how many requests that were."""
    installed = world.installation
    return RequestQueues(installed.units, LateRuns(installed), installed.news, Event()).work_off()
