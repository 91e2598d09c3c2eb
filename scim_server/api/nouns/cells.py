"""/cells and /replicas: the databases that tenants live in, and those that follow them."""

from scim_server.api.answers import Answered, Page
from scim_server.api.calls import Call
from scim_server.api.endpoints import Noun
from scim_server.api.items.cells import CellItem, ReplicaItem

cells = Noun("cells", "The databases that tenants live in; a tenant moves from one to another with /move.")


@cells.get("/cells", "operations.write", shows=CellItem, lists=True)
def list_cells(call: Call) -> Answered:
    """List every cell as it is found, home first. Only for the operator."""
    return Page(call.service.cells.states(), None)


@cells.get("/replicas", "operations.write", shows=ReplicaItem, lists=True)
def list_replicas(call: Call) -> Answered:
    """List every replica as it is found, and what the process that answers had from it. Only for the operator."""
    return Page(call.service.cells.replica_states(), None)
