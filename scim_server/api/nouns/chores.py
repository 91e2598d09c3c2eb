"""/chores: what is done every so often for all tenants."""

from scim_server.api.answers import Answered, Page
from scim_server.api.calls import Call
from scim_server.api.endpoints import Noun
from scim_server.api.fields import Texts
from scim_server.api.items.chores import ChoreItem, TurnItem
from scim_server.api.shapes import Body
from scim_server.services.chores import due, named, run_due, run_now

chores = Noun("chores", "What is done every so often for all tenants; `serve` does it by itself.")
MOST_NAMED = 100


class Turns(Body):
    """Which chores are to be run."""

    names = Texts(most=MOST_NAMED, about="Those to run whether they are due or not. Left out: all that are due.")


@chores.get("/chores", "operations.write", shows=ChoreItem, lists=True)
def list_chores(call: Call) -> Answered:
    """List every chore, in the order of a round, with when it is due next. Only for the operator."""
    return Page(due(call.units, call.service.chores), None)


@chores.post("/chores/run", "operations.write", shows=TurnItem, lists=True, body=Turns)
def run_chores(call: Call) -> Answered:
    """Run the chores that are due and that nobody else runs, or those named, due or not. Only for the operator.

    One that fails says so in its item; the others are run all the same.
    """
    wanted = named(call.service.chores, call.body.get("names", ()))
    turns = run_now(call.units, wanted) if wanted else run_due(call.units, call.service.chores)
    return Page(list(turns), None)
