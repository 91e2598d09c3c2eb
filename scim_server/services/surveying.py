"""What metrics say of all tenants together, asked of every cell."""

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import structlog

from scim_server.domain.cells import ReplicaState
from scim_server.domain.errors import Unavailable
from scim_server.services.ports import Cells, Units
from scim_server.telemetry import catalogue
from scim_server.telemetry.metrics import Figure

_log = structlog.get_logger("scim_server.metrics")


def survey(units: Units, cells: Cells, tenants_told: int) -> list[Figure]:
    """All figures; those of a cell that cannot be asked are left out, but for the one that says so."""
    found = [figure for part in units.parts() for figure in _of_cell(part, tenants_told)]
    return [*found, *(figure for state in cells.replica_states() for figure in _of_replica(state))]


def _of_cell(part: Units, tenants_told: int) -> list[Figure]:
    try:
        with part.overview() as operator:
            figures = operator.figures(tenants_told)
    except Unavailable as error:
        _log.warning("a database is not asked for its figures", cell=part.cell, reason=str(error))
        return [Figure(catalogue.DATABASE_UP.name, (part.cell,), 0)]
    return [Figure(catalogue.DATABASE_UP.name, (part.cell,), 1), *figures]


def _of_replica(state: ReplicaState) -> Iterator[Figure]:
    labels = (state.cell, replica_name(state.database))
    yield Figure(catalogue.REPLICA_UP.name, labels, int(state.reachable))
    if state.seconds is not None:
        yield Figure(catalogue.REPLICA_LAG.name, labels, state.seconds)


def replica_name(url: str) -> str:
    """Host and port of a replica's address, or its socket: who signs in there is nobody's business."""
    parts = urlsplit(url)
    placed = dict(parse_qsl(parts.query))
    return parts.netloc.rpartition("@")[2] or ":".join(placed[name] for name in ("host", "port") if name in placed)
