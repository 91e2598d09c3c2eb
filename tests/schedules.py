"""Sessions for tests: what an application would list."""

from typing import Any

from scim_server.domain.tenants import Tenant
from scim_server.services import scheduling
from tests.worlds import CAUSE, World

SOON = "2100-01-31T09:00:00Z"
LONG_AGO = "2000-01-31T09:00:00Z"


def session(session_id: str, organiser: str, kind: str = "meeting", **members: Any) -> dict[str, Any]:
    """A session that is still to come, as a row of the file."""
    return {"id": session_id, "kind": kind, "organiser": organiser, "title": f"About {session_id}", "starts": SOON} | (
        members
    )


def load(world: World, tenant: Tenant, *rows: dict[str, Any]) -> None:
    scheduling.load_sessions(world.units, tenant, CAUSE, rows)


def organisers(world: World) -> dict[str, str | None]:
    """Whose each session of the world is, recordings included, by user id."""
    return {row["id"]: row["organiser"] for row in world.rows("sessions")}
