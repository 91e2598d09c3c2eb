"""/cells: the databases that tenants live in."""

from scim_server.api.answers import Answered, Page
from scim_server.api.calls import Call
from scim_server.api.endpoints import Noun
from scim_server.api.items.cells import CellItem

cells = Noun("cells", "The databases that tenants live in; a tenant moves from one to another with /move.")


@cells.get("/cells", "operations.write", shows=CellItem, lists=True)
def list_cells(call: Call) -> Answered:
    """List every cell as it is found, home first. Only for the operator."""
    return Page(call.service.cells.states(), None)
