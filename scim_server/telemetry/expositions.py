"""All metrics in the text format of Prometheus."""

from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import version
from itertools import groupby
from typing import Any

from scim_server.telemetry.catalogue import ASKED, BUILD, FIGURES_AGE
from scim_server.telemetry.metrics import Figure, Metric
from scim_server.telemetry.slots import Slots
from scim_server.telemetry.surveys import OLD, Survey

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
DISTRIBUTION = "scim-server"


def exposed(slots: Slots, survey: Survey) -> bytes:
    """What the processes of the folder have counted, and what the database was last asked for."""
    from prometheus_client import CollectorRegistry, generate_latest, multiprocess

    slots.bury()
    registry: Any = CollectorRegistry(auto_describe=False)
    collector: Any = multiprocess.MultiProcessCollector
    collector(registry, path=str(slots.folder))
    registry.register(_Found(survey))
    return generate_latest(registry)


@cache
def _version() -> str:
    return version(DISTRIBUTION)


class _Found:
    """A collector of prometheus-client."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey

    def collect(self) -> Iterator[Any]:
        age, figures = self._survey.latest()
        yield _family(BUILD, [Figure(BUILD.name, (_version(),), 1)])
        if age <= OLD:
            yield _family(FIGURES_AGE, [Figure(FIGURES_AGE.name, (), age)])
        known = {metric.name: metric for metric in ASKED}
        for name, found in groupby(sorted(figures), key=lambda figure: figure.metric):
            yield _family(known[name], found)


def _family(metric: Metric, found: Iterable[Figure]) -> Any:
    from prometheus_client.core import GaugeMetricFamily

    family = GaugeMetricFamily(metric.name, metric.help, labels=metric.labels)
    for figure in found:
        family.add_metric(figure.labels, figure.value)
    return family
