"""Webhooks of the operator whose receivers do not take events; those of tenants have issues of their own."""

from collections.abc import Iterator

from scim_server.app.examinations.findings import Finding, bad, good, warning
from scim_server.services.operator_hooking import failing_operator_webhooks, operator_webhooks
from scim_server.services.ports import Units

CURE = "See what is wrong with the receiver (`scim-server operator-webhook show`, `operator-webhook test`)"


def examine_webhooks(units: Units) -> Iterator[Finding]:
    """All of them, in whatever cell."""
    failing = failing_operator_webhooks(units)
    for webhook, state in failing:
        said = f"The operator's webhook '{webhook.name}'"
        if state.stopped is None:
            yield warning("webhook_failing", f"{said} fails since {state.failing}: {state.trouble}", f"{CURE}.")
        else:
            again = f"{CURE}, then `scim-server operator-webhook edit '{webhook.name}' --on`: nothing is lost."
            yield bad("webhook_stopped", f"{said} was switched off, as its receiver is {_why(state.stopped)}.", again)
    if not failing and operator_webhooks(units):
        yield good("webhooks", "The receivers of the operator's webhooks take what is sent.")


def _why(stopped: str) -> str:
    return "gone (410)" if stopped == "gone" else "failing for a day"
